"""Rolls: draw, review, authorise, release, cancel; the bank's files; the ledger's balances."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from flask import request
from sqlalchemy.orm import Session
from werkzeug.exceptions import UnsupportedMediaType
from werkzeug.wrappers import Response

from models.money import Roll
from web.api.once import carry_out
from web.api.operations import Answer, ApiBlueprint, operation
from web.api.payment_schemas import (
    DrawSchema,
    LedgerSchema,
    ReasonSchema,
    RollSchema,
    RollsSchema,
    RollViewSchema,
    TakenSchema,
    roll_document,
    view_document,
)
from web.api.schemas import Empty
from web.auth import current_viewer
from web.config import settings
from web.database import current_moment, db_session
from web.pages.payments import file_for_bank
from web.sight import note_access
from workflows.access import Action, acting
from workflows.assistance.money.bank_results import take_bank_results
from workflows.assistance.money.drawing import draw_roll, roll_subject
from workflows.assistance.money.rolls import (
    authorise_roll,
    cancel_roll,
    release_roll,
    review_roll,
)
from workflows.audit import AccessKind
from workflows.errors import Finding, Invalid
from workflows.runtime.inbox.rolls import balances, recent_rolls, roll_view

blueprint = ApiBlueprint("api_rolls", __name__, description="Rolls, bank files, the ledger.")

_UPLOAD = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {"file": {"type": "string", "format": "binary"}},
                    "required": ["file"],
                    "additionalProperties": False,
                }
            }
        },
    }
}


@operation(blueprint, "GET", "/rolls", Action.PAYMENT_READ, answer=RollsSchema())
def index() -> dict[str, Any]:
    """The newest rolls of your district."""
    rows = recent_rolls(db_session(), current_viewer().district_id)
    return {
        "rolls": [
            {**roll_document(row.roll), "held": row.held, "failed": row.failed} for row in rows
        ]
    }


@operation(
    blueprint, "POST", "/rolls", Action.ROLL_DRAW,
    body=DrawSchema(), answer=RollSchema(), status=201, once=True,
)  # fmt: skip
def draw(body: dict[str, Any]) -> Answer:
    """Draw the roll of a programme and month from everybody who is due."""
    viewer, now = current_viewer(), current_moment()
    actor = acting(viewer, Action.ROLL_DRAW)
    month = date.fromisoformat(f"{body['month']}-01")

    def act(session: Session) -> dict[str, Any]:
        return roll_document(
            draw_roll(session, viewer.district_id, body["programme"], month, actor=actor, now=now)
        )

    return carry_out(act, content=body, actor=actor, now=now)


@operation(blueprint, "GET", "/rolls/<uuid:roll_id>", Action.PAYMENT_READ, answer=RollViewSchema())
def show(roll_id: str) -> dict[str, Any]:
    """One roll with its families held, failures and files."""
    viewer, session = current_viewer(), db_session()
    view = roll_view(session, viewer, roll_id, settings().keys.ring)
    document = view_document(view)
    note_access(
        roll_subject(view.roll), AccessKind.VIEWED,
        actor=acting(viewer, Action.PAYMENT_READ), data={"api": "roll"},
    )  # fmt: skip
    return document


@operation(
    blueprint, "POST", "/rolls/<uuid:roll_id>/review", Action.ROLL_REVIEW,
    body=Empty(), answer=RollSchema(), once=True,
)  # fmt: skip
def review(roll_id: str, body: dict[str, Any]) -> Answer:
    """Review a drawn roll; another hand than the one that drew it."""
    return _step(roll_id, Action.ROLL_REVIEW, review_roll)


@operation(
    blueprint, "POST", "/rolls/<uuid:roll_id>/authorise", Action.ROLL_AUTHORISE,
    body=Empty(), answer=RollSchema(), once=True,
)  # fmt: skip
def authorise(roll_id: str, body: dict[str, Any]) -> Answer:
    """Authorise a reviewed roll; a third hand."""
    return _step(roll_id, Action.ROLL_AUTHORISE, authorise_roll)


@operation(
    blueprint, "POST", "/rolls/<uuid:roll_id>/release", Action.ROLL_RELEASE,
    body=Empty(), answer=RollSchema(), once=True,
)  # fmt: skip
def release(roll_id: str, body: dict[str, Any]) -> Answer:
    """Send an authorised roll to the bank; a fourth hand."""

    def act(session: Session, roll_id: str, **how: Any) -> Roll:
        kept = release_roll(session, roll_id, settings().keys.ring, **how)
        return session.get_one(Roll, kept.roll_id)

    return _step(roll_id, Action.ROLL_RELEASE, act)


@operation(
    blueprint, "POST", "/rolls/<uuid:roll_id>/cancel", Action.ROLL_CANCEL,
    body=ReasonSchema(), answer=RollSchema(), once=True,
)  # fmt: skip
def cancel(roll_id: str, body: dict[str, Any]) -> Answer:
    """Cancel a roll that hasn't gone out; its payments are due again."""

    def act(session: Session, roll_id: str, **how: Any) -> Roll:
        return cancel_roll(session, roll_id, body["reason"], **how)

    return _step(roll_id, Action.ROLL_CANCEL, act, body)


@operation(
    blueprint, "GET", "/rolls/<uuid:roll_id>/bank-file", Action.BANK_FILE_READ,
    answer=("text/csv",),
)  # fmt: skip
def bank_file(roll_id: str) -> Response:
    """The file for the bank, with account numbers in clear; the look is recorded."""
    return file_for_bank(UUID(roll_id))


@operation(
    blueprint, "POST", "/rolls/<uuid:roll_id>/results", Action.BANK_RESULT,
    answer=TakenSchema(), once=True, doc=_UPLOAD,
)  # fmt: skip
def results(roll_id: str) -> Answer:
    """Take the bank's answers: a CSV as the part `file`; the same file again changes nothing."""
    viewer, now = current_viewer(), current_moment()
    content = _uploaded()
    actor = acting(viewer, Action.BANK_RESULT)

    def act(session: Session) -> dict[str, Any]:
        taken = take_bank_results(
            session, roll_id, content, district_id=viewer.district_id, actor=actor, now=now
        )
        return {
            "rows": taken.rows,
            "paid": taken.paid,
            "failed": taken.failed,
            "paid_total": f"{taken.paid_total:.2f}",
            "failed_total": f"{taken.failed_total:.2f}",
            "settled": taken.settled,
            "repeated": taken.repeated,
        }

    asked = {"sha256": hashlib.sha256(content).hexdigest()}
    return carry_out(act, content=asked, actor=actor, now=now)


@operation(blueprint, "GET", "/ledger", Action.PAYMENT_READ, answer=LedgerSchema())
def ledger() -> dict[str, Any]:
    """The district's balances by programme and kind; drawers of townships together."""
    found = balances(db_session(), current_viewer().district_id)
    return {
        "balances": [
            {"programme": programme, "kind": kind.value, "balance": f"{balance:.2f}"}
            for (programme, kind), balance in sorted(found.items())
        ]
    }


def _step(
    roll_id: str, action: Action, step: Callable[..., Roll], content: dict[str, Any] | None = None
) -> Answer:
    viewer, now = current_viewer(), current_moment()
    actor = acting(viewer, action)

    def act(session: Session) -> dict[str, Any]:
        return roll_document(
            step(session, roll_id, district_id=viewer.district_id, actor=actor, now=now)
        )

    return carry_out(act, content=content or {}, actor=actor, now=now)


def _uploaded() -> bytes:
    if request.mimetype != "multipart/form-data":
        raise UnsupportedMediaType
    file = request.files.get("file")
    if file is None or len(request.files) > 1 or request.form:
        raise Invalid(
            "request.invalid",
            findings=[
                Finding(
                    "request.file",
                    "请只提交一个名为 file 的文件。",
                    "Send one part, a file with the name `file`.",
                    field="file",
                )
            ],
        )
    return file.stream.read()

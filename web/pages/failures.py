"""Payments that failed: who owns them, how old they are; repeated, handed over, cancelled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for
from marshmallow import Schema
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from models.households import Person
from models.money import Payment, PaymentState
from models.trail import SubjectKind
from web.auth import current_viewer
from web.config import settings
from web.database import current_moment, db_session
from web.forms import Form, FormSchema, read_form, rejected, text_field
from web.guard import requires
from web.i18n import message
from web.sight import note_access
from workflows.access import Action, Place, Viewer, acting, may
from workflows.assistance.money.bank_accounts import record_bank_account
from workflows.assistance.money.failures import (
    cancel_payment,
    handlers_of,
    locked_payment,
    reassign_failure,
    repeat_payment,
)
from workflows.audit import AccessKind, Subject
from workflows.calendar import local_day
from workflows.errors import Actor, Conflict, Invalid, NotAllowed
from workflows.runtime.inbox.rolls import PaymentRow, failed_payments, payment_seen
from workflows.transaction import transaction

blueprint = Blueprint("failures", __name__, url_prefix="/payments/failures")


class _Owner(FormSchema):
    owner = text_field(36)


class _Cancel(FormSchema):
    reason = text_field(200)


class _Account(FormSchema):
    number = text_field(40)
    bank = text_field(60)
    holder = text_field(60)
    other_holder = text_field(100, required=False)


_OWNER: Schema = _Owner()
_CANCEL: Schema = _Cancel()
_ACCOUNT: Schema = _Account()

#: An act on a payment: session, values of the form, who acts.
Act = Callable[[Session, dict[str, Any], Actor], object]


@blueprint.get("")
@requires(Action.PAYMENT_READ)
def index() -> str:
    """Failures within the viewer's scope, the oldest first."""
    viewer, session = current_viewer(), db_session()
    rows = failed_payments(session, viewer, settings().keys.ring)
    today = local_day(current_moment())
    html = render_template("payments/failures.html", rows=rows, age=lambda row: _age(row, today))
    if rows:
        subject = Subject(SubjectKind.DISTRICT, viewer.district_id, viewer.district_id)
        _note_look(viewer, subject, "failures")
    return html


@blueprint.get("/<uuid:payment_id>")
@requires(Action.PAYMENT_READ)
def show(payment_id: UUID) -> str:
    """One payment with what can be done about it."""
    return _page(str(payment_id), Form())


@blueprint.post("/<uuid:payment_id>/owner")
@requires(Action.FAILURE_HANDLE)
def reassign(payment_id: UUID) -> Response | tuple[str, int]:
    """Hand a failure to somebody else."""
    viewer, now = current_viewer(), current_moment()

    def act(session: Session, values: dict[str, Any], actor: Actor) -> object:
        return reassign_failure(
            session, str(payment_id), values["owner"], district_id=viewer.district_id,
            actor=actor, now=now,
        )  # fmt: skip

    return _do(payment_id, _OWNER, act, message("已转交。"))


@blueprint.post("/<uuid:payment_id>/repeat")
@requires(Action.FAILURE_HANDLE)
def repeat(payment_id: UUID) -> Response | tuple[str, int]:
    """Order a failed payment again."""
    viewer, now = current_viewer(), current_moment()

    def act(session: Session, _values: dict[str, Any], actor: Actor) -> object:
        return repeat_payment(
            session, str(payment_id), district_id=viewer.district_id, actor=actor, now=now
        )

    return _do(payment_id, None, act, message("已重新下达，列入下一期清册。"))


@blueprint.post("/<uuid:payment_id>/cancel")
@requires(Action.FAILURE_HANDLE)
def cancel(payment_id: UUID) -> Response | tuple[str, int]:
    """Cancel a failed payment."""
    viewer, now = current_viewer(), current_moment()

    def act(session: Session, values: dict[str, Any], actor: Actor) -> object:
        return cancel_payment(
            session, str(payment_id), values["reason"], district_id=viewer.district_id,
            actor=actor, now=now,
        )  # fmt: skip

    return _do(payment_id, _CANCEL, act, message("已取消。"))


@blueprint.post("/<uuid:payment_id>/account")
@requires(Action.BANK_ACCOUNT_RECORD)
def record_account(payment_id: UUID) -> Response | tuple[str, int]:
    """Record another bank account of the payee."""
    viewer, now = current_viewer(), current_moment()
    shared: list[str] = []

    def act(session: Session, values: dict[str, Any], actor: Actor) -> object:
        payment = locked_payment(session, str(payment_id), viewer.district_id, actor)
        person = session.get_one(Person, payment.person_id)
        recorded = record_bank_account(
            session, person, values["number"], values["bank"], values["holder"],
            settings().keys.ring, other_holder=values["other_holder"], actor=actor, now=now,
        )  # fmt: skip
        shared.extend(recorded.shared_with)
        return recorded

    answer = _do(payment_id, _ACCOUNT, act, message("银行账户已登记。"), Action.BANK_ACCOUNT_RECORD)
    if shared:
        flash(message("注意：该账号在另外%(num)s个家庭也有登记，请核实。", num=len(shared)), "warn")
    return answer


def _do(
    payment_id: UUID,
    schema: Schema | None,
    act: Act,
    done: str,
    action: Action = Action.FAILURE_HANDLE,
) -> Response | tuple[str, int]:
    """Carry out an act on a payment that the viewer sees."""
    viewer = current_viewer()
    row = payment_seen(db_session(), viewer, str(payment_id), settings().keys.ring)
    actor = acting(viewer, action, _place(row.payment))
    try:
        values = {} if schema is None else read_form(schema)
        with transaction(db_session()) as session:
            act(session, values, actor)
    except (Invalid, Conflict, NotAllowed) as error:
        status = 409 if isinstance(error, Conflict) else 422
        return _page(str(payment_id), rejected(error, secret=("number",))), status
    flash(done, "ok")
    return redirect(url_for("failures.show", payment_id=payment_id), code=303)


def _page(payment_id: str, form: Form) -> str:
    viewer, session = current_viewer(), db_session()
    row = payment_seen(session, viewer, payment_id, settings().keys.ring)
    payment = row.payment
    place = _place(payment)
    failed = payment.state is PaymentState.FAILED
    now = current_moment()
    may_handle = failed and may(viewer, Action.FAILURE_HANDLE, place)
    html = render_template(
        "payments/payment.html",
        row=row,
        payment=payment,
        form=form,
        age=_age(row, local_day(now)),
        handlers=handlers_of(session, payment, now=now) if may_handle else [],
        may_handle=may_handle,
        may_open=may(viewer, Action.CASE_READ),
        may_record=failed and may(viewer, Action.BANK_ACCOUNT_RECORD, place),
    )
    _note_look(viewer, _subject(payment), "payment")
    return html


def _place(payment: Payment) -> Place:
    return Place(payment.district_id, payment.township_id)


def _subject(payment: Payment) -> Subject:
    if payment.case_id is not None:
        return Subject(SubjectKind.CASE, payment.case_id, payment.district_id)
    return Subject(SubjectKind.HOUSEHOLD, payment.household_id, payment.district_id)


def _age(row: PaymentRow, today: Any) -> int:
    """Days since it failed."""
    failed_at = row.payment.failed_at
    return 0 if failed_at is None else (today - local_day(failed_at)).days


def _note_look(viewer: Viewer, subject: Subject, page: str) -> None:
    note_access(
        subject,
        AccessKind.VIEWED,
        actor=acting(viewer, Action.PAYMENT_READ),
        data={"page": page},
    )

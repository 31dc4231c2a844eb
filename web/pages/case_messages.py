"""Events of a case that somebody reports: withdrawal, termination, objection, complaint …"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from models.cases import MessageSubscription
from web import i18n
from web.acts import act_on
from web.auth import current_viewer
from web.config import settings
from web.database import current_moment, db_session
from web.errors import status_of
from web.forms_html import read_posted
from web.guard import requires
from web.pages.cases import seen_case
from web.pages.filled import attachment_ids, file_names, filled, fragment, shown_form
from workflows.access import Action, require, require_impartial
from workflows.errors import Actor, Conflict, DoudiError, Finding, Invalid, NotAllowed, NotFound
from workflows.runtime.cases import send_message
from workflows.runtime.inbox.case import CaseHeader
from workflows.runtime.inbox.place import place_of_case

blueprint = Blueprint(
    "case_messages", __name__, url_prefix="/cases/<uuid:case_id>/events/<message>"
)


@blueprint.get("")
@requires(Action.CASE_MESSAGE)
def show(case_id: UUID, message: str) -> str:
    """The form of an event that the case waits for."""
    header, actor = _awaited(case_id, message)
    return _page(header, actor, message, {})


@blueprint.post("")
@requires(Action.CASE_MESSAGE)
def send(case_id: UUID, message: str) -> Response | tuple[str, int]:
    """Report the event."""
    viewer, session = current_viewer(), db_session()
    header, actor = _awaited(case_id, message)
    household_id, number = header.case.household_id, header.case.number
    sent = filled(read_posted(), viewer, actor)
    if sent.findings or request.form.get("remove") or request.form.get("verb") == "refresh":
        header, _ = _awaited(case_id, message)
        return _page(header, actor, message, sent.raw, sent.findings), 422 if sent.findings else 200
    now = current_moment()
    try:
        with act_on(session, str(case_id), actor=actor, now=now):
            require_impartial(session, actor, case_id=str(case_id), household_id=household_id)
            send_message(
                session,
                str(case_id),
                message,
                sent.raw,
                settings().keys.ring,
                actor=actor,
                now=now,
                case_version=sent.posted.version,
            )
    except (Invalid, Conflict, NotAllowed) as error:
        header, _ = _awaited(case_id, message)
        return _page(header, actor, message, sent.raw, error.findings, error), status_of(error)
    flash(i18n.message("已登记到办件%(number)s。", number=number), "ok")
    return redirect(url_for("cases.show", case_id=case_id), code=303)


@blueprint.post("/fields")
@requires(Action.CASE_MESSAGE)
def fields(case_id: UUID, message: str) -> str:
    """The fields that the form shows for what has been typed so far; files are kept."""
    viewer, session, now = current_viewer(), db_session(), current_moment()
    header, actor = _awaited(case_id, message)
    sent = filled(read_posted(), viewer, actor)
    header, _ = _awaited(case_id, message)
    place = place_of_case(session, header.case, settings().keys.ring, now=now)
    element, scope = place.message(message)
    form = place.policy.forms.get(element.form or "")
    ask = url_for("case_messages.fields", case_id=case_id, message=message)
    return fragment(viewer, form, sent, scope, actor.office_id or "", ask=ask)


def _awaited(case_id: UUID, message: str) -> tuple[CaseHeader, Actor]:
    """The case, with its engine state, and the viewer in the role that may report the event."""
    viewer, session = current_viewer(), db_session()
    header = seen_case(case_id, "event", action=Action.CASE_MESSAGE, with_state=True)
    found = session.execute(
        select(MessageSubscription.role, MessageSubscription.office_id).where(
            MessageSubscription.case_id == str(case_id), MessageSubscription.message == message
        )
    ).first()
    if found is None:
        raise NotFound(
            "message_not_awaited",
            "这个办件现在不能登记这一事项，可能已经登记过或者办结。",
            "The case doesn't wait for this now.",
        )
    require(viewer, Action.CASE_MESSAGE, header.case)
    return header, viewer.actor(found.role, found.office_id)


def _page(
    header: CaseHeader,
    actor: Actor,
    message: str,
    raw: Mapping[str, Any],
    findings: Sequence[Finding] = (),
    error: DoudiError | None = None,
) -> str:
    viewer, session, now = current_viewer(), db_session(), current_moment()
    place = place_of_case(session, header.case, settings().keys.ring, now=now)
    element, scope = place.message(message)
    form = place.policy.forms.get(element.form or "")
    office = actor.office_id or ""
    return render_template(
        "cases/message.html",
        header=header,
        element=element,
        message=message,
        form=shown_form(form, raw, scope, office, now=now, findings=findings),
        error=error,
        files=file_names(viewer, attachment_ids(raw)),
        clauses=[place.policy.clauses[ref] for ref in element.clauses],
    )

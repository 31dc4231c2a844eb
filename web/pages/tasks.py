"""办理: one task with its form, the law it rests on, its deadline; completing and returning it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from web.acts import act_on
from web.auth import current_viewer
from web.config import settings
from web.database import current_moment, db_session
from web.deadlines import deadline
from web.errors import status_of
from web.forms_html import read_posted
from web.forms_html.shown import start_values
from web.guard import requires
from web.i18n import message
from web.navigation import register_of
from web.pages.concerns import concerns_about
from web.pages.family_choices import with_names
from web.pages.filled import (
    Filled,
    attachment_ids,
    file_names,
    filled,
    fragment,
    new_request_key,
    shown_form,
)
from web.pages.told import earlier_answers
from web.pages.work import policy_in_force
from web.sight import TaskPlace, require_unrelated_viewer, task_place
from web.words import status_name
from workflows.access import Action, Viewer, may
from workflows.assistance.explained import explained_case
from workflows.decisions import DecisionError
from workflows.definitions.policy import Policy
from workflows.errors import Actor, Conflict, DoudiError, Fault, Finding, Invalid, NotAllowed
from workflows.runtime.drafts import drop_draft, save_draft, saved_draft
from workflows.runtime.inbox.changes import Change, changes_since
from workflows.runtime.inbox.payees import account_of_head, accounts_of_household
from workflows.runtime.inbox.relief import ReliefView, relief_view
from workflows.runtime.inbox.remedies import RemedyRow, remedies_of_case
from workflows.runtime.inbox.task import TaskView, closed_task, task_view
from workflows.runtime.remedies import registers_remedy
from workflows.runtime.tasks import Completed, complete_task, return_task
from workflows.transaction import transaction

blueprint = Blueprint("tasks", __name__, url_prefix="/work/tasks")


@dataclass(frozen=True, slots=True)
class _Sent:
    """What the page shows again after a refusal: the answers, why, and what changed meanwhile."""

    raw: dict[str, Any]
    findings: Sequence[Finding] = ()
    error: DoudiError | None = None
    changes: Sequence[Change] = ()
    request_key: str | None = None
    reason: str = ""
    target: str = ""
    draft_saved_at: datetime | None = field(default=None)


@blueprint.get("/<uuid:task_id>")
@requires(Action.TASK_COMPLETE)
def show(task_id: UUID) -> Response | str:
    """The task's page, with the draft that was left."""
    viewer = current_viewer()
    found = _open_or_case(str(task_id), viewer)
    if isinstance(found, Response):
        return found
    view, actor = found
    draft = saved_draft(db_session(), viewer.account_id, _place(view.row.id), settings().keys.ring)
    raw = dict(draft.content) if draft else _fresh(view, viewer)
    return _page(view, actor, _Sent(raw, draft_saved_at=draft.saved_at if draft else None))


@blueprint.post("/<uuid:task_id>")
@requires(Action.TASK_COMPLETE)
def complete(task_id: UUID) -> Response | tuple[str, int] | str:
    """Complete the task, or say everything that stands against it and keep what was typed."""
    viewer = current_viewer()
    place, actor = _post_of(task_id, viewer)
    sent = filled(read_posted(), viewer, actor)
    if request.form.get("verb") == "refresh" or request.form.get("remove"):
        return _again(task_id, viewer, _Sent(sent.raw, sent.findings))
    if sent.findings:
        return _again(task_id, viewer, _Sent(sent.raw, sent.findings)), 422
    try:
        done = _completed(str(task_id), place, sent, viewer, actor)
    except Conflict as error:
        _keep(str(task_id), sent.raw, viewer)
        return _conflict(task_id, viewer, place, sent, error)
    except (Invalid, NotAllowed) as error:
        refused = _Sent(sent.raw, error.findings, error, request_key=sent.posted.request_key)
        return _again(task_id, viewer, refused), status_of(error)
    flash(_said(done), "ok")
    return redirect(url_for("work.queue"), code=303)


@blueprint.post("/<uuid:task_id>/fields")
@requires(Action.TASK_COMPLETE)
def fields(task_id: UUID) -> str:
    """The fields that the form shows for what has been typed so far; files are kept."""
    viewer = current_viewer()
    _, actor = _post_of(task_id, viewer)
    sent = filled(read_posted(), viewer, actor)
    now = current_moment()
    view = task_view(db_session(), str(task_id), settings().keys.ring, actor=actor, now=now)
    ask = url_for("tasks.fields", task_id=task_id)
    return fragment(viewer, view.form, sent, with_names(view.scope), view.row.office_id, ask=ask)


@blueprint.post("/<uuid:task_id>/draft")
@requires(Action.TASK_COMPLETE)
def draft(task_id: UUID) -> tuple[str, int]:
    """Keep what has been typed."""
    viewer = current_viewer()
    _post_of(task_id, viewer)
    _keep(str(task_id), dict(read_posted().raw), viewer)
    return "", 204


@blueprint.post("/<uuid:task_id>/draft/drop")
@requires(Action.TASK_COMPLETE)
def drop(task_id: UUID) -> Response:
    """Begin the form anew."""
    viewer = current_viewer()
    _post_of(task_id, viewer)
    with transaction(db_session()) as session:
        drop_draft(session, viewer.account_id, _place(str(task_id)))
    return redirect(url_for("tasks.show", task_id=task_id), code=303)


@blueprint.post("/<uuid:task_id>/return")
@requires(Action.TASK_RETURN)
def send_back(task_id: UUID) -> Response | tuple[str, int]:
    """Return the case to an earlier step that the diagram allows, with a reason."""
    viewer, session = current_viewer(), db_session()
    posted = read_posted()
    reason, target = request.form.get("reason", ""), request.form.get("target", "")
    place, actor = _post_of(task_id, viewer)
    now = current_moment()
    try:
        with act_on(session, place.case_id, actor=actor, now=now):
            require_unrelated_viewer(viewer, actor, place.case_id, place.household_id)
            done = return_task(
                session,
                str(task_id),
                target,
                reason,
                settings().keys.ring,
                actor=actor,
                now=now,
                case_version=posted.version,
            )
            drop_draft(session, viewer.account_id, _place(str(task_id)))
    except (Invalid, Conflict, NotAllowed) as error:
        refused = _Sent({}, error.findings, error, reason=reason, target=target)
        return _again(task_id, viewer, refused), status_of(error)
    flash(message("已退回办件%(number)s。", number=done.case_number), "ok")
    return redirect(url_for("work.queue"), code=303)


def _completed(
    task_id: str, place: TaskPlace, sent: Filled, viewer: Viewer, actor: Actor
) -> Completed:
    session, now = db_session(), current_moment()
    with act_on(session, place.case_id, actor=actor, now=now):
        require_unrelated_viewer(viewer, actor, place.case_id, place.household_id)
        done = complete_task(
            session,
            task_id,
            sent.raw,
            settings().keys.ring,
            actor=actor,
            now=now,
            case_version=sent.posted.version,
            request_key=sent.posted.request_key,
        )
        drop_draft(session, viewer.account_id, _place(task_id))
        return done


def _post_of(task_id: UUID, viewer: Viewer) -> tuple[TaskPlace, Actor]:
    place = task_place(db_session(), viewer, str(task_id))
    return place, viewer.actor(place.role, place.office_id)


def _keep(task_id: str, raw: dict[str, Any], viewer: Viewer) -> None:
    with transaction(db_session()) as session:
        save_draft(
            session,
            viewer.account_id,
            _place(task_id),
            raw,
            settings().keys.ring,
            now=current_moment(),
        )


def _place(task_id: str) -> str:
    return f"task/{task_id}"


def _fresh(view: TaskView, viewer: Viewer) -> dict[str, Any]:
    if view.form is None:
        return {}
    now = current_moment()
    return start_values(view.form, view.scope, now=now, me=viewer.account_id)


def _said(done: Completed) -> str:
    if done.closed:
        return message("已提交。办件%(number)s已经办结。", number=done.case_number)
    return message(
        "已提交。办件%(number)s现在的状态：%(status)s。",
        number=done.case_number,
        status=status_name(done.status),
    )


def _open_or_case(task_id: str, viewer: Viewer) -> tuple[TaskView, Actor] | Response:
    """The open task; one that is done leads to its case."""
    session, now = db_session(), current_moment()
    _, actor = _post_of(UUID(task_id), viewer)
    done = closed_task(session, task_id)
    if done is not None:
        if not may(viewer, Action.CASE_READ):
            flash(message("“%(name)s”已经办结或取消。", name=done.name), "warn")
            return redirect(url_for("work.queue"), code=303)
        flash(message("“%(name)s”已经办结或取消，下面是这个办件。", name=done.name), "warn")
        return redirect(url_for("cases.show", case_id=done.case_id), code=303)
    return task_view(session, task_id, settings().keys.ring, actor=actor, now=now), actor


def _again(task_id: UUID, viewer: Viewer, sent: _Sent) -> str:
    _, actor = _post_of(task_id, viewer)
    view = task_view(
        db_session(), str(task_id), settings().keys.ring, actor=actor, now=current_moment()
    )
    return _page(view, actor, sent)


def _conflict(
    task_id: UUID, viewer: Viewer, place: TaskPlace, sent: Filled, error: Conflict
) -> tuple[str, int]:
    """What was typed, and what others did meanwhile."""
    session = db_session()
    changes = changes_since(session, place.case_id, sent.posted.version)
    if closed_task(session, str(task_id)) is None:
        return _again(task_id, viewer, _Sent(sent.raw, (), error, changes)), 409
    answers = render_template(
        "work/gone.html",
        error=error,
        changes=changes,
        case_id=place.case_id,
        typed=[(key, value) for key, value in sent.raw.items() if isinstance(value, str)],
    )
    return answers, 409


def _relief(view: TaskView, law: Policy | None, now: datetime) -> ReliefView | None:
    """The relief event that the task is about, where there is one.

    What is proposed counts until the approval around the task has granted it.
    """
    scope = view.scope
    event_id = scope.get("event_id")
    if law is None or not isinstance(event_id, str):
        return None
    names = ["proposed", "amount", "proposed_amount", "by_rule"]
    if "aid_amount" in scope:  # what a family itself bears of its costs is no proposal
        names.append("requested")
    asked = (scope.get(name) for name in names)
    proposed = next((value for value in asked if isinstance(value, Decimal)), None)
    grounds = scope.get("grounds")
    return relief_view(
        db_session(),
        event_id,
        view.case,
        law,
        proposed=None if scope.get("grant_id") else proposed,
        first_aid=view.form is not None and "aid_amount" in view.form.fields,
        grounds=[str(ground) for ground in grounds] if isinstance(grounds, list) else (),
        now=now,
    )


def _remedies(view: TaskView, viewer: Viewer) -> Sequence[RemedyRow]:
    """The review, lawsuit, petition or complaint that the task is about. One SELECT, else none."""
    process = view.policy.processes.get(view.case.process_key)
    if process is None or not registers_remedy(process):
        return ()
    return remedies_of_case(db_session(), viewer, view.case.id, settings().keys.ring)


def _page(view: TaskView, actor: Actor, sent: _Sent) -> str:
    viewer, now = current_viewer(), current_moment()
    policy = policy_in_force(viewer)
    form = shown_form(
        view.form,
        sent.raw,
        with_names(view.scope),
        view.row.office_id,
        now=now,
        findings=sent.findings,
    )
    clauses = [view.policy.clauses[ref] for ref in view.element.clauses]
    relief = _relief(view, policy, now)
    case, account, record = view.case, None, None
    if relief is not None and case.household_id is not None:
        known = accounts_of_household(db_session(), case.household_id, settings().keys.ring)
        account = account_of_head(known)
        if may(viewer, Action.BANK_ACCOUNT_RECORD, case):
            record = url_for("bank_accounts.show", case_id=case.id)
    return render_template(
        "work/task.html",
        view=view,
        row=view.row,
        form=form,
        sent=sent,
        refusal=sent.error or view.refusal,
        actor=actor,
        due=deadline(
            view.row.due_at, view.row.warn_at, policy.calendar if policy else None, now=now
        ),
        clauses=clauses,
        assessment=view.scope.get("assessment"),
        concerns=concerns_about(viewer, policy, case.household_id, case),
        reasons=explained_case(db_session(), case.id, view.policy.clauses),
        relief=relief,
        remedies=_remedies(view, viewer),
        register=register_of(viewer, case.process_key),
        account=account,
        record_account=record,
        told=earlier_answers(view.case, view.policy),
        files=file_names(viewer, attachment_ids(sent.raw)),
        request_key=sent.request_key or new_request_key(),
        is_fault=isinstance(sent.error, Fault | DecisionError),
        may_return=bool(view.returns) and may(viewer, Action.TASK_RETURN),
    )

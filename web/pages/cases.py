"""办件: the list of cases, and what stands at the head of every page of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from models.cases import CaseState
from models.trail import SubjectKind
from web.auth import current_viewer
from web.case_words import STATUSES
from web.config import settings
from web.database import current_moment, db_session
from web.deadlines import deadline
from web.guard import requires
from web.navigation import register_of
from web.pages.concerns import concerns_about
from web.pages.work import note_search, offices_below, policy_in_force
from web.sight import note_access
from workflows.access import Action, acting, may
from workflows.audit import AccessKind, Subject
from workflows.runtime.inbox import case as parts
from workflows.runtime.inbox.benefits import benefit_histories
from workflows.runtime.inbox.case import CaseHeader, case_header
from workflows.runtime.inbox.cases import CaseFilter, case_page
from workflows.runtime.inbox.queue import posts_of
from workflows.runtime.inbox.relief import relief_of_case
from workflows.runtime.inbox.remedies import remedies_of_case
from workflows.runtime.inbox.search import is_personal, normalised_text

blueprint = Blueprint("cases", __name__, url_prefix="/cases")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@blueprint.get("")
@requires(Action.CASE_READ)
def search() -> str:
    """Cases that the viewer may see, newest first."""
    wanted = _wanted(request.args)
    if is_personal(wanted.text):
        wanted = replace(wanted, text="")
    return _list(wanted, _cursor())


@blueprint.post("/search")
@requires(Action.CASE_READ)
def find() -> Response | str:
    """The list narrowed; names and id-card numbers stay out of the address and are noted."""
    wanted = _wanted(request.form)
    if not is_personal(wanted.text):
        return redirect(url_for("cases.search", **_arguments(wanted)), code=303)
    note_search("cases")
    return _list(wanted, None)


@blueprint.get("/<uuid:case_id>")
@requires(Action.CASE_READ)
def show(case_id: UUID) -> str:
    """Where the case stands, its deadlines, and what can be done. At most sixteen statements."""
    viewer, session, now = current_viewer(), db_session(), current_moment()
    header = seen_case(case_id, "overview")
    posts = set(posts_of(viewer))
    policy = policy_in_force(viewer)
    calendar = policy.calendar if policy else None
    clocks = [
        (clock, deadline(clock.due_at, clock.warn_at, calendar, now=now))
        for clock in parts.clocks_of(session, header.case.id)
    ]
    tasks = [
        (
            task,
            deadline(task.due_at, task.warn_at, calendar, now=now),
            (task.role, task.office_id) in posts,
        )
        for task in parts.open_tasks(session, header.case.id)
    ]
    benefits = benefit_histories(session, header.case.household_id)
    return render_template(
        "cases/overview.html",
        header=header,
        remedies=remedies_of_case(session, viewer, header.case.id, settings().keys.ring),
        may_register=bool(header.case.household_id)
        and may(viewer, Action.REMEDY_REGISTER, header.case),
        tasks=tasks,
        clocks=clocks,
        messages=[
            awaited
            for awaited in parts.awaited_messages(session, header.case.id)
            if (awaited.role, awaited.office_id) in posts and may(viewer, Action.CASE_MESSAGE)
        ],
        incidents=parts.incidents_of(session, header.case.id),
        kept=parts.kept_messages(session, header.case.id),
        grant=next((one.grant for one in benefits if one.grant.case_id == header.case.id), None),
        benefits=benefits,
        filings=parts.filings_of(session, header.case.id),
        linked=parts.linked_cases(session, viewer, header.case),
        names={one.id: one.name for one in policy.processes.values()} if policy else {},
        may_see_months=may(viewer, Action.GRANT_READ),
        register=register_of(viewer, header.case.process_key),
        relief=relief_of_case(session, header.case.id),
        concerns=concerns_about(viewer, policy, header.case.household_id, header.case),
    )


def seen_case(
    case_id: UUID, what: str, *, action: Action = Action.CASE_READ, with_state: bool = False
) -> CaseHeader:
    """The case at the head of a page; that the viewer saw this part of it is noted.

    Raises:
        NotFound: `case_not_found`.
    """
    viewer, session = current_viewer(), db_session()
    keys = settings().keys.ring
    header = case_header(session, viewer, str(case_id), keys, action=action, with_state=with_state)
    actor = acting(viewer, action, header.case)
    subject = Subject(SubjectKind.CASE, header.case.id, header.case.district_id)
    note_access(
        subject,
        AccessKind.VIEWED,
        actor=actor,
        data={"page": what},
    )
    return header


def _list(wanted: CaseFilter, after: tuple[datetime, str] | None) -> str:
    viewer, session = current_viewer(), db_session()
    page = case_page(session, viewer, wanted, settings().keys.ring, after=after)
    policy = policy_in_force(viewer)
    following = None
    if page.following is not None:
        moment = (page.following[0] - _EPOCH) // timedelta(microseconds=1)
        following = f"{moment}_{page.following[1]}"
    return render_template(
        "cases/list.html",
        rows=page.rows,
        following=following,
        wanted=wanted,
        arguments=_arguments(wanted),
        statuses=STATUSES,
        processes=[(one.id, one.name) for one in policy.startable()] if policy else [],
        names={one.id: one.name for one in policy.processes.values()} if policy else {},
        offices=offices_below(viewer),
    )


def _wanted(fields: Mapping[str, str]) -> CaseFilter:
    state, status = fields.get("state", ""), fields.get("status", "")
    return CaseFilter(
        state=CaseState(state) if state in set(CaseState) else None,
        status=status if status in STATUSES else None,
        process_key=normalised_text(fields.get("process", "")) or None,
        office_id=normalised_text(fields.get("office", "")) or None,
        first_on=_day(fields.get("first_on", "")),
        last_on=_day(fields.get("last_on", "")),
        text=normalised_text(fields.get("q", "")),
    )


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 2000 <= found.year <= 2200 else None


def _arguments(wanted: CaseFilter) -> dict[str, Any]:
    return {
        "state": wanted.state.value if wanted.state else None,
        "status": wanted.status,
        "process": wanted.process_key,
        "office": wanted.office_id,
        "first_on": wanted.first_on,
        "last_on": wanted.last_on,
        "q": wanted.text or None,
    }


def _cursor() -> tuple[datetime, str] | None:
    moment, _, case_id = request.args.get("after", "").partition("_")
    try:
        return _EPOCH + timedelta(microseconds=int(moment)), str(UUID(case_id))
    except (ValueError, OverflowError):
        return None

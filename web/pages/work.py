"""待办: the queue of somebody's tasks, claiming and releasing, alerts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from models.cases import Case
from models.clocks import Alert
from models.offices import Office, OfficeLevel
from models.trail import SubjectKind
from web.auth import current_viewer, local_path
from web.config import settings
from web.database import current_moment, db_session
from web.deadlines import Deadline, deadline
from web.guard import requires
from web.i18n import message
from web.sight import note_access, task_place
from web.words import URGENT
from workflows.access import Action, Viewer, acting, may
from workflows.audit import AccessKind, Subject
from workflows.calendar import WorkingCalendar
from workflows.definitions.diagram import ElementKind
from workflows.definitions.policy import Policy
from workflows.definitions.release import current_policy
from workflows.errors import Conflict, DoudiError, NotAllowed, NotFound
from workflows.runtime.alerts import take_note
from workflows.runtime.applying import start_form_of
from workflows.runtime.inbox.alerts import noted_alerts, open_alerts
from workflows.runtime.inbox.queue import (
    MOST_COUNTED,
    QueueFilter,
    QueueRow,
    Show,
    posts_of,
    queue_page,
    queue_row,
    tallies,
)
from workflows.runtime.inbox.search import is_personal, normalised_text
from workflows.runtime.tasks import claim_task, release_task
from workflows.transaction import transaction

blueprint = Blueprint("work", __name__, url_prefix="/work")

_FEW_ALERTS = 2
#: How many the page of alerts shows, open ones and those noted last.
_MOST_ALERTS = 200
_MOST_NOTED = 50
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@blueprint.get("")
@requires(Action.QUEUE_READ)
def queue() -> str:
    """What the viewer has to do, by deadline. Six SELECTs with the viewer's own."""
    wanted = _wanted(request.args)
    if is_personal(wanted.text):
        wanted = replace(wanted, text="")
    return _page(wanted, _cursor(), request.full_path.rstrip("?"))


@blueprint.post("/search")
@requires(Action.QUEUE_READ)
def search() -> Response | str:
    """The queue narrowed; names and id-card numbers stay out of the address and are noted."""
    wanted = _wanted(request.form)
    if not is_personal(wanted.text):
        return redirect(
            url_for(
                "work.queue",
                show=wanted.show.value,
                kind=wanted.element_id,
                office=wanted.office_id,
                q=wanted.text or None,
            ),
            code=303,
        )
    note_search("queue")
    return _page(wanted, None, url_for("work.queue"))


def note_search(what: str) -> None:
    """Record that the viewer searched for a person."""
    viewer = current_viewer()
    note_access(
        Subject(SubjectKind.ACCOUNT, viewer.account_id, viewer.district_id),
        AccessKind.SEARCHED,
        actor=viewer.actor(),
        data={"what": what, "by": "person"},
    )


def _page(wanted: QueueFilter, after: tuple[datetime, str] | None, here: str) -> str:
    viewer, session, now = current_viewer(), db_session(), current_moment()
    policy = policy_in_force(viewer)
    page = queue_page(session, viewer, wanted, settings().keys.ring, now=now, after=after)
    calendar = policy.calendar if policy else None
    return render_template(
        "work/queue.html",
        rows=[(row, _deadline(row, calendar, now)) for row in page.rows],
        following=_written_cursor(page.following),
        wanted=wanted,
        tallies=tallies(session, viewer, now=now),
        most=MOST_COUNTED,
        kinds=_kinds(viewer, policy),
        offices=offices_below(viewer),
        alerts=open_alerts(session, viewer, limit=_FEW_ALERTS),
        today=now,
        here=here,
        urgent=_urgent(viewer, policy),
    )


@blueprint.post("/tasks/<uuid:task_id>/claim")
@requires(Action.TASK_COMPLETE)
def claim(task_id: UUID) -> Response | tuple[str, int] | str:
    """Take a task from the common queue."""
    return _claim_or_release(task_id, taking=True)


@blueprint.post("/tasks/<uuid:task_id>/release")
@requires(Action.TASK_COMPLETE)
def release(task_id: UUID) -> Response | tuple[str, int] | str:
    """Put a claimed task back."""
    return _claim_or_release(task_id, taking=False)


@blueprint.get("/alerts")
@requires(Action.ALERT_READ)
def alerts() -> str:
    """Clocks that ran out, those that nobody has taken note of first."""
    viewer, session = current_viewer(), db_session()
    return render_template(
        "work/alerts.html",
        alerts=[
            *open_alerts(session, viewer, limit=_MOST_ALERTS),
            *noted_alerts(session, viewer, limit=_MOST_NOTED),
        ],
    )


@blueprint.post("/alerts/<uuid:alert_id>/note")
@requires(Action.ALERT_TAKE_NOTE)
def note_alert(alert_id: UUID) -> Response:
    """Take note of an alert."""
    viewer, session = current_viewer(), db_session()
    with transaction(session):
        found = session.execute(
            select(Alert.id, Case)
            .join(Case, Case.id == Alert.case_id)
            .where(Alert.id == str(alert_id), Alert.district_id == viewer.district_id)
        ).one_or_none()
        if found is None:
            raise NotFound("alert_not_found", "找不到这条预警。", "There is no such alert.")
        actor = acting(viewer, Action.ALERT_TAKE_NOTE, found[1])
        take_note(session, found.id, actor=actor, now=current_moment())
    flash(message("已登记知悉。"), "ok")
    return _back("work.alerts")


def policy_in_force(viewer: Viewer) -> Policy | None:
    """The policy of the viewer's district; None before the first release. One SELECT."""
    try:
        return current_policy(db_session(), viewer.district_id)
    except NotFound:
        return None


def _claim_or_release(task_id: UUID, *, taking: bool) -> Response | tuple[str, int] | str:
    viewer, session, now = current_viewer(), db_session(), current_moment()
    keys = settings().keys.ring
    refused: DoudiError | None = None
    try:
        with transaction(session):
            place = task_place(session, viewer, str(task_id))
            actor = viewer.actor(place.role, place.office_id)
            command = claim_task if taking else release_task
            command(session, str(task_id), actor=actor, now=now)
    except (Conflict, NotAllowed) as error:
        if not request.headers.get("HX-Request"):
            raise
        refused = error
    said = message("已领取。") if taking else message("已放回共同待办。")
    if request.headers.get("HX-Request"):
        policy = policy_in_force(viewer)
        row = queue_row(session, str(task_id), keys)
        return render_template(
            "work/row_answer.html",
            row=row,
            due=_deadline(row, policy.calendar if policy else None, now) if row else None,
            said=said,
            refused=refused,
            here=local_path(request.form.get("next")) or url_for("work.queue"),
        )
    flash(said, "ok")
    return _back("work.queue")


def _back(endpoint: str) -> Response:
    return redirect(local_path(request.form.get("next")) or url_for(endpoint), code=303)


def _urgent(viewer: Viewer, policy: Policy | None) -> str | None:
    """The process for calls that can't wait, for those who may open it."""
    opens = policy is not None and start_form_of(policy, URGENT) is not None
    return URGENT if opens and may(viewer, Action.CASE_OPEN) else None


def _deadline(row: QueueRow, calendar: WorkingCalendar | None, now: datetime) -> Deadline:
    return deadline(row.due_at, row.warn_at, calendar, now=now)


def _wanted(fields: Mapping[str, str]) -> QueueFilter:
    show = fields.get("show", "")
    return QueueFilter(
        show=Show(show) if show in set(Show) else Show.ALL,
        element_id=normalised_text(fields.get("kind", "")) or None,
        office_id=normalised_text(fields.get("office", "")) or None,
        text=normalised_text(fields.get("q", "")),
    )


def _cursor() -> tuple[datetime, str] | None:
    moment, _, task_id = request.args.get("after", "").partition("_")
    try:
        return _EPOCH + timedelta(microseconds=int(moment)), str(UUID(task_id))
    except (ValueError, OverflowError, OSError):
        return None


def _written_cursor(following: tuple[datetime, str] | None) -> str | None:
    if following is None:
        return None
    return f"{(following[0] - _EPOCH) // timedelta(microseconds=1)}_{following[1]}"


def _kinds(viewer: Viewer, policy: Policy | None) -> list[tuple[str, str]]:
    """The user tasks that the viewer's roles do, in the order of the diagrams."""
    roles = {role for role, _ in posts_of(viewer)}
    return [
        (element.id, element.name)
        for process in (policy.processes.values() if policy else ())
        for element in process.elements.values()
        if element.kind is ElementKind.USER_TASK
        and element.assignment is not None
        and element.assignment.role in roles
    ]


def offices_below(viewer: Viewer) -> list[tuple[str, str]]:
    """The offices directly below the viewer's own."""
    own = [h.office_id for h in viewer.holdings if h.level is not OfficeLevel.VILLAGE]
    if not own:
        return []
    rows: Any = db_session().execute(
        select(Office.id, Office.name)
        .where(Office.district_id == viewer.district_id, Office.parent_id.in_(own))
        .order_by(Office.code)
        .limit(100)
    )
    return [(row.id, row.name) for row in rows]

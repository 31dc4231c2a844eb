"""Queries for the operations on cases; each is one SELECT that no history slows down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import ColumnElement, literal, or_, select, tuple_
from sqlalchemy.orm import Session, aliased

from models.accounts import Account
from models.cases import Case, CaseState, MessageSubscription, Task, TaskState
from models.clocks import Clock, ClockEvent
from models.households import Household, Person
from models.offices import Office
from models.trail import SubjectKind, TrailEntry
from web.api.cursors import cursor
from web.api.relief_documents import debt_document, grant_document
from web.api.task_documents import clock_document, person_document
from workflows.access import Viewer, visible_cases
from workflows.audit import action_name
from workflows.errors import NotFound
from workflows.privacy import KeyRing
from workflows.runtime.inbox.people import APPLICANT, shown_person
from workflows.runtime.inbox.queue import posts_of
from workflows.runtime.inbox.relief import debt_of_case, relief_of_case
from workflows.runtime.projection import NO_DEADLINE

PAGE = 50
_ENTRIES = 100
_TOWNSHIP = aliased(Office)
_VILLAGE = aliased(Office)
_ROW = (
    select(
        Case,
        Person.id,
        Person.data_key,
        Person.identity,
        _TOWNSHIP.name,
        _VILLAGE.name,
    )
    .join(_TOWNSHIP, _TOWNSHIP.id == Case.township_id)
    .outerjoin(_VILLAGE, _VILLAGE.id == Case.village_id)
    .outerjoin(Household, Household.id == Case.household_id)
    .outerjoin(Person, Person.id == APPLICANT)
)


def cases_page(
    session: Session,
    viewer: Viewer,
    wanted: Mapping[str, Any],
    keys: KeyRing,
    *,
    after: tuple[datetime, str] | None,
) -> dict[str, Any]:
    """A page of the cases that the viewer may see, newest first."""
    query = _ROW.where(visible_cases(viewer), *_narrowed(wanted))
    if after is not None:
        query = query.where(
            tuple_(Case.opened_at, Case.id)
            < tuple_(literal(after[0], Case.opened_at.type), literal(after[1]))
        )
    query = query.order_by(Case.opened_at.desc(), Case.id.desc()).limit(PAGE + 1)
    rows = session.execute(query).all()
    shown = rows[:PAGE]
    following = (shown[-1][0].opened_at, shown[-1][0].id) if len(rows) > PAGE else None
    return {"cases": [_document(row, keys) for row in shown], "next": cursor(following)}


def one_case(
    session: Session, viewer: Viewer, case_id: str, keys: KeyRing, *, now: datetime
) -> dict[str, Any]:
    """A case with its open tasks, and the relief that it granted. Four SELECTs.

    Raises:
        NotFound: `case_not_found` also for what the viewer may not see.
    """
    row = session.execute(_ROW.where(Case.id == case_id, visible_cases(viewer))).one_or_none()
    if row is None:
        raise NotFound("case_not_found", "找不到这个办件。", "There is no such case.")
    posts = posts_of(viewer)
    tasks = session.scalars(
        select(Task)
        .where(Task.case_id == case_id, Task.state == TaskState.OPEN)
        .order_by(Task.due_at, Task.id)
    )
    return {
        **_document(row, keys),
        "release_id": row[0].release_id,
        "relief": _relief(session, case_id, now),
        "tasks": [
            {
                "id": task.id,
                "name": task.name,
                "element": task.element_id,
                "role": task.role,
                "office_id": task.office_id,
                "due_at": task.due_at if task.due_at < NO_DEADLINE else None,
                "assignee_id": task.assignee_id,
                "yours": (task.role, task.office_id) in posts,
            }
            for task in tasks
        ],
    }


def _relief(session: Session, case_id: str, now: datetime) -> dict[str, Any]:
    debt = debt_of_case(session, case_id, now=now)
    return {
        "grants": [grant_document(grant) for grant in relief_of_case(session, case_id)],
        "debt": None if debt is None else debt_document(debt),
    }


def timeline(session: Session, case_id: str, after: int, language: str) -> dict[str, Any]:
    """The acts on a case in their order: who did what, without what was entered."""
    rows = session.execute(
        select(TrailEntry, Account.name)
        .outerjoin(Account, Account.id == TrailEntry.actor_id)
        .where(
            TrailEntry.subject_kind == SubjectKind.CASE,
            TrailEntry.subject_id == case_id,
            TrailEntry.sequence > after,
        )
        .order_by(TrailEntry.sequence)
        .limit(_ENTRIES + 1)
    ).all()
    shown = rows[:_ENTRIES]
    return {
        "entries": [_entry(entry, name, language) for entry, name in shown],
        "next": shown[-1][0].sequence if len(rows) > _ENTRIES else None,
    }


def clocks_of(session: Session, case_id: str) -> dict[str, Any]:
    """The deadlines of a case with their derivations and the acts on them. Two SELECTs."""
    clocks = session.scalars(
        select(Clock).where(Clock.case_id == case_id).order_by(Clock.started_at, Clock.id)
    ).all()
    events: dict[str, list[dict[str, Any]]] = {clock.id: [] for clock in clocks}
    found = session.scalars(
        select(ClockEvent)
        .join(Clock, Clock.id == ClockEvent.clock_id)
        .where(Clock.case_id == case_id)
        .order_by(ClockEvent.at, ClockEvent.id)
    )
    for event in found:
        events[event.clock_id].append(
            {"action": event.action, "at": event.at, "by_id": event.by_id, "detail": event.detail}
        )
    return {"clocks": [{**clock_document(clock), "events": events[clock.id]} for clock in clocks]}


def subscriptions(session: Session, case_id: str) -> Sequence[MessageSubscription]:
    """The messages that a case waits for."""
    return session.scalars(
        select(MessageSubscription)
        .where(MessageSubscription.case_id == case_id)
        .order_by(MessageSubscription.message, MessageSubscription.id)
    ).all()


def may_send(viewer: Viewer, waiting: MessageSubscription) -> bool:
    """Whether one of the viewer's posts sends this message."""
    return (waiting.role, waiting.office_id) in viewer.posts


def _narrowed(wanted: Mapping[str, Any]) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted["state"]:
        conditions.append(Case.state == CaseState(wanted["state"]))
    if wanted["status"]:
        conditions.append(Case.status == wanted["status"])
    if wanted["process"]:
        conditions.append(Case.process_key == wanted["process"])
    if wanted["number"]:
        conditions.append(Case.number == wanted["number"].upper())
    if wanted["office"]:
        office_id = str(wanted["office"])
        conditions.append(or_(Case.village_id == office_id, Case.township_id == office_id))
    return conditions


def _document(row: Any, keys: KeyRing) -> dict[str, Any]:
    case, person_id, data_key, identity, township, village = row
    return {
        "id": case.id,
        "number": case.number,
        "process": case.process_key,
        "state": case.state.value,
        "status": case.status,
        "outcome": case.outcome,
        "channel": case.channel,
        "opened_at": case.opened_at,
        "accepted_on": case.accepted_on,
        "closed_at": case.closed_at,
        "monthly": None if case.monthly is None else f"{case.monthly:.2f}",
        "version": case.version,
        "household_id": case.household_id,
        "applicant": person_document(shown_person(person_id, data_key, identity, keys)),
        "township": township,
        "village": village,
    }


def _entry(entry: TrailEntry, name: str | None, language: str) -> dict[str, Any]:
    data = orjson.loads(entry.body).get("data") or {}
    step = data.get("name") or data.get("element") or data.get("message") or data.get("clock")
    return {
        "sequence": entry.sequence,
        "at": entry.at,
        "action": entry.action,
        "label": action_name(entry.action, language),
        "step": step if isinstance(step, str) else None,
        "actor": None if entry.actor_id is None else {"id": entry.actor_id, "name": name or ""},
        "role": entry.actor_role,
    }

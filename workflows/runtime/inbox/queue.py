"""The queue of somebody's open tasks: one statement a page, by index, without counting all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    func,
    literal,
    or_,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.orm import Session, aliased

from models.accounts import Account
from models.cases import Case, Task, TaskState
from models.households import Household, Person
from models.offices import Office
from workflows.access import ACTIONS_OF, Action, Viewer, is_recused
from workflows.definitions.registers import LONGEST_WARNING
from workflows.privacy import KeyRing
from workflows.runtime.inbox.people import APPLICANT, Shown, shown_person
from workflows.runtime.inbox.search import case_matches

PAGE = 50
#: Tallies count no further.
MOST_COUNTED = 100
_LONGEST_WARNING = timedelta(days=LONGEST_WARNING)


class Show(StrEnum):
    """Which part of the queue somebody looks at."""

    ALL = "all"
    MINE = "mine"
    COMMON = "common"
    LATE = "late"
    SOON = "soon"


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """What the queue is narrowed to; `office_id` is a township or village of the cases."""

    show: Show = Show.ALL
    element_id: str | None = None
    office_id: str | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One open task as the queue shows it."""

    id: str
    name: str
    role: str
    office_id: str
    created_at: datetime
    due_at: datetime
    warn_at: datetime
    assignee_id: str | None
    assignee: str | None
    case_id: str
    case_number: str
    case_status: str
    process_key: str
    applicant: Shown | None
    township: str
    village: str | None


@dataclass(frozen=True, slots=True)
class QueuePage:
    """A page of the queue; `following` is where the next one begins."""

    rows: tuple[QueueRow, ...]
    following: tuple[datetime, str] | None


@dataclass(frozen=True, slots=True)
class Tallies:
    """How many tasks there are, each counted up to `MOST_COUNTED`."""

    mine: int
    common: int
    late: int
    soon: int


def posts_of(viewer: Viewer) -> list[tuple[str, str]]:
    """The (role, office id) whose tasks the viewer may do."""
    return [
        (holding.role.value, holding.office_id)
        for holding in viewer.holdings
        if Action.TASK_COMPLETE in ACTIONS_OF[holding.role]
    ]


def queue_page(
    session: Session,
    viewer: Viewer,
    wanted: QueueFilter,
    keys: KeyRing,
    *,
    now: datetime,
    after: tuple[datetime, str] | None = None,
) -> QueuePage:
    """Open tasks of the viewer's posts by deadline, at most `PAGE`. One SELECT.

    Each post is read along its own index range first, so that the page costs the same however many
    tasks are open.
    """
    posts = posts_of(viewer)
    if not posts:
        return QueuePage((), None)
    picked = [
        _picked(viewer, role, office_id, wanted, keys, now, after) for role, office_id in posts
    ]
    ids = union_all(*(select(part.subquery()) for part in picked)).subquery()
    rows = session.execute(_full(select(ids.c.id))).all()
    shown = tuple(_row(row, keys) for row in rows[:PAGE])
    following = (shown[-1].due_at, shown[-1].id) if len(rows) > PAGE else None
    return QueuePage(shown, following)


def queue_row(session: Session, task_id: str, keys: KeyRing) -> QueueRow | None:
    """One open task as the queue shows it, whoever's it is. One SELECT."""
    row = session.execute(_full(select(literal(task_id)))).one_or_none()
    return None if row is None else _row(row, keys)


def _picked(
    viewer: Viewer,
    role: str,
    office_id: str,
    wanted: QueueFilter,
    keys: KeyRing,
    now: datetime,
    after: tuple[datetime, str] | None,
) -> Select[Any]:
    query = select(Task.id).where(
        Task.district_id == viewer.district_id,
        Task.office_id == office_id,
        Task.role == role,
        Task.state == TaskState.OPEN,
        ~is_recused(viewer.account_id, Task.case_id),
        *_shown_part(viewer, wanted.show, now),
    )
    if wanted.element_id:
        query = query.where(Task.element_id == wanted.element_id)
    if wanted.office_id or wanted.text:
        query = query.join(Case, Case.id == Task.case_id)
    if wanted.office_id:
        query = query.where(
            or_(Case.village_id == wanted.office_id, Case.township_id == wanted.office_id)
        )
    if wanted.text:
        query = query.where(
            Case.district_id == viewer.district_id,
            case_matches(wanted.text, viewer.district_id, keys),
        )
    if after is not None:
        query = query.where(
            tuple_(Task.due_at, Task.id)
            > tuple_(literal(after[0], Task.due_at.type), literal(after[1]))
        )
    return query.order_by(Task.due_at, Task.id).limit(PAGE + 1)


def _shown_part(viewer: Viewer, show: Show, now: datetime) -> Sequence[ColumnElement[bool]]:
    parts: dict[Show, list[ColumnElement[bool]]] = {
        Show.ALL: [],
        Show.MINE: [Task.assignee_id == viewer.account_id],
        Show.COMMON: [Task.assignee_id.is_(None)],
        Show.LATE: [Task.due_at <= now],
        Show.SOON: [
            Task.due_at > now,
            Task.due_at < now + _LONGEST_WARNING,
            Task.warn_at <= now,
        ],
    }
    return parts[show]


_TOWNSHIP = aliased(Office)
_VILLAGE = aliased(Office)


def _full(ids: Select[Any]) -> Select[Any]:
    columns: Any = select(
        Task.id,
        Task.name,
        Task.role,
        Task.office_id,
        Task.created_at,
        Task.due_at,
        Task.warn_at,
        Task.assignee_id,
        Account.name.label("assignee"),
        Case.id.label("case_id"),
        Case.number.label("case_number"),
        Case.status.label("case_status"),
        Case.process_key,
        Person.id.label("person_id"),
        Person.data_key,
        Person.identity,
        _TOWNSHIP.name.label("township"),
        _VILLAGE.name.label("village"),
    )
    query: Select[Any] = (
        columns.join(Case, Case.id == Task.case_id)
        .join(_TOWNSHIP, _TOWNSHIP.id == Case.township_id)
        .outerjoin(_VILLAGE, _VILLAGE.id == Case.village_id)
        .outerjoin(Household, Household.id == Case.household_id)
        .outerjoin(Person, Person.id == APPLICANT)
        .outerjoin(Account, Account.id == Task.assignee_id)
        .where(Task.id.in_(ids), Task.state == TaskState.OPEN)
        .order_by(Task.due_at, Task.id)
        .limit(PAGE + 1)
    )
    return query


def _row(row: Any, keys: KeyRing) -> QueueRow:
    return QueueRow(
        id=row.id,
        name=row.name,
        role=row.role,
        office_id=row.office_id,
        created_at=row.created_at,
        due_at=row.due_at,
        warn_at=row.warn_at,
        assignee_id=row.assignee_id,
        assignee=row.assignee,
        case_id=row.case_id,
        case_number=row.case_number,
        case_status=row.case_status,
        process_key=row.process_key,
        applicant=shown_person(row.person_id, row.data_key, row.identity, keys),
        township=row.township,
        village=row.village,
    )


def tallies(session: Session, viewer: Viewer, *, now: datetime) -> Tallies:
    """How much there is to do, counted up to `MOST_COUNTED` each. One SELECT."""
    posts = posts_of(viewer)
    if not posts:
        return Tallies(0, 0, 0, 0)
    counts = [
        select(func.count()).select_from(_bounded(viewer, posts, show, now)).scalar_subquery()
        for show in (Show.MINE, Show.COMMON, Show.LATE, Show.SOON)
    ]
    row = session.execute(select(*counts)).one()
    return Tallies(*row)


def _bounded(viewer: Viewer, posts: list[tuple[str, str]], show: Show, now: datetime) -> Subquery:
    """Up to `MOST_COUNTED` tasks, each post read along its own index range."""
    open_ones = select(Task.id).where(Task.state == TaskState.OPEN, *_shown_part(viewer, show, now))
    if show is Show.MINE:
        parts = [open_ones]
    else:
        parts = [
            open_ones.where(
                Task.district_id == viewer.district_id,
                Task.office_id == office_id,
                Task.role == role,
            )
            for role, office_id in posts
        ]
    limited = [
        select(part.order_by(Task.due_at, Task.id).limit(MOST_COUNTED).subquery()) for part in parts
    ]
    return union_all(*limited).limit(MOST_COUNTED).subquery()

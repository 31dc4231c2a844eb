"""Lists of cases: what a viewer may see, narrowed and searched, page by page without counting."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import literal, or_, select, tuple_
from sqlalchemy.orm import Session, aliased

from models.cases import Case, CaseState
from models.households import Household, Person
from models.offices import Office
from workflows.access import Action, Viewer, visible_cases
from workflows.calendar import end_of_day, local_midnight
from workflows.privacy import KeyRing
from workflows.runtime.inbox.people import APPLICANT, Shown, shown_person
from workflows.runtime.inbox.search import case_matches

PAGE = 50


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """What a list of cases is narrowed to; days are those on which the case was opened."""

    state: CaseState | None = None
    status: str | None = None
    process_key: str | None = None
    office_id: str | None = None
    first_on: date | None = None
    last_on: date | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case as a list shows it."""

    id: str
    number: str
    process_key: str
    status: str
    open: bool
    opened_at: datetime
    closed_at: datetime | None
    monthly: Decimal | None
    applicant: Shown | None
    township: str
    village: str | None


@dataclass(frozen=True, slots=True)
class CasePage:
    """A page of cases; `following` is where the next one begins."""

    rows: tuple[CaseRow, ...]
    following: tuple[datetime, str] | None


def case_page(
    session: Session,
    viewer: Viewer,
    wanted: CaseFilter,
    keys: KeyRing,
    *,
    after: tuple[datetime, str] | None = None,
) -> CasePage:
    """Cases that the viewer may see, newest first, at most `PAGE`. One SELECT."""
    township, village = aliased(Office), aliased(Office)
    query = (
        select(
            Case,
            Person.id.label("person_id"),
            Person.data_key,
            Person.identity,
            township.name.label("township"),
            village.name.label("village"),
        )
        .join(township, township.id == Case.township_id)
        .outerjoin(village, village.id == Case.village_id)
        .outerjoin(Household, Household.id == Case.household_id)
        .outerjoin(Person, Person.id == APPLICANT)
        .where(visible_cases(viewer, Action.CASE_READ), *_conditions(wanted, viewer, keys))
        .order_by(Case.opened_at.desc(), Case.id.desc())
        .limit(PAGE + 1)
    )
    if after is not None:
        query = query.where(
            tuple_(Case.opened_at, Case.id)
            < tuple_(literal(after[0], Case.opened_at.type), literal(after[1]))
        )
    rows = session.execute(query).all()
    shown = tuple(_row(row, keys) for row in rows[:PAGE])
    following = (shown[-1].opened_at, shown[-1].id) if len(rows) > PAGE else None
    return CasePage(shown, following)


def _conditions(wanted: CaseFilter, viewer: Viewer, keys: KeyRing) -> list[Any]:
    conditions: list[Any] = []
    for column, value in (
        (Case.state, wanted.state),
        (Case.status, wanted.status),
        (Case.process_key, wanted.process_key),
    ):
        if value is not None:
            conditions.append(column == value)
    if wanted.office_id is not None:
        conditions.append(
            or_(Case.township_id == wanted.office_id, Case.village_id == wanted.office_id)
        )
    if wanted.first_on is not None:
        conditions.append(Case.opened_at >= local_midnight(wanted.first_on))
    if wanted.last_on is not None:
        conditions.append(Case.opened_at < end_of_day(wanted.last_on))
    if wanted.text:
        conditions.append(case_matches(wanted.text, viewer.district_id, keys))
    return conditions


def _row(row: Any, keys: KeyRing) -> CaseRow:
    case: Case = row.Case
    return CaseRow(
        case.id,
        case.number,
        case.process_key,
        case.status,
        case.state is CaseState.OPEN,
        case.opened_at,
        case.closed_at,
        case.monthly,
        shown_person(row.person_id, row.data_key, row.identity, keys),
        row.township,
        row.village,
    )

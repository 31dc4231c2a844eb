"""Edge households as officers see them: those that count today, those that run out first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session, aliased

from models.cases import Case
from models.edge import EdgeRecord
from models.households import Household, Person
from models.offices import Office
from workflows.access import Action, Viewer, visible_cases
from workflows.privacy import KeyRing
from workflows.runtime.inbox.people import shown_person

PAGE = 50


@dataclass(frozen=True, slots=True)
class EdgeRow:
    """A household on the edge: who, where, since when, until when."""

    id: str
    case_id: str
    case_number: str
    head: str
    township: str
    village: str
    per_capita: Decimal
    edge_line: Decimal
    decided_on: date
    valid_until: date


@dataclass(frozen=True, slots=True)
class EdgePage:
    """A page of households; `following` is where the next one begins."""

    rows: Sequence[EdgeRow]
    following: tuple[date, str] | None


def edge_page(
    session: Session,
    viewer: Viewer,
    day: date,
    keys: KeyRing,
    *,
    after: tuple[date, str] | None = None,
) -> EdgePage:
    """The households that count on a day, those whose term ends first at the top. One SELECT."""
    township, village = aliased(Office), aliased(Office)
    query = (
        select(
            EdgeRecord,
            Case.number,
            Person.id.label("person_id"),
            Person.data_key,
            Person.identity,
            township.name.label("township"),
            village.name.label("village"),
        )
        .join(Case, Case.id == EdgeRecord.case_id)
        .join(Household, Household.id == EdgeRecord.household_id)
        .join(Person, Person.id == Household.head_person_id)
        .join(township, township.id == EdgeRecord.township_id)
        .join(village, village.id == Household.village_id)
        .where(
            EdgeRecord.district_id == viewer.district_id,
            EdgeRecord.decided_on <= day,
            EdgeRecord.valid_until >= day,
            or_(EdgeRecord.ended_on.is_(None), EdgeRecord.ended_on > day),
            visible_cases(viewer, Action.HOUSEHOLD_READ),
        )
        .order_by(EdgeRecord.valid_until, EdgeRecord.id)
        .limit(PAGE + 1)
    )
    if after is not None:
        query = query.where(
            or_(
                EdgeRecord.valid_until > after[0],
                and_(EdgeRecord.valid_until == after[0], EdgeRecord.id > after[1]),
            )
        )
    rows = session.execute(query).all()
    shown = [_row(row, keys) for row in rows[:PAGE]]
    following = (shown[-1].valid_until, shown[-1].id) if len(rows) > PAGE else None
    return EdgePage(shown, following)


def _row(row: Any, keys: KeyRing) -> EdgeRow:
    record: EdgeRecord = row.EdgeRecord
    head = shown_person(row.person_id, row.data_key, row.identity, keys)
    return EdgeRow(
        record.id,
        record.case_id,
        row.number,
        head.name if head else "",
        row.township,
        row.village,
        record.per_capita,
        record.edge_line,
        record.decided_on,
        record.valid_until,
    )

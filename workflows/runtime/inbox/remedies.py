"""The register of reviews, lawsuits, petitions and complaints; and those of one case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, func, literal, or_, select, tuple_
from sqlalchemy.orm import Session, aliased

from models.cases import Case, CaseState
from models.clocks import Clock, ClockState
from models.households import Person
from models.offices import Office
from models.remedies import Remedy, RemedyKind
from workflows.access import Action, Viewer, visible_cases
from workflows.assistance.households import Identity, identity_of
from workflows.errors import NotFound
from workflows.privacy import KeyRing
from workflows.runtime.inbox.people import Shown, shown_person

PAGE = 50


@dataclass(frozen=True, slots=True)
class RemedyFilter:
    """What the register is narrowed to; `office_id` is a township."""

    kind: RemedyKind | None = None
    open: bool | None = None
    office_id: str | None = None


@dataclass(frozen=True, slots=True)
class RemedyRow:
    """One remedy as the register shows it; who complained is never among it."""

    remedy: Remedy
    case_number: str
    status: str
    open: bool
    against_number: str | None
    township: str
    party: Shown | None
    #: the first of the running periods that ends
    next_due: date | None


@dataclass(frozen=True, slots=True)
class RemedyPage:
    """A page of the register; `following` is where the next one begins."""

    rows: tuple[RemedyRow, ...]
    following: tuple[date, str] | None


def remedy_page(
    session: Session,
    viewer: Viewer,
    wanted: RemedyFilter,
    keys: KeyRing,
    *,
    after: tuple[date, str] | None = None,
    most: int = PAGE,
) -> RemedyPage:
    """The register as far as the viewer sees it, newest first. One SELECT."""
    query = _register(viewer, wanted).order_by(Remedy.filed_on.desc(), Remedy.id.desc())
    if after is not None:
        query = query.where(
            tuple_(Remedy.filed_on, Remedy.id)
            < tuple_(literal(after[0], Remedy.filed_on.type), literal(after[1]))
        )
    rows = session.execute(query.limit(most + 1)).all()
    shown = tuple(_row(row, keys) for row in rows[:most])
    last = shown[-1].remedy if len(rows) > most else None
    return RemedyPage(shown, None if last is None else (last.filed_on, last.id))


def remedies_of_case(
    session: Session, viewer: Viewer, case_id: str, keys: KeyRing
) -> Sequence[RemedyRow]:
    """The case's own remedy, and those against its decision, the first filed first. One SELECT."""
    query = _register(viewer, RemedyFilter()).where(
        or_(Remedy.case_id == case_id, Remedy.against_case_id == case_id)
    )
    rows = session.execute(query.order_by(Remedy.filed_on, Remedy.id))
    return [_row(row, keys) for row in rows]


def remedies_of_household(
    session: Session, viewer: Viewer, household_id: str, keys: KeyRing
) -> Sequence[RemedyRow]:
    """What a household filed; complaints about it aren't among it. One SELECT."""
    query = _register(viewer, RemedyFilter()).where(
        Remedy.household_id == household_id, Remedy.kind != RemedyKind.COMPLAINT
    )
    rows = session.execute(query.order_by(Remedy.filed_on, Remedy.id))
    return [_row(row, keys) for row in rows]


def revealed_party(
    session: Session, viewer: Viewer, remedy_id: str, keys: KeyRing
) -> tuple[Remedy, Identity]:
    """Who filed a remedy, in full, for whoever may reveal people of its case. One SELECT.

    Raises:
        NotFound: `remedy_not_found`.
    """
    row = session.execute(
        select(Remedy, Person)
        .join(Case, Case.id == Remedy.case_id)
        .join(Person, Person.id == Remedy.party_id)
        .where(Remedy.id == remedy_id, visible_cases(viewer, Action.PERSON_REVEAL))
    ).one_or_none()
    if row is None:
        raise NotFound("remedy_not_found", "找不到这项登记。", "There is no such registration.")
    return row.Remedy, identity_of(row.Person, keys)


_AGAINST = aliased(Case)


def _register(viewer: Viewer, wanted: RemedyFilter) -> Select[Any]:
    next_due = (
        select(func.min(Clock.due_on))
        .where(
            Clock.district_id == Remedy.district_id,
            Clock.case_id == Remedy.case_id,
            Clock.state == ClockState.RUNNING,
        )
        .correlate(Remedy)
        .scalar_subquery()
    )
    columns: Any = (
        select(
            Remedy,
            Case.number,
            Case.status,
            Case.state,
            _AGAINST.number.label("against_number"),
            Office.name.label("township"),
            Person.id.label("person_id"),
            Person.data_key,
            Person.identity,
            next_due.label("next_due"),
        )
        .join(Case, Case.id == Remedy.case_id)
        .join(Office, Office.id == Remedy.township_id)
        .outerjoin(_AGAINST, _AGAINST.id == Remedy.against_case_id)
        .outerjoin(Person, Person.id == Remedy.party_id)
        .where(Remedy.district_id == viewer.district_id, visible_cases(viewer, Action.REMEDY_READ))
    )
    query: Select[Any] = columns
    if wanted.kind is not None:
        query = query.where(Remedy.kind == wanted.kind)
    if wanted.open is not None:
        query = query.where(
            Remedy.closed_on.is_(None) if wanted.open else Remedy.closed_on.is_not(None)
        )
    if wanted.office_id is not None:
        query = query.where(Remedy.township_id == wanted.office_id)
    return query


def _row(row: Any, keys: KeyRing) -> RemedyRow:
    remedy: Remedy = row.Remedy
    sealed = remedy.kind is RemedyKind.COMPLAINT
    party = None if sealed else shown_person(row.person_id, row.data_key, row.identity, keys)
    return RemedyRow(
        remedy,
        row.number,
        row.status,
        row.state is CaseState.OPEN,
        row.against_number,
        row.township,
        party,
        row.next_due,
    )

"""A household over time: who belonged to it when, where it came from and went, its cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, case, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from models.assistance import Grant
from models.cases import Case
from models.household_changes import HouseholdChange
from models.households import Household, HouseholdMember, Person
from models.offices import Office
from workflows.access import Action, Viewer, visible_cases, visible_households
from workflows.errors import NotFound
from workflows.privacy import KeyRing
from workflows.runtime.inbox.people import Shown, shown_person

#: Longer histories show their newest part.
MOST = 100


@dataclass(frozen=True, slots=True)
class Membership:
    """A person of a household: since when, until when (None: still), and the last relation."""

    person_id: str
    shown: Shown | None
    relation: str
    since: datetime
    until: datetime | None
    is_head: bool


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """One change of the household; `linked` is the other household where the viewer may see it."""

    change: HouseholdChange
    number: str | None
    #: whether the viewer may read the case
    readable: bool
    other_head: Shown | None
    other_id: str | None
    linked: bool
    to_township: str | None


@dataclass(frozen=True, slots=True)
class CaseLine:
    """A case of the household."""

    case_id: str
    number: str
    process: str
    status: str
    opened_at: datetime
    closed_at: datetime | None
    readable: bool


@dataclass(frozen=True, slots=True)
class BenefitLine:
    """A benefit of the household or of one of its people."""

    grant: Grant
    number: str


@dataclass(frozen=True, slots=True)
class Family:
    """A household with its place."""

    household: Household
    head: Shown | None
    township: str
    village: str


def family_of(session: Session, viewer: Viewer, household_id: str, keys: KeyRing) -> Family:
    """A household that the viewer may see. One SELECT.

    Raises:
        NotFound: `household_not_found` also for what they may not see.
    """
    township, village = aliased(Office), aliased(Office)
    row = session.execute(
        select(Household, Person, township.name.label("township"), village.name.label("village"))
        .join(Person, Person.id == Household.head_person_id)
        .join(township, township.id == Household.township_id)
        .join(village, village.id == Household.village_id)
        .where(Household.id == household_id, visible_households(viewer, Action.HOUSEHOLD_READ))
    ).one_or_none()
    if row is None:
        raise NotFound("household_not_found", "找不到这个家庭。", "There is no such household.")
    return Family(row.Household, _shown(row.Person, keys), row.township, row.village)


def memberships_of(session: Session, family: Family, keys: KeyRing) -> list[Membership]:
    """Everybody who belongs or belonged to the household, present people first. One SELECT."""
    present = func.sum(case((HouseholdMember.superseded_at.is_(None), 1), else_=0))
    newest = aliased(HouseholdMember)
    relation = (
        select(newest.relation)
        .where(newest.household_id == family.household.id, newest.person_id == Person.id)
        .order_by(newest.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    rows = session.execute(
        select(
            Person,
            func.min(HouseholdMember.recorded_at).label("since"),
            func.max(HouseholdMember.superseded_at).label("until"),
            present.label("present"),
            relation.label("relation"),
        )
        .join(HouseholdMember, HouseholdMember.person_id == Person.id)
        .where(HouseholdMember.household_id == family.household.id)
        .group_by(Person.id)
        .order_by(present.desc(), func.min(HouseholdMember.recorded_at), Person.id)
        .limit(MOST)
    )
    return [
        Membership(
            row.Person.id,
            _shown(row.Person, keys),
            row.relation,
            row.since,
            None if row.present else row.until,
            row.Person.id == family.household.head_person_id and bool(row.present),
        )
        for row in rows
    ]


def changes_of(session: Session, viewer: Viewer, family: Family, keys: KeyRing) -> list[ChangeLine]:
    """What happened to the household, the newest first; dropped changes too. One SELECT."""
    own = family.household.id
    other, township = aliased(Household), aliased(Office)
    seen = exists(
        select(Household.id).where(
            Household.id == other.id, visible_households(viewer, Action.HOUSEHOLD_READ)
        )
    )
    rows = session.execute(
        select(
            HouseholdChange,
            Case.number,
            visible_cases(viewer).label("readable"),
            Person,
            other.id.label("other_id"),
            seen.label("linked"),
            township.name.label("to_township"),
        )
        .outerjoin(Case, Case.id == HouseholdChange.case_id)
        .outerjoin(
            other,
            or_(
                and_(
                    HouseholdChange.household_id == own,
                    other.id == HouseholdChange.other_household_id,
                ),
                and_(
                    HouseholdChange.other_household_id == own,
                    other.id == HouseholdChange.household_id,
                ),
            ),
        )
        .outerjoin(Person, Person.id == other.head_person_id)
        .outerjoin(township, township.id == HouseholdChange.to_township_id)
        .where(or_(HouseholdChange.household_id == own, HouseholdChange.other_household_id == own))
        .order_by(HouseholdChange.recorded_at.desc(), HouseholdChange.id)
        .limit(MOST)
    )
    return [
        ChangeLine(
            row.HouseholdChange,
            row.number,
            bool(row.readable),
            _shown(row.Person, keys) if row.Person is not None and row.linked else None,
            row.other_id,
            bool(row.linked),
            row.to_township,
        )
        for row in rows
    ]


def cases_of(session: Session, viewer: Viewer, household_id: str) -> Sequence[CaseLine]:
    """The household's cases, the newest first. One SELECT."""
    rows = session.execute(
        select(
            Case.id,
            Case.number,
            Case.process_key,
            Case.status,
            Case.opened_at,
            Case.closed_at,
            visible_cases(viewer).label("readable"),
        )
        .where(Case.household_id == household_id)
        .order_by(Case.opened_at.desc(), Case.id)
        .limit(MOST)
    )
    return [CaseLine(*row[:6], bool(row.readable)) for row in rows]


def benefits_of(session: Session, household_id: str) -> list[BenefitLine]:
    """Benefits of the household and of its people, the newest first. One SELECT."""
    rows = session.execute(
        select(Grant, Case.number)
        .join(Case, Case.id == Grant.case_id)
        .where(Grant.household_id == household_id)
        .order_by(Grant.start_month.desc(), Grant.id)
        .limit(MOST)
    )
    return [BenefitLine(row.Grant, row.number) for row in rows]


def _shown(person: Person, keys: KeyRing) -> Shown | None:
    return shown_person(person.id, person.data_key, person.identity, keys)

"""A household as pages show it: members with masked numbers, facts, incomes, property."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from models.households import (
    Household,
    HouseholdMember,
    IncomeItem,
    Person,
    PropertyFinding,
    PropertyItem,
)
from workflows.assistance.households import Identity, identity_of, member_facts
from workflows.errors import NotFound
from workflows.privacy import KeyRing, mask_id_number, mask_phone, parse_id_number, unwrap_data_key
from workflows.privacy.identity import Sex
from workflows.runtime.inbox.people import ERASED_NAME

_Version = HouseholdMember | IncomeItem | PropertyItem | PropertyFinding


@dataclass(frozen=True, slots=True)
class MemberView:
    """A member: identity masked, birthday and sex as the id-card number says, facts by name."""

    person_id: str
    name: str
    masked_number: str
    masked_phone: str
    born_on: date | None
    sex: Sex | None
    relation: str
    facts: Mapping[str, Any]
    is_head: bool
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class HouseholdView:
    """A household as it stands; property and incomes name their member by person id."""

    household: Household
    members: Sequence[MemberView]
    incomes: Sequence[IncomeItem]
    properties: Sequence[PropertyItem]
    finding: PropertyFinding | None

    def name_of(self, person_id: str | None) -> str | None:
        """A member's name; None for the household's own."""
        return next((one.name for one in self.members if one.person_id == person_id), None)


def household_view(
    session: Session,
    household_id: str,
    keys: KeyRing,
    *,
    today: date,
    at: datetime | None = None,
) -> HouseholdView:
    """What is known of a household now, or what was known `at` a moment. Four SELECTs.

    Raises:
        NotFound: `household_not_found`.
    """
    rows = session.execute(
        select(HouseholdMember, Person, Household)
        .join(Person, Person.id == HouseholdMember.person_id)
        .join(Household, Household.id == HouseholdMember.household_id)
        .where(HouseholdMember.household_id == household_id, _counted(HouseholdMember, at))
        .order_by(HouseholdMember.id)
    ).all()
    if not rows and at is None and (last := _last_moment(session, household_id)) is not None:
        return household_view(session, household_id, keys, today=today, at=last)
    if not rows:
        raise NotFound("household_not_found", "找不到这个家庭。", "There is no such household.")
    household: Household = rows[0][2]
    return HouseholdView(
        household,
        sorted(
            (_member(member, person, household, keys, today) for member, person, _ in rows),
            key=lambda one: not one.is_head,
        ),
        session.scalars(
            select(IncomeItem)
            .where(IncomeItem.household_id == household_id, _counted(IncomeItem, at))
            .order_by(IncomeItem.id)
        ).all(),
        session.scalars(
            select(PropertyItem)
            .where(PropertyItem.household_id == household_id, _counted(PropertyItem, at))
            .order_by(PropertyItem.id)
        ).all(),
        session.scalar(
            select(PropertyFinding).where(
                PropertyFinding.household_id == household_id, _counted(PropertyFinding, at)
            )
        ),
    )


def _last_moment(session: Session, household_id: str) -> datetime | None:
    """Just before the last of its people left; None where nobody ever belonged to it."""
    left = session.scalar(
        select(func.max(HouseholdMember.superseded_at)).where(
            HouseholdMember.household_id == household_id
        )
    )
    return None if left is None else left - timedelta(microseconds=1)


def _counted(table: type[_Version], at: datetime | None) -> ColumnElement[bool]:
    """Whether a version counts now, or counted at a moment."""
    if at is None:
        return table.superseded_at.is_(None)
    return and_(
        table.recorded_at <= at, or_(table.superseded_at.is_(None), table.superseded_at > at)
    )


def _member(
    member: HouseholdMember, person: Person, household: Household, keys: KeyRing, today: date
) -> MemberView:
    try:
        known: Identity | None = identity_of(person, keys)
    except NotFound:
        known = None
    if known is None:
        return MemberView(
            person.id, ERASED_NAME, "", "", None, None, member.relation, {},
            person.id == household.head_person_id, member.recorded_at,
        )  # fmt: skip
    number = parse_id_number(known.id_number, today=today) if known.id_number else None
    key = unwrap_data_key(keys, person.id, person.data_key)
    return MemberView(
        person.id,
        known.name,
        mask_id_number(known.id_number) if known.id_number else "",
        mask_phone(known.phone) if known.phone else "",
        number.born_on if number else None,
        number.sex if number else None,
        member.relation,
        member_facts(member, key),
        person.id == household.head_person_id,
        member.recorded_at,
    )


def member_identity(session: Session, household_id: str, person_id: str, keys: KeyRing) -> Identity:
    """A member's identity in clear; the caller has checked that it may be revealed, and notes it.

    Raises:
        NotFound: `person_not_found`, `privacy.erased`.
    """
    person = session.scalar(
        select(Person)
        .join(HouseholdMember, HouseholdMember.person_id == Person.id)
        .where(
            Person.id == person_id,
            HouseholdMember.household_id == household_id,
            HouseholdMember.superseded_at.is_(None),
        )
    )
    if person is None:
        raise NotFound("person_not_found", "找不到这名成员。", "There is no such member.")
    return identity_of(person, keys)

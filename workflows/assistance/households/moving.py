"""People go from one household to another: their facts, incomes and own benefits come along."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Row, select, update
from sqlalchemy.orm import Session

from models.assistance import Grant, GrantState
from models.households import (
    Household,
    HouseholdMember,
    IncomeItem,
    Person,
    PropertyFinding,
    PropertyItem,
)
from models.types import new_id
from workflows.assistance.households.data import UNKNOWN_FACTS
from workflows.assistance.households.facts import FACTS
from workflows.assistance.households.membership import end_memberships, household_subject
from workflows.audit import TrailAction, append_entry
from workflows.errors import Actor
from workflows.feel import to_json
from workflows.privacy import KeyRing, open_sealed, seal, unwrap_data_key

#: The words of a relation that the head of a household has to themselves.
SELF = "self"


def lock_households(session: Session, household_ids: Sequence[str | None]) -> None:
    """Lock households in the order of their ids, so that two changes never wait for each other."""
    wanted = sorted({one for one in household_ids if one is not None})
    session.execute(
        select(Household.id)
        .where(Household.id.in_(wanted))
        .order_by(Household.id)
        .with_for_update()
    )


def move_people(
    session: Session,
    source: Household,
    target: Household,
    relations: Mapping[str, str],
    keys: KeyRing,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Let people of one household belong to another, related to its head as `relations` says.

    Both households are locked. The versions that end stay with the household that was; incomes and
    property of the people come along. What a household has together stays with those who stay, and
    comes along where nobody does. Benefits that are one person's own follow the person.
    """
    people = list(relations)
    members = _members(session, source, relations)
    stamp = {
        "household_id": target.id,
        "recorded_at": now,
        "recorded_by_id": actor.account_id,
    }
    made = [
        _version(member, person, relations[member.person_id], keys, stamp)
        for member, person in members
    ]
    made.sort(key=lambda row: row.relation != SELF)
    coming = people if _anybody_else(session, source.id, people) else None
    items = _items_of(session, source.id, coming, stamp)
    end_memberships(session, source.id, now, coming)
    session.add_all([*made, *items])
    session.execute(
        update(Grant)
        .where(Grant.person_id.in_(people), Grant.state == GrantState.ACTIVE)
        .values(household_id=target.id)
    )
    session.flush()


def _anybody_else(session: Session, household_id: str, people: Sequence[str]) -> bool:
    """Whether others than these people belong to a household."""
    found = session.scalar(
        select(HouseholdMember.id)
        .where(
            HouseholdMember.household_id == household_id,
            HouseholdMember.person_id.not_in(people),
            HouseholdMember.superseded_at.is_(None),
        )
        .limit(1)
    )
    return found is not None


def _items_of(
    session: Session, household_id: str, people: Sequence[str] | None, stamp: dict[str, Any]
) -> list[IncomeItem | PropertyItem]:
    """New versions of the incomes and the property that these people bring along, or of all."""
    incomes = select(IncomeItem).where(
        IncomeItem.household_id == household_id, IncomeItem.superseded_at.is_(None)
    )
    properties = select(PropertyItem).where(
        PropertyItem.household_id == household_id, PropertyItem.superseded_at.is_(None)
    )
    if people is not None:
        incomes = incomes.where(IncomeItem.person_id.in_(people))
        properties = properties.where(PropertyItem.person_id.in_(people))
    return [
        *(_income(item, stamp) for item in session.scalars(incomes.order_by(IncomeItem.id))),
        *(_property(item, stamp) for item in session.scalars(properties.order_by(PropertyItem.id))),
    ]


def set_relations(
    session: Session,
    household: Household,
    relations: Mapping[str, str],
    keys: KeyRing,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """New versions of members whose relation to the head is another one now."""
    rows = _members(session, household, relations)
    stamp = {
        "household_id": household.id,
        "recorded_at": now,
        "recorded_by_id": actor.account_id,
    }
    made = [
        _version(member, person, relations[member.person_id], keys, stamp)
        for member, person in rows
        if member.relation != relations[member.person_id]
    ]
    for member, _ in rows:
        if member.relation != relations[member.person_id]:
            member.superseded_at = now
    session.flush()
    session.add_all(made)
    session.flush()


def household_of_head(
    session: Session, household: Household, head_person_id: str, *, actor: Actor, now: datetime
) -> Household:
    """A new household at the same place, with the judgement on property of the one it leaves."""
    made = Household(
        id=new_id(),
        district_id=household.district_id,
        township_id=household.township_id,
        village_id=household.village_id,
        area=household.area,
        head_person_id=head_person_id,
        created_at=now,
    )
    session.add(made)
    session.flush()  # members refer to it
    known = session.scalar(
        select(PropertyFinding).where(
            PropertyFinding.household_id == household.id,
            PropertyFinding.superseded_at.is_(None),
        )
    )
    if known is not None:
        session.add(
            PropertyFinding(
                id=new_id(),
                household_id=made.id,
                within_limits=known.within_limits,
                unstable_income=known.unstable_income,
                reason=known.reason,
                recorded_at=now,
                recorded_by_id=actor.account_id,
            )
        )
    return made


def admit_person(
    session: Session,
    household: Household,
    person: Person,
    relation: str,
    facts: Mapping[str, Any],
    keys: KeyRing,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Somebody who belongs to no household joins one."""
    row_id = new_id()
    key = unwrap_data_key(keys, person.id, person.data_key or b"")
    told = {name: to_json(value) for name, value in {**UNKNOWN_FACTS, **facts}.items()}
    session.add(
        HouseholdMember(
            id=row_id,
            household_id=household.id,
            person_id=person.id,
            relation=relation,
            facts=seal(key, FACTS, row_id, orjson.dumps(told).decode()),
            recorded_at=now,
            recorded_by_id=actor.account_id,
        )
    )
    session.flush()


def note_change(
    session: Session,
    household: Household,
    *,
    actor: Actor,
    now: datetime,
    data: Mapping[str, Any],
) -> None:
    """The change in the trail of a household that it concerns."""
    append_entry(
        session,
        household_subject(household),
        TrailAction.HOUSEHOLD_CHANGED,
        actor=actor,
        now=now,
        data=data,
    )


def _version(
    member: HouseholdMember, person: Person, relation: str, keys: KeyRing, stamp: dict[str, Any]
) -> HouseholdMember:
    """The same facts, sealed for the new row."""
    row_id = new_id()
    key = unwrap_data_key(keys, person.id, person.data_key or b"")
    facts = open_sealed(key, FACTS, member.id, member.facts)
    return HouseholdMember(
        id=row_id,
        person_id=person.id,
        relation=relation,
        facts=seal(key, FACTS, row_id, facts),
        **stamp,
    )


def _income(item: IncomeItem, stamp: dict[str, Any]) -> IncomeItem:
    return IncomeItem(
        id=new_id(),
        person_id=item.person_id,
        kind=item.kind,
        basis=item.basis,
        monthly=item.monthly,
        label=item.label,
        **stamp,
    )


def _property(item: PropertyItem, stamp: dict[str, Any]) -> PropertyItem:
    return PropertyItem(
        id=new_id(),
        person_id=item.person_id,
        kind=item.kind,
        value=item.value,
        label=item.label,
        **stamp,
    )


def _members(
    session: Session, household: Household, people: Iterable[str]
) -> Sequence[Row[HouseholdMember, Person]]:
    """Those of some people who are in a household now, in the order of their rows."""
    return session.execute(
        select(HouseholdMember, Person)
        .join(Person, Person.id == HouseholdMember.person_id)
        .where(
            HouseholdMember.household_id == household.id,
            HouseholdMember.person_id.in_(list(people)),
            HouseholdMember.superseded_at.is_(None),
        )
        .order_by(HouseholdMember.id)
    ).all()

"""What is known of a household: identities in clear, and the facts that rules look at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.households import (
    Household,
    HouseholdMember,
    IncomeItem,
    Person,
    PropertyFinding,
)
from workflows.feel import from_json
from workflows.privacy import DataKey, KeyRing, open_sealed, parse_id_number, unwrap_data_key

#: The places that sealed values are bound to.
IDENTITY: Final = "persons.identity"
FACTS: Final = "household_members.facts"


@dataclass(frozen=True, slots=True)
class Identity:
    """A person's identity in clear; it never goes into a log or a diagram."""

    name: str
    id_number: str
    phone: str


def identity_of(person: Person, keys: KeyRing) -> Identity:
    """A person's identity in clear.

    Raises:
        NotFound: `privacy.erased` after a lawful erasure.
    """
    key = unwrap_data_key(keys, person.id, person.data_key or b"")
    document = orjson.loads(open_sealed(key, IDENTITY, person.id, person.identity))
    return Identity(document["name"], document["id_number"], document["phone"])


def member_facts(member: HouseholdMember, key: DataKey) -> dict[str, Any]:
    """The facts of one version of a membership, as FEEL values."""
    document = orjson.loads(open_sealed(key, FACTS, member.id, member.facts))
    return {name: from_json(value) for name, value in document.items()}


def rule_facts(session: Session, household: Household, on: date, keys: KeyRing) -> dict[str, Any]:
    """What the decision tables see of a household on a day: no name, no id-card number."""
    members = session.execute(
        select(HouseholdMember, Person)
        .join(Person, Person.id == HouseholdMember.person_id)
        .where(
            HouseholdMember.household_id == household.id,
            HouseholdMember.superseded_at.is_(None),
        )
        .order_by(HouseholdMember.id)
    ).all()
    contexts = [_member_context(member, person, on, keys) for member, person in members]
    incomes = session.scalars(
        select(IncomeItem)
        .where(IncomeItem.household_id == household.id, IncomeItem.superseded_at.is_(None))
        .order_by(IncomeItem.id)
    )
    finding = session.scalar(
        select(PropertyFinding).where(
            PropertyFinding.household_id == household.id,
            PropertyFinding.superseded_at.is_(None),
        )
    )
    return {
        "area": household.area.value,
        "on": on,
        "members": contexts,
        "incomes": [
            {
                "member": item.person_id,
                "kind": item.kind,
                "basis": item.basis,
                "monthly": item.monthly,
                "label": item.label,
            }
            for item in incomes
        ],
        "property_ok": finding.within_limits if finding is not None else None,
        "unstable_income": finding.unstable_income if finding is not None else None,
    }


def _member_context(
    member: HouseholdMember, person: Person, on: date, keys: KeyRing
) -> dict[str, Any]:
    key = unwrap_data_key(keys, person.id, person.data_key or b"")
    number = orjson.loads(open_sealed(key, IDENTITY, person.id, person.identity))["id_number"]
    return {
        "id": person.id,
        "relation": member.relation,
        "birth_on": parse_id_number(number, today=on).born_on,
        "age": None,
        **member_facts(member, key),
    }

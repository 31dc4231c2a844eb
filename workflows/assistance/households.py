"""Households: people with sealed identities, facts kept as versions, facts handed to the rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import orjson
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models.cases import Case, CaseState
from models.households import (
    Area,
    Household,
    HouseholdMember,
    IncomeItem,
    Person,
    PropertyFinding,
    PropertyItem,
)
from models.offices import Office
from models.trail import SubjectKind
from models.types import new_id
from workflows.audit import Subject, TrailAction, append_entry
from workflows.errors import Actor, Finding, Invalid
from workflows.feel import from_json, to_json
from workflows.privacy import (
    DataKey,
    KeyRing,
    blind_index,
    new_data_key,
    normalise_id_number,
    open_sealed,
    parse_id_number,
    seal,
    unwrap_data_key,
)
from workflows.transaction import require_transaction

_IDENTITY = "persons.identity"
_FACTS = "household_members.facts"


@dataclass(frozen=True, slots=True)
class MemberData:
    """One member as entered: identity, relation to the applicant, and the facts rules look at.

    `facts` are FEEL values by the names that the decision tables use (student, disability_grade …).
    """

    name: str
    id_number: str
    relation: str
    phone: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class IncomeData:
    """One income; `member` is the position of the member in the list, None for the household."""

    member: int | None
    kind: str
    basis: str
    monthly: Decimal
    label: str = ""


@dataclass(frozen=True, slots=True)
class PropertyData:
    """One piece of property; `value` in yuan where known."""

    member: int | None
    kind: str
    value: Decimal | None
    label: str = ""


@dataclass(frozen=True, slots=True)
class HouseholdData:
    """A household as entered; the first member is the applicant."""

    village_id: str
    area: Area
    members: Sequence[MemberData]
    incomes: Sequence[IncomeData] = ()
    properties: Sequence[PropertyData] = ()
    property_within_limits: bool = True
    property_reason: str = ""
    unstable_income: bool = False


@dataclass(frozen=True, slots=True)
class Identity:
    """A person's identity in clear; it never goes into a log or a diagram."""

    name: str
    id_number: str
    phone: str


def household_subject(household: Household) -> Subject:
    """The trail's chain of a household."""
    return Subject(SubjectKind.HOUSEHOLD, household.id, household.district_id)


def register_household(
    session: Session, data: HouseholdData, keys: KeyRing, *, actor: Actor, now: datetime
) -> Household:
    """Keep a new household, its people and the first version of its facts.

    Raises:
        Invalid: with every finding: id-card numbers that can't be right, a person entered twice, a
            person who belongs to another household with an open case.
    """
    require_transaction(session)
    village = session.get_one(Office, data.village_id)
    findings = _identity_findings(data.members, now.date())
    if findings:
        raise Invalid(findings=findings)
    persons = [
        _person(session, village.district_id, member, keys, now=now) for member in data.members
    ]
    _refuse_elsewhere(session, persons, household_id=None)
    household = Household(
        id=new_id(),
        district_id=village.district_id,
        township_id=village.parent_id,
        village_id=village.id,
        area=data.area,
        head_person_id=persons[0].id,
        created_at=now,
    )
    session.add(household)
    session.flush()  # members and incomes refer to it
    _record_facts(session, household, data, persons, keys, actor=actor, now=now)
    return household


def replace_facts(
    session: Session,
    household: Household,
    data: HouseholdData,
    keys: KeyRing,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Keep a new version of everything known about a household; nothing is overwritten.

    Raises:
        Invalid: as `register_household`.
    """
    require_transaction(session)
    findings = _identity_findings(data.members, now.date())
    if findings:
        raise Invalid(findings=findings)
    persons = [
        _person(session, household.district_id, member, keys, now=now) for member in data.members
    ]
    _refuse_elsewhere(session, persons, household_id=household.id)
    for table in (HouseholdMember, IncomeItem, PropertyItem, PropertyFinding):
        session.execute(
            update(table)
            .where(table.household_id == household.id, table.superseded_at.is_(None))
            .values(superseded_at=now)
        )
    household.area = data.area
    household.head_person_id = persons[0].id
    _record_facts(session, household, data, persons, keys, actor=actor, now=now)


def _identity_findings(members: Sequence[MemberData], today: date) -> list[Finding]:
    findings: list[Finding] = []
    seen: dict[str, int] = {}
    if not members:
        findings.append(
            Finding("no_members", "请至少填写申请人一名成员。", "Enter at least the applicant.")
        )
    for position, member in enumerate(members):
        place = f"members.{position}"
        if not member.name.strip():
            findings.append(
                Finding(
                    "name_missing",
                    f"第{position + 1}名成员没有填写姓名。",
                    f"Member {position + 1} has no name.",
                    field=f"{place}.name",
                )
            )
        try:
            parse_id_number(member.id_number, today=today)
        except Invalid as error:
            findings.extend(
                Finding(
                    found.code,
                    f"第{position + 1}名成员:{found.message}",
                    f"Member {position + 1}: {found.message_en}",
                    field=f"{place}.id_number",
                )
                for found in error.findings
                or [Finding(error.code, error.message, error.message_en)]
            )
            continue
        number = normalise_id_number(member.id_number)
        if number in seen:
            findings.append(
                Finding(
                    "person_twice",
                    f"第{position + 1}名成员与第{seen[number] + 1}名成员的身份证号码相同。",
                    f"Member {position + 1} has the same id-card number as member"
                    f" {seen[number] + 1}.",
                    field=f"{place}.id_number",
                )
            )
        seen.setdefault(number, position)
    return findings


def _person(
    session: Session, district_id: str, member: MemberData, keys: KeyRing, *, now: datetime
) -> Person:
    number = normalise_id_number(member.id_number)
    index = blind_index(keys, "id_number", number)
    known = session.scalar(
        select(Person).where(Person.district_id == district_id, Person.id_number_index == index)
    )
    person = known
    if person is None:
        person_id = new_id()
        key, wrapped = new_data_key(keys, person_id)
        person = Person(
            id=person_id,
            district_id=district_id,
            data_key=wrapped,
            id_number_index=index,
            created_at=now,
        )
        session.add(person)
    else:
        key = unwrap_data_key(keys, person.id, person.data_key or b"")
    identity = {"name": member.name.strip(), "id_number": number, "phone": member.phone.strip()}
    person.name_index = blind_index(keys, "name", member.name.strip())
    person.identity = seal(key, _IDENTITY, person.id, orjson.dumps(identity).decode())
    session.flush()  # a second member with the same number must be found
    return person


def _refuse_elsewhere(
    session: Session, persons: Sequence[Person], household_id: str | None
) -> None:
    """A person belongs to one household with an open case only."""
    elsewhere = select(HouseholdMember.person_id, Case.number).join(
        Case, Case.household_id == HouseholdMember.household_id
    )
    if household_id is not None:
        elsewhere = elsewhere.where(HouseholdMember.household_id != household_id)
    rows = session.execute(
        elsewhere.where(
            HouseholdMember.person_id.in_([person.id for person in persons]),
            HouseholdMember.superseded_at.is_(None),
            Case.state == CaseState.OPEN,
        )
    ).all()
    order = {person.id: position for position, person in enumerate(persons)}
    if rows:
        raise Invalid(
            findings=[
                Finding(
                    "open_case_elsewhere",
                    f"第{order[row.person_id] + 1}名成员已在办件 {row.number} 中申请。",
                    f"Member {order[row.person_id] + 1} already applies in case {row.number}.",
                    field=f"members.{order[row.person_id]}.id_number",
                )
                for row in rows
            ]
        )


def _record_facts(
    session: Session,
    household: Household,
    data: HouseholdData,
    persons: Sequence[Person],
    keys: KeyRing,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    stamp = {
        "household_id": household.id,
        "recorded_at": now,
        "recorded_by_id": actor.account_id,
    }
    for person, member in zip(persons, data.members, strict=True):
        row_id = new_id()
        key = unwrap_data_key(keys, person.id, person.data_key or b"")
        facts = {name: to_json(value) for name, value in member.facts.items()}
        session.add(
            HouseholdMember(
                id=row_id,
                person_id=person.id,
                relation=member.relation,
                facts=seal(key, _FACTS, row_id, orjson.dumps(facts).decode()),
                **stamp,
            )
        )
    for income in data.incomes:
        session.add(
            IncomeItem(
                id=new_id(),
                person_id=None if income.member is None else persons[income.member].id,
                kind=income.kind,
                basis=income.basis,
                monthly=income.monthly,
                label=income.label,
                **stamp,
            )
        )
    for item in data.properties:
        session.add(
            PropertyItem(
                id=new_id(),
                person_id=None if item.member is None else persons[item.member].id,
                kind=item.kind,
                value=item.value,
                label=item.label,
                **stamp,
            )
        )
    session.add(
        PropertyFinding(
            id=new_id(),
            within_limits=data.property_within_limits,
            unstable_income=data.unstable_income,
            reason=data.property_reason,
            **stamp,
        )
    )
    append_entry(
        session,
        household_subject(household),
        TrailAction.HOUSEHOLD_RECORDED,
        actor=actor,
        now=now,
        data={
            "members": len(persons),
            "incomes": len(data.incomes),
            "properties": len(data.properties),
            "area": data.area.value,
        },
    )


def identity_of(person: Person, keys: KeyRing) -> Identity:
    """A person's identity in clear.

    Raises:
        NotFound: `privacy.erased` after a lawful erasure.
    """
    key = unwrap_data_key(keys, person.id, person.data_key or b"")
    document = orjson.loads(open_sealed(key, _IDENTITY, person.id, person.identity))
    return Identity(document["name"], document["id_number"], document["phone"])


def member_facts(member: HouseholdMember, key: DataKey) -> dict[str, Any]:
    """The facts of one version of a membership, as FEEL values."""
    document = orjson.loads(open_sealed(key, _FACTS, member.id, member.facts))
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
    number = orjson.loads(open_sealed(key, _IDENTITY, person.id, person.identity))["id_number"]
    return {
        "id": person.id,
        "relation": member.relation,
        "birth_on": parse_id_number(number, today=on).born_on,
        "age": None,
        **member_facts(member, key),
    }

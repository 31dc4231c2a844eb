"""Keeping households: sealed identities, facts as versions that are never overwritten."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import exists, select
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
from models.offices import Office
from models.types import new_id
from workflows.assistance.households.data import HouseholdData
from workflows.assistance.households.entering import identity_findings
from workflows.assistance.households.facts import FACTS
from workflows.assistance.households.membership import (
    end_memberships,
    household_subject,
    settle_membership,
)
from workflows.assistance.households.people import keep_persons, lock_household
from workflows.audit import TrailAction, append_entry
from workflows.calendar import local_day
from workflows.errors import Actor, Invalid
from workflows.feel import to_json
from workflows.privacy import (
    KeyRing,
    seal,
    unwrap_data_key,
)
from workflows.transaction import require_transaction


def register_household(
    session: Session,
    data: HouseholdData,
    keys: KeyRing,
    *,
    actor: Actor,
    now: datetime,
    numbers_needed: bool = True,
) -> Household:
    """Keep a household, its people and a version of its facts; one that is known applies again.

    Without `numbers_needed` somebody whose id-card number isn't known yet is kept as well.

    Raises:
        Invalid: with every finding: id-card numbers that can't be right, a person entered twice, a
            person who belongs to another household (`settle_membership`), or
            `granted_in_another_place` for a household that receives a benefit elsewhere.
    """
    require_transaction(session)
    village = session.get_one(Office, data.village_id)
    findings = identity_findings(data.members, local_day(now), numbers_needed=numbers_needed)
    if findings:
        raise Invalid(findings=findings)
    persons = keep_persons(session, village.district_id, data.members, keys, now=now)
    known = settle_membership(session, persons, None, actor=actor, now=now)
    if known is not None:
        _move_idle(session, known, village)
        _replace(session, known, data, persons, keys, actor=actor, now=now)
        return known
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
    findings = identity_findings(data.members, local_day(now))
    if findings:
        raise Invalid(findings=findings)
    lock_household(session, household.id)
    persons = keep_persons(session, household.district_id, data.members, keys, now=now)
    settle_membership(session, persons, household, actor=actor, now=now)
    _replace(session, household, data, persons, keys, actor=actor, now=now)


def _replace(
    session: Session,
    household: Household,
    data: HouseholdData,
    persons: Sequence[Person],
    keys: KeyRing,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    end_memberships(session, household.id, now)
    household.area = data.area
    household.head_person_id = persons[0].id
    _record_facts(session, household, data, persons, keys, actor=actor, now=now)


def _move_idle(session: Session, household: Household, village: Office) -> None:
    """A household without a benefit applies where it lives now; one with a benefit is handed over.

    Raises:
        Invalid: `granted_in_another_place`.
    """
    household.closed_on = household.closed_reason = None  # back from where it had moved to
    if village.id == household.village_id:
        return
    granted = exists().where(Grant.household_id == household.id, Grant.state == GrantState.ACTIVE)
    if village.parent_id != household.township_id and session.scalar(select(granted)):
        raise Invalid(
            "granted_in_another_place",
            "该家庭正在另一个镇乡（街道）领取待遇，请先办理“家庭变动”中的迁移。",
            "The household receives a benefit in another township; hand it over first.",
        )
    household.township_id, household.village_id = village.parent_id or "", village.id


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
    session.add_all(
        [
            *_member_rows(data, persons, keys, stamp),
            *_income_rows(data, persons, stamp),
            *_property_rows(data, persons, stamp),
        ]
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


def _member_rows(
    data: HouseholdData, persons: Sequence[Person], keys: KeyRing, stamp: dict[str, Any]
) -> Iterator[HouseholdMember]:
    for person, member in zip(persons, data.members, strict=True):
        row_id = new_id()
        key = unwrap_data_key(keys, person.id, person.data_key or b"")
        facts = {name: to_json(value) for name, value in member.facts.items()}
        yield HouseholdMember(
            id=row_id,
            person_id=person.id,
            relation=member.relation,
            facts=seal(key, FACTS, row_id, orjson.dumps(facts).decode()),
            **stamp,
        )


def _income_rows(
    data: HouseholdData, persons: Sequence[Person], stamp: dict[str, Any]
) -> Iterator[IncomeItem]:
    for income in data.incomes:
        yield IncomeItem(
            id=new_id(),
            person_id=None if income.member is None else persons[income.member].id,
            kind=income.kind,
            basis=income.basis,
            monthly=income.monthly,
            label=income.label,
            **stamp,
        )


def _property_rows(
    data: HouseholdData, persons: Sequence[Person], stamp: dict[str, Any]
) -> Iterator[PropertyItem]:
    for item in data.properties:
        yield PropertyItem(
            id=new_id(),
            person_id=None if item.member is None else persons[item.member].id,
            kind=item.kind,
            value=item.value,
            label=item.label,
            **stamp,
        )

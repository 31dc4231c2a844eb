"""The people of households: kept once for each id-card number, locked against a second case."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import orjson
from sqlalchemy import ColumnElement, Executable, or_, select
from sqlalchemy.orm import Session

from models.cases import Case, CaseState
from models.households import Household, HouseholdMember, Person
from models.types import new_id
from workflows.assistance.households.data import MemberData
from workflows.assistance.households.facts import IDENTITY
from workflows.errors import Conflict, Invalid
from workflows.privacy import (
    KeyRing,
    blind_index,
    new_data_key,
    normalise_id_number,
    seal,
    unwrap_data_key,
)
from workflows.transaction import insert_into


def keep_persons(
    session: Session,
    district_id: str,
    members: Sequence[MemberData],
    keys: KeyRing,
    *,
    now: datetime,
) -> list[Person]:
    """The persons of the members, in their order, with what was entered now; their rows locked.

    Two registrations of the same people at once: the second waits for the first, then sees its
    case. Rows are locked in the order of their index, so that neither waits for the other.
    """
    indexes = [_index(member.id_number, keys) for member in members]
    wanted = select(Person).where(
        Person.district_id == district_id, Person.id_number_index.in_(indexes)
    )
    known = {person.id_number_index for person in session.scalars(wanted)}
    for index in sorted(set(indexes) - known):
        session.execute(_blank_person(session, district_id, index, keys, now))
    locked = session.scalars(
        wanted.order_by(Person.id_number_index)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    found = {person.id_number_index: person for person in locked}
    persons = [found[index] for index in indexes]
    for person, member in zip(persons, members, strict=True):
        _write_identity(person, member, keys)
    return persons


def _index(id_number: str, keys: KeyRing) -> bytes:
    """What finds a person again; somebody whose number isn't known yet is found by nothing."""
    number = normalise_id_number(id_number)
    return blind_index(keys, "id_number", number or f"unknown/{new_id()}")


def person_with(session: Session, district_id: str, id_number: str, keys: KeyRing) -> Person | None:
    """The person with an id-card number, where the district knows one. One SELECT."""
    number = normalise_id_number(id_number)
    if not number:
        return None
    return session.scalar(
        select(Person).where(
            Person.district_id == district_id,
            Person.id_number_index == blind_index(keys, "id_number", number),
        )
    )


def _blank_person(
    session: Session, district_id: str, index: bytes, keys: KeyRing, now: datetime
) -> Executable:
    person_id = new_id()
    _, wrapped = new_data_key(keys, person_id)
    return (
        insert_into(session, Person)
        .values(
            id=person_id,
            district_id=district_id,
            data_key=wrapped,
            id_number_index=index,
            name_index=b"",
            identity=b"",
            created_at=now,
        )
        .on_conflict_do_nothing(index_elements=["district_id", "id_number_index"])
    )


def _write_identity(person: Person, member: MemberData, keys: KeyRing) -> None:
    if person.data_key is None:  # erased once, and applying again
        key, person.data_key = new_data_key(keys, person.id)
    else:
        key = unwrap_data_key(keys, person.id, person.data_key)
    name = member.name.strip()
    number = normalise_id_number(member.id_number)
    identity = {"name": name, "id_number": number, "phone": member.phone.strip()}
    person.name_index = blind_index(keys, "name", name)
    person.identity = seal(key, IDENTITY, person.id, orjson.dumps(identity).decode())


def person_at(session: Session, household_id: str, position: int | None) -> str | None:
    """The person of a household's member by position, the applicant first; None for None.

    Raises:
        Invalid: `member_unknown`.
    """
    if position is None:
        return None
    found = session.scalars(
        select(HouseholdMember.person_id)
        .where(
            HouseholdMember.household_id == household_id, HouseholdMember.superseded_at.is_(None)
        )
        .order_by(HouseholdMember.id)
    ).all()
    if not 0 <= position < len(found):
        raise Invalid("member_unknown", "没有这一名成员。", "There is no such member.")
    return found[position]


def lock_household(session: Session, household_id: str) -> None:
    """Let nobody else change the household until the transaction ends."""
    session.execute(select(Household.id).where(Household.id == household_id).with_for_update())


def _beside(person_id: str | None) -> tuple[ColumnElement[bool], ...]:
    """Which open cases stand against one: all, or for one person the household's and their own."""
    if person_id is None:
        return ()
    return (or_(Case.person_id.is_(None), Case.person_id == person_id),)


def require_member(session: Session, household_id: str, person_id: str) -> None:
    """Raises: Invalid `not_a_member` unless the person belongs to the household now."""
    known = session.scalar(
        select(HouseholdMember.id)
        .where(
            HouseholdMember.household_id == household_id,
            HouseholdMember.person_id == person_id,
            HouseholdMember.superseded_at.is_(None),
        )
        .limit(1)
    )
    if known is None:
        raise Invalid(
            "not_a_member",
            "这个人不是该家庭的成员，请先登记。",
            "The person doesn't belong to the household; record them first.",
        )


def require_no_open_case(
    session: Session, household_id: str, process_key: str, person_id: str | None = None
) -> None:
    """Refuse a second application of a household, or of one of its people, for the same thing.

    Two people of one household may each apply alone (`person_id`), but not beside the household.

    Raises:
        Conflict: `open_case_exists`, naming the case.
    """
    lock_household(session, household_id)
    people = select(HouseholdMember.person_id).where(
        HouseholdMember.household_id == household_id, HouseholdMember.superseded_at.is_(None)
    )
    session.execute(
        select(Person.id)
        .where(Person.id.in_(people))
        .order_by(Person.id_number_index)
        .with_for_update()
    )
    theirs = select(HouseholdMember.household_id).where(
        HouseholdMember.person_id.in_(people), HouseholdMember.superseded_at.is_(None)
    )
    number = session.scalar(
        select(Case.number)
        .where(
            or_(Case.household_id == household_id, Case.household_id.in_(theirs)),
            Case.state == CaseState.OPEN,
            Case.process_key == process_key,
            *_beside(person_id),
        )
        .order_by(Case.number)
        .limit(1)
    )
    if number is not None:
        raise Conflict(
            "open_case_exists",
            f"该家庭（或其成员）已有在办的办件 {number}，不能重复申请。",
            f"The household or a member of it already applies in case {number}.",
            details={"number": number},
        )


def open_case_number(session: Session, household_id: str | None, process_key: str) -> str | None:
    """The number of the household's open case of a process, where there is one. One SELECT."""
    return session.scalar(
        select(Case.number)
        .where(
            Case.household_id == household_id,
            Case.process_key == process_key,
            Case.state == CaseState.OPEN,
        )
        .limit(1)
    )

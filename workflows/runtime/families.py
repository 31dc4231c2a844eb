"""Opening the change of a household: who is meant, found by id number, and the case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.cases import Case
from models.household_changes import ChangeKind
from models.households import Household, HouseholdMember, Person
from models.offices import Office, OfficeLevel
from workflows.assistance.households import MemberData
from workflows.assistance.households.people import keep_persons, person_with
from workflows.calendar import local_day
from workflows.errors import Actor, Conflict, Finding, Invalid
from workflows.privacy import KeyRing, id_number_findings
from workflows.runtime.starting import start_case
from workflows.transaction import require_transaction

PROCESS: Final = "household_change"
#: Kinds that another household, or somebody from outside, has a part in.
WITH_OTHER: Final = frozenset({ChangeKind.MERGE, ChangeKind.CUSTODY, ChangeKind.JOIN})


@dataclass(frozen=True, slots=True)
class ChangeAsked:
    """What is asked for at the counter; the id number is of the other side, where there is one."""

    kind: ChangeKind
    id_number: str = ""
    name: str = ""
    village_id: str = ""


def open_change(
    session: Session,
    household: Household,
    asked: ChangeAsked,
    keys: KeyRing,
    *,
    actor: Actor,
    now: datetime,
) -> Case:
    """Open the case in which the change is registered and decided.

    Raises:
        Invalid: findings for the id number, the name, the village; others as `look_at_family`.
        Conflict: `household_closed`, `change_under_way`.
    """
    require_transaction(session)
    if household.closed_on is not None:
        raise Conflict(
            "household_closed",
            "这个家庭已经合并或者迁出，不能再办理变动。",
            "The household has merged or moved away; nothing changes in it any more.",
        )
    variables: dict[str, str | None] = {"household_id": household.id, "kind": asked.kind.value}
    if asked.kind in WITH_OTHER:
        variables |= _other_side(session, household, asked, keys, now=now)
    if asked.kind is ChangeKind.TOWNSHIP:
        variables |= _place(session, household, asked)
    return start_case(
        session,
        PROCESS,
        keys,
        township_id=household.township_id,
        village_id=household.village_id,
        household_id=household.id,
        variables=variables,
        actor=actor,
        now=now,
    )


def _other_side(
    session: Session, household: Household, asked: ChangeAsked, keys: KeyRing, *, now: datetime
) -> dict[str, str | None]:
    wrong = id_number_findings(asked.id_number, today=local_day(now))
    if wrong:
        raise Invalid(
            findings=[
                Finding(one.code, one.message, one.message_en, field="id_number") for one in wrong
            ]
        )
    person = person_with(session, household.district_id, asked.id_number, keys)
    other = None if person is None else _present(session, person.id)
    if asked.kind is not ChangeKind.JOIN:
        return {"other_household_id": other}
    if other == household.id:
        raise _wrong("already_member", "这个人已经是本家庭的成员。", "They belong to it already.")
    if person is None or other is None:
        if not asked.name.strip():
            raise _wrong("name_missing", "请填写加入的人的姓名。", "Enter the name.", "name")
        data = MemberData(asked.name, asked.id_number, "")
        person = keep_persons(session, household.district_id, [data], keys, now=now)[0]
    return {"newcomer_id": person.id, "other_household_id": other}


def _present(session: Session, person_id: str) -> str | None:
    """The household that somebody belongs to; one that has moved away doesn't count."""
    return session.scalar(
        select(HouseholdMember.household_id)
        .join(Household, Household.id == HouseholdMember.household_id)
        .join(Person, Person.id == HouseholdMember.person_id)
        .where(
            Person.id == person_id,
            HouseholdMember.superseded_at.is_(None),
            Household.closed_on.is_(None),
        )
    )


def _place(session: Session, household: Household, asked: ChangeAsked) -> dict[str, str | None]:
    village = session.get(Office, asked.village_id) if asked.village_id else None
    if (
        village is None
        or village.level is not OfficeLevel.VILLAGE
        or village.district_id != household.district_id
        or village.parent_id == household.township_id
    ):
        raise _wrong(
            "village_missing",
            "请选择另一个镇乡（街道）的村（社区）。",
            "Choose a village of another township.",
            "village",
        )
    township = session.get_one(Office, village.parent_id)
    return {"to_village_id": village.id, "to_place": f"{township.name} {village.name}"}


def _wrong(code: str, message: str, message_en: str, field: str = "id_number") -> Invalid:
    return Invalid(findings=[Finding(code, message, message_en, field=field)])

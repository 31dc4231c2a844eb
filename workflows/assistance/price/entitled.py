"""Whose the price subsidy is: grants that pay and recognised families, by group, in portions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final, NamedTuple

from sqlalchemy import Select, func, literal, null, select
from sqlalchemy.orm import Session

from models.assistance import Assessment, Grant, GrantAmount
from models.edge import EdgeRecord
from models.households import Area, Household, HouseholdMember, Person
from workflows.assistance.edge import counts_on
from workflows.assistance.money.due import pays_for
from workflows.feel import from_json

#: Grants or records that one chunk looks at.
BATCH: Final = 500
_MEMBERS: Final = "dibao_members"


class Entitled(NamedTuple):
    """A grant of a group that pays, or a family recognised, on the day of the index."""

    #: of the grant, or of the record
    source_id: str
    grant_id: str | None
    #: whom alone it is for
    person_id: str | None
    household_id: str
    head_id: str
    township_id: str
    area: Area
    assessment_id: str | None
    result: Any


#: What one grant or record is worth to: its people with the day they died.
People = list[tuple[Entitled, list[tuple[str, date | None]]]]


def _grants(programme: str) -> Callable[[str, date], Select[Any]]:
    def query(district_id: str, day: date) -> Select[Any]:
        return (
            select(
                Grant.id.label("source_id"),
                Grant.id,
                Grant.person_id,
                Grant.household_id,
                Household.head_person_id,
                Household.township_id,
                Household.area,
                Assessment.id,
                Assessment.result,
            )
            .join(GrantAmount, GrantAmount.grant_id == Grant.id)
            .join(Household, Household.id == Grant.household_id)
            .outerjoin(
                Assessment,
                Assessment.id == func.coalesce(GrantAmount.assessment_id, Grant.assessment_id),
            )
            .where(
                Grant.district_id == district_id,
                Grant.programme == programme,
                Grant.decided_on <= day,
                # benefits are monthly: who gets one for the month of the day
                pays_for(day.replace(day=1)),
            )
        )

    return query


def _edge_households(district_id: str, day: date) -> Select[Any]:
    return (
        select(
            EdgeRecord.id.label("source_id"),
            null(),
            null(),
            EdgeRecord.household_id,
            Household.head_person_id,
            Household.township_id,
            Household.area,
            Assessment.id,
            Assessment.result,
        )
        .join(Household, Household.id == EdgeRecord.household_id)
        .outerjoin(Assessment, Assessment.id == EdgeRecord.assessment_id)
        .where(EdgeRecord.district_id == district_id, counts_on(day))
    )


#: The groups that this system knows people of, and how they are found. Whether a group is given
#: the subsidy on a day is the table's to say, and as what somebody in two groups is counted is a
#: parameter's.
SOURCES: Final[Mapping[str, Callable[[str, date], Select[Any]]]] = {
    "tekun": _grants("tekun"),
    "dibao": _grants("dibao"),
    "edge": _edge_households,
}


def next_entitled(
    session: Session, district_id: str, day: date, group: str, after: str
) -> list[Entitled]:
    """The next of a group on a day, after the one with that id, at most `BATCH`. One SELECT."""
    query = SOURCES[group](district_id, day)
    key = query.selected_columns[0]
    rows = session.execute(query.where(key > literal(after)).order_by(key).limit(BATCH))
    return [Entitled(*row) for row in rows]


def people_of(session: Session, entitled: Sequence[Entitled]) -> People:
    """The people of each with the day they died: of a person's own grant that person only."""
    families: dict[str, list[tuple[str, date | None]]] = {}
    rows = session.execute(
        select(HouseholdMember.household_id, Person.id, Person.died_on)
        .join(Person, Person.id == HouseholdMember.person_id)
        .where(
            HouseholdMember.household_id.in_({one.household_id for one in entitled}),
            HouseholdMember.superseded_at.is_(None),
        )
        .order_by(HouseholdMember.id)
    )
    for household_id, person_id, died_on in rows:
        families.setdefault(household_id, []).append((person_id, died_on))
    found = []
    for one in entitled:
        people = families.get(one.household_id, [])
        if one.person_id is not None:
            people = [member for member in people if member[0] == one.person_id]
        found.append((one, people))
    return found


def counted_members(session: Session, people: Iterable[tuple[Entitled, Any]]) -> dict[str, Any]:
    """By grant or record: the members that its assessment counts (57 号 7, 8).

    Where as many count as live there, all do; only the assessments of other families are opened.
    One that says nothing of its members, as that of a single person, leaves nobody out.
    """
    found: dict[str, frozenset[str]] = {}
    unclear: dict[str, str] = {}
    for one, persons in people:
        found[one.source_id] = frozenset(person_id for person_id, _ in persons)
        members = from_json((one.result or {}).get("members"))
        differs = members is not None and int(members) != len(persons)
        if one.person_id is None and differs and one.assessment_id is not None:
            unclear[one.assessment_id] = one.source_id
    if unclear:
        rows = session.execute(
            select(Assessment.id, Assessment.explanation).where(Assessment.id.in_(unclear))
        )
        for assessment_id, explanation in rows:
            ids = _ids(explanation)
            if ids is not None:
                found[unclear[assessment_id]] &= ids
    return found


def _ids(explanation: Any) -> frozenset[str] | None:
    """The members that an assessment's explanation says count; None where it says nothing."""
    for step in explanation["decision"]["steps"]:
        if step["id"] == _MEMBERS:
            return frozenset(from_json(step["result"])["ids"])
    return None

"""Races for new rows: people are kept once, apply once, and numbers have neither gaps nor twins."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from models.cases import Case
from models.household_changes import ChangeKind
from models.households import Area, Household, HouseholdMember, Person
from tests.postgres.conftest import FOUNDED
from tests.postgres.racing import codes, race, won
from tests.runtime.district import District, member
from workflows.assistance.households import (
    HouseholdData,
    MemberData,
    register_household,
    replace_facts,
)
from workflows.errors import Conflict
from workflows.numbers import next_number
from workflows.privacy import blind_index
from workflows.runtime.families import ChangeAsked, open_change
from workflows.runtime.requests import answered, fingerprint, remember
from workflows.runtime.starting import start_case

HUSBAND = member("陈德明", "1975-03-02")
WIFE = member("李素芳", "1977-06-11", "spouse", 102)


@pytest.fixture
def whole(racers: Engine) -> District:
    """A district with the project's whole policy."""
    return District.founded(Session(racers, expire_on_commit=False))


def applying(
    district: District, members: Sequence[MemberData], process_key: str
) -> Callable[[Session], str]:
    """Register a household and open its case in one transaction, as the counter does."""
    actor = district.actor("officer")
    township, village = district.offices["township"].id, district.offices["village"].id
    district.session.rollback()

    def act(session: Session) -> str:
        household = register_household(
            session, HouseholdData(village, Area.RURAL, members), district.keys, actor=actor,
            now=FOUNDED,
        )  # fmt: skip
        return start_case(
            session, process_key, district.keys, township_id=township, village_id=village,
            household_id=household.id, variables={}, actor=actor, now=FOUNDED,
        ).number  # fmt: skip

    return act


def test_people_who_apply_at_two_windows_at_once_get_one_household_and_one_case(
    racers: Engine, district: District
) -> None:
    # given: the same people, entered in either order
    orders = [[HUSBAND, WIFE], [WIFE, HUSBAND]] * 4
    # when
    results = race(racers, [applying(district, order, "raced") for order in orders])
    # then
    assert len(won(results)) == 1
    assert codes(results) == ["open_case_elsewhere"] * 7
    session = district.session
    session.rollback()
    assert session.scalar(select(func.count()).select_from(Person)) == 2
    assert session.scalar(select(func.count()).select_from(Household)) == 1
    assert session.scalar(select(func.count()).select_from(Case)) == 1


def test_a_household_that_is_known_applies_only_once_at_a_time(
    racers: Engine, whole: District
) -> None:
    # given
    household = whole.household([HUSBAND, WIFE], now=FOUNDED)
    actor, township = whole.actor("officer"), whole.offices["township"].id
    village, household_id = whole.offices["village"].id, household.id
    whole.session.rollback()

    def starting(chosen: str) -> Callable[[Session], str]:
        return lambda session: start_case(
            session, "dibao", whole.keys, township_id=township, village_id=village,
            household_id=chosen, variables={"household_id": chosen}, actor=actor, now=FOUNDED,
        ).number  # fmt: skip

    # when
    results = race(racers, [starting(household_id)] * 6)
    # then
    assert len(won(results)) == 1 and codes(results) == ["open_case_exists"] * 5
    whole.session.close()


def test_two_families_that_name_one_person_at_once_leave_them_in_one(
    racers: Engine, district: District
) -> None:
    # given: three applications that all name the wife
    brother, sister = (
        member("陈德清", "1979-01-05", "self", 103),
        member("陈丽", "1981-02-06", "self", 104),
    )
    families = [[HUSBAND, WIFE], [brother, WIFE], [sister, WIFE]] * 2
    actor, village = district.actor("officer"), district.offices["village"].id
    district.session.rollback()

    def registering(members: Sequence[MemberData]) -> Callable[[Session], str]:
        data = HouseholdData(village, Area.RURAL, members)
        return lambda session: (
            register_household(session, data, district.keys, actor=actor, now=FOUNDED).id
        )

    # when
    results = race(racers, [registering(members) for members in families])
    # then: the same family again is the same household, another one is refused
    assert len(set(won(results))) == 1
    assert set(codes(results)) == {"member_elsewhere"}
    belong = district.session.scalars(
        select(HouseholdMember.household_id)
        .join(Person, Person.id == HouseholdMember.person_id)
        .where(
            Person.id_number_index == _index_of(district, WIFE),
            HouseholdMember.superseded_at.is_(None),
        )
    ).all()
    district.session.rollback()
    assert len(belong) == 1


def test_two_changes_of_one_household_begun_at_once_leave_one(
    racers: Engine, whole: District
) -> None:
    # given
    household_id = whole.household([HUSBAND, WIFE], now=FOUNDED).id
    actor = whole.actor("officer")
    whole.session.rollback()

    def beginning(kind: ChangeKind) -> Callable[[Session], str]:
        return lambda session: open_change(
            session, session.get_one(Household, household_id), ChangeAsked(kind), whole.keys,
            actor=actor, now=FOUNDED,
        ).number  # fmt: skip

    # when
    results = race(racers, [beginning(ChangeKind.SPLIT), beginning(ChangeKind.HEAD)] * 3)
    # then
    assert len(won(results)) == 1 and codes(results) == ["change_under_way"] * 5
    whole.session.close()


def _index_of(district: District, person: MemberData) -> bytes:
    return blind_index(district.keys, "id_number", person.id_number)


def test_two_who_record_a_households_facts_at_once_leave_one_version_current(
    racers: Engine, district: District
) -> None:
    # given
    household_id = district.household([HUSBAND], now=FOUNDED).id
    actor, village = district.actor("officer"), district.offices["village"].id
    district.session.rollback()

    def recording(members: Sequence[MemberData]) -> Callable[[Session], None]:
        return lambda session: replace_facts(
            session, session.get_one(Household, household_id),
            HouseholdData(village, Area.RURAL, members), district.keys, actor=actor, now=FOUNDED,
        )  # fmt: skip

    # when
    for _ in range(5):
        results = race(racers, [recording([HUSBAND]), recording([HUSBAND, WIFE])] * 3)
        assert len(won(results)) == 6
        # then
        current = district.session.scalars(
            select(HouseholdMember.person_id).where(
                HouseholdMember.household_id == household_id,
                HouseholdMember.superseded_at.is_(None),
            )
        ).all()
        district.session.rollback()
        assert len(current) == len(set(current)) and len(current) in {1, 2}


def test_numbers_of_a_series_are_given_once_and_without_gaps(
    racers: Engine, district: District
) -> None:
    # given: some of those who ask give up after all
    district_id = district.offices["district"].id
    district.session.rollback()

    def asking(position: int) -> Callable[[Session], int]:
        def act(session: Session) -> int:
            number = next_number(session, district_id, "new/2021")
            if position % 4 == 3:
                raise Conflict("gave_up")
            return number

        return act

    # when: the series doesn't exist yet
    results = race(racers, [asking(position) for position in range(32)])
    # then
    assert sorted(won(results)) == list(range(1, 25))  # type: ignore[type-var]  # numbers
    assert codes(results) == ["gave_up"] * 8


def test_the_same_application_sent_twice_at_once_opens_one_case(
    racers: Engine, district: District
) -> None:
    # given
    apply = applying(district, [HUSBAND], "raced")
    actor = district.actor("officer")
    district.session.rollback()
    asked = fingerprint("cases", {"members": 1})

    def act(session: Session) -> str:
        known = answered(session, "a key", asked, actor=actor)
        if known is not None:
            return str(known["number"])
        number = apply(session)
        remember(session, "a key", asked, {"number": number}, actor=actor, now=FOUNDED)
        return number

    # when
    results = race(racers, [act] * 4)
    # then: the twins are refused, and a repetition gets the answer of the one that was carried out
    assert len(won(results)) == 1
    assert set(codes(results)) <= {"open_case_elsewhere", "request_under_way"}
    assert race(racers, [act]) == won(results)

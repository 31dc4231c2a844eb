"""A person belongs to one household: in the database, and in the words of a refusal."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models.assistance import Grant
from models.cases import Case, CaseState
from models.household_changes import ChangeKind, HouseholdChange
from models.households import Area, Household, HouseholdMember, IncomeItem
from models.types import new_id
from tests.runtime.district import District, at, member
from workflows.assistance.households import (
    HouseholdData,
    MemberData,
    register_household,
    replace_facts,
)
from workflows.assistance.households.data import IncomeData
from workflows.assistance.households.moving import move_people
from workflows.errors import Conflict, Invalid
from workflows.runtime.families import ChangeAsked, open_change
from workflows.runtime.starting import start_case
from workflows.scenarios.corrections import decide_now
from workflows.transaction import transaction

NOW = at("2021-10-15")
LATER = at("2022-03-01")
HUSBAND = member("陈德明", "1975-03-02")
WIFE = member("李素芳", "1977-06-11", "spouse", 102)
MOTHER = member("王秀英", "1950-04-05", "parent", 104)
BROTHER = member("陈德清", "1979-01-05", "self", 103)


@pytest.fixture
def district(session: Session) -> District:
    """A district with the project's policy."""
    return District.founded(session)


def present(district: District, household: Household) -> set[str]:
    """Who belongs to the household now."""
    found = set(
        district.session.scalars(
            select(HouseholdMember.person_id).where(
                HouseholdMember.household_id == household.id,
                HouseholdMember.superseded_at.is_(None),
            )
        )
    )
    district.session.rollback()
    return found


def refused(district: District, members: Sequence[MemberData], actor: str = "officer") -> Invalid:
    """Why an application of these people isn't registered."""
    data = HouseholdData(district.offices["village"].id, Area.RURAL, members)
    with pytest.raises(Invalid) as caught, transaction(district.session):
        register_household(
            district.session, data, district.keys, actor=district.actor(actor), now=LATER
        )
    return caught.value


def test_the_database_refuses_a_second_present_membership(district: District) -> None:
    # given
    first = district.household([HUSBAND, WIFE], now=NOW)
    second = district.household([BROTHER], now=NOW)
    row = district.session.scalars(
        select(HouseholdMember).where(HouseholdMember.household_id == first.id)
    ).first()
    assert row is not None
    copied = {"person_id": row.person_id, "relation": "other", "facts": row.facts}
    district.session.rollback()
    # when / then
    with pytest.raises(IntegrityError), transaction(district.session):
        district.session.add(
            HouseholdMember(id=new_id(), household_id=second.id, recorded_at=LATER, **copied)
        )
        district.session.flush()


def test_the_same_people_apply_again_as_the_same_household(district: District) -> None:
    # given
    first = district.household([HUSBAND], now=NOW)
    # when: with the wife, who was in no household
    again = district.household([HUSBAND, WIFE], now=LATER)
    # then
    assert again.id == first.id
    assert len(present(district, again)) == 2


def test_whoever_others_live_with_is_not_taken_out_silently(district: District) -> None:
    # given
    home = district.household([HUSBAND, WIFE], now=NOW)
    # when
    error = refused(district, [BROTHER, WIFE])
    # then
    assert [one.code for one in error.findings] == ["member_elsewhere"]
    assert error.findings[0].field == "members.1.id_number"
    assert "该户还有1人不在本次申请中" in error.message and "家庭变动" in error.message
    assert len(present(district, home)) == 2


def test_the_refusal_names_the_village_only_to_who_works_there(district: District) -> None:
    # given
    district.household([HUSBAND, WIFE], now=NOW)
    village = district.offices["village"].name
    township = district.offices["township"].name
    # when
    near = refused(district, [BROTHER, WIFE], "officer")
    # then
    assert township + village in near.message
    # when: somebody of an office that isn't on the household's path
    stranger = district.actor("officer")
    far = type(stranger)(stranger.account_id, stranger.role, "another-office", stranger.name)
    data = HouseholdData(district.offices["village"].id, Area.RURAL, [BROTHER, WIFE])
    with pytest.raises(Invalid) as caught, transaction(district.session):
        register_household(district.session, data, district.keys, actor=far, now=LATER)
    # then
    assert township in caught.value.message and village not in caught.value.message


def test_whoever_receives_a_benefit_with_another_household_is_not_taken_along(
    district: District,
) -> None:
    # given
    home = district.household([WIFE], now=NOW)
    district.household([HUSBAND], now=NOW)
    with transaction(district.session):
        household = district.session.get_one(Household, home.id)
        decide_now(
            district.session, household, district.keys, actor=district.actor("officer"), now=NOW
        )
    # when
    error = refused(district, [HUSBAND, WIFE])
    # then
    assert [one.code for one in error.findings] == ["granted_elsewhere"]
    assert "一人只能属于一个家庭" in error.message
    assert len(present(district, home)) == 1


def test_an_idle_household_of_one_comes_along_and_ends(district: District) -> None:
    # given
    alone = district.household([BROTHER], now=NOW)
    home = district.household([HUSBAND, WIFE], now=NOW)
    # when
    together = district.household(
        [HUSBAND, WIFE, member("陈德清", "1979-01-05", "sibling", 103)], now=LATER
    )
    # then
    assert together.id == home.id
    ended = district.session.get_one(Household, alone.id, populate_existing=True)
    assert ended.closed_reason == "merged" and ended.closed_on is not None
    change = district.session.scalars(select(HouseholdChange)).one()
    assert (change.household_id, change.other_household_id) == (home.id, alone.id)
    assert present(district, together) and not present(district, alone)


def test_an_open_case_binds_and_relief_does_not(district: District) -> None:
    # given
    home = district.household([WIFE], now=NOW)
    case_id = district.start(home, NOW)
    # when
    error = refused(district, [HUSBAND, WIFE])
    # then
    assert [one.code for one in error.findings] == ["open_case_elsewhere"]
    # when: the case is closed
    with transaction(district.session):
        district.session.get_one(Case, case_id).state = CaseState.CLOSED
    joined = district.household([HUSBAND, WIFE], now=LATER)
    # then
    assert len(present(district, joined)) == 2


def test_a_correction_takes_nobody_out_of_another_household(district: District) -> None:
    # given
    district.household([HUSBAND, WIFE], now=NOW)
    other = district.household([BROTHER], now=NOW)
    data = HouseholdData(
        district.offices["village"].id, Area.RURAL,
        [BROTHER, member("李素芳", "1977-06-11", "other", 102)],
    )  # fmt: skip
    # when / then
    with pytest.raises(Invalid, match="家庭变动"), transaction(district.session):
        household = district.session.get_one(Household, other.id)
        replace_facts(
            district.session, household, data, district.keys, actor=district.actor("officer"),
            now=LATER,
        )  # fmt: skip


def test_what_a_household_had_together_comes_along_with_the_last_of_its_people(
    district: District,
) -> None:
    # given
    village = district.offices["village"].id
    keys, actor = district.keys, district.actor("officer")
    farm = IncomeData(None, "farming", "documented", Decimal(300), "种植")
    wage = IncomeData(1, "wage", "documented", Decimal(800), "工资")
    with transaction(district.session) as session:
        own = register_household(
            session, HouseholdData(village, Area.RURAL, [HUSBAND]), keys, actor=actor, now=NOW
        )
        other = register_household(
            session, HouseholdData(village, Area.RURAL, [BROTHER, MOTHER], [farm, wage]), keys,
            actor=actor, now=NOW,
        )  # fmt: skip
        brother, mother = other.head_person_id, other_member(session, other)
    # when the mother goes first, and the brother after her
    sums = []
    for person in (mother, brother):
        with transaction(district.session) as session:
            move_people(
                session, session.get_one(Household, other.id), session.get_one(Household, own.id),
                {person: "other"}, keys, actor=actor, now=LATER,
            )  # fmt: skip
            sums.append([incomes(session, own), incomes(session, other)])
    # then
    assert sums == [[{"wage": 800}, {"farming": 300}], [{"wage": 800, "farming": 300}, {}]]


def other_member(session: Session, household: Household) -> str:
    """The member of a household of two who isn't its head."""
    return session.scalars(
        select(HouseholdMember.person_id).where(
            HouseholdMember.household_id == household.id,
            HouseholdMember.person_id != household.head_person_id,
        )
    ).one()


def incomes(session: Session, household: Household) -> dict[str, Decimal]:
    """What the present incomes of a household come to, by kind; yuan a month."""
    session.flush()
    rows = session.scalars(
        select(IncomeItem).where(
            IncomeItem.household_id == household.id, IncomeItem.superseded_at.is_(None)
        )
    )
    return {one.kind: one.monthly for one in rows}


def test_households_do_not_become_one_while_the_one_that_ends_applies(district: District) -> None:
    # given
    own, other = district.household([HUSBAND], now=NOW), district.household([BROTHER], now=NOW)
    case_id = district.start(other, NOW)
    asked = ChangeAsked(ChangeKind.MERGE, id_number=BROTHER.id_number)
    # when
    with pytest.raises(Conflict) as caught, transaction(district.session):
        open_change(
            district.session, district.session.get_one(Household, own.id), asked, district.keys,
            actor=district.actor("officer"), now=LATER,
        )  # fmt: skip
    # then
    assert caught.value.code == "other_waits"
    assert caught.value.details == {"number": district.case(case_id).number}
    # when: the application is closed
    with transaction(district.session):
        district.session.get_one(Case, case_id).state = CaseState.CLOSED
        opened = open_change(
            district.session, district.session.get_one(Household, own.id), asked, district.keys,
            actor=district.actor("officer"), now=LATER,
        )  # fmt: skip
    # then
    assert opened.process_key == "household_change"


def test_households_do_not_become_one_while_a_benefit_of_the_one_that_ends_changes(
    district: District,
) -> None:
    # given: what the other one gets is being changed
    own, other = district.household([HUSBAND], now=NOW), district.household([BROTHER], now=NOW)
    with transaction(district.session) as session:
        held = session.get_one(Household, other.id)
        case = decide_now(
            session, held, district.keys, actor=district.actor("officer"), now=NOW
        )  # fmt: skip
        grant_id = session.scalars(select(Grant.id).where(Grant.case_id == case.id)).one()
        number = start_case(
            session, "benefit_change", district.keys, township_id=held.township_id,
            village_id=held.village_id, household_id=held.id,
            variables={
                "grant_id": grant_id, "cause": "reported", "cause_note": "开始务工",
                "occurred_on": LATER.date(),
            },
            actor=district.actor("officer"), now=LATER,
        ).number  # fmt: skip
    # when
    with pytest.raises(Conflict) as caught, transaction(district.session):
        open_change(
            district.session, district.session.get_one(Household, own.id),
            ChangeAsked(ChangeKind.MERGE, id_number=BROTHER.id_number), district.keys,
            actor=district.actor("officer"), now=LATER,
        )  # fmt: skip
    # then
    assert (caught.value.code, caught.value.details) == ("other_waits", {"number": number})

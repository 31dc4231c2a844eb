"""Who counts as a member of the household (57号 7, 条例 11) and how often it is checked."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.bpmn.households import assess, make_household, make_income, make_member
from tests.bpmn.policy import with_parameter
from workflows.errors import Invalid

D = Decimal


@pytest.mark.parametrize(
    ("facts", "counted"),
    [
        ({"relation": "spouse"}, True),
        ({"relation": "spouse", "status": "away"}, True),
        ({"relation": "child", "birth_on": date(2005, 1, 1), "status": "away"}, True),
        (
            {
                "relation": "child",
                "birth_on": date(2001, 1, 1),
                "status": "away",
                "student": "bachelor",
                "student_full_time": True,
            },
            True,
        ),
        (
            {
                "relation": "child",
                "birth_on": date(2001, 1, 1),
                "status": "away",
                "student": "postgraduate",
                "student_full_time": True,
            },
            False,
        ),
        (
            {
                "relation": "child",
                "birth_on": date(1990, 1, 1),
                "status": "away",
                "independent": False,
            },
            True,
        ),
        ({"relation": "child", "birth_on": date(1990, 1, 1), "status": "away"}, False),
        ({"relation": "child", "birth_on": date(1990, 1, 1)}, True),
        ({"relation": "parent"}, True),
        ({"relation": "parent", "status": "away"}, False),
        ({"relation": "unrelated"}, False),
        ({"relation": "sibling", "status": "prison"}, False),
        ({"relation": "spouse", "status": "prison"}, False),
        ({"relation": "spouse", "status": "drug_treatment"}, False),
        ({"relation": "spouse", "status": "missing"}, False),
        ({"relation": "parent", "status": "deceased"}, False),
        ({"relation": "child", "status": "soldier_unmarried"}, False),
        ({"relation": "sibling", "status": "clergy", "clergy_years": D(3)}, False),
        ({"relation": "sibling", "status": "clergy", "clergy_years": D("2.9")}, True),
    ],
)
def test_a_second_person_counts_or_not(facts: dict[str, Any], counted: bool) -> None:
    # given an applicant and this person, who earns 100 a month
    household = make_household(
        [make_member("m1"), make_member("m2", **facts)], [make_income("100", member="m2")]
    )
    # when
    result = assess(household)
    # then neither the person nor the income counts, or both do
    assert result["members"] == (D(2) if counted else D(1))
    assert result["countable"] == (D(100) if counted else D(0))
    assert result["base"] == (D(930) if counted else D(515))


def test_eighteen_is_of_age_from_the_birthday() -> None:
    # given a child who moved out
    child = make_member("m2", relation="child", status="away", birth_on=date(2003, 10, 15))
    # when
    before = assess(make_household([make_member(), child], on=date(2021, 10, 14)))
    after = assess(make_household([make_member(), child], on=date(2021, 10, 15)))
    # then
    assert (before["members"], after["members"]) == (D(2), D(1))


def test_the_rule_about_soldiers_is_a_parameter() -> None:
    # given
    soldier = make_member("m2", relation="child", status="soldier_unmarried")
    table = with_parameter("dibao.members.exclude_unmarried_soldier", False)
    # when
    result = assess(make_household([make_member(), soldier]), table=table)
    # then
    assert result["members"] == D(2)


def test_clergy_without_the_number_of_years_is_an_incident() -> None:
    # given
    household = make_household([make_member(), make_member("m2", status="clergy")])
    # then
    with pytest.raises(Invalid):
        assess(household)


def test_top_ups_of_a_person_who_does_not_count_are_not_paid() -> None:
    # given
    prisoner = make_member("m2", relation="spouse", status="prison", disability_grade=D(1))
    # when
    result = assess(make_household([make_member(), prisoner]))
    # then
    assert result["topup"] == D(0)


@pytest.mark.parametrize(
    ("unstable", "able_bodied", "months"),
    [(True, True, 6), (True, False, 12), (False, True, 12), (False, False, 12)],
)
def test_unstable_income_with_a_person_able_to_work_is_checked_half_yearly(
    unstable: bool, able_bodied: bool, months: int
) -> None:
    # given
    household = make_household([make_member(able_bodied=able_bodied)], unstable_income=unstable)
    # when
    result = assess(household)
    # then
    assert result["review_months"] == D(months)


@pytest.mark.parametrize(
    ("area", "facts", "unstable", "months"),
    [
        ("rural", {}, True, 3),
        ("urban", {}, False, 1),
        ("rural", {"employed": True}, False, 6),
        ("urban", {"able_bodied": False, "serious_illness": True}, False, 12),
        ("urban", {"able_bodied": False, "disability_grade": D(2)}, True, 6),
        ("urban", {"able_bodied": False}, False, 6),
    ],
)
def test_the_municipal_cycle_can_be_chosen_by_parameter(
    area: str, facts: dict[str, Any], unstable: bool, months: int
) -> None:
    # given
    household = make_household([make_member(**facts)], area=area, unstable_income=unstable)
    # when
    result = assess(household, table=with_parameter("dibao.review.rule", "cqdb"))
    # then
    assert result["review_months"] == D(months)


def test_delegation_moves_the_decision_to_the_township() -> None:
    # given
    table = with_parameter("dibao.confirmation_delegated", True)
    # when
    result = assess(make_household(), table=table)
    # then
    assert result["level"] == "township"

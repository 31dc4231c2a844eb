"""What a household gets: the worked cases of the policy and the edges between them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.bpmn.households import ASSESSMENT, assess, make_household, make_income, make_member
from tests.bpmn.policy import decide, with_parameter
from workflows.errors import Invalid

D = Decimal


def household_c01(**facts: Any) -> dict[str, Any]:
    return make_household(
        [
            make_member("husband", birth_on=date(1975, 3, 1), employed=True),
            make_member("wife", relation="spouse", birth_on=date(1977, 6, 1), employed=True),
            make_member(
                "daughter",
                relation="child",
                birth_on=date(2004, 5, 1),
                student="senior",
                student_full_time=True,
                able_bodied=False,
            ),
        ],
        [
            make_income("1200", "wage", member="husband", basis="documented"),
            make_income("400", "farming", member="wife"),
        ],
        unstable_income=True,
        **facts,
    )


def household_c03(basis: str) -> dict[str, Any]:
    members = [make_member("m1", employed=True)]
    members += [make_member(f"m{n}", relation="child") for n in (2, 3, 4)]
    return make_household(members, [make_income("1700", "wage", basis=basis)])


def household_c04(**facts: Any) -> dict[str, Any]:
    incomes = [make_income("300", "support", member=None)]
    for member in ("husband", "wife"):
        incomes.append(make_income("125", "pension_base", member=member))
        incomes.append(make_income("30", "pension_account", member=member))
    return make_household(
        [
            make_member("husband", birth_on=date(1949, 3, 1), able_bodied=False),
            make_member("wife", relation="spouse", birth_on=date(1955, 3, 1), able_bodied=False),
        ],
        incomes,
        **facts,
    )


def test_case_c01_rural_household_with_a_pupil() -> None:
    # given
    household = household_c01()
    # when
    result = assess(household)
    # then
    assert result == {
        "countable": D("1240.00"),
        "per_capita": D("413.33"),
        "standard": D(515),
        "edge_line": D("772.50"),
        "class": "dibao",
        "base": D("305.00"),
        "topup": D("100.00"),
        "monthly": D("405.00"),
        "members": D(3),
        "property_ok": True,
        "review_months": D(6),
        "level": "district",
        "warnings": [],
    }


@pytest.mark.parametrize(
    ("basis", "per_capita", "monthly"),
    [("minimum_wage", "425.00", "360.00"), ("documented", "297.50", "870.00")],
)
def test_case_c03_employment_cost_is_not_deducted_from_the_minimum_wage(
    basis: str, per_capita: str, monthly: str
) -> None:
    # given
    household = household_c03(basis)
    # when
    result = assess(household)
    # then
    assert (result["per_capita"], result["monthly"]) == (D(per_capita), D(monthly))


def test_case_c04_base_pension_is_not_counted_and_seventy_two_is_topped_up() -> None:
    # given
    household = household_c04()
    # when
    result = assess(household)
    # then
    assert result["countable"] == D("360.00")
    assert result["per_capita"] == D("180.00")
    assert result["base"] == D("670.00")
    assert result["topup"] == D("60.00")
    assert result["monthly"] == D("730.00")
    assert result["monthly"] != D("480.00"), "the base pension was counted"


def test_case_c04_gives_the_wrong_amount_when_the_base_pension_is_counted() -> None:
    # given the alternative that P19 leaves open
    counted = with_parameter("dibao.income.base_pension_counted", D(1))
    # when
    result = assess(household_c04(), table=counted)
    # then the difference is exactly the two base pensions
    assert (result["base"], result["monthly"]) == (D("420.00"), D("480.00"))


@pytest.mark.parametrize(
    ("income", "expected"),
    [
        ("514.99", "dibao"),
        ("515.00", "edge"),
        ("515.01", "edge"),
        ("772.49", "edge"),
        ("772.50", "none"),
        ("772.51", "none"),
        ("9000", "none"),
        ("0", "dibao"),
    ],
)
def test_below_the_standard_is_strict_and_so_is_the_edge(income: str, expected: str) -> None:
    # given
    household = make_household(1, [make_income(income)])
    # when
    result = assess(household)
    # then
    assert result["class"] == expected
    assert (result["monthly"] > 0) == (expected == "dibao")


def test_a_third_of_a_fen_below_the_standard_still_counts() -> None:
    # given three persons whose income is one fen below three standards
    household = make_household(3, [make_income("1544.99")])
    # when
    result = assess(household)
    # then the class is not spoilt by rounding the income per person up to the standard
    assert result["per_capita"] == D("515.00")
    assert result["class"] == "dibao"
    assert result["base"] == D("0.01")


@pytest.mark.parametrize(
    ("area", "on", "standard"),
    [
        ("rural", "2021-08-31", "496"),
        ("rural", "2021-09-01", "515"),
        ("rural", "2022-08-31", "515"),
        ("rural", "2022-09-01", "581"),
        ("rural", "2023-08-31", "581"),
        ("rural", "2023-09-01", "600"),
        ("rural", "2024-09-01", "610"),
        ("rural", "2025-06-30", "610"),
        ("rural", "2025-07-01", "630"),
        ("urban", "2021-08-31", "620"),
        ("urban", "2021-09-01", "636"),
        ("urban", "2022-09-01", "717"),
        ("urban", "2025-07-01", "770"),
    ],
)
def test_the_standard_is_the_one_of_the_day(area: str, on: str, standard: str) -> None:
    # given
    household = make_household(2, [], area=area, on=date.fromisoformat(on))
    # when
    result = assess(household)
    # then
    assert result["standard"] == D(standard)
    assert result["base"] == 2 * D(standard)
    assert result["edge_line"] == D(standard) * D("1.5")


@pytest.mark.parametrize(
    ("facts", "topup"),
    [
        ({"student": "senior"}, "100"),
        ({"student": "senior", "disability_grade": D(3)}, "140"),
        ({"disability_grade": D(1)}, "100"),
        ({"disability_grade": D(2)}, "100"),
        ({"disability_grade": D(3)}, "40"),
        ({"disability_grade": D(4)}, "40"),
        ({"serious_illness": True}, "60"),
        ({"serious_illness": True, "disability_grade": D(1)}, "100"),
        ({"birth_on": date(1940, 1, 1), "disability_grade": D(1), "serious_illness": True}, "100"),
        ({"birth_on": date(2018, 1, 1)}, "100"),
        ({"birth_on": date(2018, 1, 1), "student": "preschool"}, "100"),
        ({"birth_on": date(2015, 1, 1), "student": "preschool"}, "100"),
        ({"student": "bachelor", "student_full_time": True}, "100"),
        ({"student": "bachelor", "student_full_time": False}, "0"),
        ({"student": "postgraduate", "student_full_time": True}, "0"),
        ({}, "0"),
    ],
)
def test_top_ups_take_the_highest_kind_and_add_disability(
    facts: dict[str, Any], topup: str
) -> None:
    # given
    household = make_household([make_member(**facts)])
    # when
    result = assess(household)
    # then
    assert result["topup"] == D(topup)
    assert result["monthly"] == D(515) + D(topup)


@pytest.mark.parametrize(("on", "topup"), [("2021-10-14", "0"), ("2021-10-15", "60")])
def test_seventy_begins_on_the_birthday(on: str, topup: str) -> None:
    # given
    member = make_member(birth_on=date(1951, 10, 15))
    # when
    result = assess(make_household([member], on=date.fromisoformat(on)))
    # then
    assert result["topup"] == D(topup)


def test_an_age_without_a_birthday_is_taken_as_given() -> None:
    # given
    member = make_member(birth_on=None, age=D(72))
    # when
    result = assess(make_household([member]))
    # then
    assert result["topup"] == D(60)


def test_an_edge_household_gets_no_top_up() -> None:
    # given
    household = make_household([make_member(student="senior")], [make_income("600")])
    # when
    result = assess(household)
    # then
    assert (result["class"], result["topup"], result["monthly"]) == ("edge", D(0), D(0))


@pytest.mark.parametrize(
    ("on", "countable", "warnings"),
    [
        ("2021-10-15", "0", []),
        ("2025-12-31", "0", []),
        ("2026-01-01", "0", ["base_pension_basis_expired"]),
    ],
)
def test_base_pension_stays_out_and_says_when_its_basis_has_expired(
    on: str, countable: str, warnings: list[str]
) -> None:
    # given
    household = make_household(1, [make_income("125", "pension_base")], on=date.fromisoformat(on))
    # when
    result = assess(household)
    # then
    assert result["countable"] == D(countable)
    assert result["warnings"] == warnings


def test_a_household_without_members_is_no_case_for_aid() -> None:
    # given
    household = make_household([])
    # when
    result = assess(household)
    # then
    assert (result["class"], result["monthly"], result["members"]) == ("none", D(0), D(0))


def test_without_income_the_whole_standard_is_paid() -> None:
    # given
    household = make_household(4, [])
    # when
    result = assess(household)
    # then
    assert (result["countable"], result["per_capita"]) == (D(0), D(0))
    assert result["monthly"] == D(2060)


@pytest.mark.parametrize(
    "kind", ["veteran_benefit", "family_planning", "scholarship", "bravery", "social_assistance"]
)
def test_protected_payments_are_not_income(kind: str) -> None:
    # given
    household = make_household(1, [make_income("5000", kind)])
    # when
    result = assess(household)
    # then
    assert (result["class"], result["monthly"]) == ("dibao", D(515))


@pytest.mark.parametrize(
    ("kind", "basis", "counted"),
    [
        ("wage", "documented", "700.0"),
        ("wage", "minimum_wage", "1000"),
        ("wage", "industry_average", "700.0"),
        ("business", None, "1000"),
        ("farming", None, "1000"),
        ("property", None, "1000"),
        ("pension", None, "1000"),
        ("pension_account", None, "1000"),
        ("pension_base", None, "0"),
        ("support", None, "1000"),
        ("support", "sibling_or_elder", "1000"),
        ("other", None, "1000"),
        ("transfer_paid", None, "-1000"),
        ("rigid_expense", None, "0"),
    ],
)
def test_each_kind_of_income_counts_as_its_row_says(
    kind: str, basis: str | None, counted: str
) -> None:
    # given
    inputs = {"income": make_income("1000", kind, basis=basis), "day": date(2021, 10, 15)}
    # when
    value = decide(ASSESSMENT, "dibao_income_item", inputs, on=date(2021, 10, 15))
    # then
    assert value == D(counted)


@pytest.mark.parametrize(("on", "counted"), [("2022-10-19", "200"), ("2022-10-20", "0")])
def test_support_by_siblings_for_the_disabled_is_disregarded_from_its_day(
    on: str, counted: str
) -> None:
    # given
    income = make_income("200", "support", basis="sibling_or_elder")
    day = date.fromisoformat(on)
    # when
    value = decide(ASSESSMENT, "dibao_income_item", {"income": income, "day": day}, on=day)
    # then
    assert value == D(counted)


def test_payments_to_others_never_make_the_income_negative() -> None:
    # given
    household = make_household(1, [make_income("100"), make_income("400", "transfer_paid")])
    # when
    result = assess(household)
    # then
    assert (result["countable"], result["monthly"]) == (D(0), D(515))


def test_an_unknown_kind_of_income_is_an_incident() -> None:
    # given
    household = make_household(1, [make_income("100", "lottery")])
    # then
    with pytest.raises(Invalid):
        assess(household)


def test_an_unproven_basis_of_a_wage_is_an_incident() -> None:
    # given a wage without a basis, which would decide about the 30 %
    household = make_household(1, [make_income("100", "wage")])
    # then
    with pytest.raises(Invalid):
        assess(household)


def test_property_without_a_judgement_is_an_incident() -> None:
    # given
    household = make_household(1, [], property_ok=None)
    # then
    with pytest.raises(Invalid):
        assess(household)


def test_unfit_property_is_a_human_judgement_that_ends_in_no_class() -> None:
    # given
    household = make_household(1, [], property_ok=False)
    # when
    result = assess(household)
    # then
    assert (result["class"], result["property_ok"], result["monthly"]) == ("none", False, D(0))


@pytest.mark.parametrize(
    ("rounding", "base"),
    [("household_cent", "611.67"), ("whole_yuan_up", "612"), ("person_cent", "611.67")],
)
def test_rounding_follows_its_parameter(rounding: str, base: str) -> None:
    # given 1,333.33 × 0.70 = 933.331 among three persons
    household = make_household(3, [make_income("1333.33", "wage", basis="documented")])
    table = with_parameter("dibao.amount.rounding", rounding)
    # when
    result = assess(household, table=table)
    # then
    assert result["base"] == D(base)


def test_half_a_fen_is_rounded_up_once() -> None:
    # given 0.70 × 0.15 = 0.105, so that 515 - 0.105 = 514.895
    household = make_household(1, [make_income("0.15", "wage", basis="documented")])
    # when
    result = assess(household)
    # then
    assert result["base"] == D("514.90")


def test_facts_that_are_not_given_bring_nothing() -> None:
    # given a member of whom only the necessary is known
    member = {"id": "m1", "relation": "self", "birth_on": date(1975, 3, 1), "status": "present"}
    household = {
        "area": "rural",
        "on": date(2021, 10, 15),
        "members": [member],
        "incomes": [],
        "property_ok": True,
        "unstable_income": True,
    }
    # when
    result = assess(household)
    # then no top-up, and no half-yearly check for somebody not known to be able to work
    assert (result["topup"], result["monthly"], result["review_months"]) == (D(0), D(515), D(12))


@pytest.mark.parametrize(
    "facts", [{"serious_illness": None}, {"student": "bachelor", "student_full_time": None}]
)
def test_an_unknown_fact_is_not_taken_for_true(facts: dict[str, Any]) -> None:
    # given
    household = make_household([make_member(**facts)])
    # when
    result = assess(household)
    # then
    assert result["topup"] == D(0)


@pytest.mark.parametrize("status", [None, "abroad"])
def test_an_unknown_status_of_a_member_is_an_incident(status: str | None) -> None:
    # given
    household = make_household([make_member(status=status)])
    # then
    with pytest.raises(Invalid):
        assess(household)


def test_the_area_decides_about_the_standard_and_must_be_known() -> None:
    # then
    with pytest.raises(Invalid):
        assess(make_household(area="suburb"))


def test_a_day_before_the_first_standard_is_an_incident() -> None:
    # then
    with pytest.raises(Invalid):
        assess(make_household(on=date(2017, 3, 31)))


@pytest.mark.parametrize("monthly", [D("-0.01"), None])
def test_an_income_that_is_negative_or_unknown_is_an_incident(monthly: Decimal | None) -> None:
    # given
    household = make_household(1, [{**make_income("1"), "monthly": monthly}])
    # then
    with pytest.raises(Invalid):
        assess(household)

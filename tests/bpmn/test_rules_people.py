"""Edge families, single persons, 特困, and what follows a check, at their edges."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.bpmn.policy import decide, parameters, with_parameter
from workflows.decisions import DecisionError, ParameterTable

D = Decimal
ON = date(2022, 6, 9)


def single(
    decision: str = "single_person",
    on: date = ON,
    *,
    family: dict[str, Any] | None = None,
    table: ParameterTable | None = None,
    **person: Any,
) -> Any:
    """An edge family of three in the countryside with 600 yuan a person, unless it says more."""
    household = {"area": "rural", "total": D(1800), "members": D(3), "property_ok": True}
    facts = {"age": D(40), "employed": False, "own_income": D(0), **person}
    inputs = {"on": on, "family": {**household, **(family or {})}, "person": facts}
    return decide("single-person.dmn", decision, inputs, on=on, table=table)


@pytest.mark.parametrize(
    ("total", "class_"),
    [
        ("1544.99", "dibao"), ("1545", "edge"), ("2317.49", "edge"), ("2317.50", "none"),
    ],
)  # fmt: skip
def test_the_edge_begins_at_the_standard_and_ends_below_one_and_a_half(
    total: str, class_: str
) -> None:
    # then
    assert single("edge_household", family={"total": D(total)}) == class_
    assert single("edge_household", family={"total": D(total), "property_ok": False}) == "none"


def test_property_that_nobody_judged_makes_no_class() -> None:
    # then
    with pytest.raises(DecisionError, match="input_not_allowed"):
        single("edge_household", family={"property_ok": None})


@pytest.mark.parametrize(
    ("person", "ground"),
    [
        ({"disability_grade": D(1), "disability_kind": "hearing"}, "severe_disability"),
        ({"disability_grade": D(2), "disability_kind": "mental"}, "severe_disability"),
        ({"disability_grade": D(3), "disability_kind": "mental"}, "mental_disability"),
        ({"disability_grade": D(3), "disability_kind": "intellectual"}, "mental_disability"),
        ({"disability_grade": D(3), "disability_kind": "limb"}, "none"),
        ({"disability_grade": D(4), "disability_kind": "mental"}, "none"),
        ({"serious_illness": True}, "serious_illness"),
        ({"clergy_years": D(3)}, "clergy"),
        ({"clergy_years": D("2.9")}, "none"),
        ({"county_category": True}, "county"),
        ({}, "none"),
    ],
)
def test_who_may_apply_as_a_single_person(person: dict[str, Any], ground: str) -> None:
    # when
    value = single(**person)
    # then
    assert (value["ground"], value["may_apply"]) == (ground, ground != "none")
    assert value["base"] == (D(0) if ground == "none" else D(515))


@pytest.mark.parametrize(("on", "may"), [(date(2022, 10, 19), False), (date(2022, 10, 20), True)])
def test_unemployed_severely_disabled_adults_need_no_edge_family_since_october_2022(
    on: date, may: bool
) -> None:
    # given a family beyond the edge
    family = {"total": D(9000)}
    facts: dict[str, Any] = {"disability_grade": D(2), "disability_kind": "limb"}
    # then
    assert single(on=on, family=family, **facts)["may_apply"] is may
    assert single(on=on, family=family, **facts, employed=True)["may_apply"] is False
    assert single(on=on, family=family, **facts, age=D(17))["may_apply"] is False


def test_a_family_that_qualifies_applies_as_a_whole() -> None:
    # when
    value = single(family={"total": D(900)}, disability_grade=D(1), disability_kind="limb")
    # then
    assert (value["ground"], value["may_apply"]) == ("whole_household", False)


@settings(max_examples=60, deadline=None)
@given(income=st.decimals(0, 2000, places=2), more=st.decimals(0, 500, places=2))
def test_a_single_person_never_gains_by_own_income(income: Decimal, more: Decimal) -> None:
    # when
    before, after = (
        single(serious_illness=True, own_income=own)["base"] for own in (income, income + more)
    )
    # then
    assert 0 <= after <= before <= D(515)


def test_the_basis_of_the_single_persons_amount_is_a_parameter() -> None:
    # given
    table = with_parameter("dibao.single_person.amount_basis", "family_per_capita")
    # when
    value = single(serious_illness=True, own_income=D(0), table=table)
    # then
    assert (value["base"], value["eligible"]) == (D(0), False)


def test_separate_calculation_is_off_and_then_an_officers_decision() -> None:
    # given
    facts: dict[str, Any] = {"bedridden": True, "lives_with_kin": True}
    table = with_parameter("dibao.separate_calculation", True)
    # then
    assert single("separate_calculation", **facts) == "off"
    assert single("separate_calculation", table=table, **facts) == "officer_decides"
    assert single("separate_calculation", table=table, **facts, age=D(17)) == "no"


def tekun(decision: str, on: date = ON, **inputs: Any) -> Any:
    given_inputs = {"on": on, "disposable_income": D(29000), **inputs}
    return decide("tekun.dmn", decision, given_inputs, on=on)


@pytest.mark.parametrize(
    ("person", "ground"),
    [
        ({"age": D(60)}, "elderly"),
        ({"age": D(59)}, "none"),
        ({"age": D(15)}, "minor"),
        ({"age": D(16)}, "none"),
        ({"age": D(30), "disability_kind": "mental", "disability_grade": D(3)}, "disability"),
        ({"age": D(30), "disability_kind": "mental", "disability_grade": D(4)}, "none"),
        ({"age": D(30), "disability_kind": "limb", "disability_grade": D(2)}, "disability"),
        ({"age": D(30), "disability_kind": "limb", "disability_grade": D(3)}, "none"),
        ({"age": D(30), "disability_kind": "visual", "disability_grade": D(1)}, "disability"),
        ({"age": D(30), "disability_kind": "visual", "disability_grade": D(2)}, "none"),
        ({"age": D(30), "disability_kind": "hearing", "disability_grade": D(1)}, "none"),
        ({"age": D(30), "provincial_labour": True}, "provincial"),
    ],
)
def test_who_has_no_capacity_to_work(person: dict[str, Any], ground: str) -> None:
    # then
    value = tekun("tekun_labour", person=person)
    assert value == {"no_labour": ground != "none", "ground": ground}


def test_an_age_that_is_not_known_is_not_judged() -> None:
    # then
    with pytest.raises(DecisionError, match="input_not_allowed"):
        tekun("tekun_labour", person={})


@pytest.mark.parametrize(
    ("facts", "able", "ground"),
    [
        ({"tekun": True, "age": D(40)}, False, "tekun"),
        ({"age": D(60), "dibao": True}, False, "elderly_dibao"),
        ({"age": D(59), "dibao": True}, True, "none"),
        ({"age": D(70), "annual_income": D(28999)}, False, "elderly_low_income"),
        ({"age": D(70), "annual_income": D(29000)}, True, "income"),
        ({"age": D(69), "annual_income": D(0)}, True, "none"),
        ({"age": D(40), "disability_grade": D(2), "annual_income": D(0)}, False,
         "disabled_low_income"),
        ({"age": D(40), "disability_grade": D(3), "disability_kind": "limb",
          "annual_income": D(0)}, True, "none"),
        ({"age": D(40), "disability_grade": D(3), "disability_kind": "mental",
          "annual_income": D(0)}, False, "disabled_low_income"),
        ({"age": D(40), "prison": True}, False, "incapable"),
        ({"age": D(40), "missing": True, "property_ok": False}, True, "property"),
    ],
)  # fmt: skip
def test_when_a_supporter_is_unable(facts: dict[str, Any], able: bool, ground: str) -> None:
    # when
    value = tekun("tekun_supporter", supporter={"property_ok": True, **facts})
    # then
    assert value == {"able": able, "ground": ground}


def test_a_supporter_whose_income_decides_must_have_it_recorded() -> None:
    # then
    with pytest.raises(DecisionError, match="no_rule"):
        tekun("tekun_supporter", supporter={"age": D(75), "property_ok": True})


@pytest.mark.parametrize(
    ("facts", "failed"),
    [
        ({}, ""),
        ({"age": D(59)}, "labour"),
        ({"incomes": [{"kind": "property", "monthly": D(515)}]}, "source"),
        ({"incomes": [{"kind": "property", "monthly": D("514.99")}]}, ""),
        ({"incomes": [{"kind": "elderly_allowance", "monthly": D(900)}]}, ""),
        ({"property_ok": False}, "source"),
        ({"supporters": [{"age": D(30)}]}, "supporter"),
        ({"supporters": [{"tekun": True, "age": D(70)}, {"age": D(30)}]}, "supporter"),
        ({"supporters": [{"tekun": True, "age": D(70)}, {"age": D(61), "dibao": True}]}, ""),
        ({"orphan_scheme": True}, "orphan_scheme"),
    ],
)
def test_all_three_conditions_of_tekun_must_hold(facts: dict[str, Any], failed: str) -> None:
    # given
    person = {"age": D(63), "area": "rural", "incomes": [], "property_ok": True, "supporters": []}
    # when
    value = tekun("tekun_eligible", person={**person, **facts})
    # then
    assert value == {"eligible": failed == "", "failed": failed}


@settings(max_examples=64, deadline=None)
@given(able=st.lists(st.booleans(), min_size=6, max_size=6))
def test_the_care_tier_depends_on_how_many_items_fail_only(able: list[bool]) -> None:
    # given
    items = ("eat", "dress", "bed", "toilet", "walk", "bathe")
    fails = able.count(False)
    # when
    value = tekun("tekun_care_tier", self_care=dict(zip(items, able, strict=True)))
    # then
    expected = "none" if fails == 0 else "half" if fails <= 3 else "full"
    assert value["tier"] == expected
    key = f"tekun.care.{expected}"
    assert value["care"] == parameters().value(key, ON).value


def test_a_self_care_item_that_nobody_assessed_gives_no_tier() -> None:
    # then
    with pytest.raises(DecisionError, match="no_rule"):
        tekun("tekun_care_tier", self_care={"eat": True})


@pytest.mark.parametrize(
    ("age", "schooling", "continues"),
    [(17, "none", True), (18, "none", False), (18, "senior", True), (18, "other", False)],
)
def test_a_minor_keeps_tekun_while_at_school(age: int, schooling: str, continues: bool) -> None:
    # then
    person = {"age": D(age), "schooling": schooling}
    assert tekun("tekun_minor", person=person) is continues


@pytest.mark.parametrize(
    ("ground", "publicity", "next_"),
    [("death", False, False), ("prison", True, False), ("means", True, True)],
)
def test_how_tekun_ends(ground: str, publicity: bool, next_: bool) -> None:
    # then
    assert tekun("tekun_end", ending={"ground": ground}) == {
        "publicity": publicity, "assess_next": next_, "from_month": "2022-07",
    }  # fmt: skip

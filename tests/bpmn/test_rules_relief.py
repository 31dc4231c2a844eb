"""临时救助, price subsidy, publicity and near relatives at their edges."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.bpmn.policy import decide, parameters, with_parameter
from workflows.decisions import DecisionError

D = Decimal
ON = date(2021, 11, 24)
amounts = st.decimals(D("0.01"), 20000, places=2)


def relief(decision: str, on: date = ON, **inputs: Any) -> Any:
    return decide("relief.dmn", decision, {"on": on, **inputs}, on=on)


def expense(decision: str, on: date = ON, **facts: Any) -> Any:
    given_facts = {"class": "other", "persons": D(4), "own_cost": D(45000), "months": D(3)}
    inputs = {"on": on, "disposable_income": D(29000), "expense": {**given_facts, **facts}}
    return decide("relief-expense.dmn", decision, inputs, on=on)


@pytest.mark.parametrize(
    ("proposed", "level"), [("1271.99", "township"), ("1272", "township"), ("1272.01", "district")]
)
def test_the_ceiling_itself_is_still_the_townships(proposed: str, level: str) -> None:
    # given
    event = {"persons": D(1), "proposed": D(proposed), "grants": []}
    # then
    assert relief("relief_level", event=event)["level"] == level


@pytest.mark.parametrize(("days", "level"), [(90, "district"), (91, "township")])
def test_grants_of_an_event_are_added_up_for_ninety_days(days: int, level: str) -> None:
    # given
    before = [{"on": ON - timedelta(days=days), "amount": D(1272)}]
    event = {"persons": D(1), "proposed": D(100), "grants": before}
    # then
    assert relief("relief_level", event=event)["level"] == level


@pytest.mark.parametrize("proposed", ["0", "-1"])
def test_nothing_is_approved_for_no_money(proposed: str) -> None:
    # given
    event = {"persons": D(1), "proposed": D(proposed), "grants": []}
    # then
    with pytest.raises(DecisionError, match="input_not_allowed"):
        relief("relief_approval", event=event)


@pytest.mark.parametrize(
    ("facts", "grounds"),
    [
        ({"proposed": D(7632)}, []),
        ({"proposed": D("7632.01")}, ["amount"]),
        ({"departments": D(1)}, []),
        ({"departments": D(2)}, ["departments"]),
        ({"no_rule": True, "public_risk": True}, ["no_rule", "public_risk"]),
    ],
)
def test_a_conference_has_its_grounds(facts: dict[str, Any], grounds: list[str]) -> None:
    # given one person and the urban standard of 636
    event = {"persons": D(1), "proposed": D(100), "grants": [], **facts}
    # when
    approval = relief("relief_approval", event=event)
    # then
    assert approval["grounds"] == grounds
    assert approval["conference"] is bool(grounds)


@settings(max_examples=60, deadline=None)
@given(first=amounts, second=amounts, third=amounts)
def test_splitting_an_event_never_lowers_its_level(
    first: Decimal, second: Decimal, third: Decimal
) -> None:
    # given
    whole = {"persons": D(3), "proposed": first + second + third, "grants": []}
    grants = [{"on": ON, "amount": first}, {"on": ON, "amount": second}]
    split = {"persons": D(3), "proposed": third, "grants": grants}
    # then
    assert relief("relief_level", event=whole) == relief("relief_level", event=split)


@settings(max_examples=60, deadline=None)
@given(persons=st.integers(1, 12), used=st.decimals(0, 3000, places=2), asked=amounts)
def test_first_aid_never_exceeds_its_cap(persons: int, used: Decimal, asked: Decimal) -> None:
    # given
    event = {"persons": D(persons), "proposed": D(1), "grants": [{"on": ON, "amount": used}]}
    # when
    cap = relief("first_aid_cap", event=event)
    aid = relief("first_aid", event=event, aid={"urgent": True, "amount": asked})
    # then
    assert 0 <= cap <= min(D(636) * persons, max(D(1272) - used, D(0)))
    assert aid["pay_now"] == min(cap, asked)
    assert (aid["action"] == "ordinary") is (cap == 0)


@pytest.mark.parametrize(
    ("on", "duty"), [("2026-06-30", "may"), ("2026-07-01", "must")]
)  # fmt: skip
def test_first_aid_is_a_duty_since_the_law_of_2026(on: str, duty: str) -> None:
    # given
    day = date.fromisoformat(on)
    event = {"persons": D(1), "proposed": D(100), "grants": []}
    # then
    aid = {"urgent": True, "amount": D(100)}
    assert relief("first_aid", day, event=event, aid=aid)["duty"] == duty
    not_urgent = relief("first_aid", day, event=event, aid={**aid, "urgent": False})
    assert (not_urgent["action"], not_urgent["pay_now"]) == ("ordinary", 0)


@pytest.mark.parametrize(
    ("total", "stages", "problems"),
    [
        (300, [(100, 1), (200, 2)], []),
        (301, [(100, 1), (200, 2)], ["sum"]),
        (300, [(300, None)], ["date"]),
        (300, [(200, 2), (100, 1)], ["order"]),
        (300, [(200, 2), (100, 2)], ["order"]),
        (300, [(300, 1), (0, 2)], ["amount"]),
        (300, [(400, 1), (-100, 2)], ["amount"]),
        (300, [], ["no_stages", "sum"]),
    ],
)
def test_a_plan_of_stages_adds_up_and_is_in_order(
    total: int, stages: list[tuple[int, int | None]], problems: list[str]
) -> None:
    # given
    rows = [
        {"amount": D(amount), "due_on": None if n is None else date(2021, 12, n)}
        for amount, n in stages
    ]
    # then
    value = relief("stage_plan", plan={"total": D(total), "stages": rows})
    assert value == {"ok": not problems, "problems": problems}


@settings(max_examples=60, deadline=None)
@given(months=st.integers(2, 11), cost=st.decimals(0, 40000, places=2), persons=st.integers(1, 9))
def test_an_expense_grant_grows_with_months_and_stays_within_the_cost(
    months: int, cost: Decimal, persons: int
) -> None:
    # when
    less, more = (
        expense("expense_amount", months=D(n), own_cost=cost, persons=D(persons))
        for n in (months, months + 1)
    )
    # then
    assert 0 <= less <= more <= cost
    assert less == min(cost, D(636) * months * persons)


@pytest.mark.parametrize("months", ["1", "13", "2.5"])
def test_months_outside_the_range_give_no_amount(months: str) -> None:
    # then
    with pytest.raises(DecisionError, match="no_rule"):
        expense("expense_amount", months=D(months))


@pytest.mark.parametrize("class_", ["edge", "rigid"])
def test_recognised_families_prove_their_spending_only_since_2026(class_: str) -> None:
    # given
    facts = {"class": class_, "annual_income": D(200000), "property_ok": True}
    # then
    assert expense("expense_gate", date(2026, 1, 28), **facts)["passes"] is False
    assert expense("expense_gate", date(2026, 1, 29), **facts)["passes"] is True


def test_income_that_is_not_known_is_not_judged() -> None:
    # then
    with pytest.raises(DecisionError, match="no_rule"):
        expense("expense_gate", annual_income=None, property_ok=True)
    with pytest.raises(DecisionError, match="no_rule"):
        expense("expense_gate", annual_income=D(10), property_ok=None)


@pytest.mark.parametrize(
    ("applied_on", "new_reason", "action"),
    [
        ("2022-11-12", False, "refuse"),
        ("2022-11-13", False, "accept"),
        ("2022-03-01", True, "accept"),
    ],
)
def test_the_same_cause_may_come_again_after_twelve_months_or_with_a_new_reason(
    applied_on: str, new_reason: bool, action: str
) -> None:
    # given
    day = date.fromisoformat(applied_on)
    again = {
        "applied_on": day,
        "last_on": date(2021, 11, 12),
        "same_cause": True,
        "new_reason": new_reason,
    }
    # then
    inputs = {"on": day, "again": again}
    value = decide("relief-expense.dmn", "relief_repeat", inputs, on=day)
    assert value["action"] == action


def subsidy(published_on: str, group: str = "dibao", **index: Any) -> Any:
    day = date.fromisoformat(published_on)
    facts = {"published_on": day, "cpi": D(2), "food": D(2), "scpi_rise": D("0.05"), **index}
    return decide(
        "price.dmn", "price_subsidy", {"index": facts, "group": group, "area": None}, on=day
    )


@pytest.mark.parametrize(
    ("published_on", "cpi", "food", "triggered"),
    [
        ("2022-08-15", "3.4", "5.9", False),
        ("2022-08-15", "3.5", "0", True),
        ("2022-08-15", "0", "6", True),
        ("2022-09-15", "3.0", "0", True),
        ("2022-09-15", "2.9", "5.9", False),
        ("2023-03-15", "3.0", "0", True),
        ("2023-04-15", "3.4", "0", False),
    ],
)
def test_the_price_subsidy_starts_at_its_thresholds(
    published_on: str, cpi: str, food: str, triggered: bool
) -> None:
    # when
    value = subsidy(published_on, cpi=D(cpi), food=D(food))
    # then
    assert value["triggered"] is triggered
    assert (value["amount"] > 0) is triggered


@pytest.mark.parametrize(
    ("rise", "amount"), [("0.05", "28.78"), ("0.026", "15"), ("0.0262", "15.08"), ("0", "15")]
)
def test_the_price_subsidy_is_a_share_of_the_mean_standard_and_at_least_fifteen(
    rise: str, amount: str
) -> None:
    # given the mean of 636 and 515 in October 2021: 575.50
    value = subsidy("2021-10-15", cpi=D(4), scpi_rise=D(rise))
    # then
    assert value["amount"] == D(amount)
    assert value["pay_by"] == date(2021, 10, 31)


@pytest.mark.parametrize(
    ("group", "days"),
    [
        ("edge", ["2022-09-15"]),
        ("unemployment_allowance", ["2022-09-15"]),
        ("hiv_child", ["2021-12-15", "2022-09-15", "2023-05-15"]),
        ("tekun", ["2021-10-15", "2021-12-15", "2022-09-15", "2023-05-15"]),
    ],
)
def test_the_groups_of_the_price_subsidy_change_with_the_texts(group: str, days: list[str]) -> None:
    # when
    included = [
        day
        for day in ("2021-10-15", "2021-12-15", "2022-09-15", "2023-05-15")
        if subsidy(day, group, cpi=D(4))["included"]
    ]
    # then
    assert included == days


def test_a_rise_written_in_percent_is_refused() -> None:
    # then
    with pytest.raises(DecisionError, match="input_not_allowed"):
        subsidy("2021-10-15", cpi=D(4), scpi_rise=D(5))


def publicity(decision: str, on: str = "2021-10-20", **notice: Any) -> Any:
    day = date.fromisoformat(on)
    return decide("publicity.dmn", decision, {"on": day, "notice": notice}, on=day)


def test_publicity_has_exactly_the_lawful_fields() -> None:
    # given
    lawful = ["name", "members", "monthly"]
    # then
    for fields, extra, missing in (
        (lawful, [], []),
        ([*lawful, "illness"], ["illness"], []),
        (["name"], [], ["members", "monthly"]),
    ):
        value = publicity("publicity_check", kind="dibao_opinion", round=D(1), fields=fields)
        assert (value["extra"], value["missing"]) == (extra, missing)
        assert value["ok"] is (not extra and not missing)


@pytest.mark.parametrize(
    ("kind", "round_", "days", "clock"),
    [
        ("dibao_opinion", 1, 7, "J.publicity"),
        ("dibao_opinion", 2, 3, "J.republicity_dibao"),
        ("tekun_opinion", 2, 7, "J.republicity_tekun"),
        ("relief_expense", 1, 7, "D.publicity"),
        ("tekun_end", 1, 7, "G.publicity"),
    ],
)
def test_each_kind_of_publicity_has_its_days(kind: str, round_: int, days: int, clock: str) -> None:
    # then
    value = publicity("publicity_days", kind=kind, round=D(round_))
    assert value == {"days": D(days), "clock": clock}


@pytest.mark.parametrize(
    ("on", "privacy_harm", "publish"),
    [("2021-11-14", False, True), ("2021-11-14", True, False), ("2026-01-29", False, False)],
)
def test_first_aid_is_published_afterwards_with_masked_names_unless_it_harms(
    on: str, privacy_harm: bool, publish: bool
) -> None:
    # when
    value = publicity(
        "publicity_content", on, kind="relief_after_payment", privacy_harm=privacy_harm
    )
    # then
    assert value["publish"] is publish
    assert value["masked"] is True
    assert bool(value["fields"]) is publish


@pytest.mark.parametrize(
    ("relation", "office", "handles", "file"),
    [
        ("parent", "village", None, True),
        ("grandchild", "township", True, True),
        ("sibling", "district", True, True),
        ("sibling", "township", False, False),
        ("sibling_in_law", "village", None, False),
        ("cousin", "district", True, False),
        ("spouse", "other", True, False),
    ],
)
def test_near_relatives_of_those_who_handle_the_case_are_filed_and_visited(
    relation: str, office: str, handles: bool | None, file: bool
) -> None:
    # given
    tie = {"relation": relation, "office": office, "handles": handles}
    # when
    value = decide("near-relative.dmn", "near_relative_filing", {"tie": tie}, on=ON)
    # then
    assert value == {"file": file, "report_to_district": file, "home_visit": file}


def test_separate_standards_for_the_price_subsidy_are_a_parameter() -> None:
    # given
    day = date(2021, 10, 15)
    facts = {"published_on": day, "cpi": D(4), "food": D(0), "scpi_rise": D("0.1")}
    inputs = {"index": facts, "group": "dibao", "area": "rural"}
    # when
    table = with_parameter("price.average_standard", "separate")
    value = decide("price.dmn", "price_subsidy", inputs, on=day, table=table)
    # then
    assert value["amount"] == D("51.50")
    assert parameters().value("price.average_standard", day).certainty == "default"

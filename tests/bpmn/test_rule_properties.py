"""What holds for every input of the tables of relief, reviews, alerts and 特困.

Single cases, at the edges of each row, are questions in bpmn/scenarios/rules-*.yaml.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.bpmn.policy import decide, parameters

D = Decimal
ON = date(2022, 6, 9)
RELIEF = date(2021, 11, 24)
amounts = st.decimals(D("0.01"), 20000, places=2)
REFUSED = {"accepted": False, "suitable": True, "good_reason": False}
REASON = {**REFUSED, "good_reason": True}
ACCEPTED = {**REFUSED, "accepted": True}
UNSUITABLE = {**REFUSED, "suitable": False}


def relief(decision: str, **inputs: Any) -> Any:
    return decide("relief.dmn", decision, {"on": RELIEF, **inputs}, on=RELIEF)


@settings(max_examples=60, deadline=None)
@given(first=amounts, second=amounts, third=amounts)
def test_splitting_an_event_never_lowers_its_level(
    first: Decimal, second: Decimal, third: Decimal
) -> None:
    # given
    whole = {"persons": D(3), "proposed": first + second + third, "grants": []}
    grants = [{"on": RELIEF, "amount": first}, {"on": RELIEF, "amount": second}]
    split = {"persons": D(3), "proposed": third, "grants": grants}
    # then
    assert relief("relief_level", event=whole) == relief("relief_level", event=split)


@settings(max_examples=60, deadline=None)
@given(persons=st.integers(1, 12), used=st.decimals(0, 3000, places=2), asked=amounts)
def test_first_aid_never_exceeds_its_cap(persons: int, used: Decimal, asked: Decimal) -> None:
    # given
    event = {"persons": D(persons), "proposed": D(1), "grants": [{"on": RELIEF, "amount": used}]}
    # when
    cap = relief("first_aid_cap", event=event)
    aid = relief("first_aid", event=event, aid={"urgent": True, "amount": asked})
    # then
    assert 0 <= cap <= min(D(636) * persons, max(D(1272) - used, D(0)))
    assert aid["pay_now"] == min(cap, asked)
    assert (aid["action"] == "ordinary") is (cap == 0)


@settings(max_examples=60, deadline=None)
@given(months=st.integers(2, 11), cost=st.decimals(0, 40000, places=2), persons=st.integers(1, 9))
def test_an_expense_grant_grows_with_months_and_stays_within_the_cost(
    months: int, cost: Decimal, persons: int
) -> None:
    # when
    facts = {"persons": D(persons), "own_cost": cost}
    less, more = (
        decide(
            "relief-expense.dmn",
            "expense_amount",
            {"on": RELIEF, "expense": {**facts, "months": D(n)}},
            on=RELIEF,
        )
        for n in (months, months + 1)
    )
    # then
    assert 0 <= less <= more <= cost
    assert less == min(cost, D(636) * months * persons)


@settings(max_examples=60, deadline=None)
@given(income=st.decimals(0, 2000, places=2), more=st.decimals(0, 500, places=2))
def test_a_single_person_never_gains_by_own_income(income: Decimal, more: Decimal) -> None:
    # given an edge family of three in the countryside with 600 yuan a person
    family = {"area": "rural", "total": D(1800), "members": D(3), "property_ok": True}
    person = {"age": D(40), "employed": False, "serious_illness": True}
    # when
    before, after = (
        decide(
            "single-person.dmn",
            "single_person",
            {"on": ON, "family": family, "person": {**person, "own_income": own}},
            on=ON,
        )["base"]
        for own in (income, income + more)
    )
    # then
    assert 0 <= after <= before <= D(515)


@settings(max_examples=64, deadline=None)
@given(able=st.lists(st.booleans(), min_size=6, max_size=6))
def test_the_care_tier_depends_on_how_many_items_fail_only(able: list[bool]) -> None:
    # given
    items = ("eat", "dress", "bed", "toilet", "walk", "bathe")
    fails = able.count(False)
    # when
    value = decide(
        "tekun.dmn",
        "tekun_care_tier",
        {"on": ON, "self_care": dict(zip(items, able, strict=True))},
        on=ON,
    )
    # then
    expected = "none" if fails == 0 else "half" if fails <= 3 else "full"
    assert value["tier"] == expected
    key = f"tekun.care.{expected}"
    assert value["care"] == parameters().value(key, ON).value


@settings(max_examples=60, deadline=None)
@given(introductions=st.lists(st.sampled_from([REFUSED, REASON, ACCEPTED, UNSUITABLE])))
def test_refusals_are_counted_from_the_latest_backwards(
    introductions: list[dict[str, bool]],
) -> None:
    # given
    expected = 0
    for introduction in reversed(introductions):
        if introduction != REFUSED:
            break
        expected += 1
    # then
    jobless = {"introductions": introductions}
    assert (
        decide("review.dmn", "job_refusals_in_row", {"on": ON, "jobless": jobless}, on=ON)["times"]
        == expected
    )


@settings(max_examples=80, deadline=None)
@given(
    alert=st.fixed_dictionaries(
        {
            name: st.booleans()
            for name in ("aided", "delivered", "maybe_eligible", "complex", "maybe_ineligible")
        }
    ),
    responsible=st.sampled_from([None, "civil_affairs", "other"]),
)
def test_no_alert_is_left_without_a_route(alert: dict[str, bool], responsible: str | None) -> None:
    # when
    given_alert = {**alert, "responsible": responsible}
    routes = decide("alerts.dmn", "alert_routes", {"alert": given_alert}, on=ON)
    # then
    assert routes
    assert ("watch" in routes) is (routes == ["watch"])

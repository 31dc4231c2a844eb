"""What follows a check of a household, alerts and their routes, at their edges."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.bpmn.policy import decide, with_parameter
from workflows.decisions import DecisionError, ParameterTable
from workflows.errors import Invalid

D = Decimal
ON = date(2022, 3, 15)


def review(
    decision: str, on: date = ON, *, table: ParameterTable | None = None, **inputs: Any
) -> Any:
    return decide("review.dmn", decision, {"on": on, **inputs}, on=on, table=table)


@pytest.mark.parametrize(
    ("last_ended_on", "allowed"),
    [(None, True), (date(2021, 3, 15), True), (date(2021, 3, 16), False)],
)
def test_a_gradual_exit_comes_again_after_twelve_months_only(
    last_ended_on: date | None, allowed: bool
) -> None:
    # given
    exit_ = {"decided_on": ON, "amount": D(405), "last_ended_on": last_ended_on}
    # when
    plan = review("gradual_exit_plan", exit=exit_)
    # then
    assert plan["allowed"] is allowed
    assert len(plan["months"]) == (6 if allowed else 0)
    assert plan["exit_from"] == ("2022-10" if allowed else "2022-04")


@pytest.mark.parametrize(("method", "amount"), [("share", "202.50"), ("none", "0")])
def test_the_amount_of_a_gradual_exit_is_a_parameter(method: str, amount: str) -> None:
    # given
    exit_ = {"decided_on": ON, "amount": D(405)}
    table = with_parameter("dibao.gradual_exit.amount", method)
    # then
    assert review("gradual_exit_plan", exit=exit_, table=table)["amount"] == D(amount)


@pytest.mark.parametrize(
    ("decided_on", "first", "last"),
    [("2021-08-31", "2021-09", "2022-02"), ("2021-12-31", "2022-01", "2022-06")],
)
def test_the_months_of_a_gradual_exit_begin_after_the_decision(
    decided_on: str, first: str, last: str
) -> None:
    # given
    day = date.fromisoformat(decided_on)
    # when
    plan = review("gradual_exit_plan", day, exit={"decided_on": day, "amount": D(100)})
    # then
    assert (plan["months"][0], plan["months"][-1], plan["total"]) == (first, last, D(600))


def test_exactly_the_standard_at_the_end_is_a_parameter() -> None:
    # given
    recheck = {"area": "rural", "total": D(1545), "members": D(3), "property_ok": True}
    keep = with_parameter("dibao.gradual_exit.end_at_standard", "keep")
    # then
    assert review("gradual_exit_end", recheck=recheck) == "stop"
    assert review("gradual_exit_end", recheck=recheck, table=keep) == "keep"
    below = {**recheck, "total": D("1544.99")}
    assert review("gradual_exit_end", recheck=below) == "keep"
    assert review("gradual_exit_end", recheck={**below, "property_ok": False}) == "stop"


@pytest.mark.parametrize(
    ("outcome", "clear", "computed", "action", "amount"),
    [
        ("keep", True, "500", "increase", "500"),
        ("keep", True, "300", "decrease", "300"),
        ("keep", True, "405", "unchanged", "405"),
        ("keep", False, "300", "unchanged", "405"),
        ("stop", True, "0", "stop", "0"),
        ("gradual_exit", True, "0", "gradual_exit", "405"),
    ],
)
def test_a_check_changes_the_amount_only_for_a_clear_change(
    outcome: str, clear: bool, computed: str, action: str, amount: str
) -> None:
    # given
    change = {
        "outcome": outcome, "current": D(405), "computed": D(computed), "clear_change": clear,
    }  # fmt: skip
    # then
    assert review("review_change", change=change) == {"action": action, "amount": D(amount)}


@pytest.mark.parametrize("outcome", ["keep", "stop"])
@pytest.mark.parametrize(("on", "hearing"), [("2026-06-30", False), ("2026-07-01", True)])
def test_the_household_is_heard_before_a_reduction_since_july_2026(
    outcome: str, on: str, hearing: bool
) -> None:
    # given
    change = {
        "outcome": outcome, "current": D(405), "computed": D(100), "clear_change": True,
    }  # fmt: skip
    # when
    value = review("review_hearing", date.fromisoformat(on), change=change)
    # then
    assert value == {
        "hearing": hearing,
        "written_notice": True,
        "hearing_clock": "M.hearing" if hearing else "",
        "notice_clock": "M.reduce_stop",
    }


REFUSED = {"accepted": False, "suitable": True, "good_reason": False}
REASON = {**REFUSED, "good_reason": True}
ACCEPTED = {**REFUSED, "accepted": True}
UNSUITABLE = {**REFUSED, "suitable": False}


@pytest.mark.parametrize(
    ("introductions", "times"),
    [
        ([], 0),
        ([REFUSED, REFUSED], 2),
        ([REFUSED, REFUSED, REFUSED], 3),
        ([REFUSED, REFUSED, ACCEPTED, REFUSED], 1),
        ([REFUSED, REASON, REFUSED, REFUSED], 2),
        ([REFUSED, UNSUITABLE, REFUSED, REFUSED, REFUSED], 3),
        ([REFUSED, REFUSED, REFUSED, ACCEPTED], 0),
    ],
)
def test_three_refusals_in_a_row_reduce_the_own_share_only(
    introductions: list[dict[str, bool]], times: int
) -> None:
    # given the household of case C01
    jobless = {
        "able_bodied": True,
        "employed": False,
        "introductions": introductions,
        "base": D(305),
        "members": D(3),
        "own_topup": D(0),
        "monthly": D(405),
    }
    # when
    row = review("job_refusals_in_row", jobless=jobless)
    value = review("job_refusals", jobless=jobless)
    # then
    assert row["times"] == times
    assert value["action"] == ("reduce_or_stop_own" if times >= 3 else "none")
    assert value["at_most"] == (D("101.67") if times >= 3 else 0)
    assert value["at_most"] + value["others_keep"] == D(405)


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
    assert review("job_refusals_in_row", jobless=jobless)["times"] == expected


@pytest.mark.parametrize(
    ("died_on", "rule", "last_on"),
    [
        ("2022-10-19", "promptly", None),
        ("2022-10-20", "months", date(2023, 1, 20)),
        ("2022-11-30", "months", date(2023, 2, 28)),
    ],
)
def test_the_death_check_has_three_months_since_october_2022(
    died_on: str, rule: str, last_on: date | None
) -> None:
    # when
    day = date.fromisoformat(died_on)
    value = decide("review.dmn", "death_check", {"death": {"died_on": day}}, on=day)
    # then
    assert (value["rule"], value["last_on"]) == (rule, last_on)


@pytest.mark.parametrize(
    ("facts", "action"),
    [
        ({"fraud": True, "eligible": True}, "stop_and_recover"),
        ({"eligible": False}, "stop"),
        ({"eligible": True, "found_on": date(2023, 3, 1)}, "none"),
        ({"eligible": True, "found_on": date(2023, 3, 2)}, "educate"),
    ],
)
def test_a_change_that_was_not_reported(facts: dict[str, Any], action: str) -> None:
    # given
    unreported = {"changed_on": date(2022, 12, 1), "found_on": date(2023, 3, 1), **facts}
    # then
    day = unreported["found_on"]
    inputs = {"unreported": unreported}
    assert decide("review.dmn", "unreported_change", inputs, on=day) == action


def test_before_october_2022_nothing_was_laid_down_for_changes_not_reported() -> None:
    # given
    unreported = {
        "changed_on": date(2022, 1, 1), "found_on": date(2022, 6, 1), "eligible": True,
    }  # fmt: skip
    # then
    with pytest.raises(Invalid, match="no_value"):
        decide("review.dmn", "unreported_change", {"unreported": unreported}, on=ON)


@pytest.mark.parametrize(
    ("rule", "months", "amount"), [("next_month", 3, "600"), ("same_month", 4, "800")]
)
def test_an_overpayment_is_counted_in_months(rule: str, months: int, amount: str) -> None:
    # given
    unreported = {
        "changed_on": date(2022, 12, 10),
        "paid_until": date(2023, 3, 5),
        "paid": D(500),
        "due": D(300),
    }
    table = with_parameter("dibao.overpayment.from", rule)
    # when
    value = review("overpayment", date(2023, 3, 20), unreported=unreported, table=table)
    # then
    assert (value["months"], value["amount"]) == (D(months), D(amount))


@pytest.mark.parametrize(
    ("alert", "routes"),
    [
        ({"aided": True, "delivered": True}, ["watch"]),
        ({}, ["watch"]),
        ({"aided": True, "delivered": False, "responsible": "civil_affairs"}, ["deliver"]),
        ({"aided": True, "delivered": False, "responsible": "other"}, ["ask_body"]),
        ({"maybe_eligible": True, "complex": True}, ["push", "conference"]),
        ({"aided": True, "delivered": True, "maybe_ineligible": True}, ["check_and_end"]),
    ],
)
def test_an_alert_has_every_route_that_applies(alert: dict[str, Any], routes: list[str]) -> None:
    # then
    assert decide("alerts.dmn", "alert_routes", {"alert": alert}, on=ON) == routes


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


@pytest.mark.parametrize(
    ("alert", "clock"),
    [
        ({"source": "visit", "kind": "none"}, "I.alert_triage"),
        ({"source": "visit", "kind": "none", "urgent": True}, "I.alert_urgent"),
        ({"source": "hotline", "kind": "enquiry"}, "I.12345_enquiry"),
        ({"source": "hotline", "kind": "suggestion"}, "I.12345_help"),
        ({"source": "hotline", "kind": "complaint"}, "I.12345_complaint"),
        ({"source": "hotline", "kind": "none"}, "I.12345_help"),
    ],
)
def test_alerts_and_orders_have_their_clock(alert: dict[str, Any], clock: str) -> None:
    # then
    assert decide("alerts.dmn", "alert_clock", {"alert": alert}, on=ON) == clock


def test_a_source_that_nobody_knows_is_an_incident() -> None:
    # then
    with pytest.raises(DecisionError, match="input_not_allowed"):
        decide("alerts.dmn", "alert_clock", {"alert": {"source": "radio", "kind": "none"}}, on=ON)

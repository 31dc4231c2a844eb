"""The worked cases of alerts and of a death in a household, with their deadlines."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from tests.bpmn.households import assess, make_household, make_income, make_member
from tests.bpmn.policy import decide
from tests.bpmn.test_dibao_clocks import due_on

D = Decimal


def day(text: str) -> date:
    return date.fromisoformat(text)


def test_case_c22_an_alert_and_an_order_on_one_household() -> None:
    # given
    on = day("2022-06-08")
    alert = {"source": "comparison", "kind": "none", "maybe_eligible": True}
    order = {"source": "hotline", "kind": "help", "same_household_open": True}
    urgent = {**order, "urgent": True}

    def ask(decision: str, given: dict[str, Any]) -> Any:
        return decide("alerts.dmn", decision, {"alert": given}, on=on)

    # then
    assert due_on(ask("alert_clock", alert), "2022-06-06") == "2022-06-20"
    assert due_on(ask("alert_clock", order), "2022-06-08") == "2022-06-17"
    assert ask("alert_clock", urgent) == "I.alert_urgent"
    assert ask("alert_merge", order) is True
    assert ask("alert_merge", alert) is False
    assert ask("alert_routes", alert) == ["push"]


def test_case_c22_the_death_of_a_member_is_checked_in_three_months() -> None:
    # given
    died_on = day("2022-11-18")
    check = decide("review.dmn", "death_check", {"death": {"died_on": died_on}}, on=died_on)
    members = [make_member("m1"), *(make_member(f"m{n}", relation="child") for n in (2, 3, 4))]
    incomes = [make_income("1200")]
    before = assess(make_household(members, incomes, on=died_on))
    members[3] = {**members[3], "status": "deceased"}
    after = assess(make_household(members, incomes, on=day("2022-12-01")))
    # then
    assert (check["rule"], check["last_on"]) == ("months", day("2023-02-18"))
    assert due_on(check["clock"], "2022-11-18") == "2023-02-20"
    assert (before["monthly"], after["monthly"]) == (D("1124.00"), D("543.00"))
    assert check["change_from"] == "2022-12"

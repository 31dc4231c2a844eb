"""The worked cases of gradual exit, 特困 and 临时救助: deadlines, and what several tables decide.

What one table decides stands in bpmn/scenarios/rules-*.yaml.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.bpmn.households import assess, make_household, make_income, make_member
from tests.bpmn.policy import clocks, decide, parameters, with_parameter, working_calendar
from tests.bpmn.test_dibao_clocks import due_on
from workflows.calendar import LOCAL_ZONE
from workflows.clocks.derivation import Unit, derive

D = Decimal


def day(text: str) -> date:
    return date.fromisoformat(text)


def household_c07(wage: str, on: str) -> dict[str, Any]:
    members = [
        make_member("husband", employed=True),
        make_member("wife", relation="spouse", employed=True),
        make_member("daughter", relation="child", birth_on=day("2004-05-01"), student="senior"),
    ]
    incomes = [
        make_income(wage, "wage", member="husband", basis="documented"),
        make_income("400", member="wife"),
    ]
    return make_household(members, incomes, on=day(on), unstable_income=True)


def test_case_c07_a_higher_wage_leads_into_a_gradual_exit_of_six_months() -> None:
    # given
    on = day("2022-03-15")
    found = assess(household_c07("2300", "2022-03-15"))
    review = {
        "on": on,
        "standard": found["standard"],
        "edge_line": found["edge_line"],
        "total": found["countable"],
        "members": found["members"],
        "property_ok": True,
        "after_employment": True,
    }
    # when
    outcome = decide("dibao-procedure.dmn", "dibao_review_outcome", {"review": review}, on=on)
    exit_ = {"decided_on": on, "amount": D("405.00")}
    plan = decide("review.dmn", "gradual_exit_plan", {"on": on, "exit": exit_}, on=on)
    # then
    assert (found["per_capita"], outcome) == (D("670.00"), "gradual_exit")
    assert plan["months"] == ["2022-04", "2022-05", "2022-06", "2022-07", "2022-08", "2022-09"]
    assert (plan["amount"], plan["total"]) == (D("405.00"), D("2430.00"))
    assert plan["exit_from"] == "2022-10"
    assert due_on("M.reduce_stop", "2022-03-15") == "2022-03-18"


@pytest.mark.parametrize(("wage", "outcome"), [("2300", "stop"), ("1900", "keep")])
def test_case_c07_the_end_is_tested_with_the_standard_of_the_recheck(
    wage: str, outcome: str
) -> None:
    # given
    on = day("2022-09-20")
    found = assess(household_c07(wage, "2022-09-20"))
    recheck = {"area": "rural", "total": found["countable"], "members": D(3), "property_ok": True}
    # when
    value = decide("review.dmn", "gradual_exit_end", {"on": on, "recheck": recheck}, on=on)
    # then
    assert value == outcome
    assert due_on("M.reduce_stop", "2022-09-20") == "2022-09-23"
    if outcome == "keep":
        assert (found["base"], found["topup"], found["monthly"]) == (
            D("13.00"), D("100.00"), D("113.00"),
        )  # fmt: skip


def test_case_c13_the_deadlines_cross_the_holidays() -> None:
    # then
    assert due_on("B.survey_opinion", "2021-09-13") == "2021-10-09"
    assert due_on("J.publicity", "2021-09-28") == "2021-10-08"
    no_roll = with_parameter("publicity.roll", False)
    assert due_on("J.publicity", "2021-09-28", table=no_roll) == "2021-10-05"
    assert due_on("B.district", "2021-10-09") == "2021-10-29"


@pytest.mark.parametrize(
    ("reported", "due"),
    [("2021-11-13T23:10", "2021-11-14T23:10"), ("2026-03-13T23:10", "2026-03-16T23:10")],
)
def test_case_c16_first_aid_is_due_in_a_day_and_since_2026_in_three(
    reported: str, due: str
) -> None:
    # given
    moment = datetime.fromisoformat(reported).replace(tzinfo=LOCAL_ZONE)
    length = int(parameters().value(clocks()["C.first_aid"]["length"], moment.date()).value)
    # when
    found = derive(moment, length, Unit.HOURS, calendar=working_calendar())
    # then
    assert found.due_at == datetime.fromisoformat(due).replace(tzinfo=LOCAL_ZONE)


def test_case_c16_papers_follow_ten_working_days_after_the_emergency() -> None:
    # then
    assert due_on("C.aftercare_papers", "2021-11-22") == "2021-12-06"


def test_case_c17_the_stages_are_due_thirty_and_sixty_days_later() -> None:
    # when
    calendar = working_calendar()
    thirty, sixty = (
        derive(day("2021-11-24"), days, Unit.DAYS, calendar=calendar, roll=True).due_on
        for days in (30, 60)
    )
    # then
    assert (thirty, sixty) == (day("2021-12-24"), day("2022-01-24"))


def test_case_c18_the_deadlines_of_an_application_for_its_expense() -> None:
    # then
    assert due_on("D.township", "2021-10-12") == "2021-10-26"
    assert due_on("D.publicity", "2021-10-21") == "2021-10-28"
    assert due_on("D.district", "2021-10-29") == "2021-11-12"
    assert due_on("M.refusal", "2022-03-01") == "2022-03-04"

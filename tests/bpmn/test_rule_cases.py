"""The worked cases of gradual exit, 特困 and 临时救助: every value of a rule or a deadline."""

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


# C07


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


# C13

PERSON_C13 = {
    "age": D(63),
    "area": "rural",
    "incomes": [
        {"kind": "pension_base", "monthly": D(125)},
        {"kind": "property", "monthly": D(80)},
    ],
    "property_ok": True,
    "supporters": [],
}


def tekun(decision: str, on: str = "2021-09-13", **inputs: Any) -> Any:
    given = {"on": day(on), "person": PERSON_C13, "disposable_income": None, **inputs}
    return decide("tekun.dmn", decision, given, on=day(on))


def test_case_c13_a_man_of_63_without_supporters_is_recognised() -> None:
    # then
    assert tekun("tekun_labour") == {"no_labour": True, "ground": "elderly"}
    assert tekun("tekun_income") == D(80)
    assert tekun("tekun_no_source") is True
    assert tekun("tekun_no_supporter")["result"] is True
    assert tekun("tekun_eligible") == {"eligible": True, "failed": ""}


@pytest.mark.parametrize(
    ("failed", "tier", "monthly"),
    [
        (("dress", "bed", "toilet", "bathe"), "full", "1127.00"),
        (("dress", "bed", "toilet"), "half", "1027.00"),
        ((), "none", "827.00"),
    ],
)
def test_case_c13_the_items_that_fail_decide_the_amount(
    failed: tuple[str, ...], tier: str, monthly: str
) -> None:
    # given
    items = ("eat", "dress", "bed", "toilet", "walk", "bathe")
    self_care = {item: item not in failed for item in items}
    # when
    value = tekun("tekun_amount", "2021-10-22", self_care=self_care)
    # then
    assert (value["tier"], value["monthly"]) == (tier, D(monthly))
    assert value["start_month"] == "2021-11"


def test_case_c13_the_deadlines_cross_the_holidays() -> None:
    # then
    assert due_on("B.survey_opinion", "2021-09-13") == "2021-10-09"
    assert due_on("J.publicity", "2021-09-28") == "2021-10-08"
    no_roll = with_parameter("publicity.roll", False)
    assert due_on("J.publicity", "2021-09-28", table=no_roll) == "2021-10-05"
    assert due_on("B.district", "2021-10-09") == "2021-10-29"


# C16, C17


def relief(decision: str, on: str, **inputs: Any) -> Any:
    return decide("relief.dmn", decision, {"on": day(on), **inputs}, on=day(on))


def test_case_c16_first_aid_is_bounded_by_the_ceiling_of_the_township() -> None:
    # given a family of three from elsewhere
    event = {"persons": D(3), "proposed": D(1200), "grants": []}
    aid = {"urgent": True, "amount": D(1200)}
    # then
    assert relief("relief_ceiling", "2021-11-14") == D("1272.00")
    assert relief("first_aid_cap", "2021-11-14", event=event) == D("1272.00")
    assert relief("first_aid", "2021-11-14", event=event, aid=aid) == {
        "action": "pay_first", "pay_now": D("1200.00"), "duty": "may",
    }  # fmt: skip
    approval = relief("relief_approval", "2021-11-14", event=event)
    assert (approval["level"], approval["file_with_district"]) == ("township", True)
    place = {"programme": "relief_emergency", "on": day("2021-11-14")}
    value = decide("place.dmn", "place_of_relief", place, on=day("2021-11-14"))
    assert value == {"place": "emergency", "duty": "explore"}


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


def test_case_c16_a_further_grant_is_added_to_the_first() -> None:
    # given
    before = [{"on": day("2021-11-14"), "amount": D(1200)}]
    # when
    small, large = (
        relief(
            "relief_approval",
            "2021-11-25",
            event={"persons": D(3), "proposed": amount, "grants": before},
        )
        for amount in (D(72), D("72.01"))
    )
    # then
    assert (small["total"], small["level"]) == (D("1272.00"), "township")
    assert (large["total"], large["level"]) == (D("1272.01"), "district")


def stage(amount: int, due: str, state: str = "planned") -> dict[str, Any]:
    return {"amount": D(amount), "due_on": day(due), "condition": "回访", "state": state}


def test_case_c17_one_approval_in_three_stages_of_which_one_is_cancelled() -> None:
    # given
    plan = {
        "total": D(4800),
        "stages": [
            stage(2000, "2021-11-24", "paid"),
            stage(1800, "2021-12-24", "paid"),
            stage(1000, "2022-01-24", "cancelled"),
        ],
    }
    event = {"persons": D(3), "proposed": D(4800), "grants": []}
    # then
    assert relief("relief_approval", "2021-11-24", event=event)["level"] == "district"
    assert relief("stage_plan", "2021-11-24", plan=plan) == {"ok": True, "problems": []}
    balance = relief("stage_balance", "2022-01-24", plan=plan)
    assert (balance["paid"], balance["released"]) == (D("3800.00"), D("1000.00"))
    assert (balance["open"], balance["within"]) == (D(0), True)
    calendar = working_calendar()
    thirty, sixty = (
        derive(day("2021-11-24"), days, Unit.DAYS, calendar=calendar, roll=True).due_on
        for days in (30, 60)
    )
    assert (thirty, sixty) == (day("2021-12-24"), day("2022-01-24"))


def test_case_c17_stages_cannot_be_split_to_stay_below_the_ceiling() -> None:
    # given three stages of 1,200 approved together, or one after the other
    together = {"persons": D(3), "proposed": D(3600), "grants": []}
    grants = [{"on": day("2021-11-01"), "amount": D(1200)}]
    later = {"persons": D(3), "proposed": D(1200), "grants": grants}
    # then
    assert relief("relief_level", "2021-11-24", event=together)["level"] == "district"
    assert relief("relief_level", "2021-11-24", event=later)["level"] == "district"


# C18

EXPENSE_C18 = {
    "class": "other",
    "persons": D(4),
    "annual_income": D(72000),
    "property_ok": True,
    "own_cost": D(45000),
    "months": D(3),
}


def expense(decision: str, on: str = "2021-11-12", **inputs: Any) -> Any:
    given = {"on": day(on), "disposable_income": D(29000), **inputs}
    return decide("relief-expense.dmn", decision, given, on=day(on))


def test_case_c18_a_the_amount_and_its_level() -> None:
    # then
    gate = expense("expense_gate", expense=EXPENSE_C18)
    assert gate == {"passes": True, "income_test": True, "failed": ""}
    assert expense("expense_amount", expense=EXPENSE_C18) == D("7632.00")
    event = {"persons": D(4), "proposed": D("7632.00"), "grants": []}
    assert relief("relief_approval", "2021-11-12", event=event)["level"] == "district"
    assert due_on("D.township", "2021-10-12") == "2021-10-26"
    assert due_on("D.publicity", "2021-10-21") == "2021-10-28"
    assert due_on("D.district", "2021-10-29") == "2021-11-12"


def test_case_c18_b_exactly_the_disposable_income_is_not_below_it() -> None:
    # given
    at, below = (
        expense("expense_gate", expense={**EXPENSE_C18, "annual_income": income})
        for income in (D(116000), D("115999.99"))
    )
    # then
    assert at == {"passes": False, "income_test": True, "failed": "income"}
    assert below["passes"] is True


def test_case_c18_c_a_dibao_family_proves_its_spending_only() -> None:
    # given
    facts = {**EXPENSE_C18, "class": "dibao", "annual_income": None, "property_ok": None}
    # then
    assert expense("expense_gate", expense=facts)["passes"] is True
    assert expense("expense_gate", expense=facts)["income_test"] is False


@pytest.mark.parametrize(
    ("applied_on", "same_cause", "action", "clock"),
    [("2022-03-01", True, "refuse", "M.refusal"), ("2022-03-05", False, "accept", "")],
)
def test_case_c18_d_e_the_same_cause_again_is_refused_and_a_new_one_accepted(
    applied_on: str, same_cause: bool, action: str, clock: str
) -> None:
    # given
    again = {
        "applied_on": day(applied_on),
        "last_on": day("2021-11-12"),
        "same_cause": same_cause,
        "new_reason": False,
    }
    # then
    assert expense("relief_repeat", applied_on, again=again) == {
        "action": action, "notice_clock": clock,
    }  # fmt: skip
    assert due_on("M.refusal", "2022-03-01") == "2022-03-04"

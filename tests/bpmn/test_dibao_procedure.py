"""Home visit, first month of payment and what a check of a household ends in."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from tests.bpmn.policy import decide, with_parameter

PROCEDURE = "dibao-procedure.dmn"
D = Decimal


@pytest.mark.parametrize(
    ("near_relative", "complaint", "mandatory"),
    [(False, False, False), (True, False, True), (False, True, True), (True, True, True)],
)
def test_near_relatives_and_complaints_make_the_home_visit_mandatory(
    near_relative: bool, complaint: bool, mandatory: bool
) -> None:
    # given
    inputs = {"near_relative": near_relative, "complaint": complaint}
    # when
    value = decide(PROCEDURE, "dibao_home_visit", inputs, on=date(2021, 10, 15))
    # then
    assert value is mandatory


@pytest.mark.parametrize(
    ("decided_on", "rule", "month"),
    [
        ("2021-10-15", "next", "2021-11"),
        ("2021-10-15", "same", "2021-10"),
        ("2021-11-19", "next", "2021-12"),
        ("2021-11-19", "same", "2021-11"),
        ("2021-12-31", "next", "2022-01"),
        ("2022-01-31", "next", "2022-02"),
    ],
)
def test_the_first_month_of_payment(decided_on: str, rule: str, month: str) -> None:
    # given
    day = date.fromisoformat(decided_on)
    table = with_parameter("dibao.start_month_rule", rule)
    # when
    value = decide(PROCEDURE, "dibao_start_month", {"decided_on": day}, on=day, table=table)
    # then
    assert value == month


def test_the_month_after_the_decision_is_the_default() -> None:
    # given
    day = date(2021, 10, 15)
    # when
    value = decide(PROCEDURE, "dibao_start_month", {"decided_on": day}, on=day)
    # then
    assert value == "2021-11"


@pytest.mark.parametrize(
    ("on", "standard", "total", "outcome"),
    [
        ("2022-03-15", "515", "2010", "gradual_exit"),
        ("2022-09-20", "581", "2010", "gradual_exit"),
        ("2022-09-20", "581", "1730", "keep"),
        ("2022-03-15", "515", "1545", "gradual_exit"),
        ("2022-03-15", "515", "1544.99", "keep"),
        ("2022-03-15", "515", "2317.49", "gradual_exit"),
        ("2022-03-15", "515", "2317.50", "stop"),
    ],
)
def test_a_check_keeps_lets_out_gradually_or_stops(
    on: str, standard: str, total: str, outcome: str
) -> None:
    # given the household of case C07, of three persons
    review = {
        "on": date.fromisoformat(on),
        "standard": D(standard),
        "edge_line": D(standard) * D("1.5"),
        "total": D(total),
        "members": D(3),
        "property_ok": True,
        "after_employment": False,
    }
    # when
    value = decide(PROCEDURE, "dibao_review_outcome", {"review": review}, on=review["on"])
    # then
    assert value == outcome


@pytest.mark.parametrize(("after_employment", "outcome"), [(True, "gradual_exit"), (False, "stop")])
def test_the_cause_of_a_gradual_exit_is_a_parameter(after_employment: bool, outcome: str) -> None:
    # given
    review = {
        "on": date(2022, 3, 15),
        "standard": D(515),
        "edge_line": D("772.5"),
        "total": D(2010),
        "members": D(3),
        "property_ok": True,
        "after_employment": after_employment,
    }
    table = with_parameter("dibao.gradual_exit.cause", "employment")
    # when
    value = decide(
        PROCEDURE, "dibao_review_outcome", {"review": review}, on=review["on"], table=table
    )
    # then
    assert value == outcome

"""One approval fixes a total within its level, its stages, and the money for them."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from models.relief import StageState
from tests.assistance.relief.world import STANDARD, TODAY, Relief
from tests.runtime.district import at
from workflows.assistance.relief.conferring import record_conference
from workflows.assistance.relief.events import event_state
from workflows.assistance.relief.staging import cancel_stage
from workflows.errors import Conflict, DoudiError, Fault, Invalid, NotFound

FEN = Decimal("0.01")
CEILING = 2 * STANDARD
CONFERENCE = 12 * STANDARD


def opened(relief: Relief, persons: int = 1) -> tuple[str, str]:
    """A case and the event in it."""
    case_id = relief.case(relief.family())
    return case_id, relief.event(case_id, persons=persons)["event_id"]


def refused(relief: Relief, code: str, *arguments: Any, **inputs: Any) -> DoudiError:
    """What refuses a grant with this code (or a finding of it); nothing has changed."""
    before = relief.picture()
    with pytest.raises(DoudiError) as caught:
        relief.grant(*arguments, **inputs)
    assert code in {caught.value.code, *(found.code for found in caught.value.findings)}
    assert relief.picture() == before
    return caught.value


@pytest.mark.parametrize(("persons", "cap"), [(1, STANDARD), (2, CEILING), (5, CEILING)])
def test_first_aid_is_given_up_to_its_cap(relief: Relief, persons: int, cap: Decimal) -> None:
    # given
    case_id, event_id = opened(relief, persons)
    aid = {"kind": "first_aid", "level": "township", "source": "petty_fund"}
    # when / then
    refused(relief, "above_cap", case_id, event_id, str(cap + FEN), **aid)
    assert relief.grant(case_id, event_id, str(cap), **aid).total == cap
    refused(relief, "above_cap", case_id, event_id, "0.01" if persons > 1 else "636.01", **aid)


@pytest.mark.parametrize(("level", "most"), [("township", CEILING), ("district", CONFERENCE)])
def test_a_level_decides_up_to_its_total(relief: Relief, level: str, most: Decimal) -> None:
    # given: the total of the event counts, not the grant
    case_id, event_id = opened(relief)
    relief.grant(case_id, event_id, "200.00", level=level)
    # when / then
    refused(relief, "above_level", case_id, event_id, str(most - 200 + FEN), level=level)
    relief.grant(case_id, event_id, str(most - 200), level=level)
    refused(relief, "above_level", case_id, event_id, "0.01", level=level)


def test_a_conference_decides_above_all_levels(relief: Relief) -> None:
    # given
    case_id, event_id = opened(relief)
    # when
    grant = relief.grant(case_id, event_id, "30000.00", level="conference")
    # then
    assert grant.total == 30000


def test_grants_before_the_window_no_longer_count_for_the_level(relief: Relief) -> None:
    # given
    case_id, event_id = opened(relief)
    relief.grant(case_id, event_id, "1000.00", level="township")
    last, after = at("2022-02-22"), at("2022-02-23")
    # when / then
    refused(relief, "above_level", case_id, event_id, "300.00", level="township", now=last)
    assert relief.grant(case_id, event_id, "300.00", level="township", now=after).total == 300


def test_what_was_cancelled_no_longer_counts_for_the_level(relief: Relief) -> None:
    # given
    case_id, event_id = opened(relief)
    grant = relief.grant(case_id, event_id, "1272.00", level="township")
    [stage] = relief.stages(grant)
    # when
    relief.act(case_id, cancel_stage, stage_id=stage.id, reason="已缓解")
    # then
    assert relief.grant(case_id, event_id, "1272.00", level="township").total == 1272


@pytest.mark.parametrize(
    "amount", ["0", "-1", "0.001", "600.005", "1E-10", "1E+30", "1E+308", "NaN", "Infinity"]
)
def test_an_amount_is_above_zero_and_in_fen(relief: Relief, amount: str) -> None:
    # given
    case_id, event_id = opened(relief)
    # when / then
    refused(relief, "amount_wrong", case_id, event_id, amount, level="conference")


def test_an_amount_keeps_to_the_rules(relief: Relief) -> None:
    # given
    case_id, event_id = opened(relief)
    # when / then
    refused(relief, "above_rule", case_id, event_id, "500.01", by_rule=Decimal(500))
    assert relief.grant(case_id, event_id, "500.00", by_rule=Decimal(500)).total == 500


@pytest.mark.parametrize(
    ("source", "amount"), [("petty_fund", "20000.01"), ("budget", "50000.01"), ("budget", "1E+15")]
)
def test_nothing_is_granted_without_cover(relief: Relief, source: str, amount: str) -> None:
    # given
    case_id, event_id = opened(relief)
    # when / then
    error = refused(
        relief, "no_cover", case_id, event_id, amount, level="conference", source=source
    )
    assert isinstance(error, Conflict)


@pytest.mark.parametrize(
    ("name", "value"), [("level", "city"), ("source", "pocket"), ("level", ""), ("source", "")]
)
def test_words_that_the_host_does_not_know_are_a_fault_of_the_policy(
    relief: Relief, name: str, value: str
) -> None:
    # given
    case_id, event_id = opened(relief)
    # when / then
    assert isinstance(refused(relief, "unknown_word", case_id, event_id, **{name: value}), Fault)


def stage(amount: str, days: int | None) -> dict[str, Any]:
    """A planned stage so many days from today."""
    due_on = None if days is None else TODAY + timedelta(days=days)
    return {"amount": Decimal(amount), "due_on": due_on, "condition": ""}


@pytest.mark.parametrize(
    ("stages", "codes"),
    [
        ([stage("300.00", 0), stage("299.99", 30)], {"sum"}),
        ([stage("600.00", 0), stage("0.00", 30)], {"amount"}),
        ([stage("700.00", 0), stage("-100.00", 30)], {"amount"}),
        ([stage("300.005", 0), stage("299.995", 30)], {"amount"}),
        ([stage("300.00", 30), stage("300.00", 30)], {"order"}),
        ([stage("300.00", 30), stage("300.00", 29)], {"order"}),
        ([stage("300.00", None), stage("300.00", 30)], {"date"}),
        ([stage("300.00", 0), stage("300.00", None)], {"date"}),
        ([stage("300.00", -1), stage("300.00", 30)], {"past"}),
        ([stage("300.00", 0), stage("300.00", 40_000)], {"far"}),
        ([stage("-1.00", 30), stage("300.00", -1)], {"sum", "amount", "order", "past"}),
    ],
)  # fmt: skip
def test_every_problem_of_a_plan_is_told_at_once(
    relief: Relief, stages: list[Any], codes: set[str]
) -> None:
    # given
    case_id, event_id = opened(relief)
    # when
    error = refused(relief, "stage_plan", case_id, event_id, stages=stages)
    # then
    assert {found.code for found in error.findings} == {f"stage_plan.{code}" for code in codes}
    assert isinstance(error, Invalid) and not isinstance(error, Fault)


@pytest.mark.parametrize("stages", [["stage"], [{"amount": Decimal(600)}], [{}], [None]])
def test_a_plan_without_its_columns_is_refused(relief: Relief, stages: list[Any]) -> None:
    # given
    case_id, event_id = opened(relief)
    before = relief.picture()
    # when / then
    with pytest.raises(Invalid):
        relief.grant(case_id, event_id, stages=stages)
    assert relief.picture() == before


@pytest.mark.parametrize("stages", [None, []])
def test_a_grant_without_a_plan_is_due_today(relief: Relief, stages: list[Any] | None) -> None:
    # given
    case_id, event_id = opened(relief)
    # when
    grant = relief.grant(case_id, event_id, stages=stages)
    # then
    found = [(one.number, one.amount, one.due_on, one.state) for one in relief.stages(grant)]
    assert found == [(1, Decimal(600), TODAY, StageState.PLANNED)]


@pytest.mark.parametrize(
    ("source", "before", "after"),
    [("petty_fund", "petty_fund", "petty_committed"), ("budget", "budget", "committed")],
)
def test_a_cancelled_stage_frees_money_to_where_it_came_from(
    relief: Relief, source: str, before: str, after: str
) -> None:
    # given
    case_id, event_id = opened(relief)
    had = relief.balances()
    plan = [stage("400.00", 0), stage("200.00", 30)]
    grant = relief.grant(case_id, event_id, source=source, stages=plan)
    assert relief.balances()[after] == 600
    # when
    first, second = relief.stages(grant)
    relief.act(case_id, cancel_stage, stage_id=first.id, reason="保险已赔")
    with pytest.raises(Conflict, match="stage_settled"):
        relief.act(case_id, cancel_stage, stage_id=first.id, reason="再来")
    # then
    assert relief.balances()[before] == had[before] - 200
    assert relief.balances()[after] == 200
    assert relief.act(case_id, event_state, event_id=event_id)["event_granted"] == 200
    # when
    relief.act(case_id, cancel_stage, stage_id=second.id, reason="保险已赔")
    # then
    assert relief.balances() == had


# -- conferences


def conference(relief: Relief, case_id: str, **changes: Any) -> dict[str, Any]:
    """A conference of today that approves 9,000 yuan."""
    inputs: dict[str, Any] = {
        "held_on": TODAY, "grounds": ["amount"], "departments": ["民政", "医疗保障"],
        "people": Decimal(6), "minutes": ["file"], "decision": "approve",
        "amount": Decimal(9000), **changes,
    }  # fmt: skip
    answer: dict[str, Any] = relief.act(case_id, record_conference, **inputs)
    return answer


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"held_on": TODAY + timedelta(days=1)}, "held_later"),
        ({"held_on": date(2300, 1, 1)}, "held_later"),
        ({"minutes": []}, "minutes_missing"),
        ({"amount": None}, "amount_missing"),
        ({"amount": Decimal(0)}, "amount_missing"),
        ({"amount": Decimal(-5)}, "amount_missing"),
        ({"amount": Decimal("9000.001")}, "amount_missing"),
    ],
)
def test_a_conference_has_a_day_minutes_and_an_amount(
    relief: Relief, changes: dict[str, Any], code: str
) -> None:
    # given
    case_id, _ = opened(relief)
    # when / then
    with pytest.raises(Invalid, match=code):
        conference(relief, case_id, **changes)


def test_a_conference_may_refuse_without_an_amount(relief: Relief) -> None:
    # given
    case_id, event_id = opened(relief)
    # when / then
    assert conference(relief, case_id, decision="refuse", amount=None, event_id=event_id)


def test_a_conference_about_a_stranger_s_event_is_not_found(relief: Relief) -> None:
    # given
    case_id, _ = opened(relief)
    _, theirs = opened(relief)
    # when / then
    with pytest.raises(NotFound, match="event_not_found"):
        conference(relief, case_id, event_id=theirs)

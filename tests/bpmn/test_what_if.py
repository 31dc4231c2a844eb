"""The worked refusals of the policy, and what would change each of them, by the own tables."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

import pytest

from tests.runtime.district import policy_files
from workflows.decisions.catalogue import catalogue_entry, read_facts
from workflows.decisions.model import DecisionTable
from workflows.definitions.asking import ask_decision, ask_what_if
from workflows.definitions.policy import Policy, parse_policy
from workflows.definitions.telling import told

FAMILY = {"area": "rural", "total": Decimal(1545), "members": 3, "property_ok": True}
OLD = {"age": 63, "area": "rural", "property_ok": True, "supporters": [], "incomes": []}


@cache
def policy() -> Policy:
    """The project's own policy."""
    return parse_policy(policy_files())


def asked(key: str, on: date, facts: Any) -> tuple[list[str], list[str]]:
    """What a decision tells, and what would change it, in Chinese."""
    inputs = read_facts(catalogue_entry(policy().decisions, key), facts, on=on)
    noon = datetime(on.year, on.month, on.day, 4, tzinfo=UTC)
    result, _ = ask_decision(policy(), key, inputs, on, noon)
    said = [one.text("zh") for one in told(result.explanation.to_json(), policy().clauses)]
    found = ask_what_if(policy(), key, inputs, on, noon)
    return said, [text for one in found for text in one.sentences("zh")]


@pytest.mark.parametrize(
    ("key", "on", "facts", "change"),
    [
        (  # C02: income exactly at the standard is an edge household
            "edge_household",
            date(2021, 10, 15),
            {"family": {**FAMILY, "total": Decimal("2317.50")}},
            "家庭计入收入合计降低 0.01 元，为 2,317.49 元，就可以认定为低保边缘家庭。",
        ),
        (
            "edge_household",
            date(2021, 10, 15),
            {"family": {**FAMILY, "property_ok": False}},
            "经核实家庭财产符合规定，就可以认定为低保边缘家庭。",
        ),
        (
            "single_person",
            date(2021, 10, 15),
            {"family": FAMILY, "person": {"age": 40, "own_income": 0}},
            "提交2级残疾证，就可以按单人户纳入最低生活保障。",
        ),
        (
            "single_person",
            date(2021, 10, 15),
            {
                "family": FAMILY,
                "person": {"age": 40, "own_income": Decimal(600), "serious_illness": True},
            },
            "本人计入收入降低 85.01 元，为 514.99 元，就可以按单人户纳入最低生活保障。",
        ),
        (
            "tekun_eligible",
            date(2021, 9, 13),
            {"person": {**OLD, "property_ok": False}},
            "经核实本人财产符合规定，就符合特困人员的条件。",
        ),
        (
            "tekun_eligible",
            date(2021, 9, 13),
            {"person": {**OLD, "incomes": [{"kind": "wage", "monthly": Decimal(515)}]}},
            "第1项收入的每月金额降低 0.01 元，为 514.99 元，就符合特困人员的条件。",
        ),
        (
            "tekun_eligible",
            date(2021, 9, 13),
            {
                "person": {
                    **OLD,
                    "supporters": [
                        {"age": 40, "annual_income": Decimal(50000), "property_ok": True}
                    ],
                },
                "disposable_income": Decimal(29000),
            },
            "提交“第1名法定义务人：在监狱服刑”的证明，就符合特困人员的条件。",
        ),
        (  # C18 (b): income per person exactly at the disposable income
            "expense_gate",
            date(2021, 10, 19),
            {
                "expense": {
                    "class": "other",
                    "persons": 4,
                    "annual_income": Decimal("116000.00"),
                    "property_ok": True,
                },
                "disposable_income": Decimal(29000),
            },
            "申请前12个月家庭收入降低 0.01 元，为 115,999.99 元，就符合支出型临时救助的条件。",
        ),
        (
            "relief_repeat",
            date(2022, 3, 1),
            {
                "again": {
                    "applied_on": date(2022, 3, 1),
                    "last_on": date(2021, 12, 1),
                    "same_cause": True,
                    "new_reason": False,
                }
            },
            "在2022年12月2日申请，就可以受理。",
        ),
        (
            "dibao_review_outcome",
            date(2021, 10, 15),
            {
                "review": {
                    "standard": 515,
                    "edge_line": Decimal("772.50"),
                    "total": Decimal(2400),
                    "members": 3,
                    "property_ok": True,
                }
            },
            "家庭计入收入合计降低 855.01 元，为 1,544.99 元，就可以继续享受最低生活保障。",
        ),
        (
            "gradual_exit_end",
            date(2022, 4, 15),
            {"recheck": {**FAMILY, "total": Decimal(2400)}},
            "就可以继续享受最低生活保障。",
        ),
    ],
)
def test_a_refusal_says_what_would_change_it(key: str, on: date, facts: Any, change: str) -> None:
    # when
    said, changes = asked(key, on, facts)
    # then
    assert all(said)
    assert any(change in text for text in changes), changes


def test_two_reasons_at_once_are_not_undone_by_one_change() -> None:
    # given
    person = {**OLD, "age": 40, "property_ok": False}
    # when
    _, changes = asked("tekun_eligible", date(2021, 9, 13), {"person": person})
    # then
    assert changes == ["没有找到只改变一项情况就符合特困人员的条件的办法。"]


def with_goals() -> list[tuple[str, Any]]:
    """The decisions that say which of their results are favourable."""
    models = {id(model): model for model in policy().decisions.values()}.values()
    return [
        (decision.id, decision)
        for model in models
        for decision in model.all_decisions
        if decision.wording.goals
    ]


@pytest.mark.parametrize(("key", "decision"), with_goals(), ids=lambda found: str(found)[:30])
def test_no_result_with_a_goal_is_without_a_name_or_fixed_in_every_fact(
    key: str, decision: Any
) -> None:
    # given
    entry = catalogue_entry(policy().decisions, key)
    # then
    assert entry.inputs
    if isinstance(decision.expression, DecisionTable):
        columns = decision.expression.annotations
        assert "说明" in columns or decision.id in {"gradual_exit_allowed", "unreported_change"}

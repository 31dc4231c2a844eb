"""Over the shipped tables and any facts: what would change a refusal is true when run again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.decisions.wording import changed
from tests.runtime.district import policy_files
from workflows.decisions import DecisionResult
from workflows.decisions.catalogue import Fact, catalogue_entry
from workflows.decisions.what_if import BUDGET, what_would_change
from workflows.definitions.asking import ask_decision
from workflows.definitions.policy import Policy, parse_policy
from workflows.errors import DoudiError
from workflows.feel import Value, compile_expression

ON = date(2022, 10, 1)
NOW = datetime(2022, 10, 1, 4, tzinfo=UTC)


@cache
def policy() -> Policy:
    """The project's own policy."""
    return parse_policy(policy_files())


def with_goals() -> list[str]:
    """The decisions that say which of their results are favourable."""
    models = {id(model): model for model in policy().decisions.values()}.values()
    return sorted(
        decision.id
        for model in models
        for decision in model.all_decisions
        if decision.wording.goals
    )


def values(fact: Fact) -> st.SearchStrategy[Any]:
    """Values of a fact: known, missing, and near the lines that the tables draw."""
    if fact.parts:
        one: st.SearchStrategy[Any] = st.fixed_dictionaries(
            {part.name: values(part) for part in fact.parts}
        )
    elif fact.values:
        one = st.sampled_from(fact.values)
    elif fact.type == "number":
        one = st.one_of(
            st.integers(0, 4).map(Decimal),
            st.integers(0, 300_000).map(lambda cents: Decimal(cents) / 100),
            st.sampled_from([Decimal(581), Decimal("871.5"), Decimal(1743), Decimal(29_000)]),
        )
    elif fact.type == "boolean":
        one = st.booleans()
    elif fact.type == "date":
        one = st.integers(0, 4000).map(lambda days: date(2012, 1, 1) + timedelta(days=days))
    else:
        one = st.sampled_from(["a", "b", ""])
    if fact.many:
        return st.lists(one, max_size=2)
    return one if fact.parts else st.one_of(st.none(), one, one, one)


def asked(key: str, inputs: Mapping[str, Value], assumed: Mapping[str, Value]) -> DecisionResult:
    """The decision as a case asks it."""
    return ask_decision(policy(), key, inputs, ON, NOW, assumed=assumed, tells=False)[0]


def favourable(key: str, inputs: Mapping[str, Value], assumed: Mapping[str, Value]) -> list[bool]:
    """For each goal of a decision whether it is met; a refusal to answer meets none."""
    goals = policy().decisions[key].decision(key).wording.goals
    try:
        outputs = asked(key, inputs, assumed).outputs
    except DoudiError:
        return [False] * len(goals)
    tests = [compile_expression(goal.test, frozenset(outputs)) for goal in goals]
    return [test.value({**dict.fromkeys(test.free_names), **outputs}) is True for test in tests]


@pytest.mark.parametrize("key", with_goals())
def test_every_claim_is_true_when_run_again_and_one_step_less_flips_nothing(key: str) -> None:
    entry = catalogue_entry(policy().decisions, key)
    model = policy().decisions[key]

    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.fixed_dictionaries({fact.name: values(fact) for fact in entry.inputs}))
    def holds(inputs: dict[str, Any]) -> None:
        # when
        found = what_would_change(model, key, inputs, asked)
        # then
        goals = [goal.name for goal in model.decision(key).wording.goals]
        for one in found:
            which = goals.index(one.goal)
            assert one.evaluations <= BUDGET
            for change in one.changes:
                assert favourable(key, *changed(inputs, change.to_json(), "new"))[which], change
                if change.nearer is not None:
                    assert not favourable(key, *changed(inputs, change.to_json(), "nearer"))[
                        which
                    ], change

    holds()

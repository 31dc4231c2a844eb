"""Questions as `doudi decide` and `doudi deadline` ask them, for tables of expected answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from typing import Any

from tests.bpmn.policy import POLICY
from web.api.plain import plain
from web.asked import excluded_of, moment_of
from workflows.calendar import LOCAL_ZONE
from workflows.clocks.derivation import Unit, derive
from workflows.decisions import ParameterRecorder
from workflows.definitions.files import load_policy
from workflows.definitions.policy import Policy, parse_policy
from workflows.definitions.questions import changed_parameters, reply_to
from workflows.runtime.clock_terms import clock_rule, derived_deadline

Facts = Mapping[str, Any]
#: Gives a value; called in the test, so that a failure names its row.
Question = Callable[[], Any]


@cache
def policy() -> Policy:
    """The policy of this repository."""
    return parse_policy(load_policy(POLICY))


def decided(key: str, on: str, given: Facts, *path: str, suppose: Facts | None = None) -> Question:
    """A decision's value on a day, or what stands at the path in it."""

    def question() -> Any:
        answer = reply_to(policy(), key, given, on=date.fromisoformat(on), changes=suppose)
        value = plain(answer.result.value)
        for name in path:
            value = value[name]
        return value

    return question


def due(
    key: str,
    start: str,
    *,
    extended: bool = False,
    without: tuple[str, ...] = (),
    suppose: Facts | None = None,
) -> Question:
    """The last day of a deadline, or the last minute of one in hours."""

    def question() -> str | None:
        found = derived_deadline(
            policy(),
            clock_rule(policy(), key),
            moment_of(start),
            ParameterRecorder(),
            parameters=changed_parameters(policy().parameters, suppose or {}),
            extended=extended,
            excluded=[excluded_of(days) for days in without],
        )
        if found.unit is Unit.HOURS and found.due_at is not None:
            return found.due_at.astimezone(LOCAL_ZONE).strftime("%Y-%m-%dT%H:%M")
        return None if found.due_on is None else found.due_on.isoformat()

    return question


def after(start: str, days: int) -> Question:
    """A planned day so many days later, moved on from a day of rest."""

    def question() -> str:
        first = date.fromisoformat(start)
        found = derive(first, days, Unit.DAYS, calendar=policy().calendar, roll=True)
        assert found.due_on is not None
        return found.due_on.isoformat()

    return question

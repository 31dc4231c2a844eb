"""A clock's rule with the parameters of a day, and the deadline that it gives."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from workflows.calendar import local_day
from workflows.clocks.derivation import Derivation, Unit, derive
from workflows.clocks.running import ClockTerms
from workflows.decisions import ParameterRecorder
from workflows.definitions.policy import Policy
from workflows.definitions.registers import ClockDefinition


def clock_terms(
    law: Policy, rule: ClockDefinition, on: date, recorder: ParameterRecorder
) -> ClockTerms:
    """A rule with its parameters looked up in the law of a day; the recorder notes each.

    Raises:
        Invalid: a parameter that the law doesn't know on that day.
    """
    return ClockTerms(
        rule,
        length=int(_value(law, rule.length, on, recorder)),
        roll=bool(_value(law, rule.roll, on, recorder)),
        warn_days=int(_value(law, rule.warn, on, recorder) or 0),
        clauses=_titles(law, rule),
        parameters=tuple(used.to_json() for used in recorder.uses),
    )


def derived_deadline(
    law: Policy, rule: ClockDefinition, start: date | datetime, recorder: ParameterRecorder
) -> Derivation:
    """The deadline of a clock that starts then; provisional where no notice has been published.

    Raises:
        Invalid: as `clock_terms` and `derive`.
    """
    on = local_day(start) if isinstance(start, datetime) else start
    return derive(
        start,
        int(_value(law, rule.length, on, recorder)),
        Unit(rule.unit),
        calendar=law.calendar,
        roll=bool(_value(law, rule.roll, on, recorder)),
        clauses=_titles(law, rule),
    )


def _value(law: Policy, key_or_value: Any, on: date, recorder: ParameterRecorder) -> Any:
    """What stands in a rule: a value, or a text that names a parameter."""
    if not isinstance(key_or_value, str):
        return key_or_value
    found = law.parameters.value(key_or_value, on)
    recorder.add(found)
    return found.value


def _titles(law: Policy, rule: ClockDefinition) -> tuple[str, ...]:
    titles = (law.clauses.get(clause_id) for clause_id in rule.clauses)
    return tuple(f"{title.text}{title.article}" for title in titles if title is not None)

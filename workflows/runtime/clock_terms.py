"""A clock's rule with the parameters of a day, and the deadline that it gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from difflib import get_close_matches
from typing import Any

from workflows.calendar import local_day
from workflows.clocks.derivation import Derivation, Excluded, Extension, Unit, derive
from workflows.clocks.running import ClockTerms
from workflows.decisions import ParameterRecorder, ParameterTable
from workflows.definitions.policy import Policy
from workflows.definitions.registers import ClockDefinition
from workflows.errors import Invalid, NotFound


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


def clock_rule(law: Policy, key: str) -> ClockDefinition:
    """A clock's rule by its key or its name.

    Raises:
        NotFound: `clock.unknown`, with the nearest keys in `details`.
    """
    key = key.strip()
    found = law.clocks.get(key) or next(
        (rule for rule in law.clocks.values() if rule.name == key), None
    )
    if found is None:
        near = get_close_matches(key, [*law.clocks, *(r.name for r in law.clocks.values())], n=3)
        hint = f"是不是 {'、'.join(near)}？" if near else "见 --list。"
        hint_en = f"Did you mean {', '.join(near)}?" if near else "See --list."
        raise NotFound(
            "clock.unknown",
            f"没有时限 {key}。{hint}",
            f"There is no deadline {key}. {hint_en}",
            details={"near": near},
        )
    return found


def derived_deadline(
    law: Policy,
    rule: ClockDefinition,
    start: date | datetime,
    recorder: ParameterRecorder,
    *,
    parameters: ParameterTable | None = None,
    extended: bool = False,
    excluded: Sequence[Excluded] = (),
) -> Derivation:
    """The deadline of a clock that starts then; provisional where no notice has been published.

    `parameters` stands for those of the law. `extended` counts to the longer length that the law
    allows; `excluded` days don't count.

    Raises:
        Invalid: as `clock_terms` and `derive`, or `clock.not_extendable`.
    """
    law = law if parameters is None else replace(law, parameters=parameters)
    on = local_day(start) if isinstance(start, datetime) else start
    extensions = [_longer(law, rule, on, recorder)] if extended else []
    return derive(
        start,
        int(_value(law, rule.length, on, recorder)),
        Unit(rule.unit),
        calendar=law.calendar,
        roll=bool(_value(law, rule.roll, on, recorder)),
        excluded=excluded,
        extensions=extensions,
        clauses=_titles(law, rule),
    )


def _longer(law: Policy, rule: ClockDefinition, on: date, recorder: ParameterRecorder) -> Extension:
    key = f"{rule.key}.extended_length"
    if key not in law.parameters:
        raise Invalid(
            "clock.not_extendable",
            f"“{rule.name}”没有规定可以延长。",
            f"No law extends the deadline {rule.key}.",
        )
    return Extension("延长", "extension", to_length=int(_value(law, key, on, recorder)))


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

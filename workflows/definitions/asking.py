"""Asking a decision of a policy: the one way in which cases, pages and programs do it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime

from workflows.calendar import LOCAL_ZONE
from workflows.decisions import (
    DecisionModel,
    DecisionResult,
    ParameterRecorder,
    evaluate_decision,
)
from workflows.decisions.what_if import WhatIf, what_would_change
from workflows.decisions.working_days import calendar_functions
from workflows.definitions.policy import Policy
from workflows.feel import Value


def ask_decision(
    law: Policy,
    decision_id: str,
    inputs: Mapping[str, Value],
    on: date,
    now: datetime,
    *,
    model: DecisionModel | None = None,
    assumed: Mapping[str, Value] | None = None,
    tells: bool = True,
    note_provisional: Callable[[date], None] | None = None,
) -> tuple[DecisionResult, ParameterRecorder]:
    """A decision for the parameters of a day, told in sentences, with the parameters that it read.

    `model` is asked instead of the law's own; `assumed` as in `evaluate_decision`;
    `note_provisional` as in `calendar_functions`.

    Raises:
        DecisionError: for inputs that its tables don't know. NotFound: `decision.unknown`.
    """
    recorder = ParameterRecorder()
    result = evaluate_decision(
        model or law.decisions[decision_id],
        decision_id,
        inputs,
        functions={
            **calendar_functions(law.calendar, note_provisional),
            "parameter": law.parameters.host_function(on, recorder),
        },
        now=now.astimezone(LOCAL_ZONE),
        recorder=recorder,
        tells=tells,
        assumed=assumed,
    )
    return result, recorder


def ask_what_if(
    law: Policy,
    decision_id: str,
    inputs: Mapping[str, Value],
    on: date,
    now: datetime,
    *,
    model: DecisionModel | None = None,
) -> tuple[WhatIf, ...]:
    """What would change a decision, found by asking it again; empty where it is favourable."""
    asked = model or law.decisions[decision_id]

    def ask(key: str, given: Mapping[str, Value], assumed: Mapping[str, Value]) -> DecisionResult:
        return ask_decision(law, key, given, on, now, model=asked, assumed=assumed, tells=False)[0]

    return what_would_change(asked, decision_id, inputs, ask)

"""A decision answered in full, as cases keep it: why, what would change it, what else there is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from workflows.decisions import DecisionModel, DecisionResult, ParameterValue
from workflows.decisions.what_if import WhatIf
from workflows.definitions.alternatives import Alternative, alternatives
from workflows.definitions.asking import ask_decision, ask_what_if
from workflows.definitions.policy import Policy
from workflows.feel import Value, to_json


@dataclass(frozen=True, slots=True)
class Answer:
    """A decision with everything that explains it: steps, parameters, and where it is not
    favourable what would change it and what else the same facts qualify for.
    """

    decision: str
    on: date
    #: the newest rule pack in force on the day
    pack: str | None
    inputs: Mapping[str, Value]
    result: DecisionResult
    parameters: tuple[ParameterValue, ...]
    what_if: tuple[WhatIf, ...]
    alternatives: tuple[Alternative, ...]

    def to_json(self) -> dict[str, Any]:
        """For the trail."""
        return {
            "decision": self.decision,
            "on": self.on.isoformat(),
            "pack": self.pack,
            "inputs": to_json(self.inputs),
            "explanation": self.result.explanation.to_json(),
            "parameters": [used.to_json() for used in self.parameters],
            "what_if": [found.to_json() for found in self.what_if],
            "alternatives": [found.to_json() for found in self.alternatives],
        }


def answer(
    law: Policy,
    decision_id: str,
    inputs: Mapping[str, Value],
    on: date,
    now: datetime,
    *,
    model: DecisionModel | None = None,
    note_provisional: Callable[[date], None] | None = None,
) -> Answer:
    """A decision, and where it is not favourable what would change it, and what else there is.

    Raises: as `ask_decision`.
    """
    result, recorder = ask_decision(
        law, decision_id, inputs, on, now, model=model, note_provisional=note_provisional
    )
    changes = ask_what_if(law, decision_id, inputs, on, now, model=model)
    others: tuple[Alternative, ...] = ()
    if changes:
        explanation = result.explanation.to_json()
        others = alternatives(law, decision_id, inputs, explanation, on, now)
    return Answer(
        decision_id, on, law.packs.newest(on), inputs, result, tuple(recorder.uses), changes, others
    )

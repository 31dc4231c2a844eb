"""The state of one evaluation of a decision: inputs, results so far, steps, strictness."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from workflows.decisions.errors import DecisionError
from workflows.decisions.explanation import MatchedRule, Note, Step
from workflows.decisions.parameters import ParameterRecorder, ParameterValue
from workflows.decisions.types import DmnType
from workflows.feel import Run, Value, format_value

Scope: TypeAlias = Mapping[str, Value]
#: A compiled expression: its value over a scope.
Code: TypeAlias = Callable[["Evaluation", Scope], Value]
#: A model's namespace and an element's id.
Key: TypeAlias = tuple[str, str]


@dataclass(slots=True)
class StepRecord:
    """A step while it is evaluated."""

    id: str
    name: str
    kind: str
    inputs: list[tuple[str, Value]] = field(default_factory=list)
    rules: list[MatchedRule] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    parameters: list[ParameterValue] = field(default_factory=list)
    default_used: bool = False
    sentence: Mapping[str, str] = field(default_factory=dict)


class Evaluation:
    """One evaluation. `memo` holds each decision's value, so that it is computed once."""

    __slots__ = ("_seen_parameters", "_seen_warnings", "current", "inputs", "memo", "recorder",
                 "run", "steps", "strict", "tells")  # fmt: skip

    def __init__(
        self,
        inputs: Mapping[str, Value],
        run: Run,
        *,
        strict: bool,
        recorder: ParameterRecorder | None,
        tells: bool = False,
    ) -> None:
        self.inputs = inputs
        self.run = run
        self.strict = strict
        self.recorder = recorder
        #: Whether steps say in sentences what they decided.
        self.tells = tells
        self.memo: dict[Key, Value] = {}
        self.steps: list[Step] = []
        self.current: StepRecord | None = None
        self._seen_warnings = 0
        self._seen_parameters = 0 if recorder is None else len(recorder.readings)

    def begin(self, identity: str, name: str, kind: str) -> StepRecord | None:
        """Open a step; gives the one around it, for `finish`."""
        outer = self.current
        self._collect(outer)
        self.current = StepRecord(identity, name, kind)
        return outer

    def finish(self, outer: StepRecord | None, result: Value) -> None:
        """Close the step with its result and go back to the one around it."""
        record = self.current
        if record is None:
            return
        self._collect(record)
        if result is None and record.notes and self.strict:
            raise DecisionError(
                "decision.null_result",
                f"“{record.name}”没有结果：{record.notes[0].message}",
                f"{record.name} has no result: {record.notes[0].message_en}",
                details={"decision": record.id, "notes": [note.code for note in record.notes]},
            )
        self.steps.append(
            Step(
                record.id,
                record.name,
                record.kind,
                tuple(record.inputs),
                tuple(record.rules),
                result,
                tuple(record.notes),
                tuple(record.parameters),
                record.default_used,
                record.sentence,
            )
        )
        self.current = outer

    def _collect(self, record: StepRecord | None) -> None:
        """Give the warnings and parameter uses since the last call to a step."""
        warnings = self.run.warnings
        if len(warnings) > self._seen_warnings:
            if record is not None:
                record.notes.extend(
                    Note(found.code, found.message_zh, found.message)
                    for found in warnings[self._seen_warnings :]
                )
            self._seen_warnings = len(warnings)
        if self.recorder is not None and len(self.recorder.readings) > self._seen_parameters:
            for used in self.recorder.readings[self._seen_parameters :]:
                if record is not None and used not in record.parameters:
                    record.parameters.append(used)
            self._seen_parameters = len(self.recorder.readings)

    def problem(self, code: str, message: str, message_en: str, **details: Any) -> None:
        """Something that a host must not pass over: an error when strict, else a warning."""
        record = self.current
        where = "" if record is None else record.name
        if self.strict:
            raise DecisionError(
                f"decision.{code}",
                f"“{where}”：{message}" if where else message,
                f"{where}: {message_en}" if where else message_en,
                details={"decision": None if record is None else record.id, **details},
            )
        if record is not None:
            record.notes.append(Note(f"decision.{code}", message, message_en))

    def coerced(self, kind: DmnType, value: Value, what: str) -> Value:
        """A value as a type; null with a problem when it does not fit."""
        fits, result = kind.coerce(value)
        if not fits:
            shown = format_value(value)[:100]
            self.problem(
                "wrong_type",
                f"{what} 的值 {shown} 不符合类型 {kind.name}。",
                f"The value {shown} of {what} is not of type {kind.name}.",
                what=what,
            )
        return result

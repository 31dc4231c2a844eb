"""Dated parameters: the numbers of the policy, each with its days, source and certainty."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Any, Final

from workflows.decisions.parameter_reading import Parameter, ParameterEntry, read_parameters
from workflows.decisions.strict_yaml import load_yaml
from workflows.errors import Finding, Invalid
from workflows.feel import FeelError, HostFunction, Value, format_value, to_json

FUNCTION_NAME: Final = "parameter"


@dataclass(frozen=True, slots=True)
class ParameterValue:
    """The value of a parameter on a day, with where it comes from.

    `certainty` is found, derived or default: a default has no source of the place itself and is
    shown as such, with the authority that should settle it.
    """

    key: str
    value: Value
    valid_from: date
    unit: str
    source: tuple[str, ...]
    certainty: str
    label: str
    valid_until: date | None = None
    settle: str | None = None
    note: str | None = None

    def to_json(self) -> dict[str, Any]:
        """For the trail: the value as FEEL JSON, days as ISO text."""
        return {
            "key": self.key,
            "label": self.label,
            "value": to_json(self.value),
            "unit": self.unit,
            "valid_from": self.valid_from.isoformat(),
            "valid_until": None if self.valid_until is None else self.valid_until.isoformat(),
            "source": list(self.source),
            "certainty": self.certainty,
            "settle": self.settle,
            "note": self.note,
        }


@dataclass(slots=True)
class ParameterRecorder:
    """Collects each parameter that an evaluation read, in order: `uses` holds each value once."""

    uses: list[ParameterValue] = field(default_factory=list)
    #: Every reading, the same value again and again.
    readings: list[ParameterValue] = field(default_factory=list)

    def add(self, used: ParameterValue) -> None:
        """Note a reading, and a use unless the same value of the same day is noted already."""
        self.readings.append(used)
        if used not in self.uses:
            self.uses.append(used)


class ParameterTable:
    """All parameters of a release; never changes."""

    def __init__(self, parameters: Mapping[str, Parameter]) -> None:
        self.parameters: Final[Mapping[str, Parameter]] = MappingProxyType(dict(parameters))

    @classmethod
    def from_yaml(cls, files: Mapping[str, bytes]) -> ParameterTable:
        """The table from the content of YAML files by name.

        Raises:
            Invalid: with every finding over all files.
        """
        findings: list[Finding] = []
        parameters: dict[str, Parameter] = {}
        for file in sorted(files):
            try:
                document = load_yaml(files[file], file=file)
            except Invalid as error:
                findings.extend(error.findings)
                continue
            found, problems = read_parameters(document, file=file)
            findings.extend(problems)
            for parameter in found:
                if parameter.key in parameters:
                    findings.append(
                        Finding(
                            "parameter.duplicate",
                            f"参数 {parameter.key} 重复定义。",
                            f"The parameter {parameter.key} is defined twice.",
                            file=file,
                            element=parameter.key,
                        )
                    )
                parameters.setdefault(parameter.key, parameter)
        if findings:
            raise Invalid("parameter.findings", findings=findings)
        return cls(parameters)

    def __contains__(self, key: object) -> bool:
        return key in self.parameters

    def __iter__(self) -> Iterator[Parameter]:
        return iter(self.parameters.values())

    def find(self, key: str) -> Parameter | None:
        """The parameter with this key."""
        return self.parameters.get(key)

    def value(self, key: str, on: date) -> ParameterValue:
        """The value of a parameter on a day.

        Raises:
            Invalid: `parameter.unknown`, or `parameter.no_value` when no value is in force.
        """
        parameter = self.parameters.get(key)
        if parameter is None:
            raise Invalid(
                "parameter.unknown",
                f"没有名为 {key} 的参数。",
                f"There is no parameter named {key}.",
                details={"key": key},
            )
        entry = _in_force(parameter.entries, on)
        if entry is None:
            first = parameter.entries[0].valid_from.isoformat() if parameter.entries else ""
            raise Invalid(
                "parameter.no_value",
                f"参数“{parameter.label}”（{key}）在 {on.isoformat()} 没有有效值"
                + (f"，最早的值自 {first} 起。" if first else "。"),
                f"The parameter {key} has no value in force on {on.isoformat()}"
                + (f"; its first value is from {first}." if first else "."),
                details={"key": key, "on": on.isoformat()},
            )
        return ParameterValue(
            key=key,
            value=entry.value,
            valid_from=entry.valid_from,
            unit=parameter.unit,
            source=entry.source,
            certainty=entry.certainty,
            label=parameter.label,
            valid_until=entry.valid_until,
            settle=entry.settle,
            note=entry.note,
        )

    def host_function(self, on: date, recorder: ParameterRecorder | None = None) -> HostFunction:
        """The FEEL function `parameter(key)`, read on the day `on`, and `parameter(key, day)`.

        Each value read is added to the recorder. An unknown key or a day without a value raises
        Invalid through the evaluation: it is an incident, never null.
        """

        def parameter(key: str, day: Value = None) -> Value:
            used = self.value(key, on if day is None else plain_day(day))
            if recorder is not None:
                recorder.add(used)
            return used.value

        return HostFunction(
            name=FUNCTION_NAME,
            parameters=("key", "on"),
            call=parameter,
            types=("string", "date"),
            optional=frozenset({"on"}),
        )


def plain_day(value: Value) -> date:
    """A FEEL date as a day of the calendar; FEEL's dates of far years are none.

    Raises: FeelError.
    """
    if type(value) is not date:
        raise FeelError(
            "far_day", f"{format_value(value)} is too far away", f"{format_value(value)} 相隔太远"
        )
    return value


def _in_force(entries: Sequence[ParameterEntry], on: date) -> ParameterEntry | None:
    for entry in reversed(entries):
        if entry.valid_from <= on:
            return entry if entry.valid_until is None or on <= entry.valid_until else None
    return None

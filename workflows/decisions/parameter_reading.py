"""From a YAML document to parameters, with every finding at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any, Final

from workflows.errors import Finding

CERTAINTIES: Final = ("found", "derived", "default")
TYPES: Final = ("number", "string", "boolean", "date", "list", "context")
_PARAMETER_KEYS: Final = frozenset(
    {
        "label",
        "unit",
        "type",
        "values",
        "note",
        "clause",
        "question",
        "alternatives",
        "waits",
        "adjusts",
    }
)
_ENTRY_KEYS: Final = frozenset(
    {"from", "until", "value", "source", "certainty", "settle", "note", "clause"}
)
_KINDS: Final[dict[str, type]] = {
    "number": Decimal,
    "string": str,
    "boolean": bool,
    "date": date,
    "list": list,
    "context": dict,
}


@dataclass(frozen=True, slots=True)
class ParameterEntry:
    """A value with its days, both included; without `valid_until` it holds until the next."""

    valid_from: date
    value: Any
    source: tuple[str, ...]
    certainty: str
    valid_until: date | None = None
    settle: str | None = None
    note: str | None = None
    clauses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter with its values in the order of their days.

    `question` is the number of the open question that it answers for now, `alternatives` are the
    other answers, and `waits` says why no rule reads it yet. `adjusts` names the programme whose
    running benefits rise with it.
    """

    key: str
    label: str
    unit: str
    type: str
    entries: tuple[ParameterEntry, ...]
    file: str
    note: str | None = None
    clauses: tuple[str, ...] = ()
    question: str | None = None
    alternatives: tuple[str, ...] = ()
    waits: str | None = None
    adjusts: str | None = None


def read_parameters(document: Any, *, file: str) -> tuple[list[Parameter], list[Finding]]:
    """The parameters of one document and what is wrong with it."""
    if document is None:
        return [], []
    if not isinstance(document, Mapping):
        finding = Finding(
            "parameter.not_a_table",
            "文件应为“键: 参数”的表。",
            "The file should be a table of keys and parameters.",
            file=file,
        )
        return [], [finding]
    reader = _Reader(file)
    parameters = [reader.parameter(str(key), given) for key, given in document.items()]
    return [parameter for parameter in parameters if parameter is not None], reader.findings


class _Reader:
    """Collects the findings of one document."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.key = ""
        self.findings: list[Finding] = []

    def _finding(self, code: str, message: str, message_en: str) -> None:
        self.findings.append(
            Finding(
                f"parameter.{code}",
                f"参数 {self.key}：{message}",
                f"Parameter {self.key}: {message_en}",
                file=self.file,
                element=self.key,
            )
        )

    def parameter(self, key: str, given: Any) -> Parameter | None:
        self.key = key
        if not isinstance(given, Mapping):
            self._finding("not_a_table", "定义不是表。", "the definition is not a table.")
            return None
        self._check_keys(given, _PARAMETER_KEYS)
        label = self._text(given, "label", required=True)
        kind = self._text(given, "type", required=True)
        if kind and kind not in TYPES:
            self._finding("unknown_type", f"不认识的类型 {kind}。", f"unknown type {kind}.")
        values = given.get("values")
        if not isinstance(values, list) or not values:
            self._finding("no_values", "没有取值。", "it has no values.")
            values = []
        entries = [self._entry(value, kind or "") for value in values]
        complete = sorted(
            (entry for entry in entries if entry is not None), key=lambda found: found.valid_from
        )
        self._check_days(complete)
        return Parameter(
            key=key,
            label=label or key,
            unit=self._text(given, "unit") or "",
            type=kind or "",
            entries=tuple(complete),
            file=self.file,
            note=self._text(given, "note"),
            clauses=self._texts(given, "clause"),
            question=self._text(given, "question"),
            alternatives=self._texts(given, "alternatives"),
            waits=self._text(given, "waits"),
            adjusts=self._text(given, "adjusts"),
        )

    def _entry(self, given: Any, kind: str) -> ParameterEntry | None:
        if not isinstance(given, Mapping):
            self._finding("not_a_table", "取值不是表。", "a value is not a table.")
            return None
        self._check_keys(given, _ENTRY_KEYS)
        valid_from = self._day(given, "from", required=True)
        valid_until = self._day(given, "until")
        certainty = self._text(given, "certainty", required=True)
        if certainty is not None and certainty not in CERTAINTIES:
            self._finding(
                "unknown_certainty",
                f"不认识的确定程度 {certainty}。",
                f"unknown certainty {certainty}.",
            )
        source = self._texts(given, "source")
        if not source and (certainty != "default" or not given.get("note")):
            self._finding(
                "no_source",
                "没有来源（默认值至少要有说明）。",
                "no source is given (a default needs at least a note).",
            )
        if "value" not in given:
            self._finding("no_value", "取值缺少 value。", "a value lacks its `value`.")
        elif kind in _KINDS:
            self._check_type(given["value"], kind)
        if valid_from is None:
            return None
        if valid_until is not None and valid_until < valid_from:
            self._finding("days_reversed", "止日早于起日。", "the last day is before the first.")
        return ParameterEntry(
            valid_from=valid_from,
            value=given.get("value"),
            source=source,
            certainty=certainty or "",
            valid_until=valid_until,
            settle=self._text(given, "settle"),
            note=self._text(given, "note"),
            clauses=self._texts(given, "clause"),
        )

    def _check_keys(self, given: Mapping[Any, Any], known: frozenset[str]) -> None:
        for key in given:
            if key not in known:
                self._finding("unknown_key", f"不认识的项 {key}。", f"unknown entry {key}.")

    def _check_type(self, value: Any, kind: str) -> None:
        if type(value) is not _KINDS[kind]:
            self._finding("wrong_type", f"{value} 不是 {kind}。", f"{value} is not of type {kind}.")

    def _check_days(self, entries: list[ParameterEntry]) -> None:
        for earlier, later in pairwise(entries):
            same = earlier.valid_from == later.valid_from
            if same or (
                earlier.valid_until is not None and earlier.valid_until >= later.valid_from
            ):
                day = later.valid_from.isoformat()
                self._finding(
                    "overlapping", f"{day} 有两个取值。", f"two values are in force on {day}."
                )

    def _text(self, given: Mapping[Any, Any], name: str, required: bool = False) -> str | None:
        value = given.get(name)
        if value is None:
            if required:
                self._finding("missing", f"缺少 {name}。", f"{name} is missing.")
            return None
        if not isinstance(value, str):
            self._finding("wrong_type", f"{name} 应为文字。", f"{name} should be a text.")
            return None
        return value.strip() or None

    def _texts(self, given: Mapping[Any, Any], name: str) -> tuple[str, ...]:
        value = given.get(name)
        if value is None:
            return ()
        items = value if isinstance(value, list) else [value]
        if not all(isinstance(item, str) and item.strip() for item in items):
            self._finding(
                "wrong_type", f"{name} 应为文字列表。", f"{name} should be a list of texts."
            )
            return ()
        return tuple(item.strip() for item in items)

    def _day(self, given: Mapping[Any, Any], name: str, required: bool = False) -> date | None:
        value = given.get(name)
        if value is None and not required:
            return None
        if type(value) is not date:
            self._finding(
                "wrong_type",
                f"{name} 应为日期（YYYY-MM-DD）。",
                f"{name} should be a day (YYYY-MM-DD).",
            )
            return None
        return value

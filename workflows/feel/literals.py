"""Values as FEEL text (DMN 1.5, 10.3.4.1, `string`)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from workflows.feel.dates import as_host_value, is_day, is_duration, is_moment
from workflows.feel.errors import FeelLimitExceeded
from workflows.feel.parser.cursor import KEYWORDS
from workflows.feel.temporal_text import (
    write_date,
    write_duration,
    write_moment,
    write_months,
    write_time,
)
from workflows.feel.values import FeelTime, FunctionValue, Range, Value, YearMonthDuration

#: The most characters and levels that are written.
MAX_CHARACTERS: Final = 10_000_000
MAX_LEVELS: Final = 200
_PLAIN_KEY: Final = re.compile(r"[^\W\d]\w*(?: [^\W\d]\w*)*")
_ESCAPES: Final = {
    '"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"
}  # fmt: skip
_SPECIAL: Final = re.compile('["\\\\\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]')


def format_number(number: Decimal) -> str:
    """A number without exponent and without zeros at the end."""
    if not number:
        return "0"
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def format_string(text: str) -> str:
    """A string literal."""

    def escape(found: re.Match[str]) -> str:
        character = found[0]
        return _ESCAPES.get(character) or f"\\u{ord(character):04X}"

    return f'"{_SPECIAL.sub(escape, text)}"'


def format_temporal(value: Value) -> str | None:
    """A date, time or duration as its constructor reads it; None for other values."""
    if is_moment(value):
        return write_moment(value)
    if is_day(value):
        return write_date(value)
    if isinstance(value, FeelTime):
        return write_time(value)
    if isinstance(value, YearMonthDuration):
        return write_months(value)
    return write_duration(value) if is_duration(value) else None


def format_value(value: Value, *, quoted: bool = True, limit: int = MAX_CHARACTERS) -> str:
    """A value as a literal that parses back to it; `quoted=False` is what `string` gives.

    Functions have no literal and are written as `function(…)`.
    Raises: FeelLimitExceeded for a value nested too deeply or longer than `limit` characters.
    """
    writer = _Writer(limit)
    writer.write(as_host_value(value), quoted, 0)
    return "".join(writer.parts)


class _Writer:
    """Text under construction, bounded."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.parts: list[str] = []
        self.length = 0

    def add(self, text: str) -> None:
        self.parts.append(text)
        self.length += len(text)
        if self.length > self.limit:
            raise FeelLimitExceeded("string_too_long", self.limit)

    def write(self, value: Value, quoted: bool, level: int) -> None:
        if level > MAX_LEVELS:
            raise FeelLimitExceeded("too_deep", MAX_LEVELS)
        if value is None:
            self.add("null")
        elif value.__class__ is bool:
            self.add("true" if value else "false")
        elif isinstance(value, Decimal):
            self.add(format_number(value))
        elif isinstance(value, str):
            self.add(format_string(value) if quoted else value)
        elif isinstance(value, (list, tuple)):
            self.write_list(value, level)
        elif isinstance(value, Mapping):
            self.write_context(value, level)
        elif isinstance(value, Range):
            self.write_range(value, level)
        elif isinstance(value, FunctionValue):
            self.add(f"function({', '.join(parameter.name for parameter in value.parameters)})")
        else:
            text = format_temporal(value)
            if text is None:
                self.add("null")
            else:
                self.add(f'@"{text}"' if quoted else text)

    def write_list(self, items: Value, level: int) -> None:
        self.add("[")
        for number, item in enumerate(items):
            self.add(", " if number else "")
            self.write(as_host_value(item), True, level + 1)
        self.add("]")

    def write_context(self, entries: Mapping[str, Value], level: int) -> None:
        self.add("{")
        for number, (key, item) in enumerate(entries.items()):
            self.add(", " if number else "")
            plain = _PLAIN_KEY.fullmatch(key) and not KEYWORDS & set(key.split())
            self.add(f"{key if plain and key.isascii() else format_string(key)}: ")
            self.write(as_host_value(item), True, level + 1)
        self.add("}")

    def write_range(self, value: Range, level: int) -> None:
        if value.operator is not None:
            self.add(f"({value.operator} ")
            end = value.end if value.operator in ("<", "<=") else value.start
            self.write(end, True, level + 1)
            self.add(")")
            return
        self.add("[" if value.start_included else "(")
        self.write(value.start, True, level + 1)
        self.add("..")
        self.write(value.end, True, level + 1)
        self.add("]" if value.end_included else ")")

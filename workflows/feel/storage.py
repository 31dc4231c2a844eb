"""Values as JSON and back, without loss."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from workflows.feel.dates import as_host_value, is_day, is_duration, is_moment
from workflows.feel.errors import FeelError, FeelLimitExceeded
from workflows.feel.literals import MAX_LEVELS, format_temporal
from workflows.feel.temporal_text import read_date, read_duration, read_moment, read_time
from workflows.feel.values import FeelTime, Range, Value, YearMonthDuration, type_name

#: The most values that one stored value may hold.
MAX_VALUES: Final = 1_000_000

_READERS: Final[dict[str, Callable[[str], Value]]] = {
    "date": read_date,
    "time": read_time,
    "date and time": read_moment,
    "duration": read_duration,
}


def _tag(value: Value) -> str | None:
    if is_moment(value):
        return "date and time"
    if is_day(value):
        return "date"
    if isinstance(value, FeelTime):
        return "time"
    return "duration" if is_duration(value) or isinstance(value, YearMonthDuration) else None


def to_json(value: Value) -> Any:
    """A value as null, bool, str, list, or an object with one key that names the type.

    `{"number": "1.50"}`, `{"date": "2026-01-31"}`, `{"time": …}`, `{"date and time": …}`,
    `{"duration": …}`, `{"context": {…}}`, `{"range": {…}}`.
    Raises: FeelError for a function or what is no Value; FeelLimitExceeded beyond a million
    values or 200 levels.
    """
    return _write(value, [MAX_VALUES], 0)


def _write(value: Value, budget: list[int], level: int) -> Any:
    budget[0] -= 1
    if budget[0] < 0:
        raise FeelLimitExceeded("too_many_items", MAX_VALUES)
    if level > MAX_LEVELS:
        raise FeelLimitExceeded("too_deep", MAX_LEVELS)
    if value is None or isinstance(value, (bool, str)):
        return value
    value = as_host_value(value)
    if isinstance(value, Decimal):
        return {"number": str(value)}
    if isinstance(value, (list, tuple)):
        return [_write(item, budget, level + 1) for item in value]
    if isinstance(value, Mapping):
        return {"context": {key: _write(item, budget, level + 1) for key, item in value.items()}}
    if isinstance(value, Range):
        ends = [
            _write(value.start, budget, level + 1),
            _write(value.end, budget, level + 1),
        ]
        flags = [value.start_included, value.end_included]
        return {"range": {"ends": ends, "included": flags, "operator": value.operator}}
    tag = _tag(value)
    text = format_temporal(value)
    if tag is None or text is None:
        raise FeelError("not_storable", type=type_name(value))
    return {tag: text}


def from_json(stored: Any) -> Value:
    """The value that to_json wrote. Raises: FeelError for anything else."""
    return _read(stored, 0)


def _read(stored: Any, level: int) -> Value:
    if level > MAX_LEVELS + 1:
        raise FeelLimitExceeded("too_deep", MAX_LEVELS)
    if stored is None or isinstance(stored, (bool, str)):
        return stored
    if isinstance(stored, list):
        return [_read(item, level + 1) for item in stored]
    if isinstance(stored, dict) and len(stored) == 1:
        tag, content = next(iter(stored.items()))
        return _read_tagged(tag, content, level)
    raise FeelError("not_stored", type=type(stored).__name__)


def _read_tagged(tag: str, content: Any, level: int) -> Value:
    if tag == "context" and isinstance(content, dict):
        return {key: _read(item, level + 1) for key, item in content.items()}
    if tag == "range" and isinstance(content, dict):
        try:
            start, end = content["ends"]
            start_included, end_included = map(bool, content["included"])
            operator = content["operator"]
        except (KeyError, TypeError, ValueError):
            raise FeelError("not_stored", type="range") from None
        ends = _read(start, level + 1), _read(end, level + 1)
        return Range(*ends, start_included, end_included, operator)
    if isinstance(content, str):
        if tag == "number":
            return _read_number(content)
        if tag in _READERS:
            return _READERS[tag](content)
    raise FeelError("not_stored", type=str(tag)[:40])


def _read_number(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise FeelError("not_stored", type="number") from None
    if not number.is_finite() or len(text) > 60 or abs(number.adjusted()) > 6_200:
        raise FeelError("not_stored", type="number")
    return number

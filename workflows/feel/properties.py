"""Properties of values: `date.year`, `range.start` and so on (DMN 1.5, table 65)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Final

from workflows.feel.dates import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    as_host_value,
    day_of,
    is_day,
    is_duration,
    is_moment,
    make_duration,
    moment_offset,
    nanoseconds_of,
    ordinal,
    time_of,
    time_offset,
    zone_name,
)
from workflows.feel.errors import FeelError
from workflows.feel.values import (
    NUMBERS,
    FeelTime,
    Range,
    Value,
    YearMonthDuration,
    type_name,
)

Reader = Callable[[Value], Value]
_ZERO: Final = Decimal(0)


def weekday(day: Value) -> int:
    """Monday is 1 and Sunday 7."""
    return (ordinal(day) - 1) % 7 + 1


def _seconds(value: FeelTime) -> Decimal:
    return Decimal(value.second) + _fraction(value.nanosecond)


def _fraction(nanoseconds: int) -> Decimal:
    return Decimal(nanoseconds).scaleb(-9, NUMBERS).normalize(NUMBERS) if nanoseconds else _ZERO


def _duration_seconds(value: Value) -> Decimal:
    whole, rest = divmod(abs(nanoseconds_of(value)) % MINUTE, SECOND)
    seconds = Decimal(whole) + _fraction(rest)
    return -seconds if nanoseconds_of(value) < 0 else seconds


def _truncated(nanoseconds: int, unit: int, modulus: int) -> Decimal:
    part = abs(nanoseconds) // unit
    part = part % modulus if modulus else part
    return Decimal(-part if nanoseconds < 0 else part)


def _months_part(months: int, *, years: bool) -> Decimal:
    part = abs(months) // 12 if years else abs(months) % 12
    return Decimal(-part if months < 0 else part)


_DAY: Final[dict[str, Reader]] = {
    "year": lambda day: Decimal(day.year),
    "month": lambda day: Decimal(day.month),
    "day": lambda day: Decimal(day.day),
    "weekday": lambda day: Decimal(weekday(day)),
}
_TIME: Final[dict[str, Reader]] = {
    "hour": lambda clock: Decimal(clock.hour),
    "minute": lambda clock: Decimal(clock.minute),
    "second": _seconds,
    "timezone": lambda clock: zone_name(clock.zone),
}
_DURATION: Final[dict[str, Reader]] = {
    "days": lambda value: _truncated(nanoseconds_of(value), DAY, 0),
    "hours": lambda value: _truncated(nanoseconds_of(value), HOUR, 24),
    "minutes": lambda value: _truncated(nanoseconds_of(value), MINUTE, 60),
    "seconds": _duration_seconds,
}
_MONTHS: Final[dict[str, Reader]] = {
    "years": lambda value: _months_part(value.months, years=True),
    "months": lambda value: _months_part(value.months, years=False),
}
_RANGE: Final[dict[str, Reader]] = {
    "start": lambda value: None if value.operator == "!=" else value.start,
    "end": lambda value: None if value.operator == "!=" else value.end,
    "start included": lambda value: value.start_included,
    "end included": lambda value: value.end_included,
}


def _reader(value: Value, name: str) -> Reader | None:
    if is_day(value):
        return _DAY.get(name)
    if is_moment(value):
        return _moment_reader(name)
    if isinstance(value, FeelTime):
        if name == "time offset":
            return lambda clock: _offset(time_offset(clock))
        return _TIME.get(name)
    if is_duration(value):
        return _DURATION.get(name)
    if isinstance(value, YearMonthDuration):
        return _MONTHS.get(name)
    if isinstance(value, Range):
        return _RANGE.get(name)
    return None


def _moment_reader(name: str) -> Reader | None:
    if name == "time offset":
        return lambda moment: _offset(moment_offset(moment))
    read = _DAY.get(name)
    if read is not None:
        return lambda moment, read=read: read(day_of(moment))  # type: ignore[misc]
    read = _TIME.get(name)
    if read is not None:
        return lambda moment, read=read: read(time_of(moment))  # type: ignore[misc]
    return None


def _offset(offset: Value) -> Value:
    return None if offset is None else make_duration(nanoseconds_of(offset))


def property_of(value: Value, name: str) -> Value:
    """`value.name`; of a list, the list of its items' properties.

    Only contexts and the properties of the standard are read, never attributes of Python objects.
    Raises: FeelError when there is no such property.
    """
    if isinstance(value, Mapping):
        if name in value:
            found = value[name]
            return as_host_value(found)
    elif isinstance(value, (list, tuple)):
        return [_item_property(item, name) for item in value]
    else:
        read = _reader(value, name)
        if read is not None:
            return read(value)
    raise FeelError("unknown_property", type=type_name(value), name=name)


def _item_property(value: Value, name: str) -> Value:
    try:
        return property_of(value, name)
    except FeelError:
        return None

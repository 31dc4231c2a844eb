"""Equality, order and membership (DMN 1.5, 10.3.2.13, tables 48 to 55)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from workflows.feel.dates import (
    SECOND,
    day_of,
    instant,
    is_day,
    is_duration,
    is_moment,
    local_nanoseconds,
    nanoseconds_of,
    ordinal,
    time_instant,
    time_nanoseconds,
    time_of,
)
from workflows.feel.printing import format_expression
from workflows.feel.run import Run
from workflows.feel.values import (
    FeelTime,
    FunctionValue,
    Range,
    Value,
    YearMonthDuration,
    type_name,
)


def order_key(value: Value) -> tuple[str, Any] | None:
    """A kind and a key that orders values of that kind; None for what has no order."""
    kind = value.__class__
    if kind is Decimal:
        return "number", value
    if kind is str:
        return "string", value
    if kind is date:
        return "date", value.toordinal()
    if kind is int:
        return "number", Decimal(value)
    if is_moment(value):
        zoned, key = instant(value)
        return ("zoned date and time" if zoned else "date and time"), key
    if kind is FeelTime:
        zoned, key = time_instant(value)
        return ("zoned time" if zoned else "time"), key
    if is_duration(value):
        return "days and time duration", nanoseconds_of(value)
    if kind is YearMonthDuration:
        return "years and months duration", value.months
    if is_day(value):
        return "date", ordinal(value)
    return None


def compare(left: Value, right: Value) -> int | None:
    """-1, 0 or 1; None when the two can't be ordered."""
    if left.__class__ is Decimal and right.__class__ is Decimal:
        try:
            return (left > right) - (left < right)
        except InvalidOperation:
            return None
    first, second = order_key(left), order_key(right)
    if first is None or second is None:
        return None
    if first[0] != second[0]:
        return _compare_adopted(left, right)
    return int(first[1] > second[1]) - int(first[1] < second[1])


def _compare_adopted(left: Value, right: Value) -> int | None:
    """The order of two times or two dates and times of which one has no zone.

    The one without takes the offset of the other (table 54), so the clocks are compared.
    """
    if isinstance(left, FeelTime) and isinstance(right, FeelTime):
        one, other = time_nanoseconds(left), time_nanoseconds(right)
    elif is_moment(left) and is_moment(right):
        one, other = local_nanoseconds(left), local_nanoseconds(right)
    else:
        return None
    return int(one > other) - int(one < other)


def _equal_items(run: Run, left: Any, right: Any) -> bool:
    run.tick(len(left))
    return len(left) == len(right) and all(
        equal(run, one, other) is True for one, other in zip(left, right, strict=True)
    )


def _equal_contexts(run: Run, left: Mapping[str, Value], right: Mapping[str, Value]) -> bool:
    run.tick(len(left))
    return left.keys() == right.keys() and all(
        equal(run, left[key], right[key]) is True for key in left
    )


def _equal_ranges(run: Run, left: Range, right: Range) -> bool:
    return (
        left.operator == right.operator
        and left.start_included == right.start_included
        and left.end_included == right.end_included
        and equal(run, left.start, right.start) is True
        and equal(run, left.end, right.end) is True
    )


def _same_function(left: FunctionValue, right: FunctionValue) -> bool:
    """Functions of the same parameters, body and scope are equal (table 53)."""
    if left is right or left.origin is None or right.origin is None:
        return left is right
    one, other = left.origin, right.origin
    within = one[1] is other[1] and one[2] is other[2]
    return within and format_expression(one[0]) == format_expression(other[0])


_COMPARABLE: Final = frozenset((str, bool, date))


def equal(run: Run, left: Value, right: Value) -> bool | None:
    """`left = right` (table 49); None when the types differ. Times count whole seconds."""
    kind = left.__class__
    if kind is right.__class__ and kind in _COMPARABLE:
        return bool(left == right)
    if left is None or right is None:
        return left is right
    if isinstance(left, (list, tuple)) and isinstance(right, (list, tuple)):
        return _equal_items(run, left, right)
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return _equal_contexts(run, left, right)
    if isinstance(left, Range) and isinstance(right, Range):
        return _equal_ranges(run, left, right)
    if isinstance(left, FunctionValue) and isinstance(right, FunctionValue):
        return _same_function(left, right)
    if kind is Decimal and right.__class__ is Decimal:
        order = compare(left, right)
        return None if order is None else order == 0
    first, second = order_key(left), order_key(right)
    if first is None or second is None:
        return None
    if first[0] != second[0]:
        return False if type_name(left) == type_name(right) else None
    if isinstance(left, (datetime, FeelTime)) or is_moment(left):
        return bool(first[1] // SECOND == second[1] // SECOND)
    return bool(first[1] == second[1])


def identical(run: Run, left: Value, right: Value) -> bool:
    """`is(left, right)` (10.3.4.10): the same element of the semantic domain."""
    if type_name(left) != type_name(right):
        return False
    if isinstance(left, (list, tuple)):
        return len(left) == len(right) and all(
            identical(run, one, other) for one, other in zip(left, right, strict=True)
        )
    if isinstance(left, Mapping):
        return left.keys() == right.keys() and all(identical(run, left[k], right[k]) for k in left)
    if is_moment(left) and is_moment(right):
        return day_of(left) == day_of(right) and time_of(left) == time_of(right)
    if isinstance(left, FeelTime):
        return bool(left == right)
    return equal(run, left, right) is True


def contains(run: Run, interval: Range, value: Value) -> bool | None:
    """Whether a value lies in a range (table 55).

    None when it can't be compared with an end, unless the other end leaves it out.
    """
    operator = interval.operator
    if operator in ("=", "!="):
        same = equal(run, value, interval.start)
        return same if same is None or operator == "=" else not same
    if value is None:
        return None
    above: bool | None = True
    below: bool | None = True
    if operator not in ("<", "<="):
        above = _in_order(interval.start, value, or_equal=interval.start_included)
    if operator not in (">", ">="):
        below = _in_order(value, interval.end, or_equal=interval.end_included)
    return both(above, below)


def _in_order(low: Value, high: Value, *, or_equal: bool) -> bool | None:
    sign = compare(low, high)
    return None if sign is None else sign < 0 or (sign == 0 and or_equal)


def both(one: bool | None, other: bool | None) -> bool | None:
    """`one and other` (table 50): false whenever one is."""
    if one is False or other is False:
        return False
    return None if one is None or other is None else True


def member(run: Run, value: Value, tested: Value) -> bool | None:
    """`value in tested` for a tested value (table 55): a range, a list of tests, or a value."""
    if isinstance(tested, Range):
        if isinstance(value, Range):
            return equal(run, value, tested)
        return contains(run, tested, value)
    if isinstance(tested, (list, tuple)):
        if isinstance(value, (list, tuple)) and equal(run, value, tested) is True:
            return True
        return any(
            (contains(run, item, value) if isinstance(item, Range) else equal(run, value, item))
            is True
            for item in tested
        )
    return equal(run, value, tested)

"""Conversion functions (DMN 1.5, 10.3.4.1), `is` and the clock (10.3.4.10)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal, DecimalException
from typing import Final

from workflows.feel.builtins.registry import builtin
from workflows.feel.comparison import compare, identical
from workflows.feel.dates import (
    SECOND,
    Day,
    Moment,
    day_of,
    is_day,
    make_date,
    make_moment,
    nanoseconds_of,
    time_of,
)
from workflows.feel.errors import FeelError, FeelSyntaxError
from workflows.feel.literals import format_value
from workflows.feel.nodes import Call, Literal, Name, Negation, Node, RangeNode
from workflows.feel.parser.cursor import name_table
from workflows.feel.parser.expressions import read_expression
from workflows.feel.run import Run
from workflows.feel.temporal_text import (
    fixed_zone,
    read_date,
    read_duration,
    read_moment,
    read_time,
)
from workflows.feel.values import (
    NUMBERS,
    FeelTime,
    Range,
    Value,
    YearMonthDuration,
)

_NUMBER: Final = re.compile(r"-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,9})?")
#: `(..end]` and `[start..)`: the side that is left open has no end.
_NO_START: Final = re.compile(r"\s*[(\]]\s*\.\.(.*)([\])\[])\s*", re.DOTALL)
_NO_END: Final = re.compile(r"\s*([\[(\]])(.*)\.\.\s*[)\[]\s*", re.DOTALL)
_RANGE_NAMES: Final = name_table(("date and time",))


def _whole(name: str, number: Decimal) -> int:
    whole = int(number)
    if whole != number:
        raise FeelError("invalid_argument", name=name, reason=str(number))
    return whole


@builtin("date", "from: string")
def date_from_string(run: Run, text: str) -> Value:
    """The date of a string."""
    return read_date(text)


@builtin("date", "from: date|date and time")
def date_from_moment(run: Run, value: Value) -> Value:
    """The date of a date and time."""
    return value if is_day(value) else day_of(value)


@builtin("date", "year: number, month: number, day: number")
def date_from_parts(run: Run, year: Decimal, month: Decimal, day: Decimal) -> Value:
    """The date of a year, a month and a day."""
    return make_date(_whole("date", year), _whole("date", month), _whole("date", day))


@builtin("date and time", "from: string")
def moment_from_string(run: Run, text: str) -> Value:
    """The date and time of a string."""
    return read_moment(text)


@builtin("date and time", "date: date|date and time, time: time")
def moment_from_parts(run: Run, day: Value, clock: FeelTime) -> Value:
    """The date and time of a date and a time."""
    return make_moment(day if is_day(day) else day_of(day), clock)


@builtin("date and time", "from: date and time|date")
def moment_from_value(run: Run, value: Value) -> Value:
    """A date and time as it is; a date as its midnight."""
    return make_moment(value, FeelTime(0, 0, 0)) if is_day(value) else value


@builtin("time", "from: string")
def time_from_string(run: Run, text: str) -> Value:
    """The time of a string."""
    return read_time(text)


@builtin("time", "from: time|date and time|date")
def time_from_value(run: Run, value: Value) -> Value:
    """The time of a date and time; of a date, midnight in UTC."""
    if isinstance(value, FeelTime):
        return value
    if is_day(value):
        return FeelTime(0, 0, 0, 0, UTC)
    return time_of(value)


@builtin(
    "time", "hour: number, minute: number, second: number, offset?: days and time duration|null"
)
def time_from_parts(
    run: Run, hour: Decimal, minute: Decimal, second: Decimal, offset: Value = None
) -> Value:
    """The time of its parts; `second` may have decimals."""
    nanoseconds = int(second * SECOND)
    hours, minutes = _whole("time", hour), _whole("time", minute)
    if not (0 <= hours <= 23 and 0 <= minutes <= 59 and 0 <= nanoseconds < 60 * SECOND):
        raise FeelError("invalid_temporal", text=f"{hour}:{minute}:{second}")
    zone = None
    if offset is not None:
        zone = fixed_zone(timedelta(seconds=nanoseconds_of(offset) // SECOND))
        if zone is None:
            raise FeelError("invalid_temporal", text=format_value(offset))
    return FeelTime(hours, minutes, nanoseconds // SECOND, nanoseconds % SECOND, zone)


@builtin("number", "from: string")
def number_from_string(run: Run, text: str) -> Value:
    """The number of a string without separators."""
    return _number(text)


@builtin("number", "from: string, grouping separator: string|null, decimal separator?: string|null")
def number_from_grouped(
    run: Run, text: str, grouping: str | None, decimal: str | None = None
) -> Value:
    """The number of a string with separators: space, comma or period; comma or period."""
    wrong = (
        grouping not in (None, " ", ",", ".")
        or decimal not in (None, ",", ".")
        or (grouping is not None and grouping == decimal)
    )
    if wrong:
        raise FeelError("invalid_argument", name="number", reason=f"{grouping} {decimal}")
    if grouping is not None:
        text = text.replace(grouping, "")
    if decimal is not None:
        if decimal == "," and "." in text:
            raise FeelError("invalid_argument", name="number", reason=text[:40])
        text = text.replace(decimal, ".")
    return _number(text)


def _number(text: str) -> Decimal:
    if len(text) > 10_000 or _NUMBER.fullmatch(text) is None:
        raise FeelError("invalid_argument", name="number", reason=f'"{text[:40]}"')
    try:
        return NUMBERS.create_decimal(text)
    except DecimalException:
        raise FeelError("number_overflow") from None


@builtin("number", "from: number")
def number_from_number(run: Run, number: Decimal) -> Value:
    """A number as it is."""
    return number


@builtin("string", "from: Any")
def string_from(run: Run, value: Value) -> Value:
    """The text of a value; null stays null."""
    if value is None:
        return None
    if isinstance(value, str):
        return value
    text = format_value(value, quoted=False, limit=run.string_length)
    run.check_string(len(text))
    return text


@builtin("duration", "from: string")
def duration_from_string(run: Run, text: str) -> Value:
    """The duration of a string, of either kind."""
    return read_duration(text)


@builtin("duration", "from: days and time duration|years and months duration")
def duration_from_value(run: Run, value: Value) -> Value:
    """A duration as it is."""
    return value


@builtin("years and months duration", "from: date|date and time, to: date|date and time")
def months_between(run: Run, start: Day | Moment, end: Day | Moment) -> Value:
    """The whole months from one day to another, negative backwards."""
    first = start if is_day(start) else day_of(start)  # type: ignore[arg-type]
    last = end if is_day(end) else day_of(end)  # type: ignore[arg-type]
    months = (last.year - first.year) * 12 + last.month - first.month
    if months > 0 and last.day < first.day:
        months -= 1
    elif months < 0 and last.day > first.day:
        months += 1
    return YearMonthDuration(months)


@builtin("range", "from: string")
def range_from_string(run: Run, text: str) -> Value:
    """The range of a string whose ends are literals (10.3.4.1, grammar rules 66 and 67)."""
    no_start, no_end = _NO_START.fullmatch(text), _NO_END.fullmatch(text)
    if no_start is not None:
        included = no_start[2] == "]"
        end = _only_endpoint(no_start[1])
        return Range(None, end, False, included, "<=" if included else "<")
    if no_end is not None:
        included = no_end[1] == "["
        start = _only_endpoint(no_end[2])
        return Range(start, None, included, False, ">=" if included else ">")
    node = _range_node(text)
    if not isinstance(node, RangeNode) or node.operator is not None:
        raise FeelError("invalid_argument", name="range", reason=f'"{text[:40]}"')
    start, end = _endpoint(node.start), _endpoint(node.end)
    sign = compare(start, end)
    if sign is None or sign > 0:
        raise FeelError("invalid_range")
    return Range(start, end, node.start_included, node.end_included)


def _range_node(text: str) -> Node:
    try:
        return read_expression(text, _RANGE_NAMES)
    except FeelSyntaxError:
        raise FeelError("invalid_argument", name="range", reason=f'"{text[:40]}"') from None


def _only_endpoint(text: str) -> Value:
    """The end of a range that has but one."""
    value = _endpoint(_range_node(text))
    if compare(value, value) is None:
        raise FeelError("invalid_range")
    return value


_READERS: Final = {
    "date": read_date,
    "time": read_time,
    "date and time": read_moment,
    "duration": read_duration,
}


def _endpoint(node: Node | None) -> Value:
    if isinstance(node, Literal) and node.problem is None:
        return node.value
    if isinstance(node, Negation) and isinstance(node.operand, Literal) and node.count == 1:
        number = node.operand.value
        if isinstance(number, Decimal):
            return -number
    if isinstance(node, Call) and isinstance(node.function, Name) and len(node.arguments) == 1:
        argument = node.arguments[0]
        read = _READERS.get(node.function.name)
        if read is not None and isinstance(argument, Literal) and isinstance(argument.value, str):
            return read(argument.value)
    raise FeelError("invalid_range")


@builtin("is", "value1?: Any, value2?: Any")
def is_same(run: Run, one: Value = None, two: Value = None) -> Value:
    """Whether two values are the same element of the semantic domain."""
    return identical(run, one, two)


def _now(run: Run, name: str) -> datetime:
    if run.now is None:
        raise FeelError("no_clock", name=name)
    return run.now


@builtin("now", "")
def now(run: Run) -> Value:
    """The moment that the host gave to the evaluation."""
    return _now(run, "now()")


@builtin("today", "")
def today(run: Run) -> Value:
    """The day of the moment that the host gave to the evaluation."""
    return _now(run, "today()").date()

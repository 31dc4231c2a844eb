"""Arithmetic (DMN 1.5, 10.3.2.12, tables 57 to 61)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from decimal import Decimal, DecimalException, DivisionByZero, InvalidOperation
from typing import Final

from workflows.feel.dates import (
    DAY,
    Moment,
    add_months,
    day_of,
    from_ordinal,
    instant,
    is_day,
    is_duration,
    is_moment,
    make_duration,
    make_moment,
    nanoseconds_of,
    ordinal,
    shift_moment,
    time_from_nanoseconds,
    time_instant,
    time_nanoseconds,
    time_of,
)
from workflows.feel.errors import FeelError
from workflows.feel.run import Run
from workflows.feel.values import NUMBERS, SLOW, FeelTime, Value, YearMonthDuration, type_name

Operation = Callable[[Run, Value, Value], Value]


def _mismatch(operator: str, left: Value, right: Value) -> FeelError:
    return FeelError(
        "operand_types", operator=operator, left=type_name(left), right=type_name(right)
    )


def number_operation(
    operation: Callable[[Decimal, Decimal], Decimal], left: Decimal, right: Decimal
) -> Decimal:
    """The result of a decimal operation. Raises: FeelError where it has none."""
    try:
        result = operation(left, right)
    except DivisionByZero:
        raise FeelError("division_by_zero") from None
    except InvalidOperation:
        code = "division_by_zero" if not right else "number_overflow"
        raise FeelError(code) from None
    except DecimalException:
        raise FeelError("number_overflow") from None
    if not result.is_finite():
        raise FeelError("division_by_zero" if not left else "number_overflow")
    return result


def add(run: Run, left: Value, right: Value) -> Value:
    """`left + right`. Raises: FeelError."""
    if isinstance(left, Decimal) and isinstance(right, Decimal):
        return number_operation(NUMBERS.add, left, right)
    if isinstance(left, str) and isinstance(right, str):
        run.check_string(len(left) + len(right))
        return left + right
    if is_duration(right) or isinstance(right, YearMonthDuration):
        result = _shift(left, right, 1)
    elif is_duration(left) or isinstance(left, YearMonthDuration):
        result = _shift(right, left, 1)
    else:
        result = None
    if result is None:
        raise _mismatch("+", left, right)
    return result


def subtract(run: Run, left: Value, right: Value) -> Value:
    """`left - right`. Raises: FeelError."""
    if isinstance(left, Decimal) and isinstance(right, Decimal):
        return number_operation(NUMBERS.subtract, left, right)
    result: Value = None
    if is_duration(right) or isinstance(right, YearMonthDuration):
        result = _shift(left, right, -1)
    elif (is_day(left) or is_moment(left)) and (is_day(right) or is_moment(right)):
        result = _between(left, right)
    elif isinstance(left, FeelTime) and isinstance(right, FeelTime):
        first, second = time_instant(left), time_instant(right)
        if first[0] == second[0]:
            result = make_duration(first[1] - second[1])
    if result is None:
        raise _mismatch("-", left, right)
    return result


def _between(left: Value, right: Value) -> Value:
    if is_day(left) and is_day(right):
        return make_duration((ordinal(left) - ordinal(right)) * DAY)
    first, second = instant(as_moment(left)), instant(as_moment(right))
    return make_duration(first[1] - second[1]) if first[0] == second[0] else None


def as_moment(value: Value) -> Moment:
    """A date as midnight in UTC (10.3.2.3.6); a date and time as it is."""
    if is_day(value):
        return make_moment(value, FeelTime(0, 0, 0, 0, UTC))
    moment: Moment = value
    return moment


def _shift(value: Value, duration: Value, sign: int) -> Value:
    """A value moved by a duration; None when the two don't go together."""
    if isinstance(duration, YearMonthDuration):
        months = sign * duration.months
        if isinstance(value, YearMonthDuration):
            return YearMonthDuration(value.months + months)
        if is_day(value):
            return add_months(value, months)
        if is_moment(value):
            return make_moment(add_months(day_of(value), months), time_of(value))
        return None
    nanoseconds = sign * nanoseconds_of(duration)
    if is_duration(value):
        return make_duration(nanoseconds_of(value) + nanoseconds)
    if is_day(value):
        return from_ordinal(ordinal(value) + nanoseconds // DAY)
    if is_moment(value):
        return shift_moment(value, nanoseconds)
    if isinstance(value, FeelTime):
        return time_from_nanoseconds(time_nanoseconds(value) + nanoseconds, value.zone)
    return None


def _scale(duration: Value, factor: Decimal, operation: str) -> Value:
    months = isinstance(duration, YearMonthDuration)
    length = Decimal(duration.months if months else nanoseconds_of(duration))
    apply = NUMBERS.multiply if operation == "*" else NUMBERS.divide
    scaled = int(number_operation(apply, length, factor))
    return YearMonthDuration(scaled) if months else make_duration(scaled)


def multiply(run: Run, left: Value, right: Value) -> Value:
    """`left * right`. Raises: FeelError."""
    if isinstance(left, Decimal):
        if isinstance(right, Decimal):
            return number_operation(NUMBERS.multiply, left, right)
        if is_duration(right) or isinstance(right, YearMonthDuration):
            return _scale(right, left, "*")
    elif isinstance(right, Decimal) and (is_duration(left) or isinstance(left, YearMonthDuration)):
        return _scale(left, right, "*")
    raise _mismatch("*", left, right)


def divide(run: Run, left: Value, right: Value) -> Value:
    """`left / right`. Raises: FeelError."""
    if isinstance(right, Decimal):
        if isinstance(left, Decimal):
            return number_operation(NUMBERS.divide, left, right)
        if is_duration(left) or isinstance(left, YearMonthDuration):
            return _scale(left, right, "/")
    if isinstance(left, YearMonthDuration) and isinstance(right, YearMonthDuration):
        return number_operation(NUMBERS.divide, Decimal(left.months), Decimal(right.months))
    if is_duration(left) and is_duration(right):
        return number_operation(
            NUMBERS.divide, Decimal(nanoseconds_of(left)), Decimal(nanoseconds_of(right))
        )
    raise _mismatch("/", left, right)


def power(run: Run, left: Value, right: Value) -> Value:
    """`left ** right`. Raises: FeelError."""
    if isinstance(left, Decimal) and isinstance(right, Decimal):
        if not left and not right:
            return Decimal(1)
        run.tick(SLOW)
        return number_operation(NUMBERS.power, left, right)
    raise _mismatch("**", left, right)


def negate(value: Value) -> Value:
    """`-value`. Raises: FeelError."""
    if isinstance(value, Decimal):
        return NUMBERS.minus(value)
    if isinstance(value, YearMonthDuration):
        return YearMonthDuration(-value.months)
    if is_duration(value):
        return make_duration(-nanoseconds_of(value))
    raise FeelError("operand_type", operator="-", type=type_name(value))


OPERATIONS: Final[dict[str, Operation]] = {
    "+": add,
    "-": subtract,
    "*": multiply,
    "/": divide,
    "**": power,
}

"""Numeric functions (DMN 1.5, 10.3.4.5)."""

from __future__ import annotations

from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Context,
    Decimal,
    DecimalException,
)
from typing import Final

from workflows.feel.builtins.registry import builtin
from workflows.feel.dates import make_duration, nanoseconds_of
from workflows.feel.errors import FeelError
from workflows.feel.run import Run
from workflows.feel.values import NUMBERS, SLOW, Value, YearMonthDuration

_MIN_SCALE: Final = -6111
_MAX_SCALE: Final = 6176
_WIDE: Final = Context(prec=6200, Emin=-20_000, Emax=20_000)
_ZERO: Final = Decimal(0)


def round_to(number: Decimal, scale: Decimal, rounding: str) -> Decimal:
    """A number with at most `scale` decimals. Raises: FeelError for a scale out of range."""
    digits = int(scale)
    if not _MIN_SCALE <= digits <= _MAX_SCALE:
        raise FeelError("invalid_argument", name="round", reason=f"scale {digits}")
    exponent = number.as_tuple().exponent
    if isinstance(exponent, int) and -exponent <= digits:
        return number
    return number.quantize(Decimal((0, (1,), -digits)), rounding=rounding, context=_WIDE)


def _rounder(name: str, rounding: str, parameters: str) -> None:
    @builtin(name, parameters)
    def rounded(run: Run, number: Decimal, scale: Decimal = _ZERO) -> Value:
        return NUMBERS.plus(round_to(number, scale, rounding))


_rounder("decimal", ROUND_HALF_EVEN, "n: number, scale: number")
_rounder("floor", ROUND_FLOOR, "n: number, scale?: number")
_rounder("ceiling", ROUND_CEILING, "n: number, scale?: number")
_rounder("round up", ROUND_UP, "n: number, scale: number")
_rounder("round down", ROUND_DOWN, "n: number, scale: number")
_rounder("round half up", ROUND_HALF_UP, "n: number, scale: number")
_rounder("round half down", ROUND_HALF_DOWN, "n: number, scale: number")


@builtin("abs", "n: number")
def absolute(run: Run, number: Decimal) -> Value:
    """`abs(n)`."""
    return NUMBERS.abs(number)


@builtin("abs", "n: days and time duration|years and months duration")
def absolute_duration(run: Run, duration: Value) -> Value:
    """`abs(duration)`."""
    if isinstance(duration, YearMonthDuration):
        return YearMonthDuration(abs(duration.months))
    return make_duration(abs(nanoseconds_of(duration)))


def exact_modulo(dividend: Decimal, divisor: Decimal) -> Decimal:
    """`dividend - divisor * floor(dividend / divisor)`, exactly. Raises: FeelError for zero."""
    if not divisor:
        raise FeelError("division_by_zero")
    shift = min(_exponent(dividend), _exponent(divisor))
    top = int(dividend.scaleb(-shift, _WIDE))
    bottom = int(divisor.scaleb(-shift, _WIDE))
    rest = Decimal(top % bottom).scaleb(shift, _WIDE)
    try:
        return NUMBERS.plus(rest)
    except DecimalException:
        raise FeelError("number_overflow") from None


def _exponent(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    return exponent if isinstance(exponent, int) else 0


@builtin("modulo", "dividend: number, divisor: number")
def modulo(run: Run, dividend: Decimal, divisor: Decimal) -> Value:
    """`modulo(dividend, divisor)`; the result has the sign of the divisor."""
    return exact_modulo(dividend, divisor)


@builtin("sqrt", "number: number")
def square_root(run: Run, number: Decimal) -> Value:
    """`sqrt(number)`."""
    if number < 0:
        raise FeelError("invalid_argument", name="sqrt", reason="< 0")
    return NUMBERS.sqrt(number)


@builtin("log", "number: number")
def logarithm(run: Run, number: Decimal) -> Value:
    """`log(number)`, the natural logarithm."""
    if number <= 0:
        raise FeelError("invalid_argument", name="log", reason="<= 0")
    run.tick(SLOW)
    return NUMBERS.ln(number)


@builtin("exp", "number: number")
def exponential(run: Run, number: Decimal) -> Value:
    """`exp(number)`."""
    run.tick(SLOW)
    try:
        return NUMBERS.exp(number)
    except DecimalException:
        raise FeelError("number_overflow") from None


@builtin("odd", "number: number")
def odd(run: Run, number: Decimal) -> Value:
    """Whether a number is an odd whole number."""
    return exact_modulo(number, Decimal(2)) == 1


@builtin("even", "number: number")
def even(run: Run, number: Decimal) -> Value:
    """Whether a number is an even whole number."""
    return exact_modulo(number, Decimal(2)) == 0

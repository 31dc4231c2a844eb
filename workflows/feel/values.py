"""The values of FEEL as Python objects (DMN 1.5, 10.3.2.3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from decimal import ROUND_HALF_EVEN, Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    from workflows.feel.nodes import Node, TypeNode
    from workflows.feel.run import Run

#: IEEE 754 decimal128 without NaN and infinities (10.3.2.3.1); exceptions are raised, never stored.
NUMBERS: Final = Context(
    prec=34,
    rounding=ROUND_HALF_EVEN,
    Emin=-6143,
    Emax=6144,
    capitals=1,
    clamp=0,
    flags=[],
    traps=[DivisionByZero, InvalidOperation, Overflow],
)

#: The steps of an operation that takes a series: a power, a logarithm.
SLOW: Final = 20

Value: TypeAlias = Any
"""None, bool, Decimal, str, date, datetime, timedelta, list, tuple, dict or a type of this module.

`int` is accepted from hosts and becomes Decimal where an expression reads it.
"""


@dataclass(frozen=True, slots=True)
class FeelTime:
    """A time of day (10.3.2.3.5); without `zone` it is local. `second` is whole."""

    hour: int
    minute: int
    second: int
    nanosecond: int = 0
    zone: tzinfo | None = None


@dataclass(frozen=True, slots=True)
class ExtendedDate:
    """A date whose year datetime.date can't hold: -999,999,999 to 0 and 10,000 to 999,999,999."""

    year: int
    month: int
    day: int


@dataclass(frozen=True, slots=True)
class ExtendedDateTime:
    """A date and time that datetime can't hold: a far year, or parts of a microsecond."""

    day: date | ExtendedDate
    time: FeelTime


@dataclass(frozen=True, slots=True)
class ExtendedDuration:
    """A days and time duration that timedelta can't hold: far, or with parts of a microsecond."""

    nanoseconds: int


@dataclass(frozen=True, slots=True, order=True)
class YearMonthDuration:
    """A years and months duration (10.3.2.3.8), signed."""

    months: int


@dataclass(frozen=True, slots=True)
class Range:
    """An interval (10.3.2.7); `operator` is set when it was written as a comparison: `(< 10)`."""

    start: Value
    end: Value
    start_included: bool = True
    end_included: bool = True
    operator: str | None = None


@dataclass(frozen=True, slots=True)
class Parameter:
    """A formal parameter; `accepts` checks and coerces, raising FeelError when it can't."""

    name: str
    accepts: Callable[[Run, Value], Value] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class FunctionValue:
    """A function as a value (10.3.2.13); equal to itself only.

    `invoke(run, arguments)` gets one argument per parameter and may raise FeelError.
    """

    name: str
    parameters: tuple[Parameter, ...]
    invoke: Callable[[Run, Sequence[Value]], Value]
    #: The declared types of the parameters and of the result, None where there is none.
    types: tuple[TypeNode | None, ...] = ()
    result: TypeNode | None = None
    #: The text's tree, the frame and the scope that a function literal was made in.
    origin: tuple[Node, object, object] | None = None
    #: The built-in behind this value, which resolves its own overloads.
    builtin: Callable[[Run, Sequence[Value], Sequence[str] | None], Value] | None = None


@dataclass(frozen=True, slots=True)
class HostFunction:
    """A function that the host adds to the language; its name may contain spaces.

    `call` gets one Value per parameter, positionally; trailing parameters named in `optional`
    may be missing. A FeelError becomes null plus a warning; any other exception of the host
    passes through. `types` names the expected type per parameter (`number`, `date`, …) or "Any".
    """

    name: str
    parameters: tuple[str, ...]
    call: Callable[..., Value]
    types: tuple[str, ...] = ()
    optional: frozenset[str] = frozenset()


_TYPE_NAMES: Final[dict[type, str]] = {
    type(None): "null",
    bool: "boolean",
    Decimal: "number",
    int: "number",
    str: "string",
    date: "date",
    ExtendedDate: "date",
    FeelTime: "time",
    datetime: "date and time",
    ExtendedDateTime: "date and time",
    timedelta: "days and time duration",
    ExtendedDuration: "days and time duration",
    YearMonthDuration: "years and months duration",
    list: "list",
    tuple: "list",
    dict: "context",
    Range: "range",
    FunctionValue: "function",
}


def type_name(value: Value) -> str:
    """The FEEL name of a value's type, `null` for None, `unknown` for what is no Value."""
    found = _TYPE_NAMES.get(value.__class__)
    if found is not None:
        return found
    for kind in (str, datetime, date, timedelta):
        if isinstance(value, kind):
            return _TYPE_NAMES[kind]
    return "context" if isinstance(value, Mapping) else "unknown"

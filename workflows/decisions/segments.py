"""The values of a table's column, cut into segments that every row treats alike."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Final, TypeAlias

from workflows.decisions.cell_shapes import Part, Shape, Symbol
from workflows.decisions.cells import Interval
from workflows.feel import Value, format_value

#: The longest input expression that stands for itself; a longer one goes by its label.
MAX_LABEL: Final = 40
#: Input expressions that give whole numbers from 0 on.
_COUNTS: Final = re.compile(r"(count|string length)\s*\(")
_SIMPLE: Final = re.compile(r"[\w.]+")
#: How far from the outermost bound a value beyond it is taken.
_BEYOND: Final = 1
#: Where the first symbol is put, and how far apart others.
_START: Final = 1000
_APART: Final = 100

#: What each symbol is taken to be.
Values: TypeAlias = Mapping[Symbol, Value]


@dataclass(frozen=True, slots=True)
class Segment:
    """Values that every row treats alike: `sample` is one of them, `rows` are bits.

    `text` and `text_zh` say which values they are; empty for all. `exact` says that the sample is
    the only one.
    """

    sample: Value
    text: str
    text_zh: str
    rows: int
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """An input column: its name, the class of its values and what each row accepts.

    A row that accepts every value has no shape. `allowed` are the values that it may have.
    """

    label: str
    kind: type
    shapes: tuple[Shape | None, ...]
    allowed: Shape | None = None

    @property
    def symbols(self) -> frozenset[Symbol]:
        """The symbols that bound its cells."""
        return frozenset(end for end in self.ends if isinstance(end, Symbol))

    @property
    def parts(self) -> Iterator[Part]:
        """The parts of all its cells and of its allowed values."""
        for shape in (*self.shapes, self.allowed):
            if shape is not None:
                yield from shape.parts

    @property
    def ends(self) -> Iterator[Value | Symbol]:
        """The bounds of all its parts."""
        for part in self.parts:
            yield from part.ends

    @property
    def name(self) -> str:
        """Its label, in brackets where it is more than a name."""
        return self.label if _SIMPLE.fullmatch(self.label) else f"({self.label})"


def segments_of(column: Column, values: Values) -> list[Segment]:
    """The segments of a column where its symbols have these values; none that is not allowed."""
    if not any(shape is not None for shape in column.shapes):
        every = (1 << len(column.shapes)) - 1
        return [Segment(None, "", "", every)]
    accepted = [None if shape is None else _Accepted(shape, values) for shape in column.shapes]
    allowed = None if column.allowed is None else _Accepted(column.allowed, values)
    found = []
    for sample, text, text_zh, exact in _samples(column, values):
        if allowed is None or sample is None or allowed.holds(sample):
            rows = sum(
                1 << row for row, cell in enumerate(accepted) if cell is None or cell.holds(sample)
            )
            found.append(Segment(sample, text, text_zh, rows, exact))
    return found


class _Accepted:
    """A cell where every symbol has a value."""

    def __init__(self, shape: Shape, values: Values) -> None:
        self.negated = shape.negated
        self.null = shape.null
        self.parts: Sequence[Interval] = [part.with_values(values) for part in shape.parts]
        #: Most cells are lists of values.
        self.named = (
            frozenset(part.low for part in self.parts)
            if all(part.is_single for part in self.parts)
            else None
        )

    def holds(self, value: Value) -> bool:
        if value is None:
            return self.null is not self.negated
        if self.named is not None:
            return (value in self.named) is not self.negated
        return any(part.holds(value) for part in self.parts) is not self.negated


_Sample: TypeAlias = tuple[Value, str, str, bool]


def _samples(column: Column, values: Values) -> Iterator[_Sample]:
    name = column.name
    if any(shape is not None and shape.null for shape in column.shapes):
        yield None, f"{name} = null", f"{name} = null", True
    if column.kind is bool:
        for value in (True, False):
            text = f"{name} = {format_value(value)}"
            yield value, text, text, True
    elif column.kind is str:
        yield from _texts(column, values)
    else:
        yield from _ordered(column, values)


def _texts(column: Column, values: Values) -> Iterator[_Sample]:
    name = column.name
    shown = {values[end] if isinstance(end, Symbol) else end: end for end in column.ends}
    for value, end in shown.items():
        text = f"{name} = {_shown(end)}"
        yield value, text, text, not isinstance(end, Symbol)
    if column.allowed is None or column.allowed.negated:
        other = "other"
        while other in shown:
            other += "_"
        yield other, f"any other {column.label}", f"{column.label} 为其他值", False


def _ordered(column: Column, values: Values) -> Iterator[_Sample]:
    name = column.name
    shown = {values[end] if isinstance(end, Symbol) else end: _shown(end) for end in column.ends}
    points = sorted(shown)
    taken = {values[symbol] for symbol in column.symbols}
    whole = _COUNTS.match(column.label) is not None
    if not points:
        yield _beyond(column.kind), f"any {column.label}", f"{column.label} 为任何值", False
        return
    if not whole or points[0] > 0:
        text = f"{name} < {shown[points[0]]}"
        yield _step(points[0], -_BEYOND), text, text, False
    for low, high in pairwise([*points, None]):
        text = f"{name} = {shown[low]}"
        yield low, text, text, low not in taken
        if high is None:
            text = f"{name} > {shown[low]}"
            yield _step(low, _BEYOND), text, text, False
            continue
        between = _between(low, high, whole=whole)
        if between is not None:
            text = f"{shown[low]} < {name} < {shown[high]}"
            yield between, text, text, False


def _shown(end: Value | Symbol) -> str:
    return end.text if isinstance(end, Symbol) else format_value(end)


def _beyond(kind: type) -> Value:
    return Decimal(0) if kind is Decimal else date(2000, 1, 1)


def _step(value: Value, by: int) -> Value:
    if isinstance(value, Decimal):
        return value + by
    if not date.min < value < date.max:
        return value
    return value + timedelta(days=by)


def _between(low: Value, high: Value, *, whole: bool = False) -> Value | None:
    """A value between two others, a whole number where there is one; None when there is none."""
    if isinstance(low, Decimal):
        middle = (low + high) / 2
        rounded = middle.to_integral_value()
        for candidate in (rounded, low.to_integral_value() + 1):
            if low < candidate < high:
                return candidate
        return None if whole else middle
    days = (high - low).days
    return low + timedelta(days=days // 2) if days > 1 else None


def orders(
    columns: Sequence[Column], known: Mapping[Symbol, Sequence[Value]]
) -> Iterator[dict[Symbol, Value]]:
    """Values for all symbols, one for each order in which they and the bounds may stand.

    Symbols that are `known` have these values only. Orders that leave a range without any value
    are left out: its author takes them for impossible.
    """
    symbols = sorted(frozenset().union(*(column.symbols for column in columns)), key=_text)
    kinds = {
        symbol: {column.kind for column in columns if symbol in column.symbols}
        for symbol in symbols
    }
    if not all(found in ({Decimal}, {date}) for found in kinds.values()):
        return
    # What is known comes first, so that the others are placed around it.
    symbols.sort(key=lambda symbol: symbol not in known)
    for values in _orders(columns, symbols, known, {}):
        if all(_may_be(part, values) for column in columns for part in column.parts):
            yield values


def _text(symbol: Symbol) -> str:
    return symbol.text


def _orders(
    columns: Sequence[Column],
    symbols: Sequence[Symbol],
    known: Mapping[Symbol, Sequence[Value]],
    values: dict[Symbol, Value],
) -> Iterator[dict[Symbol, Value]]:
    if not symbols:
        yield values
        return
    symbol, *others = symbols
    points: set[Value] = set()
    for column in columns:
        if symbol in column.symbols:
            ends = [values.get(end) if isinstance(end, Symbol) else end for end in column.ends]
            points |= {end for end in ends if end is not None}
            kind = column.kind
    for candidate in known.get(symbol) or _places(sorted(points), kind):
        yield from _orders(columns, others, known, {**values, symbol: candidate})


def _places(points: Sequence[Value], kind: type) -> Iterator[Value]:
    """Each of the points, and one value below, between and above them."""
    if not points:
        yield Decimal(_START) if kind is Decimal else date(2026, 1, 1)
        return
    yield _step(points[0], -_APART)
    for low, high in pairwise([*points, None]):
        yield low
        between = _step(low, _APART) if high is None else _between(low, high)
        if between is not None:
            yield between


def _may_be(part: Part, values: Values) -> bool:
    if not any(isinstance(end, Symbol) for end in part.ends) or part.is_single:
        return True
    found = part.with_values(values)
    if found.low is None or found.high is None:
        return True
    both = found.low_included and found.high_included
    return bool(found.low < found.high or (both and found.low == found.high))

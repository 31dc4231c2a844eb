"""Which rows of a table can hit, found without looking at each row."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from operator import xor
from typing import Final

from workflows.decisions.cells import Interval
from workflows.feel import Value

#: What a simple cell accepts; None is every value.
Accepted = tuple[Interval, ...] | None
#: A cell that an index knows nothing of.
UNKNOWN: Final = ()
#: A column's masks take up to twice as many numbers as there are rows, each of that many bits.
MAX_ROWS: Final = 2_000


@dataclass(frozen=True, slots=True)
class ColumnIndex:
    """The rows that a value of one class passes in one column, as bits; the first row is bit 0.

    With `points`, `masks` alternates between what lies below the first point, at it, between it
    and the next, and so on. Without, `named` has the rows of the values that cells name.
    """

    column: int
    kind: type
    named: Mapping[Value, int]
    others: int
    points: Sequence[Value] = ()
    masks: Sequence[int] = ()

    def rows(self, value: Value) -> int:
        """The rows that a value of the index's class passes."""
        if not self.points:
            return self.named.get(value, self.others)
        at = bisect_left(self.points, value)
        exact = at < len(self.points) and self.points[at] == value
        return self.masks[2 * at + exact]


class RowIndex:
    """The rows of a table by the columns that are simple from the left on.

    A row is asked for a column only as long as all its cells before it are simple too, so that what
    remains to be tested is tested in the order of the columns.
    """

    def __init__(self, rows: Sequence[Sequence[Accepted]]) -> None:
        count = len(rows[0]) if rows else 0
        kinds = [_kind(row[at] for row in rows) for at in range(count)]
        #: How many columns of each row the index answers for.
        self.answered: Final = [_leading(row, kinds) for row in rows]
        self._every = (1 << len(rows)) - 1
        self._columns: list[ColumnIndex] = []
        for at, kind in enumerate(kinds):
            cells = [
                row[at] if at < answered else None
                for row, answered in zip(rows, self.answered, strict=True)
            ]
            if kind is not None and any(cell is not None for cell in cells):
                self._columns.append(_index(at, kind, cells))

    def candidates(self, values: Sequence[Value]) -> int | None:
        """The rows that may hit, as bits; None when a value is of another class than its column."""
        rows = self._every
        for column in self._columns:
            value = values[column.column]
            if value.__class__ is not column.kind:
                return None
            rows &= column.rows(value)
            if not rows:
                break
        return rows


def make_index(rows: Sequence[Sequence[Accepted]]) -> RowIndex | None:
    """An index over the cells of each row; None where it would not pay."""
    if not 1 < len(rows) <= MAX_ROWS:
        return None
    index = RowIndex(rows)
    return index if any(index.answered) else None


def bits(rows: int) -> Iterator[int]:
    """The places of the bits that are set, from the lowest."""
    while rows:
        lowest = rows & -rows
        yield lowest.bit_length() - 1
        rows ^= lowest


def _kind(cells: Iterator[Accepted]) -> type | None:
    """The one class of a column's simple cells."""
    kinds = {cell[0].kind for cell in cells if cell}
    return kinds.pop() if len(kinds) == 1 else None


def _leading(row: Sequence[Accepted], kinds: Sequence[type | None]) -> int:
    for at, cell in enumerate(row):
        if cell is not None and (cell == UNKNOWN or kinds[at] is None):
            return at
    return len(row)


def _index(column: int, kind: type, cells: Sequence[Accepted]) -> ColumnIndex:
    everywhere = sum(1 << row for row, cell in enumerate(cells) if cell is None)
    if all(part.is_single for cell in cells if cell is not None for part in cell):
        named: dict[Value, int] = {}
        for row, cell in enumerate(cells):
            for part in cell or ():
                named[part.low] = named.get(part.low, everywhere) | 1 << row
        return ColumnIndex(column, kind, named, everywhere)
    ends = {end for cell in cells for part in cell or () for end in (part.low, part.high)}
    points = sorted(ends - {None})
    # A mask differs from the one before it by the rows that begin or end there.
    changes = [0] * (2 * len(points) + 2)
    changes[0] = everywhere
    for row, cell in enumerate(cells):
        for first, last in _merged(_span(points, part) for part in cell or ()):
            changes[first] ^= 1 << row
            changes[last + 1] ^= 1 << row
    return ColumnIndex(column, kind, {}, everywhere, points, list(accumulate(changes, xor)))


def _span(points: Sequence[Value], part: Interval) -> tuple[int, int]:
    """The first and the last mask of an interval."""
    first, last = 0, 2 * len(points)
    if part.low is not None:
        first = 2 * bisect_left(points, part.low) + (1 if part.low_included else 2)
    if part.high is not None:
        last = 2 * bisect_left(points, part.high) + (1 if part.high_included else 0)
    return first, last


def _merged(spans: Iterator[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Spans without those that are empty, and without what two of them share."""
    end = -1
    for first, last in sorted(span for span in spans if span[0] <= span[1]):
        if last > end:
            yield max(first, end + 1), last
            end = last

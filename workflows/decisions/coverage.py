"""What a table leaves open, covers twice and can never reach, with an example of each.

Cells are values, comparisons, ranges, lists of them and `not(…)`; a bound may be a name or a call,
and then only what holds in whatever order the bounds stand is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from workflows.decisions.cell_shapes import Symbol
from workflows.decisions.cells import intervals
from workflows.decisions.model import DecisionTable, HitPolicy, Rule
from workflows.decisions.row_index import bits
from workflows.decisions.segments import Column, Segment, Values, orders, segments_of
from workflows.feel import Value, format_value

#: Combinations of segments that are looked at in one table.
MAX_COMBINATIONS: Final = 100_000
#: Cells times segments of one table, over all orders of its symbols.
MAX_WORK: Final = 1_000_000
MAX_COLUMNS: Final = 100
MAX_ORDERS: Final = 200
MAX_SHOWN: Final = 5
#: Of a column whose allowed values no cell can tell apart.
_NO_VALUE: Final = Segment(None, "", "", 0)


@dataclass(frozen=True, slots=True)
class Place:
    """Inputs that a table treats alike: a segment of each column, where symbols have values."""

    columns: Sequence[Column]
    segments: tuple[Segment, ...]
    values: Values
    #: The columns that it takes to tell; in the others any value will do.
    told: tuple[int, ...]

    @property
    def inputs(self) -> list[Value]:
        """A value for each column."""
        return [segment.sample for segment in self.segments]

    def sentence(self, language: str) -> str:
        """Which inputs, and an example of them."""
        chinese = language == "zh"
        named = [
            (self.columns[at], self.segments[at]) for at in self.told if self.segments[at].text
        ]
        texts = [segment.text_zh if chinese else segment.text for _, segment in named]
        text = ("，" if chinese else " and ").join(texts)
        if all(segment.exact for _, segment in named):
            return text
        symbols = sorted(
            {symbol for column, _ in named for symbol in column.symbols},
            key=lambda symbol: symbol.text,
        )
        pairs = [(column.name, segment.sample) for column, segment in named]
        pairs += [(symbol.text, self.values[symbol]) for symbol in symbols]
        shown = [f"{name} = {format_value(value)}" for name, value in dict(pairs).items()]
        example = ("，" if chinese else ", ").join(shown)
        return f"{text}（例如 {example}）" if chinese else f"{text} (for example {example})"


@dataclass(frozen=True, slots=True)
class Coverage:
    """What is wrong with a table's rows, by their numbers.

    `overlaps` are pairs of rows that hit together; `impossible` are rows with the label of the
    column that none of its allowed values passes; `hidden` are rows of a FIRST table that earlier
    ones cover; `redundant` are rows whose result another row gives for all their inputs.
    `complete` is False when there was too much to look at all of it.
    """

    gaps: tuple[Place, ...]
    overlaps: Mapping[tuple[int, int], Place]
    impossible: Mapping[int, str]
    hidden: tuple[int, ...]
    redundant: Mapping[int, int]
    complete: bool


def table_coverage(
    table: DecisionTable,
    columns: Sequence[Column],
    known: Mapping[Symbol, Sequence[Value]] | None = None,
) -> Coverage | None:
    """The coverage of a table; None when it is too large, or its bounds contradict one another.

    `known` are the only values that some symbols have.
    """
    if len(columns) > MAX_COLUMNS:
        return None
    cost = len(table.rules) * sum(2 * len(list(column.ends)) + 1 for column in columns)
    found = list(islice(orders(columns, known or {}), MAX_ORDERS + 1))
    if not 0 < len(found) <= MAX_ORDERS or cost * len(found) > MAX_WORK:
        return None
    fixed = [None if column.symbols else segments_of(column, {}) for column in columns]
    total: Coverage | None = None
    budget = _Budget()
    for values in found:
        segments = [
            segments_of(column, values) if kept is None else kept
            for column, kept in zip(columns, fixed, strict=True)
        ]
        ordered = _Order(table, columns, segments, values, budget).coverage()
        total = ordered if total is None else _common(total, ordered)
    return total


def _common(first: Coverage, second: Coverage) -> Coverage:
    """What holds in two orders."""
    return Coverage(
        first.gaps if second.gaps else (),
        {rows: place for rows, place in first.overlaps.items() if rows in second.overlaps},
        {row: label for row, label in first.impossible.items() if row in second.impossible},
        tuple(row for row in first.hidden if row in second.hidden or row in second.impossible),
        {row: by for row, by in first.redundant.items() if second.redundant.get(row) == by},
        first.complete and second.complete,
    )


@dataclass(slots=True)
class _Budget:
    left: int = MAX_COMBINATIONS

    def spend(self) -> bool:
        """Whether one more combination may be looked at."""
        self.left -= 1
        return self.left >= 0


@dataclass(slots=True)
class _Order:
    """A table where each symbol has a value."""

    table: DecisionTable
    columns: Sequence[Column]
    segments: Sequence[Sequence[Segment]]
    values: Values
    budget: _Budget
    gaps: list[Place] = field(default_factory=list)
    #: Columns and rows from which on there is nothing to be found.
    barren: set[tuple[int, int]] = field(default_factory=set)
    #: How often the search came to a gap, also to one that it knew.
    met: int = 0

    def coverage(self) -> Coverage:
        rows = len(self.table.rules)
        impossible = {row + 1: label for row, label in self._impossible()}
        possible = [row for row in range(rows) if row + 1 not in impossible]
        policy = self.table.hit_policy
        overlaps: dict[tuple[int, int], Place] = {}
        if policy in {HitPolicy.UNIQUE, HitPolicy.ANY}:
            overlaps = dict(self._overlaps(possible))
        hidden: tuple[int, ...] = ()
        if policy is HitPolicy.FIRST:
            hidden = tuple(row + 1 for row in possible if self._is_hidden(row))
        redundant = {}
        if policy in {HitPolicy.ANY, HitPolicy.COLLECT, HitPolicy.RULE_ORDER}:
            redundant = dict(self._redundant(possible))
        self._look_for_gaps(0, (1 << rows) - 1, ())
        complete = self.budget.left >= 0
        return Coverage(tuple(self.gaps), overlaps, impossible, hidden, redundant, complete)

    def _impossible(self) -> Iterator[tuple[int, str]]:
        for row in range(len(self.table.rules)):
            for column, segments in zip(self.columns, self.segments, strict=True):
                if not any(segment.rows >> row & 1 for segment in segments):
                    yield row, column.label
                    break

    def _overlaps(self, possible: Sequence[int]) -> Iterator[tuple[tuple[int, int], Place]]:
        every = sum(1 << row for row in possible)
        for row in possible:
            together = every & ~((1 << row + 1) - 1)
            for segments in self.segments:
                together &= _union(part.rows for part in segments if part.rows >> row & 1)
            for other in bits(together):
                both = 1 << row | 1 << other
                taken = [
                    next(part for part in segments if part.rows & both == both)
                    for segments in self.segments
                ]
                yield (row + 1, other + 1), self._place(taken, range(len(taken)))

    def _redundant(self, possible: Sequence[int]) -> Iterator[tuple[int, int]]:
        """Rows whose inputs another one covers with the same result; of two alike, the later."""
        covering = {row: self._covering(row) for row in possible}
        rules = self.table.rules
        for row in possible:
            for other in bits(covering[row] & ~(1 << row)):
                if other not in covering or _results(rules[row]) != _results(rules[other]):
                    continue
                alike = bool(covering[other] >> row & 1)
                if (alike and other < row) or (
                    not alike and self.table.hit_policy is HitPolicy.ANY
                ):
                    yield row + 1, other + 1
                    break

    def _covering(self, row: int) -> int:
        """The rows that hit wherever a row hits."""
        found = (1 << len(self.table.rules)) - 1
        for segments in self.segments:
            for part in segments:
                if part.rows >> row & 1:
                    found &= part.rows
        return found

    def _is_hidden(self, row: int) -> bool:
        return not self._is_free(row, 0, (1 << row) - 1, set())

    def _is_free(self, row: int, at: int, earlier: int, barren: set[tuple[int, int]]) -> bool:
        """Whether a row hits somewhere where none of some earlier rows does; so when in doubt."""
        if not earlier:
            return True
        if at == len(self.segments) or (at, earlier) in barren:
            return False
        if not self.budget.spend():
            return True
        for part in self.segments[at]:
            if part.rows >> row & 1 and self._is_free(row, at + 1, earlier & part.rows, barren):
                return True
        barren.add((at, earlier))
        return False

    def _look_for_gaps(self, at: int, rows: int, taken: tuple[Segment, ...]) -> None:
        """Look at every combination of segments, and stop at the first column without a row."""
        if rows == 0 or any(self._is_in(gap, taken) for gap in self.gaps):
            self.met += 1
            if rows == 0 and not any(self._is_in(gap, taken) for gap in self.gaps):
                self.gaps.append(self._gap(taken))
            return
        if at == len(self.segments) or (at, rows) in self.barren:
            return
        before = self.met
        for part in self.segments[at]:
            if len(self.gaps) >= MAX_SHOWN or not self.budget.spend():
                return
            self._look_for_gaps(at + 1, rows & part.rows, (*taken, part))
        if self.met == before:
            self.barren.add((at, rows))

    def _is_in(self, gap: Place, taken: Sequence[Segment]) -> bool:
        return all(at < len(taken) and taken[at] is gap.segments[at] for at in gap.told)

    def _gap(self, taken: Sequence[Segment]) -> Place:
        """A gap, told by as few columns as it takes."""
        told = list(range(len(taken)))
        for at in range(len(taken)):
            others = (1 << len(self.table.rules)) - 1
            for other in told:
                if other != at:
                    others &= taken[other].rows
            if not others:
                told.remove(at)
        return self._place(taken, told)

    def _place(self, taken: Sequence[Segment], told: Sequence[int]) -> Place:
        others = [
            segments[0] if segments else _NO_VALUE for segments in self.segments[len(taken) :]
        ]
        return Place(self.columns, (*taken, *others), self.values, tuple(told))


def _union(masks: Iterator[int]) -> int:
    found = 0
    for mask in masks:
        found |= mask
    return found


def _results(rule: Rule) -> tuple[str, ...]:
    return tuple(text.text.strip() for text in rule.results)


def different_results(table: DecisionTable, first: int, second: int) -> bool:
    """Whether two rows, by number, certainly give different results: values written out."""
    pairs = zip(table.rules[first - 1].results, table.rules[second - 1].results, strict=False)
    for one, other in pairs:
        found, others = intervals(one.text), intervals(other.text)
        if found is None or others is None or len(found) != 1 or len(others) != 1:
            continue
        if found[0].is_single and others[0].is_single and found != others:
            return True
    return False

"""Gaps and overlaps of decision tables whose cells are values, comparisons and ranges."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import combinations, pairwise
from typing import Final

from workflows.decisions.cells import Interval, intervals
from workflows.decisions.model import DecisionTable, HitPolicy, InputClause, Text
from workflows.feel import Value, format_value

MAX_COMBINATIONS: Final = 100_000
MAX_SHOWN: Final = 5
#: The longest input expression that stands for itself; a longer one goes by its label.
MAX_LABEL: Final = 40
#: A text that no cell names.
_OTHER: Final = "\ue000"


@dataclass(frozen=True, slots=True)
class Segment:
    """Values that every row treats alike: `sample` is one of them."""

    sample: Value
    text: str
    text_zh: str
    rows: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """What a table leaves open and what it covers twice.

    `gaps` and `overlaps` are sentences' parts (English, Chinese); an overlap names two rows by
    number. `complete` is False when there were too many combinations to look at all.
    """

    gaps: tuple[tuple[str, str], ...]
    overlaps: tuple[tuple[int, int], ...]
    complete: bool


def table_coverage(
    table: DecisionTable, domains: Mapping[str, Text] | None = None
) -> Coverage | None:
    """Gaps and overlaps of a table; None when a cell is not simple enough to tell.

    `domains` are the allowed values of types by name, for inputs that declare none themselves.
    Null is left out: a row for it is a matter of the input's declaration.
    """
    columns: list[list[tuple[Interval, ...] | None]] = []
    for at in range(len(table.inputs)):
        cells = [_cell(rule.tests[at]) for rule in table.rules]
        if any(cell is False for cell in cells):
            return None
        columns.append([cell for cell in cells if cell is None or isinstance(cell, tuple)])
    segments = []
    for clause, column in zip(table.inputs, columns, strict=True):
        found = _segments(clause, column, (domains or {}).get(clause.type_ref or ""))
        if found is None:
            return None
        segments.append(found)
    overlaps: tuple[tuple[int, int], ...] = ()
    if table.hit_policy is HitPolicy.UNIQUE:
        overlaps = tuple(_overlaps(segments, len(table.rules)))
    walk = _Walk(segments, (1 << len(table.rules)) - 1)
    walk.visit(0, walk.all_rows, ())
    return Coverage(tuple(walk.gaps), overlaps, walk.visited <= MAX_COMBINATIONS)


def _cell(text: Text) -> tuple[Interval, ...] | bool | None:
    """What a cell accepts: None for everything, False when it cannot be told."""
    if text.text.strip() in {"", "-"}:
        return None
    return intervals(text.text) or False


def _segments(
    clause: InputClause, column: Sequence[tuple[Interval, ...] | None], domain: Text | None
) -> list[Segment] | None:
    parts = [part for cell in column if cell is not None for part in cell]
    every = (1 << len(column)) - 1
    if not parts:
        return [Segment(None, "", "", every)]
    kinds = {part.kind for part in parts}
    if len(kinds) > 1:
        return None
    domain = clause.allowed or domain
    allowed = None if domain is None else intervals(domain.text)
    kind = kinds.pop()
    if allowed is not None and allowed[0].kind is not kind:
        return None
    text = clause.expression.text.strip()
    label = text if text and len(text) <= MAX_LABEL else clause.label
    if kind in {str, bool}:
        samples = _enumerated(kind, parts, allowed, label)
    else:
        samples = _ordered(kind, parts, label)
    if samples is None:
        return None
    return [
        Segment(sample, text, text_zh, _rows(column, sample))
        for sample, text, text_zh in samples
        if allowed is None or any(part.holds(sample) for part in allowed)
    ]


def _rows(column: Sequence[tuple[Interval, ...] | None], sample: Value) -> int:
    mask = 0
    for at, cell in enumerate(column):
        if cell is None or any(part.holds(sample) for part in cell):
            mask |= 1 << at
    return mask


_Samples = list[tuple[Value, str, str]]


def _enumerated(
    kind: type, parts: Sequence[Interval], allowed: Sequence[Interval] | None, label: str
) -> _Samples | None:
    if not all(part.is_single for part in (*parts, *(allowed or ()))):
        return None
    if kind is bool:
        values: list[Value] = [True, False]
    else:
        values = list(dict.fromkeys(part.low for part in (*parts, *(allowed or ()))))
    found = [
        (value, f"{label} = {format_value(value)}", f"{label} = {format_value(value)}")
        for value in values
    ]
    if kind is str and allowed is None:
        found.append((_OTHER, f"any other {label}", f"{label} 为其他值"))
    return found


def _ordered(kind: type, parts: Sequence[Interval], label: str) -> _Samples:
    ends = {end for part in parts for end in (part.low, part.high) if end is not None}
    points = sorted(ends)
    found: _Samples = []
    below = _step(points[0], -1)
    text = f"{label} < {format_value(points[0])}"
    found.append((below, text, text))
    for low, high in pairwise([*points, None]):
        text = f"{label} = {format_value(low)}"
        found.append((low, text, text))
        if high is None:
            text = f"{label} > {format_value(low)}"
            found.append((_step(low, 1), text, text))
            continue
        between = _between(kind, low, high)
        if between is not None:
            text = f"{format_value(low)} < {label} < {format_value(high)}"
            found.append((between, text, text))
    return found


def _step(value: Value, by: int) -> Value:
    if isinstance(value, Decimal):
        return value + by
    if not date.min < value < date.max:
        return value
    return value + timedelta(days=by)


def _between(kind: type, low: Value, high: Value) -> Value | None:
    if kind is Decimal:
        return (low + high) / 2
    days = (high - low).days
    return low + timedelta(days=days // 2) if days > 1 else None


def _overlaps(segments: Sequence[Sequence[Segment]], rows: int) -> Iterator[tuple[int, int]]:
    for first, second in combinations(range(rows), 2):
        both = (1 << first) | (1 << second)
        if all(any(part.rows & both == both for part in column) for column in segments):
            yield first + 1, second + 1


class _Walk:
    """Looks at every combination of segments, and stops at the first column that has none."""

    def __init__(self, segments: Sequence[Sequence[Segment]], all_rows: int) -> None:
        self.segments = segments
        self.all_rows = all_rows
        self.gaps: list[tuple[str, str]] = []
        self.visited = 0

    def visit(self, at: int, rows: int, taken: tuple[Segment, ...]) -> None:
        self.visited += 1
        if self.visited > MAX_COMBINATIONS or len(self.gaps) >= MAX_SHOWN:
            return
        if rows == 0:
            named = [part for part in taken if part.text]
            self.gaps.append(
                (
                    " and ".join(part.text for part in named),
                    "，".join(part.text_zh for part in named),
                )
            )
            return
        if at == len(self.segments):
            return
        for part in self.segments[at]:
            self.visit(at + 1, rows & part.rows, (*taken, part))

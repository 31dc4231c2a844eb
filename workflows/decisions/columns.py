"""The columns of a table as far as they can be told before it is run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from workflows.decisions.cell_shapes import Part, Shape, Symbol, possible_values, shape_of
from workflows.decisions.model import DecisionTable, InputClause, Text
from workflows.decisions.parameters import ParameterTable
from workflows.decisions.segments import MAX_LABEL, Column
from workflows.feel import Value
from workflows.feel.inference.kinds import Kind

_CLASSES: Final[Mapping[str, type]] = {
    "number": Decimal,
    "string": str,
    "boolean": bool,
    "date": date,
}


@dataclass(frozen=True, slots=True)
class TypedTable:
    """A table and what is known where it stands.

    `element` is the id of its decision or knowledge model; `tested` are the kinds of its inputs,
    `tests` those of the plain tests of each cell by row and column; `spellings` are names that
    its cells may use.
    """

    element: str
    table: DecisionTable
    tested: tuple[Kind, ...]
    tests: Mapping[tuple[int, int], Sequence[Kind]]
    spellings: frozenset[str]


@dataclass(frozen=True, slots=True)
class Unclear:
    """Why a table can't be told: the label of a column, and a row's number when it is a cell."""

    label: str
    row: int | None = None


def columns_of(
    typed: TypedTable, domains: Mapping[str, Text], parameters: ParameterTable | None = None
) -> list[Column] | Unclear:
    """The columns of a table, or the first cell that is not simple enough.

    `domains` are the allowed values of types by name, for inputs that declare none themselves. An
    input that can only have certain values, because it is a parameter or chooses between texts,
    needs no declaration.
    """
    columns = []
    for at, clause in enumerate(typed.table.inputs):
        found = _column(typed, at, clause, domains.get(clause.type_ref or ""), parameters)
        if isinstance(found, Unclear):
            return found
        columns.append(found)
    return columns


def _column(
    typed: TypedTable,
    at: int,
    clause: InputClause,
    domain: Text | None,
    parameters: ParameterTable | None,
) -> Column | Unclear:
    text = clause.expression.text.strip()
    label = text if text and len(text) <= MAX_LABEL else clause.label or text[:MAX_LABEL]
    shapes: list[Shape | None] = []
    for rule in typed.table.rules:
        cell = rule.tests[at].text if at < len(rule.tests) else ""
        if cell.strip() in {"", "-"}:
            shapes.append(None)
            continue
        kinds = typed.tests.get((rule.number, at), ())
        shape = shape_of(cell, typed.spellings, kinds)
        if shape is None:
            return Unclear(label, rule.number)
        shapes.append(shape)
    domain = clause.allowed or domain
    allowed = None if domain is None else shape_of(domain.text, typed.spellings)
    if domain is None:
        allowed = _only(_possible(text, typed.spellings, shapes, parameters))
    column = Column(label, object, tuple(shapes), allowed)
    kind = _class(column, typed.tested[at] if at < len(typed.tested) else None)
    if kind is None:
        return Unclear(label)
    return Column(label, kind, tuple(shapes), allowed)


def _possible(
    text: str,
    spellings: frozenset[str],
    shapes: Sequence[Shape | None],
    parameters: ParameterTable | None,
) -> frozenset[Value] | None:
    """The values that an input can have; a parameter may come to have any that a cell names."""
    found = possible_values(text, spellings)
    if found is None:
        found = possible_values(text, spellings, parameters)
        named = {part.low for shape in shapes if shape is not None for part in shape.parts}
        found = None if found is None else found | named
    return found


def _only(values: frozenset[Value] | None) -> Shape | None:
    """A shape of these values; those of a number or a day are left open, for cells to divide."""
    if values is None or not all(isinstance(value, str) for value in values):
        return None
    return Shape(tuple(Part(value, value) for value in sorted(values)))


def _class(column: Column, kind: Kind | None) -> type | None:
    """The class of a column's values; None when its cells don't agree about it."""
    classes = {type(end) for end in column.ends if not isinstance(end, Symbol)}
    if not classes and kind is not None and len(kind.names) == 1:
        classes = {found for name, found in _CLASSES.items() if kind.is_only(name)}
    if not any(shape is not None for shape in column.shapes):
        return object
    if len(classes) != 1:
        return None
    (found,) = classes
    if found in (str, bool):
        plain = all(part.is_single for part in column.parts) and not column.symbols
        return found if plain else None
    return found if found in (Decimal, date) else None

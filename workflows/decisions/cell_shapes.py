"""What a cell of a table accepts, also where its bounds are names or calls."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from workflows.decisions.cells import Interval, literal_value
from workflows.decisions.parameters import FUNCTION_NAME, ParameterTable
from workflows.feel import BUILT_IN_FUNCTIONS, FeelSyntaxError, Value, format_value
from workflows.feel.inference.kinds import Kind
from workflows.feel.nodes import (
    Call,
    Chain,
    Comparison,
    If,
    Literal,
    Name,
    Negation,
    Node,
    Path,
    RangeNode,
)
from workflows.feel.parser.cursor import name_table
from workflows.feel.parser.expressions import read_expression, read_unary_tests

_SPACED: Final = tuple(name for name in BUILT_IN_FUNCTIONS if " " in name)
#: Operators whose operands need no brackets where the whole is a bound.
_LEVELS: Final = {"+": 1, "-": 1, "*": 2, "/": 2, "**": 3}


@dataclass(frozen=True, slots=True)
class Symbol:
    """An expression whose value is one and the same in a whole evaluation, whatever it is."""

    text: str


Bound: TypeAlias = Any
"""A value, a Symbol, or None for no end."""


@dataclass(frozen=True, slots=True)
class Part:
    """An interval whose ends may be symbols; a single value is both its ends."""

    low: Bound
    high: Bound
    low_included: bool = True
    high_included: bool = True

    @property
    def ends(self) -> tuple[Bound, ...]:
        """The ends that it has."""
        return tuple(end for end in (self.low, self.high) if end is not None)

    @property
    def is_single(self) -> bool:
        """Whether it is one value."""
        return self.low is not None and self.low == self.high

    def with_values(self, values: Mapping[Symbol, Value]) -> Interval:
        """The interval where each symbol has a value."""
        low, high = (
            values[end] if isinstance(end, Symbol) else end for end in (self.low, self.high)
        )
        return Interval(low, high, self.low_included, self.high_included)


@dataclass(frozen=True, slots=True)
class Shape:
    """The parts of a cell, or all but them; `null` says whether null is among its tests."""

    parts: tuple[Part, ...]
    negated: bool = False
    null: bool = False


def shape_of(text: str, spellings: Iterable[str] = (), kinds: Sequence[Kind] = ()) -> Shape | None:
    """The shape of unary tests; None for what can't be told, such as tests of `?`.

    `kinds` are those of the plain tests in their order: only one that is known to be no truth
    value, list or range is compared with what is tested.
    """
    try:
        nodes, negated = read_unary_tests(text, name_table((*_SPACED, *spellings)))
    except FeelSyntaxError:
        return None
    parts: list[Part] = []
    null = False
    for at, node in enumerate(nodes):
        if isinstance(node, Literal) and node.value is None and node.problem is None:
            null = True
            continue
        if isinstance(node, Comparison) and node.operator == "!=" and len(nodes) == 1:
            found = _bound(node.operand)
            part = None if found is None else Part(found, found)
            negated = not negated
        else:
            part = _part(node, kinds[at] if at < len(kinds) else None)
        if part is None:
            return None
        parts.append(part)
    return Shape(tuple(parts), negated, null)


def possible_values(
    text: str, spellings: Iterable[str] = (), parameters: ParameterTable | None = None
) -> frozenset[Value] | None:
    """The only values that an expression can have, null aside; None where that can't be told.

    Literals, parameters by a key that is written out, and choices between these.
    """
    try:
        node = read_expression(text, name_table((*_SPACED, *spellings)))
    except FeelSyntaxError:
        return None
    return _possible(node, parameters)


def _possible(node: Node, parameters: ParameterTable | None) -> frozenset[Value] | None:
    if isinstance(node, If):
        found: frozenset[Value] = frozenset()
        for part in (*(result for _, result in node.branches), node.otherwise):
            values = _possible(part, parameters)
            if values is None:
                return None
            found |= values
        return found
    key = parameter_key(node)
    if key is not None:
        parameter = None if parameters is None else parameters.find(key)
        return None if parameter is None else frozenset(entry.value for entry in parameter.entries)
    value = literal_value(node)
    return None if value is None else frozenset({value})


def parameter_key(node: Node) -> str | None:
    """The key of the parameter that a call reads, when it is written out."""
    if not isinstance(node, Call) or not isinstance(node.function, Name) or not node.arguments:
        return None
    first = node.arguments[0]
    if node.function.name != FUNCTION_NAME or node.names is not None:
        return None
    return first.value if isinstance(first, Literal) and isinstance(first.value, str) else None


def _part(node: Node, kind: Kind | None) -> Part | None:
    if isinstance(node, RangeNode):
        low, high = _bound(node.start), _bound(node.end)
        if node.operator is not None or low is None or high is None:
            return None
        return Part(low, high, node.start_included, node.end_included)
    if not isinstance(node, Comparison):
        value = _bound(node)
        if isinstance(value, Symbol) and not _is_plain(kind):
            return None
        return None if value is None else Part(value, value)
    value = _bound(node.operand)
    if value is None or node.operator == "!=":
        return None
    if node.operator == "=":
        return Part(value, value)
    if node.operator in ("<", "<="):
        return Part(None, value, high_included=node.operator == "<=")
    return Part(value, None, low_included=node.operator == ">=")


def _is_plain(kind: Kind | None) -> bool:
    return (
        kind is not None
        and not kind.is_any
        and not kind.names & {"boolean", "list", "range", "context", "function"}
    )


def _bound(node: Node | None) -> Bound:
    """A value, a symbol for what is neither null nor depends on what is tested, or None."""
    value = literal_value(node)
    if value is not None or node is None:
        return value
    text = _written(node)
    return None if text is None else Symbol(text)


def _written(node: Node, level: int = 0) -> str | None:
    """A node as text, when it is made of names, literals, arithmetic and calls by name."""
    if isinstance(node, Name):
        return None if node.name in ("?", "item") else node.name
    if isinstance(node, Literal):
        return None if node.problem is not None else format_value(node.value)
    if isinstance(node, Path):
        source = _written(node.source, 4)
        return None if source is None else f"{source}.{node.name}"
    if isinstance(node, Negation):
        operand = _written(node.operand, 4)
        return None if operand is None else f"{'-' * node.count}{operand}"
    if isinstance(node, Call) and isinstance(node.function, Name) and node.names is None:
        arguments = [_written(argument) for argument in node.arguments]
        return None if None in arguments else f"{node.function.name}({_listed(arguments)})"
    if not isinstance(node, Chain) or any(part[0] not in _LEVELS for part in node.rest):
        return None
    own = min(_LEVELS[operator] for operator, _, _ in node.rest)
    texts = [_written(node.first, own)]
    for operator, _, part in node.rest:
        texts += [f" {operator} ", _written(part, own + 1)]
    if None in texts:
        return None
    text = "".join(part for part in texts if part is not None)
    return f"({text})" if own < level else text


def _listed(texts: Sequence[str | None]) -> str:
    return ", ".join(text for text in texts if text is not None)

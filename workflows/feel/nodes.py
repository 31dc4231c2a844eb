"""The syntax tree of FEEL (DMN 1.5, 10.3.1.2)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True, slots=True)
class Node:
    """A part of an expression; `at` is its offset in the text."""

    at: int


@dataclass(frozen=True, slots=True)
class Literal(Node):
    """A value known from the text alone; `problem` says why an at-literal has none."""

    value: Any
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A name from scope."""

    name: str


@dataclass(frozen=True, slots=True)
class Negation(Node):
    """Arithmetic negation, `count` times."""

    operand: Node
    count: int


@dataclass(frozen=True, slots=True)
class Chain(Node):
    """Left-associative arithmetic or comparison: first, then (operator, offset, operand)."""

    first: Node
    rest: tuple[tuple[str, int, Node], ...]


@dataclass(frozen=True, slots=True)
class Logic(Node):
    """A conjunction or disjunction: `operator` is `and` or `or`."""

    operator: str
    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Between(Node):
    """`value between low and high`."""

    value: Node
    low: Node
    high: Node


@dataclass(frozen=True, slots=True)
class Comparison(Node):
    """A unary test that begins with an operator: `< 5`."""

    operator: str
    operand: Node


@dataclass(frozen=True, slots=True)
class In(Node):
    """`value in (test, …)`."""

    value: Node
    tests: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class InstanceOf(Node):
    """`value instance of type`."""

    value: Node
    type: TypeNode


@dataclass(frozen=True, slots=True)
class Path(Node):
    """`source.name`."""

    source: Node
    name: str


@dataclass(frozen=True, slots=True)
class Filter(Node):
    """`source[condition]`."""

    source: Node
    condition: Node


@dataclass(frozen=True, slots=True)
class Call(Node):
    """An invocation; `names` has one name per argument when they are named."""

    function: Node
    arguments: tuple[Node, ...]
    names: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class ListNode(Node):
    """`[item, …]`."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class ContextNode(Node):
    """`{key: value, …}`."""

    entries: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class RangeNode(Node):
    """`[start..end]`, or `(< end)` with its operator."""

    start: Node | None
    end: Node | None
    start_included: bool
    end_included: bool
    operator: str | None = None


@dataclass(frozen=True, slots=True)
class If(Node):
    """`if … then … [else if … then …] else …`."""

    branches: tuple[tuple[Node, Node], ...]
    otherwise: Node


@dataclass(frozen=True, slots=True)
class Iterator_(Node):
    """`name in domain`, or `name in domain..end`."""

    name: str
    domain: Node
    end: Node | None


@dataclass(frozen=True, slots=True)
class For(Node):
    """`for … return …`."""

    iterators: tuple[Iterator_, ...]
    result: Node


@dataclass(frozen=True, slots=True)
class Quantified(Node):
    """`some|every … satisfies …`."""

    every: bool
    iterators: tuple[Iterator_, ...]
    condition: Node


@dataclass(frozen=True, slots=True)
class TypeNode(Node):
    """A type: a name, with element types for list, range and function, entries for context."""

    name: str
    arguments: tuple[TypeNode, ...] = ()
    entries: tuple[tuple[str, TypeNode], ...] = ()
    result: TypeNode | None = None
    #: `list`, `range`, `context` or `function` written without `<…>`.
    bare: bool = False


@dataclass(frozen=True, slots=True)
class FunctionNode(Node):
    """`function(a: type, …) body`; the body of an external one is its mapping."""

    parameters: tuple[tuple[str, TypeNode | None], ...]
    body: Node
    external: bool = False


def children(node: Node) -> Iterator[Node]:
    """The direct parts of a node."""
    pending: list[object] = [getattr(node, part.name) for part in fields(node)]
    while pending:
        part = pending.pop()
        if isinstance(part, Node):
            yield part
        elif isinstance(part, tuple):
            pending.extend(part)


def effort(node: Node) -> int:
    """The steps that one evaluation of a tree counts as: one per ten nodes, at least one."""
    count = 0
    pending = [node]
    while pending:
        count += 1
        pending.extend(children(pending.pop()))
    return 1 + count // 10


def height(node: Node) -> int:
    """The height of a tree, counted without recursion."""
    highest = 0
    pending = [(node, 1)]
    while pending:
        current, level = pending.pop()
        highest = max(highest, level)
        pending.extend((child, level + 1) for child in children(current))
    return highest

"""The smallest part of an expression that two implementations see differently, and its form."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from scripts.feelin.compare import Pair, Plain, same
from workflows.feel import compile_expression, format_expression, nodes
from workflows.feel.builtins import FUNCTIONS
from workflows.feel.parser.cursor import name_table
from workflows.feel.parser.expressions import read_expression

_KINDS = {"moment": "date and time", "milliseconds": "days", "months": "months"}
_NAMES = name_table(name for name in FUNCTIONS if " " in name)


@dataclass(frozen=True, slots=True)
class Difference:
    """A part that two implementations see differently; `kinds` are those of its own parts."""

    pair: Pair
    form: str
    kinds: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.form}({', '.join(self.kinds)})"


def smallest_difference(pair: Pair, ask: Callable[[str], Pair]) -> Difference:
    """The smallest part whose own parts are all seen alike, with its form and their kinds.

    Only parts that mean something alone are asked about; a part with a variable from outside
    belongs to the form around it.
    """
    node = read_expression(pair.text, _NAMES)
    while True:
        kinds: list[str] = []
        for part in _closed_parts(node):
            found = ask(format_expression(part))
            if not same(found.ours, found.theirs):
                node, pair = part, found
                break
            kinds.append(_kind(found.ours))
        else:
            return Difference(pair, _form(node), tuple(kinds))


def _closed_parts(node: nodes.Node) -> Iterator[nodes.Node]:
    """The largest parts below a node that need no name from outside, from left to right."""
    for child in sorted(nodes.children(node), key=lambda part: part.at):
        called = isinstance(node, nodes.Call) and child is node.function
        if isinstance(child, nodes.TypeNode) or (called and isinstance(child, nodes.Name)):
            continue
        if isinstance(child, nodes.Comparison | nodes.Iterator_) or not _is_closed(child):
            yield from _closed_parts(child)
        else:
            yield child


def _is_closed(node: nodes.Node) -> bool:
    compiled = compile_expression(format_expression(node))
    return not (compiled.free_names or compiled.item_names)


def _kind(answer: Plain) -> str:
    if "failed" in answer:
        return "failed"
    value = answer["value"]
    return _kind_of(value)


def _kind_of(value: Plain) -> str:
    if value is None or isinstance(value, bool):
        return "null" if value is None else "boolean"
    kind = str(next(iter(value)))
    if kind == "list":
        inner = {_kind_of(item) for item in value[kind]}
        return f"list<{inner.pop() if len(inner) == 1 else 'Any' if inner else ''}>"
    return _KINDS.get(kind, kind)


def _form(node: nodes.Node) -> str:
    if isinstance(node, nodes.Chain):
        return " ".join(operator for operator, _, _ in node.rest)
    if isinstance(node, nodes.Logic):
        return node.operator
    if isinstance(node, nodes.Call) and isinstance(node.function, nodes.Name):
        return node.function.name
    if isinstance(node, nodes.InstanceOf):
        return f"instance of {node.type.name}"
    if isinstance(node, nodes.Path):
        return f".{node.name}"
    return type(node).__name__.rstrip("_").lower()

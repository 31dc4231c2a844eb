"""The smallest part of an expression that two implementations see differently, and its form."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from scripts.feelin.compare import Pair, Plain, same
from workflows.feel import compile_expression, format_expression, nodes
from workflows.feel.builtins import FUNCTIONS
from workflows.feel.parser.cursor import name_table
from workflows.feel.parser.expressions import read_expression

_NAMES = name_table(name for name in FUNCTIONS if " " in name)


def smallest_difference(pair: Pair, ask: Callable[[str], Pair]) -> tuple[Pair, str]:
    """The smallest part whose own parts are all seen alike, and its form with their kinds.

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
            return pair, f"{_form(node)}({', '.join(kinds)})"


def _closed_parts(node: nodes.Node) -> Iterator[nodes.Node]:
    """The largest parts below a node that need no name from outside, from left to right."""
    for child in sorted(nodes.children(node), key=lambda part: part.at):
        if isinstance(child, nodes.TypeNode):
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
    if value is None or isinstance(value, bool):
        return "null" if value is None else "boolean"
    return str(next(iter(value)))


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

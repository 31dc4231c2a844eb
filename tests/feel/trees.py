"""Syntax trees for property tests, as the parser makes them."""

from __future__ import annotations

from dataclasses import fields
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from tests.feel.strategies import moments, months, numbers
from workflows.feel import nodes
from workflows.feel.nodes import Node, TypeNode

#: Names that every tree is parsed with; some hold spaces, symbols and keywords.
NAMES = (
    "a",
    "b",
    "家庭 月收入",
    "unit price",
    "pre-bureau",
    "date of birth",
    "applicant's age",
    "x and y",
)
_LOCALS = st.sampled_from(("i", "j", "the item", "成员"))
_KEYS = st.sampled_from(("k", "long key", "if", "1", "+", "", '"', "成员 数", "a-b"))
_OPERATORS = (("+", "-"), ("*", "/"), ("**",))
_COMPARISONS = ("=", "!=", "<", "<=", ">", ">=")
_PHRASES = (nodes.If, nodes.For, nodes.Quantified, nodes.FunctionNode)
AT = 0

literals = st.builds(
    nodes.Literal,
    st.just(AT),
    st.none()
    | st.booleans()
    | numbers.map(abs)
    | st.integers(-300, 300).map(lambda exponent: Decimal(7).scaleb(exponent))
    | st.text(st.characters(exclude_categories=("Cs",)), max_size=8)
    | st.dates()
    | moments
    | months
    | st.timedeltas(),
) | st.sampled_from(
    [
        nodes.Literal(AT, None, code)
        for code in ("number_overflow", "temporal_overflow", "invalid_temporal")
    ]
)
names = st.sampled_from(NAMES).map(lambda name: nodes.Name(AT, name))
types: st.SearchStrategy[TypeNode] = st.recursive(
    st.sampled_from(("number", "string", "Any", "Null", "date and time", "tPerson")).map(
        lambda name: TypeNode(AT, name)
    )
    | st.sampled_from(("list", "range", "context", "function")).map(
        lambda name: TypeNode(AT, name, bare=True)
    ),
    lambda inner: (
        st.builds(
            lambda name, part: TypeNode(AT, name, (part,)),
            st.sampled_from(("list", "range")),
            inner,
        )
        | st.dictionaries(st.sampled_from(("k", "long key")), inner, max_size=2).map(
            lambda entries: TypeNode(AT, "context", (), tuple(entries.items()))
        )
        | st.builds(
            lambda parts, result: TypeNode(AT, "function", tuple(parts), (), result),
            st.lists(inner, max_size=2),
            st.none() | inner,
        )
    ),
    max_leaves=4,
)


def _chain(first: Node, rest: list[tuple[str, Node]]) -> Node:
    """Arithmetic of one strength; a first operand of the same strength belongs to the chain."""
    return nodes.Chain(AT, first, tuple((operator, AT, operand) for operator, operand in rest))


def _range(start: Node, end: Node, low: bool, high: bool) -> Node:
    return nodes.RangeNode(AT, start, end, low, high)


def _comparison_range(operator: str, operand: Node) -> Node:
    start = operand if operator not in ("<", "<=") else None
    end = operand if operator not in (">", ">=") else None
    equal = operator == "="
    return nodes.RangeNode(
        AT, start, end, operator == ">=" or equal, operator == "<=" or equal, operator
    )


def _iterators(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[tuple[nodes.Iterator_, ...]]:
    one = st.builds(
        lambda name, domain, end: nodes.Iterator_(AT, name, domain, end),
        _LOCALS,
        inner,
        st.none() | inner,
    )
    return st.lists(one, min_size=1, max_size=2).map(tuple)


def _phrases(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    plain = inner.filter(lambda node: not isinstance(node, nodes.If))
    branches = st.lists(st.tuples(inner, inner), min_size=1, max_size=2).map(tuple)
    parameters = st.dictionaries(_LOCALS, st.none() | types, max_size=2)
    return (
        st.builds(lambda found, other: nodes.If(AT, found, other), branches, plain)
        | st.builds(lambda found, body: nodes.For(AT, found, body), _iterators(inner), inner)
        | st.builds(
            lambda every, found, body: nodes.Quantified(AT, every, found, body),
            st.booleans(),
            _iterators(inner),
            inner,
        )
        | st.builds(
            lambda found, body: nodes.FunctionNode(AT, tuple(found.items()), body),
            parameters,
            inner,
        )
    )


def _calls(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    function = st.sampled_from(("count", "string join", "date and time", "a")).map(
        lambda name: nodes.Name(AT, name)
    )
    arguments = st.lists(inner, max_size=3)
    named = st.dictionaries(st.sampled_from(("list", "start position", "x-y")), inner, min_size=1)
    return st.builds(
        lambda found, parts: nodes.Call(AT, found, tuple(parts)), function | inner, arguments
    ) | st.builds(
        lambda found, parts: nodes.Call(AT, found, tuple(parts.values()), tuple(parts)),
        function,
        named,
    )


def _extended(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    chains = st.sampled_from(_OPERATORS).flatmap(
        lambda group: st.builds(
            _chain,
            inner,
            st.lists(st.tuples(st.sampled_from(group), inner), min_size=1, max_size=3),
        )
    )
    comparisons = st.builds(
        lambda first, operator, other: _chain(first, [(operator, other)]),
        inner,
        st.sampled_from(_COMPARISONS),
        inner,
    )
    logic = st.builds(
        lambda operator, parts: nodes.Logic(AT, operator, tuple(parts)),
        st.sampled_from(("and", "or")),
        st.lists(inner, min_size=2, max_size=3),
    )
    tests = inner | st.builds(
        lambda operator, operand: nodes.Comparison(AT, operator, operand),
        st.sampled_from(_COMPARISONS),
        inner,
    )
    return (
        chains
        | comparisons
        | logic
        | st.builds(
            lambda operand, count: nodes.Negation(AT, operand, count), inner, st.integers(1, 3)
        )
        | st.builds(lambda *parts: nodes.Between(AT, *parts), inner, inner, inner)
        | st.builds(
            lambda value, found: nodes.In(AT, value, tuple(found)),
            inner,
            st.lists(tests, min_size=1, max_size=2),
        )
        | st.builds(lambda value, kind: nodes.InstanceOf(AT, value, kind), inner, types)
        | st.builds(
            lambda source, name: nodes.Path(AT, source, name),
            inner,
            st.sampled_from(("k", "start included", "if")),
        )
        | st.builds(lambda source, condition: nodes.Filter(AT, source, condition), inner, inner)
        | _calls(inner)
        | st.lists(inner, max_size=3).map(lambda items: nodes.ListNode(AT, tuple(items)))
        | st.dictionaries(_KEYS, inner, max_size=2).map(
            lambda entries: nodes.ContextNode(AT, tuple(entries.items()))
        )
        | st.builds(_range, inner, inner, st.booleans(), st.booleans())
        | st.builds(_comparison_range, st.sampled_from(_COMPARISONS), inner)
        | _phrases(inner)
    )


trees: st.SearchStrategy[Node] = st.recursive(literals | names, _extended, max_leaves=10)


def shape(part: Any) -> Any:
    """A tree without the places in its text."""
    if isinstance(part, nodes.Chain):
        rest = tuple((operator, shape(operand)) for operator, _, operand in part.rest)
        return ("Chain", shape(part.first), rest)
    if isinstance(part, Node):
        parts = [shape(getattr(part, found.name)) for found in fields(part) if found.name != "at"]
        return (type(part).__name__, *parts)
    return tuple(map(shape, part)) if isinstance(part, tuple) else part

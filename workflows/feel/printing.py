"""Syntax trees as FEEL text, with no more brackets than the grammar needs (DMN 1.5, 10.3.1.2)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Any, Final

from workflows.feel import nodes
from workflows.feel.literals import format_number, format_string, format_value
from workflows.feel.parser.cursor import KEYWORDS
from workflows.feel.types import type_text

#: How strongly a form binds, weakest first (rules 2 and 4).
_PHRASE, _OR, _AND, _COMPARE, _ADD, _MULTIPLY, _POWER, _NEGATE, _INSTANCE, _OPERAND = range(10)
_STRENGTHS: Final = {
    "+": _ADD,
    "-": _ADD,
    "*": _MULTIPLY,
    "/": _MULTIPLY,
    "**": _POWER,
}
_PLAIN_KEY: Final = re.compile(r"[^\W\d]\w*(?: [^\W\d]\w*)*")
_OPERATOR_FIRST: Final = re.compile(r"\([<>=!]")
#: Texts of literals that have no value, by what is wrong with them.
_PROBLEMS: Final = {
    "number_overflow": "1e99999",
    "temporal_overflow": '@"P999999999999999999Y"',
}
#: Exponents of ten between which a number is written out.
_WRITTEN_OUT: Final = 40


def format_expression(node: nodes.Node) -> str:
    """A tree as text that parses back to it, given the names it was parsed with.

    Where a name such as `a-b` is spelled by two others, write their difference `(a) - (b)`.
    """
    return _print(node, _PHRASE)


def format_unary_tests(tests: Sequence[nodes.Node], *, negated: bool) -> str:
    """The tests of a cell as text that parses back to them; no tests are `-`."""
    if not tests:
        return "-"
    text = ", ".join(_test(test) for test in tests)
    if not negated and len(tests) == 1 and text.startswith("not("):
        return f"({text})"
    return f"not({text})" if negated else text


def _print(node: nodes.Node, weakest: int) -> str:
    """A tree as text, in brackets when it binds less strongly than its place needs."""
    strength, write = _WRITERS[type(node)]
    text = write(node)
    bound = strength(node) if callable(strength) else strength
    return text if bound >= weakest else f"({text})"


def _literal(node: nodes.Literal) -> str:
    value = node.value
    if node.problem is not None:
        return _PROBLEMS.get(node.problem, '@""')
    if isinstance(value, Decimal):
        exponent = value.adjusted() if value else 0
        return format_number(value) if abs(exponent) <= _WRITTEN_OUT else str(value)
    return format_string(value) if isinstance(value, str) else format_value(value)


def _negation(node: nodes.Negation) -> str:
    # The sign of a number is stronger than `instance of`, that of anything else is weaker.
    checked = isinstance(node.operand, nodes.InstanceOf)
    return "-" * node.count + _print(node.operand, _OPERAND if checked else _INSTANCE)


def _chain_strength(node: nodes.Chain) -> int:
    return _STRENGTHS.get(node.rest[0][0], _COMPARE)


def _chain(node: nodes.Chain) -> str:
    own = _chain_strength(node)
    # Comparisons stand one behind the other; arithmetic of one strength is one chain.
    parts = [_print(node.first, own if own == _COMPARE else own + 1)]
    for operator, _, operand in node.rest:
        parts += [operator, _print(operand, own + 1)]
    return " ".join(parts)


def _logic(node: nodes.Logic) -> str:
    own = _OR if node.operator == "or" else _AND
    return f" {node.operator} ".join(_print(part, own + 1) for part in node.operands)


def _between(node: nodes.Between) -> str:
    low, high = _print(node.low, _ADD), _print(node.high, _ADD)
    return f"{_print(node.value, _COMPARE)} between {low} and {high}"


def _test(node: nodes.Node) -> str:
    if isinstance(node, nodes.Comparison):
        return f"{node.operator} {_print(node.operand, _ADD)}"
    return _print(node, _PHRASE)


def _in(node: nodes.In) -> str:
    value = _print(node.value, _COMPARE)
    only = node.tests[0]
    if len(node.tests) > 1 or isinstance(only, nodes.Comparison):
        return f"{value} in ({', '.join(map(_test, node.tests))})"
    text = _print(only, _ADD)
    # A bracket followed by an operator would be read as a list of tests.
    return f"{value} in ({text})" if _OPERATOR_FIRST.match(text) else f"{value} in {text}"


def _instance_strength(node: nodes.InstanceOf) -> int:
    # `x instance of list < y` would be read as the parameter of a list.
    return _PHRASE if node.type.bare else _INSTANCE


def _instance(node: nodes.InstanceOf) -> str:
    value = node.value
    if isinstance(value, nodes.Negation) and isinstance(value.operand, nodes.Literal):
        return f"{_print(value, _NEGATE)} instance of {type_text(node.type)}"
    return f"{_print(node.value, _INSTANCE)} instance of {type_text(node.type)}"


def _path(node: nodes.Path) -> str:
    return f"{_print(node.source, _OPERAND)}.{node.name}"


def _filter(node: nodes.Filter) -> str:
    return f"{_print(node.source, _OPERAND)}[{_print(node.condition, _PHRASE)}]"


def _call(node: nodes.Call) -> str:
    arguments = [_print(argument, _PHRASE) for argument in node.arguments]
    if node.names is not None:
        arguments = [f"{name}: {text}" for name, text in zip(node.names, arguments, strict=True)]
    return f"{_print(node.function, _OPERAND)}({', '.join(arguments)})"


def _list(node: nodes.ListNode) -> str:
    return f"[{', '.join(_print(item, _PHRASE) for item in node.items)}]"


def _key(key: str) -> str:
    plain = _PLAIN_KEY.fullmatch(key) and not KEYWORDS & set(key.split())
    return key if plain else format_string(key)


def _context(node: nodes.ContextNode) -> str:
    entries = [f"{_key(key)}: {_print(value, _PHRASE)}" for key, value in node.entries]
    return f"{{{', '.join(entries)}}}"


def _range(node: nodes.RangeNode) -> str:
    start = _print(node.start, _ADD) if node.start is not None else ""
    end = _print(node.end, _ADD) if node.end is not None else ""
    if node.operator is not None:
        return f"({node.operator} {start or end})"
    opening, closing = "[" if node.start_included else "(", "]" if node.end_included else ")"
    return f"{opening}{start}..{end}{closing}"


def _if(node: nodes.If) -> str:
    parts = [
        f"if {_print(condition, _PHRASE)} then {_result(result)} else "
        for condition, result in node.branches
    ]
    return "".join(parts) + _result(node.otherwise)


def _result(node: nodes.Node) -> str:
    return _print(node, _OR if isinstance(node, nodes.If) else _PHRASE)


def _iterators(iterators: Iterable[nodes.Iterator_]) -> str:
    texts = []
    for iterator in iterators:
        end = "" if iterator.end is None else f"..{_print(iterator.end, _OR)}"
        texts.append(f"{iterator.name} in {_print(iterator.domain, _OR)}{end}")
    return ", ".join(texts)


def _for(node: nodes.For) -> str:
    return f"for {_iterators(node.iterators)} return {_print(node.result, _PHRASE)}"


def _quantified(node: nodes.Quantified) -> str:
    word = "every" if node.every else "some"
    return f"{word} {_iterators(node.iterators)} satisfies {_print(node.condition, _PHRASE)}"


def _function(node: nodes.FunctionNode) -> str:
    parameters = ", ".join(
        name if kind is None else f"{name}: {type_text(kind)}" for name, kind in node.parameters
    )
    external = "external " if node.external else ""
    return f"function({parameters}) {external}{_print(node.body, _PHRASE)}"


_Writer = tuple[int | Callable[[Any], int], Callable[[Any], str]]
_WRITERS: Final[dict[type[nodes.Node], _Writer]] = {
    nodes.Literal: (_OPERAND, _literal),
    nodes.Name: (_OPERAND, lambda node: str(node.name)),
    nodes.Negation: (_NEGATE, _negation),
    nodes.Chain: (_chain_strength, _chain),
    nodes.Logic: (lambda node: _OR if node.operator == "or" else _AND, _logic),
    nodes.Between: (_COMPARE, _between),
    nodes.Comparison: (_PHRASE, _test),
    nodes.In: (_COMPARE, _in),
    nodes.InstanceOf: (_instance_strength, _instance),
    nodes.Path: (_OPERAND, _path),
    nodes.Filter: (_OPERAND, _filter),
    nodes.Call: (_OPERAND, _call),
    nodes.ListNode: (_OPERAND, _list),
    nodes.ContextNode: (_OPERAND, _context),
    nodes.RangeNode: (_OPERAND, _range),
    nodes.If: (_PHRASE, _if),
    nodes.For: (_PHRASE, _for),
    nodes.Quantified: (_PHRASE, _quantified),
    nodes.FunctionNode: (_PHRASE, _function),
}

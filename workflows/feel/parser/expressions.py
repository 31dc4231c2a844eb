"""Operators and unary tests, by precedence (DMN 1.5, grammar rules 1 to 20 and 44 to 51)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from workflows.feel.errors import FeelSyntaxError
from workflows.feel.limits import MAX_HEIGHT
from workflows.feel.nodes import (
    Between,
    Chain,
    Comparison,
    In,
    InstanceOf,
    Literal,
    Logic,
    Negation,
    Node,
    height,
)
from workflows.feel.parser.cursor import Cursor, NameTable
from workflows.feel.parser.operands import (
    COMPARISONS,
    comparison_range,
    finish_range,
    parse_operand,
    parse_postfix,
)
from workflows.feel.parser.types import parse_type
from workflows.feel.scanner import Kind, Token

#: Operators by how strongly they bind; all are left-associative.
_OR, _AND, _COMPARE, _ADD, _MULTIPLY, _POWER = range(1, 7)
_SYMBOLS: Final = {
    "+": _ADD,
    "-": _ADD,
    "*": _MULTIPLY,
    "/": _MULTIPLY,
    "**": _POWER,
} | dict.fromkeys(COMPARISONS, _COMPARE)
_WORDS: Final = {"or": _OR, "and": _AND, "between": _COMPARE, "in": _COMPARE}


def parse_expression(cursor: Cursor) -> Node:
    """An expression of any kind. Raises: FeelSyntaxError."""
    cursor.enter()
    token = cursor.token
    if cursor.is_symbol(*COMPARISONS):
        # Grammar rules 2 h and 7 a: `< 10` alone is a range.
        cursor.at += 1
        node: Node = comparison_range(token.start, token.text, _arithmetic(cursor))
    else:
        node = _operation(cursor, _OR, None)
    cursor.leave()
    return node


def _arithmetic(cursor: Cursor) -> Node:
    return _operation(cursor, _ADD, None)


def _strength(token: Token) -> int:
    if token.kind is Kind.SYMBOL:
        return _SYMBOLS.get(token.text, 0)
    return _WORDS.get(token.text, 0) if token.kind is Kind.NAME else 0


def _operation(cursor: Cursor, weakest: int, first: Node | None) -> Node:
    """Operations that bind at least as strongly as `weakest`, after an operand read before."""
    node = _negation(cursor) if first is None else first
    while True:
        token = cursor.token
        strength = _strength(token)
        if strength == 0 or strength < weakest:
            return node
        if strength == _COMPARE:
            node = _comparisons(cursor, node)
            continue
        operands: list[tuple[str, int, Node]] = []
        while _strength(cursor.token) == strength:
            operator = cursor.token
            cursor.at += 1
            operand = _operation(cursor, strength + 1, None)
            operands.append((operator.text, operator.start, operand))
        if strength in (_OR, _AND):
            node = Logic(token.start, token.text, (node, *(part for _, _, part in operands)))
        else:
            node = Chain(node.at, node, tuple(operands))


def _comparisons(cursor: Cursor, node: Node) -> Node:
    rounds = 0
    while _strength(cursor.token) == _COMPARE:
        token = cursor.token
        rounds += 1
        if rounds > MAX_HEIGHT:
            raise cursor.error(token.start, "nested_too_deep", limit=MAX_HEIGHT)
        cursor.at += 1
        if token.text == "between":
            low = _arithmetic(cursor)
            cursor.expect("and")
            node = Between(token.start, node, low, _arithmetic(cursor))
        elif token.text == "in":
            node = In(token.start, node, _tests_after_in(cursor))
        else:
            node = Chain(node.at, node, ((token.text, token.start, _arithmetic(cursor)),))
    return node


def _negation(cursor: Cursor) -> Node:
    at = cursor.token.start
    count = 0
    while cursor.accept("-"):
        count += 1
    operand = parse_postfix(cursor, parse_operand(cursor))
    if count and isinstance(operand, Literal):
        # The sign of a number belongs to it (rule 35), so it comes before `instance of`.
        return _instance(cursor, Negation(at, operand, count))
    operand = _instance(cursor, operand)
    return Negation(at, operand, count) if count else operand


def _instance(cursor: Cursor, node: Node) -> Node:
    while cursor.is_word("instance"):
        at = cursor.token.start
        cursor.at += 1
        cursor.expect("of")
        node = InstanceOf(at, node, parse_type(cursor))
    return node


def _continued(cursor: Cursor, node: Node) -> Node:
    """The arithmetic that follows an operand which was read before."""
    return _operation(cursor, _ADD, _instance(cursor, parse_postfix(cursor, node)))


def _tests_after_in(cursor: Cursor) -> tuple[Node, ...]:
    if not cursor.is_symbol("("):
        return (_test(cursor, _arithmetic),)
    at = cursor.expect("(").start
    tests = [_test(cursor, parse_expression)]
    if cursor.is_symbol("..") and not isinstance(tests[0], Comparison):
        return (_continued(cursor, finish_range(cursor, at, tests[0], included=False)),)
    while cursor.accept(","):
        tests.append(_test(cursor, parse_expression))
    cursor.expect(")")
    if len(tests) == 1 and not isinstance(tests[0], Comparison):
        return (_continued(cursor, tests[0]),)
    return tuple(tests)


def _test(cursor: Cursor, operand: Callable[[Cursor], Node]) -> Node:
    token = cursor.token
    if cursor.is_symbol(*COMPARISONS):
        cursor.at += 1
        cursor.enter()
        node = Comparison(token.start, token.text, _arithmetic(cursor))
        cursor.leave()
        return node
    return operand(cursor)


def _finish(cursor: Cursor, nodes: list[Node]) -> None:
    if cursor.token.kind is not Kind.END:
        raise cursor.unexpected("an operator or the end", "运算符或结尾")
    for node in nodes:
        if height(node) > MAX_HEIGHT:
            raise cursor.error(node.at, "nested_too_deep", limit=MAX_HEIGHT)


def _too_deep(cursor: Cursor) -> FeelSyntaxError:
    """The caller left less room than MAX_NESTING needs."""
    return cursor.error(cursor.token.start, "nested_too_deep", limit=cursor.depth)


def _open(text: str, names: NameTable) -> Cursor:
    cursor = Cursor(text, names, parse_expression)
    if cursor.token.kind is Kind.END:
        raise cursor.error(len(text), "empty_expression")
    return cursor


def read_expression(text: str, names: NameTable) -> Node:
    """The tree of an expression. Raises: FeelSyntaxError."""
    cursor = _open(text, names)
    try:
        node = parse_expression(cursor)
    except RecursionError:
        raise _too_deep(cursor) from None
    _finish(cursor, [node])
    return node


def read_unary_tests(text: str, names: NameTable) -> tuple[tuple[Node, ...], bool]:
    """The tests of a decision table cell and whether they are negated; no tests mean `-`.

    Raises: FeelSyntaxError.
    """
    cursor = _open(text, names)
    if cursor.is_symbol("-") and cursor.peek().kind is Kind.END:
        return (), False
    try:
        tests = _negated_tests(cursor)
        negated = tests is not None
        if tests is None:
            cursor = _open(text, names)
            tests = _tests(cursor)
    except RecursionError:
        raise _too_deep(cursor) from None
    _finish(cursor, tests)
    return tuple(tests), negated


def _tests(cursor: Cursor) -> list[Node]:
    tests = [_test(cursor, parse_expression)]
    while cursor.accept(","):
        tests.append(_test(cursor, parse_expression))
    return tests


def _negated_tests(cursor: Cursor) -> list[Node] | None:
    """The tests of a cell that is `not(…)` from its first to its last character."""
    if not (cursor.is_word("not") and cursor.peek().text == "("):
        return None
    cursor.at += 2
    try:
        tests = _tests(cursor)
    except FeelSyntaxError:
        return None
    whole = cursor.accept(")") and cursor.token.kind is Kind.END
    return tests if whole else None

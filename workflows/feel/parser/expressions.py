"""Operators and unary tests, by precedence (DMN 1.5, grammar rules 1 to 20 and 44 to 51)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from workflows.feel.limits import MAX_HEIGHT
from workflows.feel.nodes import (
    Between,
    Chain,
    Comparison,
    In,
    InstanceOf,
    Logic,
    Negation,
    Node,
    RangeNode,
    height,
)
from workflows.feel.parser.cursor import Cursor, NameTable
from workflows.feel.parser.operands import COMPARISONS, parse_operand, parse_postfix
from workflows.feel.parser.types import parse_type
from workflows.feel.scanner import Kind

_ADDITIVE: Final = ("+", "-")
_MULTIPLICATIVE: Final = ("*", "/")
_POWER: Final = ("**",)


def parse_expression(cursor: Cursor) -> Node:
    """An expression of any kind. Raises: FeelSyntaxError."""
    cursor.enter()
    node = _disjunction(cursor)
    cursor.leave()
    return node


def _logic(cursor: Cursor, operator: str, operand: Callable[[Cursor], Node]) -> Node:
    first = operand(cursor)
    if not cursor.is_word(operator):
        return first
    at = cursor.token.start
    operands = [first]
    while cursor.accept(operator):
        operands.append(operand(cursor))
    return Logic(at, operator, tuple(operands))


def _disjunction(cursor: Cursor) -> Node:
    return _logic(cursor, "or", _conjunction)


def _conjunction(cursor: Cursor) -> Node:
    return _logic(cursor, "and", _comparison)


def _comparison(cursor: Cursor) -> Node:
    return _comparison_after(cursor, _additive(cursor))


def _comparison_after(cursor: Cursor, node: Node) -> Node:
    rounds = 0
    while True:
        token = cursor.token
        if cursor.is_symbol(*COMPARISONS):
            cursor.at += 1
            node = Chain(node.at, node, ((token.text, token.start, _additive(cursor)),))
        elif cursor.accept("between"):
            low = _additive(cursor)
            cursor.expect("and")
            node = Between(token.start, node, low, _additive(cursor))
        elif cursor.accept("in"):
            node = In(token.start, node, _tests_after_in(cursor))
        else:
            return node
        rounds += 1
        if rounds > MAX_HEIGHT:
            raise cursor.error(token.start, "nested_too_deep", limit=MAX_HEIGHT)


def _chain(cursor: Cursor, operators: tuple[str, ...], operand: Callable[[Cursor], Node]) -> Node:
    return _chain_after(cursor, operand(cursor), operators, operand)


def _chain_after(
    cursor: Cursor, first: Node, operators: tuple[str, ...], operand: Callable[[Cursor], Node]
) -> Node:
    rest: list[tuple[str, int, Node]] = []
    while cursor.is_symbol(*operators):
        token = cursor.token
        cursor.at += 1
        rest.append((token.text, token.start, operand(cursor)))
    return Chain(first.at, first, tuple(rest)) if rest else first


def _additive(cursor: Cursor) -> Node:
    return _chain(cursor, _ADDITIVE, _multiplicative)


def _multiplicative(cursor: Cursor) -> Node:
    return _chain(cursor, _MULTIPLICATIVE, _power)


def _power(cursor: Cursor) -> Node:
    return _chain(cursor, _POWER, _negation)


def _negation(cursor: Cursor) -> Node:
    at = cursor.token.start
    count = 0
    while cursor.accept("-"):
        count += 1
    operand = _instance(cursor, parse_postfix(cursor, parse_operand(cursor)))
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
    node = _instance(cursor, parse_postfix(cursor, node))
    node = _chain_after(cursor, node, _POWER, _negation)
    node = _chain_after(cursor, node, _MULTIPLICATIVE, _power)
    return _chain_after(cursor, node, _ADDITIVE, _multiplicative)


def _tests_after_in(cursor: Cursor) -> tuple[Node, ...]:
    if not cursor.is_symbol("("):
        return (_test(cursor, _additive),)
    at = cursor.expect("(").start
    tests = [_test(cursor, parse_expression)]
    if cursor.is_symbol("..") and not isinstance(tests[0], Comparison):
        return (_continued(cursor, _finish_range(cursor, at, tests[0])),)
    while cursor.accept(","):
        tests.append(_test(cursor, parse_expression))
    cursor.expect(")")
    if len(tests) == 1 and not isinstance(tests[0], Comparison):
        return (_continued(cursor, tests[0]),)
    return tuple(tests)


def _finish_range(cursor: Cursor, at: int, start: Node) -> Node:
    cursor.expect("..")
    end = parse_expression(cursor)
    if cursor.accept("]"):
        return RangeNode(at, start, end, False, True)
    if cursor.accept(")") or cursor.accept("["):
        return RangeNode(at, start, end, False, False)
    raise cursor.unexpected("the end of the range", "区间的结尾")


def _test(cursor: Cursor, operand: Callable[[Cursor], Node]) -> Node:
    token = cursor.token
    if cursor.is_symbol(*COMPARISONS):
        cursor.at += 1
        cursor.enter()
        node = Comparison(token.start, token.text, _additive(cursor))
        cursor.leave()
        return node
    return operand(cursor)


def _finish(cursor: Cursor, nodes: list[Node]) -> None:
    if cursor.token.kind is not Kind.END:
        raise cursor.unexpected("an operator or the end", "运算符或结尾")
    for node in nodes:
        if height(node) > MAX_HEIGHT:
            raise cursor.error(node.at, "nested_too_deep", limit=MAX_HEIGHT)


def _open(text: str, names: NameTable) -> Cursor:
    cursor = Cursor(text, names, parse_expression)
    if cursor.token.kind is Kind.END:
        raise cursor.error(len(text), "empty_expression")
    return cursor


def read_expression(text: str, names: NameTable) -> Node:
    """The tree of an expression. Raises: FeelSyntaxError."""
    cursor = _open(text, names)
    node = parse_expression(cursor)
    _finish(cursor, [node])
    return node


def read_unary_tests(text: str, names: NameTable) -> tuple[tuple[Node, ...], bool]:
    """The tests of a decision table cell and whether they are negated; no tests mean `-`.

    Raises: FeelSyntaxError.
    """
    cursor = _open(text, names)
    if cursor.is_symbol("-") and cursor.peek().kind is Kind.END:
        return (), False
    negated = _is_negated(cursor)
    if negated:
        cursor.at += 2
    tests = [_test(cursor, parse_expression)]
    while cursor.accept(","):
        tests.append(_test(cursor, parse_expression))
    if negated:
        cursor.expect(")")
    _finish(cursor, tests)
    return tuple(tests), negated


def _is_negated(cursor: Cursor) -> bool:
    """Whether the whole cell is `not(…)`."""
    if not (cursor.is_word("not") and cursor.peek().text == "("):
        return False
    depth = 0
    for at in range(cursor.at + 1, len(cursor.tokens)):
        token = cursor.tokens[at]
        if token.kind is not Kind.SYMBOL:
            continue
        depth += (token.text == "(") - (token.text == ")")
        if depth == 0:
            return cursor.tokens[at + 1].kind is Kind.END
    return False

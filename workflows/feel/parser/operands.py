"""Operands: literals, names, brackets, and the phrases that begin with a keyword."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation, Overflow
from typing import Final

from workflows.feel.errors import FeelError
from workflows.feel.limits import MAX_HEIGHT
from workflows.feel.nodes import (
    Call,
    ContextNode,
    Filter,
    For,
    FunctionNode,
    If,
    Iterator_,
    ListNode,
    Literal,
    Name,
    Node,
    Path,
    Quantified,
    RangeNode,
    TypeNode,
)
from workflows.feel.parser.cursor import Cursor, name_table
from workflows.feel.parser.types import parse_type
from workflows.feel.scanner import Kind
from workflows.feel.temporal_text import read_temporal
from workflows.feel.values import NUMBERS

COMPARISONS: Final = ("<", "<=", ">", ">=", "=", "!=")
_MAX_ITERATORS: Final = 16
_CONSTANTS: Final = {"true": True, "false": False, "null": None}


def parse_operand(cursor: Cursor) -> Node:
    """One operand without what follows it. Raises: FeelSyntaxError."""
    token = cursor.token
    if token.kind is Kind.NUMBER:
        cursor.at += 1
        return _number(token.text, token.start)
    if token.kind is Kind.STRING:
        cursor.at += 1
        return Literal(token.start, token.text)
    if token.kind is Kind.NAME:
        return _word(cursor)
    if token.kind is Kind.SYMBOL:
        if token.text == "(":
            return _parenthesis(cursor)
        if token.text == "[":
            return _bracket(cursor)
        if token.text == "]":
            return _open_range(cursor)
        if token.text == "{":
            return _context(cursor)
        if token.text == "@":
            return _at_literal(cursor)
    raise cursor.unexpected("a value", "一个值")


def _number(text: str, at: int) -> Node:
    try:
        return Literal(at, NUMBERS.create_decimal(Decimal(text)))
    except (Overflow, InvalidOperation):
        return Literal(at, None, "number_overflow")


def _at_literal(cursor: Cursor) -> Node:
    at = cursor.expect("@").start
    token = cursor.token
    if token.kind is not Kind.STRING:
        raise cursor.unexpected("a string", "字符串")
    cursor.at += 1
    try:
        return Literal(at, read_temporal(token.text))
    except FeelError as error:
        return Literal(at, None, error.code)


def _word(cursor: Cursor) -> Node:
    token = cursor.token
    word = token.text
    if word in _CONSTANTS:
        cursor.at += 1
        return Literal(token.start, _CONSTANTS[word])
    if word == "if":
        return _condition(cursor)
    if word == "for":
        return _for(cursor)
    if word in ("some", "every"):
        following = cursor.peek()
        if following.kind is Kind.NAME and following.text != "in":
            return _quantified(cursor)
    if word == "function" and cursor.peek().text == "(":
        return _function(cursor)
    name, _ = cursor.name()
    return Name(token.start, name)


def _condition(cursor: Cursor) -> Node:
    at = cursor.token.start
    branches: list[tuple[Node, Node]] = []
    while cursor.accept("if"):
        condition = cursor.expression(cursor)
        cursor.expect("then")
        branches.append((condition, cursor.expression(cursor)))
        cursor.expect("else")
    return If(at, tuple(branches), cursor.expression(cursor))


def _iterators(cursor: Cursor) -> tuple[Iterator_, ...]:
    """Iterators; each leaves its name declared, so the caller forgets as many scopes."""
    found: list[Iterator_] = []
    while True:
        at = cursor.token.start
        name = cursor.declared_name("in")
        if name is None:
            raise cursor.unexpected("a variable and “in”", "变量名和“in”")
        cursor.expect("in")
        domain = cursor.expression(cursor)
        end = cursor.expression(cursor) if cursor.accept("..") else None
        found.append(Iterator_(at, name, domain, end))
        cursor.declare((name,))
        if not cursor.accept(","):
            return tuple(found)
        if len(found) == _MAX_ITERATORS:
            raise cursor.error(at, "nested_too_deep", limit=_MAX_ITERATORS)


def _for(cursor: Cursor) -> Node:
    at = cursor.expect("for").start
    iterators = _iterators(cursor)
    cursor.expect("return")
    cursor.declare(("partial",))
    result = cursor.expression(cursor)
    for _ in range(len(iterators) + 1):
        cursor.forget()
    return For(at, iterators, result)


def _quantified(cursor: Cursor) -> Node:
    token = cursor.token
    cursor.at += 1
    iterators = _iterators(cursor)
    cursor.expect("satisfies")
    condition = cursor.expression(cursor)
    for _ in iterators:
        cursor.forget()
    return Quantified(token.start, token.text == "every", iterators, condition)


def _function(cursor: Cursor) -> Node:
    at = cursor.expect("function").start
    cursor.expect("(")
    parameters: list[tuple[str, TypeNode | None]] = []
    while not cursor.is_symbol(")"):
        name = cursor.declared_name(":", ",", ")")
        if name is None:
            raise cursor.unexpected("the name of a parameter", "参数名")
        kind = parse_type(cursor) if cursor.accept(":") else None
        parameters.append((name, kind))
        if not cursor.another(")"):
            break
    cursor.expect(")")
    if cursor.is_word("external"):
        cursor.at += 1
        return FunctionNode(at, tuple(parameters), cursor.expression(cursor), external=True)
    cursor.declare(name for name, _ in parameters)
    body = cursor.expression(cursor)
    cursor.forget()
    return FunctionNode(at, tuple(parameters), body)


def _parenthesis(cursor: Cursor) -> Node:
    at = cursor.expect("(").start
    if cursor.is_symbol(*COMPARISONS):
        operator = cursor.token.text
        cursor.at += 1
        operand = cursor.expression(cursor)
        cursor.expect(")")
        return comparison_range(at, operator, operand)
    inner = cursor.expression(cursor)
    if cursor.is_symbol(".."):
        return finish_range(cursor, at, inner, included=False)
    cursor.expect(")")
    return inner


def comparison_range(at: int, operator: str, operand: Node) -> Node:
    """The range of `(< 10)` (10.3.2.7, table 41)."""
    if operator in ("<", "<="):
        return RangeNode(at, None, operand, False, operator == "<=", operator)
    if operator in (">", ">="):
        return RangeNode(at, operand, None, operator == ">=", False, operator)
    return RangeNode(at, operand, operand, operator == "=", operator == "=", operator)


def finish_range(cursor: Cursor, at: int, start: Node, *, included: bool) -> Node:
    """The rest of a range, from `..` on."""
    cursor.expect("..")
    end = cursor.expression(cursor)
    if cursor.accept("]"):
        return RangeNode(at, start, end, included, True)
    if cursor.accept(")") or cursor.accept("["):
        return RangeNode(at, start, end, included, False)
    raise cursor.unexpected("the end of the range", "区间的结尾")


def _open_range(cursor: Cursor) -> Node:
    at = cursor.expect("]").start
    start = cursor.expression(cursor)
    return finish_range(cursor, at, start, included=False)


def _bracket(cursor: Cursor) -> Node:
    at = cursor.expect("[").start
    items: list[Node] = []
    if cursor.accept("]"):
        return ListNode(at, ())
    while True:
        if cursor.is_symbol(*COMPARISONS):
            start = cursor.token.start
            operator = cursor.token.text
            cursor.at += 1
            items.append(comparison_range(start, operator, cursor.expression(cursor)))
        else:
            items.append(cursor.expression(cursor))
        if cursor.is_symbol("..") and len(items) == 1:
            return finish_range(cursor, at, items[0], included=True)
        if not cursor.accept(","):
            break
    cursor.expect("]")
    return ListNode(at, tuple(items))


def _context(cursor: Cursor) -> Node:
    at = cursor.expect("{").start
    entries: list[tuple[str, Node]] = []
    cursor.declare(())
    scope = cursor.locals[-1]
    while not cursor.is_symbol("}"):
        key = _key(cursor)
        cursor.expect(":")
        entries.append((key, cursor.expression(cursor)))
        for table in (scope, cursor.keys):
            for first, found in name_table((key,)).items():
                table.setdefault(first, []).extend(found)
        if not cursor.another("}"):
            break
    cursor.expect("}")
    cursor.forget()
    return ContextNode(at, tuple(entries))


def _key(cursor: Cursor) -> str:
    token = cursor.token
    if token.kind is Kind.STRING:
        cursor.at += 1
        return token.text
    key = cursor.declared_name(":")
    if key is None:
        raise cursor.unexpected("a key and “:”", "键和“:”")
    return key


def parse_postfix(cursor: Cursor, node: Node) -> Node:
    """What follows an operand: paths, filters and calls."""
    rounds = 0
    while cursor.token.kind is Kind.SYMBOL:
        at = cursor.token.start
        rounds += 1
        if rounds > MAX_HEIGHT:
            raise cursor.error(at, "nested_too_deep", limit=MAX_HEIGHT)
        if cursor.is_symbol("."):
            cursor.at += 1
            node = Path(at, node, cursor.property_name())
        elif cursor.is_symbol("("):
            node = _call(cursor, node)
        elif cursor.is_symbol("[") and _starts_value(cursor):
            cursor.at += 1
            cursor.declare(("item",))
            condition = cursor.expression(cursor)
            cursor.forget()
            cursor.expect("]")
            node = Filter(at, node, condition)
        else:
            break
    return node


def _starts_value(cursor: Cursor) -> bool:
    """Whether a value follows `[`; if not, it closes a range such as `[1..2[`."""
    following = cursor.peek()
    if following.kind is Kind.SYMBOL:
        return following.text in ("(", "[", "{", "@", "-")
    if following.kind is Kind.NAME:
        return following.text not in (
            "and",
            "or",
            "in",
            "then",
            "else",
            "return",
            "satisfies",
            "between",
            "instance",
        )
    return following.kind is not Kind.END


def _call(cursor: Cursor, function: Node) -> Node:
    at = cursor.expect("(").start
    if isinstance(function, Name):
        at = function.at
    arguments: list[Node] = []
    names: list[str] = []
    while not cursor.is_symbol(")"):
        start = cursor.token.start
        name = cursor.declared_name(":")
        if name is not None:
            cursor.expect(":")
            if name in names:
                raise cursor.error(start, "duplicate_argument", name=name)
            names.append(name)
        arguments.append(cursor.expression(cursor))
        if names and len(names) != len(arguments):
            raise cursor.error(start, "mixed_arguments")
        if not cursor.another(")"):
            break
    cursor.expect(")")
    return Call(at, function, tuple(arguments), tuple(names) if names else None)

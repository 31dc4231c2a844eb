"""Types in expressions (DMN 1.5, grammar rules 52 to 56)."""

from __future__ import annotations

from workflows.feel.nodes import TypeNode
from workflows.feel.parser.cursor import KEYWORDS, Cursor
from workflows.feel.scanner import Kind

#: Types that need parameters (grammar rule 52).
_PARAMETRIC = frozenset(("list", "range", "context", "function"))
_PHRASES = (
    ("date", "and", "time"),
    ("years", "and", "months", "duration"),
    ("days", "and", "time", "duration"),
)


def parse_type(cursor: Cursor) -> TypeNode:
    """A type. Raises: FeelSyntaxError."""
    cursor.enter()
    at = cursor.token.start
    name = _type_name(cursor)
    opened = cursor.is_symbol("<")
    result: TypeNode
    if name in ("list", "range") and opened:
        cursor.expect("<")
        element = parse_type(cursor)
        cursor.expect(">")
        result = TypeNode(at, name, (element,))
    elif name == "context" and opened:
        result = TypeNode(at, name, (), _entries(cursor))
    elif name == "function" and opened:
        result = _function_type(cursor, at)
    else:
        result = TypeNode(at, name, bare=name in _PARAMETRIC)
    cursor.leave()
    return result


def _type_name(cursor: Cursor) -> str:
    for phrase in _PHRASES:
        if all(cursor.peek(n).text == word for n, word in enumerate(phrase)):
            cursor.at += len(phrase)
            return " ".join(phrase)
    if cursor.accept("function"):
        return "function"
    if cursor.accept("null"):
        return "null"
    if cursor.token.kind is not Kind.NAME or cursor.token.text in KEYWORDS:
        raise cursor.unexpected("a type", "类型")
    name = cursor.property_name()
    while cursor.is_symbol(".") and cursor.peek().kind is Kind.NAME:
        cursor.at += 1
        name = f"{name}.{cursor.property_name()}"
    return name


def _entries(cursor: Cursor) -> tuple[tuple[str, TypeNode], ...]:
    cursor.expect("<")
    entries: list[tuple[str, TypeNode]] = []
    while not cursor.is_symbol(">"):
        key = cursor.declared_name(":")
        if key is None:
            raise cursor.unexpected("a name and “:”", "名称和“:”")
        cursor.expect(":")
        entries.append((key, parse_type(cursor)))
        if not cursor.another(">"):
            break
    cursor.expect(">")
    return tuple(entries)


def _function_type(cursor: Cursor, at: int) -> TypeNode:
    cursor.expect("<")
    arguments: list[TypeNode] = []
    while not cursor.is_symbol(">"):
        arguments.append(parse_type(cursor))
        if not cursor.another(">"):
            break
    cursor.expect(">")
    result = parse_type(cursor) if cursor.accept("->") else None
    return TypeNode(at, "function", tuple(arguments), (), result)

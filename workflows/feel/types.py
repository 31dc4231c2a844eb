"""Types as checks and coercions (DMN 1.5, 10.3.2.9)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from workflows.feel.nodes import TypeNode
from workflows.feel.run import Run
from workflows.feel.values import FunctionValue, Range, Value, type_name

Check = Callable[[Run, Value], bool | None]

SIMPLE: Final = frozenset(
    (
        "number",
        "string",
        "boolean",
        "date",
        "time",
        "date and time",
        "years and months duration",
        "days and time duration",
        "list",
        "context",
        "function",
        "range",
    )
)
#: Names of types that files use besides those of the standard.
ALIASES: Final = {
    "dateTime": "date and time",
    "date time": "date and time",
    "yearMonthDuration": "years and months duration",
    "dayTimeDuration": "days and time duration",
    "days and time": "days and time duration",
}


def type_text(node: TypeNode) -> str:
    """A type as it is written."""
    if node.name == "context" and node.entries:
        inner = ", ".join(f"{key}: {type_text(kind)}" for key, kind in node.entries)
        return f"context<{inner}>"
    if node.name == "context" and not node.bare:
        return "context<>"
    if node.name == "function" and not node.bare:
        inner = ", ".join(type_text(kind) for kind in node.arguments)
        return f"function<{inner}>" + (f"->{type_text(node.result)}" if node.result else "")
    if node.arguments:
        return f"{node.name}<{type_text(node.arguments[0])}>"
    return node.name


def compile_type(node: TypeNode) -> Check:
    """A check of whether a value that is not null has a type; None for an unknown type."""
    name = ALIASES.get(node.name, node.name)
    if name == "Any":
        return lambda run, value: True
    if name in ("null", "Null"):
        return lambda run, value: False
    if name == "list" and node.arguments:
        return _list_check(compile_type(node.arguments[0]))
    if name == "context" and node.entries:
        return _context_check({key: compile_type(kind) for key, kind in node.entries})
    if name == "range" and node.arguments:
        return _range_check(compile_type(node.arguments[0]))
    if name == "function":
        return _function_check(node)
    if name in SIMPLE:
        return lambda run, value: type_name(value) == name
    return _named_check(node.name)


def is_complete(node: TypeNode) -> bool:
    """Whether a type has the parameters that it needs: `list` alone is no type (table 61)."""
    parts = (*node.arguments, *(kind for _, kind in node.entries))
    whole = not node.bare and all(is_complete(part) for part in parts)
    return whole and (node.result is None or is_complete(node.result))


def _list_check(element: Check) -> Check:
    def check(run: Run, value: Value) -> bool:
        if not isinstance(value, (list, tuple)):
            return False
        run.tick(len(value))
        return all(item is None or element(run, item) is True for item in value)

    return check


def _context_check(entries: Mapping[str, Check]) -> Check:
    def check(run: Run, value: Value) -> bool:
        if not isinstance(value, Mapping):
            return False
        return all(
            key in value and (value[key] is None or entry(run, value[key]) is True)
            for key, entry in entries.items()
        )

    return check


def _range_check(element: Check) -> Check:
    def check(run: Run, value: Value) -> bool:
        if not isinstance(value, Range):
            return False
        ends = [end for end in (value.start, value.end) if end is not None]
        return bool(ends) and all(element(run, end) is True for end in ends)

    return check


def _function_check(node: TypeNode) -> Check:
    exact = bool(node.arguments) or node.result is not None

    def check(run: Run, value: Value) -> bool:
        if not isinstance(value, FunctionValue):
            return False
        return not exact or _conforms(value, node)

    return check


def _conforms(value: FunctionValue, node: TypeNode) -> bool:
    if value.builtin is not None:
        return True
    if len(value.types) != len(node.arguments):
        return False
    parameters = zip(node.arguments, value.types, strict=True)
    if not all(_is_subtype(asked, own) for asked, own in parameters):
        return False
    return node.result is None or _is_subtype(value.result, node.result)


def _is_subtype(narrow: TypeNode | None, wide: TypeNode | None) -> bool:
    """Whether each value of `narrow` is one of `wide`; unknown types are taken to fit."""
    if narrow is None or wide is None or wide.name == "Any":
        return True
    if narrow.name != wide.name:
        return narrow.name == "null"
    wide_entries, narrow_entries = dict(wide.entries), dict(narrow.entries)
    return (
        len(narrow.arguments) == len(wide.arguments)
        and all(map(_is_subtype, narrow.arguments, wide.arguments))
        and all(_is_subtype(narrow_entries.get(k), wide_entries[k]) for k in wide_entries)
    )


def _named_check(name: str) -> Check:
    def check(run: Run, value: Value) -> bool | None:
        found = run.types.get(name) if run.types is not None else None
        return None if found is None else found(value)

    return check

"""Fitting values to the expected types of parameters (DMN 1.5, 10.3.2.9.4)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Final

from workflows.feel.arithmetic import as_moment
from workflows.feel.dates import is_day, is_duration, is_moment
from workflows.feel.errors import FeelError
from workflows.feel.nodes import TypeNode
from workflows.feel.run import Run
from workflows.feel.types import Check, compile_type, type_text
from workflows.feel.values import (
    FeelTime,
    FunctionValue,
    Range,
    Value,
    YearMonthDuration,
    type_name,
)

KINDS: Final[dict[str, Callable[[Value], bool]]] = {
    "number": lambda value: isinstance(value, Decimal) and value.is_finite(),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: value.__class__ is bool,
    "list": lambda value: isinstance(value, (list, tuple)),
    "context": lambda value: isinstance(value, Mapping),
    "date": is_day,
    "time": lambda value: isinstance(value, FeelTime),
    "date and time": is_moment,
    "days and time duration": is_duration,
    "years and months duration": lambda value: isinstance(value, YearMonthDuration),
    "range": lambda value: isinstance(value, Range),
    "function": lambda value: isinstance(value, FunctionValue),
    "null": lambda value: value is None,
}


def fit(kinds: tuple[str, ...], value: Value, *, function: str, argument: str) -> Value:
    """A value as one of `kinds`; a single item and a list of one change into each other.

    Raises: FeelError when it is none of them.
    """
    if "Any" in kinds:
        return value
    if value.__class__ is int:
        value = Decimal(value)
    for kind in kinds:
        if KINDS[kind](value):
            return value
    if isinstance(value, (list, tuple)) and len(value) == 1:
        item = value[0]
        if any(KINDS[kind](item) for kind in kinds if kind != "null"):
            return item
    if "list" in kinds and value is not None:
        return [value]
    raise FeelError(
        "argument_type",
        name=function,
        argument=argument,
        expected=" / ".join(kind for kind in kinds if kind != "null"),
        type=type_name(value),
    )


def coerce(check: Check, kind: str, run: Run, value: Value) -> tuple[bool, Value]:
    """A value as a declared type, and whether it fits."""
    if value is None or check(run, value) is True:
        return True, value
    if isinstance(value, (list, tuple)) and len(value) == 1 and check(run, value[0]) is True:
        return True, value[0]
    if check(run, [value]) is True:
        return True, [value]
    if kind == "date and time" and is_day(value):
        return True, as_moment(value)
    return False, None


def acceptor(name: str, node: TypeNode | None) -> Callable[[Run, Value], Value] | None:
    """The coercion of a parameter declared with a type; None when it has none."""
    if node is None:
        return None
    check = compile_type(node)
    text = type_text(node)

    def accept(run: Run, value: Value) -> Value:
        fits, coerced = coerce(check, text, run, value)
        if not fits:
            raise FeelError(
                "argument_type",
                name="function",
                argument=name,
                expected=text,
                type=type_name(value),
            )
        return coerced

    return accept

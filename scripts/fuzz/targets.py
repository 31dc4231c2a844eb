"""What is done with a fuzzed input; anything but a value or an error by name is a finding."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from workflows.decisions import evaluate_decision, parse_dmn
from workflows.decisions.errors import DecisionError
from workflows.errors import Invalid
from workflows.feel import (
    FeelLimitExceeded,
    FeelSyntaxError,
    Limits,
    compile_expression,
    compile_unary_tests,
    format_expression,
    format_unary_tests,
    format_value,
    type_name,
)
from workflows.feel.parser.cursor import name_table
from workflows.feel.parser.expressions import read_expression, read_unary_tests

NOW: Final = datetime(2021, 9, 1, 2, tzinfo=UTC)
LIMITS: Final = Limits(steps=5_000)
SCOPE: Final[Mapping[str, Any]] = {
    "a": Decimal("12.50"),
    "b": "开州区",
    "c": [Decimal(1), Decimal(2), "x", None],
    "d": {"amount": Decimal(3), "inner": {"x": True}},
    "e": date(2021, 9, 1),
    "f": timedelta(days=3),
    "g": None,
    "家庭 人数": Decimal(4),
}
_TABLE: Final = name_table((*SCOPE, "date and time", "string length"))


class Finding(AssertionError):
    """An answer that must not be."""


def expression(content: bytes) -> None:
    """Compile, evaluate, write and read again an expression."""
    text = content.decode("utf-8", "ignore")
    try:
        compiled = compile_expression(text, SCOPE)
    except FeelSyntaxError as error:
        _check_place(error, text)
        return
    try:
        result = compiled.evaluate(SCOPE, limits=LIMITS, now=NOW)
        written = format_value(result.value)
    except FeelLimitExceeded:
        written = ""
    else:
        if type_name(result.value) == "unknown" or (written and not written.strip()):
            raise Finding(f"{text!r} is no value")
    tree = format_expression(read_expression(text, _TABLE))
    again = format_expression(read_expression(tree, _TABLE))
    if again != tree:
        raise Finding(f"{text!r} is written {tree!r} and then {again!r}")


def tests(content: bytes) -> None:
    """Compile, apply, write and read again the tests of a cell."""
    text = content.decode("utf-8", "ignore")
    try:
        compiled = compile_unary_tests(text, SCOPE)
    except FeelSyntaxError as error:
        _check_place(error, text)
        return
    for value in (*SCOPE.values(), True):
        try:
            matched = compiled.matches(value, SCOPE, limits=LIMITS, now=NOW)
        except FeelLimitExceeded:
            continue
        if matched not in (True, False, None):
            raise Finding(f"{text!r} answers {matched!r}")
    found, negated = read_unary_tests(text, _TABLE)
    tree = format_unary_tests(found, negated=negated)
    again, still = read_unary_tests(tree, _TABLE)
    if format_unary_tests(again, negated=still) != tree or negated is not still:
        raise Finding(f"{text!r} is written {tree!r}")


def document(content: bytes) -> None:
    """Read a DMN document and evaluate each of its decisions."""
    try:
        model = parse_dmn(content, file="fuzzed.dmn")
    except Invalid as error:
        if not error.findings:
            raise Finding("a document is refused without a finding") from None
        return
    for decision in model.all_decisions[:5]:
        inputs = {found.name: Decimal(1) for found in model.required_inputs(decision.id)}
        for strict in (False, True):
            try:
                evaluate_decision(model, decision.id, inputs, now=NOW, strict=strict, limits=LIMITS)
            except DecisionError:
                continue


def _check_place(error: FeelSyntaxError, text: str) -> None:
    lines = text.split("\n")
    if not (1 <= error.line <= len(lines) and 1 <= error.column <= len(lines[error.line - 1]) + 1):
        raise Finding(f"{text!r} has an error at {error.line}:{error.column}")


TARGETS: Final[Mapping[str, Callable[[bytes], None]]] = {
    "expression": expression,
    "tests": tests,
    "document": document,
}

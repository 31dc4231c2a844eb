"""Cells that need no interpreter: comparisons with literals, values, lists of values, ranges."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from operator import eq, ge, gt, le, lt
from typing import Any, Final

from workflows.decisions.evaluation import Evaluation, Scope
from workflows.decisions.expressions import TestCode
from workflows.feel import FeelError, FeelSyntaxError, Value
from workflows.feel.nodes import Call, Comparison, Literal, Name, Negation, Node, RangeNode
from workflows.feel.parser.cursor import name_table
from workflows.feel.parser.expressions import read_unary_tests
from workflows.feel.temporal_text import read_date

_OPERATORS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "<": lt,
    "<=": le,
    ">": gt,
    ">=": ge,
    "=": eq,
}
#: Classes whose values Python compares as FEEL does, when both are of the same class.
_PLAIN: Final = (Decimal, str, bool, date)


@dataclass(frozen=True, slots=True)
class Interval:
    """A range of values of one class; None is no end. A single value is both its ends."""

    low: Value
    high: Value
    low_included: bool = True
    high_included: bool = True

    @property
    def is_single(self) -> bool:
        """Whether it holds exactly one value."""
        both = self.low_included and self.high_included
        return both and self.low is not None and bool(self.low == self.high)

    @property
    def kind(self) -> type:
        """The class of its ends."""
        return type(self.low if self.low is not None else self.high)

    def holds(self, value: Value) -> bool:
        """Whether a value of the same class lies in it."""
        low, high = self.low, self.high
        if low is not None and not (low < value or (self.low_included and low == value)):
            return False
        return high is None or value < high or (self.high_included and high == value)


def intervals(text: str) -> tuple[Interval, ...] | None:
    """What a cell's tests accept, when each is a value, a comparison or a range of literals.

    None for anything else, such as names, functions and `not(…)`, and for what is no FEEL.
    """
    try:
        nodes, negated = read_unary_tests(text, name_table(()))
    except FeelSyntaxError:
        return None
    found = [_interval(node) for node in nodes]
    if negated or not found or any(part is None for part in found):
        return None
    complete = tuple(part for part in found if part is not None)
    return complete if len({part.kind for part in complete}) == 1 else None


def literal_value(node: Node | None) -> Value:
    """The number, text, truth value or day that a node is; None for anything else."""
    if isinstance(node, Literal) and node.problem is None and node.value.__class__ in _PLAIN:
        return node.value
    if isinstance(node, Negation) and isinstance(node.operand, Literal) and node.count == 1:
        value = node.operand.value
        return -value if value.__class__ is Decimal else None
    if (
        isinstance(node, Call)
        and isinstance(node.function, Name)
        and node.function.name == "date"
        and len(node.arguments) == 1
        and isinstance(node.arguments[0], Literal)
        and isinstance(node.arguments[0].value, str)
    ):
        return _day(node.arguments[0].value)
    return None


def _day(text: str) -> Value:
    try:
        found = read_date(text)
    except FeelError:
        return None
    return found if found.__class__ is date else None


def _interval(node: Node) -> Interval | None:
    if isinstance(node, RangeNode):
        low, high = literal_value(node.start), literal_value(node.end)
        if node.operator is not None or low is None or high is None:
            return None
        if low.__class__ is not high.__class__ or low.__class__ is bool:
            return None
        return Interval(low, high, node.start_included, node.end_included)
    value = literal_value(node.operand) if isinstance(node, Comparison) else literal_value(node)
    if value is None:
        return None
    operator = node.operator if isinstance(node, Comparison) else "="
    if operator == "=":
        return Interval(value, value)
    if value.__class__ is bool:
        return None
    if operator in {"<", "<="}:
        return Interval(None, value, high_included=operator == "<=")
    if operator in {">", ">="}:
        return Interval(value, None, low_included=operator == ">=")
    return None


def quick_test(accepted: tuple[Interval, ...], test: TestCode) -> TestCode:
    """The same test without the interpreter where the cell is simple, with what it accepts.

    It answers for values of the cell's own class only; any other value goes to `test`, whose
    warnings then say what is wrong.
    """
    if not accepted:
        return test
    kind = accepted[0].kind
    if all(part.is_single for part in accepted):
        return _value_test(kind, frozenset(part.low for part in accepted), test)
    if len(accepted) == 1:
        return _interval_test(kind, accepted[0], test)

    def evaluate(evaluation: Evaluation, scope: Scope, value: Value) -> bool | None:
        if value.__class__ is kind:
            return any(part.holds(value) for part in accepted)
        return test(evaluation, scope, value)

    return evaluate


def _value_test(kind: type, values: frozenset[Value], test: TestCode) -> TestCode:
    def evaluate(evaluation: Evaluation, scope: Scope, value: Value) -> bool | None:
        if value.__class__ is kind:
            return value in values
        return test(evaluation, scope, value)

    return evaluate


def _interval_test(kind: type, part: Interval, test: TestCode) -> TestCode:
    holds = _holds(part)

    def evaluate(evaluation: Evaluation, scope: Scope, value: Value) -> bool | None:
        if value.__class__ is kind:
            return holds(value)
        return test(evaluation, scope, value)

    return evaluate


def _holds(part: Interval) -> Callable[[Value], bool]:
    if part.low is None:
        below = _OPERATORS["<=" if part.high_included else "<"]
        return lambda value: below(value, part.high)
    if part.high is None:
        above = _OPERATORS[">=" if part.low_included else ">"]
        return lambda value: above(value, part.low)
    return part.holds

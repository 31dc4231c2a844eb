"""Closures of literals, names, arithmetic, comparison and logic."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, DecimalException
from typing import Final

from workflows.feel.arithmetic import OPERATIONS, Operation, negate
from workflows.feel.builtins.registry import function_value
from workflows.feel.comparison import both, compare, equal
from workflows.feel.compiler.unit import Evaluator, Frame, Scope, Unit, failed
from workflows.feel.dates import as_host_value
from workflows.feel.errors import FeelError
from workflows.feel.nodes import Between, Chain, If, InstanceOf, Literal, Logic, Name, Negation
from workflows.feel.run import Position, Run
from workflows.feel.types import compile_type, is_complete
from workflows.feel.values import NUMBERS, Value, type_name

_FAST: Final[dict[str, Callable[[Decimal, Decimal], Decimal]]] = {
    "+": NUMBERS.add,
    "-": NUMBERS.subtract,
    "*": NUMBERS.multiply,
    "/": NUMBERS.divide,
}
#: Classes of which every value is a FEEL value.
_PLAIN: Final = frozenset((str, dict, bool, list))
_ORDER: Final[dict[str, Callable[[int], bool]]] = {
    "<": lambda sign: sign < 0,
    "<=": lambda sign: sign <= 0,
    ">": lambda sign: sign > 0,
    ">=": lambda sign: sign >= 0,
}


def compile_literal(unit: Unit, node: Literal, scope: Scope) -> Evaluator:
    """A value of the text."""
    value = node.value
    if node.problem is None:
        return lambda run, frame: value
    where = unit.position(node.at)
    problem = node.problem
    text = unit.text[node.at : node.at + 40]
    return lambda run, frame: failed(run, where, problem, text=text)


def compile_name(unit: Unit, node: Name, scope: Scope) -> Evaluator:
    """A variable: from the innermost frame that has it, from scope, or a built-in function."""
    name = node.name
    where = unit.position(node.at)
    builtin = function_value(name)
    if name not in scope.names:
        if scope.open and name not in unit.known:
            unit.item_names.add(name)
        elif builtin is None or name in unit.known:
            unit.free.add(name)
            unit.paths.add((name,))
            if not scope.open:
                unit.outside.add(name)

    def read_scope(run: Run, frame: Frame | None) -> Value:
        try:
            value = run.scope[name]
        except KeyError:
            if builtin is not None:
                return builtin
            return failed(run, where, "unknown_name", name=name)
        if value.__class__ is Decimal and value.is_finite():
            return value
        return value if value.__class__ in _PLAIN else as_host_value(value)

    if not scope.nested:
        return read_scope

    def read(run: Run, frame: Frame | None) -> Value:
        inner = frame
        while inner is not None:
            if name in inner.variables:
                value = inner.variables[name]
                if value.__class__ is Decimal and value.is_finite():
                    return value
                return value if value.__class__ in _PLAIN else as_host_value(value)
            inner = inner.parent
        return read_scope(run, frame)

    return read


def compile_negation(unit: Unit, node: Negation, scope: Scope) -> Evaluator:
    """Arithmetic negation."""
    operand = unit.compile(node.operand, scope)
    where = unit.position(node.at)
    even = node.count % 2 == 0

    def evaluate(run: Run, frame: Frame | None) -> Value:
        value = operand(run, frame)
        try:
            negated = negate(value)
        except FeelError as error:
            return run.warn(error, where)
        return value if even else negated

    return evaluate


def compile_chain(unit: Unit, node: Chain, scope: Scope) -> Evaluator:
    """Arithmetic or one comparison, from left to right."""
    evaluate = unit.compile(node.first, scope)
    if len(node.rest) > 2:
        return _long_chain(unit, node, scope, evaluate)
    for operator, at, operand in node.rest:
        evaluate = _binary(operator, unit.position(at), evaluate, unit.compile(operand, scope))
    return evaluate


def _long_chain(unit: Unit, node: Chain, scope: Scope, first: Evaluator) -> Evaluator:
    steps = [
        (OPERATIONS[operator], unit.position(at), unit.compile(operand, scope))
        for operator, at, operand in node.rest
    ]

    def evaluate(run: Run, frame: Frame | None) -> Value:
        value = first(run, frame)
        for operation, where, operand in steps:
            other = operand(run, frame)
            try:
                value = operation(run, value, other)
            except FeelError as error:
                value = run.warn(error, where)
        return value

    return evaluate


def _binary(operator: str, where: Position, left: Evaluator, right: Evaluator) -> Evaluator:
    if operator in _ORDER:
        return _ordering(operator, where, left, right)
    if operator in ("=", "!="):
        return _equality(operator, where, left, right)
    return _arithmetic(OPERATIONS[operator], _FAST.get(operator), where, left, right)


def _arithmetic(
    operation: Operation,
    fast: Callable[[Decimal, Decimal], Decimal] | None,
    where: Position,
    left: Evaluator,
    right: Evaluator,
) -> Evaluator:
    def slow(run: Run, first: Value, second: Value) -> Value:
        try:
            return operation(run, first, second)
        except FeelError as error:
            return run.warn(error, where)

    if fast is None:
        return lambda run, frame: slow(run, left(run, frame), right(run, frame))

    def evaluate(run: Run, frame: Frame | None) -> Value:
        first = left(run, frame)
        second = right(run, frame)
        if first.__class__ is Decimal and second.__class__ is Decimal:
            try:
                return fast(first, second)
            except DecimalException:
                return slow(run, first, second)
        return slow(run, first, second)

    return evaluate


def _ordering(operator: str, where: Position, left: Evaluator, right: Evaluator) -> Evaluator:
    holds = _ORDER[operator]

    def slow(run: Run, first: Value, second: Value) -> Value:
        sign = compare(first, second)
        if sign is None:
            return _incomparable(run, where, operator, first, second)
        if sign == 0 and holds(0):
            # `a <= b` is `a < b or a = b` (table 54): a local time never equals a zoned one.
            return equal(run, first, second) is True
        return holds(sign)

    if operator == "<=":

        def at_most(run: Run, frame: Frame | None) -> Value:
            first = left(run, frame)
            second = right(run, frame)
            if first.__class__ is Decimal and second.__class__ is Decimal:
                return first <= second
            return slow(run, first, second)

        return at_most

    if operator == ">=":

        def at_least(run: Run, frame: Frame | None) -> Value:
            first = left(run, frame)
            second = right(run, frame)
            if first.__class__ is Decimal and second.__class__ is Decimal:
                return first >= second
            return slow(run, first, second)

        return at_least
    return lambda run, frame: slow(run, left(run, frame), right(run, frame))


def _incomparable(run: Run, where: Position, operator: str, first: Value, second: Value) -> Value:
    return failed(
        run,
        where,
        "operand_types",
        operator=operator,
        left=type_name(first),
        right=type_name(second),
    )


def _equality(operator: str, where: Position, left: Evaluator, right: Evaluator) -> Evaluator:
    wanted = operator == "="

    def evaluate(run: Run, frame: Frame | None) -> Value:
        first = left(run, frame)
        second = right(run, frame)
        same = equal(run, first, second)
        if same is None:
            return _incomparable(run, where, operator, first, second)
        return same is wanted

    return evaluate


def compile_between(unit: Unit, node: Between, scope: Scope) -> Evaluator:
    """`value between low and high`, both ends included."""
    value_of = unit.compile(node.value, scope)
    low_of = unit.compile(node.low, scope)
    high_of = unit.compile(node.high, scope)
    where = unit.position(node.at)

    def evaluate(run: Run, frame: Frame | None) -> Value:
        value, low, high = value_of(run, frame), low_of(run, frame), high_of(run, frame)
        above, below = compare(low, value), compare(value, high)
        if above is None or below is None:
            _incomparable(run, where, "between", value, low if above is None else high)
        # Table 55: `value >= low and value <= high`, which is false whenever one of them is.
        return both(None if above is None else above <= 0, None if below is None else below <= 0)

    return evaluate


def compile_logic(unit: Unit, node: Logic, scope: Scope) -> Evaluator:
    """Three-valued `and` and `or` (table 50)."""
    operands = [(unit.compile(part, scope), unit.position(part.at)) for part in node.operands]
    decisive = node.operator == "or"

    def evaluate(run: Run, frame: Frame | None) -> Value:
        result: bool | None = not decisive
        for operand, where in operands:
            value = operand(run, frame)
            if value is decisive:
                return decisive
            if value.__class__ is not bool:
                result = None
                if value is not None:
                    failed(run, where, "not_boolean", type=type_name(value))
        return result

    return evaluate


def compile_if(unit: Unit, node: If, scope: Scope) -> Evaluator:
    """`if`: what is not true takes the else branch (table 49)."""
    branches = [
        (unit.compile(condition, scope), unit.compile(result, scope), unit.position(condition.at))
        for condition, result in node.branches
    ]
    otherwise = unit.compile(node.otherwise, scope)

    def evaluate(run: Run, frame: Frame | None) -> Value:
        for condition, result, where in branches:
            value = condition(run, frame)
            if value is True:
                return result(run, frame)
            if value.__class__ is not bool:
                failed(run, where, "not_boolean", type=type_name(value))
        return otherwise(run, frame)

    return evaluate


def compile_instance(unit: Unit, node: InstanceOf, scope: Scope) -> Evaluator:
    """`value instance of type`; null is an instance of Null only (table 61)."""
    value_of = unit.compile(node.value, scope)
    check = compile_type(node.type)
    where = unit.position(node.at)
    name = node.type.name
    complete = is_complete(node.type)

    def evaluate(run: Run, frame: Frame | None) -> Value:
        value = value_of(run, frame)
        if not complete:
            return failed(run, where, "unknown_type", name=name)
        if value is None:
            return name in ("Null", "null")
        result = check(run, value)
        return failed(run, where, "unknown_type", name=name) if result is None else result

    return evaluate

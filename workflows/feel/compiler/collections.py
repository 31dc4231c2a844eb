"""Closures of lists, contexts, ranges, paths, filters and membership."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Final

from workflows.feel.comparison import compare, equal, member
from workflows.feel.compiler.unit import Evaluator, Frame, Scope, Test, Unit, failed
from workflows.feel.dates import as_host_value
from workflows.feel.errors import FeelError
from workflows.feel.nodes import (
    Comparison,
    ContextNode,
    Filter,
    FunctionNode,
    In,
    ListNode,
    Literal,
    Name,
    Node,
    Path,
    RangeNode,
    effort,
)
from workflows.feel.properties import property_of
from workflows.feel.run import Position, Run
from workflows.feel.values import Range, Value, type_name


def compile_list(unit: Unit, node: ListNode, scope: Scope) -> Evaluator:
    """A list."""
    items = [unit.compile(item, scope) for item in node.items]
    count = len(items)

    def evaluate(run: Run, frame: Frame | None) -> Value:
        run.check_items(count)
        return [item(run, frame) for item in items]

    return evaluate


def compile_context(unit: Unit, node: ContextNode, scope: Scope) -> Evaluator:
    """A context; each entry sees the ones before it (10.3.2.6). A key twice makes it null."""
    entries: list[tuple[str, Evaluator]] = []
    where = unit.position(node.at)
    inner = scope.with_names(())
    for key, value in node.entries:
        # An entry that is a function may call itself; no other sees its own key.
        seen = inner.with_names((key,)) if isinstance(value, FunctionNode) else inner
        entries.append((key, unit.compile(value, seen)))
        inner = inner.with_names((key,))
    keys = [key for key, _ in entries]
    twice = next((key for key in keys if keys.count(key) > 1), None) if keys else None

    def evaluate(run: Run, frame: Frame | None) -> Value:
        if twice is not None:
            return failed(run, where, "duplicate_key", name=twice)
        run.check_items(len(entries))
        built: dict[str, Value] = {}
        local = Frame(built, frame)
        for key, value in entries:
            built[key] = value(run, local)
        return built

    return evaluate


def compile_range(unit: Unit, node: RangeNode, scope: Scope) -> Evaluator:
    """A range; its ends must be of one ordered type."""
    start_of = unit.compile(node.start, scope) if node.start is not None else None
    end_of = unit.compile(node.end, scope) if node.end is not None else None
    where = unit.position(node.at)

    def evaluate(run: Run, frame: Frame | None) -> Value:
        start = start_of(run, frame) if start_of is not None else None
        end = end_of(run, frame) if end_of is not None else None
        ordered = node.operator in ("=", "!=") or compare(start, end) is not None
        if start is not None and end is not None and not ordered:
            return failed(run, where, "invalid_range")
        return Range(start, end, node.start_included, node.end_included, node.operator)

    if all(part is None or isinstance(part, Literal) for part in (node.start, node.end)):
        return _constant(evaluate, node)
    return evaluate


def _constant(evaluate: Evaluator, node: RangeNode) -> Evaluator:
    start = node.start.value if isinstance(node.start, Literal) else None
    end = node.end.value if isinstance(node.end, Literal) else None
    if start.__class__ is Decimal and end.__class__ is Decimal:
        value = Range(start, end, node.start_included, node.end_included, node.operator)
        return lambda run, frame: value
    return evaluate


def _root(node: Path) -> tuple[Node, list[tuple[str, int]]]:
    steps: list[tuple[str, int]] = []
    current: Node = node
    while isinstance(current, Path):
        steps.append((current.name, current.at))
        current = current.source
    return current, steps[::-1]


def compile_path(unit: Unit, node: Path, scope: Scope) -> Evaluator:
    """`root.name.name`, read in one closure."""
    root, steps = _root(node)
    alone = isinstance(root, Name) and (root.name,) in unit.paths
    source = unit.compile(root, scope)
    if isinstance(root, Name) and not alone and (root.name,) in unit.paths:
        unit.paths.remove((root.name,))
    if isinstance(root, Name) and root.name in unit.free and root.name not in scope.names:
        unit.paths.add((root.name, *(name for name, _ in steps)))
    places = [(name, unit.position(at)) for name, at in steps]
    if len(places) == 1:
        return _one_step(source, *places[0])

    def evaluate(run: Run, frame: Frame | None) -> Value:
        value = source(run, frame)
        for name, where in places:
            value = _read(run, value, name, where)
        return value

    return evaluate


def _read(run: Run, value: Value, name: str, where: Position) -> Value:
    try:
        found = property_of(value, name)
    except FeelError as error:
        return run.warn(error, where)
    if found.__class__ is list:
        run.tick(len(found))
    return found


def _one_step(source: Evaluator, name: str, where: Position) -> Evaluator:
    def evaluate(run: Run, frame: Frame | None) -> Value:
        value = source(run, frame)
        if value.__class__ is dict and name in value:
            found = value[name]
            if found.__class__ is Decimal and found.is_finite():
                return found
        return _read(run, value, name, where)

    return evaluate


def compile_filter(unit: Unit, node: Filter, scope: Scope) -> Evaluator:
    """`source[condition]`: an item by its number, or the items that a condition keeps."""
    source = unit.compile(node.source, scope)
    where = unit.position(node.at)
    condition = unit.compile(node.condition, scope.with_item())
    steps = effort(node.condition)

    def evaluate(run: Run, frame: Frame | None) -> Value:
        value = source(run, frame)
        items: Sequence[Value]
        if value is None:
            # Table 68 filters lists and what is no list, but not null.
            return failed(run, where, "not_iterable", type="null")
        items = value if isinstance(value, (list, tuple)) else [value]
        kept: list[Value] = []
        if not items:
            chosen = condition(run, _item_frame(None, frame))
            return failed_index(run, where, 0, chosen) if isinstance(chosen, Decimal) else kept
        for number, item in enumerate(items):
            run.tick(steps)
            chosen = condition(run, _item_frame(item, frame))
            if chosen is True:
                kept.append(item)
            elif number == 0 and isinstance(chosen, Decimal):
                return _at(run, where, items, chosen)
            elif chosen is not False and chosen is not None:
                # Table 68: a condition is a truth value, or null for an item that has none.
                return failed(run, where, "not_boolean", type=type_name(chosen))
        return kept

    return evaluate


def _item_frame(item: Value, frame: Frame | None) -> Frame:
    outer = Frame({"item": item}, frame)
    return Frame(item, outer) if isinstance(item, Mapping) else outer


def _at(run: Run, where: Position, items: Sequence[Value], number: Decimal) -> Value:
    whole = int(number)
    if whole == number and 1 <= whole <= len(items):
        return as_host_value(items[whole - 1])
    if whole == number and -len(items) <= whole <= -1:
        return as_host_value(items[whole])
    return failed_index(run, where, len(items), number)


def failed_index(run: Run, where: Position, count: int, number: Decimal) -> Value:
    """Null, because a list has no such item."""
    return failed(run, where, "index_out_of_range", count=count, index=number)


_HOLDS: Final[dict[str, Callable[[int], bool]]] = {
    "<": lambda sign: sign < 0,
    "<=": lambda sign: sign <= 0,
    ">": lambda sign: sign > 0,
    ">=": lambda sign: sign >= 0,
}


def compile_test(unit: Unit, node: Node, scope: Scope) -> Test:
    """A test of a value: a comparison, or an expression that the value equals or lies in."""
    if isinstance(node, Comparison):
        return _comparison_test(unit, node, scope)
    tested = unit.compile(node, scope)
    where = unit.position(node.at)
    return lambda run, frame, value: membership(run, where, value, tested(run, frame))


def membership(run: Run, where: Position, value: Value, tested: Value) -> bool | None:
    """`value in tested`; None, with a warning, when that can't be told."""
    result = member(run, value, tested)
    if result is None:
        left, right = type_name(value), type_name(tested)
        failed(run, where, "operand_types", operator="in", left=left, right=right)
    return result


def _comparison_test(unit: Unit, node: Comparison, scope: Scope) -> Test:
    operand = unit.compile(node.operand, scope)
    operator = node.operator
    where = unit.position(node.at)

    def mismatch(run: Run, value: Value, other: Value) -> Value:
        left, right = type_name(value), type_name(other)
        return failed(run, where, "operand_types", operator=operator, left=left, right=right)

    if operator in ("=", "!="):

        def same(run: Run, frame: Frame | None, value: Value) -> bool | None:
            other = operand(run, frame)
            result = equal(run, value, other)
            if result is None:
                mismatch(run, value, other)
                return None
            return result is (operator == "=")

        return same
    holds = _HOLDS[operator]

    def ordered(run: Run, frame: Frame | None, value: Value) -> bool | None:
        other = operand(run, frame)
        sign = compare(value, other)
        if sign is None:
            mismatch(run, value, other)
            return None
        return holds(sign)

    return ordered


def any_test(results: Sequence[bool | None]) -> bool | None:
    """The disjunction of tests (tables 50 and 55): true when one is, else null when one is."""
    if True in results:
        return True
    return None if None in results else False


def compile_in(unit: Unit, node: In, scope: Scope) -> Evaluator:
    """`value in (test, …)`."""
    value_of = unit.compile(node.value, scope)
    tests = [compile_test(unit, test, scope) for test in node.tests]

    def evaluate(run: Run, frame: Frame | None) -> Value:
        value = value_of(run, frame)
        return any_test([test(run, frame, value) for test in tests])

    return evaluate

"""Closures of `for`, `some` and `every` (DMN 1.5, 10.3.2.14)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import TypeAlias

from workflows.feel.compiler.unit import Evaluator, Frame, Scope, Unit, failed
from workflows.feel.dates import from_ordinal, is_day, ordinal
from workflows.feel.errors import FeelError
from workflows.feel.nodes import For, Iterator_, Name, Node, Quantified, children, effort
from workflows.feel.run import Position, Run
from workflows.feel.values import Range, Value, type_name

Domain: TypeAlias = tuple[str, Evaluator, Evaluator | None, Position]


def _domains(
    unit: Unit, iterators: tuple[Iterator_, ...], scope: Scope
) -> tuple[list[Domain], Scope]:
    domains: list[Domain] = []
    for iterator in iterators:
        domain = unit.compile(iterator.domain, scope)
        end = unit.compile(iterator.end, scope) if iterator.end is not None else None
        domains.append((iterator.name, domain, end, unit.position(iterator.at)))
        scope = scope.with_names((iterator.name,))
    return domains, scope


def _whole(value: Value) -> int | None:
    if isinstance(value, Decimal) and value == value.to_integral_value():
        return int(value)
    return None


def _steps(start: Value, end: Value) -> Iterator[Value] | None:
    """The whole numbers or days from start to end, either way; None when there are none."""
    first, last = _whole(start), _whole(end)
    if first is not None and last is not None:
        return map(Decimal, _numbers(first, last))
    if is_day(start) and is_day(end):
        return map(from_ordinal, _numbers(ordinal(start), ordinal(end)))
    return None


def _numbers(first: int, last: int) -> range:
    return range(first, last + 1) if first <= last else range(first, last - 1, -1)


def _range_items(run: Run, interval: Range) -> Iterator[Value] | None:
    """The items of a range, upwards or downwards; an end that is not included is left out."""
    steps = _steps(interval.start, interval.end)
    if steps is None:
        return None
    first = None if interval.start_included else interval.start
    last = None if interval.end_included else interval.end
    return (item for item in steps if item not in (first, last))


def _items(run: Run, frame: Frame | None, domain: Domain) -> Iterable[Value] | None:
    """What an iterator goes through; None, with a warning, when it is nothing to go through."""
    _, domain_of, end_of, where = domain
    value = domain_of(run, frame)
    found: Iterable[Value] | None
    if end_of is not None:
        found = _steps(value, end_of(run, frame))
    elif isinstance(value, (list, tuple)):
        found = value
    elif isinstance(value, Range):
        found = _range_items(run, value)
    else:
        found = None if value is None else [value]
    if found is None:
        failed(run, where, "not_iterable", type=type_name(value))
    return found


def _turns(
    run: Run, frame: Frame | None, domains: list[Domain], steps: int, at: int = 0
) -> Iterator[Frame | None]:
    """A frame for each turn of the iterators from `at` on. Raises: FeelError when one is null."""
    if at == len(domains):
        yield frame
        return
    name = domains[at][0]
    items = _items(run, frame, domains[at])
    if items is None:
        raise FeelError("not_iterable", type="null")
    for item in items:
        run.tick(steps)
        yield from _turns(run, Frame({name: item}, frame), domains, steps, at + 1)


def compile_for(unit: Unit, node: For, scope: Scope) -> Evaluator:
    """`for`; `partial` is the list of the results so far."""
    domains, inner = _domains(unit, node.iterators, scope)
    result_of = unit.compile(node.result, inner.with_names(("partial",)))
    steps = effort(node)
    needs_partial = any(isinstance(part, Name) and part.name == "partial" for part in _all(node))

    def evaluate(run: Run, frame: Frame | None) -> Value:
        results: list[Value] = []
        limit = run.items
        try:
            for turn in _turns(run, frame, domains, steps):
                if needs_partial:
                    run.tick(len(results))
                    turn = Frame({"partial": list(results)}, turn)
                results.append(result_of(run, turn))
                if len(results) > limit:
                    run.check_items(len(results))
        except FeelError:
            return None
        return results

    return evaluate


def _all(node: Node) -> Iterator[Node]:
    pending = [node]
    while pending:
        current = pending.pop()
        yield current
        pending.extend(children(current))


def compile_quantified(unit: Unit, node: Quantified, scope: Scope) -> Evaluator:
    """`some` and `every`, three-valued."""
    domains, inner = _domains(unit, node.iterators, scope)
    condition = unit.compile(node.condition, inner)
    decisive = not node.every
    steps = effort(node)
    where = unit.position(node.condition.at)

    def evaluate(run: Run, frame: Frame | None) -> Value:
        result: bool | None = node.every
        try:
            for turn in _turns(run, frame, domains, steps):
                value = condition(run, turn)
                if value is decisive:
                    return decisive
                if value.__class__ is not bool:
                    failed(run, where, "not_boolean", type=type_name(value))
                    result = None
        except FeelError:
            return None
        return result

    return evaluate

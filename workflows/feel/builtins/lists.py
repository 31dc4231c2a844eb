"""List functions (DMN 1.5, 10.3.4.4 and 10.3.4.2)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import cmp_to_key

from workflows.feel.arithmetic import number_operation
from workflows.feel.builtins.registry import builtin
from workflows.feel.calls import invoke
from workflows.feel.comparison import compare, equal
from workflows.feel.errors import FeelError
from workflows.feel.run import Run
from workflows.feel.values import NUMBERS, FunctionValue, Value, type_name

Items = Sequence[Value]


def of_items(name: str) -> Callable[[Callable[[Run, Items], Value]], Callable[[Run, Items], Value]]:
    """Register `name(list)` and `name(item, item, …)`."""

    def register(body: Callable[[Run, Items], Value]) -> Callable[[Run, Items], Value]:
        @builtin(name, "list: list")
        def of_list(run: Run, items: Items) -> Value:
            run.tick(len(items))
            return body(run, items)

        @builtin(name, "c1: Any, c2: Any, cs*: Any")
        def of_arguments(run: Run, *items: Value) -> Value:
            return body(run, items)

        return body

    return register


def _numbers(name: str, items: Items) -> list[Decimal]:
    for item in items:
        if not isinstance(item, Decimal) or not item.is_finite():
            raise _item_error(name, item, "number")
    return list(items)


def _item_error(name: str, item: Value, expected: str) -> FeelError:
    return FeelError(
        "argument_type",
        name=name,
        argument="list",
        expected=f"list<{expected}>",
        type=f"list<{type_name(item)}>",
    )


@builtin("list contains", "list: list, element: Any")
def list_contains(run: Run, items: Items, element: Value) -> Value:
    """Whether an item equals the element; null may be looked for."""
    run.tick(len(items))
    return any(equal(run, item, element) is True for item in items)


@builtin("count", "list: list")
def count(run: Run, items: Items) -> Value:
    """The number of items."""
    return Decimal(len(items))


def _extreme(name: str, items: Items, sign: int) -> Value:
    if not items:
        return None
    best = items[0]
    if compare(best, best) is None:
        raise _item_error(name, best, "number / string / date …")
    for item in items[1:]:
        order = compare(item, best)
        if order is None:
            raise FeelError(
                "operand_types", operator=name, left=type_name(best), right=type_name(item)
            )
        if order == sign:
            best = item
    return best


@of_items("min")
def minimum(run: Run, items: Items) -> Value:
    """The least item; null of an empty list."""
    return _extreme("min", items, -1)


@of_items("max")
def maximum(run: Run, items: Items) -> Value:
    """The greatest item; null of an empty list."""
    return _extreme("max", items, 1)


def _sum(numbers: list[Decimal]) -> Decimal:
    total = numbers[0]
    for number in numbers[1:]:
        total = number_operation(NUMBERS.add, total, number)
    return total


@of_items("sum")
def sum_of(run: Run, items: Items) -> Value:
    """The sum of numbers; null of an empty list."""
    numbers = _numbers("sum", items)
    return _sum(numbers) if numbers else None


@of_items("mean")
def mean(run: Run, items: Items) -> Value:
    """The arithmetic mean of numbers; null of an empty list."""
    numbers = _numbers("mean", items)
    if not numbers:
        return None
    return number_operation(NUMBERS.divide, _sum(numbers), Decimal(len(numbers)))


@of_items("product")
def product(run: Run, items: Items) -> Value:
    """The product of numbers; null of an empty list."""
    numbers = _numbers("product", items)
    if not numbers:
        return None
    total = Decimal(1)
    for number in numbers:
        total = number_operation(NUMBERS.multiply, total, number)
    return total


@of_items("median")
def median(run: Run, items: Items) -> Value:
    """The middle number, or the mean of the middle two; null of an empty list."""
    numbers = sorted(_numbers("median", items))
    if not numbers:
        return None
    middle = len(numbers) // 2
    if len(numbers) % 2:
        return numbers[middle]
    return NUMBERS.divide(NUMBERS.add(numbers[middle - 1], numbers[middle]), Decimal(2))


@of_items("stddev")
def standard_deviation(run: Run, items: Items) -> Value:
    """The standard deviation of a sample; null of fewer than two numbers."""
    numbers = _numbers("stddev", items)
    if len(numbers) < 2:
        raise FeelError("invalid_argument", name="stddev", reason="< 2")
    size = Decimal(len(numbers))
    total = Decimal(0)
    for number in numbers:
        total = number_operation(NUMBERS.add, total, number)
    average = NUMBERS.divide(total, size)
    squares = Decimal(0)
    for number in numbers:
        off = NUMBERS.subtract(number, average)
        squares = NUMBERS.add(squares, number_operation(NUMBERS.multiply, off, off))
    return NUMBERS.sqrt(NUMBERS.divide(squares, size - 1))


@of_items("mode")
def mode(run: Run, items: Items) -> Value:
    """The most frequent numbers, in order; empty of an empty list."""
    counts: dict[Decimal, int] = {}
    for number in _numbers("mode", items):
        counts[number] = counts.get(number, 0) + 1
    most = max(counts.values(), default=0)
    return sorted(number for number, times in counts.items() if times == most)


def _quantifier(name: str, decisive: bool) -> None:
    @of_items(name)
    def decided(run: Run, items: Items) -> Value:
        if any(item is decisive for item in items):
            return decisive
        for item in items:
            if item.__class__ is not bool:
                raise _item_error(name, item, "boolean")
        return not decisive


_quantifier("all", False)
_quantifier("any", True)


@builtin("not", "negand: boolean")
def negation(run: Run, value: bool) -> Value:
    """`not(true)` is false."""
    return not value


def _index(name: str, items: Items, position: Decimal, extra: int = 0) -> int:
    """The index of a 1-based or negative position. Raises: FeelError when it is outside."""
    whole = int(position)
    if whole == position and 1 <= whole <= len(items) + extra:
        return whole - 1
    if whole == position and -len(items) <= whole <= -1:
        return len(items) + whole
    raise FeelError("index_out_of_range", count=len(items), index=position)


@builtin("sublist", "list: list, start position: number, length?: number")
def sublist(run: Run, items: Items, start: Decimal, length: Decimal | None = None) -> Value:
    """The items from a position on, `length` of them (table 75, note 2)."""
    at = _index("sublist", items, start)
    run.tick(len(items))
    if length is None:
        return list(items[at:])
    if length < 1 or at + int(length) > len(items):
        raise FeelError("index_out_of_range", count=len(items), index=at + int(length))
    return list(items[at : at + int(length)])


@builtin("append", "list: list, item*: Any")
def append(run: Run, items: Items, *more: Value) -> Value:
    """The list with items added."""
    run.check_items(len(items) + len(more))
    return [*items, *more]


@builtin("concatenate", "list*: list")
def concatenate(run: Run, *lists: Items) -> Value:
    """Lists one after another."""
    run.check_items(sum(map(len, lists)))
    return [item for items in lists for item in items]


@builtin("insert before", "list: list, position: number, newItem: Any")
def insert_before(run: Run, items: Items, position: Decimal, item: Value) -> Value:
    """The list with an item before a position."""
    at = _index("insert before", items, position)
    run.check_items(len(items) + 1)
    return [*items[:at], item, *items[at:]]


@builtin("remove", "list: list, position: number")
def remove(run: Run, items: Items, position: Decimal) -> Value:
    """The list without the item at a position."""
    at = _index("remove", items, position)
    run.check_items(len(items))
    return [*items[:at], *items[at + 1 :]]


@builtin("list replace", "list: list, position: number, newItem: Any")
def replace_at(run: Run, items: Items, position: Decimal, item: Value) -> Value:
    """The list with another item at a position."""
    at = _index("list replace", items, position)
    run.check_items(len(items))
    return [*items[:at], item, *items[at + 1 :]]


@builtin("list replace", "list: list, match: function, newItem: Any")
def replace_matching(run: Run, items: Items, match: FunctionValue, item: Value) -> Value:
    """The list with another item where `match(old, new)` is true."""
    run.check_items(len(items))
    replaced: list[Value] = []
    for old in items:
        matched = invoke(run, match, [old, item], None)
        if matched.__class__ is not bool:
            raise FeelError("not_boolean", type=type_name(matched))
        replaced.append(item if matched else old)
    return replaced


@builtin("reverse", "list: list")
def reverse(run: Run, items: Items) -> Value:
    """The items in the opposite order."""
    run.check_items(len(items))
    return list(items[::-1])


@builtin("index of", "list: list, match: Any")
def index_of(run: Run, items: Items, match: Value) -> Value:
    """The positions of the items that equal `match`."""
    run.tick(len(items))
    return [Decimal(n) for n, item in enumerate(items, 1) if equal(run, item, match) is True]


def _distinct(run: Run, items: Items) -> list[Value]:
    kept: list[Value] = []
    for item in items:
        run.tick(len(kept) + 1)
        if not any(equal(run, item, other) is True for other in kept):
            kept.append(item)
    return kept


@builtin("union", "list*: list")
def union(run: Run, *lists: Items) -> Value:
    """Lists one after another, without duplicates."""
    return _distinct(run, [item for items in lists for item in items])


@builtin("distinct values", "list: list")
def distinct_values(run: Run, items: Items) -> Value:
    """The list without duplicates."""
    return _distinct(run, items)


@builtin("duplicate values", "list: list")
def duplicate_values(run: Run, items: Items) -> Value:
    """The items that occur more than once."""
    run.tick(len(items) * len(items))
    return _distinct(
        run, [x for x in items if sum(equal(run, x, other) is True for other in items) > 1]
    )


@builtin("flatten", "list: list")
def flatten(run: Run, items: Items) -> Value:
    """The items of nested lists in one list."""
    flat: list[Value] = []
    pending = [iter(items)]
    while pending:
        for item in pending[-1]:
            run.tick()
            if isinstance(item, (list, tuple)):
                pending.append(iter(item))
                break
            flat.append(item)
        else:
            pending.pop()
    run.check_items(len(flat))
    return flat


@builtin("sort", "list: list, precedes: function")
def sort(run: Run, items: Items, precedes: FunctionValue) -> Value:
    """The items ordered by a function that says whether the first comes before the second.

    The function must be defined on every pair (table 80).
    """

    def before(left: Value, right: Value) -> bool:
        answer = invoke(run, precedes, [left, right], None)
        if answer.__class__ is not bool:
            raise FeelError("not_boolean", type=type_name(answer))
        return bool(answer)

    def order(left: Value, right: Value) -> int:
        return -1 if before(left, right) else int(before(right, left))

    run.check_items(len(items))
    return sorted(items, key=cmp_to_key(order))


@builtin("sort", "list: list")
def sort_naturally(run: Run, items: Items) -> Value:
    """The items in their natural order."""
    run.check_items(len(items))
    for item in items[1:]:
        if compare(items[0], item) is None:
            raise _item_error("sort", item, type_name(items[0]))
    return sorted(items, key=cmp_to_key(lambda one, other: compare(one, other) or 0))

"""The kind of an expression's value, and what in it can give nothing but null."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from workflows.feel.builtins.registry import FUNCTIONS
from workflows.feel.errors import FeelError, FeelSyntaxError, Warning_
from workflows.feel.inference.calls import call_kind
from workflows.feel.inference.kinds import (
    ANY,
    BOOLEAN,
    NULL,
    Kind,
    context_of,
    function_of,
    joined,
    kind_named,
    kind_of_type,
    kind_of_value,
    list_of,
)
from workflows.feel.inference.operators import arithmetic, comparable, negation, part_of
from workflows.feel.nodes import (
    Between,
    Call,
    Chain,
    Comparison,
    ContextNode,
    Filter,
    For,
    FunctionNode,
    If,
    In,
    InstanceOf,
    Iterator_,
    ListNode,
    Literal,
    Logic,
    Name,
    Negation,
    Node,
    Path,
    Quantified,
    RangeNode,
    children,
)
from workflows.feel.parser.cursor import name_table
from workflows.feel.parser.expressions import read_expression, read_unary_tests

#: More findings of one text than this say nothing new.
MOST_FINDINGS: Final = 20
_ARITHMETIC: Final = frozenset("+-*/") | {"**"}
_SPACED: Final = tuple(name for name in FUNCTIONS if " " in name)


@dataclass(frozen=True, slots=True)
class Inference:
    """The kind of a text's value, and each operation in it that gives null whatever the values."""

    kind: Kind
    findings: tuple[Warning_, ...]
    #: The kinds of unary tests one by one; any for those that begin with an operator.
    tests: tuple[Kind, ...] = ()


@dataclass(frozen=True, slots=True)
class Names:
    """The kinds of the names at a place of a text; `open` when there may be others.

    `in_item` says that the place is in a filter, where names are not looked at elsewhere.
    """

    kinds: Mapping[str, Kind]
    open: bool = False
    in_item: bool = False

    def with_names(self, kinds: Mapping[str, Kind]) -> Names:
        """These names and more, which hide them."""
        return Names({**self.kinds, **kinds}, self.open, self.in_item)

    def find(self, name: str) -> Kind | None:
        """The kind of a name; None when it is not known here."""
        return self.kinds.get(name)


def infer(
    text: str,
    names: Mapping[str, Kind],
    functions: Mapping[str, Kind] | None = None,
    *,
    spellings: Iterable[str] = (),
) -> Inference:
    """What is known of an expression; nothing where it has a syntax error.

    `functions` are the host's; `spellings` are further names with spaces that the text may use.
    """
    known = functions or {}
    try:
        node = read_expression(text, _table(names, known, spellings))
        reader = _Reader(text, known)
        kind = reader.kind(node, Names(names))
    except (FeelSyntaxError, RecursionError):
        return Inference(ANY, ())
    return Inference(kind, tuple(reader.findings))


def infer_tests(
    text: str,
    tested: Kind,
    names: Mapping[str, Kind],
    functions: Mapping[str, Kind] | None = None,
    *,
    spellings: Iterable[str] = (),
) -> Inference:
    """As `infer`, for unary tests of a value of the kind `tested`."""
    known = functions or {}
    try:
        nodes, _ = read_unary_tests(text, _table(names, known, spellings))
        reader = _Reader(text, known)
        scope = Names(names).with_names({"?": tested})
        kinds = tuple(reader.test(node, tested, scope, unary=True) for node in nodes)
    except (FeelSyntaxError, RecursionError):
        return Inference(ANY, ())
    return Inference(BOOLEAN, tuple(reader.findings), kinds)


def _table(names: Iterable[str], functions: Iterable[str], spellings: Iterable[str]) -> Any:
    return name_table((*_SPACED, *sorted({*names, *functions, *spellings})))


class _Reader:
    """Goes through one text."""

    def __init__(self, text: str, functions: Mapping[str, Kind]) -> None:
        self.lines = [0, *(at + 1 for at, letter in enumerate(text) if letter == "\n")]
        self.functions = functions
        self.findings: list[Warning_] = []

    def kind(self, node: Node, names: Names) -> Kind:
        """The kind of a node's value."""
        return _READERS[type(node)](self, node, names)

    def find(self, at: int, code: str, **details: Any) -> Kind:
        """Keep what is wrong; the value is null."""
        if len(self.findings) < MOST_FINDINGS:
            line = bisect_right(self.lines, at)
            error = FeelError(code, **details)
            column = at - self.lines[line - 1] + 1
            found = Warning_(error.code, error.message, error.message_zh, line, column)
            if found not in self.findings:
                self.findings.append(found)
        return ANY

    def mismatch(self, at: int, operator: str, left: Kind, right: Kind) -> Kind:
        return self.find(at, "operand_types", operator=operator, left=str(left), right=str(right))

    def literal(self, node: Literal, names: Names) -> Kind:
        return ANY if node.problem is not None else kind_of_value(node.value)

    def name(self, node: Name, names: Names) -> Kind:
        found = names.find(node.name)
        if found is not None:
            return found
        if names.open:
            return ANY
        if node.name in FUNCTIONS:
            return kind_named("function")
        return self.find(node.at, "unknown_name", name=node.name) if names.in_item else ANY

    def negation(self, node: Negation, names: Names) -> Kind:
        operand = self.kind(node.operand, names)
        found = negation(operand)
        if found is None:
            return self.find(node.at, "operand_type", operator="-", type=str(operand))
        return found

    def chain(self, node: Chain, names: Names) -> Kind:
        left = self.kind(node.first, names)
        for operator, at, operand in node.rest:
            right = self.kind(operand, names)
            if operator in _ARITHMETIC:
                found = arithmetic(operator, left, right)
                left = self.mismatch(at, operator, left, right) if found is None else found
            else:
                self.compare(at, operator, left, right)
                left = BOOLEAN
        return left

    def compare(self, at: int, operator: str, left: Kind, right: Kind) -> None:
        if not comparable(operator, left, right):
            self.mismatch(at, operator, left, right)

    def condition(self, node: Node, names: Names) -> None:
        found = self.kind(node, names)
        if not found.is_any and "boolean" not in found.names:
            self.find(node.at, "not_boolean", type=str(found))

    def logic(self, node: Logic, names: Names) -> Kind:
        for operand in node.operands:
            self.condition(operand, names)
        return BOOLEAN

    def between(self, node: Between, names: Names) -> Kind:
        value = self.kind(node.value, names)
        for end in (node.low, node.high):
            self.compare(end.at, "between", value, self.kind(end, names))
        return BOOLEAN

    def choice(self, node: If, names: Names) -> Kind:
        kinds = []
        for condition, result in node.branches:
            self.condition(condition, names)
            kinds.append(self.kind(result, names))
        found = self.kind(node.otherwise, names)
        for kind in kinds:
            found = joined(found, kind)
        return found

    def instance(self, node: InstanceOf, names: Names) -> Kind:
        self.kind(node.value, names)
        return BOOLEAN

    def membership(self, node: In, names: Names) -> Kind:
        value = self.kind(node.value, names)
        for test in node.tests:
            self.test(test, value, names, unary=False)
        return BOOLEAN

    def test(self, node: Node, value: Kind, names: Names, *, unary: bool) -> Kind:
        """A test of a value; one that begins with an operator compares."""
        if isinstance(node, Comparison):
            operand = self.kind(node.operand, names)
            self.compare(node.at, node.operator, value, operand)
            return ANY
        tested = self.kind(node, names)
        if tested.is_any or value.is_any or _may_hold(value, tested):
            return tested
        decides = "boolean" in tested.names
        if unary and decides and (not value.is_only("boolean") or _mentions_value(node)):
            return tested
        self.mismatch(node.at, "in", value, tested)
        return tested

    def list(self, node: ListNode, names: Names) -> Kind:
        item = NULL
        for part in node.items:
            item = joined(item, self.kind(part, names))
        return list_of(ANY if item == NULL else item)

    def context(self, node: ContextNode, names: Names) -> Kind:
        parts: dict[str, Kind] = {}
        inner = names
        for key, value in node.entries:
            # An entry that is a function may call itself.
            seen = inner.with_names({key: ANY}) if isinstance(value, FunctionNode) else inner
            parts[key] = self.kind(value, seen)
            inner = inner.with_names({key: parts[key]})
        return context_of(parts)

    def range(self, node: RangeNode, names: Names) -> Kind:
        ends = [self.kind(end, names) for end in (node.start, node.end) if end is not None]
        item = joined(ends[0], ends[1]) if len(ends) == 2 else ends[0] if ends else ANY
        if len(ends) == 2 and not comparable("<", ends[0], ends[1]):
            self.find(node.at, "invalid_range")
            item = ANY
        return Kind(frozenset({"range"}), item=item)

    def path(self, node: Path, names: Names) -> Kind:
        source = self.kind(node.source, names)
        found = part_of(source, node.name)
        if found is None:
            owner = (source.item or source) if source.is_only("list") else source
            return self.find(node.at, "unknown_property", type=str(owner), name=node.name)
        return found

    def filter(self, node: Filter, names: Names) -> Kind:
        source = self.kind(node.source, names)
        item = (source.item or ANY) if source.is_only("list") else source
        if source.is_any or ("list" in source.names and not source.is_only("list")):
            item = ANY
        inner = self._item_names(item, names)
        condition = self.kind(node.condition, inner)
        if condition.is_only("number"):
            # A number that turns out to be null keeps no item.
            certain = isinstance(node.condition, Literal)
            return item if certain else joined(item, list_of(item))
        if condition.is_only("boolean"):
            return list_of(item)
        if not condition.is_any and not condition.names & {"boolean", "number"}:
            self.find(node.condition.at, "not_boolean", type=str(condition))
        return ANY

    def _item_names(self, item: Kind, names: Names) -> Names:
        """The names in a filter: an item's entries, the item, and those around it."""
        inner = names.with_names({"item": item})
        if item.is_any or "context" in item.names:
            if item.parts is None:
                # Any name may be an entry of the item.
                return Names({"item": item}, open=True)
            inner = inner.with_names(item.parts)
        return Names(inner.kinds, names.open, in_item=True)

    def iterators(self, iterators: Iterable[Iterator_], names: Names) -> Names:
        for iterator in iterators:
            domain = self.kind(iterator.domain, names)
            if iterator.end is not None:
                end = self.kind(iterator.end, names)
                item = joined(domain, end)
            elif domain.is_any or len(domain.names) > 1:
                item = ANY
            elif domain.names & {"list", "range"}:
                item = domain.item or ANY
            else:
                item = domain
            names = names.with_names({iterator.name: item})
        return names

    def loop(self, node: For, names: Names) -> Kind:
        inner = self.iterators(node.iterators, names)
        inner = inner.with_names({"partial": kind_named("list")})
        return list_of(self.kind(node.result, inner))

    def quantified(self, node: Quantified, names: Names) -> Kind:
        self.condition(node.condition, self.iterators(node.iterators, names))
        return BOOLEAN

    def call(self, node: Call, names: Names) -> Kind:
        arguments = [self.kind(argument, names) for argument in node.arguments]
        if not isinstance(node.function, Name):
            function = self.kind(node.function, names)
            if not function.is_any and "function" not in function.names:
                return self.find(node.at, "not_a_function", type=str(function))
            return call_kind(self, node, "function", function, arguments)
        name = node.function.name
        function = names.find(name) or ANY
        if names.open:
            return ANY
        if "function" in function.names:
            return call_kind(self, node, name, function, arguments)
        if name in names.kinds and function.is_any:
            return ANY
        return call_kind(self, node, name, self.functions.get(name), arguments)

    def function(self, node: FunctionNode, names: Names) -> Kind:
        parameters = [(name, kind_of_type(kind)) for name, kind in node.parameters]
        if node.external:
            return function_of(parameters, ANY)
        return function_of(parameters, self.kind(node.body, names.with_names(dict(parameters))))


def _mentions_value(node: Node) -> bool:
    pending = [node]
    while pending:
        current = pending.pop()
        if isinstance(current, Name) and current.name == "?":
            return True
        pending.extend(children(current))
    return False


def _may_hold(value: Kind, tested: Kind) -> bool:
    """Whether `value in tested` can be anything but null (table 55)."""
    if comparable("=", value, tested):
        return True
    if "range" in tested.names and (tested.item is None or comparable("<", tested.item, value)):
        return True
    if "list" not in tested.names:
        return False
    item = tested.item
    return item is None or "range" in item.names or comparable("=", value, item)


_READERS: Final[dict[type[Node], Callable[[_Reader, Any, Names], Kind]]] = {
    Literal: _Reader.literal,
    Name: _Reader.name,
    Negation: _Reader.negation,
    Chain: _Reader.chain,
    Logic: _Reader.logic,
    Between: _Reader.between,
    If: _Reader.choice,
    InstanceOf: _Reader.instance,
    In: _Reader.membership,
    ListNode: _Reader.list,
    ContextNode: _Reader.context,
    RangeNode: _Reader.range,
    Path: _Reader.path,
    Filter: _Reader.filter,
    For: _Reader.loop,
    Quantified: _Reader.quantified,
    Call: _Reader.call,
    FunctionNode: _Reader.function,
}

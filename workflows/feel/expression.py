"""Compiled expressions and unary tests: the two things that FEEL text can be."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final, TypeAlias

from workflows.feel.builtins import FUNCTIONS
from workflows.feel.compiler.collections import any_test, compile_test, membership
from workflows.feel.compiler.dispatch import COMPILERS
from workflows.feel.compiler.unit import NO_LOCALS, Evaluator, Frame, Scope, Test, Unit
from workflows.feel.dates import as_host_value
from workflows.feel.errors import FeelLimitExceeded, FeelSyntaxError, Warning_
from workflows.feel.limits import DEFAULT_LIMITS, MAX_HEIGHT, MAX_TEXT, Limits
from workflows.feel.nodes import Comparison, Literal, Name, Node, children
from workflows.feel.parser.cursor import NameTable, name_table
from workflows.feel.parser.expressions import read_expression, read_unary_tests
from workflows.feel.run import Run
from workflows.feel.size import as_value, check_size
from workflows.feel.values import HostFunction, Value

#: A check of a named type, such as an item definition.
TypeCheck: TypeAlias = Callable[[Value], bool]

_CACHED: Final = 4096
_SPACED_BUILTINS: Final = tuple(name for name in FUNCTIONS if " " in name)


@dataclass(frozen=True, slots=True)
class Result:
    """The value of an evaluation, and why parts of it became null."""

    value: Value
    warnings: tuple[Warning_, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """Whether a value passes unary tests, null when that can't be told, and why."""

    value: bool | None
    warnings: tuple[Warning_, ...]


class _Compiled:
    """What the compilation of a text found out about it."""

    __slots__ = (
        "called_functions",
        "filter_names",
        "findings",
        "free_names",
        "item_names",
        "paths",
        "text",
    )

    def __init__(self, unit: Unit) -> None:
        self.text: Final = unit.text
        #: Root names that the text needs from scope.
        self.free_names: Final = frozenset(unit.free)
        #: Those of them that are read in filters only, where they may be properties of the items.
        self.filter_names: Final = frozenset(unit.free - unit.outside)
        #: Paths from root names, each a tuple that starts with the root name.
        self.paths: Final = frozenset(unit.paths)
        #: Functions that are called by name and not defined in the text.
        self.called_functions: Final = frozenset(unit.called)
        #: Calls of built-in functions with arguments that they never take.
        self.findings: Final = tuple(unit.findings)
        #: Names in filters that are not known: properties of the items, or misspelt.
        self.item_names: Final = frozenset(unit.item_names)


class Expression(_Compiled):
    """A compiled expression; it may be evaluated any number of times, in any thread."""

    __slots__ = ("_evaluator", "literal")

    def __init__(self, unit: Unit, evaluator: Evaluator, literal: Literal | None) -> None:
        super().__init__(unit)
        self._evaluator = evaluator
        #: The literal that the whole text is, None when it is more than that.
        self.literal: Final = literal

    def evaluate(
        self,
        scope: Mapping[str, Value],
        *,
        functions: Mapping[str, HostFunction] | None = None,
        types: Mapping[str, TypeCheck] | None = None,
        limits: Limits = DEFAULT_LIMITS,
        now: datetime | None = None,
    ) -> Result:
        """The value and the warnings. `types` resolves type names in `instance of`.

        Raises: FeelLimitExceeded, and whatever a host function raises beside FeelError.
        """
        run = Run(scope, functions=functions, types=types, limits=limits, now=now)
        value = self._finish(run)
        return Result(value, tuple(run.warnings))

    def value(
        self,
        scope: Mapping[str, Value],
        *,
        functions: Mapping[str, HostFunction] | None = None,
        types: Mapping[str, TypeCheck] | None = None,
        limits: Limits = DEFAULT_LIMITS,
        now: datetime | None = None,
    ) -> Value:
        """The value alone. Raises: as `evaluate`."""
        run = Run(scope, functions=functions, types=types, limits=limits, now=now)
        return self._finish(run)

    def evaluate_within(self, run: Run, scope: Mapping[str, Value]) -> Value:
        """The value over another scope, on the steps, depth and warnings of a running evaluation.

        For the bodies of functions that the host makes from expressions. Raises: as `evaluate`.
        """
        nested = run.within(scope)
        nested.enter(_NESTED_WEIGHT)
        return self._evaluator(nested, None)

    def _finish(self, run: Run) -> Value:
        try:
            value = self._evaluator(run, None)
            if value.__class__ in (list, dict, tuple) and not check_size(run, value):
                value = as_value(value)
        except RecursionError:
            raise FeelLimitExceeded("too_deep", run.limits.depth) from None
        return value


_NESTED_WEIGHT: Final = 20


class UnaryTests(_Compiled):
    """Compiled unary tests: the content of a decision table's input cell (10.3.1.2, rule 15)."""

    __slots__ = ("_negated", "_tests")

    def __init__(self, unit: Unit, tests: Sequence[Test], *, negated: bool) -> None:
        super().__init__(unit)
        self._tests = tuple(tests)
        self._negated = negated

    def matches(
        self,
        value: Value,
        scope: Mapping[str, Value],
        *,
        functions: Mapping[str, HostFunction] | None = None,
        types: Mapping[str, TypeCheck] | None = None,
        limits: Limits = DEFAULT_LIMITS,
        now: datetime | None = None,
    ) -> bool | None:
        """Whether a value passes; None when that can't be told. Raises: FeelLimitExceeded."""
        run = Run(scope, functions=functions, types=types, limits=limits, now=now)
        return self._finish(run, value)

    def evaluate(
        self,
        value: Value,
        scope: Mapping[str, Value],
        *,
        functions: Mapping[str, HostFunction] | None = None,
        types: Mapping[str, TypeCheck] | None = None,
        limits: Limits = DEFAULT_LIMITS,
        now: datetime | None = None,
    ) -> Match:
        """As `matches`, with the warnings."""
        run = Run(scope, functions=functions, types=types, limits=limits, now=now)
        result = self._finish(run, value)
        return Match(result, tuple(run.warnings))

    def matches_within(self, run: Run, value: Value, scope: Mapping[str, Value]) -> bool | None:
        """As `matches`, on the steps, depth and warnings of a running evaluation."""
        nested = run.within(scope)
        nested.enter(_NESTED_WEIGHT)
        return self._decide(nested, value)

    def _finish(self, run: Run, value: Value) -> bool | None:
        try:
            return self._decide(run, value)
        except RecursionError:
            raise FeelLimitExceeded("too_deep", run.limits.depth) from None

    def _decide(self, run: Run, value: Value) -> bool | None:
        if not self._tests:
            return True
        tested = as_host_value(value)
        frame = Frame({"?": tested}, None)
        result = any_test([test(run, frame, tested) for test in self._tests])
        if self._negated:
            return None if result is None else not result
        return result


def _unary_test(unit: Unit, node: Node, scope: Scope) -> Test:
    if isinstance(node, Comparison):
        return compile_test(unit, node, scope)
    evaluate = unit.compile(node, scope)
    uses_value = _mentions_value(node)
    where = unit.position(node.at)

    def test(run: Run, frame: Frame | None, value: Value) -> bool | None:
        result = evaluate(run, frame)
        if result.__class__ is bool and (uses_value or value.__class__ is not bool):
            return bool(result)
        if uses_value and result is None:
            return None
        return membership(run, where, value, result)

    return test


def _mentions_value(node: Node) -> bool:
    pending = [node]
    while pending:
        current = pending.pop()
        if isinstance(current, Name) and current.name == "?":
            return True
        pending.extend(children(current))
    return False


@lru_cache(maxsize=256)
def _table(names: frozenset[str]) -> NameTable:
    return name_table((*_SPACED_BUILTINS, *sorted(names)))


def _known(names: Iterable[str], functions: Iterable[str]) -> tuple[frozenset[str], frozenset[str]]:
    return frozenset(names), frozenset(functions)


def _refuse_long(text: str) -> None:
    """Refuse before the text becomes a key of the cache."""
    if len(text) > MAX_TEXT:
        raise FeelSyntaxError("text_too_long", 1, 1, limit=MAX_TEXT)


def compile_expression(
    text: str, names: Iterable[str] = (), *, functions: Iterable[str] = ()
) -> Expression:
    """An expression. `names` are the values in scope and `functions` the host's functions;
    both may contain spaces and the symbols `+ - * / . '`.

    Raises: FeelSyntaxError.
    """
    _refuse_long(text)
    return _compile_expression(text, *_known(names, functions))


@lru_cache(maxsize=_CACHED)
def _compile_expression(text: str, names: frozenset[str], functions: frozenset[str]) -> Expression:
    node = read_expression(text, _table(names | functions))
    unit = Unit(text, names, COMPILERS)
    try:
        evaluator = unit.compile(node, NO_LOCALS)
    except RecursionError:
        raise FeelSyntaxError("nested_too_deep", 1, 1, limit=MAX_HEIGHT) from None
    literal = node if isinstance(node, Literal) and node.problem is None else None
    return Expression(unit, evaluator, literal)


def compile_unary_tests(
    text: str, names: Iterable[str] = (), *, functions: Iterable[str] = ()
) -> UnaryTests:
    """Unary tests, with names as in compile_expression. Raises: FeelSyntaxError."""
    _refuse_long(text)
    return _compile_unary_tests(text, *_known(names, functions))


@lru_cache(maxsize=_CACHED)
def _compile_unary_tests(text: str, names: frozenset[str], functions: frozenset[str]) -> UnaryTests:
    nodes, negated = read_unary_tests(text, _table(names | functions))
    unit = Unit(text, names, COMPILERS)
    scope = NO_LOCALS.with_names(("?",))
    try:
        tests = [_unary_test(unit, node, scope) for node in nodes]
    except RecursionError:
        raise FeelSyntaxError("nested_too_deep", 1, 1, limit=MAX_HEIGHT) from None
    return UnaryTests(unit, tests, negated=negated)

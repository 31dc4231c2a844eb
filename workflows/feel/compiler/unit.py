"""What the compilation of one text knows and finds out."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

from workflows.feel.errors import FeelError, Warning_
from workflows.feel.nodes import Node
from workflows.feel.run import Position, Run
from workflows.feel.values import Value


class Frame:
    """Local variables during an evaluation, with the frame around them."""

    __slots__ = ("parent", "variables")

    def __init__(self, variables: Mapping[str, Value], parent: Frame | None) -> None:
        self.variables = variables
        self.parent = parent


Evaluator: TypeAlias = Callable[[Run, Frame | None], Value]
Test: TypeAlias = Callable[[Run, Frame | None, Value], bool | None]


class Scope:
    """The local names at a place of the text; `open` when an item's properties join them."""

    __slots__ = ("names", "nested", "open")

    def __init__(self, names: frozenset[str], *, nested: bool, is_open: bool) -> None:
        self.names = names
        self.nested = nested
        self.open = is_open

    def with_names(self, names: Iterable[str]) -> Scope:
        """This scope and more names."""
        return Scope(self.names | frozenset(names), nested=True, is_open=self.open)

    def with_item(self) -> Scope:
        """This scope inside a filter."""
        return Scope(self.names | {"item"}, nested=True, is_open=True)


NO_LOCALS = Scope(frozenset(), nested=False, is_open=False)


class Unit:
    """One text under compilation."""

    __slots__ = (
        "called",
        "compilers",
        "findings",
        "free",
        "item_names",
        "known",
        "lines",
        "outside",
        "paths",
        "text",
    )

    def __init__(
        self,
        text: str,
        known: frozenset[str],
        compilers: Mapping[type[Node], Callable[[Unit, Any, Scope], Evaluator]],
    ) -> None:
        self.text = text
        #: Where each line begins.
        self.lines = [0, *(found.end() for found in re.finditer("\n", text))]
        self.known = known
        self.compilers = compilers
        self.free: set[str] = set()
        #: Those of them that are read outside of filters.
        self.outside: set[str] = set()
        self.paths: set[tuple[str, ...]] = set()
        self.called: set[str] = set()
        #: Calls that no built-in function takes, whatever the values.
        self.findings: list[Warning_] = []
        #: Names inside filters that may be properties of the items.
        self.item_names: set[str] = set()

    def compile(self, node: Node, scope: Scope) -> Evaluator:
        """The closure of a node."""
        return self.compilers[type(node)](self, node, scope)

    def find(self, error: FeelError, offset: int) -> None:
        """Keep what is wrong with the text before it is evaluated."""
        line, column = self.position(offset)
        self.findings.append(Warning_(error.code, error.message, error.message_zh, line, column))

    def position(self, offset: int) -> Position:
        """Line and column of an offset."""
        line = bisect_right(self.lines, offset)
        return line, offset - self.lines[line - 1] + 1


def failed(run: Run, where: Position, code: str, **details: Any) -> Value:
    """Null, with a warning."""
    return run.warn(FeelError(code, **details), where)

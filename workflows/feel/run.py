"""The state of one evaluation: its scope, its counters and its warnings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from workflows.feel.errors import FeelError, FeelLimitExceeded, Warning_
from workflows.feel.limits import MAX_WARNINGS, Limits
from workflows.feel.values import HostFunction, Value

Position = tuple[int, int]


class Run:
    """One evaluation. `within` gives the same counters and warnings to a nested expression."""

    __slots__ = (
        "counters",
        "depth",
        "functions",
        "items",
        "limits",
        "now",
        "scope",
        "string_length",
        "types",
        "warnings",
    )

    def __init__(
        self,
        scope: Mapping[str, Value],
        *,
        functions: Mapping[str, HostFunction] | None,
        types: Mapping[str, Callable[[Value], bool]] | None,
        limits: Limits,
        now: datetime | None,
    ) -> None:
        self.scope = scope
        self.functions = functions
        self.types = types
        self.limits = limits
        self.now = now
        self.counters = [limits.steps]
        self.depth = 0
        self.items = limits.list_items
        self.string_length = limits.string_length
        self.warnings: list[Warning_] = []

    def within(self, scope: Mapping[str, Value]) -> Run:
        """A run over another scope that shares steps, depth so far, warnings and clock."""
        nested = Run(
            scope, functions=self.functions, types=self.types, limits=self.limits, now=self.now
        )
        nested.counters = self.counters
        nested.depth = self.depth
        nested.warnings = self.warnings
        return nested

    def tick(self, steps: int = 1) -> None:
        """Count steps. Raises: FeelLimitExceeded when none are left."""
        counters = self.counters
        counters[0] -= steps
        if counters[0] < 0:
            raise FeelLimitExceeded("too_many_steps", self.limits.steps)

    def enter(self, weight: int) -> None:
        """Go `weight` levels deeper. Raises: FeelLimitExceeded beyond the depth limit."""
        self.depth += weight
        if self.depth > self.limits.depth:
            raise FeelLimitExceeded("too_deep", self.limits.depth)

    def check_items(self, count: int) -> None:
        """Refuse a list of `count` items when that is too many; counts them as steps."""
        if count > self.items:
            raise FeelLimitExceeded("too_many_items", self.items)
        self.tick(count)

    def check_string(self, length: int) -> None:
        """Refuse a string of `length` characters when that is too long; counts 64 as one step."""
        if length > self.string_length:
            raise FeelLimitExceeded("string_too_long", self.string_length)
        self.tick(length >> 6)

    def warn(self, error: FeelError, position: Position) -> Value:
        """Null; why it became that is kept."""
        if len(self.warnings) < MAX_WARNINGS:
            self.warnings.append(
                Warning_(error.code, error.message, error.message_zh, position[0], position[1])
            )
        return None

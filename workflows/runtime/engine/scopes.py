"""The variables of a case: one scope per process instance, a called process inside its caller's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from workflows.errors import Fault
from workflows.feel import from_json, to_json

ROOT = "root"


class Scopes:
    """Variables by scope. A name is looked up outwards and written where it is declared.

    SpiffWorkflow's own task data is not used: it copies and merges data along branches and loses
    equal list items on the way. Every instance of a process has one scope that all its branches
    share, as BPMN's process-level data does.
    """

    def __init__(self, parents: dict[str, str | None], values: dict[str, dict[str, Any]]) -> None:
        self._parents = parents
        self._values = values

    @classmethod
    def empty(cls) -> Scopes:
        """No scope at all."""
        return cls({}, {})

    def open(self, scope: str, parent: str | None, names: Mapping[str, Any]) -> None:
        """A new scope that holds `names` (its declared variables with their first values)."""
        self._parents[scope] = parent
        self._values[scope] = dict(names)

    def close(self, scope: str) -> None:
        """Forget a scope and everything inside it."""
        for child in [name for name, parent in self._parents.items() if parent == scope]:
            self.close(child)
        self._parents.pop(scope, None)
        self._values.pop(scope, None)

    def names(self) -> Iterable[str]:
        """The open scopes."""
        return tuple(self._values)

    def view(self, scope: str) -> dict[str, Any]:
        """Everything visible from `scope`, inner names before outer ones."""
        chain: list[dict[str, Any]] = []
        current: str | None = scope
        while current is not None:
            chain.append(self._values[current])
            current = self._parents[current]
        if len(chain) == 1:
            return dict(chain[0])
        merged: dict[str, Any] = {}
        for values in reversed(chain):
            merged.update(values)
        return merged

    def replace(self, name: str, old: Any, new: Any) -> bool:
        """Give a variable another value in every scope that holds `old` in it; whether one did."""
        holding = [values for values in self._values.values() if name in values]
        found = [values for values in holding if values[name] == old]
        for values in found:
            values[name] = new
        return bool(found)

    def write(self, scope: str, name: str, value: Any) -> None:
        """Set a declared variable, in the innermost scope that declares it.

        Raises:
            Fault: `unknown_variable` when no scope on the way outwards declares it.
        """
        current: str | None = scope
        while current is not None:
            if name in self._values[current]:
                self._values[current][name] = value
                return
            current = self._parents[current]
        raise Fault(
            "unknown_variable",
            f"流程中没有声明变量“{name}”。",
            f"The process declares no variable “{name}”.",
        )

    def dump(self) -> dict[str, Any]:
        """A JSON document from which `load` makes the same scopes."""
        return {
            name: [self._parents[name], {k: to_json(v) for k, v in values.items()}]
            for name, values in self._values.items()
        }

    @classmethod
    def load(cls, document: Mapping[str, Any]) -> Scopes:
        """The scopes that `dump` wrote."""
        return cls(
            {name: entry[0] for name, entry in document.items()},
            {
                name: {k: from_json(v) for k, v in entry[1].items()}
                for name, entry in document.items()
            },
        )

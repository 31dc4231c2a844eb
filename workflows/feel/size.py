"""The size of a value, counted so that shared parts can't multiply without notice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from workflows.feel.errors import FeelLimitExceeded
from workflows.feel.run import Run
from workflows.feel.values import Value

#: The deepest nesting of lists and contexts in a result.
MAX_LEVELS: Final = 150


def check_size(run: Run, value: Value) -> None:
    """Count all parts of a result as steps, each as often as it occurs.

    Raises: FeelLimitExceeded when there are more than steps left, or too many levels.
    """
    pending: list[tuple[Iterable[Value], int]] = [((value,), 1)]
    while pending:
        parts, level = pending.pop()
        if level > MAX_LEVELS:
            raise FeelLimitExceeded("too_deep", MAX_LEVELS)
        for part in parts:
            if isinstance(part, (list, tuple)):
                run.tick(len(part))
                pending.append((part, level + 1))
            elif isinstance(part, Mapping):
                run.tick(len(part))
                pending.append((part.values(), level + 1))

"""The size of a value, counted so that shared parts can't multiply without notice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import time
from typing import Final

from workflows.feel.dates import as_host_value
from workflows.feel.errors import FeelLimitExceeded
from workflows.feel.run import Run
from workflows.feel.values import Value

#: The deepest nesting of lists and contexts in a result.
MAX_LEVELS: Final = 150


def check_size(run: Run, value: Value) -> bool:
    """Count all parts of a result as steps, each as often as it occurs.

    Whether all parts are Values; a host may have left `int` or `time` in its lists and contexts.

    Raises: FeelLimitExceeded when there are more than steps left, or too many levels.
    """
    pending: list[tuple[Iterable[Value], int]] = [((value,), 1)]
    clean = True
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
            elif isinstance(part, (int, time)) and part.__class__ is not bool:
                clean = False
    return clean


def as_value(value: Value) -> Value:
    """A value of the host with all parts as FEEL keeps them.

    Whole numbers become Decimal, times FeelTime, tuples lists. Raises: RecursionError for a value
    that contains itself.
    """
    if isinstance(value, (list, tuple)):
        return [as_value(item) for item in value]
    if isinstance(value, Mapping):
        return {key: as_value(item) for key, item in value.items()}
    return as_host_value(value)

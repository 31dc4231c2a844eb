"""Work on the many rows of a roll, cut into partitions that could be done anywhere."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Protocol, TypeVar

Part = TypeVar("Part")
Result = TypeVar("Result")


class Jobs(Protocol):
    """Does the same work on every partition; where and in which order is its own affair.

    The work is a function of a module and has no effects; partitions and results can be pickled.
    """

    def run(self, work: Callable[[Part], Result], parts: Sequence[Part]) -> list[Result]:
        """The results in the order of the partitions; the first error is raised."""


class Here:
    """In this process, one after the other."""

    def run(self, work: Callable[[Part], Result], parts: Sequence[Part]) -> list[Result]:
        """The results in the order of the partitions."""
        return [work(part) for part in parts]


class LocalProcesses:
    """In processes of this machine, started for the purpose and gone afterwards.

    They begin afresh instead of being forked, so that none of them holds a connection to the
    database. `processes`: one for each core unless told otherwise.
    """

    def __init__(self, processes: int | None = None) -> None:
        self._processes = processes or len(os.sched_getaffinity(0))

    def run(self, work: Callable[[Part], Result], parts: Sequence[Part]) -> list[Result]:
        """The results in the order of the partitions."""
        if len(parts) < 2 or self._processes < 2:
            return Here().run(work, parts)
        workers = min(self._processes, len(parts))
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
            return list(pool.map(work, parts))

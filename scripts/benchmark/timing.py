"""Requests by several clients at once, their latencies, and the CPU time that they took."""

from __future__ import annotations

import os
import statistics
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from scripts.benchmark.client import Answer, Client

_TICKS: Final = os.sysconf("SC_CLK_TCK")

#: What a client does once; it is given its own connection.
Job = Callable[[Client], Answer]


@dataclass(frozen=True, slots=True)
class Timing:
    """A round: how long it took, and each request's latency in seconds."""

    seconds: float
    latencies: tuple[float, ...]

    @property
    def per_second(self) -> float:
        """Requests answered in a second."""
        return len(self.latencies) / self.seconds

    def percentile(self, share: float) -> float:
        """The latency in milliseconds that this share of requests doesn't pass (nearest rank)."""
        ordered = sorted(self.latencies)
        place = max(0, -(-len(ordered) * share // 1) - 1)
        return ordered[int(place)] * 1000


def drive(clients: Sequence[Client], jobs: Iterable[Job]) -> Timing:
    """Give the jobs to the clients as they get free; every answer has to be a success.

    Raises:
        RuntimeError: for any other answer.
    """
    waiting = deque(jobs)
    latencies: list[float] = []
    problems: list[str] = []

    def work(client: Client) -> None:
        while waiting and not problems:
            try:
                job = waiting.popleft()
            except IndexError:
                return
            began = time.perf_counter()
            try:
                answer = job(client)
            except OSError as error:
                problems.append(str(error))
                return
            latencies.append(time.perf_counter() - began)
            if not 200 <= answer.status < 300:
                problems.append(f"{answer.status} {answer.body[:500]!r}")

    threads = [threading.Thread(target=work, args=(client,), daemon=True) for client in clients]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if problems:
        raise RuntimeError(f"the measurement met a problem: {problems[0]}")
    return Timing(time.perf_counter() - began, tuple(latencies))


def median(values: Iterable[float]) -> float:
    """The median, rounded to what can be said."""
    return round(statistics.median(values), 2)


def cpu_seconds(pids: Iterable[int]) -> float:
    """User and system time that these processes have used so far (Linux)."""
    ticks = 0
    for pid in pids:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        ticks += int(fields[11]) + int(fields[12])
    return ticks / _TICKS


def children_of(pid: int) -> Sequence[int]:
    """The processes that a process has started (Linux)."""
    place = Path(f"/proc/{pid}/task/{pid}/children")
    try:
        return [int(text) for text in place.read_text("ascii").split()]
    except (FileNotFoundError, ProcessLookupError):
        return []

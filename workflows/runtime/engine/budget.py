"""Bounds on one call of the engine: steps, size of the task tree, CPU time."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

from workflows.errors import Fault


class BudgetSpent(BaseException):
    """The engine's CPU time is spent. No `except Exception` on the way may swallow it."""


@dataclass(frozen=True, slots=True)
class Budget:
    """What one call of the engine may use."""

    steps: int = 500
    tasks: int = 5_000
    subprocesses: int = 50
    #: user CPU time of this process; wall time would cut a database call in half
    cpu_seconds: float = 2.0


DEFAULT_BUDGET = Budget()


def spent(what: str, limit: float) -> Fault:
    """The error for a run that went over a bound; it becomes an incident."""
    return Fault(
        "engine_budget",
        f"流程在一次办理中超出了运行上限（{what}：{limit:g}），已停止，请检查流程图。",
        f"The process went over its bound in one act ({what}: {limit:g}); check the diagram.",
        details={"what": what, "limit": limit},
    )


@contextmanager
def cpu_limit(seconds: float) -> Iterator[None]:
    """Raise `Fault` once the block has used `seconds` of user CPU time.

    Works in the main thread of a process (gunicorn's sync workers, the worker, tests);
    elsewhere only the counters bound the engine.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    previous = signal.signal(signal.SIGVTALRM, _stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    except BudgetSpent as error:
        raise spent("CPU 秒", seconds) from error
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, previous)


@contextmanager
def uncounted() -> Iterator[None]:
    """An operation's own work, such as writing to the database, is not the engine's time."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    left, _ = signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    try:
        yield
    finally:
        if left:
            signal.setitimer(signal.ITIMER_VIRTUAL, left)


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise BudgetSpent

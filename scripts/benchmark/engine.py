"""What a step costs inside the engine alone, early in a case and after a long history."""

from __future__ import annotations

import statistics
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from workflows.definitions.diagram import Element, parse_diagram
from workflows.runtime.engine import EngineRun, program_of

_FILE: Final = Path(__file__).parent / "loop" / "loop.bpmn"
_PROCESS: Final = "loop"
_BATCHES: Final = 5


class _Host:
    """Answers what the loop asks: yes, again."""

    def evaluate(self, expression: str, names: Mapping[str, Any], element: Element | None) -> Any:
        return True

    def moment(self, element: Element, names: Mapping[str, Any]) -> datetime:
        return datetime(2031, 1, 1, tzinfo=UTC)

    def perform(self, run: EngineRun, element: Element, scope: str) -> None:
        raise AssertionError("the loop has no automatic task")

    def entered(self, run: EngineRun, element: Element, scope: str) -> None:
        pass

    def left(self, run: EngineRun, element: Element, scope: str) -> None:
        pass


def engine_costs(histories: tuple[int, ...] = (10, 200), samples: int = 300) -> dict[str, Any]:
    """CPU milliseconds to load, complete a task and dump, and bytes of state, by steps of history.

    A step is a person's task and a gateway, with a timer on the task; each of the `samples` starts
    from the same stored state.
    """
    program = program_of([parse_diagram(_FILE.read_bytes(), file="loop.bpmn")], _PROCESS)
    host = _Host()
    run = EngineRun.start(program, host, {})
    run.advance()
    state, wait_id = run.dump(), _task_of(run)
    states: dict[int, tuple[bytes, str]] = {}
    steps = 0
    for history in histories:
        while steps < history:
            run = EngineRun.resume(program, host, state)
            run.complete(wait_id)
            state, wait_id = run.dump(), _task_of(run)
            steps += 1
        states[history] = state, wait_id
    # The clock of CPU time may tick coarsely, so many steps are timed together; the histories take
    # turns, so that a busy moment of the machine meets both.
    means: dict[int, list[float]] = {history: [] for history in histories}
    for _ in range(_BATCHES):
        for history, (state, wait_id) in states.items():
            began = time.process_time()
            for _ in range(samples):
                run = EngineRun.resume(program, host, state)
                run.complete(wait_id)
                run.dump()
            means[history].append((time.process_time() - began) / samples * 1000)
    return {
        str(history): {
            "cpu_ms": round(statistics.median(means[history]), 3),
            "bytes": len(states[history][0]),
        }
        for history in histories
    }


def _task_of(run: EngineRun) -> str:
    return next(wait.id for wait in run.waits().values() if wait.element.id == "Loop_Task")

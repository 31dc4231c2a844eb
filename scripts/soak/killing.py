"""Kills web processes and workers with SIGKILL, in random order, and starts them again."""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from scripts.benchmark.deployment import Deployment, end_group, program
from scripts.benchmark.timing import children_of
from scripts.soak.faulty import FAULT

WEB_WORKERS: Final = 3
WORKERS: Final = 3
#: Of ten kills: one of gunicorn as a whole, six of a web process, three of a worker.
_WHOLE, _WEB = 0.1, 0.7


@dataclass
class Killer:
    """The processes of a deployment under attack. `fault` names the one that is planted."""

    deployment: Deployment
    chance: random.Random
    fault: str = ""
    killed: dict[str, int] = field(
        default_factory=lambda: {"gunicorn": 0, "web process": 0, "worker": 0}
    )

    def start(self) -> None:
        """Start everything."""
        self._start_web()
        for number in range(WORKERS):
            self._start_worker(f"worker{number}")

    def _start_web(self) -> None:
        entry = "scripts.soak.faulty:application()" if self.fault else "web:create_app()"
        # Preloaded, so that a killed process is replaced at once and load goes on.
        options = ("--preload", "--max-requests=0")
        self.deployment.start_web(
            entry, workers=WEB_WORKERS, options=options, **{FAULT: self.fault}
        )

    def _start_worker(self, name: str) -> None:
        command = [program("doudi"), "worker"]
        if self.fault:
            command = [sys.executable, "-m", "scripts.soak.faulty", "worker"]
        self.deployment.start(name, command, **{FAULT: self.fault})

    def kill(self, times: int, pause: tuple[float, float], go_on: Callable[[], bool]) -> None:
        """Kill so many times, each after a pause of so many seconds, while `go_on` says so."""
        for _ in range(times):
            time.sleep(self.chance.uniform(*pause))
            if not go_on():
                return
            self._kill_one()

    def _kill_one(self) -> None:
        dice = self.chance.random()
        web = self.deployment.processes["web"]
        children = children_of(web.pid)
        if dice < _WHOLE:
            end_group(web)
            self._start_web()
            self.killed["gunicorn"] += 1
        elif dice < _WEB and children:
            with suppress(ProcessLookupError):
                os.kill(self.chance.choice(children), signal.SIGKILL)
                self.killed["web process"] += 1
        else:
            name = f"worker{self.chance.randrange(WORKERS)}"
            end_group(self.deployment.processes[name])
            self._start_worker(name)
            self.killed["worker"] += 1

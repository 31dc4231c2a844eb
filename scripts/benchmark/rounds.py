"""What is measured over HTTP on one database: starting, completing, and the queue."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import select, text

from models.cases import Case, Task, TaskState
from scripts.benchmark.client import Answer, Client
from scripts.benchmark.deployment import POSTGRESQL, Deployment, deployment
from scripts.benchmark.district import District, found_district, opened, register_households
from scripts.benchmark.pages import browser_of
from scripts.benchmark.policy import measured_policy
from scripts.benchmark.seeding import PROCESS, fill_queue
from scripts.benchmark.statements import count_statements
from scripts.benchmark.timing import Job, Timing, children_of, cpu_seconds, drive, median
from workflows.transaction import reading

CLIENTS: Final = 4
WEB_WORKERS: Final = 2
#: The tasks of the measured process, in order.
STEPS: Final = ("Bench_One", "Bench_Two", "Bench_Three")
_QUEUES: Final = {"list_json": "/api/v1/tasks", "list_html": "/work"}


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured."""

    rounds: int = 5
    cases: int = 120
    alone: int = 150
    lists: int = 200
    queues: tuple[int, ...] = (1_000, 100_000)


QUICK: Final = Size(rounds=1, cases=8, alone=8, lists=8, queues=(50, 200))


class Bench:
    """One database under measurement."""

    def __init__(self, made: Deployment, size: Size) -> None:
        self._made, self._size = made, size
        self._district: District = found_district(made, measured_policy(whole=True), CLIENTS)
        self._households = register_households(made, self._district, 200 if size.rounds > 1 else 5)
        made.start_web(workers=WEB_WORKERS)
        self._clients = [made.client(officer.token) for officer in self._district.officers]

    def measure(self) -> dict[str, Any]:
        """Every figure of this database; times in milliseconds."""
        self._round(max(8, self._size.cases // 4))  # warm: policy parsed, plans and pages cached
        rounds = [self._round(self._size.cases) for _ in range(self._size.rounds)]
        found: dict[str, Any] = {name: median(one[name] for one in rounds) for name in rounds[0]}
        found["alone"] = self._alone()
        found["statements"] = count_statements(self._made, self._district, self._households[0])
        found["queues"] = {}
        for wanted in self._size.queues:
            fill_queue(self._made, self._district, self._households, wanted)
            found["queues"][str(wanted)] = self._queue()
        return found

    def _round(self, cases: int) -> dict[str, float]:
        """Start cases, then complete their three tasks, one after the other."""
        pids = self._pids()
        before = [cpu_seconds(group) for group in pids]
        started = drive(self._clients, self._starts(cases))
        after_start = [cpu_seconds(group) for group in pids]
        timings = [drive(self._clients, self._completions(step, cases)) for step in STEPS]
        after = [cpu_seconds(group) for group in pids]
        done = _joined(timings)
        acts = len(done.latencies)
        database_cpu = (after[1] - after_start[1]) / acts * 1000
        return {
            "started_per_second": started.per_second,
            "start_p50": started.percentile(0.5),
            "start_p99": started.percentile(0.99),
            "start_web_cpu": (after_start[0] - before[0]) / cases * 1000,
            "completed_per_second": done.per_second,
            "complete_p50": done.percentile(0.5),
            "complete_p99": done.percentile(0.99),
            "complete_web_cpu": (after[0] - after_start[0]) / acts * 1000,
            # SQLite works inside the web process.
            **({"complete_database_cpu": database_cpu} if pids[1] else {}),
        }

    def _pids(self) -> tuple[Sequence[int], Sequence[int]]:
        """The web processes, and the processes of the database server."""
        web = children_of(self._made.processes["web"].pid)
        if self._made.engine.dialect.name != POSTGRESQL:
            return web, ()
        with opened(self._made) as session, reading(session):
            return web, list(session.scalars(text("SELECT pid FROM pg_stat_activity")))

    def _starts(self, cases: int) -> list[Job]:
        """Each for a household of its own choice."""
        return [self._start() for _ in range(cases)]

    def _start(self) -> Job:
        content = {
            "process": PROCESS,
            "village_id": self._district.village_id,
            "household_id": secrets.choice(self._households),
        }
        return lambda client: client.post("/api/v1/cases", content, secrets.token_hex(12))

    def _completions(self, step: str, most: int) -> Iterator[Job]:
        newest = (
            select(Task.id, Case.version)
            .join(Case, Case.id == Task.case_id)
            .where(Task.element_id == step, Task.state == TaskState.OPEN)
            .order_by(Task.id.desc())
            .limit(most)
        )
        with opened(self._made) as session, reading(session):
            rows = session.execute(newest).all()
        return iter([_completion(row.id, row.version) for row in rows])

    def _alone(self) -> dict[str, float]:
        """Latencies of one client that nobody competes with."""
        client = self._clients[:1]
        started = drive(client, self._starts(self._size.alone))
        done = drive(client, self._completions(STEPS[0], self._size.alone))
        return {
            "start_p50": round(started.percentile(0.5), 2),
            "start_p99": round(started.percentile(0.99), 2),
            "complete_p50": round(done.percentile(0.5), 2),
            "complete_p99": round(done.percentile(0.99), 2),
        }

    def _queue(self) -> dict[str, float]:
        """The queue for one client, and completing by all, with so many tasks open."""
        browser = browser_of(self._made, self._district.officers[0])
        readers = {"list_json": self._clients[0], "list_html": browser}
        found: dict[str, float] = {}
        for name, path in _QUEUES.items():
            drive([readers[name]], [_getting(path)] * 4)
            timing = drive([readers[name]], [_getting(path)] * self._size.lists)
            found[f"{name}_p50"] = round(timing.percentile(0.5), 2)
            found[f"{name}_p99"] = round(timing.percentile(0.99), 2)
        drive(self._clients, self._starts(self._size.cases))
        done = drive(self._clients, self._completions(STEPS[0], self._size.cases))
        found["completed_per_second"] = round(done.per_second, 2)
        found["complete_p50"] = round(done.percentile(0.5), 2)
        found["complete_p99"] = round(done.percentile(0.99), 2)
        return found


def _completion(task_id: str, version: int) -> Job:
    content: Mapping[str, Any] = {
        "answers": {"amount": "1500.00", "note": "核对无误，同意。"},
        "case_version": version,
    }
    path = f"/api/v1/tasks/{task_id}/complete"
    return lambda client: client.post(path, content, secrets.token_hex(12))


def _getting(path: str) -> Job:
    def get(client: Client) -> Answer:
        return client.get(path)

    return get


def _joined(timings: Sequence[Timing]) -> Timing:
    return Timing(
        sum(timing.seconds for timing in timings),
        tuple(latency for timing in timings for latency in timing.latencies),
    )


def measure(database: str, size: Size) -> dict[str, Any]:
    """The figures of one database, on a deployment that is gone afterwards."""
    with deployment(database) as made:
        return Bench(made, size).measure()

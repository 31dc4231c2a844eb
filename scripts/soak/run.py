"""One run: load, kills, silence, and then the look at what is left."""

from __future__ import annotations

import random
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.cases import Case, Task, TaskState, Timer
from models.trail import TrailEntry, Unsealed
from scripts.benchmark.deployment import POSTGRESQL, Deployment, deployment
from scripts.benchmark.district import District, found_district, opened, register_households
from scripts.benchmark.policy import measured_policy
from scripts.soak.acknowledged import check_acts
from scripts.soak.acts import Act, Ledger, Person
from scripts.soak.invariants import Violation, check_cases, check_timers
from scripts.soak.killing import Killer
from workflows.audit import TrailAction
from workflows.audit.verification import verify_all
from workflows.transaction import reading

PROCESS: Final = "soak"
#: The timers that a case of the soak process reaches once.
ONCE: Final = ("Soak_Nudge", "Soak_Pause", "Soak_Late")
_HOUSEHOLDS: Final = 20
#: More open tasks than this, and clients complete instead of starting cases.
_ENOUGH_OPEN: Final = 40
_QUIET_SECONDS: Final = 60
_MOST_SAID: Final = 5
#: Between two kills so many acts are acknowledged, or so many seconds pass.
_ACTS_BETWEEN: Final = 4
_PATIENCE: Final = 4.0


@dataclass(frozen=True, slots=True)
class Plan:
    """How hard a run is. `doubles`: the share of acts that are sent twice at once."""

    kills: int
    pause: tuple[float, float] = (0.4, 1.2)
    clients: int = 5
    doubles: float = 0.3
    seed: int = 1
    fault: str = ""
    #: seconds after which no further kill follows
    longest: float = 240.0


@dataclass(slots=True)
class Outcome:
    """What a run did and what doesn't hold after it."""

    violations: list[Violation]
    counts: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    kills: int = 0
    #: the first errors in the processes' logs, where something doesn't hold
    said: list[str] = field(default_factory=list)


@dataclass
class _Board:
    """Open tasks with the version of their case, as the queue shows them."""

    tasks: list[tuple[str, int]] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)


def soak(plan: Plan) -> Outcome:
    """Run the plan on a PostgreSQL of its own and look at the result."""
    began = time.monotonic()
    with deployment(POSTGRESQL) as made:
        district = found_district(made, measured_policy(Path(__file__).parent), plan.clients)
        households = register_households(made, district, _HOUSEHOLDS)
        killer = Killer(made, random.Random(plan.seed), plan.fault)
        killer.start()
        ledger = Ledger()
        _attack(made, district, households, killer, ledger, plan)
        silent = _fall_silent(made)
        made.stop()
        outcome = _look(made, ledger, silent)
        if outcome.violations:
            outcome.said = _errors_said(made)
    outcome.kills = sum(killer.killed.values())
    outcome.counts |= {f"kills of a {name}": times for name, times in killer.killed.items()}
    outcome.seconds = time.monotonic() - began
    return outcome


def _attack(
    made: Deployment,
    district: District,
    households: list[str],
    killer: Killer,
    ledger: Ledger,
    plan: Plan,
) -> None:
    """Clients at work and processes dying until the last kill; then every act is answered."""
    board = _Board()
    threads = [threading.Thread(target=_watch_queue, args=(made, board), daemon=True)]
    for number, officer in enumerate(district.officers):
        chance = random.Random(plan.seed * 1000 + number)
        person = Person(
            made.client(officer.token), made.client(officer.token), ledger, chance, plan.doubles
        )
        choose = _chooser(board, district, households, chance)
        threads.append(threading.Thread(target=_work, args=(person, choose, board), daemon=True))
    for thread in threads:
        thread.start()
    try:
        killer.kill(plan.kills, plan.pause, _pacer(ledger, plan.longest))
    finally:
        board.over.set()
    for thread in threads:
        thread.join(90)


def _pacer(ledger: Ledger, longest: float) -> Callable[[], bool]:
    """Waits before a kill until some acts were acknowledged since the last one; False at the end.

    On a slow machine nothing but starting processes would be killed otherwise.
    """
    deadline = time.monotonic() + longest
    seen = 0

    def go_on() -> bool:
        nonlocal seen
        patience = min(deadline, time.monotonic() + _PATIENCE)
        while ledger.count() < seen + _ACTS_BETWEEN and time.monotonic() < patience:
            time.sleep(0.05)
        seen = ledger.count()
        return time.monotonic() < deadline

    return go_on


def _watch_queue(made: Deployment, board: _Board) -> None:
    """Show the clients what is open, a few times a second."""
    open_tasks = (
        select(Task.id, Case.version)
        .join(Case, Case.id == Task.case_id)
        .where(Task.state == TaskState.OPEN)
        .limit(200)
    )
    with opened(made) as session:
        while not board.over.wait(0.1):
            with reading(session):
                board.tasks = [(row.id, row.version) for row in session.execute(open_tasks)]


def _chooser(
    board: _Board, district: District, households: list[str], chance: random.Random
) -> Callable[[], Act]:
    """What a client does next: mostly complete a task, and start cases where few are open."""

    def choose() -> Act:
        tasks = board.tasks
        if len(tasks) < _ENOUGH_OPEN and (not tasks or chance.random() < 0.5):
            content = {
                "process": PROCESS,
                "village_id": district.village_id,
                "household_id": chance.choice(households),
            }
            return Act("/api/v1/cases", content, "")
        task_id, version = chance.choice(tasks)
        answers = {"amount": f"{chance.randrange(1, 5000)}.00", "note": secrets.token_hex(12)}
        shown = {"case_version": version} if chance.random() < 0.5 else {}
        return Act(f"/api/v1/tasks/{task_id}/complete", {"answers": answers, **shown}, task_id)

    return choose


def _work(person: Person, choose: Callable[[], Act], board: _Board) -> None:
    try:
        while not board.over.is_set():
            person.do(choose())
    finally:
        person.close()


def _fall_silent(made: Deployment) -> bool:
    """Let the workers fire what is due and seal the trail; False when they don't get there."""
    deadline = time.monotonic() + _QUIET_SECONDS
    with opened(made) as session:
        while time.monotonic() < deadline:
            with reading(session):
                now = datetime.now(UTC)
                timers = session.scalar(select(func.count()).where(Timer.next_try_at <= now))
                waiting = session.scalar(select(func.count()).select_from(Unsealed))
                coming = session.scalar(select(func.count()).select_from(Timer))
            if not timers and not waiting and not coming:
                return True
            time.sleep(0.3)
    return False


def _look(made: Deployment, ledger: Ledger, silent: bool) -> Outcome:
    """Every invariant, over the whole database."""
    now = datetime.now(UTC)
    signer = made.keys.signer
    with opened(made) as session:
        violations = check_cases(session, made.keys.ring, now=now)
        violations += check_timers(session, ONCE, now=now)
        violations += check_acts(session, made.keys.ring, ledger.acts)
        report = verify_all(session, keys={signer.key_id: signer.public})
        session.rollback()
        violations += [
            Violation("the trail verifies", problem.place, problem.message_en)
            for problem in report.problems
        ]
        counts = _counts(session, ledger)
        session.rollback()
    if not silent:
        violations.append(Violation("everything comes to rest", "workers", "timers or leaves wait"))
    if not report.leaves or report.waiting:
        violations.append(
            Violation("the trail is sealed", "tree", f"{report.leaves} and {report.waiting} wait")
        )
    violations += [
        Violation("no answer of the 500 family", "web", text) for text in ledger.failures
    ]
    return Outcome(violations, {**counts, "entries": report.entries, "leaves": report.leaves})


def _errors_said(made: Deployment) -> list[str]:
    """What the processes said of errors."""
    found: list[str] = []
    for log in sorted(made.folder.glob("*.log")):
        lines = log.read_text("utf-8", "replace").splitlines()
        found += [f"{log.name}: {line[:4000]}" for line in lines if '"error"' in line]
    return found[:_MOST_SAID]


def _counts(session: Session, ledger: Ledger) -> dict[str, int]:
    fired = select(func.count()).where(TrailEntry.action == TrailAction.TIMER_FIRED.value)
    return {
        "acts": len(ledger.acts),
        "acknowledged": ledger.count(),
        "sent twice at once": sum(len(act.answers) + act.unknown > 1 for act in ledger.acts),
        "connections lost": sum(act.lost for act in ledger.acts),
        "never answered": sum(act.unknown for act in ledger.acts),
        "cases": session.scalar(select(func.count()).select_from(Case)) or 0,
        "timers fired": session.scalar(fired) or 0,
    }

"""The worker: fires due timers, raises alarms, and does its other duties once a round."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models.cases import Case, Timer
from models.clocks import Alert, Clock, ClockState
from models.plumbing import WorkerHeartbeat
from models.types import new_id
from workflows.audit import TrailAction, append_entry
from workflows.errors import SYSTEM, DoudiError, Fault, NotFound
from workflows.privacy import KeyRing
from workflows.runtime.acts import begin, case_subject, finish, lock_case
from workflows.runtime.cases import raise_incident
from workflows.runtime.engine import WaitKind
from workflows.runtime.starting import open_requested
from workflows.transaction import reading, transaction

ATTEMPTS = 3
#: Waiting before the second and the third attempt.
BACKOFF = (timedelta(seconds=10), timedelta(minutes=2))
BATCH = 50
#: The severity of clocks that are periods to be waited for (bpmn/clocks.yaml).
PERIOD = "limit"

log = structlog.get_logger("doudi.worker")


def due_timers(session: Session, now: datetime, limit: int = BATCH) -> list[tuple[str, str]]:
    """Timers that are due, by index, as (timer id, case id); nothing is locked."""
    rows = session.execute(
        select(Timer.id, Timer.case_id)
        .where(Timer.next_try_at <= now, Timer.failed_at.is_(None))
        .order_by(Timer.next_try_at)
        .limit(limit)
    )
    return [(row.id, row.case_id) for row in rows]


def fire_timer(
    session: Session, timer_id: str, case_id: str, keys: KeyRing, *, now: datetime
) -> bool:
    """Fire one timer if it is still due and nobody else holds its case.

    The case is locked before the timer is read: locked the other way round, people and timers
    deadlock. Returns whether it fired.

    Raises:
        Fault, Invalid: what the process says; the caller records the attempt.
    """
    try:
        case = lock_case(session, case_id, skip_locked=True)
    except NotFound:
        return False
    timer = session.get(Timer, timer_id, populate_existing=True)
    if timer is None or timer.failed_at is not None or timer.next_try_at > now:
        return False
    act = begin(session, case, keys, actor=SYSTEM, now=now)
    wait = act.wait(timer.engine_task_id, WaitKind.TIMER)
    act.run.fire(wait.id)
    finish(
        act,
        TrailAction.TIMER_FIRED,
        {
            "element": wait.element.id,
            "name": wait.element.name,
            "due_at": timer.due_at,
            "late_seconds": int((now - timer.due_at).total_seconds()),
        },
    )
    open_requested(session, act)
    return True


def note_failure(session: Session, timer_id: str, error: DoudiError, *, now: datetime) -> None:
    """After the rollback: count the attempt; after the last one, an incident that somebody sees."""
    case_id = session.scalar(select(Timer.case_id).where(Timer.id == timer_id))
    if case_id is None:
        return
    lock_case(session, case_id)
    timer = session.get(Timer, timer_id, populate_existing=True)
    if timer is None:  # somebody has moved the case on meanwhile
        return
    timer.attempts += 1
    if timer.attempts < ATTEMPTS:
        timer.next_try_at = now + BACKOFF[timer.attempts - 1]
        return
    timer.failed_at = now
    raise_incident(session, timer.case_id, error, actor=SYSTEM, now=now, timer_id=timer_id)


def fire_due(session: Session, keys: KeyRing, now: datetime) -> int:
    """Fire a batch of due timers, one transaction each; how many fired."""
    with reading(session):
        due = due_timers(session, now)
    fired = 0
    for timer_id, case_id in due:
        try:
            with transaction(session):
                fired += fire_timer(session, timer_id, case_id, keys, now=now)
        except DoudiError as error:
            if error.code != "busy":  # somebody held the case for long; the next round tries again
                _record_failure(session, timer_id, error, now)
        except Exception as error:  # noqa: BLE001  # the worker outlives one broken case
            log.error("timer.failed", timer=timer_id, error=repr(error))
            _record_failure(
                session,
                timer_id,
                Fault("unexpected", details={"error": type(error).__name__}),
                now,
            )
    return fired


def _record_failure(session: Session, timer_id: str, error: DoudiError, now: datetime) -> None:
    with transaction(session):
        note_failure(session, timer_id, error, now=now)


def raise_alarms(session: Session, now: datetime) -> int:
    """An alert for every running clock whose period has ended; how many were raised."""
    with reading(session):
        late = session.execute(
            select(Clock.id, Clock.case_id)
            .where(
                Clock.state == ClockState.RUNNING,
                Clock.alarmed_at.is_(None),
                Clock.due_at <= now,
                # a period that has to run out, such as publicity, is not late when it has
                Clock.severity != PERIOD,
            )
            .order_by(Clock.due_at)
            .limit(BATCH)
        ).all()
    raised = 0
    for clock_id, case_id in late:
        with transaction(session):
            raised += _raise_alarm(session, clock_id, case_id, now)
    return raised


def _raise_alarm(session: Session, clock_id: str, case_id: str, now: datetime) -> bool:
    """Whether the clock is still late once its case is locked, and so has an alert now."""
    case = lock_case(session, case_id)
    clock = session.get_one(Clock, clock_id, populate_existing=True)
    if clock.state is not ClockState.RUNNING or clock.alarmed_at or clock.due_at > now:
        return False
    clock.alarmed_at = now
    session.add(_alert(case, clock, now))
    append_entry(
        session,
        case_subject(case),
        TrailAction.CLOCK_OVERDUE,
        actor=SYSTEM,
        now=now,
        data={"clock": clock.key, "due_on": clock.due_on, "severity": clock.severity},
    )
    return True


def _alert(case: Case, clock: Clock, now: datetime) -> Alert:
    upwards = clock.severity == "red" or case.confined
    supervisor = case.district_id if upwards else case.township_id
    return Alert(
        id=new_id(),
        district_id=case.district_id,
        office_id=supervisor,
        case_id=case.id,
        clock_id=clock.id,
        severity=clock.severity,
        message=f"{case.number} 的“{clock.name}”时限已于 {clock.due_on} 届满",
        raised_at=now,
    )


def beat(session: Session, name: str, started_at: datetime, fired: int, now: datetime) -> None:
    """Say that this worker is alive."""
    with transaction(session):
        changed = session.execute(
            update(WorkerHeartbeat)
            .where(WorkerHeartbeat.name == name)
            .values(seen_at=now, started_at=started_at, fired=WorkerHeartbeat.fired + fired)
        )
        if changed.rowcount == 0:  # type: ignore[attr-defined]  # a DML result has it
            session.add(WorkerHeartbeat(name=name, started_at=started_at, seen_at=now, fired=fired))


@dataclass(frozen=True, slots=True)
class Duties:
    """What a worker does beside timers and alarms, once per round: sealing, delivering, jobs.

    A duty that returns True has more to do, and the next round follows at once.
    """

    each_round: tuple[Callable[[Session, datetime], object], ...] = ()


def run(
    session: Session,
    keys: KeyRing,
    *,
    name: str,
    clock: Callable[[], datetime],
    duties: Duties,
    stop: Callable[[], bool],
    pause: float = 0.5,
) -> None:
    """Work until `stop` says so; each round leaves nothing open."""
    started_at = clock()
    beaten_at = datetime.min.replace(tzinfo=UTC)
    fired = 0
    while not stop():
        now = clock()
        done, more = _one_round(session, keys, duties, now)
        fired += done
        if now - beaten_at >= timedelta(seconds=2):
            beat(session, name, started_at, fired, now)
            beaten_at, fired = now, 0
        if not more:
            time.sleep(pause)


def _one_round(session: Session, keys: KeyRing, duties: Duties, now: datetime) -> tuple[int, bool]:
    """How many timers fired, and whether there is more to do at once."""
    try:
        fired = fire_due(session, keys, now)
        more = fired >= BATCH
        raise_alarms(session, now)
        for duty in duties.each_round:
            more |= duty(session, now) is True
    except Exception as error:  # noqa: BLE001  # a lost connection must not end the worker
        log.error("worker.round_failed", error=repr(error))
        return 0, False
    return fired, more

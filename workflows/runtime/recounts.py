"""Open cases counted again after the working calendar changed: clocks, postings, tasks, timers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, Update, func, literal_column, select, union, update
from sqlalchemy.orm import Session

from models.assistance import Publicity
from models.cases import Case, CaseState, Timer
from models.clocks import Alert, Clock
from models.jobs import Job
from models.relief import PaperDebt
from workflows.audit import TrailAction, append_entry
from workflows.calendar import DayStatus, WorkingCalendar, local_day, local_midnight
from workflows.clocks.recounting import Recounted, recount_clock
from workflows.clocks.running import running_clocks
from workflows.definitions.diagram import Element
from workflows.definitions.policy import Policy
from workflows.definitions.release import current_policy, policy_of
from workflows.errors import SYSTEM, Fault
from workflows.jobs import Chunk, Step
from workflows.privacy import KeyRing
from workflows.runtime.acts import Act, begin, case_subject, finish, lock_case
from workflows.runtime.cases import raise_incident
from workflows.runtime.engine import Wait, WaitKind
from workflows.runtime.host import CaseHost
from workflows.runtime.projection import refresh_deadline

#: Cases of one chunk: locked together, in the order of their ids, for a fraction of a second.
CHUNK: Final = 20
_CALENDAR_FUNCTIONS: Final = ("workday after", "is workday", "workdays between")
_NOW_FUNCTIONS: Final = ("today", "now")
#: The output of an operation that is the due day of the clock which its element starts.
_DUE_OUTPUTS: Final = {"publicity.post": "last_on", "debt.schedule": "due_on"}
_RUNNING: Final = literal_column("clocks.state") == literal_column("'running'")
_DAY: Final = timedelta(days=1)
_COUNTS: Final = ("later", "earlier", "unchanged", "timers", "alerts")


@dataclass(slots=True)
class _Tally:
    """What a recount did to one case."""

    clocks: list[Recounted] = field(default_factory=list)
    timers: list[dict[str, Any]] = field(default_factory=list)
    alerts: list[str] = field(default_factory=list)

    def counts(self) -> dict[str, int]:
        """For the job's result."""
        return {
            "later": sum(found.is_now > found.was for found in self.clocks),
            "earlier": sum(found.is_now < found.was for found in self.clocks),
            "unchanged": sum(not found.moved for found in self.clocks),
            "timers": len(self.timers),
            "alerts": len(self.alerts),
        }


@dataclass(frozen=True, slots=True)
class _Change:
    """The law before and now, and the notice between them."""

    before: WorkingCalendar
    law: Policy
    source: str

    @property
    def now_counted(self) -> WorkingCalendar:
        """The calendar in force; a make-up workday that was withdrawn is still worked."""
        withdrawn = (
            day
            for day in self.before.make_up_workdays
            if self.law.calendar.known_from <= day <= self.law.calendar.known_until
        )
        return self.law.calendar.still_working(withdrawn)


def recount_step(keys: KeyRing) -> Step:
    """The step of a job that recounts the open cases of a district, a chunk of cases each.

    The cases are gone through twice: what an act under way at the moment of publication wrote by
    the former calendar is found by the second round. A case counted again changes nothing.
    """

    def step(session: Session, job: Job, now: datetime) -> Chunk:
        payload = job.payload
        change = _Change(
            policy_of(session, payload["before"]).calendar,
            current_policy(session, job.district_id),
            payload["source"],
        )
        span = date.fromisoformat(payload["first_on"]), date.fromisoformat(payload["last_on"])
        round_, _, after = (job.cursor or "1/").partition("/")
        found: Sequence[str] = session.scalars(_touched(job.district_id, span, after)).all()
        result = dict.fromkeys(_COUNTS, 0) | dict(job.result or {})
        for case_id in found:
            for name, count in recount_case(session, case_id, change, keys, now=now).items():
                result[name] += count
        total = None
        if job.cursor is None:
            everything = _touched(job.district_id, span).subquery()
            total = session.scalar(select(func.count()).select_from(everything)) or 0
        cursor: str | None = f"{round_}/{found[-1]}" if len(found) == CHUNK else "2/"
        if len(found) < CHUNK and round_ == "2":
            cursor = None
        return Chunk(cursor, len(found) if round_ == "1" else 0, total, result)

    return step


def clocks_touched(
    session: Session, law: Policy, district_id: str | None, span: tuple[date, date]
) -> int:
    """How many running clocks of a district, or of all, count days of the span."""
    keys = [
        rule.key
        for rule in law.clocks.values()
        if rule.unit == "workdays" or (rule.unit != "hours" and rule.roll is not False)
    ]
    counted = select(func.count()).where(*_counting(span), Clock.key.in_(keys))
    if district_id is not None:
        counted = counted.where(Clock.district_id == district_id)
    return session.scalar(counted) or 0


def _counting(span: tuple[date, date]) -> tuple[ColumnElement[bool], ...]:
    """Clocks that run through a day of the span."""
    return _RUNNING, Clock.due_on >= span[0], Clock.started_on < span[1]


def _touched(district_id: str, span: tuple[date, date], after: str | None = None) -> Select[str]:
    """The ids of cases with a clock or timer that a day of the span may move, each once, in order.

    With `after`, the next chunk of them; each part then reads no more of its index than it gives.
    """
    timers = select(Timer.case_id).where(
        Timer.district_id == district_id, Timer.due_at >= local_midnight(span[0])
    )
    clocks = select(Clock.case_id).where(Clock.district_id == district_id, *_counting(span))
    parts = [clocks.distinct(), timers.distinct()]
    if after is not None:
        parts = [
            select(part.where(column > after).order_by(column).limit(CHUNK).subquery().c.case_id)
            for part, column in zip(parts, (Clock.case_id, Timer.case_id), strict=True)
        ]
    both = union(*parts).subquery("touched")
    ordered = select(both.c.case_id).order_by(both.c.case_id)
    return ordered if after is None else ordered.limit(CHUNK)


def recount_case(
    session: Session, case_id: str, change: _Change, keys: KeyRing, *, now: datetime
) -> dict[str, int]:
    """Count everything of an open case again that the calendar has a say in, as one act.

    Returns how many clocks became later, earlier or stayed, timers moved and alerts taken back.
    """
    case = lock_case(session, case_id)
    tally = _Tally()
    if case.state is CaseState.CLOSED:
        return tally.counts()
    for clock in running_clocks(session, case_id).values():
        found = recount_clock(
            session, clock, calendar=change.law.calendar, source=change.source, actor=SYSTEM,
            now=now,
        )  # fmt: skip
        if found is not None:
            tally.clocks.append(found)
            tally.alerts.extend(_follow(session, found, now))
    pinned = policy_of(session, case.release_id)
    variables = list(_follow_elements(session, pinned, tally.clocks))
    act = None
    if variables or _has_calendar_timer(session, case, pinned):
        act = begin(session, case, keys, actor=SYSTEM, now=now)
        try:
            tally.timers = _move_timers(act, change, variables)
        except Fault as error:
            raise_incident(session, case.id, error, actor=SYSTEM, now=now)
            act = None
    if tally.clocks or tally.timers:
        data = {
            "source": change.source,
            "calendar": change.law.calendar.version,
            "clocks": [found.to_json() for found in tally.clocks],
            "timers": tally.timers,
            "alerts": tally.alerts,
        }
        if act is not None:
            finish(act, TrailAction.CLOCK_RECOUNTED, data)
        else:
            append_entry(
                session, case_subject(case), TrailAction.CLOCK_RECOUNTED, actor=SYSTEM, now=now,
                data={**data, "case_version": case.version},
            )  # fmt: skip
    return tally.counts()


def _follow(session: Session, found: Recounted, now: datetime) -> list[str]:
    """What shows a clock's due day follows it; the alerts taken back, by id.

    An alert says that a period has run out. When that is no longer so, the system takes it back
    with the reason; the trail keeps that it was raised.
    """
    clock = found.clock
    refresh_deadline(session, clock)
    if not found.late_again:
        return []
    open_ones = session.scalars(
        select(Alert).where(
            Alert.case_id == clock.case_id,
            Alert.clock_id == clock.id,
            Alert.taken_note_at.is_(None),
        )
    ).all()
    for alert in open_ones:
        alert.taken_note_at, alert.note = now, found.text
    return [alert.id for alert in open_ones]


@dataclass(frozen=True, slots=True)
class _Variable:
    """A variable of the case that holds a due day, and the day that it gets."""

    name: str
    was: date
    is_now: date


def _follow_elements(
    session: Session, pinned: Policy, clocks: Sequence[Recounted]
) -> Iterator[_Variable]:
    """Postings and debts whose element started a clock get its due day; the variables that do."""
    for found in clocks:
        if not found.moved:
            continue
        for element in _elements(pinned):
            operation = element.operation
            if (
                operation is None
                or operation.name not in _DUE_OUTPUTS
                or not any(
                    action.action == "start" and action.key == found.clock.key
                    for action in element.clocks
                )
            ):
                continue
            session.execute(_rows_of(operation.name, found))
            for binding in operation.outputs:
                if binding.name == _DUE_OUTPUTS[operation.name] and binding.variable is not None:
                    yield _Variable(binding.variable, found.was, found.is_now)


def _rows_of(operation: str, found: Recounted) -> Update:
    """The statement that gives the row which an operation wrote the clock's new due day."""
    clock = found.clock
    if operation == "debt.schedule":
        return (
            update(PaperDebt)
            .where(PaperDebt.case_id == clock.case_id, PaperDebt.closed_on.is_(None))
            .where(PaperDebt.due_on == found.was)
            .values(due_on=found.is_now)
        )
    return (
        update(Publicity)
        .where(Publicity.case_id == clock.case_id, Publicity.closed_on.is_(None))
        .where(Publicity.posted_on == clock.started_on, Publicity.last_on == found.was)
        .values(last_on=found.is_now)
    )


def _elements(pinned: Policy) -> Iterator[Element]:
    for process in pinned.processes.values():
        yield from process.elements.values()


def _has_calendar_timer(session: Session, case: Case, pinned: Policy) -> bool:
    rows = session.execute(
        select(Timer.process_key, Timer.element_id).where(Timer.case_id == case.id)
    )
    return any(_asks_calendar(pinned.processes[row.process_key].elements[row.element_id])
               for row in rows)  # fmt: skip


def _asks_calendar(element: Element) -> bool:
    expression = element.timer.expression if element.timer is not None else ""
    return any(name in expression for name in _CALENDAR_FUNCTIONS)


def _move_timers(act: Act, change: _Change, variables: Sequence[_Variable]) -> list[dict[str, Any]]:
    """Write the new days to the case's variables, and move the timers that rest on them.

    A timer moves only when its expression gave its stored moment by the former calendar and the
    former days, so that nothing else than the calendar moves it.
    """
    rows = {
        row.engine_task_id: row
        for row in act.session.scalars(select(Timer).where(Timer.case_id == act.case.id))
    }
    waiting = [(wait, rows[wait.id]) for wait in act.before.values()
               if wait.kind is WaitKind.TIMER and wait.id in rows]  # fmt: skip
    former = {wait.id: _moment(act, wait, row, change.before, change) for wait, row in waiting}
    for variable in variables:
        act.run.scopes.replace(variable.name, variable.was, variable.is_now)
    moved = []
    for wait, row in waiting:
        due_at = _moment(act, wait, row, change.now_counted, change)
        if former[wait.id] is None or due_at is None or former[wait.id] != row.due_at:
            continue
        if due_at < row.due_at:
            due_at = max(due_at, min(row.due_at, local_midnight(local_day(act.host.now) + _DAY)))
        if due_at == row.due_at or (
            due_at > row.due_at and not _has_reason(wait, row, due_at, change, variables)
        ):
            continue
        moved.append({"element": row.element_id, "from": row.due_at, "to": due_at})
        act.run.reschedule(wait.id, due_at)
        if row.attempts == 0:
            row.next_try_at = due_at
        row.due_at = due_at
    return moved


def _has_reason(
    wait: Wait, row: Timer, due_at: datetime, change: _Change, variables: Sequence[_Variable]
) -> bool:
    """Whether a holiday, by itself or through a clock, makes a timer later."""
    expression = wait.element.timer.expression if wait.element.timer is not None else ""
    if any(variable.name in expression for variable in variables):
        return True
    reached = row.reached_at or row.due_at
    return any(
        change.before.is_workday(day) and change.law.calendar.status(day) is DayStatus.HOLIDAY
        for day in _days(local_day(reached), local_day(due_at))
    )


def _days(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += _DAY


def _moment(
    act: Act, wait: Wait, row: Timer, calendar: WorkingCalendar, change: _Change
) -> datetime | None:
    """When a timer is due by a calendar, as of the moment when it was reached.

    None for one that counts from a moment which its row doesn't know.
    """
    expression = wait.element.timer.expression if wait.element.timer is not None else ""
    if row.reached_at is None and any(f"{name}(" in expression for name in _NOW_FUNCTIONS):
        return None
    names: Mapping[str, Any] = act.run.scopes.view(wait.scope)
    host = CaseHost(
        act.session,
        act.case,
        act.host.pinned,
        lambda: replace(change.law, calendar=calendar),
        act.host.keys,
        actor=SYSTEM,
        now=row.reached_at or act.host.now,
    )
    return host.moment(wait.element, names)

"""The clocks of a case as rows: started, stopped, extended, with every act recorded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from models.cases import Case
from models.clocks import Clock, ClockEvent, ClockState
from models.types import new_id
from workflows.calendar import WorkingCalendar, local_day
from workflows.clocks.derivation import Derivation, Unit
from workflows.clocks.recorded import day_or_moment, derive_recorded, recorded
from workflows.errors import Actor, Invalid

_RUNNING = select(Clock).where(
    Clock.case_id == bindparam("of_case"), Clock.state != ClockState.STOPPED
)


class ClockRule(Protocol):
    """A clock as the policy defines it (bpmn/clocks.yaml)."""

    @property
    def key(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def unit(self) -> str: ...
    @property
    def clauses(self) -> Sequence[str]: ...
    @property
    def severity(self) -> str: ...


@dataclass(frozen=True, slots=True)
class ClockTerms:
    """A rule with its parameters looked up: length in units, rolling, days of warning."""

    rule: ClockRule
    length: int
    roll: bool
    warn_days: int
    #: readable titles of the clauses
    clauses: tuple[str, ...]
    #: key, value, day and source of each parameter used, for the trail
    parameters: tuple[Mapping[str, Any], ...] = ()


def running_clocks(session: Session, case_id: str) -> dict[str, Clock]:
    """The clocks of a case that have not been stopped, by key."""
    found = session.scalars(_RUNNING, {"of_case": case_id})
    return {clock.key: clock for clock in found}


def start_clock(
    session: Session,
    case: Case,
    terms: ClockTerms,
    on: date,
    *,
    calendar: WorkingCalendar,
    actor: Actor,
    now: datetime,
) -> Clock:
    """Start a clock; its first counted day is the one after `on` (民法典 201).

    Hours are counted from `now`.
    """
    inputs: dict[str, Any] = {
        "length": terms.length,
        "unit": terms.rule.unit,
        "roll": terms.roll,
        "warn_days": terms.warn_days,
        "clauses": list(terms.clauses),
        "clause_ids": list(terms.rule.clauses),
        "from": on.isoformat(),
        "from_at": now.isoformat(),
        "extensions": [],
        "pauses": [],
        "parameters": [dict(parameter) for parameter in terms.parameters],
    }
    derivation = derive_recorded(inputs, calendar)
    due_at, due_on = _known(derivation)
    clock = Clock(
        id=new_id(),
        district_id=case.district_id,
        case_id=case.id,
        key=terms.rule.key,
        name=terms.rule.name,
        severity=terms.rule.severity,
        state=ClockState.RUNNING,
        started_at=now,
        started_on=on,
        due_on=due_on,
        due_at=due_at,
        warn_at=due_at - timedelta(days=terms.warn_days),
        derivation=recorded(inputs, derivation),
    )
    session.add(clock)
    record_act(session, clock, "start", {"from": on.isoformat()}, actor=actor, now=now)
    return clock


def stop_clock(session: Session, clock: Clock, *, actor: Actor, now: datetime) -> None:
    """What the clock waited for has happened."""
    late = _is_late(clock, now)
    clock.state = ClockState.STOPPED
    clock.stopped_at = now
    record_act(session, clock, "stop", {"late": late}, actor=actor, now=now)


def _is_late(clock: Clock, now: datetime) -> bool:
    """Whether the period has ended; that of a suspended clock, before it was suspended."""
    if clock.state is not ClockState.PAUSED:
        return now >= clock.due_at
    since = day_or_moment(clock.derivation["inputs"]["pauses"][-1]["started"])
    return since >= clock.due_at if isinstance(since, datetime) else since > clock.due_on


def extend_clock(
    session: Session,
    clock: Clock,
    *,
    label: str,
    label_en: str,
    calendar: WorkingCalendar,
    actor: Actor,
    now: datetime,
    to_length: int | None = None,
    by: int | None = None,
    action: str = "extend",
) -> None:
    """Lengthen a running clock by a recorded act; it never becomes shorter.

    Raises:
        Invalid: `clock.not_longer`, `clock.stopped` for a clock that has ended, or `clock.paused`
            for one that is suspended and has no due day to move.
    """
    if clock.state is ClockState.STOPPED:
        raise Invalid(
            "clock.stopped",
            f"“{clock.name}”时限已经结束，不能再延长。",
            f"The period “{clock.name}” has ended and can't be extended.",
        )
    inputs = dict(clock.derivation["inputs"])
    inputs["extensions"] = [
        *inputs["extensions"],
        {"label": label, "label_en": label_en, "to_length": to_length, "by": by},
    ]
    _set_due(clock, inputs, calendar)
    detail = {"to_length": to_length, "by": by, "label": label, "due_on": clock.due_on.isoformat()}
    record_act(session, clock, action, detail, actor=actor, now=now)


def pause_clock(session: Session, clock: Clock, *, label: str, actor: Actor, now: datetime) -> None:
    """Suspend a running clock by a recorded act; its due day is open until it resumes."""
    if clock.state is not ClockState.RUNNING:
        return
    inputs = dict(clock.derivation["inputs"])
    started = _pause_mark(inputs, now)
    inputs["pauses"] = [*inputs["pauses"], {"label": label, "started": started, "ended": None}]
    clock.state = ClockState.PAUSED
    clock.derivation = {**clock.derivation, "inputs": inputs}
    record_act(session, clock, "pause", {"label": label}, actor=actor, now=now)


def resume_clock(
    session: Session,
    clock: Clock,
    *,
    calendar: WorkingCalendar,
    actor: Actor,
    now: datetime,
) -> None:
    """Let a suspended clock run again; the days, or hours, in between are not counted."""
    if clock.state is not ClockState.PAUSED:
        return
    inputs = dict(clock.derivation["inputs"])
    last = {**inputs["pauses"][-1], "ended": _pause_mark(inputs, now)}
    inputs["pauses"] = [*inputs["pauses"][:-1], last]
    clock.state = ClockState.RUNNING
    _set_due(clock, inputs, calendar)
    record_act(session, clock, "resume", {"due_on": clock.due_on.isoformat()}, actor=actor, now=now)


def _pause_mark(inputs: Mapping[str, Any], now: datetime) -> str:
    """When a suspension begins or ends: a moment where hours are counted, else a day."""
    return now.isoformat() if Unit(inputs["unit"]) is Unit.HOURS else local_day(now).isoformat()


def _set_due(clock: Clock, inputs: Mapping[str, Any], calendar: WorkingCalendar) -> None:
    derivation = derive_recorded(inputs, calendar)
    due_at, clock.due_on = _known(derivation)
    clock.due_at = due_at
    clock.warn_at = due_at - timedelta(days=inputs["warn_days"])
    clock.alarmed_at = None
    clock.derivation = recorded(inputs, derivation)


def _known(derivation: Derivation) -> tuple[datetime, date]:
    if derivation.due_at is None or derivation.due_on is None:
        raise Invalid(
            "clock.paused", "时限已中止，没有到期日。", "The paused period has no due day."
        )
    return derivation.due_at, derivation.due_on


def record_act(
    session: Session,
    clock: Clock,
    action: str,
    detail: Mapping[str, Any],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Keep an act on a clock with its day; `detail` is what the act carries."""
    session.add(
        ClockEvent(
            id=new_id(),
            clock_id=clock.id,
            action=action,
            at=now,
            by_id=actor.account_id,
            detail={**detail, "day": local_day(now).isoformat()},
        )
    )

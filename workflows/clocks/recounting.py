"""Running clocks counted again after the working calendar changed, each move with its reason.

A due day becomes later only where a day that the clock had counted became a holiday; a make-up
workday that was withdrawn stays counted. It becomes earlier where a day off became a working day,
but never earlier than the day after the recount: nobody may be late because of a notice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any, Final

from sqlalchemy.orm import Session

from models.clocks import Clock, ClockState
from workflows.calendar import DayStatus, WorkingCalendar, local_day
from workflows.clocks.derivation import Derivation, Unit
from workflows.clocks.recorded import derive_recorded, kept_workdays, recorded
from workflows.clocks.running import record_act
from workflows.errors import Actor

_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Recounted:
    """What a recount did to one clock; `was` and `is_now` are equal when only the reasons changed.

    `late_again`: the clock had run out, and its new due day lies ahead.
    """

    clock: Clock
    was: date
    is_now: date
    text: str
    text_en: str
    late_again: bool

    @property
    def moved(self) -> bool:
        """Whether the due day is another one."""
        return self.was != self.is_now

    def to_json(self) -> dict[str, Any]:
        """For the trail."""
        return {
            "clock": self.clock.key,
            "from": self.was.isoformat(),
            "to": self.is_now.isoformat(),
            "reason": self.text,
            "reason_en": self.text_en,
        }


def is_counted_by_calendar(clock: Clock) -> bool:
    """Whether the working calendar has a say in a clock that runs."""
    inputs = clock.derivation["inputs"]
    unit = Unit(inputs["unit"])
    return clock.state is ClockState.RUNNING and (
        unit is Unit.WORKDAYS or (unit is not Unit.HOURS and bool(inputs["roll"]))
    )


def recount_clock(
    session: Session,
    clock: Clock,
    *,
    calendar: WorkingCalendar,
    source: str,
    actor: Actor,
    now: datetime,
) -> Recounted | None:
    """Derive a running clock again from what it has recorded; None when nothing changed.

    `source` names the notice that changed the calendar.
    """
    if not is_counted_by_calendar(clock):
        return None
    inputs, was, today = dict(clock.derivation["inputs"]), clock.due_on, local_day(now)
    counted = calendar.still_working(kept_workdays(inputs))
    relied_on = _relied_on(clock)
    kept = [day for day in relied_on if counted.status(day) is DayStatus.WEEKEND]
    entry: dict[str, Any] = {
        "kept_workdays": [day.isoformat() for day in kept],
        "not_before": None,
    }
    natural = _derived({**inputs, "recounts": [*inputs.get("recounts", ()), entry]}, calendar)
    assert natural.due_on is not None  # a running clock isn't suspended
    is_now = natural.due_on
    earliest = min(was, today + _DAY)
    if is_now < earliest:
        is_now = earliest
        entry["not_before"] = earliest.isoformat()
    if not _differs(clock, inputs, calendar) and is_now == was and not kept:
        return None
    new_holidays = [day for day in relied_on if counted.status(day) is DayStatus.HOLIDAY]
    if is_now > was and not new_holidays:
        return None  # nothing but a holiday moves a due day later
    worked = sorted(set(_counted(natural.to_json(), inputs)) - set(relied_on))
    text, text_en = _Reason(was, is_now, natural.due_on, kept, new_holidays, worked).told(
        calendar, source
    )
    entry |= {"on": today.isoformat(), "from": was.isoformat(), "to": is_now.isoformat()}
    entry |= {"zh": text, "en": text_en}
    inputs["recounts"] = [*inputs.get("recounts", ()), entry]
    final = _derived(inputs, calendar)
    assert final.due_at is not None and final.due_on is not None
    clock.due_at, clock.due_on = final.due_at, final.due_on
    clock.warn_at = final.due_at - timedelta(days=inputs["warn_days"])
    clock.derivation = recorded(inputs, final)
    late_again = clock.alarmed_at is not None and final.due_at > now
    if late_again:
        clock.alarmed_at = None
    found = Recounted(clock, was, final.due_on, text, text_en, late_again)
    detail = {**found.to_json(), "calendar": calendar.version, "source": source}
    record_act(session, clock, "recount", detail, actor=actor, now=now)
    return found


def _derived(inputs: Mapping[str, Any], calendar: WorkingCalendar) -> Derivation:
    """As recorded, with entries that have no words yet."""
    recounts = [{"zh": "", "en": "", **entry} for entry in inputs["recounts"]]
    return derive_recorded({**inputs, "recounts": recounts}, calendar)


def _differs(clock: Clock, inputs: Mapping[str, Any], calendar: WorkingCalendar) -> bool:
    """Whether the calendar in force gives another derivation than the row has."""
    found = derive_recorded(inputs, calendar).to_json()
    return any(
        found[name] != clock.derivation.get(name)
        for name in ("due_on", "due_at", "lines", "provisional")
    )


def _relied_on(clock: Clock) -> list[date]:
    """The days whose being worked the due day rests on, as the clock's own lines say."""
    return _counted(clock.derivation, clock.derivation["inputs"])


def _counted(document: Mapping[str, Any], inputs: Mapping[str, Any]) -> list[date]:
    """Of a period in working days the days counted; of one that rolls, the day it rolled to."""
    days = [line for line in document["lines"] if line["first_on"]]
    if Unit(inputs["unit"]) is not Unit.WORKDAYS:
        return [date.fromisoformat(days[-1]["first_on"])]
    return [
        day
        for line in days
        if line["counted"]
        for day in _span(date.fromisoformat(line["first_on"]), date.fromisoformat(line["last_on"]))
    ]


@dataclass(frozen=True, slots=True)
class _Reason:
    """What a recount found: `natural` is the due day that the calendar alone would give."""

    was: date
    is_now: date
    natural: date
    kept: Sequence[date]
    new_holidays: Sequence[date]
    worked: Sequence[date]

    def told(self, calendar: WorkingCalendar, source: str) -> tuple[str, str]:
        """Why a due day moved or stayed, in both languages."""
        was, is_now = self.was, self.is_now
        zh = f"因放假安排调整（{source}），"
        en = f"Because the holiday arrangement changed ({source}), "
        if is_now > was:
            off, off_en = _named(self.new_holidays, calendar)
            zh += f"{off}放假，到期日由{was}改为{is_now}"
            en += f"{off_en} being off, the due day moves from {was} to {is_now}"
        elif is_now < was:
            earlier = [day for day in self.worked if day < was]
            zh += f"{_days(earlier)}改为上班，到期日由{was}改为{is_now}"
            en += f"{_days(earlier, ', ')} being worked, the due day moves from {was} to {is_now}"
        else:
            zh += f"时限重新计算，到期日不变，仍为{was}"
            en += f"the period was counted again; the due day stays {was}"
        if self.natural < is_now:
            zh += f"；按新安排应为{self.natural}，但不早于重新计算的次日，所以定为{is_now}"
            en += f"; it would be {self.natural}, but is not earlier than the day after the recount"
        if self.kept:
            zh += f"；{_days(self.kept)}的调休上班已取消，但不是放假，仍计入，到期日不因此推迟"
            en += (
                f"; {_days(self.kept, ', ')} is no longer a make-up workday but no holiday:"
                " still counted, so that the due day is not later for it"
            )
        return zh, en


def _named(days: Sequence[date], calendar: WorkingCalendar) -> tuple[str, str]:
    """Days with the name of their holiday, in both languages."""
    groups = [
        (names, list(group)) for names, group in groupby(days, key=lambda day: calendar.name(day))
    ]
    return (
        "、".join(f"{_days(group)}{names[0]}" for names, group in groups),
        ", ".join(f"{_days(group, ', ')} ({names[1]})" for names, group in groups),
    )


def _days(days: Sequence[date], separator: str = "、") -> str:
    return separator.join(str(day) for day in days)


def _span(first: date, last: date) -> list[date]:
    return [first + _DAY * number for number in range((last - first).days + 1)]

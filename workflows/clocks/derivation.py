"""Where a legal deadline comes from, day by day: pure arithmetic that a person can read.

The starting day is not counted (民法典 201); a period in days ends at 24:00 of its last day, so the
due moment is the following local midnight and an act at exactly that moment is late (203); a period
in hours runs from the stated moment and ends at the moment itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from workflows.calendar import (
    DayStatus,
    WorkingCalendar,
    end_of_day,
    last_day_of_period,
    local_day,
    to_utc,
)
from workflows.clocks.lines import (
    UNIT_NAMES,
    Line,
    Mark,
    MarkedDay,
    cited,
    compress,
    length_line,
    moment_text,
    provisional_line,
)
from workflows.errors import Invalid

_DAY: Final = timedelta(days=1)
#: No period of the policy is longer; beyond it a length is a slip.
_MAX_LENGTH: Final = 36_600


class Unit(StrEnum):
    """What a period is counted in."""

    WORKDAYS = "workdays"
    DAYS = "days"
    MONTHS = "months"
    HOURS = "hours"


@dataclass(frozen=True, slots=True)
class Excluded:
    """Days that a clause leaves out of the count, both ends included: 公示期, 评议."""

    label: str
    label_en: str
    first_on: date
    last_on: date
    clauses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pause:
    """A recorded suspension; `ended` is None while it lasts.

    For periods in days the day of `started` still counts and the day of `ended` doesn't; for
    periods in hours both are moments.
    """

    label: str
    label_en: str
    started: date | datetime
    ended: date | datetime | None
    clauses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Extension:
    """A recorded extension: to a new total length, or by a number of units; exactly one of them."""

    label: str
    label_en: str
    to_length: int | None = None
    by: int | None = None
    clauses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Derivation:
    """A deadline and how it came about; `due_at` and `due_on` are None while it is suspended.

    `due_on` is the last local day; `due_at` the first moment that is too late, in UTC. It is
    `provisional` when it rests on days whose arrangement hasn't been published.
    """

    due_at: datetime | None
    due_on: date | None
    length: int
    unit: Unit
    calendar_version: str
    lines: tuple[Line, ...] = field(repr=False)
    provisional: bool = False

    @property
    def paused(self) -> bool:
        """Whether an open suspension keeps the deadline unknown."""
        return self.due_at is None

    def to_json(self) -> dict[str, object]:
        """The derivation as JSON data: days as ISO text, the moment in UTC, numbers as text."""
        return {
            "due_at": self.due_at.isoformat() if self.due_at else None,
            "due_on": self.due_on.isoformat() if self.due_on else None,
            "length": str(self.length),
            "unit": self.unit.value,
            "calendar_version": self.calendar_version,
            "provisional": self.provisional,
            "lines": [line.to_json() for line in self.lines],
        }


def derive(
    start: date | datetime,
    length: int,
    unit: Unit,
    *,
    calendar: WorkingCalendar,
    roll: bool = False,
    excluded: Sequence[Excluded] = (),
    extensions: Sequence[Extension] = (),
    pauses: Sequence[Pause] = (),
    start_label: tuple[str, str] = ("起算", "start"),
    clauses: Sequence[str] = (),
) -> Derivation:
    """The deadline of `length` units after `start`, with every day accounted for.

    `start` is a day, or an aware moment (its local day; for hours the moment itself). `roll` moves
    a last day that isn't worked to the next working day (民法典 203(1)); excluded days don't stop
    it. Extensions apply in the order in which they were recorded. `clauses` are readable titles.

    Raises: Invalid with `calendar.bad_length`, `calendar.naive_moment`, `calendar.unknown_day`,
        `clock.moment_needed` (hours from a day), `clock.not_for_hours` (roll or excluded days),
        `clock.not_longer` (an extension that doesn't lengthen), `clock.bad_pause` or
        `clock.bad_excluded` (an end before its beginning).
    """
    unit = Unit(unit)
    final_length, heading = _extended(length, unit, extensions, clauses)
    if not 1 <= length <= final_length <= _MAX_LENGTH:
        raise Invalid("calendar.bad_length", "期限的长度不合理。", "The length is out of bounds.")
    _check_ranges(excluded, pauses)
    if unit is Unit.HOURS:
        return _derive_hours(
            start, final_length, calendar, roll or bool(excluded), pauses, start_label, heading
        )
    first = local_day(start) if isinstance(start, datetime) else start
    days, last = _count(first, final_length, unit, calendar, excluded, pauses)
    if last is not None and roll:
        rolled = calendar.next_workday_from(last)
        days += [_rest_day(day, calendar, Mark.ROLLED) for day in _span(last + _DAY, rolled - _DAY)]
        if rolled != last:
            days.append(MarkedDay(rolled, Mark.ROLLED_TO, "", ""))
        last = rolled
    lines = [*heading, *compress(first, start_label, days, last, workdays=unit is Unit.WORKDAYS)]
    asked = days if unit is Unit.WORKDAYS else days[-1:] if roll else []
    unpublished = [day.day for day in asked if calendar.is_provisional(day.day)]
    if unpublished:
        lines.append(provisional_line(calendar.published_until))
    due_at = None if last is None else end_of_day(last)
    return Derivation(
        due_at, last, final_length, unit, calendar.version, tuple(lines), bool(unpublished)
    )


def _extended(
    length: int, unit: Unit, extensions: Sequence[Extension], clauses: Sequence[str]
) -> tuple[int, list[Line]]:
    """The length after all extensions, and the lines that say so."""
    names = UNIT_NAMES[unit.value]
    lines = [length_line(f"期限{length}{names[0]}", f"Period of {length} {names[1]}", clauses)]
    for extension in extensions:
        by, to = extension.by, extension.to_length
        if (by is None) == (to is None):
            raise Invalid(
                "clock.not_longer",
                "延长须写明延长多少，或者延长至多少，二者取一。",
                "An extension states either by how much or to what length.",
            )
        longer = length + by if by is not None else (to or 0)
        if longer <= length:
            raise Invalid(
                "clock.not_longer",
                f"延长后的期限（{longer}{names[0]}）必须长于原期限（{length}{names[0]}）。",
                f"An extension to {longer} {names[1]} does not lengthen {length} {names[1]}.",
            )
        lines.append(
            length_line(
                f"{extension.label}：由{length}{names[0]}延长至{longer}{names[0]}",
                f"{extension.label_en}: from {length} to {longer} {names[1]}",
                extension.clauses,
            )
        )
        length = longer
    return length, lines


def _count(
    first: date,
    length: int,
    unit: Unit,
    calendar: WorkingCalendar,
    excluded: Sequence[Excluded],
    pauses: Sequence[Pause],
) -> tuple[list[MarkedDay], date | None]:
    """Every day after `first` up to the last one, which is None when an open pause stops it."""
    needed = length
    if unit is Unit.MONTHS:
        needed = (last_day_of_period(first, months=length) - first).days
    days: list[MarkedDay] = []
    day = first
    while needed > 0:
        day += _DAY
        marked, open_pause = _mark(day, unit, calendar, excluded, pauses)
        days.append(marked)
        if open_pause:
            return days, None
        needed -= marked.mark in (Mark.COUNTED, Mark.MAKE_UP)
    return days, day


def _mark(
    day: date,
    unit: Unit,
    calendar: WorkingCalendar,
    excluded: Sequence[Excluded],
    pauses: Sequence[Pause],
) -> tuple[MarkedDay, bool]:
    """What becomes of one day, and whether an open pause begins there."""
    for pause in pauses:
        if _as_day(pause.started) < day and (pause.ended is None or day <= _as_day(pause.ended)):
            zh, en = cited(pause.label, pause.label_en, pause.clauses)
            return MarkedDay(day, Mark.PAUSED, zh, en), pause.ended is None
    if unit is Unit.WORKDAYS and not calendar.is_workday(day):
        return _rest_day(day, calendar, Mark.REST), False
    for days in excluded:
        if days.first_on <= day <= days.last_on:
            zh, en = cited(days.label, days.label_en, days.clauses)
            return MarkedDay(day, Mark.EXCLUDED, zh, en), False
    if unit is Unit.WORKDAYS and calendar.status(day) is DayStatus.MAKE_UP_WORKDAY:
        return MarkedDay(day, Mark.MAKE_UP, *calendar.name(day)), False
    return MarkedDay(day, Mark.COUNTED, "", ""), False


def _rest_day(day: date, calendar: WorkingCalendar, mark: Mark) -> MarkedDay:
    return MarkedDay(day, mark, *calendar.name(day))


def _derive_hours(
    start: date | datetime,
    length: int,
    calendar: WorkingCalendar,
    refused: bool,
    pauses: Sequence[Pause],
    start_label: tuple[str, str],
    heading: list[Line],
) -> Derivation:
    """A period in hours from a moment (民法典 201(2)); suspensions push it by their duration."""
    if not isinstance(start, datetime):
        raise Invalid(
            "clock.moment_needed",
            "按小时计算的期限须有起算时刻，不能只有日期。",
            "A period in hours starts at a moment, not on a day.",
        )
    start = to_utc(start)
    if refused:
        raise Invalid(
            "clock.not_for_hours",
            "按小时计算的期限不顺延，也不扣除日期。",
            "A period in hours is neither rolled to a working day nor reduced by excluded days.",
        )
    zh, en = moment_text(start)
    line = length_line(
        f"{zh}{start_label[0]}，即时起算", f"{en}, {start_label[1]}: runs at once", ()
    )
    lines = [*heading, line]
    due_at = start + timedelta(hours=length)
    for pause in sorted(pauses, key=lambda pause: _as_moment(pause.started)):
        started = _as_moment(pause.started)
        if started >= due_at:
            break
        label, label_en = cited(pause.label, pause.label_en, pause.clauses)
        if pause.ended is None:
            zh, en = moment_text(started)
            lines.append(
                length_line(f"{zh}起{label}，时限中止", f"From {en} {label_en}, paused", ())
            )
            return Derivation(None, None, length, Unit.HOURS, calendar.version, tuple(lines))
        lost = max(_as_moment(pause.ended) - max(started, start), timedelta())
        due_at += lost
        hours, minutes = divmod(lost // timedelta(minutes=1), 60)
        lines.append(
            length_line(
                f"{label}，顺延{hours}小时{minutes}分",
                f"{label_en}: {hours} h {minutes} min not counted",
                (),
            )
        )
    zh, en = moment_text(due_at)
    lines.append(length_line(f"{zh}到期", f"Due at {en}", ()))
    due_on = local_day(due_at)
    return Derivation(due_at, due_on, length, Unit.HOURS, calendar.version, tuple(lines))


def _check_ranges(excluded: Sequence[Excluded], pauses: Sequence[Pause]) -> None:
    if any(days.last_on < days.first_on for days in excluded):
        raise Invalid(
            "clock.bad_excluded",
            "不计入期限的日期，结束日不能早于开始日。",
            "The last excluded day must not be earlier than the first.",
        )
    for pause in pauses:
        if pause.ended is not None and _as_day(pause.ended) < _as_day(pause.started):
            raise Invalid(
                "clock.bad_pause",
                "中止的结束不能早于开始。",
                "A suspension must not end before it begins.",
            )


def _as_day(value: date | datetime) -> date:
    return local_day(value) if isinstance(value, datetime) else value


def _as_moment(value: date | datetime) -> datetime:
    return value if isinstance(value, datetime) else end_of_day(value)


def _span(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += _DAY

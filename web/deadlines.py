"""How pages write a deadline: its day, what is left of it, and the badge that says so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from models.clocks import Clock
from web.formats import day, moment
from web.i18n import message
from workflows.calendar import WorkingCalendar, local_day, local_midnight
from workflows.errors import Invalid

#: A task without a clock has its deadline here or later.
_NEVER = date(9000, 1, 1)
_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Deadline:
    """A deadline: `css` is the badge's class, `row` the class of its row, `on` its last day."""

    css: str
    row: str
    text: str
    on: date | None


def deadline(
    due_at: datetime, warn_at: datetime, calendar: WorkingCalendar | None, *, now: datetime
) -> Deadline:
    """The badge of a running deadline, in working days where the calendar knows them."""
    on = local_day(due_at - _MOMENT)
    if on >= _NEVER:
        return Deadline("deadline-none", "", message("不限时"), None)
    if not ends_with_day(due_at):
        return _hours(due_at, warn_at, on, now)
    today = local_day(now)
    if due_at <= now:
        late = _days(today, on, calendar)
        text = (
            message("已超期%(num)s个工作日", num=late)
            if calendar is not None and late
            else message("已超期%(num)s天", num=(today - on).days)
        )
        return Deadline("deadline-late", "is-late", text, on)
    left = _days(on, today, calendar)
    if on == today:
        text = message("今天到期")
    elif calendar is None:
        text = message("剩%(num)s天", num=(on - today).days)
    else:
        text = message("剩%(num)s个工作日", num=left)
    if warn_at <= now:
        return Deadline("deadline-soon", "is-soon", text, on)
    return Deadline("deadline-ok", "", text, on)


def ends_with_day(due_at: datetime) -> bool:
    """Whether a period ends at midnight; one of hours ends at its own moment."""
    return due_at == local_midnight(local_day(due_at))


def _hours(due_at: datetime, warn_at: datetime, on: date, now: datetime) -> Deadline:
    hours = int(abs(due_at - now) / timedelta(hours=1))
    if due_at <= now:
        return Deadline("deadline-late", "is-late", message("已超期%(num)s小时", num=hours), on)
    text = message("剩%(num)s小时", num=hours) if hours else message("不到1小时")
    if warn_at <= now:
        return Deadline("deadline-soon", "is-soon", text, on)
    return Deadline("deadline-ok", "", text, on)


def until(clock: Clock) -> str:
    """Until when a clock runs, as a person writes it: its last day, or its very moment."""
    if ends_with_day(clock.due_at):
        return message("%(day)s24时前", day=day(clock.due_on))
    return message("%(moment)s前", moment=moment(clock.due_at))


def _days(later: date, earlier: date, calendar: WorkingCalendar | None) -> int:
    if calendar is None:
        return (later - earlier).days
    try:
        return calendar.workdays_between(earlier, later)
    except Invalid:
        return (later - earlier).days

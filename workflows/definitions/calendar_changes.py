"""What a new release changes in the working calendar: never silently less, and counted again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from models.releases import Release
from workflows.calendar import DayStatus, WorkingCalendar
from workflows.errors import Actor, Conflict
from workflows.jobs import queue_job

#: The kind of job that counts open clocks again.
RECOUNT: Final = "calendar.recount"
_DAY: Final = timedelta(days=1)
#: How many days a refusal names.
_NAMED: Final = 5


@dataclass(frozen=True, slots=True)
class ChangedDay:
    """A day whose arrangement differs; `published` when it was provisional and no longer is."""

    day: date
    was: DayStatus
    is_now: DayStatus
    published: bool

    @property
    def turned(self) -> bool:
        """Whether it is worked now and wasn't, or the other way round."""
        return _worked(self.was) != _worked(self.is_now)


def changed_days(before: WorkingCalendar, after: WorkingCalendar) -> tuple[ChangedDay, ...]:
    """The days that both calendars know and that differ, in order."""
    return tuple(
        ChangedDay(day, before.status(day), after.status(day), published)
        for day in _days(
            max(before.known_from, after.known_from), min(before.known_until, after.known_until)
        )
        if (published := before.is_provisional(day) != after.is_provisional(day))
        or _worked(before.status(day)) != _worked(after.status(day))
    )


def refuse_lost_days(before: WorkingCalendar, after: WorkingCalendar) -> None:
    """Refuse a calendar that knows less than the one in force, or contradicts it.

    Raises:
        Conflict: ``release.calendar_behind``.
    """
    lost = [
        day
        for day in _days(before.known_from, before.published_until)
        if not after.known_from <= day <= after.published_until
        or _worked(before.status(day)) != _worked(after.status(day))
    ]
    if not lost:
        return
    missing = sorted(
        {day.year for day in lost if not after.known_from <= day <= after.published_until}
    )
    other = [day for day in lost if day.year not in missing]
    parts, parts_en = [], []
    if missing:
        parts.append(f"缺少{'、'.join(f'{year}年' for year in missing)}")
        parts_en.append(f"{', '.join(map(str, missing))} missing")
    if other:
        shown = "、".join(map(str, other[:_NAMED]))
        parts.append(f"{shown}{'等' if len(other) > _NAMED else ''}与现行日历不同")
        parts_en.append(f"{len(other)} day(s) differ, such as {other[0]}")
    raise Conflict(
        "release.calendar_behind",
        f"政策文件中的工作日历不如现行版本（{'；'.join(parts)}），发布会丢失已录入的放假安排。"
        "请用 doudi policy export 目录 --file calendar.yaml 取出现行日历，放进政策文件再发布；"
        "要更正放假安排，请在“工作日历”页面办理，或者用 doudi calendar publish。",
        "The calendar of these files knows less than the one in force"
        f" ({'; '.join(parts_en)}): publishing would lose what was entered. Fetch the calendar in"
        " force with `doudi policy export FOLDER --file calendar.yaml` and publish with it; correct"
        " a year on the calendar page or with `doudi calendar publish`.",
        details={"missing": missing, "days": [day.isoformat() for day in other[:_NAMED]]},
    )


def queue_recount(
    session: Session,
    district_id: str,
    releases: tuple[Release, Release],
    changes: Iterable[ChangedDay],
    *,
    source: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Queue a recount of a district's open clocks; `releases` are the former and the new one."""
    days = [change.day for change in changes]
    if not days:
        return
    former, release = releases
    queue_job(
        session,
        district_id=district_id,
        kind=RECOUNT,
        key=f"recount/{release.id}/{district_id}",
        payload={
            "release": release.id,
            "before": former.id,
            "first_on": min(days).isoformat(),
            "last_on": max(days).isoformat(),
            "source": source,
        },
        by_id=actor.account_id,
        now=now,
    )


def _worked(status: DayStatus) -> bool:
    return status in (DayStatus.WORKDAY, DayStatus.MAKE_UP_WORKDAY)


def _days(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += _DAY

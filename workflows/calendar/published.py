"""Rows of the published holiday table: their form, and the first table to start from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final

import chinese_calendar

from workflows.calendar.workdays import WorkingCalendar
from workflows.errors import Invalid


class DayKind(StrEnum):
    """How a listed day differs from what its weekday says."""

    HOLIDAY = "holiday"
    MAKE_UP_WORKDAY = "make_up_workday"


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """One listed day; a make-up workday carries the name of the holiday that it makes up for."""

    day: date
    kind: DayKind
    name: str
    name_en: str


#: The full Chinese names of the days that the package abbreviates.
_FULL_NAMES: Final = {"清明": "清明节", "端午": "端午节", "中秋": "中秋节"}


def calendar_from_rows(
    rows: Iterable[CalendarDay], *, known_from: date, known_until: date, version: str
) -> WorkingCalendar:
    """The calendar of a published table covering `known_from` to `known_until`, both included.

    Raises: Invalid(`calendar.contradiction`) for a day listed as both kinds, and
        Invalid(`calendar.day_outside`) for a listed day outside the covered range.
    """
    listed = list(rows)
    for row in listed:
        if not known_from <= row.day <= known_until:
            raise Invalid(
                "calendar.day_outside",
                f"{row.day}不在日历的公布范围{known_from}至{known_until}之内。",
                f"{row.day} lies outside the calendar's range {known_from} to {known_until}.",
                details={"day": row.day.isoformat()},
            )
    return WorkingCalendar(
        holidays=frozenset(row.day for row in listed if row.kind is DayKind.HOLIDAY),
        make_up_workdays=frozenset(
            row.day for row in listed if row.kind is DayKind.MAKE_UP_WORKDAY
        ),
        known_from=known_from,
        known_until=known_until,
        version=version,
        names=MappingProxyType({row.day: _name(row) for row in listed}),
    )


def published_days(first_year: int, last_year: int) -> tuple[CalendarDay, ...]:
    """The State Council's yearly notices as rows, from the package `chinesecalendar`, by day.

    Days off are listed on weekdays and weekends alike, so that a derivation can name them.

    Raises: Invalid(`calendar.year_not_published`) for a year that the package doesn't hold.
    """
    known = {day.year for day in chinese_calendar.holidays}
    for year in range(first_year, last_year + 1):
        if year not in known:
            raise Invalid(
                "calendar.year_not_published",
                f"没有{year}年的放假安排，请按国务院办公厅通知补录。",
                f"No holiday arrangement for {year} is known; enter the State Council's notice.",
                details={"year": year},
            )
    listed = [
        CalendarDay(day, kind, *_names(holiday))
        for kind, days in (
            (DayKind.HOLIDAY, chinese_calendar.holidays),
            (DayKind.MAKE_UP_WORKDAY, chinese_calendar.workdays),
        )
        for day, holiday in days.items()
        if first_year <= day.year <= last_year
    ]
    return tuple(sorted(listed, key=lambda row: row.day))


def _names(english: str) -> tuple[str, str]:
    chinese = chinese_calendar.Holiday(english).chinese
    return _FULL_NAMES.get(chinese, chinese), english


def _name(row: CalendarDay) -> tuple[str, str]:
    if row.kind is DayKind.MAKE_UP_WORKDAY:
        return f"调休上班（{row.name}）", f"make-up workday ({row.name_en})"
    return row.name, row.name_en

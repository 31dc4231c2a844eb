"""A second method for due dates: sets and sorted lists over the package's own answers.

It shares nothing with the calendar and the clocks of the product: `python -m
tests.clocks.second_method` writes the table that the product's derivations are compared with.
"""

from __future__ import annotations

import csv
import io
from bisect import bisect_right
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, timezone
from pathlib import Path

import chinese_calendar

TABLE = Path(__file__).with_name("due_dates.csv")
FIELDS = ("start", "unit", "length", "roll", "due_on", "due_at")
CHINA = timezone(timedelta(hours=8))
FIRST, LAST = date(2020, 12, 1), date(2026, 12, 31)
ALL_DAYS = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
WORKED = [day for day in ALL_DAYS if chinese_calendar.is_workday(day)]

#: Days before, inside and after the long holidays, and weekends that are worked.
STARTS = {
    2021: "01-29 02-05 02-07 02-10 02-13 02-20 04-02 04-25 04-30 06-11 09-17 09-18 09-26 09-30",
    2022: "01-14 01-26 01-29 01-30 02-02 04-02 04-24 04-29 06-02 09-09 09-29 09-30 10-03 10-08",
    2023: "01-06 01-18 01-20 01-25 01-28 01-29 04-04 04-23 04-28 06-21 09-28 10-03 10-07 10-08",
    2024: "01-26 02-04 02-08 02-12 02-18 04-03 04-07 04-28 04-30 06-07 09-13 09-14 09-29 10-12",
    2025: "01-16 01-24 01-26 01-30 02-08 04-03 04-27 04-30 05-30 09-28 09-30 10-03 10-09 10-11",
    2026: "01-03 01-04 02-13 02-14 02-18 02-28 04-03 04-30 05-09 06-18 09-20 09-24 09-30 10-10",
}
WORKDAYS = (1, 3, 7, 10, 12, 15, 20, 30, 45)
NATURAL = (3, 7, 14, 15, 30, 60)
MONTHS = (1, 2, 3, 6)
MONTH_ENDS = (
    "2021-01-31 2021-08-31 2021-11-30 2022-01-29 2022-03-31 2022-08-31 2023-01-31 2023-05-31"
    " 2023-08-30 2024-01-31 2024-02-29 2024-08-31 2025-01-31 2025-03-31 2025-10-31 2026-01-31"
)
MOMENTS = (
    "2021-02-10T23:10 2021-09-30T17:30 2022-01-30T08:00 2022-09-30T23:59 2023-01-20T12:00"
    " 2023-09-28T00:00 2024-02-08T16:45 2024-09-30T23:30 2025-01-27T09:15 2025-09-30T20:00"
    " 2026-02-13T22:00 2026-09-30T23:59"
)


def after_working(start: date, length: int) -> date:
    """The length-th element of the sorted list of days that are worked after the start."""
    return WORKED[bisect_right(WORKED, start) + length - 1]


def rolled(day: date) -> date:
    """The first day of the sorted list that isn't before the day."""
    return min(worked for worked in WORKED if worked >= day)


def after_months(start: date, length: int) -> date:
    """The last day, of those of the month reached, whose number isn't above the start's."""
    months = {(day.year, day.month) for day in ALL_DAYS}
    reached = sorted(months)[sorted(months).index((start.year, start.month)) + length]
    days = [day for day in ALL_DAYS if (day.year, day.month) == reached]
    return max(day for day in days if day.day <= start.day)


def end_of(day: date) -> datetime:
    """24:00 in China, in UTC."""
    following = day + timedelta(days=1)
    return datetime.combine(following, time(0), CHINA).astimezone(UTC)


def rows() -> Iterator[dict[str, str]]:
    """Two hundred due dates, the same ones each time."""
    starts = [date.fromisoformat(f"{year}-{day}") for year, days in STARTS.items()
              for day in days.split()]  # fmt: skip
    for number, start in enumerate(starts):
        length = WORKDAYS[number % len(WORKDAYS)]
        yield row(start, "workdays", length, False, after_working(start, length))
        length = NATURAL[number % len(NATURAL)]
        yield row(start, "days", length, True, rolled(start + timedelta(days=length)))
    for number, text in enumerate(MONTH_ENDS.split()):
        start, length, roll = date.fromisoformat(text), MONTHS[number % 4], number % 3 != 2
        last = after_months(start, length)
        yield row(start, "months", length, roll, rolled(last) if roll else last)
    for number, text in enumerate(MOMENTS.split()):
        moment = datetime.fromisoformat(text).replace(tzinfo=CHINA)
        length = (24, 72, 48)[number % 3]
        due_at = (moment + timedelta(hours=length)).astimezone(UTC)
        due_on = due_at.astimezone(CHINA).date()
        yield row(moment, "hours", length, False, due_on, due_at)
    for start in starts[::20]:
        yield row(start, "workdays", 2, False, after_working(start, 2))


def row(
    start: date, unit: str, length: int, roll: bool, due_on: date, due_at: datetime | None = None
) -> dict[str, str]:
    """A line of the table."""
    return {
        "start": start.isoformat(),
        "unit": unit,
        "length": str(length),
        "roll": str(roll).lower(),
        "due_on": due_on.isoformat(),
        "due_at": (due_at or end_of(due_on)).isoformat(),
    }


def written() -> str:
    """The table as text."""
    text = io.StringIO()
    writer = csv.DictWriter(text, FIELDS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows())
    return text.getvalue()


if __name__ == "__main__":
    TABLE.write_text(written(), "utf-8")

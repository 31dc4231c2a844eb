"""The calendar that tests count over: the published table of 2017 to 2026."""

from __future__ import annotations

from datetime import date

from workflows.calendar import calendar_from_rows, published_days

CALENDAR = calendar_from_rows(
    published_days(2017, 2026),
    known_from=date(2017, 1, 1),
    known_until=date(2026, 12, 31),
    version="2026-1",
)


def days(year: int, listed: str) -> set[date]:
    """`"01-01 02-11"` as days of a year."""
    return {date.fromisoformat(f"{year}-{day}") for day in listed.split()}

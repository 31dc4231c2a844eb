"""Working days and legal periods: pure arithmetic over a published holiday table.

Nothing here reads a clock or a database. A day outside the published table is refused, never
guessed (`calendar.unknown_day`).
"""

from workflows.calendar.local import (
    LOCAL_ZONE,
    end_of_day,
    last_day_of_period,
    local_day,
    local_midnight,
    months_later,
    to_utc,
)
from workflows.calendar.published import (
    CalendarDay,
    DayKind,
    calendar_from_rows,
    published_days,
)
from workflows.calendar.workdays import DayStatus, WorkingCalendar

__all__ = [
    "LOCAL_ZONE",
    "CalendarDay",
    "DayKind",
    "DayStatus",
    "WorkingCalendar",
    "calendar_from_rows",
    "end_of_day",
    "last_day_of_period",
    "local_day",
    "local_midnight",
    "months_later",
    "published_days",
    "to_utc",
]

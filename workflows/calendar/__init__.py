"""Working days and legal periods: pure arithmetic over a published holiday table.

Nothing here reads a clock or a database. A year without a notice is computed from the statutory
holidays and provisional; a day beyond that is refused, never guessed (`calendar.unknown_day`).
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
from workflows.calendar.statutory import (
    SOLAR_TERMS,
    YEARS_AHEAD,
    StatutoryHoliday,
    StatutoryRules,
    computed_days,
    extended,
    statutory_days,
)
from workflows.calendar.workdays import DayStatus, WorkingCalendar

__all__ = [
    "LOCAL_ZONE",
    "SOLAR_TERMS",
    "YEARS_AHEAD",
    "CalendarDay",
    "DayKind",
    "DayStatus",
    "StatutoryHoliday",
    "StatutoryRules",
    "WorkingCalendar",
    "calendar_from_rows",
    "computed_days",
    "end_of_day",
    "extended",
    "last_day_of_period",
    "local_day",
    "local_midnight",
    "months_later",
    "published_days",
    "statutory_days",
    "to_utc",
]

"""Calendar functions (DMN 1.5, 10.3.4.7)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Final

from workflows.feel.builtins.registry import builtin
from workflows.feel.dates import Day, day_of, is_day, make_date, ordinal
from workflows.feel.properties import weekday
from workflows.feel.run import Run
from workflows.feel.values import Value

_DAY: Final = "date: date|date and time"
_WEEKDAYS: Final = (
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"
)  # fmt: skip
_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def _day(value: Value) -> Day:
    return value if is_day(value) else day_of(value)


@builtin("day of year", _DAY)
def day_of_year(run: Run, value: Value) -> Value:
    """1 to 366."""
    day = _day(value)
    return Decimal(ordinal(day) - ordinal(make_date(day.year, 1, 1)) + 1)


@builtin("day of week", _DAY)
def day_of_week(run: Run, value: Value) -> Value:
    """The English name of the day of the week."""
    return _WEEKDAYS[weekday(_day(value)) - 1]


@builtin("month of year", _DAY)
def month_of_year(run: Run, value: Value) -> Value:
    """The English name of the month."""
    return _MONTHS[_day(value).month - 1]


@builtin("week of year", _DAY)
def week_of_year(run: Run, value: Value) -> Value:
    """The number of the week by ISO 8601."""
    day = _day(value)
    if isinstance(day, date):
        return Decimal(day.isocalendar().week)
    # The calendar repeats every 400 years, so a far year has the weeks of a near one.
    return Decimal(date(2000 + day.year % 400, day.month, day.day).isocalendar().week)


@builtin("last day of month", _DAY)
def last_day_of_month(run: Run, value: Value) -> Value:
    """28 to 31."""
    day = _day(value)
    year, month = (day.year + 1, 1) if day.month == 12 else (day.year, day.month + 1)
    first = make_date(day.year, day.month, 1)
    return Decimal(ordinal(make_date(year, month, 1)) - ordinal(first))

"""Days and moments of the district's local time, and periods in days, months and years."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from workflows.errors import Invalid

#: The one time zone in which the law counts days here.
LOCAL_ZONE: Final = ZoneInfo("Asia/Shanghai")


def to_utc(moment: datetime) -> datetime:
    """The same moment in UTC.

    Raises: Invalid(`calendar.naive_moment`) when it has no offset.
    """
    if moment.utcoffset() is None:
        raise Invalid(
            "calendar.naive_moment",
            "时间缺少时区，无法判断是哪一天。",
            "The moment has no offset from UTC, so its local day is unknown.",
        )
    return moment.astimezone(UTC)


def local_day(now: datetime) -> date:
    """The local day of a moment.

    Raises: Invalid(`calendar.naive_moment`) when `now` has no offset.
    """
    return to_utc(now).astimezone(LOCAL_ZONE).date()


def local_midnight(day: date) -> datetime:
    """The moment at which the local `day` begins, in UTC."""
    return datetime.combine(day, time(0), tzinfo=LOCAL_ZONE).astimezone(UTC)


def end_of_day(day: date) -> datetime:
    """The moment at which the local `day` has ended (24:00, 民法典 203), in UTC.

    It is the first moment that no longer belongs to the day: an act at exactly this moment is late.
    """
    return local_midnight(day + timedelta(days=1))


def last_day_of_period(start: date, *, days: int = 0, months: int = 0, years: int = 0) -> date:
    """The last day of a period whose starting day is not counted (民法典 201(1), 202).

    A period in months or years ends on the day with the same number, or on the last day of a month
    that has none. Holidays play no part: see `WorkingCalendar.next_workday_from`.

    Raises: Invalid(`calendar.bad_length`) unless exactly one length is given and positive, or when
        the period ends after the year 9999.
    """
    lengths = [length for length in (days, months, years) if length]
    if len(lengths) != 1 or lengths[0] < 0:
        raise bad_length()
    try:
        if days:
            return start + timedelta(days=days)
        return months_later(start, months + 12 * years)
    except (ValueError, OverflowError) as error:
        raise bad_length() from error


def months_later(day: date, months: int) -> date:
    """The day with the same number in a later month, or the last day of a month that has none.

    Raises: ValueError or OverflowError outside of the years 1 to 9999.
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def bad_length() -> Invalid:
    """The refusal of a length that is no whole positive number of one unit."""
    return Invalid(
        "calendar.bad_length",
        "期限的长度必须是一个大于零的整数，且只用一种单位。",
        "The length of a period must be one whole number above zero, in one unit.",
    )

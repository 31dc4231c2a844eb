"""Dates, times and durations as whole numbers, so that far years and nanoseconds stay exact."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from typing import Final, TypeAlias, TypeGuard
from zoneinfo import ZoneInfo

from workflows.feel.errors import FeelError
from workflows.feel.values import (
    ExtendedDate,
    ExtendedDateTime,
    ExtendedDuration,
    FeelTime,
    Value,
)

Day: TypeAlias = date | ExtendedDate
Moment: TypeAlias = datetime | ExtendedDateTime
Duration: TypeAlias = timedelta | ExtendedDuration

SECOND: Final = 1_000_000_000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR
MAX_YEAR: Final = 999_999_999
_MAX_DURATION: Final = DAY * 999_999_999_999
#: The ordinal of 0000-03-01, from which whole 400-year cycles are counted.
_MARCH_ORDINAL: Final = -305
_CYCLE_DAYS: Final = 146_097


def is_day(value: Value) -> TypeGuard[Day]:
    """Whether a value is a FEEL date (a datetime is not)."""
    return value.__class__ is date or isinstance(value, ExtendedDate)


def is_moment(value: Value) -> TypeGuard[Moment]:
    """Whether a value is a FEEL date and time."""
    return isinstance(value, (datetime, ExtendedDateTime))


def is_duration(value: Value) -> TypeGuard[Duration]:
    """Whether a value is a FEEL days and time duration."""
    return isinstance(value, (timedelta, ExtendedDuration))


def make_date(year: int, month: int, day: int) -> Day:
    """A date of the proleptic Gregorian calendar. Raises: FeelError when there is no such day."""
    if 1 <= year <= 9999:
        try:
            return date(year, month, day)
        except ValueError:
            raise FeelError("invalid_temporal", text=f"{year}-{month}-{day}") from None
    if abs(year) > MAX_YEAR:
        raise FeelError("temporal_overflow")
    if not (1 <= month <= 12 and 1 <= day <= days_in_month(year, month)):
        raise FeelError("invalid_temporal", text=f"{year}-{month}-{day}")
    return ExtendedDate(year, month, day)


def is_leap(year: int) -> bool:
    """Whether a year has a 29 February."""
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def days_in_month(year: int, month: int) -> int:
    """The length of a month."""
    if month == 2:
        return 29 if is_leap(year) else 28
    return 30 if month in (4, 6, 9, 11) else 31


def ordinal(day: Day) -> int:
    """The number of a day, 0001-01-01 being 1."""
    if isinstance(day, date):
        return day.toordinal()
    year = day.year - (day.month <= 2)
    cycle, year_of_cycle = divmod(year, 400)
    month = (day.month - 3) % 12
    day_of_year = (153 * month + 2) // 5 + day.day - 1
    days = year_of_cycle * 365 + year_of_cycle // 4 - year_of_cycle // 100 + day_of_year
    return cycle * _CYCLE_DAYS + days + _MARCH_ORDINAL


def from_ordinal(number: int) -> Day:
    """The day of a number. Raises: FeelError outside the supported years."""
    if 1 <= number <= date.max.toordinal():
        return date.fromordinal(number)
    if abs(number) > 366 * (MAX_YEAR + 1):
        raise FeelError("temporal_overflow")
    cycle, rest = divmod(number - _MARCH_ORDINAL, _CYCLE_DAYS)
    year_of_cycle = (rest - rest // 1460 + rest // 36_524 - rest // 146_096) // 365
    day_of_year = rest - (365 * year_of_cycle + year_of_cycle // 4 - year_of_cycle // 100)
    month = (5 * day_of_year + 2) // 153
    day = day_of_year - (153 * month + 2) // 5 + 1
    year = year_of_cycle + cycle * 400 + (month >= 10)
    return make_date(year, month + 3 if month < 10 else month - 9, day)


def add_months(day: Day, months: int) -> Day:
    """A day some months later; the day of the month is cut to the length of the month."""
    total = day.year * 12 + day.month - 1 + months
    year, month = divmod(total, 12)
    return make_date(year, month + 1, min(day.day, days_in_month(year, month + 1)))


def make_duration(nanoseconds: int) -> Duration:
    """A days and time duration of a length. Raises: FeelError when it is too long."""
    if abs(nanoseconds) > _MAX_DURATION:
        raise FeelError("temporal_overflow")
    if nanoseconds % 1000 == 0 and -DAY * 999_999_999 <= nanoseconds < DAY * 1_000_000_000:
        return timedelta(microseconds=nanoseconds // 1000)
    return ExtendedDuration(nanoseconds)


def nanoseconds_of(duration: Duration) -> int:
    """The length of a duration."""
    if isinstance(duration, ExtendedDuration):
        return duration.nanoseconds
    return duration.days * DAY + duration.seconds * SECOND + duration.microseconds * 1000


def time_from_nanoseconds(nanoseconds: int, zone: tzinfo | None) -> FeelTime:
    """The time of day some nanoseconds after midnight, modulo a day."""
    seconds, nanosecond = divmod(nanoseconds % DAY, SECOND)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    return FeelTime(hour, minute, second, nanosecond, zone)


def time_nanoseconds(moment: FeelTime) -> int:
    """The local nanoseconds after midnight of a time."""
    return moment.hour * HOUR + moment.minute * MINUTE + moment.second * SECOND + moment.nanosecond


def make_moment(day: Day, moment: FeelTime) -> Moment:
    """A date and time from its parts, as datetime when that holds it exactly."""
    if isinstance(day, date) and moment.nanosecond % 1000 == 0:
        return datetime(
            day.year,
            day.month,
            day.day,
            moment.hour,
            moment.minute,
            moment.second,
            moment.nanosecond // 1000,
            tzinfo=moment.zone,
        )
    return ExtendedDateTime(day, moment)


def day_of(moment: Moment) -> Day:
    """The local date of a date and time."""
    return moment.day if isinstance(moment, ExtendedDateTime) else moment.date()


def time_of(moment: Moment) -> FeelTime:
    """The local time of a date and time, with its zone."""
    if isinstance(moment, ExtendedDateTime):
        return moment.time
    return FeelTime(
        moment.hour,
        moment.minute,
        moment.second,
        moment.microsecond * 1000,
        moment.tzinfo,
    )


def as_feel_time(value: time) -> FeelTime:
    """A time of the standard library as a FEEL time."""
    return FeelTime(value.hour, value.minute, value.second, value.microsecond * 1000, value.tzinfo)


def moment_offset(moment: Moment) -> timedelta | None:
    """The offset from UTC of a date and time, None when it is local."""
    if isinstance(moment, datetime):
        return moment.utcoffset()
    zone = moment.time.zone
    if zone is None:
        return None
    if isinstance(zone, timezone):
        return zone.utcoffset(None)
    # A far year follows the rules of the nearest year with the same calendar.
    day = moment.day
    clock = moment.time
    year = day.year if isinstance(day, date) else 2000 + day.year % 400
    near = datetime(year, day.month, day.day, clock.hour, clock.minute, clock.second, tzinfo=zone)
    return near.utcoffset()


def time_offset(moment: FeelTime) -> timedelta | None:
    """The offset from UTC of a time; of a named zone the standard one."""
    zone = moment.zone
    if zone is None:
        return None
    fixed = zone.utcoffset(None)
    if fixed is not None:
        return fixed
    winter = datetime(1970, 1, 1, tzinfo=zone)
    dst = winter.dst() or timedelta(0)
    return (winter.utcoffset() or timedelta(0)) - dst


def local_nanoseconds(moment: Moment) -> int:
    """Nanoseconds since the day 0, not counting the zone."""
    return ordinal(day_of(moment)) * DAY + time_nanoseconds(time_of(moment))


def instant(moment: Moment) -> tuple[bool, int]:
    """Whether a date and time has a zone, and its nanoseconds (in UTC when it has one)."""
    offset = moment_offset(moment)
    local = local_nanoseconds(moment)
    if offset is None:
        return False, local
    return True, local - nanoseconds_of(offset)


def time_instant(moment: FeelTime) -> tuple[bool, int]:
    """Whether a time has a zone, and its nanoseconds after midnight (in UTC when it has one)."""
    offset = time_offset(moment)
    if offset is None:
        return False, time_nanoseconds(moment)
    return True, time_nanoseconds(moment) - nanoseconds_of(offset)


def moment_from_local(nanoseconds: int, zone: tzinfo | None) -> Moment:
    """The date and time of local nanoseconds since the day 0."""
    day, rest = divmod(nanoseconds, DAY)
    return make_moment(from_ordinal(day), time_from_nanoseconds(rest, zone))


def shift_moment(moment: Moment, nanoseconds: int) -> Moment:
    """A date and time some nanoseconds later, in the same zone, along the time line."""
    zone = time_of(moment).zone
    if not isinstance(zone, ZoneInfo):
        return moment_from_local(local_nanoseconds(moment) + nanoseconds, zone)
    _, utc = instant(moment)
    target = utc + nanoseconds
    guess = moment_from_local(target, zone)
    if isinstance(guess, datetime):
        whole, rest = divmod(target, 1000)
        if rest == 0:
            day, micros = divmod(whole, DAY // 1000)
            base = from_ordinal(day)
            if isinstance(base, date) and 1 < base.year < 9999:
                start = datetime(base.year, base.month, base.day, tzinfo=UTC)
                return (start + timedelta(microseconds=micros)).astimezone(zone)
    offset = moment_offset(guess) or timedelta(0)
    return moment_from_local(target + nanoseconds_of(offset), zone)


def zone_name(zone: tzinfo | None) -> str | None:
    """The IANA name of a zone, None for a fixed offset."""
    return zone.key if isinstance(zone, ZoneInfo) else None


def as_host_value(value: Value) -> Value:
    """A value of the host as FEEL keeps it.

    Whole numbers become Decimal, times FeelTime, and what is not a finite number null.
    """
    if value.__class__ is Decimal:
        return value if value.is_finite() else None
    if value.__class__ is int:
        return Decimal(value)
    if isinstance(value, time):
        return as_feel_time(value)
    return value

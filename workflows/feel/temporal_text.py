"""Reading and writing dates, times and durations (DMN 1.5, 10.3.2.3.4 to 10.3.2.3.9)."""

from __future__ import annotations

import re
from datetime import UTC, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from workflows.feel.dates import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    Day,
    Duration,
    Moment,
    day_of,
    from_ordinal,
    make_date,
    make_duration,
    make_moment,
    nanoseconds_of,
    ordinal,
    time_of,
)
from workflows.feel.errors import FeelError
from workflows.feel.values import FeelTime, Value, YearMonthDuration

_LONGEST: Final = 100
_DATE: Final = re.compile(r"(-?)([0-9]{4}|[1-9][0-9]{4,8})-([0-9]{2})-([0-9]{2})")
_TIME: Final = re.compile(
    r"([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,9})[0-9]*)?"
    r"(Z|z|[+-][0-9]{2}:[0-9]{2}(?::[0-9]{2})?|@[A-Za-z0-9_+/-]{1,60})?"
)
_MONTHS: Final = re.compile(r"(-?)P(?:([0-9]{1,18})Y)?(?:([0-9]{1,18})M)?")
_DAYS: Final = re.compile(
    r"(-?)P(?:([0-9]{1,18})D)?(T(?:([0-9]{1,18})H)?(?:([0-9]{1,18})M)?"
    r"(?:([0-9]{1,18})(?:\.([0-9]{0,9})[0-9]*)?S)?)?"
)
_MAX_OFFSET: Final = timedelta(hours=18)


def _refuse(text: str) -> FeelError:
    shown = text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
    return FeelError("invalid_temporal", text=f'"{shown}"')


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


@lru_cache(maxsize=256)
def named_zone(name: str) -> ZoneInfo | None:
    """The zone of an IANA name, None when there is none."""
    return ZoneInfo(name) if name in _zones() else None


def fixed_zone(offset: timedelta) -> timezone | None:
    """The zone of an offset, None when it is beyond 18 hours."""
    if abs(offset) > _MAX_OFFSET:
        return None
    return UTC if not offset else timezone(offset)


def _zone(text: str | None, whole: str) -> tzinfo | None:
    if text is None:
        return None
    zone: tzinfo | None
    if text in ("Z", "z"):
        zone = UTC
    elif text.startswith("@"):
        zone = named_zone(text[1:])
    else:
        parts = [int(part) for part in text[1:].split(":")]
        seconds = parts[2] if len(parts) == 3 else 0
        offset = timedelta(hours=parts[0], minutes=parts[1], seconds=seconds)
        valid = parts[1] < 60 and seconds < 60
        zone = fixed_zone(-offset if text[0] == "-" else offset) if valid else None
    if zone is None:
        raise _refuse(whole)
    return zone


def read_date(text: str) -> Day:
    """The date of `-?YYYY-MM-DD`. Raises: FeelError."""
    found = _DATE.fullmatch(text)
    if found is None:
        raise _refuse(text)
    sign, year, month, day = found.groups()
    try:
        return make_date(-int(year) if sign else int(year), int(month), int(day))
    except FeelError:
        raise _refuse(text) from None


def _read_time(text: str) -> tuple[FeelTime, bool]:
    found = _TIME.fullmatch(text)
    if found is None:
        raise _refuse(text)
    hour, minute, second = int(found[1]), int(found[2]), int(found[3])
    nanosecond = int((found[4] or "0").ljust(9, "0"))
    end_of_day = hour == 24 and minute == 0 and second == 0 and nanosecond == 0
    if (hour > 23 and not end_of_day) or minute > 59 or second > 59:
        raise _refuse(text)
    zone = _zone(found[5], text)
    return FeelTime(0 if end_of_day else hour, minute, second, nanosecond, zone), end_of_day


def read_time(text: str) -> FeelTime:
    """The time of `hh:mm:ss[.f][Z|±hh:mm|@Zone]`. Raises: FeelError."""
    return _read_time(text)[0]


def read_moment(text: str) -> Moment:
    """The date and time of `date[Ttime]`; without a time it is midnight. Raises: FeelError."""
    day_text, separator, time_text = text.partition("T")
    day = read_date(day_text)
    if not separator:
        return make_moment(day, FeelTime(0, 0, 0))
    clock, next_day = _read_time(time_text)
    return make_moment(from_ordinal(ordinal(day) + 1) if next_day else day, clock)


def read_duration(text: str) -> Duration | YearMonthDuration:
    """The duration of `-?PnYnM` or `-?PnDTnHnMnS`. Raises: FeelError."""
    found = _MONTHS.fullmatch(text)
    if found is not None and (found[2] or found[3]):
        months = int(found[2] or 0) * 12 + int(found[3] or 0)
        if months > 999_999_999 * 12 + 11:
            raise FeelError("temporal_overflow")
        return YearMonthDuration(-months if found[1] else months)
    found = _DAYS.fullmatch(text)
    if found is None or not (found[2] or found[4] or found[5] or found[6]) or found[3] == "T":
        raise _refuse(text)
    total = (
        int(found[2] or 0) * DAY
        + int(found[4] or 0) * HOUR
        + int(found[5] or 0) * MINUTE
        + int(found[6] or 0) * SECOND
        + int((found[7] or "0").ljust(9, "0"))
    )
    return make_duration(-total if found[1] else total)


def read_temporal(text: str) -> Value:
    """The value of an at-literal (grammar rule 62), told by its form. Raises: FeelError."""
    if text.startswith(("P", "-P")):
        return read_duration(text)
    if "T" in text.partition("@")[0]:
        return read_moment(text)
    if ":" in text.partition("@")[0]:
        return read_time(text)
    return read_date(text)


def write_date(day: Day) -> str:
    """A date as read_date reads it."""
    sign = "-" if day.year < 0 else ""
    return f"{sign}{abs(day.year):04d}-{day.month:02d}-{day.day:02d}"


def _write_zone(zone: tzinfo | None) -> str:
    if zone is None:
        return ""
    if isinstance(zone, ZoneInfo):
        return f"@{zone.key}"
    offset = zone.utcoffset(None) or timedelta(0)
    if not offset:
        return "Z"
    seconds = int(abs(offset).total_seconds())
    text = f"{'-' if offset < timedelta(0) else '+'}{seconds // 3600:02d}:{seconds // 60 % 60:02d}"
    return text + (f":{seconds % 60:02d}" if seconds % 60 else "")


def _write_fraction(nanosecond: int) -> str:
    return f".{nanosecond:09d}".rstrip("0") if nanosecond else ""


def write_time(moment: FeelTime) -> str:
    """A time as read_time reads it."""
    clock = f"{moment.hour:02d}:{moment.minute:02d}:{moment.second:02d}"
    return clock + _write_fraction(moment.nanosecond) + _write_zone(moment.zone)


def write_moment(moment: Moment) -> str:
    """A date and time as read_moment reads it."""
    return f"{write_date(day_of(moment))}T{write_time(time_of(moment))}"


def write_duration(duration: Duration) -> str:
    """A days and time duration in its shortest canonical form."""
    total = nanoseconds_of(duration)
    if total == 0:
        return "PT0S"
    days, rest = divmod(abs(total), DAY)
    hours, rest = divmod(rest, HOUR)
    minutes, rest = divmod(rest, MINUTE)
    seconds, nanosecond = divmod(rest, SECOND)
    text = ("-" if total < 0 else "") + "P" + (f"{days}D" if days else "")
    clock = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
    if seconds or nanosecond:
        clock += f"{seconds}{_write_fraction(nanosecond)}S"
    return text + (f"T{clock}" if clock else "")


def write_months(duration: YearMonthDuration) -> str:
    """A years and months duration in its shortest canonical form."""
    if duration.months == 0:
        return "P0M"
    years, months = divmod(abs(duration.months), 12)
    sign = "-" if duration.months < 0 else ""
    return f"{sign}P" + (f"{years}Y" if years else "") + (f"{months}M" if months else "")

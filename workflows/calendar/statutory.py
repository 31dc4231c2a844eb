"""The holidays that the law itself gives, and years computed from them until they are published.

The rules are data (bpmn/statutory-holidays.yaml). A year that the State Council hasn't arranged
yet has the statutory days off, those on a weekend made up for on the next working days (全国年节及
纪念日放假办法 6), and no make-up workdays: those exist only where a notice makes them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from types import MappingProxyType
from typing import Final

from borax.calendars.lunardate import TERMS_CN, LunarDate, TermUtils

from workflows.calendar.workdays import WorkingCalendar

#: How many years after the last published one are computed.
YEARS_AHEAD: Final = 10
#: The names of the solar terms that a rule may use.
SOLAR_TERMS: Final = frozenset(TERMS_CN)
#: The last year whose lunar days are known.
_LAST_YEAR: Final = 2099
_DAY: Final = timedelta(days=1)
_SATURDAY: Final = 5


@dataclass(frozen=True, slots=True)
class StatutoryHoliday:
    """A holiday of all citizens: `days` days off from its first day on.

    The first day is a solar or lunar (month, day), or a solar term by name; exactly one of them.
    `shift` moves it by days: New Year's Eve is the day before the first of the first lunar month.
    """

    name: str
    name_en: str
    days: int
    solar: tuple[int, int] | None = None
    lunar: tuple[int, int] | None = None
    term: str | None = None
    shift: int = 0

    def days_of(self, year: int) -> tuple[date, ...]:
        """The days off in a year, weekends included."""
        if self.solar is not None:
            first = date(year, *self.solar)
        elif self.lunar is not None:
            first = LunarDate(year, *self.lunar, 0).to_solar_date()
        else:
            first = TermUtils.day_start_from_term(year, self.term)
        return tuple(first + _DAY * (self.shift + number) for number in range(self.days))


@dataclass(frozen=True, slots=True)
class StatutoryRules:
    """One version of the law on holidays, in force from its day until the next version's."""

    valid_from: date
    holidays: tuple[StatutoryHoliday, ...]
    clauses: tuple[str, ...] = ()


def statutory_days(rules: Sequence[StatutoryRules], year: int) -> Mapping[date, StatutoryHoliday]:
    """The statutory days off of a year by day, weekends included; a shared day is named once."""
    found: dict[date, StatutoryHoliday] = {}
    for version in rules:
        for holiday in version.holidays:
            for day in holiday.days_of(year):
                if _in_force(rules, day) is version:
                    found.setdefault(day, holiday)
    return MappingProxyType(dict(sorted(found.items())))


def computed_days(
    rules: Sequence[StatutoryRules], year: int
) -> Mapping[date, tuple[StatutoryHoliday, bool]]:
    """The days off of a year that has no notice, and whether each makes up for a weekend."""
    statutory = statutory_days(rules, year)
    found = {day: (holiday, False) for day, holiday in statutory.items()}
    for day, holiday in statutory.items():
        if day.weekday() >= _SATURDAY:
            instead = next(free for free in _weekdays_after(day) if free not in found)
            found[instead] = (holiday, True)
    return MappingProxyType(dict(sorted(found.items())))


def extended(
    calendar: WorkingCalendar, rules: Sequence[StatutoryRules], *, years: int = YEARS_AHEAD
) -> WorkingCalendar:
    """The calendar with the years after its last published day computed and marked provisional.

    Without rules only weekends are off in those years; they are provisional all the same.
    """
    first = calendar.known_until + _DAY
    last = date(min(calendar.known_until.year + years, _LAST_YEAR), 12, 31)
    if last < first or calendar.provisional_from is not None:
        return calendar
    names = dict(calendar.names)
    for year in range(first.year, last.year + 1):
        for day, (holiday, made_up) in computed_days(rules, year).items():
            if day >= first:
                names[day] = _name(holiday, made_up=made_up)
    return replace(
        calendar,
        holidays=calendar.holidays | {day for day in names if day >= first},
        known_until=last,
        names=MappingProxyType(names),
        provisional_from=first,
    )


def _name(holiday: StatutoryHoliday, *, made_up: bool) -> tuple[str, str]:
    if made_up:
        return f"{holiday.name}补假（推算）", f"day off in lieu of {holiday.name_en} (computed)"
    return f"{holiday.name}（推算）", f"{holiday.name_en} (computed)"


def _in_force(rules: Sequence[StatutoryRules], day: date) -> StatutoryRules | None:
    versions = [version for version in rules if version.valid_from <= day]
    return max(versions, key=lambda version: version.valid_from, default=None)


def _weekdays_after(day: date) -> Iterator[date]:
    while True:
        day += _DAY
        if day.weekday() < _SATURDAY:
            yield day

"""One year's notice of the State Council: days off by holiday, and make-up workdays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from types import MappingProxyType
from typing import Final

from workflows.calendar import (
    CalendarDay,
    DayKind,
    StatutoryRules,
    computed_days,
    statutory_days,
)
from workflows.definitions.calendar_files import CalendarTable
from workflows.errors import Finding

_DAY: Final = timedelta(days=1)
_SATURDAY: Final = 5
#: A longer holiday is a slip of the pen; the longest so far had nine days.
_LONGEST: Final = 15
#: New Year's days off may begin in the last days of the year before.
_DECEMBER: Final = 12
_FIRST_IN_DECEMBER: Final = 25


@dataclass(frozen=True, slots=True)
class ArrangedHoliday:
    """The days off of one holiday, both ends included, and the weekend days worked for it."""

    name: str
    first_on: date
    last_on: date
    workdays: tuple[date, ...] = ()

    @property
    def days(self) -> tuple[date, ...]:
        """Every day off, weekends included; none when the ends are the wrong way round."""
        number = (self.last_on - self.first_on).days + 1
        return tuple(self.first_on + _DAY * i for i in range(min(max(number, 0), 400)))


@dataclass(frozen=True, slots=True)
class YearArrangement:
    """What a notice arranges for a year; `source` is its number or title."""

    year: int
    source: str
    holidays: tuple[ArrangedHoliday, ...]


def arrangement_of(
    table: CalendarTable, rules: Sequence[StatutoryRules], year: int
) -> YearArrangement:
    """A year as it stands: as published, else as computed and to be corrected by the notice."""
    if year > table.known_until.year:
        named = [(day, holiday.name) for day, (holiday, _) in computed_days(rules, year).items()]
        return YearArrangement(year, "", tuple(_runs(named, ())))
    first_days = _new_year_names(rules)
    listed = [day for day in table.days if _belongs(day.day, day.name, year, first_days)]
    off = [(day.day, day.name) for day in listed if day.kind is DayKind.HOLIDAY]
    worked = [(day.day, day.name) for day in listed if day.kind is DayKind.MAKE_UP_WORKDAY]
    return YearArrangement(year, table.sources.get(year, ""), tuple(_runs(off, worked)))


def _runs(
    off: Sequence[tuple[date, str]], worked: Sequence[tuple[date, str]]
) -> Iterator[ArrangedHoliday]:
    """Days of one name as one stretch, over weekends between them."""
    found: list[ArrangedHoliday] = []
    for day, name in sorted(off):
        last = found[-1] if found else None
        if last is not None and last.name == name and not _weekday_between(last.last_on, day):
            found[-1] = replace(last, last_on=day)
        else:
            found.append(ArrangedHoliday(name, day, day))
    given = set()
    for holiday in found:
        made_up = () if holiday.name in given else [day for day, name in worked
                                                    if name == holiday.name]  # fmt: skip
        given.add(holiday.name)
        yield replace(holiday, workdays=tuple(sorted(made_up)))


def _weekday_between(first: date, last: date) -> bool:
    return any((first + _DAY * i).weekday() < _SATURDAY for i in range(1, (last - first).days))


def arranged(
    table: CalendarTable,
    arrangement: YearArrangement,
    rules: Sequence[StatutoryRules],
    *,
    version: str,
) -> CalendarTable:
    """The table with a year as its notice has it; other years stay as they are."""
    year, first_days = arrangement.year, _new_year_names(rules)
    english = {holiday.name: holiday.name_en for rule in rules for holiday in rule.holidays}
    days = [day for day in table.days if not _belongs(day.day, day.name, year, first_days)]
    for holiday in arrangement.holidays:
        name, name_en = holiday.name, english.get(holiday.name, holiday.name)
        days += [CalendarDay(day, DayKind.HOLIDAY, name, name_en) for day in holiday.days]
        days += [
            CalendarDay(day, DayKind.MAKE_UP_WORKDAY, name, name_en) for day in holiday.workdays
        ]
    return replace(
        table,
        version=version,
        known_until=max(table.known_until, date(year, 12, 31)),
        days=tuple(sorted(days, key=lambda day: day.day)),
        sources=MappingProxyType({**table.sources, year: arrangement.source}),
    )


def arrangement_findings(
    arrangement: YearArrangement,
    table: CalendarTable,
    rules: Sequence[StatutoryRules],
    *,
    today: date,
) -> list[Finding]:
    """Everything that is wrong with a year as entered; fields are ``holidays.0.first_on`` …"""
    first_days = _new_year_names(rules)
    return [
        *_of_year(arrangement, table, today),
        *(
            finding
            for place, holiday in enumerate(arrangement.holidays)
            for finding in _of_holiday(place, holiday, arrangement.year, first_days)
        ),
        *_of_days(arrangement),
        *_of_statute(arrangement, rules),
    ]


def _of_year(arrangement: YearArrangement, table: CalendarTable, today: date) -> Iterator[Finding]:
    year, earliest, latest = arrangement.year, today.year - 1, table.known_until.year + 1
    if year < earliest:
        yield _finding(
            "past", f"{year}年早已过去，不能再改；最早可以改{earliest}年。",
            f"{year} is long past and can't be changed; {earliest} is the earliest.",
        )  # fmt: skip
    if year > latest:
        yield _finding(
            "too_far", f"请先录入{latest}年的放假安排，再录入{year}年。",
            f"Enter {latest} before {year}: no year may be left out.",
        )  # fmt: skip
    if not arrangement.source:
        yield _finding("no_source", "请填写通知的文号或者标题。",
                       "Name the notice by number or title.", "source")  # fmt: skip
    if not arrangement.holidays:
        yield _finding("empty", "请至少填写一个节日的放假日期。",
                       "Enter the days off of a holiday.", "holidays.0.name")  # fmt: skip


def _of_holiday(
    place: int, holiday: ArrangedHoliday, year: int, first_days: frozenset[str]
) -> Iterator[Finding]:
    field, name = f"holidays.{place}", holiday.name or f"第{place + 1}行"
    if not holiday.name:
        yield _finding("no_name", f"第{place + 1}行缺少节日名称。",
                       f"Row {place + 1} has no name.", f"{field}.name")  # fmt: skip
    if holiday.last_on < holiday.first_on:
        yield _finding("backwards", f"{name}的最后一天早于第一天。",
                       f"{name} ends before it begins.", f"{field}.last_on")  # fmt: skip
    if len(holiday.days) > _LONGEST:
        yield _finding("too_long", f"{name}放假{len(holiday.days)}天，请核对起止日期。",
                       f"{name} has {len(holiday.days)} days off; check its ends.",
                       f"{field}.last_on")  # fmt: skip
    for part, day in (
        ("first_on", holiday.first_on),
        ("last_on", holiday.last_on),
        *(("workdays", day) for day in holiday.workdays),
    ):
        early = day.year == year - 1 and (day.month, day.day) >= (_DECEMBER, _FIRST_IN_DECEMBER)
        if day.year != year and not (early and holiday.name in first_days):
            yield _finding("outside", f"{name}的{day}不在{year}年。",
                           f"{day} of {name} isn't in {year}.", f"{field}.{part}")  # fmt: skip
        elif day.month == _DECEMBER and day.year == year and holiday.name in first_days:
            yield _finding("next_year", f"{day}属于下一年{name}的安排，请在录入下一年时填写。",
                           f"{day} belongs to the next year's {name}; enter it with that year.",
                           f"{field}.{part}")  # fmt: skip
    for day in holiday.workdays:
        if day.weekday() < _SATURDAY:
            yield _finding("weekday", f"{day}是星期{'一二三四五'[day.weekday()]}，本来就上班，"
                           "不是调休上班日。",
                           f"{day} is a {day:%A} and worked anyway: no make-up workday.",
                           f"{field}.workdays")  # fmt: skip


def _of_days(arrangement: YearArrangement) -> Iterator[Finding]:
    off = Counter(day for holiday in arrangement.holidays for day in holiday.days)
    worked = Counter(day for holiday in arrangement.holidays for day in holiday.workdays)
    for place, holiday in enumerate(arrangement.holidays):
        field = f"holidays.{place}"
        for day in sorted({day for day in holiday.days if off[day] > 1}):
            yield _finding("twice_off", f"{day}重复列为放假（{holiday.name}）。",
                           f"{day} is listed as a day off twice ({holiday.name}).",
                           f"{field}.first_on")  # fmt: skip
        for day in sorted({day for day in holiday.workdays if worked[day] > 1}):
            yield _finding("twice_worked", f"{day}重复列为调休上班。",
                           f"{day} is listed as a make-up workday twice.",
                           f"{field}.workdays")  # fmt: skip
        for day in sorted({day for day in holiday.workdays if off[day]}):
            yield _finding("both", f"{day}既放假又调休上班，请更正。",
                           f"{day} is both off and worked; correct it.",
                           f"{field}.workdays")  # fmt: skip


def _of_statute(arrangement: YearArrangement, rules: Sequence[StatutoryRules]) -> Iterator[Finding]:
    off = {day for holiday in arrangement.holidays for day in holiday.days}
    places = {holiday.name: place for place, holiday in enumerate(arrangement.holidays)}
    for day, holiday in statutory_days(rules, arrangement.year).items():
        if arrangement.holidays and day not in off:
            place = places.get(holiday.name)
            field = None if place is None else f"holidays.{place}.first_on"
            yield _finding("statutory", f"{day}是法定节日（{holiday.name}），没有列为放假。",
                           f"{day} is a statutory holiday ({holiday.name_en}) and isn't off.",
                           field)  # fmt: skip


def _finding(code: str, message: str, message_en: str, field: str | None = None) -> Finding:
    return Finding(f"arrangement.{code}", message, message_en, field=field)


def _new_year_names(rules: Iterable[StatutoryRules]) -> frozenset[str]:
    return frozenset(
        holiday.name for rule in rules for holiday in rule.holidays if holiday.solar == (1, 1)
    )


def _belongs(day: date, name: str, year: int, first_days: frozenset[str]) -> bool:
    """Whether a listed day was arranged by the notice of a year."""
    arranged_in = day.year + (day.month == _DECEMBER and name in first_days)
    return arranged_in == year

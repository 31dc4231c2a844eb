"""The working calendar's files: the published days, and the statutory holidays beside them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import yaml

from workflows.calendar import (
    SOLAR_TERMS,
    CalendarDay,
    DayKind,
    StatutoryHoliday,
    StatutoryRules,
    WorkingCalendar,
    calendar_from_rows,
)
from workflows.decisions.strict_yaml import load_yaml
from workflows.definitions.fields import list_field, refuse, text_field, texts_field
from workflows.definitions.findings import Report
from workflows.errors import Invalid

CALENDAR = "calendar.yaml"
STATUTORY = "statutory-holidays.yaml"
#: No statutory holiday is longer, and none begins further from the day that it is named by.
_MOST_DAYS = 10
_MONTH_DAY = re.compile(r"(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])")
#: A lunar month has 29 or 30 days; the thirtieth is not there every year.
_LUNAR_DAYS = 29
_ANY_YEAR = 2025


@dataclass(frozen=True, slots=True)
class CalendarTable:
    """The published days as the file lists them; `sources` names the notice of a year."""

    version: str
    known_from: date
    known_until: date
    days: tuple[CalendarDay, ...]
    sources: Mapping[int, str] = field(default_factory=lambda: MappingProxyType({}))

    def calendar(self) -> WorkingCalendar:
        """The calendar of the published days alone. Raises: as `calendar_from_rows`."""
        found = calendar_from_rows(
            self.days,
            known_from=self.known_from,
            known_until=self.known_until,
            version=self.version,
        )
        return replace(found, sources=self.sources)


def read_calendar(content: bytes, report: Report) -> WorkingCalendar | None:
    """The working calendar: known_from, known_until, version, holidays, workdays, notices.

    Each day is ``{on, name}``; ``workdays`` are the days of rest that are worked (调休).
    """
    table = read_table(content, report)
    if table is None:
        return None
    if len({day.day for day in table.days}) < len(table.days):
        report.add("calendar.repeated", "calendar")
    try:
        return table.calendar()
    except Invalid as error:
        report.add("calendar.refused", "calendar", reason=error.message, reason_en=error.message_en)
        return None


def read_table(content: bytes, report: Report) -> CalendarTable | None:
    """The rows of the file as they stand there; None when it has no known range."""
    document = _loaded(content, dict, report)
    if document is None:
        return None
    first, last = document.get("known_from"), document.get("known_until")
    if not isinstance(first, date) or not isinstance(last, date):
        report.add("register.missing", "calendar", key="calendar", name="known_from, known_until")
        return None
    for name in sorted(document.keys() - _CALENDAR_FIELDS):
        report.add("register.field", "calendar", field=name, key="calendar", name=name)
    version = document.get("version") or last
    if not isinstance(version, (str, date, Decimal)):
        refuse("version", version, "calendar", report)
    days = (
        *_days(document, "holidays", DayKind.HOLIDAY, report),
        *_days(document, "workdays", DayKind.MAKE_UP_WORKDAY, report),
    )
    return CalendarTable(str(version), first, last, days, _sources(document, report))


def write_table(table: CalendarTable) -> bytes:
    """The file that `read_table` reads the same rows from."""
    text = [
        "# 工作日历：放假日，和调休上班的周末。其余周末为休息日。\n",
        "# 由系统管理员按国务院办公厅每年的通知录入（doudi calendar、系统页面），请勿手工改动。\n",
    ]
    head = {
        "version": table.version,
        "known_from": table.known_from,
        "known_until": table.known_until,
        "notices": [
            {"year": year, "source": source} for year, source in sorted(table.sources.items())
        ],
    }
    text.append(yaml.safe_dump(head, allow_unicode=True, sort_keys=False, width=1000))
    for name, kind in (("holidays", DayKind.HOLIDAY), ("workdays", DayKind.MAKE_UP_WORKDAY)):
        rows = [day for day in sorted(table.days, key=lambda day: day.day) if day.kind is kind]
        text.append(f"{name}:\n" if rows else f"{name}: []\n")
        for row in rows:
            values: dict[str, Any] = {"on": row.day, "name": row.name}
            if row.name_en != row.name:
                values["name_en"] = row.name_en
            flow = yaml.safe_dump(
                values, allow_unicode=True, sort_keys=False, default_flow_style=True, width=1000
            )
            text.append(f"  - {flow}")
    return "".join(text).encode()


_CALENDAR_FIELDS = frozenset(
    {"version", "known_from", "known_until", "holidays", "workdays", "notices"}
)


def _days(
    document: Mapping[str, Any], name: str, kind: DayKind, report: Report
) -> Iterator[CalendarDay]:
    for row in list_field(document, name, "calendar", report):
        day = row.get("on") if isinstance(row, dict) else None
        if not isinstance(day, date):
            refuse(name, row, "calendar", report)
            continue
        title = text_field(row, "name", str(day), report)
        yield CalendarDay(day, kind, title, text_field(row, "name_en", str(day), report) or title)


def _sources(document: Mapping[str, Any], report: Report) -> Mapping[int, str]:
    found: dict[int, str] = {}
    for row in list_field(document, "notices", "calendar", report):
        year = row.get("year") if isinstance(row, dict) else None
        source = row.get("source") if isinstance(row, dict) else None
        if isinstance(year, Decimal) and year == int(year) and isinstance(source, str):
            found[int(year)] = source
        else:
            refuse("notices", row, "calendar", report)
    return MappingProxyType(found)


def read_statutory_holidays(content: bytes, report: Report) -> tuple[StatutoryRules, ...]:
    """The versions of the law on holidays: from, clause, holidays.

    A holiday is ``{name, name_en, days}`` with one of ``solar`` and ``lunar`` (month-day) or
    ``term``, and perhaps ``shift``.
    """
    versions = []
    for position, item in enumerate(_loaded(content, list, report) or (), 1):
        key = str(position)
        start = item.get("from") if isinstance(item, dict) else None
        if not isinstance(start, date):
            report.add("register.item", key, position=position, name="from")
            continue
        for name in sorted(item.keys() - _VERSION_FIELDS):
            report.add("register.field", key, field=name, key=key, name=name)
        holidays = [_holiday(row, report) for row in list_field(item, "holidays", key, report)]
        clauses = texts_field(item, "clause", key, report)
        found = tuple(holiday for holiday in holidays if holiday is not None)
        versions.append(StatutoryRules(start, found, clauses))
    if len({version.valid_from for version in versions}) < len(versions):
        report.add("calendar.repeated", "calendar")
    return tuple(sorted(versions, key=lambda version: version.valid_from))


_VERSION_FIELDS = frozenset({"from", "clause", "holidays"})
_HOLIDAY_FIELDS = frozenset({"name", "name_en", "days", "solar", "lunar", "term", "shift"})


def _holiday(row: Any, report: Report) -> StatutoryHoliday | None:
    if not isinstance(row, dict) or row.keys() - _HOLIDAY_FIELDS:
        refuse("holidays", row, "holidays", report)
        return None
    name, name_en = row.get("name"), row.get("name_en")
    days, shift = _whole(row.get("days")), _whole(row.get("shift", Decimal(0)))
    solar, lunar = _month_day(row.get("solar")), _month_day(row.get("lunar"))
    term = row.get("term")
    ways = [way for way in ("solar", "lunar", "term") if way in row]
    if (
        not isinstance(name, str)
        or not isinstance(name_en, str)
        or days is None
        or not 1 <= days <= _MOST_DAYS
        or shift is None
        or abs(shift) > _MOST_DAYS
        or len(ways) != 1
        or (solar is None and lunar is None and term not in SOLAR_TERMS)
        or (solar is not None and not _is_day(*solar))
        or (lunar is not None and lunar[1] > _LUNAR_DAYS)
    ):
        refuse("holidays", row, str(name), report)
        return None
    return StatutoryHoliday(name, name_en, days, solar, lunar, term, shift)


def _whole(value: Any) -> int | None:
    return int(value) if isinstance(value, Decimal) and value == int(value) else None


def _month_day(value: Any) -> tuple[int, int] | None:
    found = _MONTH_DAY.fullmatch(value) if isinstance(value, str) else None
    return (int(found[1]), int(found[2])) if found else None


def _is_day(month: int, day: int) -> bool:
    """Whether the day exists in every year."""
    try:
        date(_ANY_YEAR, month, day)
    except ValueError:
        return False
    return True


def _loaded(content: bytes, shape: type, report: Report) -> Any:
    try:
        document = load_yaml(content, file=report.file)
    except Invalid as error:
        report.extend(error.findings)
        return None
    if not isinstance(document, shape):
        report.add("register.shape", name=report.file)
        return None
    return document

"""A year's notice as people and programs write it, read with every finding at once."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from workflows.definitions.year_arrangement import ArrangedHoliday, YearArrangement
from workflows.errors import Finding, Invalid

#: No year has more holidays, and no holiday more make-up workdays.
MOST_HOLIDAYS: Final = 20
_MOST_WORKDAYS: Final = 10
_LONGEST_TEXT: Final = 200
_YEARS: Final = range(2004, 2100)
_SEPARATORS: Final = re.compile(r"[\s、，,;；]+")
#: 2027-02-14, 2027年2月14日, 2月14日, 02-14
_DAY: Final = re.compile(r"(?:([0-9]{4})[-年/.])?([0-9]{1,2})[-月/.]([0-9]{1,2})日?")


def read_arrangement(document: object) -> YearArrangement:
    """``{year, source, holidays: [{name, first_on, last_on, workdays}]}`` as an arrangement.

    Days are ISO text, or a month and day of the year (2月14日); ``workdays`` is a list or one text.
    Rows without anything in them are left out.

    Raises:
        Invalid: `arrangement.refused` with a finding for each field that can't be read.
    """
    findings: list[Finding] = []
    given = document if isinstance(document, Mapping) else {}
    year = _year(given.get("year"), findings)
    rows = given.get("holidays")
    if not isinstance(rows, Sequence) or isinstance(rows, str) or len(rows) > MOST_HOLIDAYS:
        findings.append(_finding("holidays", "holidays 应为列表。", "A list is needed."))
        rows = ()
    holidays = [
        holiday
        for place, row in enumerate(rows)
        if (holiday := _holiday(row, place, year, findings)) is not None
    ]
    source = _text(given.get("source"), "source", findings)
    if findings:
        raise Invalid("arrangement.refused", findings=findings)
    return YearArrangement(year, source, tuple(holidays))


def _holiday(row: object, place: int, year: int, findings: list[Finding]) -> ArrangedHoliday | None:
    field = f"holidays.{place}"
    if not isinstance(row, Mapping):
        findings.append(
            _finding(field, "应写明 name、first_on、last_on。", "Name and days missing.")
        )
        return None
    if not any(row.get(part) for part in ("name", "first_on", "last_on", "workdays")):
        return None
    name = _text(row.get("name"), f"{field}.name", findings)
    first = _one_day(row.get("first_on"), year, f"{field}.first_on", findings)
    last = _one_day(row.get("last_on") or row.get("first_on"), year, f"{field}.last_on", findings)
    worked = _workdays(row.get("workdays"), year, f"{field}.workdays", findings)
    if first is None or last is None:
        return None
    return ArrangedHoliday(name, first, last, worked)


def _workdays(value: object, year: int, field: str, findings: list[Finding]) -> tuple[date, ...]:
    parts: Sequence[object] = ()
    if isinstance(value, str):
        parts = [part for part in _SEPARATORS.split(value[:_LONGEST_TEXT]) if part]
    elif isinstance(value, Sequence):
        parts = value
    elif value is not None:
        findings.append(_finding(field, "应为日期的列表。", "A list of days is needed."))
    if len(parts) > _MOST_WORKDAYS:
        findings.append(
            _finding(
                field, f"调休上班日最多{_MOST_WORKDAYS}个。", f"At most {_MOST_WORKDAYS} days."
            )
        )
        return ()
    days = [_one_day(part, year, field, findings) for part in parts]
    return tuple(sorted(day for day in days if day is not None))


def _one_day(value: object, year: int, field: str, findings: list[Finding]) -> date | None:
    if isinstance(value, date):
        return value
    text = value.strip() if isinstance(value, str) else ""
    found = _DAY.fullmatch(text)
    if not text:
        findings.append(_finding(field, "请填写日期。", "Enter a day."))
        return None
    try:
        if found is None:
            raise ValueError(text)
        return date(int(found[1] or year), int(found[2]), int(found[3]))
    except ValueError:
        findings.append(
            _finding(
                field,
                f"“{text[:40]}”不是日期；请写成{year}-02-14，或者2月14日。",
                f"{text[:40]!r} is no day; write {year}-02-14.",
            )
        )
        return None


def _text(value: object, field: str, findings: list[Finding]) -> str:
    text = value.strip() if isinstance(value, str) else ""
    if len(text) > _LONGEST_TEXT or not text.isprintable() or (value and not text):
        findings.append(_finding(field, f"请填写不超过{_LONGEST_TEXT}个字的一行文字。",
                                 f"One line of at most {_LONGEST_TEXT} characters."))  # fmt: skip
        return ""
    return text


def _year(value: object, findings: list[Finding]) -> int:
    text = str(value) if isinstance(value, (int, Decimal, str)) else ""
    if text.isascii() and text.isdigit() and len(text) == 4 and int(text) in _YEARS:
        return int(text)
    findings.append(_finding("year", f"“{text[:10]}”不是可以录入的年份。", "No year to enter."))
    return _YEARS[0]


def _finding(field: str, message: str, message_en: str) -> Finding:
    return Finding("arrangement.unreadable", message, message_en, field=field)

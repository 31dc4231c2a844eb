"""The readable lines of a derivation: marked days compressed into runs, in two languages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import groupby
from typing import Final

from workflows.calendar import LOCAL_ZONE

_DAY: Final = timedelta(days=1)
#: The Chinese name and the English plural of a unit.
UNIT_NAMES: Final = {
    "workdays": ("个工作日", "working days"),
    "days": ("日", "days"),
    "months": ("个月", "months"),
    "hours": ("小时", "hours"),
}


class Mark(StrEnum):
    """What became of one day of a period."""

    COUNTED = "counted"
    MAKE_UP = "make_up"
    REST = "rest"
    EXCLUDED = "excluded"
    PAUSED = "paused"
    ROLLED = "rolled"
    ROLLED_TO = "rolled_to"


@dataclass(frozen=True, slots=True)
class MarkedDay:
    """One day, what became of it and why."""

    day: date
    mark: Mark
    reason: str
    reason_en: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a derivation; its days, both ends included, are None for a line about no day."""

    first_on: date | None
    last_on: date | None
    counted: bool
    text_zh: str
    text_en: str

    def to_json(self) -> dict[str, object]:
        """The line as JSON data, days as ISO text."""
        return {
            "first_on": self.first_on.isoformat() if self.first_on else None,
            "last_on": self.last_on.isoformat() if self.last_on else None,
            "counted": self.counted,
            "text_zh": self.text_zh,
            "text_en": self.text_en,
        }


def cited(label: str, label_en: str, clauses: Sequence[str]) -> tuple[str, str]:
    """A label with its clauses behind it, in both languages."""
    if not clauses:
        return label, label_en
    return f"{label}（{'、'.join(clauses)}）", f"{label_en} ({', '.join(clauses)})"


def length_line(text: str, text_en: str, clauses: Sequence[str]) -> Line:
    """A line about the period itself."""
    return Line(None, None, False, *cited(text, text_en, clauses))


def provisional_line(published_until: date) -> Line:
    """A line about days that no notice has arranged yet."""
    return Line(
        None,
        None,
        False,
        f"{_zh(published_until)}以后的放假安排尚未公布，按法定节假日推算，本结果为暂定，公布后重新计算",
        f"Holidays after {published_until} have not been published; computed from the statutory"
        " holidays, provisional until the notice is entered",
    )


def moment_text(moment: datetime) -> tuple[str, str]:
    """A moment in local time to the minute, in both languages."""
    local = moment.astimezone(LOCAL_ZONE)
    clock = f"{local:%H:%M}"
    return f"{_zh(local.date())}{clock}", f"{local.date()} {clock}"


def compress(
    first: date,
    start_label: tuple[str, str],
    days: Sequence[MarkedDay],
    last: date | None,
    *,
    workdays: bool,
) -> list[Line]:
    """Consecutive days with the same fate and reason as one line, framed by start and end."""
    lines = [
        Line(
            first,
            first,
            False,
            f"{_zh(first)}{start_label[0]}，当日不计入（民法典第二百零一条）",
            f"{first} {start_label[1]}, the day itself is not counted (Civil Code art. 201)",
        )
    ]
    number = 0
    for (mark, reason, reason_en), group in groupby(
        days, key=lambda day: (day.mark, day.reason, day.reason_en)
    ):
        run = list(group)
        counted = mark in (Mark.COUNTED, Mark.MAKE_UP)
        zh, en = _fate(mark, reason, reason_en, number, len(run), workdays)
        number += len(run) if counted else 0
        a, b = run[0].day, run[-1].day
        open_end = mark is Mark.PAUSED and last is None and run[-1] is days[-1]
        span_zh, span_en = (f"{_zh(a)}起", f"from {a}") if open_end else _spans(a, b)
        lines.append(Line(a, b, counted, f"{span_zh} {zh}", f"{span_en}: {en}"))
    if last is not None:
        lines.append(
            Line(
                last,
                last,
                False,
                f"{_zh(last)}24时到期（民法典第二百零三条）",
                f"Due at 24:00 on {last} (Civil Code art. 203)",
            )
        )
    return lines


def _fate(
    mark: Mark, reason: str, reason_en: str, before: int, size: int, workdays: bool
) -> tuple[str, str]:
    """What one line says about its run; `before` days were counted before it."""
    unit, unit_en = ("个工作日", "working day") if workdays else ("日", "day")
    numbers = f"{before + 1}" if size == 1 else f"{before + 1}至{before + size}"
    numbers_en = f"{before + 1}" if size == 1 else f"{before + 1} to {before + size}"
    if mark is Mark.COUNTED:
        return f"第{numbers}{unit}", f"{unit_en} {numbers_en}"
    if mark is Mark.MAKE_UP:
        return f"{reason}，第{numbers}{unit}", f"{reason_en}, {unit_en} {numbers_en}"
    if mark is Mark.PAUSED:
        return f"{reason}，时限中止，不计入", f"{reason_en}, clock paused, not counted"
    if mark is Mark.ROLLED_TO:
        return (
            "期限最后一日为休假日，顺延至本工作日（民法典第二百零三条）",
            "the last day is a day off, so the period ends on this working day (Civil Code 203)",
        )
    if mark is Mark.ROLLED:
        return f"{reason}，顺延", f"{reason_en}, moved on"
    return f"{reason}，不计入", f"{reason_en}, not counted"


def _spans(a: date, b: date) -> tuple[str, str]:
    return (_zh(a), str(a)) if a == b else (f"{_zh(a)}至{_zh(b)}", f"{a} to {b}")


def _zh(day: date) -> str:
    weekday = "一二三四五六日"[day.weekday()]
    return f"{day.year}年{day.month}月{day.day}日（周{weekday}）"

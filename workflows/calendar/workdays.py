"""The working calendar: which days are working days, and counting over them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType

from workflows.calendar.local import bad_length
from workflows.errors import Invalid

_DAY = timedelta(days=1)
_SATURDAY = 5


class DayStatus(StrEnum):
    """Why a day is a working day or not."""

    WORKDAY = "workday"
    MAKE_UP_WORKDAY = "make_up_workday"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """A published table of holidays and of weekend days that are worked instead (调休).

    `holidays` may also name weekend days; `make_up_workdays` wins over both. `names` gives the
    Chinese and English name of a listed day. `known_from` and `known_until` are the first and last
    day that the table covers; outside them every question is refused. Days from `provisional_from`
    on (None: there are none) rest on no notice but on a computation, and may change.
    """

    holidays: frozenset[date]
    make_up_workdays: frozenset[date]
    known_until: date
    version: str
    known_from: date = date.min
    names: Mapping[date, tuple[str, str]] = field(
        default_factory=lambda: MappingProxyType({}), hash=False
    )
    provisional_from: date | None = None
    #: the notice that arranged a year, where it has been entered
    sources: Mapping[int, str] = field(default_factory=lambda: MappingProxyType({}), hash=False)

    def __post_init__(self) -> None:
        """Raises: Invalid(`calendar.contradiction`) when a day is both holiday and worked."""
        both = self.holidays & self.make_up_workdays
        if both:
            day = min(both)
            raise Invalid(
                "calendar.contradiction",
                f"日历中{day}既列为放假日又列为调休上班日，请更正。",
                f"The calendar lists {day} both as a holiday and as a make-up workday; correct it.",
                details={"day": day.isoformat()},
            )

    def status(self, day: date) -> DayStatus:
        """What kind of day it is. Raises: Invalid(`calendar.unknown_day`)."""
        if not self.known_from <= day <= self.known_until:
            raise self._unknown(day)
        if day in self.make_up_workdays:
            return DayStatus.MAKE_UP_WORKDAY
        if day in self.holidays:
            return DayStatus.HOLIDAY
        return DayStatus.WEEKEND if day.weekday() >= _SATURDAY else DayStatus.WORKDAY

    @property
    def published_until(self) -> date:
        """The last day whose arrangement has been published."""
        first = self.provisional_from
        return self.known_until if first is None else first - _DAY

    def is_provisional(self, day: date) -> bool:
        """Whether the day's arrangement hasn't been published."""
        return self.provisional_from is not None and day >= self.provisional_from

    def is_workday(self, day: date) -> bool:
        """Whether agencies work on the day. Raises: Invalid(`calendar.unknown_day`)."""
        return self.status(day) in (DayStatus.WORKDAY, DayStatus.MAKE_UP_WORKDAY)

    def workday_after(self, day: date, n: int) -> date:
        """The n-th working day after `day`, which is not counted itself (民法典 201(1)).

        Raises: Invalid(`calendar.bad_length`) when n < 1, Invalid(`calendar.unknown_day`).
        """
        if n < 1:
            raise bad_length()
        remaining = n
        for following in self._days_after(day):
            remaining -= self.is_workday(following)
            if remaining == 0:
                return following
        raise self._unknown(self.known_until + _DAY)

    def workdays_between(self, a: date, b: date) -> int:
        """How many working days lie after `a` up to and including `b`; negative when b is earlier.

        So `workdays_between(a, workday_after(a, n)) == n`. Raises: Invalid(`calendar.unknown_day`).
        """
        if b < a:
            return -self.workdays_between(b, a)
        return sum(
            self.is_workday(date.fromordinal(ordinal))
            for ordinal in range(a.toordinal() + 1, b.toordinal() + 1)
        )

    def next_workday_from(self, day: date) -> date:
        """`day` itself when it is worked, else the next working day (民法典 203(1)).

        Raises: Invalid(`calendar.unknown_day`).
        """
        return day if self.is_workday(day) else self.workday_after(day, 1)

    def still_working(self, days: Iterable[date]) -> WorkingCalendar:
        """The calendar in which these days of rest are worked, unless they are holidays."""
        kept = {
            day
            for day in days
            if self.known_from <= day <= self.known_until and self.status(day) is DayStatus.WEEKEND
        }
        if not kept:
            return self
        names = {**self.names, **dict.fromkeys(kept, _KEPT)}
        return replace(
            self,
            make_up_workdays=self.make_up_workdays | kept,
            names=MappingProxyType(names),
        )

    def name(self, day: date) -> tuple[str, str]:
        """The Chinese and English name of a listed day, or of its kind when it has none."""
        return self.names.get(day) or _KIND_NAMES[self.status(day)]

    def _days_after(self, day: date) -> Iterator[date]:
        following = day
        while following <= self.known_until:
            following += _DAY
            yield following

    def _unknown(self, day: date) -> Invalid:
        return Invalid(
            "calendar.unknown_day",
            f"工作日历（版本{self.version}）公布到{self.published_until}，推算到{self.known_until}，"
            f"无法确定{day}是否为工作日。请系统管理员先补录放假安排。"
            if day > self.known_until
            else f"工作日历（版本{self.version}）从{self.known_from}开始，"
            f"无法确定{day}是否为工作日。请系统管理员先补录放假安排。",
            f"The working calendar (version {self.version}) covers {self.known_from} to"
            f" {self.known_until}; whether {day} is a working day is unknown. Extend the calendar.",
            details={"day": day.isoformat(), "known_until": self.known_until.isoformat()},
        )


#: A make-up workday that a later notice withdrew, for periods that have counted it.
_KEPT = ("原调休上班（已取消，仍按原安排计入）", "former make-up workday, still counted")
_KIND_NAMES = {
    DayStatus.WORKDAY: ("工作日", "working day"),
    DayStatus.MAKE_UP_WORKDAY: ("调休上班", "make-up workday"),
    DayStatus.WEEKEND: ("周末", "weekend"),
    DayStatus.HOLIDAY: ("法定休假日", "public holiday"),
}

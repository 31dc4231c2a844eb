"""The working calendar as functions of FEEL."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from workflows.calendar import WorkingCalendar
from workflows.feel import FeelError, HostFunction, Value


def calendar_functions(calendar: WorkingCalendar) -> Mapping[str, HostFunction]:
    """`workday after(date, n)`, `is workday(date)` and `workdays between(from, to)`.

    A day outside the published calendar raises Invalid through the evaluation: it is an incident,
    never null.
    """

    def after(day: date, n: Value) -> Value:
        if n != int(n):
            raise FeelError("whole_number", "n must be whole", "n 须为整数")
        return calendar.workday_after(day, int(n))

    def between(first: date, last: date) -> Value:
        return Decimal(calendar.workdays_between(first, last))

    return {
        "workday after": HostFunction(
            "workday after", ("date", "n"), after, types=("date", "number")
        ),
        "is workday": HostFunction("is workday", ("date",), calendar.is_workday, types=("date",)),
        "workdays between": HostFunction(
            "workdays between", ("from", "to"), between, types=("date", "date")
        ),
    }

"""The working calendar as functions of FEEL."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from workflows.calendar import WorkingCalendar
from workflows.decisions.parameters import plain_day
from workflows.feel import FeelError, HostFunction, Value


def calendar_functions(calendar: WorkingCalendar) -> Mapping[str, HostFunction]:
    """`workday after(date, n)`, `is workday(date)` and `workdays between(from, to)`.

    A day outside the published calendar raises Invalid through the evaluation: it is an incident,
    never null.
    """

    def after(day: Value, n: Decimal) -> Value:
        if n != n.to_integral_value():
            raise FeelError("whole_number", "n must be whole", "n 须为整数")
        return calendar.workday_after(plain_day(day), int(n))

    def between(first: Value, last: Value) -> Value:
        return Decimal(calendar.workdays_between(plain_day(first), plain_day(last)))

    def is_workday(day: Value) -> Value:
        return calendar.is_workday(plain_day(day))

    return {
        "workday after": HostFunction(
            "workday after", ("date", "n"), after, types=("date", "number")
        ),
        "is workday": HostFunction("is workday", ("date",), is_workday, types=("date",)),
        "workdays between": HostFunction(
            "workdays between", ("from", "to"), between, types=("date", "date")
        ),
    }

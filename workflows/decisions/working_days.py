"""The working calendar as functions of FEEL."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal

from workflows.calendar import WorkingCalendar
from workflows.decisions.parameters import plain_day
from workflows.feel import FeelError, HostFunction, Value


def calendar_functions(
    calendar: WorkingCalendar, note_provisional: Callable[[date], None] | None = None
) -> Mapping[str, HostFunction]:
    """`workday after(date, n)`, `is workday(date)` and `workdays between(from, to)`.

    A day beyond the published calendar is counted by the statutory holidays, and
    `note_provisional` is told the last such day of the count. A day beyond those, too, raises
    Invalid through the evaluation: it is an incident, never null.
    """

    def noted(day: date) -> date:
        if note_provisional is not None and calendar.is_provisional(day):
            note_provisional(day)
        return day

    def after(day: Value, n: Decimal) -> Value:
        if n != n.to_integral_value():
            raise FeelError("whole_number", "n must be whole", "n 须为整数")
        return noted(calendar.workday_after(plain_day(day), int(n)))

    def between(first: Value, last: Value) -> Value:
        a, b = plain_day(first), plain_day(last)
        noted(max(a, b))
        return Decimal(calendar.workdays_between(a, b))

    def is_workday(day: Value) -> Value:
        return calendar.is_workday(noted(plain_day(day)))

    return {
        "workday after": HostFunction(
            "workday after", ("date", "n"), after, types=("date", "number")
        ),
        "is workday": HostFunction("is workday", ("date",), is_workday, types=("date",)),
        "workdays between": HostFunction(
            "workdays between", ("from", "to"), between, types=("date", "date")
        ),
    }

"""The working calendar inside FEEL."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from workflows.calendar import WorkingCalendar, extended
from workflows.decisions import HOST_FUNCTIONS
from workflows.decisions.working_days import calendar_functions
from workflows.errors import Invalid
from workflows.feel import compile_expression

#: National Day of 2026, with the Saturday that makes up for it.
CALENDAR = WorkingCalendar(
    holidays=frozenset(date(2026, 10, day) for day in range(1, 8)),
    make_up_workdays=frozenset({date(2026, 10, 10)}),
    known_from=date(2026, 1, 1),
    known_until=date(2026, 12, 31),
    version="test",
)


def evaluated(text: str) -> Any:
    functions = calendar_functions(CALENDAR)
    return compile_expression(text, functions=functions).evaluate({}, functions=functions)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('workday after(date("2026-09-30"), 1)', date(2026, 10, 8)),
        ('workday after(date("2026-09-30"), 3)', date(2026, 10, 10)),
        ('is workday(date("2026-10-10"))', True),
        ('is workday(date("2026-10-11"))', False),
        ('workdays between(date("2026-09-30"), date("2026-10-10"))', Decimal(3)),
    ],
)
def test_working_days_follow_the_published_calendar(text: str, expected: Any) -> None:
    # when
    result = evaluated(text)
    # then
    assert result.value == expected
    assert result.warnings == ()


def test_a_day_outside_of_the_calendar_is_an_error_never_null() -> None:
    with pytest.raises(Invalid):
        evaluated('workday after(date("2026-12-31"), 1)')


@pytest.mark.parametrize(
    "text",
    [
        'workday after(date("2026-09-30"), 1.5)',
        'workday after(date("99999-01-01"), 1)',
        'is workday("2026-09-30")',
        "is workday(null)",
    ],
)
def test_what_is_no_day_or_no_count_is_null_with_a_warning(text: str) -> None:
    # when
    result = evaluated(text)
    # then
    assert result.value is None
    assert len(result.warnings) == 1


def test_the_functions_are_the_ones_that_the_gate_knows() -> None:
    assert {*calendar_functions(CALENDAR), "parameter"} == HOST_FUNCTIONS


def test_days_without_a_notice_are_counted_and_told() -> None:
    # given a calendar whose next years are computed from weekends alone
    told: list[date] = []
    functions = calendar_functions(extended(CALENDAR, ()), told.append)
    # when
    result = compile_expression(
        'workday after(date("2026-12-31"), 1)', functions=functions
    ).evaluate({}, functions=functions)
    # then
    assert result.value == date(2027, 1, 1)
    assert told == [date(2027, 1, 1)]

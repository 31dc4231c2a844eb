"""The working calendar against an independent count, and recounts under any change of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import chinese_calendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from models.clocks import Clock, ClockState
from tests.runtime.district import policy_files
from workflows.calendar import (
    DayStatus,
    WorkingCalendar,
    computed_days,
    local_midnight,
    statutory_days,
)
from workflows.clocks.recorded import derive_recorded, kept_workdays, recorded
from workflows.clocks.recounting import recount_clock
from workflows.definitions.policy import parse_policy
from workflows.errors import SYSTEM

POLICY = parse_policy(policy_files())
CALENDAR = POLICY.calendar
DAY = timedelta(days=1)
PUBLISHED = [date(2004, 1, 1) + DAY * n for n in range((date(2027, 1, 1) - date(2004, 1, 1)).days)]
YEARS = range(2014, 2027)


def test_every_published_day_is_worked_or_not_as_the_package_says() -> None:
    # when
    differing = [
        day for day in PUBLISHED if CALENDAR.is_workday(day) != chinese_calendar.is_workday(day)
    ]
    # then
    assert len(PUBLISHED) == 8401
    assert differing == []


@given(st.sampled_from(PUBLISHED[:-400]), st.integers(1, 200))
def test_the_nth_working_day_has_n_working_days_up_to_it(start: date, n: int) -> None:
    # when
    end = CALENDAR.workday_after(start, n)
    # then: counted by the package
    assert len(chinese_calendar.get_workdays(start + DAY, end)) == n
    assert chinese_calendar.is_workday(end)
    assert CALENDAR.workdays_between(start, end) == n


@pytest.mark.parametrize("year", YEARS)
def test_every_statutory_day_is_off_in_the_published_calendar(year: int) -> None:
    # when
    statutory = statutory_days(POLICY.holidays, year)
    # then
    assert len(statutory) in ((10, 11) if year < 2025 else (13,))
    assert [day for day in statutory if chinese_calendar.is_workday(day)] == []


@pytest.mark.parametrize("year", YEARS)
def test_a_computed_year_differs_from_the_notice_by_its_arrangement_only(year: int) -> None:
    # given
    off = computed_days(POLICY.holidays, year)
    days = [day for day in PUBLISHED if day.year == year]
    # when
    computed = {day for day in days if day.weekday() < 5 and day not in off}
    arranged = {day for day in days if chinese_calendar.is_workday(day)}
    # then: bridging days off against weekends worked, and a day in lieu that a notice has moved
    assert len(computed ^ arranged) <= 16
    assert {day for day in arranged - computed if day.weekday() < 5} <= {date(2015, 9, 28)}


def test_years_without_a_notice_are_computed_for_ten_years_and_provisional() -> None:
    assert CALENDAR.published_until == date(2026, 12, 31)
    assert CALENDAR.known_until == date(2036, 12, 31)
    assert CALENDAR.is_provisional(date(2027, 1, 1))
    # the first day of the year of the goat, and the days in lieu of its weekend
    assert CALENDAR.status(date(2027, 2, 6)) is DayStatus.HOLIDAY
    assert CALENDAR.name(date(2027, 2, 9)) == (
        "春节补假（推算）",
        "day off in lieu of Spring Festival (computed)",
    )
    assert not CALENDAR.make_up_workdays & {date(2027, 1, 1) + DAY * n for n in range(3650)}


# -- recounts

_SPAN = [date(2021, 8, 1) + DAY * n for n in range(150)]
#: Days close to each other and, as often, the weekend days that are worked among them.
_TURNED = st.one_of(
    st.sampled_from(_SPAN[31:75]),
    st.sampled_from([day for day in _SPAN if day in CALENDAR.make_up_workdays]),
)
changes = st.lists(
    st.tuples(_TURNED, st.sampled_from(["off", "worked", "plain"])), min_size=1, max_size=10
)


def changed(calendar: WorkingCalendar, turns: list[tuple[date, str]]) -> WorkingCalendar:
    """The calendar after some days were turned; make-up workdays fall on weekends only."""
    holidays, worked = set(calendar.holidays), set(calendar.make_up_workdays)
    for day, turn in turns:
        holidays.discard(day)
        worked.discard(day)
        if turn == "off":
            holidays.add(day)
        elif turn == "worked" and day.weekday() >= 5:
            worked.add(day)
    return replace(
        calendar, holidays=frozenset(holidays), make_up_workdays=frozenset(worked), version="next"
    )


def running(start: date, length: int, unit: str) -> Clock:
    """A clock without a database."""
    inputs: dict[str, Any] = {
        "length": length, "unit": unit, "roll": unit == "days", "warn_days": 2, "clauses": [],
        "from": start.isoformat(), "from_at": local_midnight(start).isoformat(),
        "extensions": [], "pauses": [], "parameters": [],
    }  # fmt: skip
    found = derive_recorded(inputs, CALENDAR)
    assert found.due_at is not None
    return Clock(
        id="c", case_id="c", key="k", name="n", severity="alert", state=ClockState.RUNNING,
        started_on=start, due_on=found.due_on, due_at=found.due_at, warn_at=found.due_at,
        derivation=recorded(inputs, found),
    )  # fmt: skip


@settings(max_examples=400)
@given(
    start=st.sampled_from(_SPAN[31:60]),
    length=st.integers(1, 30),
    unit=st.sampled_from(["workdays", "days"]),
    steps=st.lists(st.tuples(changes, st.integers(0, 60)), min_size=1, max_size=3),
)
def test_a_recount_moves_a_due_day_for_its_reasons_only(
    start: date, length: int, unit: str, steps: list[tuple[list[tuple[date, str]], int]]
) -> None:
    # given
    session = Session()
    clock, calendar = running(start, length, unit), CALENDAR
    for turns, days in steps:
        now = local_midnight(start + DAY * days) + timedelta(hours=10)
        was, before = clock.due_on, calendar
        calendar = changed(calendar, turns)
        # when
        found = recount(session, clock, calendar, now)
        # then
        new_holidays = [
            day for day in _SPAN
            if calendar.status(day) is DayStatus.HOLIDAY and start < day <= was
            and (before.is_workday(day) or day in kept_workdays(clock.derivation["inputs"]))
        ]  # fmt: skip
        if clock.due_on > was:
            assert new_holidays
            assert found is not None and "放假" in found.text
            latest = was
            for _ in new_holidays:
                latest = later_workday(calendar, latest)
            assert clock.due_on <= latest
        elif clock.due_on < was:
            assert clock.due_on > start + DAY * days
        assert (found is None) or found.is_now == clock.due_on
        # and again: nothing
        again = recount(session, clock, calendar, now + timedelta(days=3))
        assert again is None


def later_workday(calendar: WorkingCalendar, day: date) -> date:
    """Any working day of the calendar in force that is later."""
    return calendar.workday_after(day, 1)


def recount(session: Session, clock: Clock, calendar: WorkingCalendar, now: datetime) -> Any:
    return recount_clock(session, clock, calendar=calendar, source="通知", actor=SYSTEM, now=now)

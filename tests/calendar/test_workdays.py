"""Working days over the published table, against the dates written out in the policy."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from tests.calendar.published import CALENDAR, days
from workflows.calendar import (
    CalendarDay,
    DayKind,
    DayStatus,
    WorkingCalendar,
    calendar_from_rows,
    end_of_day,
    last_day_of_period,
    local_day,
    local_midnight,
    months_later,
    published_days,
)
from workflows.errors import Invalid


@pytest.mark.parametrize(
    ("year", "holidays"),
    [
        (
            2021,
            "01-01 02-11 02-12 02-15 02-16 02-17 04-05 05-03 05-04 05-05 06-14 09-20 09-21"
            " 10-01 10-04 10-05 10-06 10-07",
        ),
        (
            2022,
            "01-03 01-31 02-01 02-02 02-03 02-04 04-04 04-05 05-02 05-03 05-04 06-03 09-12"
            " 10-03 10-04 10-05 10-06 10-07",
        ),
        (
            2023,
            "01-02 01-23 01-24 01-25 01-26 01-27 04-05 05-01 05-02 05-03 06-22 06-23 09-29"
            " 10-02 10-03 10-04 10-05 10-06",
        ),
    ],
)
def test_the_seeded_weekday_holidays_are_those_of_the_notices(year: int, holidays: str) -> None:
    # when
    found = {day for day in CALENDAR.holidays if day.year == year and day.weekday() < 5}

    # then
    assert found == days(year, holidays)


@pytest.mark.parametrize(
    ("year", "worked"),
    [
        (2021, "02-07 02-20 04-25 05-08 09-18 09-26 10-09"),
        (2022, "01-29 01-30 04-02 04-24 05-07 10-08 10-09"),
        (2023, "01-28 01-29 04-23 05-06 06-25 10-07 10-08"),
    ],
)
def test_the_seeded_make_up_workdays_are_those_of_the_notices(year: int, worked: str) -> None:
    assert {day for day in CALENDAR.make_up_workdays if day.year == year} == days(year, worked)


@pytest.mark.parametrize(
    ("start", "n", "expected"),
    [
        (date(2021, 9, 8), 3, date(2021, 9, 13)),
        (date(2021, 9, 9), 3, date(2021, 9, 14)),
        (date(2021, 9, 8), 12, date(2021, 9, 26)),
        (date(2021, 9, 30), 10, date(2021, 10, 20)),
        (date(2021, 9, 8), 30, date(2021, 10, 26)),
        (date(2021, 9, 8), 45, date(2021, 11, 16)),
        (date(2021, 10, 8), 3, date(2021, 10, 12)),
        (date(2021, 9, 30), 1, date(2021, 10, 8)),
    ],
)
def test_the_nth_workday_leaves_the_starting_day_out(start: date, n: int, expected: date) -> None:
    assert CALENDAR.workday_after(start, n) == expected
    assert CALENDAR.workdays_between(start, expected) == n
    assert CALENDAR.workdays_between(expected, start) == -n


def test_a_make_up_workday_is_worked_and_a_holiday_is_not() -> None:
    assert CALENDAR.status(date(2021, 9, 26)) is DayStatus.MAKE_UP_WORKDAY
    assert CALENDAR.status(date(2021, 10, 1)) is DayStatus.HOLIDAY
    assert CALENDAR.status(date(2021, 9, 25)) is DayStatus.WEEKEND
    assert CALENDAR.status(date(2021, 9, 27)) is DayStatus.WORKDAY
    assert CALENDAR.is_workday(date(2021, 9, 26))
    assert not CALENDAR.is_workday(date(2021, 10, 1))


def test_rolling_moves_a_rest_day_only() -> None:
    assert CALENDAR.next_workday_from(date(2021, 10, 5)) == date(2021, 10, 8)
    assert CALENDAR.next_workday_from(date(2021, 9, 26)) == date(2021, 9, 26)


def test_listed_days_carry_their_names() -> None:
    assert CALENDAR.name(date(2021, 10, 2)) == ("国庆节", "National Day")
    assert CALENDAR.name(date(2021, 9, 18))[1] == "make-up workday (Mid-autumn Festival)"
    assert CALENDAR.name(date(2021, 9, 25)) == ("周末", "weekend")


@pytest.mark.parametrize("day", [date(2016, 12, 30), date(2027, 1, 4)])
def test_a_day_outside_the_published_table_is_refused(day: date) -> None:
    for question in (CALENDAR.is_workday, CALENDAR.next_workday_from, CALENDAR.name):
        with pytest.raises(Invalid) as refused:
            question(day)
        assert refused.value.code == "calendar.unknown_day"
        assert str(day) in refused.value.message


def test_counting_past_the_published_table_is_refused() -> None:
    with pytest.raises(Invalid) as refused:
        CALENDAR.workday_after(date(2026, 12, 20), 30)
    assert refused.value.code == "calendar.unknown_day"
    assert "2027-01-01" in refused.value.message_en

    with pytest.raises(Invalid):
        CALENDAR.workdays_between(date(2026, 12, 20), date(2027, 1, 20))


@pytest.mark.parametrize("n", [0, -1])
def test_a_count_below_one_is_refused(n: int) -> None:
    with pytest.raises(Invalid) as refused:
        CALENDAR.workday_after(date(2021, 9, 8), n)
    assert refused.value.code == "calendar.bad_length"


def test_a_day_cannot_be_both_holiday_and_worked() -> None:
    # given
    day = date(2027, 2, 6)

    # when
    with pytest.raises(Invalid) as refused:
        WorkingCalendar(frozenset({day}), frozenset({day}), date(2027, 12, 31), "draft")

    # then
    assert refused.value.code == "calendar.contradiction"


def test_a_row_outside_the_covered_range_is_refused() -> None:
    # given
    row = CalendarDay(date(2028, 1, 3), DayKind.HOLIDAY, "元旦", "New Year's Day")

    # when
    with pytest.raises(Invalid) as refused:
        calendar_from_rows(
            [row], known_from=date(2027, 1, 1), known_until=date(2027, 12, 31), version="draft"
        )

    # then
    assert refused.value.code == "calendar.day_outside"


def test_an_unpublished_year_is_not_invented() -> None:
    with pytest.raises(Invalid) as refused:
        published_days(2026, 2199)
    assert refused.value.code == "calendar.year_not_published"


@pytest.mark.parametrize(
    ("start", "length", "expected"),
    [
        (date(2021, 9, 22), {"days": 7}, date(2021, 9, 29)),
        (date(2021, 1, 31), {"months": 1}, date(2021, 2, 28)),
        (date(2020, 1, 31), {"months": 1}, date(2020, 2, 29)),
        (date(2021, 10, 31), {"months": 6}, date(2022, 4, 30)),
        (date(2021, 10, 15), {"months": 6}, date(2022, 4, 15)),
        (date(2022, 11, 18), {"months": 3}, date(2023, 2, 18)),
        (date(2021, 12, 15), {"months": 12}, date(2022, 12, 15)),
        (date(2020, 2, 29), {"years": 1}, date(2021, 2, 28)),
    ],
)
def test_a_period_ends_on_the_corresponding_day(
    start: date, length: dict[str, int], expected: date
) -> None:
    assert last_day_of_period(start, **length) == expected


@pytest.mark.parametrize(
    "length", [{}, {"days": 1, "months": 1}, {"days": -1}, {"months": 10**6}, {"days": 10**12}]
)
def test_a_period_without_one_sensible_length_is_refused(length: dict[str, int]) -> None:
    with pytest.raises(Invalid) as refused:
        last_day_of_period(date(2021, 1, 1), **length)
    assert refused.value.code == "calendar.bad_length"


def test_local_days_begin_eight_hours_before_those_of_utc() -> None:
    assert local_day(datetime(2021, 9, 8, 15, 59, 59, tzinfo=UTC)) == date(2021, 9, 8)
    assert local_day(datetime(2021, 9, 8, 16, 0, tzinfo=UTC)) == date(2021, 9, 9)
    assert local_midnight(date(2021, 9, 9)) == datetime(2021, 9, 8, 16, 0, tzinfo=UTC)
    assert end_of_day(date(2021, 9, 8)) == local_midnight(date(2021, 9, 9))


def test_a_moment_without_offset_has_no_local_day() -> None:
    with pytest.raises(Invalid) as refused:
        local_day(datetime(2021, 9, 8, 12, 0))  # noqa: DTZ001 -- the naive moment is the subject
    assert refused.value.code == "calendar.naive_moment"


@pytest.mark.parametrize(
    ("start", "months", "expected"),
    [
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2023, 11, 30), 3, date(2024, 2, 29)),
        (date(2023, 12, 15), 12, date(2024, 12, 15)),
        (date(2024, 3, 31), -1, date(2024, 2, 29)),
        (date(2024, 1, 31), -1, date(2023, 12, 31)),
    ],
)
def test_a_month_without_the_day_ends_with_its_last(
    start: date, months: int, expected: date
) -> None:
    # when / then
    assert months_later(start, months) == expected


@pytest.mark.parametrize("months", [100_000, -100_000, 10**30])
def test_months_beyond_the_calendar_are_an_error(months: int) -> None:
    # when / then
    with pytest.raises((ValueError, OverflowError)):
        months_later(date(2024, 1, 1), months)

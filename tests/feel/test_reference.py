"""FEEL against references that count in another way."""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from math import ceil, floor
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.feel.strategies import numbers
from workflows.feel import Range, YearMonthDuration, compile_expression
from workflows.feel.dates import Day, make_date

unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

#: Points on a grid of halves: an open end between whole numbers leaves out exactly one of them.
Points = frozenset[Fraction]
_GRID: Final = [Fraction(number, 2) for number in range(-2, 24)]

ends = st.tuples(st.integers(0, 10), st.integers(0, 10)).map(sorted)
ranges = st.builds(
    lambda pair, low, high: Range(Decimal(pair[0]), Decimal(pair[1]), low, high),
    ends,
    st.booleans(),
    st.booleans(),
)
points = st.sampled_from(_GRID)

#: What a function of two ranges means for the points that they hold.
RELATIONS: Final[dict[str, Callable[[Points, Points], bool]]] = {
    "before": lambda one, two: max(one) < min(two),
    "after": lambda one, two: min(one) > max(two),
    # Only ends that are included are whole.
    "meets": lambda one, two: max(one) == min(two) and max(one).denominator == 1,
    "met by": lambda one, two: min(one) == max(two) and min(one).denominator == 1,
    "overlaps": lambda one, two: bool(one & two),
    "overlaps before": lambda one, two: (
        min(one) < min(two) and bool(one & two) and max(one) <= max(two)
    ),
    "overlaps after": lambda one, two: (
        min(two) < min(one) and bool(one & two) and max(two) <= max(one)
    ),
    "finishes": lambda one, two: max(one) == max(two) and one <= two,
    "finished by": lambda one, two: max(one) == max(two) and two <= one,
    "includes": lambda one, two: two <= one,
    "during": lambda one, two: one <= two,
    "starts": lambda one, two: min(one) == min(two) and one <= two,
    "started by": lambda one, two: min(one) == min(two) and two <= one,
    "coincides": lambda one, two: one == two,
}
#: The same for a point and a range; the second argument comes first where `swapped`.
POINTED: Final[dict[str, Callable[[Fraction, Points], bool]]] = {
    "before": lambda point, held: point < min(held),
    "after": lambda point, held: point > max(held),
    "finishes": lambda point, held: point == max(held),
    "during": lambda point, held: point in held,
    "starts": lambda point, held: point == min(held),
}


def held_by(interval: Range) -> Points:
    """The points of the grid that lie in a range."""
    low, high = Fraction(interval.start), Fraction(interval.end)
    return frozenset(
        point
        for point in _GRID
        if (low < point or (low == point and interval.start_included))
        and (point < high or (point == high and interval.end_included))
    )


def ask(text: str, **scope: Any) -> Any:
    """The value of a text over these names."""
    return compile_expression(text, scope).value(scope)


@pytest.mark.parametrize("name", RELATIONS)
@unhurried
@given(ranges, ranges)
def test_a_function_of_two_ranges_says_what_their_points_say(
    name: str, one: Range, two: Range
) -> None:
    # given
    first, second = held_by(one), held_by(two)
    assume(first and second)
    # when
    answer = ask(f"{name}(one, two)", one=one, two=two)
    # then
    assert answer is RELATIONS[name](first, second)


@pytest.mark.parametrize("name", POINTED)
@unhurried
@given(points, ranges)
def test_a_function_of_a_point_and_a_range_says_what_the_points_say(
    name: str, point: Fraction, interval: Range
) -> None:
    # given
    held = held_by(interval)
    assume(held)
    number = Decimal(point.numerator) / point.denominator
    # when
    answer = ask(f"{name}(point, interval)", point=number, interval=interval)
    within = ask("point in interval", point=number, interval=interval)
    # then
    # (`finishes` and `starts` want the very end, which an open range does not hold)
    expected = POINTED[name](point, held)
    open_end = {"finishes": not interval.end_included, "starts": not interval.start_included}
    assert answer is (expected and not open_end.get(name, False))
    assert within is (point in held)


def julian_day(year: int, month: int, day: int) -> int:
    """The Julian day number, by counting years, leap days and months one after another."""
    past = year - 1
    leaps = past // 4 - past // 100 + past // 400
    leap = (year % 4 == 0 and year % 100 != 0) or year % 400 == 0
    lengths = (31, 29 if leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
    return 1_721_425 + past * 365 + leaps + sum(lengths[: month - 1]) + day


days = st.builds(
    lambda year, month, day: make_date(year, month, day),
    st.integers(-12_000, 12_000) | st.integers(2020, 2027),
    st.integers(1, 12),
    st.integers(1, 28),
)


def number_of(day: Day) -> int:
    """The Julian day number of a date."""
    return julian_day(day.year, day.month, day.day)


@unhurried
@given(days, st.integers(-3_000_000, 3_000_000))
def test_days_are_added_as_they_are_counted(day: Day, count: int) -> None:
    # when
    later = ask('day + @"P1D" * n', day=day, n=Decimal(count))
    back = ask('(later - day) / @"P1D"', later=later, day=day)
    # then
    assert number_of(later) == number_of(day) + count
    assert back == count


@unhurried
@given(days)
def test_the_calendar_s_functions_agree_with_a_count_of_days(day: Day) -> None:
    # given
    first = julian_day(day.year, 1, 1)
    weekday = (number_of(day) - 1_721_426) % 7 + 1
    # when
    names = ask("[day of week(day), month of year(day)]", day=day)
    numbers_ = ask("[day.weekday, day of year(day), week of year(day)]", day=day)
    # then
    thursday = number_of(day) - weekday + 4
    year = next(y for y in (day.year - 1, day.year, day.year + 1)
                if julian_day(y, 1, 1) <= thursday < julian_day(y + 1, 1, 1))  # fmt: skip
    week = (thursday - julian_day(year, 1, 1)) // 7 + 1
    assert numbers_ == [weekday, number_of(day) - first + 1, week]
    assert names[0] == ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
                        "Sunday")[weekday - 1]  # fmt: skip
    assert names[1].startswith(
        ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")[
            day.month - 1
        ]
    )


@unhurried
@given(days, st.integers(-400, 400))
def test_months_are_added_one_after_another(day: Day, count: int) -> None:
    # given
    year, month = day.year, day.month
    for _ in range(abs(count)):
        month += 1 if count > 0 else -1
        if month in (0, 13):
            year, month = (year + 1, 1) if month == 13 else (year - 1, 12)
    # when
    later = ask("day + months", day=day, months=YearMonthDuration(count))
    between = ask("years and months duration(day, later)", day=day, later=later)
    # then
    assert (later.year, later.month, later.day) == (year, month, day.day)
    assert between == YearMonthDuration(count)


@unhurried
@given(st.integers(0, 86_399), st.integers(-400_000, 400_000))
def test_a_time_of_day_goes_round_the_clock(start: int, seconds: int) -> None:
    # given
    clock = [Decimal(part) for part in (start // 3600, start // 60 % 60, start % 60)]
    text = '(time(h, m, s) + @"PT1S" * n) - time(0, 0, 0)'
    # when
    passed = ask(text, h=clock[0], m=clock[1], s=clock[2], n=Decimal(seconds))
    # then
    assert passed.total_seconds() == (start + seconds) % 86_400


@unhurried
@given(numbers, numbers.filter(bool))
def test_a_quotient_is_the_nearest_number_of_34_digits(left: Decimal, right: Decimal) -> None:
    # given
    exact = Fraction(left) / Fraction(right)
    # when
    value = ask("a / b", a=left, b=right)
    # then
    away = abs(Fraction(value) - exact)
    unit = Fraction(10) ** (value.adjusted() - 33) if value else Fraction(0)
    assert away <= unit / 2
    assert len(value.as_tuple().digits) <= 34


ROUNDINGS: Final[dict[str, Callable[[Fraction], int]]] = {
    "floor": floor,
    "ceiling": ceil,
    "decimal": round,
    "round up": lambda x: ceil(x) if x > 0 else floor(x),
    "round down": lambda x: floor(x) if x > 0 else ceil(x),
    "round half up": lambda x: floor(x + Fraction(1, 2)) if x > 0 else ceil(x - Fraction(1, 2)),
    "round half down": lambda x: ceil(x - Fraction(1, 2)) if x > 0 else floor(x + Fraction(1, 2)),
}


@pytest.mark.parametrize("name", ROUNDINGS)
@unhurried
@given(st.integers(-(10**9), 10**9), st.integers(0, 4), st.integers(-3, 4))
def test_a_number_is_rounded_as_a_fraction_is(
    name: str, whole: int, places: int, scale: int
) -> None:
    # given
    number = Decimal(whole).scaleb(-places)
    unit = Fraction(10) ** -scale
    # when
    value = ask(f"{name}(n, scale)", n=number, scale=Decimal(scale))
    # then
    assert Fraction(value) == ROUNDINGS[name](Fraction(number) / unit) * unit


@unhurried
@given(numbers.filter(lambda number: abs(number) < 10**9), st.integers(-20, 20))
def test_a_whole_power_is_within_the_last_digit(base: Decimal, exponent: int) -> None:
    # given
    assume(base or exponent > 0)
    reference = Context(prec=80, rounding=ROUND_HALF_EVEN).power(base, exponent)
    # when
    value = ask("base ** exponent", base=base, exponent=Decimal(exponent))
    # then
    assert abs(value - reference) <= abs(reference) * Decimal("1e-33")

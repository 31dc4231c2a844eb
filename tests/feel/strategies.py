"""Values and texts for property tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from workflows.feel import (
    ExtendedDate,
    ExtendedDateTime,
    ExtendedDuration,
    FeelTime,
    Range,
    YearMonthDuration,
)

numbers = st.decimals(
    allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20, places=6
) | st.integers(-(10**30), 10**30).map(Decimal)
zones = st.sampled_from([None, UTC, ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Paris")]) | (
    st.integers(-1080, 1080).map(lambda minutes: timezone(timedelta(minutes=minutes)))
)
times = st.builds(
    FeelTime,
    st.integers(0, 23),
    st.integers(0, 59),
    st.integers(0, 59),
    st.integers(0, 999_999_999),
    zones,
)
far_dates = st.builds(
    ExtendedDate,
    st.integers(-999_999_999, 0) | st.integers(10_000, 999_999_999),
    st.integers(1, 12),
    st.integers(1, 28),
)
moments = st.datetimes(
    min_value=datetime(2, 1, 1),  # noqa: DTZ001  (the zone is drawn separately)
    max_value=datetime(9998, 1, 1),  # noqa: DTZ001  (the zone is drawn separately)
    timezones=zones,
    allow_imaginary=False,
).map(lambda moment: moment.replace(fold=0)) | st.builds(ExtendedDateTime, far_dates, times)
durations = st.timedeltas() | st.integers(10**23, 10**24).map(ExtendedDuration)
months = st.integers(-(10**9), 10**9).map(YearMonthDuration)
scalars = (
    st.none()
    | st.booleans()
    | numbers
    | st.text(max_size=20)
    | st.dates()
    | far_dates
    | times
    | moments
    | durations
    | months
)
ranges = st.builds(
    lambda ends, low, high: Range(min(ends), max(ends), low, high),
    st.tuples(numbers, numbers) | st.tuples(st.dates(), st.dates()),
    st.booleans(),
    st.booleans(),
)
values: st.SearchStrategy[Any] = st.recursive(
    scalars | ranges,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)
_PIECES = (
    *("1", "2.5", '"a"', "true", "null", "x", "item", "?", "@", '"P1D"', '"2026-01-01"', " ", " "),
    *("(", ")", "[", "]", "{", "}", ",", ":", ".", "..", "+", "-", "*", "/", "**", "=", "!="),
    *("<", ">=", " and ", " or ", " in ", " between ", " if ", " then ", " else ", " for "),
    *(" return ", " some ", " every ", " satisfies ", " instance of ", "number", "list<", ">"),
    *("function(", "sum(", "count(", "not(", "sort(", "string(", "date(", "replace(", "\\", '"'),
)
texts = st.text(max_size=60) | st.lists(st.sampled_from(_PIECES), max_size=25).map("".join)

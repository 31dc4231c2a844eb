"""Where two versions of a parameter differ: on exactly the days when a reader notices."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from workflows.decisions import ParameterTable, differences, reaching_back
from workflows.errors import Invalid

START = date(2021, 1, 1)
DAYS = st.integers(min_value=0, max_value=40)


def table(*values: str, key: str = "k", kind: str = "number") -> ParameterTable:
    """One parameter with these entries; no entry is no parameter."""
    if not values:
        return ParameterTable({})
    entries = "".join(f"    - {{{one}, source: [s], certainty: found}}\n" for one in values)
    text = f"{key}:\n  label: 名称\n  unit: 元\n  type: {kind}\n  values:\n{entries}"
    return ParameterTable.from_yaml({"a.yaml": text.encode()})


@st.composite
def tables(draw: st.DrawFn) -> ParameterTable:
    """A parameter with a few values, some of which end."""
    firsts = sorted(draw(st.sets(DAYS, min_size=0, max_size=4)))
    entries = []
    for position, first in enumerate(firsts):
        text = f"from: {START + timedelta(days=first)}, value: {draw(st.integers(0, 2))}"
        free = (firsts[position + 1] if position + 1 < len(firsts) else 60) - first - 1
        if free > 0 and draw(st.booleans()):
            last = first + draw(st.integers(0, free))
            text += f", until: {START + timedelta(days=last)}"
        entries.append(text)
    return table(*entries)


def value_on(read: ParameterTable, day: date) -> Any:
    """What a reader gets; None where there is no value."""
    try:
        return read.value("k", day).value
    except Invalid:
        return None


@given(tables(), tables())
def test_a_day_is_in_a_period_exactly_where_a_reader_gets_another_value(
    old: ParameterTable, new: ParameterTable
) -> None:
    # when
    found = differences(old, new)
    # then
    for offset in range(-2, 70):
        day = START + timedelta(days=offset)
        periods = [one for one in found if one.holds_on(day)]
        was, now = value_on(old, day), value_on(new, day)
        assert [(one.old, one.new) for one in periods] == ([(was, now)] if was != now else [])


@given(tables(), tables())
def test_periods_are_in_order_and_none_touches_the_next_with_the_same_values(
    old: ParameterTable, new: ParameterTable
) -> None:
    # when
    found = differences(old, new)
    # then
    for one, following in pairwise(found):
        assert one.last is not None and one.last < following.first
        if one.last + timedelta(days=1) == following.first:
            assert (one.old, one.new) != (following.old, following.new)


@given(tables())
def test_a_table_does_not_differ_from_itself(same: ParameterTable) -> None:
    # when / then
    assert differences(same, same) == ()


def test_a_corrected_standard_differs_until_the_next_one_begins() -> None:
    # given
    old = table("from: 2021-09-01, value: 515", "from: 2022-09-01, value: 581")
    new = table("from: 2021-09-01, value: 536", "from: 2022-09-01, value: 581")
    # when
    (found,) = reaching_back(old, new, date(2021, 10, 20))
    # then
    assert (found.first, found.last) == (date(2021, 9, 1), date(2022, 8, 31))
    assert (found.old, found.new) == (Decimal(515), Decimal(536))
    assert found.to_json()["last"] == "2022-08-31"


def test_a_value_for_days_to_come_reaches_back_to_nothing() -> None:
    # given
    old = table("from: 2021-09-01, value: 515")
    new = table("from: 2021-09-01, value: 515", "from: 2021-10-20, value: 536")
    # when / then
    assert reaching_back(old, new, date(2021, 10, 20)) == []
    assert len(reaching_back(old, new, date(2021, 10, 21))) == 1


def test_days_without_a_value_before_are_nothing_to_reach_back_to() -> None:
    # given
    new = table("from: 2021-09-01, value: 515")
    # when / then: nobody can have decided anything by a value that wasn't there
    assert len(differences(table(), new)) == 1
    assert reaching_back(table(), new, date(2022, 1, 1)) == []


def test_a_parameter_that_is_taken_away_differs_without_a_new_value() -> None:
    # given
    old = table("from: 2021-09-01, value: 515")
    # when
    (found,) = reaching_back(old, table(), date(2022, 1, 1))
    # then
    assert (found.old, found.new, found.last) == (Decimal(515), None, None)


def test_true_is_another_value_than_one() -> None:
    # given
    old = table("from: 2021-09-01, value: true", kind="boolean")
    new = table("from: 2021-09-01, value: 1")
    # when / then
    assert len(differences(old, new)) == 1


def test_the_same_number_written_otherwise_and_another_source_are_no_difference() -> None:
    # given
    old = table("from: 2021-09-01, value: 515")
    new = ParameterTable.from_yaml(
        {
            "b.yaml": "k:\n  label: 名称\n  type: number\n  values:\n    - {from: 2021-09-01,"
            " value: 515.00, source: [another], certainty: default}\n".encode()
        }
    )
    # when / then
    assert differences(old, new) == ()

"""Deadlines derived day by day, against the worked cases of the policy."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from tests.calendar.published import CALENDAR
from workflows.calendar import LOCAL_ZONE, local_midnight
from workflows.clocks.derivation import (
    Derivation,
    Excluded,
    Extension,
    Pause,
    Unit,
    derive,
)
from workflows.clocks.lines import Line
from workflows.errors import Invalid


def publicity(first: date, last: date) -> Excluded:
    return Excluded("公示期", "publicity", first, last, ("条例19",))


def due_on(start: date, length: int, unit: Unit, **options: object) -> date | None:
    return derive(start, length, unit, calendar=CALENDAR, **options).due_on  # type: ignore[arg-type]  # passed through


@pytest.mark.parametrize(
    ("name", "start", "length", "expected"),
    [
        ("C01 survey", date(2021, 9, 8), 3, date(2021, 9, 13)),
        ("C01 information check", date(2021, 9, 9), 3, date(2021, 9, 14)),
        ("C01 township opinion", date(2021, 9, 8), 12, date(2021, 9, 26)),
        ("C01 district", date(2021, 9, 30), 10, date(2021, 10, 20)),
        ("C01 overall", date(2021, 9, 8), 30, date(2021, 10, 26)),
        ("C01 extended", date(2021, 9, 8), 45, date(2021, 11, 16)),
        ("C07 notice", date(2022, 3, 15), 3, date(2022, 3, 18)),
        ("C07 exit notice", date(2022, 9, 20), 3, date(2022, 9, 23)),
        ("C09 district", date(2021, 11, 9), 10, date(2021, 11, 23)),
        ("C09 overall", date(2021, 10, 11), 30, date(2021, 11, 22)),
        ("C09 extended", date(2021, 10, 11), 45, date(2021, 12, 13)),
        ("C11 survey", date(2021, 10, 8), 3, date(2021, 10, 12)),
        ("C11 overall", date(2021, 10, 8), 30, date(2021, 11, 18)),
        ("C13 township", date(2021, 9, 13), 15, date(2021, 10, 9)),
        ("C13 district", date(2021, 10, 9), 15, date(2021, 10, 29)),
        ("C16 papers", date(2021, 11, 22), 10, date(2021, 12, 6)),
        ("C18 township", date(2021, 10, 12), 10, date(2021, 10, 26)),
        ("C18 district", date(2021, 10, 29), 10, date(2021, 11, 12)),
        ("C18 refusal", date(2022, 3, 1), 3, date(2022, 3, 4)),
        ("C22 alert", date(2022, 6, 6), 10, date(2022, 6, 20)),
        ("C22 order", date(2022, 6, 8), 7, date(2022, 6, 17)),
        ("delegated 20 days", date(2021, 9, 8), 20, date(2021, 10, 12)),
    ],
)
def test_working_day_deadlines_of_the_worked_cases(
    name: str, start: date, length: int, expected: date
) -> None:
    assert due_on(start, length, Unit.WORKDAYS) == expected, name


@pytest.mark.parametrize(
    ("name", "start", "length", "unit", "roll", "expected"),
    [
        ("C01 publicity", date(2021, 9, 22), 7, Unit.DAYS, True, date(2021, 9, 29)),
        ("C09 first", date(2021, 10, 20), 7, Unit.DAYS, True, date(2021, 10, 27)),
        ("C09 second", date(2021, 11, 5), 3, Unit.DAYS, True, date(2021, 11, 8)),
        ("C09 second of 7", date(2021, 11, 5), 7, Unit.DAYS, True, date(2021, 11, 12)),
        ("C13 rolled", date(2021, 9, 28), 7, Unit.DAYS, True, date(2021, 10, 8)),
        ("C13 plain", date(2021, 9, 28), 7, Unit.DAYS, False, date(2021, 10, 5)),
        ("C16 of 2026", date(2021, 11, 13), 3, Unit.DAYS, False, date(2021, 11, 16)),
        ("C17 stage 2", date(2021, 11, 24), 30, Unit.DAYS, True, date(2021, 12, 24)),
        ("C17 stage 3", date(2021, 11, 24), 60, Unit.DAYS, True, date(2022, 1, 24)),
        ("C18 publicity", date(2021, 10, 21), 7, Unit.DAYS, True, date(2021, 10, 28)),
        ("C01 review", date(2021, 10, 15), 6, Unit.MONTHS, False, date(2022, 4, 15)),
        ("C22 death", date(2022, 11, 18), 3, Unit.MONTHS, True, date(2023, 2, 20)),
        ("month end", date(2021, 1, 31), 1, Unit.MONTHS, False, date(2021, 2, 28)),
    ],
)
def test_calendar_deadlines_of_the_worked_cases(
    name: str, start: date, length: int, unit: Unit, roll: bool, expected: date
) -> None:
    assert due_on(start, length, unit, roll=roll) == expected, name


def test_days_of_publicity_do_not_count_in_the_chongqing_clock() -> None:
    # given C01: accepted 8 September, publicity 23 to 29 September
    excluded = [publicity(date(2021, 9, 23), date(2021, 9, 29))]

    # when
    found = derive(date(2021, 9, 8), 30, Unit.DAYS, roll=True, excluded=excluded, calendar=CALENDAR)

    # then
    assert found.due_on == date(2021, 10, 15)
    assert found.due_at == local_midnight(date(2021, 10, 16))


def days_of(line: Line) -> list[date]:
    assert line.first_on and line.last_on
    count = (line.last_on - line.first_on).days + 1
    return [line.first_on + timedelta(days=n) for n in range(count)]


def c09() -> Derivation:
    return derive(
        date(2021, 10, 11),
        30,
        Unit.DAYS,
        roll=True,
        excluded=[
            publicity(date(2021, 10, 21), date(2021, 10, 27)),
            Excluded("评议", "appraisal", date(2021, 11, 3), date(2021, 11, 3)),
            publicity(date(2021, 11, 6), date(2021, 11, 8)),
        ],
        calendar=CALENDAR,
        start_label=("受理", "accepted"),
        clauses=("条例19",),
    )


def test_two_publicities_and_an_appraisal_push_the_chongqing_clock_of_c09() -> None:
    assert c09().due_on == date(2021, 11, 22)


def test_the_lines_account_for_every_day_from_start_to_end() -> None:
    # when
    lines = [line for line in c09().lines if line.first_on is not None]

    # then
    covered = [day for line in lines[:-1] for day in days_of(line)]
    assert covered == [date(2021, 10, 11) + timedelta(days=n) for n in range(43)]
    assert sum(len(days_of(line)) for line in lines if line.counted) == 30


def test_the_lines_of_a_working_day_clock_name_what_was_skipped_and_why() -> None:
    # when
    found = derive(
        date(2021, 9, 8),
        12,
        Unit.WORKDAYS,
        calendar=CALENDAR,
        start_label=("受理", "accepted"),
        clauses=("57号22",),
    )

    # then
    english = [line.text_en for line in found.lines]
    assert english == [
        "Period of 12 working days (57号22)",
        "2021-09-08 accepted, the day itself is not counted (Civil Code art. 201)",
        "2021-09-09 to 2021-09-10: working day 1 to 2",
        "2021-09-11 to 2021-09-12: weekend, not counted",
        "2021-09-13 to 2021-09-17: working day 3 to 7",
        "2021-09-18: make-up workday (Mid-autumn Festival), working day 8",
        "2021-09-19 to 2021-09-21: Mid-autumn Festival, not counted",
        "2021-09-22 to 2021-09-24: working day 9 to 11",
        "2021-09-25: weekend, not counted",
        "2021-09-26: make-up workday (National Day), working day 12",
        "Due at 24:00 on 2021-09-26 (Civil Code art. 203)",
    ]
    chinese = [line.text_zh for line in found.lines]
    assert chinese[5].startswith("2021年9月18日（周六） 调休上班（中秋节）")
    assert all("None" not in text for text in chinese)


def test_a_rolled_end_is_explained() -> None:
    # when
    lines = derive(date(2021, 9, 28), 7, Unit.DAYS, roll=True, calendar=CALENDAR).lines

    # then
    assert [line.text_en for line in lines[-3:]] == [
        "2021-10-06 to 2021-10-07: National Day, moved on",
        "2021-10-08: the last day is a day off, so the period ends on this working day"
        " (Civil Code 203)",
        "Due at 24:00 on 2021-10-08 (Civil Code art. 203)",
    ]


def test_an_extension_lengthens_and_is_shown() -> None:
    # given
    extension = Extension("延长期限", "extended", to_length=45, clauses=("57号22",))

    # when
    found = derive(date(2021, 9, 8), 30, Unit.WORKDAYS, calendar=CALENDAR, extensions=[extension])

    # then
    assert (found.due_on, found.length) == (date(2021, 11, 16), 45)
    assert found.lines[1].text_en == "extended: from 30 to 45 working days (57号22)"


def test_an_extension_by_units_adds_to_the_length() -> None:
    assert due_on(
        date(2021, 9, 8), 60, Unit.DAYS, extensions=[Extension("延长", "extended", by=30)]
    ) == date(2021, 12, 7)


@pytest.mark.parametrize(
    "extension",
    [
        Extension("延长", "extended", to_length=30),
        Extension("延长", "extended", by=0),
        Extension("延长", "extended", by=-5),
        Extension("延长", "extended"),
        Extension("延长", "extended", by=5, to_length=45),
    ],
)
def test_what_does_not_lengthen_is_no_extension(extension: Extension) -> None:
    with pytest.raises(Invalid) as refused:
        due_on(date(2021, 9, 8), 30, Unit.WORKDAYS, extensions=[extension])
    assert refused.value.code == "clock.not_longer"


def test_a_pause_takes_its_days_out_except_the_one_on_which_it_began() -> None:
    # given
    pause = Pause("等待材料", "waiting for papers", date(2021, 9, 9), date(2021, 9, 13))

    # when
    found = derive(date(2021, 9, 8), 3, Unit.WORKDAYS, calendar=CALENDAR, pauses=[pause])

    # then: the 9th counts, the 10th and the 13th are lost
    assert found.due_on == date(2021, 9, 15)


def test_an_open_pause_leaves_the_deadline_unknown() -> None:
    # given
    pause = Pause("等待材料", "waiting for papers", date(2021, 9, 9), None)

    # when
    found = derive(date(2021, 9, 8), 3, Unit.WORKDAYS, calendar=CALENDAR, pauses=[pause])

    # then
    assert found.paused
    assert (found.due_at, found.due_on) == (None, None)
    assert found.lines[-1].text_en == (
        "from 2021-09-10: waiting for papers, clock paused, not counted"
    )


def test_a_pause_after_the_end_changes_nothing() -> None:
    pause = Pause("等待材料", "waiting for papers", date(2021, 9, 13), None)
    assert due_on(date(2021, 9, 8), 3, Unit.WORKDAYS, pauses=[pause]) == date(2021, 9, 13)


def test_overlapping_exclusions_take_a_day_out_once() -> None:
    excluded = [
        publicity(date(2021, 9, 10), date(2021, 9, 12)),
        publicity(date(2021, 9, 11), date(2021, 9, 13)),
    ]
    assert due_on(date(2021, 9, 8), 3, Unit.DAYS, excluded=excluded) == date(2021, 9, 15)


def test_first_aid_is_due_24_hours_after_the_report() -> None:
    # given C16: reported 13 November 2021, 23:10 local time
    reported = datetime(2021, 11, 13, 23, 10, tzinfo=LOCAL_ZONE)

    # when
    found = derive(reported, 24, Unit.HOURS, calendar=CALENDAR, start_label=("报告", "reported"))

    # then
    assert found.due_at == datetime(2021, 11, 14, 23, 10, tzinfo=LOCAL_ZONE)
    assert found.due_at.tzinfo is UTC
    assert found.due_on == date(2021, 11, 14)
    assert [line.text_en for line in found.lines] == [
        "Period of 24 hours",
        "2021-11-13 23:10, reported: runs at once",
        "Due at 2021-11-14 23:10",
    ]


def test_a_pause_in_hours_pushes_by_its_duration() -> None:
    # given
    start = datetime(2021, 11, 13, 23, 0, tzinfo=LOCAL_ZONE)
    pause = Pause("停电", "no power", start + timedelta(hours=1), start + timedelta(hours=3.5))

    # when
    found = derive(start, 24, Unit.HOURS, calendar=CALENDAR, pauses=[pause])

    # then
    assert found.due_at == start + timedelta(hours=26.5)


@pytest.mark.parametrize(
    ("start", "options", "code"),
    [
        (date(2021, 11, 13), {}, "clock.moment_needed"),
        (datetime(2021, 11, 13), {}, "calendar.naive_moment"),  # noqa: DTZ001 -- the subject
        (datetime(2021, 11, 13, tzinfo=UTC), {"roll": True}, "clock.not_for_hours"),
        (
            datetime(2021, 11, 13, tzinfo=UTC),
            {"excluded": [publicity(date(2021, 9, 10), date(2021, 9, 12))]},
            "clock.not_for_hours",
        ),
    ],
)
def test_hours_need_a_moment_and_nothing_else(
    start: date, options: dict[str, object], code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        due_on(start, 24, Unit.HOURS, **options)
    assert refused.value.code == code


@pytest.mark.parametrize("length", [0, -3, 10**6])
def test_an_absurd_length_is_refused(length: int) -> None:
    with pytest.raises(Invalid) as refused:
        due_on(date(2021, 9, 8), length, Unit.DAYS)
    assert refused.value.code == "calendar.bad_length"


def test_ranges_that_end_before_they_begin_are_refused() -> None:
    with pytest.raises(Invalid) as refused:
        due_on(
            date(2021, 9, 8),
            3,
            Unit.DAYS,
            excluded=[publicity(date(2021, 9, 12), date(2021, 9, 11))],
        )
    assert refused.value.code == "clock.bad_excluded"
    with pytest.raises(Invalid) as refused:
        due_on(
            date(2021, 9, 8),
            3,
            Unit.DAYS,
            pauses=[Pause("停", "stop", date(2021, 9, 12), date(2021, 9, 11))],
        )
    assert refused.value.code == "clock.bad_pause"


def test_a_deadline_beyond_the_published_calendar_is_refused() -> None:
    with pytest.raises(Invalid) as refused:
        due_on(date(2026, 12, 1), 30, Unit.WORKDAYS)
    assert refused.value.code == "calendar.unknown_day"


def test_a_start_late_in_the_evening_of_utc_belongs_to_the_next_local_day() -> None:
    # 17:00 UTC on the 7th is 01:00 on the 8th
    assert due_on(datetime(2021, 9, 7, 17, 0, tzinfo=UTC), 3, Unit.WORKDAYS) == date(2021, 9, 13)


def test_a_derivation_becomes_json_without_numbers() -> None:
    # when
    document = c09().to_json()

    # then
    assert document["due_on"] == "2021-11-22"
    assert document["due_at"] == "2021-11-22T16:00:00+00:00"
    assert document["length"] == "30"
    assert document["calendar_version"] == "2026-1"
    lines = document["lines"]
    assert isinstance(lines, list)
    assert lines[1]["first_on"] == "2021-10-11"

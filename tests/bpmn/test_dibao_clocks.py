"""The due dates of the worked cases, from the clocks, parameters and calendar of the policy."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pytest

from tests.bpmn.policy import clocks, parameters, with_parameter, working_calendar
from workflows.clocks.derivation import Excluded, Extension, derive
from workflows.decisions import ParameterTable


def due_on(
    key: str,
    start: str,
    *,
    excluded: Sequence[tuple[str, str]] = (),
    to_parameter: str | None = None,
    table: ParameterTable | None = None,
) -> str:
    """The last day of a clock of the policy started on a day, as ISO text."""
    first = date.fromisoformat(start)
    table = table or parameters()
    clock = clocks()[key]
    roll = clock["roll"]
    if isinstance(roll, str):
        roll = table.value(roll, first).value
    extensions = []
    if to_parameter is not None:
        length = int(table.value(to_parameter, first).value)
        extensions.append(Extension("延长", "extension", to_length=length))
    derivation = derive(
        first,
        int(table.value(clock["length"], first).value),
        clock["unit"],
        calendar=working_calendar(),
        roll=roll,
        excluded=[
            Excluded("公示、评议", "publicity", date.fromisoformat(a), date.fromisoformat(b))
            for a, b in excluded
        ],
        extensions=extensions,
    )
    assert derivation.due_on is not None
    return derivation.due_on.isoformat()


@pytest.mark.parametrize(
    ("key", "start", "expected"),
    [
        # C01
        ("A.start_survey", "2021-09-08", "2021-09-13"),
        ("A.info_check", "2021-09-09", "2021-09-14"),
        ("A.township_opinion", "2021-09-08", "2021-09-26"),
        ("J.publicity", "2021-09-22", "2021-09-29"),
        ("A.district", "2021-09-30", "2021-10-20"),
        ("A.overall", "2021-09-08", "2021-10-26"),
        # C09
        ("J.publicity", "2021-10-20", "2021-10-27"),
        ("J.republicity_dibao", "2021-11-05", "2021-11-08"),
        ("A.district", "2021-11-09", "2021-11-23"),
        ("A.overall", "2021-10-11", "2021-11-22"),
        # C11
        ("A.start_survey", "2021-10-08", "2021-10-12"),
        ("A.overall", "2021-10-08", "2021-11-18"),
        # C07 and C22
        ("M.reduce_stop", "2022-03-15", "2022-03-18"),
        ("M.reduce_stop", "2022-09-20", "2022-09-23"),
        ("F.death_check", "2022-11-18", "2023-02-20"),
        # C13: the seventh day is a holiday
        ("J.publicity", "2021-09-28", "2021-10-08"),
        ("B.survey_opinion", "2021-09-13", "2021-10-09"),
        ("B.district", "2021-10-09", "2021-10-29"),
        # C16, C18, C22
        ("C.aftercare_papers", "2021-11-22", "2021-12-06"),
        ("D.township", "2021-10-12", "2021-10-26"),
        ("D.publicity", "2021-10-21", "2021-10-28"),
        ("D.district", "2021-10-29", "2021-11-12"),
        ("M.refusal", "2022-03-01", "2022-03-04"),
        ("I.alert_triage", "2022-06-06", "2022-06-20"),
        ("I.12345_help", "2022-06-08", "2022-06-17"),
    ],
)
def test_a_clock_ends_on_the_day_of_the_worked_case(key: str, start: str, expected: str) -> None:
    # then
    assert due_on(key, start) == expected


@pytest.mark.parametrize(
    ("start", "expected"), [("2021-09-08", "2021-11-16"), ("2021-10-11", "2021-12-13")]
)
def test_the_whole_procedure_can_be_extended_to_forty_five_working_days(
    start: str, expected: str
) -> None:
    # then
    assert due_on("A.overall", start, to_parameter="A.overall.extended_length") == expected


def test_the_municipal_clock_leaves_out_publicity() -> None:
    # given the publicity of C01
    publicity = [("2021-09-23", "2021-09-29")]
    # then
    assert due_on("A.overall_cq", "2021-09-08", excluded=publicity) == "2021-10-15"


def test_the_municipal_clock_leaves_out_both_publicities_and_the_appraisal() -> None:
    # given the acts of C09
    acts = [
        ("2021-10-21", "2021-10-27"),
        ("2021-11-03", "2021-11-03"),
        ("2021-11-06", "2021-11-08"),
    ]
    # then the last day, a Sunday, moves to the Monday
    assert due_on("A.overall_cq", "2021-10-11", excluded=acts) == "2021-11-22"


def test_publicity_does_not_roll_when_the_parameter_says_so() -> None:
    # given
    table = with_parameter("publicity.roll", False)
    # then
    assert due_on("J.publicity", "2021-09-28", table=table) == "2021-10-05"

"""What is wrong with the identities of a household that somebody enters."""

from __future__ import annotations

from datetime import date

import pytest

from tests.runtime.district import id_number
from workflows.assistance.households.data import MemberData
from workflows.assistance.households.entering import identity_findings

TODAY = date(2026, 1, 5)
NUMBER = id_number("1970-05-06", 101)
OTHER = id_number("1990-05-06", 102)


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ((NUMBER, OTHER), []),
        ((NUMBER, f" {NUMBER} "), [("person_twice", "members.1.id_number")]),
        (
            ("", "  "),
            [
                ("id_number.empty", "members.0.id_number"),
                ("id_number.empty", "members.1.id_number"),
            ],
        ),
        (("1" * 5, NUMBER), [("id_number.length", "members.0.id_number")]),
    ],
)
def test_only_a_number_that_was_entered_can_be_there_twice(
    numbers: tuple[str, ...], expected: list[tuple[str, str]]
) -> None:
    # given
    members = [MemberData("张三", number, "self") for number in numbers]
    # when
    found = identity_findings(members, TODAY)
    # then
    assert [(finding.code, finding.field) for finding in found] == expected

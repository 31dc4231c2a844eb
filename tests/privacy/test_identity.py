"""Identity numbers: one spelling, every check with its own sentence (GB 11643-1999)."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.errors import Invalid
from workflows.privacy import Sex, id_number_findings, normalise_id_number, parse_id_number
from workflows.privacy.identity import check_digit

TODAY = date(2021, 9, 8)
#: The example of the standard's annex, and one whose check sign is X.
VALID = "11010519491231002X"


def with_check(first_17: str) -> str:
    return first_17 + check_digit(first_17)


def codes(raw: str) -> list[str]:
    return [finding.code for finding in id_number_findings(raw, today=TODAY)]


def test_the_example_of_the_standard_is_right() -> None:
    # when
    found = parse_id_number(VALID, today=TODAY)

    # then
    assert found.number == VALID
    assert found.born_on == date(1949, 12, 31)
    assert found.sex is Sex.FEMALE
    assert found.region == "110105"


def test_the_17th_digit_tells_the_sex() -> None:
    assert parse_id_number(with_check("50015419900307123"), today=TODAY).sex is Sex.MALE


@pytest.mark.parametrize(
    "raw",
    [
        "11010519491231002x",
        " 110105 19491231 002X\n",
        "\u200b11010519491231002X\u200e",
        "".join(chr(ord(sign) + 0xFEE0) for sign in VALID),
        "11010519491231002\uff58",
        "\u300011010519491231002X",
    ],
)
def test_spellings_of_one_number_become_one(raw: str) -> None:
    assert normalise_id_number(raw) == VALID
    assert codes(raw) == []


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("", ["id_number.empty"]),
        ("   ", ["id_number.empty"]),
        ("110105491231002", ["id_number.old_format"]),
        ("11010519491231002", ["id_number.length"]),
        ("11010519491231002X1", ["id_number.length"]),
        ("1101051949123100XX", ["id_number.characters"]),
        ("11010519491231002A", ["id_number.characters"]),
        ("١١٠١٠٥١٩٤٩١٢٣١٠٠٢٥", ["id_number.characters"]),
        (with_check("99990519491231002"), ["id_number.region"]),
        (with_check("00010519491231002"), ["id_number.region"]),
        (with_check("11000519491231002"), ["id_number.region"]),
        (with_check("11010520210230002"), ["id_number.birth_date"]),
        (with_check("11010520210909002"), ["id_number.birth_future"]),
        (with_check("11010518500101002"), ["id_number.birth_too_early"]),
        ("110105194912310021", ["id_number.check_digit"]),
        (
            "999905194913310021",
            ["id_number.region", "id_number.birth_date", "id_number.check_digit"],
        ),
    ],
)
def test_each_fault_has_its_own_sentence(raw: str, expected: list[str]) -> None:
    # when
    findings = id_number_findings(raw, today=TODAY, field="id_number")

    # then
    assert [finding.code for finding in findings] == expected
    assert all(finding.field == "id_number" for finding in findings)
    assert len({finding.message for finding in findings}) == len(findings)
    assert all(finding.message.endswith("。") for finding in findings)
    assert all(finding.message_en.endswith(".") for finding in findings)


def test_somebody_born_today_has_a_number() -> None:
    assert codes(with_check("50015420210908123")) == []


@pytest.mark.parametrize("region", ["810000", "820000", "830000", "441900", "500154", "933104"])
def test_regions_without_city_or_county_are_plausible(region: str) -> None:
    assert codes(with_check(f"{region}19900307123")) == []


def test_a_wrong_number_is_refused_with_all_findings() -> None:
    with pytest.raises(Invalid) as refused:
        parse_id_number("999905194913310021", today=TODAY)
    assert len(refused.value.findings) == 3
    assert refused.value.code == "id_number.region"


@given(
    st.dates(date(1920, 1, 1), TODAY), st.integers(0, 999), st.integers(0, 16), st.integers(1, 9)
)
def test_any_single_wrong_digit_is_noticed(
    born_on: date, serial: int, place: int, change: int
) -> None:
    # given
    right = with_check(f"500154{born_on:%Y%m%d}{serial:03}")
    digit = str((int(right[place]) + change) % 10)

    # when
    wrong = right[:place] + digit + right[place + 1 :]

    # then
    assert codes(right) == []
    assert codes(wrong) != []


@given(st.text(max_size=40))
def test_no_text_breaks_the_checks(raw: str) -> None:
    for finding in id_number_findings(raw, today=TODAY):
        assert finding.message and finding.message_en

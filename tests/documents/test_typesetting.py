"""Lines of Chinese text end where they may."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.documents.typesetting import NOT_FIRST, NOT_LAST, printable, set_lines


def width(text: str) -> float:
    """Chinese signs are one wide, others half of it."""
    return sum(0.5 if sign.isascii() else 1.0 for sign in text)


def texts(text: str, measure: float, indent: int = 0) -> list[str]:
    """The lines of a text."""
    return [line.text for line in set_lines(text, width, measure, indent=indent)]


@pytest.mark.parametrize(
    ("text", "measure", "lines"),
    [
        ("经审核确认", 3, ["经审核", "确认"]),
        ("经审核，确认", 3, ["经审", "核，确", "认"]),
        ("办理（编号）", 3, ["办理", "（编", "号）"]),
        ("每月405.00元", 4, ["每月", "405.00元"]),
        ("自 2021-11 月起", 6, ["自 2021-11", "月起"]),
        ("第一段\r\n第二段\n\n", 9, ["第一段", "第二段"]),
        ("，，，，", 3, ["，，，", "，"]),
        ("", 3, []),
    ],
)
def test_a_line_ends_where_it_may(text: str, measure: float, lines: list[str]) -> None:
    # when / then
    assert texts(text, measure) == lines


def test_a_paragraph_begins_with_its_indent_and_its_last_line_is_not_full() -> None:
    # when
    lines = set_lines("经审核确认你户", width, 5, indent=2)
    # then
    assert [(line.text, line.full) for line in lines] == [
        ("\u3000\u3000经审核", True),
        ("确认你户", False),
    ]


def test_signs_that_are_not_printed_are_left_out() -> None:
    # when / then
    assert printable("陈\u200b德\x00明\t\u202e甲\ue000") == "陈德明 甲\ue000"


@given(st.text(alphabet="经审核确认，。（）“”1234567890AB -\n", max_size=120))
def test_no_sign_is_lost_and_no_line_is_too_long(text: str) -> None:
    # when
    lines = texts(text, 8)
    # then
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(width(line) <= 8 for line in lines)


@given(st.text(alphabet="经审核确认，。（12 ", min_size=1, max_size=80))
def test_a_line_begins_and_ends_with_what_may_stand_there(text: str) -> None:
    # given: punctuation that no run of it forces apart
    calm = text.replace("，", "，经审").replace("。", "。经审").replace("（", "审（经")
    # when
    lines = texts(calm, 12)
    # then
    assert not [line for line in lines[1:] if line[0] in NOT_FIRST]
    assert not [line for line in lines[:-1] if line[-1] in NOT_LAST]

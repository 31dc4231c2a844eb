"""Unary tests: the input cells of decision tables (DMN 1.5, 10.3.1.2 and 10.3.2.8)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from workflows.feel import FeelLimitExceeded, Limits, compile_unary_tests

SCOPE: dict[str, Any] = {"limit": Decimal(10), "allowed": ["a", "b"], "band": Decimal(3)}

MATCHES = [
    ("-", None, True),
    ("-", Decimal(5), True),
    ("5", Decimal(5), True),
    ("-5", Decimal(-5), True),
    ("< 5", Decimal(4), True),
    (">= limit", Decimal(9), False),
    ("1, 3, 5", Decimal(3), True),
    ("[1..5], > 9", Decimal(7), False),
    ("]1..5[", Decimal(1), False),
    ("(1..5]", Decimal(5), True),
    ('not("a", "b")', "c", True),
    ('not("a", "b")', "a", False),
    ("not(< 5)", Decimal(4), False),
    ('not("a", 2)', Decimal(1), None),
    ('not("a", 1)', Decimal(1), False),
    ("not((1..5])", Decimal(1), True),
    ("not((1..5])", Decimal(5), False),
    ("not([1..5[, ]7..9])", Decimal(8), False),
    ("not([1..5[, ]7..9])", Decimal(7), True),
    ('"a"', "a", True),
    ("allowed", "b", True),
    ("null", None, True),
    ("null", Decimal(1), False),
    ("not(null)", Decimal(1), True),
    ("true", True, True),
    ("true", False, False),
    ("false", False, True),
    ("? > 3 and ? < limit", Decimal(5), True),
    ("? > 3 and ? < limit", Decimal(11), False),
    ("even(?)", Decimal(4), True),
    ("count(?) > 1", [Decimal(1), Decimal(2)], True),
    ("not(? = 3)", Decimal(3), False),
    ("band + 2", Decimal(5), True),
    ('< @"2026-01-01"', date(2025, 12, 31), True),
    ("< 5", "text", None),
    ("[1..5]", None, None),
    ("some x in ? satisfies x = 2", [Decimal(2)], True),
    ("= 5", Decimal(5), True),
    ("!= 5", Decimal(5), False),
    ('< 3, "x"', "x", True),
]


@pytest.mark.parametrize(("text", "value", "expected"), MATCHES)
def test_a_value_passes(text: str, value: Any, expected: bool | None) -> None:
    # given
    tests = compile_unary_tests(text, SCOPE)
    # when
    matched = tests.matches(value, SCOPE)
    # then
    assert matched is expected


def test_a_whole_number_of_the_host_is_tested_as_a_number() -> None:
    # given
    tests = compile_unary_tests("[1..5]")
    # when
    matched = tests.matches(3, {})
    # then
    assert matched is True


def test_tests_tell_what_they_need_from_scope() -> None:
    # given / when
    tests = compile_unary_tests("> household.limit, f(?)", ["household"])
    # then
    assert tests.free_names == {"household"}
    assert tests.paths == {("household", "limit")}
    assert tests.called_functions == {"f"}


def test_tests_that_can_not_be_told_say_why() -> None:
    # given
    tests = compile_unary_tests("< 5")
    # when
    match = tests.evaluate("text", {})
    # then
    assert match.value is None
    assert match.warnings[0].code == "operand_types"


def test_tests_obey_limits() -> None:
    # given
    tests = compile_unary_tests("count(for i in 1..1000 return i) = ?")
    # when / then
    with pytest.raises(FeelLimitExceeded):
        tests.matches(Decimal(1000), {}, limits=Limits(steps=100))

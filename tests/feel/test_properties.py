"""What holds for all texts and all values."""

from __future__ import annotations

import json
from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.feel.strategies import numbers, texts, values
from workflows.feel import (
    NUMBERS,
    FeelLimitExceeded,
    FeelSyntaxError,
    Limits,
    compile_expression,
    compile_unary_tests,
    format_value,
    from_json,
    to_json,
    type_name,
)

#: Other work on the machine must not decide whether a test passes.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@unhurried
@given(texts)
def test_any_text_has_a_value_or_an_error_with_a_place(text: str) -> None:
    # given
    scope: dict[str, Any] = {"x": [Decimal(1), {"item": None}]}
    # when
    try:
        result = compile_expression(text, scope).evaluate(scope, limits=Limits(steps=2_000))
    except FeelSyntaxError as error:
        assert error.line >= 1
        assert error.column >= 1
        return
    except FeelLimitExceeded:
        return
    # then
    assert type_name(result.value) != "unknown"


@unhurried
@given(texts, values)
def test_any_cell_has_an_answer_or_an_error_with_a_place(text: str, value: Any) -> None:
    # given
    scope: dict[str, Any] = {"x": value}
    # when
    try:
        matched = compile_unary_tests(text).matches(value, scope, limits=Limits(steps=2_000))
    except (FeelSyntaxError, FeelLimitExceeded):
        return
    # then
    assert matched in (True, False, None)


@unhurried
@given(values, values)
def test_any_operator_takes_any_values(left: Any, right: Any) -> None:
    # given
    scope = {"left": left, "right": right}
    # when
    found = [
        compile_expression(f"left {operator} right").value(scope)
        for operator in ("+", "-", "*", "/", "**", "<", ">=", "=", "in", "and")
    ]
    # then
    assert all(type_name(value) != "unknown" for value in found)


@unhurried
@given(values)
def test_a_stored_value_comes_back_unchanged(value: Any) -> None:
    # given
    stored = json.dumps(to_json(value))
    # when
    back = from_json(json.loads(stored))
    # then
    assert back == value
    assert type_name(back) == type_name(value)


@unhurried
@given(values)
def test_a_value_as_text_parses_back_to_it(value: Any) -> None:
    # given
    text = format_value(value)
    # when
    result = compile_expression(text).value({})
    # then
    assert format_value(result) == text
    assert compile_expression("is(a, b)").value({"a": result, "b": value}) is True


@unhurried
@given(numbers, numbers, st.sampled_from("+-*"))
def test_arithmetic_is_exact_up_to_34_digits(left: Decimal, right: Decimal, operator: str) -> None:
    # given
    first, second = Fraction(left), Fraction(right)
    exact = {"+": first + second, "-": first - second, "*": first * second}[operator]
    # when
    value = compile_expression(f"a {operator} b").value({"a": left, "b": right})
    # then
    expected = NUMBERS.divide(Decimal(exact.numerator), Decimal(exact.denominator))
    assert abs(Fraction(value) - exact) <= abs(exact) * Fraction(1, 10**33)
    if len(expected.as_tuple().digits) < 33:
        assert value == expected


@unhurried
@given(numbers, numbers)
def test_modulo_has_the_sign_of_the_divisor_and_is_exact(left: Decimal, right: Decimal) -> None:
    # given
    scope = {"a": left, "b": right}
    # when
    value = compile_expression("modulo(a, b)").value(scope)
    # then
    if right == 0:
        assert value is None
    else:
        exact = Fraction(left) % Fraction(right)
        assert abs(Fraction(value) - exact) <= abs(exact) * Fraction(1, 10**33)


@unhurried
@given(st.dates(), st.integers(-4_000_000, 4_000_000))
def test_days_added_and_taken_away_come_back(day: Any, days: int) -> None:
    # given
    scope = {"day": day, "days": Decimal(days)}
    text = 'day + @"P1D" * days - @"P1D" * days = day'
    # when
    value = compile_expression(text).value(scope)
    # then
    assert value is True


@unhurried
@given(st.lists(numbers))
def test_sort_orders_as_python_does(items: list[Decimal]) -> None:
    # given
    expression = compile_expression("sort(items, function(x, y) x < y)")
    # when
    value = expression.value({"items": items})
    # then
    assert value == sorted(items)

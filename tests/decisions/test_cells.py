"""Simple cells answer without the interpreter, and always as the interpreter does."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from workflows.decisions.cells import intervals, quick_test
from workflows.decisions.evaluation import Evaluation
from workflows.feel import DEFAULT_LIMITS, Run, compile_unary_tests

NUMBERS = st.integers(-5, 5).map(str)
TEXTS = st.sampled_from(['"a"', '"b"', '"家庭"'])
DAYS = st.integers(1, 9).map(
    lambda day: f'date("2026-01-0{day}")' if day % 2 else f'@"2026-01-0{day}"'
)
OPERATORS = st.sampled_from(["", "<", "<=", ">", ">=", "="])
OPENING, CLOSING = st.sampled_from("[(]"), st.sampled_from("])[")


def cells(literals: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    comparison = st.builds("{} {}".format, OPERATORS, literals)
    interval = st.builds("{}{}..{}{}".format, OPENING, literals, literals, CLOSING)
    return st.lists(comparison | interval, min_size=1, max_size=3).map(", ".join)


CELLS = cells(NUMBERS) | cells(TEXTS) | cells(DAYS) | st.sampled_from(["true", "false", "null"])
VALUES = (
    st.integers(-6, 6).map(Decimal)
    | st.sampled_from([Decimal("0.5"), "a", "b", "家庭", "z", True, False, None, [Decimal(1)], {}])
    | st.integers(1, 9).map(lambda day: date(2026, 1, day))
)


@settings(max_examples=500)
@given(CELLS, VALUES)
def test_a_quick_answer_is_the_interpreters_answer(text: str, value: Any) -> None:
    # given
    run = Run({}, functions=None, types=None, limits=DEFAULT_LIMITS, now=None)
    evaluation = Evaluation({}, run, strict=True, recorder=None)
    tests = compile_unary_tests(text)
    asked: list[Any] = []

    def slow(evaluation: Evaluation, scope: Any, given_value: Any) -> bool | None:
        asked.append(given_value)
        return tests.matches(given_value, {})

    # when
    quick = quick_test(intervals(text) or (), slow)
    # then
    assert (quick(evaluation, {}, value) is True) is (tests.matches(value, {}) is True)


def test_common_cells_never_ask_the_interpreter() -> None:
    # given
    def slow(evaluation: Evaluation, scope: Any, value: Any) -> bool | None:
        raise AssertionError("the interpreter was asked")

    run = Run({}, functions=None, types=None, limits=DEFAULT_LIMITS, now=None)
    evaluation = Evaluation({}, run, strict=True, recorder=None)
    # when / then
    for text, value in [
        ("< 515", Decimal(1)),
        ("[515..800)", Decimal(515)),
        ('"urban", "rural"', "rural"),
        ("true", True),
        ("-5", Decimal(-5)),
        ('>= date("2026-07-01")', date(2026, 7, 1)),
        ('[@"2026-01-01"..@"2026-06-30"]', date(2026, 6, 30)),
    ]:
        assert quick_test(intervals(text) or (), slow)(evaluation, {}, value) is True


def test_cells_with_names_functions_or_negation_are_not_taken_for_simple() -> None:
    for text in ("income", "? > 3", "not(5)", "< today()", 'starts with(?, "a")', '5, "a"', "(("):
        assert intervals(text) is None

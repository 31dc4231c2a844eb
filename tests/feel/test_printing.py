"""Trees as text, and text as trees."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.feel.trees import NAMES, shape, trees
from workflows.feel import FeelSyntaxError, format_expression, format_unary_tests, nodes
from workflows.feel.builtins import FUNCTIONS
from workflows.feel.nodes import Node
from workflows.feel.parser.cursor import name_table
from workflows.feel.parser.expressions import read_expression, read_unary_tests

TABLE = name_table((*FUNCTIONS, *NAMES))
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@unhurried
@given(trees)
def test_a_tree_as_text_parses_back_to_it(tree: Node) -> None:
    # given
    text = format_expression(tree)
    # when
    again = read_expression(text, TABLE)
    # then
    assert shape(again) == shape(tree), text


@unhurried
@given(
    st.lists(
        trees
        | st.builds(
            lambda operator, operand: nodes.Comparison(0, operator, operand),
            st.sampled_from(("<", ">=", "=", "!=")),
            trees,
        ),
        max_size=3,
    ),
    st.booleans(),
)
def test_the_tests_of_a_cell_as_text_parse_back_to_them(
    tests: Sequence[Node], negated: bool
) -> None:
    # given
    negated = negated and bool(tests)
    text = format_unary_tests(tests, negated=negated)
    # when
    again, found = read_unary_tests(text, TABLE)
    # then
    assert ([shape(test) for test in again], found) == ([shape(test) for test in tests], negated)


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("1+2*3", "1 + 2 * 3"),
        ("(1+2)*3", "(1 + 2) * 3"),
        ("pre-bureau - ( a )-(b)", "pre-bureau - a - b"),
        ("((a))", "a"),
        ("-(-2) ** 2", "-(-2) ** 2"),
        ("(a or b) and a", "(a or b) and a"),
        ("x in (1)", "x in 1"),
        ("x in ((< 5))", "x in ((< 5))"),
        ("x in (< 5, 7)", "x in (< 5, 7)"),
        ("< 10", "(< 10)"),
        ("]1..2[", "(1..2)"),
        ('{"a b": 1, "if": 2}', '{a b: 1, "if": 2}'),
        ("if a then(1)else if b then 2 else 3", "if a then 1 else if b then 2 else 3"),
        ("some i in [1] satisfies i>0 and true", "some i in [1] satisfies i > 0 and true"),
        ("(some i in [1] satisfies i) and a", "(some i in [1] satisfies i) and a"),
        ("function ( i:list<number> )i", "function(i: list<number>) i"),
        ("家庭  月收入 /* yuan */ > 1.50", "家庭 月收入 > 1.5"),
        ("count ( list :a )", "count(list: a)"),
        ('@"P1DT24H"', '@"P2D"'),
    ],
)
def test_an_expression_is_written_in_one_way(text: str, printed: str) -> None:
    # given
    tree = read_expression(text, TABLE)
    # when / then
    assert format_expression(tree) == printed
    assert format_expression(read_expression(printed, TABLE)) == printed


@unhurried
@given(st.text(max_size=60))
def test_what_parses_can_be_written_and_parsed_again(text: str) -> None:
    # given
    try:
        tree = read_expression(text, TABLE)
    except FeelSyntaxError:
        return
    # when
    printed = format_expression(tree)
    # then
    assert format_expression(read_expression(printed, TABLE)) == printed

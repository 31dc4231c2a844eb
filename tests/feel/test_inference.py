"""The kinds that expressions give, and what in them gives nothing but null."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflows.feel import BUILT_IN_FUNCTIONS, FeelSyntaxError, compile_expression, type_name
from workflows.feel.inference.inferring import infer, infer_tests
from workflows.feel.inference.kinds import (
    ANY,
    BOOLEAN,
    NUMBER,
    SAMPLES,
    STRING,
    Kind,
    context_of,
    function_of,
    joined,
    kind_named,
    list_of,
    may_become,
)
from workflows.feel.inference.results import known_results
from workflows.feel.types import SIMPLE

DAY = kind_named("date")
MEMBER = context_of({"wage": NUMBER, "kind": STRING})
NAMES = {
    "s": STRING,
    "n": NUMBER,
    "b": BOOLEAN,
    "d": DAY,
    "x": ANY,
    "household": context_of({"income": NUMBER, "members": list_of(MEMBER)}),
    "wait": kind_named("days and time duration", "years and months duration"),
}
VALUES: dict[str, Any] = {
    "s": "a",
    "n": Decimal(3),
    "b": True,
    "d": date(2026, 1, 31),
    "x": [Decimal(1), None],
    "household": {
        "income": Decimal(700),
        "members": [{"wage": Decimal(5), "kind": "a"}, {"wage": None, "kind": "b"}],
    },
    "wait": None,
}


def codes(text: str) -> list[str]:
    return [found.code for found in infer(text, NAMES).findings]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("1.5 * n", "number"),
        ("s + s", "string"),
        ("d + wait", "date"),
        ("d - d", "days and time duration"),
        ("d.year", "number"),
        ("household.income <= n", "boolean"),
        ("household.members.wage", "list<number>"),
        ("household.members[kind = s]", "list<context>"),
        ("household.members[1].wage", "number"),
        ("for m in household.members return m.kind", "list<string>"),
        ("sum(household.members.wage)", "number"),
        ("if b then 1 else null", "number"),
        ("if b then 1 else s", "number / string"),
        ("if b then x else 1", "Any"),
        ("append([1], s)", "list<number / string>"),
        ("{a: n, c: a + 1}.c", "number"),
        ("(function(a: number) a > 1)(n)", "boolean"),
        ("some m in household.members satisfies m.wage > 1", "boolean"),
        ("[1..n]", "range"),
        ("x", "Any"),
        ("max(n, 2)", "number"),
        ("string(n)", "string"),
        ('@"2026-01-01"', "date"),
        ("unknown.part + 1", "Any"),
    ],
)
def test_the_kind_of_an_expression_is_told_from_its_names(text: str, kind: str) -> None:
    # when
    found = infer(text, NAMES)
    # then
    assert str(found.kind) == kind
    assert found.findings == ()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("s < n", "operand_types"),
        ("s = n", "operand_types"),
        ("n + s", "operand_types"),
        ("d + 1", "operand_types"),
        ('n in (s, "b")', "operand_types"),
        ("s in [1..5]", "operand_types"),
        ('n between "a" and "b"', "operand_types"),
        ("-s", "operand_type"),
        ("if n then 1 else 2", "not_boolean"),
        ("b and n", "not_boolean"),
        ("every m in household.members satisfies m.wage", "not_boolean"),
        ("household.members[kind]", "not_boolean"),
        ("household.incom", "unknown_property"),
        ("household.members.wag", "unknown_property"),
        ("s.year", "unknown_property"),
        ("household.members[kind > 1]", "operand_types"),
        ("upper case(n)", "argument_type"),
        ("starts with(s, n)", "argument_type"),
        ("substring(s)", "wrong_arguments"),
        ("substring(text: s, start position: 1)", "wrong_arguments"),
        ('["a"..3]', "invalid_range"),
        ('n(1) + "a".b', "unknown_property"),
        ("(1)(2)", "not_a_function"),
        ('(function(a: number) a)("x")', "argument_type"),
    ],
)
def test_what_can_only_give_null_is_found(text: str, code: str) -> None:
    assert code in codes(text)


@pytest.mark.parametrize(
    "text",
    [
        "s = null",
        "x + 1",
        "x = s",
        "household.members[item.wage > 1]",
        "x[wage > 1 and kind = s]",
        "min([n]) + 1",
        "abs([n])",
        "sublist(s, 1)",
        "n in (1, [2..3], < 4)",
        "s in (x)",
        "[n] = x",
        'wait = @"P1Y" or wait = @"P1D"',
        "(if b then n else s) + 1",
        "for i in 1..n return i + 1",
        "sort(household.members, function(a, c) a.wage < c.wage)",
        "{f: function(k) if k < 1 then 1 else f(k - 1)}.f(3) + 1",
        "((",
    ],
)
def test_what_may_have_a_value_is_not_complained_about(text: str) -> None:
    assert codes(text) == []


@pytest.mark.parametrize(
    ("text", "tested", "wrong"),
    [
        ("< 5", STRING, True),
        ('"a", "b"', STRING, False),
        ('1, "b"', STRING, True),
        ("[1..5]", DAY, True),
        ("? > 5", STRING, True),
        ('contains(?, "a")', STRING, False),
        ("b", STRING, False),
        ("not(1)", BOOLEAN, True),
        ("household.members.kind", STRING, False),
        ("null", NUMBER, False),
        ("x", NUMBER, False),
    ],
)
def test_tests_that_never_hold_of_what_is_tested_are_found(
    text: str, tested: Kind, wrong: bool
) -> None:
    assert bool(infer_tests(text, tested, NAMES).findings) is wrong


def test_a_finding_says_where_in_the_text_it_is() -> None:
    # when
    (found,) = infer("n +\n  (s * 2)", {"n": NUMBER, "s": STRING}).findings
    # then
    assert (found.line, found.column) == (2, 6)
    assert found.message == "The operator * can't be used with string and number."
    assert found.message_zh == "运算符 * 不能用于 string 与 number。"


def test_a_function_of_the_host_has_its_parameters_and_results_by_key() -> None:
    # given
    functions = {
        "rate": function_of(
            [("key", STRING), ("on", DAY)],
            ANY,
            optional=1,
            results={"a": NUMBER, "b": STRING},
        )
    }
    # when / then
    assert infer('rate("a")', {}, functions).kind == NUMBER
    assert infer('rate(on: d, key: "b")', NAMES, functions).kind == STRING
    assert infer("rate(s)", NAMES, functions).kind == ANY
    assert [found.code for found in infer("rate()", {}, functions).findings] == ["wrong_arguments"]
    assert [found.code for found in infer('rate("a", 1)', {}, functions).findings] == [
        "argument_type"
    ]


def test_a_text_with_a_thousand_mistakes_has_twenty_findings() -> None:
    assert len(infer(" + ".join(['(1 + "a")'] * 1000), {}).findings) == 20


def test_there_is_a_sample_of_every_type_and_a_result_for_every_function() -> None:
    assert set(SAMPLES) == SIMPLE
    assert BUILT_IN_FUNCTIONS - known_results() == {"get value"}
    assert known_results() <= BUILT_IN_FUNCTIONS


def test_kinds_join_and_become_one_another_as_values_do() -> None:
    # given
    narrow, wide = context_of({"a": NUMBER, "b": STRING}), context_of({"a": NUMBER})
    # when / then
    assert joined(narrow, wide).parts is None
    assert joined(list_of(NUMBER), list_of(STRING)).item == joined(NUMBER, STRING)
    assert may_become(narrow, wide)
    assert not may_become(wide, narrow)
    assert may_become(list_of(NUMBER), NUMBER)
    assert may_become(NUMBER, list_of(NUMBER))
    assert not may_become(list_of(STRING), NUMBER)
    assert may_become(DAY, kind_named("date and time"))
    assert not may_become(kind_named("date and time"), DAY)


LEAVES = st.sampled_from(
    ["s", "n", "b", "d", "x", "household.income", "household.members", "1", '"a"', "null", "true",
     "[1, 2]", "{a: 1, b: s}", "[1..3]", '@"P1D"', '@"2026-02-01"', "item"]
)  # fmt: skip
SHAPES = (
    "({} + {})", "({} - {})", "({} * {})", "({} < {})", "({} = {})", "({} and {})",
    "(if {} then {} else {})", "{}[{}]", "(for i in {} return i)", "[{}, {}]", "sum({})",
    "max({}, {})", "append({}, {})", "string({})", "({} in {})", "{}.a", "(-{})",
    "(some i in {} satisfies i = {})", "sort({})", "distinct values({})", "abs({})", "{{k: {}}}.k",
    "reverse({})", "count({})", "concatenate({}, {})", "({} between {} and {})", "mean({})",
    "(function(p) p)({})", "insert before({}, 1, {})",
)  # fmt: skip
TEXTS = st.recursive(
    LEAVES,
    lambda inner: st.sampled_from(SHAPES).flatmap(
        lambda shape: st.tuples(*[inner] * shape.replace("{{", "").count("{}")).map(
            lambda parts: shape.format(*parts)
        )
    ),
    max_leaves=8,
)


def conforms(value: Any, kind: Kind) -> bool:
    """Whether a value is of a kind, with all that is known of its parts."""
    if value is None or kind.is_any:
        return True
    if type_name(value) not in kind.names:
        return False
    if isinstance(value, list) and kind.item is not None:
        return all(conforms(item, kind.item) for item in value)
    if isinstance(value, dict) and kind.parts is not None:
        return value.keys() <= kind.parts.keys() and all(
            conforms(part, kind.parts[name]) for name, part in value.items()
        )
    return True


@settings(max_examples=1500, deadline=None)
@given(TEXTS)
def test_whatever_an_expression_gives_is_of_its_kind(text: str) -> None:
    # given
    try:
        expression = compile_expression(text, NAMES)
    except FeelSyntaxError:
        return
    inferred = infer(text, NAMES)
    # when
    result = expression.evaluate(VALUES, now=datetime(2026, 1, 1, tzinfo=UTC))
    # then
    assert conforms(result.value, inferred.kind)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(["+", "-", "*", "/", "<", "=", "in"]), LEAVES, LEAVES)
def test_an_operation_that_is_complained_about_gives_nothing(
    operator: str, left: str, right: str
) -> None:
    # given
    text = f"{left} {operator} ({right})"
    inferred = infer(text, NAMES)
    # when
    result = compile_expression(text, NAMES).evaluate(VALUES)
    # then
    if inferred.findings:
        # Of a list's items, none can be the value; that is false.
        assert result.value is None or (operator == "in" and result.value is False)

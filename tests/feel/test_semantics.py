"""What expressions mean, clause by clause of DMN 1.5."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from workflows.feel import (
    FeelError,
    FeelSyntaxError,
    FunctionValue,
    HostFunction,
    Parameter,
    Range,
    compile_expression,
    format_value,
    type_name,
)

SCOPE: dict[str, Any] = {
    "household": {"income": Decimal("1050"), "members": [{"age": 70}, {"age": 8}]},
    "standard": Decimal("700"),
    "unit price": Decimal("2.5"),
    "a-b": Decimal(7),
    "a": Decimal(5),
    "b": Decimal(3),
    "低保标准": Decimal("735.50"),
    "家庭 月收入": Decimal(900),
    "values in a list": [Decimal(1)],
    "date of birth": date(1950, 2, 3),
    "applicant's age": 66,
}

MEANINGS = [
    # Names (10.3.1.2)
    ("household.income <= 1.5 * standard", "true"),
    ("unit price * 2", "5"),
    ("a-b", "7"),
    ("a - b", "7"),
    ("(a) - (b)", "2"),
    ("a -b", "7"),
    ("低保标准 + 1", "736.5"),
    ("家庭 月收入 > 低保标准", "true"),
    ("values in a list[1]", "1"),
    ("date of birth.year", "1950"),
    ("applicant's age", "66"),
    ("{x y: 1, z: x y + 1}.z", "2"),
    ("{a+b: 1, c: a+b + 1}.c", "2"),
    # Arithmetic (10.3.2.12)
    ("1 + 2 * 3 - 4 / 2", "5"),
    ("2 ** 3 ** 2", "64"),
    ("-2 ** 2", "4"),
    ("--3", "3"),
    ("0.1 + 0.2", "0.3"),
    ("1 / 3", "0.3333333333333333333333333333333333"),
    ("1 / 0", "null"),
    ("0 ** -1", "null"),
    ("(-8) ** 0.5", "null"),
    ("1 + null", "null"),
    ('1 + "1"', "null"),
    ('"a" + "b"', '"ab"'),
    ("true + 1", "null"),
    # Comparison (tables 48 and 49)
    ("1 = 1.00", "true"),
    ('1 = "1"', "null"),
    ("null = null", "true"),
    ("null != 1", "true"),
    ("null < 1", "null"),
    ("[1, [2]] = [1, [2]]", "true"),
    ("{a: 1, b: 2} = {b: 2, a: 1}", "true"),
    ("2 between 1 and 3 and true", "true"),
    # Logic (table 50)
    ("false and null", "false"),
    ("true and null", "null"),
    ("true or null", "true"),
    ("false or null", "null"),
    ('true and "x"', "null"),
    # Membership (table 55)
    ("5 in (1, > 4)", "true"),
    ("5 in [1..5)", "false"),
    ("5 in ]4..5]", "true"),
    ("1 in [[2..4], [1..3]]", "true"),
    ('2 in ("a")', "null"),
    ("2 in (1 + 1)", "true"),
    ("2 in ([1, 2])[item > 1]", "true"),
    # Ranges (10.3.2.7)
    ("[1..10].start", "1"),
    ("(1..10[.end included", "false"),
    ("(< 10).end", "10"),
    ("[1..10[ = [1..10)", "true"),
    ('["a"..1]', "null"),
    # Conditions (table 49)
    ("if true then 1 else 2", "1"),
    ("if null then 1 else 2", "2"),
    ('if "x" then 1 else 2', "2"),
    ("if false then 1 else if true then 2 else 3", "2"),
    # Iteration (10.3.2.14)
    ("for i in 1..3 return i * i", "[1, 4, 9]"),
    ("for i in 3..1 return i", "[3, 2, 1]"),
    ("for i in (1..3] return i", "[2, 3]"),
    ("for i in [1, 2], j in [i, 10] return i * j", "[1, 10, 4, 20]"),
    ("for i in 0..4 return if i = 0 then 1 else i * partial[-1]", "[1, 1, 2, 6, 24]"),
    ('for d in @"2026-02-27"..@"2026-03-01" return d.day', "[27, 28, 1]"),
    ("for i in null return i", "null"),
    ("some m in household.members satisfies m.age > 60", "true"),
    ("every m in household.members satisfies m.age > 60", "false"),
    ("some x in [] satisfies true", "false"),
    ("every x in [] satisfies false", "true"),
    ("some x in [null, true] satisfies x", "true"),
    ("every x in [null, true] satisfies x", "null"),
    # Lists, filters and paths (10.3.2.5)
    ("[1, 2, 3][2]", "2"),
    ("[1, 2, 3][-1]", "3"),
    ("[1, 2, 3][0]", "null"),
    ("[1, 2, 3][4]", "null"),
    ("[1, 2, 3][item >= 2]", "[2, 3]"),
    ("100[1]", "100"),
    ("null[true]", "null"),
    ("household.members[age > 60].age", "[70]"),
    ("count(household.members[item.age > 60])", "1"),
    ("household.members.age", "[70, 8]"),
    ("{item: 5, l: [1, 2][item = 2]}.l", "[2]"),
    # Contexts (10.3.2.6)
    ("{a: 1, b: a + 1}", "{a: 1, b: 2}"),
    ('{"a b": 1}.a b', "1"),
    ("{a: 1, a: 2}", "null"),
    # Functions (10.3.2.13)
    ("{f: function(n) if n <= 1 then 1 else n * f(n - 1), r: f(20)}.r", "2432902008176640000"),
    ("(function(c, d) c - d)(d: 1, c: 3)", "2"),
    ("(function(a: number) a)([1])", "1"),
    ("(function(a: list<number>) a)(1)", "[1]"),
    ('(function(a: number) a)("x")', "null"),
    ("(function(a) a)()", "null"),
    ("{x: 1, f: function(y) x + y, g: function(x) f(x), r: g(10)}.r", "11"),
    ("sort([3, 1, 2], function(x, y) x > y)", "[3, 2, 1]"),
    ("(function(f) f([1, 2]))(max)", "2"),
    # Types (10.3.2.9)
    ("1 instance of number", "true"),
    ("null instance of Any", "false"),
    ("[1, 2] instance of list<number>", "true"),
    ('[1, "2"] instance of list<number>', "false"),
    ("{a: 1} instance of context<a: number>", "true"),
    ("[1..2] instance of range<number>", "true"),
    ("(function(x: string) x) instance of function<string>->Any", "true"),
    ('@"P1D" instance of days and time duration', "true"),
    # Text and comments
    ("1 /* two */ + // three\n 4", "5"),
    (r'"\u4f4e\"\\"', '"低\\"\\\\"'),
    (r'string length("\U01F40E")', "1"),
]


@pytest.mark.parametrize(("text", "expected"), MEANINGS, ids=[text for text, _ in MEANINGS])
def test_an_expression_means(text: str, expected: str) -> None:
    # given
    expression = compile_expression(text, SCOPE)
    # when
    value = expression.value(SCOPE)
    # then
    assert format_value(value) == expected


def test_a_whole_number_of_the_host_becomes_a_decimal() -> None:
    # given
    expression = compile_expression("n", ["n"])
    # when
    value = expression.value({"n": 3})
    # then
    assert value.__class__ is Decimal


@pytest.mark.parametrize("text", ["NaN", "sNaN", "Infinity", "-Infinity"])
def test_what_is_no_finite_number_is_null(text: str) -> None:
    # given
    odd = Decimal(text)
    scope = {"n": odd, "c": {"n": odd}, "l": [odd, Decimal(1)]}
    texts = ("n", "c.n", "l[1]", "n < 1", "c.n + 1", "for i in 1..n return i", "[1, 2][n]")
    lists = ("sum(l)", "min(l)", "median(l)", "mode(l)", "sort(l)", "l[item < 2][1]")
    # when
    found = [compile_expression(text, scope).value(scope) for text in (*texts, *lists)]
    # then
    assert all(not isinstance(value, Decimal) or value.is_finite() for value in found)


def test_a_text_tells_what_it_needs_from_scope() -> None:
    # given
    text = (
        "for m in household.members return sum(m.income) + {x: 1, y: x}.y "
        "+ 低保标准 + workday after(start, 3) + count(list[price > limit])"
    )
    # when
    expression = compile_expression(text, ["limit", "household"], functions=["workday after"])
    # then
    assert expression.free_names == {"household", "低保标准", "start", "list", "limit"}
    assert ("household", "members") in expression.paths
    assert ("household",) not in expression.paths
    assert expression.called_functions == {"sum", "workday after", "count"}
    assert expression.item_names == {"price"}


def test_an_entry_of_a_context_sees_its_own_key_only_when_it_is_a_function() -> None:
    # given
    plain = compile_expression("{a: a + 1, b: {a: a * 10}}")
    function = compile_expression("{f: function(n) if n = 0 then 0 else n + f(n - 1), r: f(3)}.r")
    # when / then
    assert plain.free_names == {"a"}
    assert plain.value({"a": Decimal(1)}) == {"a": 2, "b": {"a": 20}}
    assert function.free_names == frozenset()
    assert function.value({}) == 6


@pytest.mark.parametrize(
    ("text", "column"),
    [("1 + count(1, 2)", 5), ("floor()", 1), ("count(liste: x)", 1), ("sum(1, 2, 3)", None)],
)
def test_a_call_that_can_never_succeed_is_found_before(text: str, column: int | None) -> None:
    # given / when
    expression = compile_expression(text)
    # then
    assert [finding.column for finding in expression.findings] == ([column] if column else [])


def test_a_warning_says_what_and_where() -> None:
    # given
    expression = compile_expression("1 +\n  household.size")
    # when
    result = expression.evaluate({"household": {}})
    # then
    warning = result.warnings[0]
    assert result.value is None
    assert (warning.code, warning.line, warning.column) == ("unknown_property", 2, 12)
    assert warning.message == "A context has no property size."
    assert warning.message_zh == "context 没有属性 size。"


def test_a_host_function_takes_values_and_may_refuse_them() -> None:
    # given
    def after(day: date, days: Decimal) -> date:
        if days < 0:
            raise FeelError("negative", "Count forward.", "请向后数。")
        return date.fromordinal(day.toordinal() + int(days))

    function = HostFunction("workday after", ("date", "n"), after, ("date", "number"))
    functions = {"workday after": function}
    # when
    given = compile_expression('workday after(@"2026-01-30", 3)', functions=functions)
    named = compile_expression('workday after(n: 1, date: @"2026-01-30")', functions=functions)
    refused = compile_expression('workday after(@"2026-01-30", -1)', functions=functions)
    mistyped = compile_expression('workday after("x", 1)', functions=functions)
    # then
    assert given.value({}, functions=functions) == date(2026, 2, 2)
    assert named.value({}, functions=functions) == date(2026, 1, 31)
    assert refused.evaluate({}, functions=functions).warnings[0].message_zh == "请向后数。"
    assert mistyped.evaluate({}, functions=functions).warnings[0].code == "argument_type"


def test_another_error_of_a_host_function_passes_through() -> None:
    # given
    def broken() -> None:
        raise ZeroDivisionError

    functions = {"broken": HostFunction("broken", (), broken)}
    expression = compile_expression("broken()", functions=functions)
    # when / then
    with pytest.raises(ZeroDivisionError):
        expression.value({}, functions=functions)


def test_a_function_of_the_host_may_evaluate_on_the_same_steps() -> None:
    # given
    body = compile_expression("x * 2 + missing", ["x"])
    double = FunctionValue(
        "double",
        (Parameter("x"),),
        lambda run, arguments: body.evaluate_within(run, {"x": arguments[0]}),
    )
    # when
    result = compile_expression("double(4)", ["double"]).evaluate({"double": double})
    # then
    assert result.value is None
    assert [warning.code for warning in result.warnings] == ["unknown_name", "operand_types"]


def test_the_clock_is_the_one_that_was_given() -> None:
    # given
    moment = datetime(2026, 3, 4, 5, 6, tzinfo=UTC)
    # when
    now = compile_expression("now()")
    today = compile_expression("today()")
    # then
    assert now.value({}, now=moment) == moment
    assert today.value({}, now=moment) == date(2026, 3, 4)
    assert now.evaluate({}).value is None
    assert now.evaluate({}).warnings[0].code == "no_clock"


def test_a_name_of_scope_hides_a_built_in_function() -> None:
    # given
    expression = compile_expression("count + 1", ["count"])
    # when
    value = expression.value({"count": 4})
    # then
    assert value == 5
    assert expression.free_names == {"count"}


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("", 1, 1),
        ("1 +", 1, 4),
        ("1 +\n +", 2, 2),
        ('"abc', 1, 1),
        ("f(1, a: 2)", 1, 6),
        ("f(a: 1, 2)", 1, 9),
        ("{a 1}", 1, 2),
        ("if 1 then 2", 1, 12),
        ("1 2", 1, 3),
        ("a # b", 1, 3),
    ],
)
def test_a_text_that_is_no_expression_is_refused_with_its_place(
    text: str, line: int, column: int
) -> None:
    # given / when
    with pytest.raises(FeelSyntaxError) as refused:
        compile_expression(text)
    # then
    assert (refused.value.line, refused.value.column) == (line, column)
    assert refused.value.message != refused.value.message_zh


def test_compiled_texts_are_shared() -> None:
    # given
    first = compile_expression("a + b", ["b", "a"])
    # when
    second = compile_expression("a + b", {"a", "b"})
    # then
    assert first is second


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (None, "null"),
        (True, "boolean"),
        (Decimal(1), "number"),
        ("x", "string"),
        ([], "list"),
        ({}, "context"),
        (Range(None, Decimal(1)), "range"),
        (object(), "unknown"),
    ],
)
def test_a_value_names_its_type(value: object, name: str) -> None:
    # given / when
    found = type_name(value)
    # then
    assert found == name

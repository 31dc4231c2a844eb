"""The built-in functions of DMN 1.5, 10.3.4, one table per clause."""

from __future__ import annotations

import pytest

from workflows.feel import compile_expression, format_value

CONVERSION = [
    ('date("2026-02-28")', '@"2026-02-28"'),
    ('date("2026-02-29")', "null"),
    ('date("-0044-03-15").year', "-44"),
    ('date("999999999-12-31").year', "999999999"),
    ('date("26-02-28")', "null"),
    ('date("02026-02-28")', "null"),
    ("date(2026, 2, 28)", '@"2026-02-28"'),
    ("date(year: 2026, month: 2, day: 28)", '@"2026-02-28"'),
    ("date(2026, 13, 1)", "null"),
    ('date(@"2026-02-28T10:00:00")', '@"2026-02-28"'),
    ('date and time("2026-02-28T10:00:00+08:00")', '@"2026-02-28T10:00:00+08:00"'),
    ('date and time("2026-02-28")', '@"2026-02-28T00:00:00"'),
    ('date and time("2026-12-31T24:00:00")', '@"2027-01-01T00:00:00"'),
    ('date and time(@"2026-02-28", @"10:00:00.123456789")', '@"2026-02-28T10:00:00.123456789"'),
    ('time("10:00:00@Asia/Shanghai").time offset', '@"PT8H"'),
    ('time("10:00:00@No/Where")', "null"),
    ('time("10:00:00+19:00")', "null"),
    ('time("10:00:60")', "null"),
    ('time(10, 5, 1.5, duration("PT8H"))', '@"10:05:01.5+08:00"'),
    ("time(24, 0, 0, null)", "null"),
    ('number("1 000,5", " ", ",")', "1000.5"),
    ('number("1,000.5", ",", ".")', "1000.5"),
    ('number("1,000.5", ".", ".")', "null"),
    ('number("x")', "null"),
    ('number("-1.5e2")', "-150"),
    ("string(1.50)", '"1.5"'),
    ("string(null)", "null"),
    ('string(@"2026-02-28")', '"2026-02-28"'),
    ('string([1, "a", {b: null}])', '"[1, \\"a\\", {b: null}]"'),
    ('duration("P26M")', '@"P2Y2M"'),
    ('duration("P1DT25H0M0.5S")', '@"P2DT1H0.5S"'),
    ('duration("P")', "null"),
    ('years and months duration(@"2020-03-31", @"2021-02-28")', '@"P10M"'),
    ('years and months duration(@"2021-02-28", @"2020-03-31")', '@"-P10M"'),
    ('range("[1..3)")', "[1..3)"),
    ('range("[3..1]")', "null"),
    ('range("[a..b]")', "null"),
]
STRINGS = [
    ('substring("foobar", 3)', '"obar"'),
    ('substring("foobar", -2, 1)', '"a"'),
    ('substring("foobar", 0)', "null"),
    ('substring("低保标准", 2, 2)', '"保标"'),
    ('string length("𠀀a")', "2"),
    ('upper case("aBc4")', '"ABC4"'),
    ('lower case("aBc4")', '"abc4"'),
    ('substring before("foobar", "bar")', '"foo"'),
    ('substring before("foobar", "x")', '""'),
    ('substring after("foobar", "ob")', '"ar"'),
    ('substring after("foobar", "")', '"foobar"'),
    ('contains("foobar", "ob")', "true"),
    ('starts with("foobar", "fo")', "true"),
    ('ends with("foobar", "r")', "true"),
    ('contains("foobar", null)', "null"),
    ('string join(["a", null, "c"], "-")', '"a-c"'),
    ("string join([1])", "null"),
    ('split("a;b;;", ";")', '["a", "b", "", ""]'),
    (r'split("John Doe", "\s")', '["John", "Doe"]'),
]
LISTS = [
    ("list contains([1, null], null)", "true"),
    ("count([])", "0"),
    ("min([3, 1, 2])", "1"),
    ("max(1, 5, 3)", "5"),
    ('max(["a", "c", "b"])', '"c"'),
    ('max([1, "a"])', "null"),
    ("min([])", "null"),
    ("sum([1, 2, 3])", "6"),
    ('sum([@"P1D", @"PT12H"])', '@"P1DT12H"'),
    ("sum([])", "null"),
    ("sum([1, null])", "null"),
    ("mean([1, 2, 6])", "3"),
    ("all([true, null, false])", "false"),
    ("all([true, null])", "null"),
    ("all([])", "true"),
    ("any([false, null, true])", "true"),
    ("any([])", "false"),
    ("sublist([1, 2, 3], 2)", "[2, 3]"),
    ("sublist([1, 2, 3], -2, 1)", "[2]"),
    ("sublist([1, 2, 3], 4)", "null"),
    ("append([1], 2, 3)", "[1, 2, 3]"),
    ("append([1])", "[1]"),
    ("concatenate([1], [2], [3])", "[1, 2, 3]"),
    ("insert before([1, 3], 2, 2)", "[1, 2, 3]"),
    ("insert before([1], 3, 2)", "null"),
    ("remove([1, 2, 3], -1)", "[1, 2]"),
    ("list replace([1, 2, 3], 2, 9)", "[1, 9, 3]"),
    ("list replace([1, 2, 3], function(item, new) item < new, 3)", "[3, 3, 3]"),
    ("list replace([1], function(item, new) item, 3)", "null"),
    ("reverse([1, 2])", "[2, 1]"),
    ("index of([1, 2, 1], 1)", "[1, 3]"),
    ("union([1, 2], [2, 3])", "[1, 2, 3]"),
    ("distinct values([1, 2, 1.0])", "[1, 2]"),
    ("duplicate values([1, 2, 1])", "[1]"),
    ("flatten([1, [[2], 3]])", "[1, 2, 3]"),
    ("product([2, 3, 4])", "24"),
    ("median([8, 2, 5, 3, 4])", "4"),
    ("median([6, 1, 2, 3])", "2.5"),
    ("stddev([2, 4, 7, 5])", "2.081665999466132735282297706979931"),
    ("stddev([1])", "null"),
    ("mode([6, 1, 9, 6, 1])", "[1, 6]"),
    ("sort([3, 1, 2])", "[1, 2, 3]"),
    ('sort(["b", 1])', "null"),
    ("count(1)", "1"),
    ("count(list: [1, 2])", "2"),
    ("count(liste: [1])", "null"),
    ("count([1], [2])", "null"),
]
NUMBERS = [
    ("decimal(2.5, 0)", "2"),
    ("decimal(1/3, 2)", "0.33"),
    ("floor(-1.56, 1)", "-1.6"),
    ("ceiling(1.51, 1)", "1.6"),
    ("round up(-5.5, 0)", "-6"),
    ("round down(-5.5, 0)", "-5"),
    ("round half up(-2.5, 0)", "-3"),
    ("round half down(-2.5, 0)", "-2"),
    ("round half up(1250, -2)", "1300"),
    ("round half up(5.5, 6177)", "null"),
    ("abs(-1)", "1"),
    ('abs(@"-P1Y")', '@"P1Y"'),
    ("modulo(-12, 5)", "3"),
    ("modulo(10.1, -4.5)", "-3.4"),
    ("modulo(1, 0)", "null"),
    ("modulo(10**30 + 1, 10)", "1"),
    ("sqrt(16)", "4"),
    ("sqrt(-1)", "null"),
    ("decimal(log(10), 8)", "2.30258509"),
    ("log(0)", "null"),
    ("decimal(exp(5), 8)", "148.41315910"[:-1]),
    ("odd(5)", "true"),
    ("even(2.5)", "false"),
    ("odd(2.5)", "false"),
]
TIME = [
    ('day of year(@"2026-03-01")', "60"),
    ('day of week(@"2026-03-01")', '"Sunday"'),
    ('month of year(@"2026-03-01T10:00:00")', '"March"'),
    ('week of year(@"2027-01-01")', "53"),
    ('week of year(@"12027-01-01")', "53"),
    ('last day of month(@"2028-02-10")', "29"),
    ('@"2026-01-31" + @"P1M"', '@"2026-02-28"'),
    ('@"2028-02-29" - @"P1Y"', '@"2027-02-28"'),
    ('@"2026-01-31" + @"P1D"', '@"2026-02-01"'),
    ('@"2026-02-01" - @"2026-01-31"', '@"P1D"'),
    ('@"9999-12-31" + @"P1D"', '@"10000-01-01"'),
    ('@"10000-01-01" - @"P1D"', '@"9999-12-31"'),
    ('@"-0001-03-01" - @"P1D"', '@"-0001-02-28"'),
    ('@"23:30:00" + @"PT1H"', '@"00:30:00"'),
    ('@"10:00:00+08:00" - @"02:00:00Z"', '@"PT0S"'),
    ('@"2026-01-01T00:00:00" - @"2026-01-01T00:00:00Z"', "null"),
    ('@"2026-03-29T01:30:00@Europe/Paris" + @"PT1H"', '@"2026-03-29T03:30:00@Europe/Paris"'),
    ('@"P1Y" + @"P1D"', "null"),
    ('@"P1Y" * 0.5', '@"P6M"'),
    ('@"P1D" / 2', '@"PT12H"'),
    ('@"P1D" / @"PT6H"', "4"),
    ('-@"P1D"', '@"-P1D"'),
    ('@"2026-01-01T08:00:00+08:00" = @"2026-01-01T00:00:00Z"', "true"),
    ('is(@"2026-01-01T08:00:00+08:00", @"2026-01-01T00:00:00Z")', "false"),
    ('@"10:00:00" < @"10:00:00Z"', "null"),
    ('@"-PT90M".minutes', "-30"),
    ('@"P26M".months', "2"),
    ('@"2026-03-01".weekday', "7"),
]
RANGES = [
    ("before(1, 10)", "true"),
    ("before([1..5), [5..10])", "true"),
    ("before([1..5], 5)", "false"),
    ("after(10, (5..10))", "true"),
    ("meets([1..5], [5..10])", "true"),
    ("met by([5..10], [1..5))", "false"),
    ("overlaps([1..5], (5..8])", "false"),
    ("overlaps before([1..5], [3..8])", "true"),
    ("overlaps after((1..5], [1..5])", "true"),
    ("overlaps after([1..5], [1..5))", "false"),
    ("finishes(10, [1..10])", "true"),
    ("finished by([1..10], [5..10])", "true"),
    ("includes([1..10], 5)", "true"),
    ("includes([1..10], (1..10))", "true"),
    ("during([4..6], [1..10))", "true"),
    ("starts(1, (1..5])", "false"),
    ("started by([1..10], [1..5])", "true"),
    ("coincides([1..5], [1..5])", "true"),
    ('before(1, "a")', "null"),
]
CONTEXTS = [
    ('get value({a: 1}, "a")', "1"),
    ('get value({a: 1}, "b")', "null"),
    ("get entries({a: 1})", '[{key: "a", value: 1}]'),
    ('context([{key: "a", value: 1}, {key: "b", value: null}])', "{a: 1, b: null}"),
    ('context([{key: "a", value: 1}, {key: "a", value: 2}])', "null"),
    ('context put({a: 1}, "a", 2)', "{a: 2}"),
    ('context put({a: {b: 1}}, ["a", "b"], 2)', "{a: {b: 2}}"),
    ("context put({a: 1}, [], 2)", "null"),
    ("context merge([{a: 1}, {a: 2, b: 3}])", "{a: 2, b: 3}"),
]
ALL = [*CONVERSION, *STRINGS, *LISTS, *NUMBERS, *TIME, *RANGES, *CONTEXTS]


@pytest.mark.parametrize(("text", "expected"), ALL, ids=[text for text, _ in ALL])
def test_a_built_in_function_gives(text: str, expected: str) -> None:
    # given
    expression = compile_expression(text)
    # when
    result = expression.evaluate({})
    # then
    assert format_value(result.value) == expected


SINGLE_ARGUMENT = [
    *("string length", "upper case", "count", "abs", "sqrt", "floor", "odd", "not", "sum", "min"),
    *("get entries", "day of year", "flatten", "reverse", "duration", "date", "time", "number"),
]


@pytest.mark.parametrize("name", SINGLE_ARGUMENT)
def test_null_for_a_typed_parameter_is_null_with_a_warning(name: str) -> None:
    # given
    expression = compile_expression(f"{name}(null)")
    # when
    result = expression.evaluate({})
    # then
    assert result.value is None
    assert [warning.code for warning in result.warnings] == ["argument_type"]

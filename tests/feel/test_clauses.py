"""Clauses of DMN 1.5 that are easily read past, each with the words of the standard it keeps."""

from __future__ import annotations

import pytest

from workflows.feel import FeelSyntaxError, compile_expression, compile_unary_tests, format_value

#: Grammar rules 2 h, 7 a and 13: a comparison without a left side is a range.
RANGES = [
    ("< 10", "(< 10)"),
    ('>= @"2026-01-01"', '(>= @"2026-01-01")'),
    ("{limit: <= 5 + 5, r: 10 in limit}.r", "true"),
    ("(function(r) 3 in r)(> 2)", "true"),
    ("if true then < 1 else > 1", "(< 1)"),
    ("(> 1).start", "1"),
    ("(> 1).end", "null"),
    ("(> 1).start included", "false"),
    ("(<= 1).end included", "true"),
]
#: Rule 61: white space, which may have no width.
SPACES = [
    ("\ufeff1 + 1", "2"),
    ("1\u200b + \u200b1", "2"),
    ("1\u2003+\u30001", "2"),
]
#: Table 42, clause 10.3.2.14: a range is gone through upwards or downwards.
LOOPS = [
    ("for i in [3..1] return i", "[3, 2, 1]"),
    ("for i in (3..1] return i", "[2, 1]"),
    ("for i in [3..1) return i", "[3, 2]"),
    ("for i in (1..3) return i", "[2]"),
    ("for i in (1..1) return i", "[]"),
    ('for d in [@"2026-01-02"..@"2026-01-01"] return d.day', "[2, 1]"),
    ("for i in (< 3) return i", "null"),
]
#: Clause 10.3.2.13.5: parameters that a call by name leaves out are null.
CALLS = [
    ("(function(a, b) if b = null then a else b)(a: 1)", "1"),
    ("(function(a, b) [a, b])(b: 2)", "[null, 2]"),
    ("(function(a, b) a)(a: 1, c: 2)", "null"),
    ("(function(a, b) a)(1)", "null"),
    ("count(list: [1], other: 2)", "null"),
]
#: Table 61: type checks.
TYPES = [
    ("null instance of Null", "true"),
    ("1 instance of Null", "false"),
    ("null instance of Any", "false"),
    ("null instance of number", "false"),
    ("[123] instance of list<number>", "true"),
    ("123 instance of list", "null"),
    ("[1] instance of list<list>", "null"),
    ("{a: 1} instance of context", "null"),
    ("{a: 1} instance of context<>", "true"),
    ("[1..2] instance of range", "null"),
    ("(function() 1) instance of function", "null"),
    ("(function() 1) instance of function<>->Any", "true"),
    ("null instance of list", "null"),
    ("-1 instance of number", "true"),
    ("- 1 instance of number = true", "true"),
    ("-(1 instance of number)", "null"),
    ("(function(a: list) count(a))([1, 2])", "2"),
]
#: Table 54: the one without an offset takes that of the other; `<=` is `<` or `=`.
ORDER = [
    ('@"10:00:00" < @"11:00:00Z"', "true"),
    ('@"10:00:00" > @"11:00:00+08:00"', "false"),
    ('@"10:00:00" < @"10:00:00Z"', "false"),
    ('@"10:00:00" = @"10:00:00Z"', "false"),
    ('@"10:00:00" <= @"10:00:00Z"', "false"),
    ('@"2026-01-01T10:00:00" < @"2026-01-01T11:00:00@Asia/Shanghai"', "true"),
    ('@"2026-01-01T12:00:00" >= @"2026-01-01T11:00:00Z"', "true"),
    ('@"2026-01-01T10:00:00" < @"2026-01-01"', "null"),
    ('"a" < "b"', "true"),
    ('"a" < "ab"', "true"),
    ('"Z" < "a"', "true"),
]
#: Table 55: `between` and ranges are conjunctions, several tests a disjunction (table 50).
CONJUNCTIONS = [
    ("1 between 2 and null", "false"),
    ("3 between null and 2", "false"),
    ("1 between null and 2", "null"),
    ("2 between 2 and null", "null"),
    ('1 between 2 and "a"', "false"),
    ("1 in [2..null]", "false"),
    ("3 in (null..2]", "false"),
    ("1 in (null..2]", "null"),
    ("null in [1..2]", "null"),
    ('1 in ("a", 2)', "null"),
    ('1 in ("a", 1)', "true"),
    ("1 in (2, 3)", "false"),
    ("1 in (< null, 3)", "null"),
    ("null between 1 and 2", "null"),
]
#: Table 68: a condition is a truth value; null leaves an item out.
FILTERS = [
    ('[1, 2]["a"]', "null"),
    ("[1, 2][if item = 1 then 1.5 else true]", "null"),
    ("[1, 2][if item = 1 then true else 1]", "null"),
    ("[1, 2][null]", "[]"),
    ("[{x: 1, y: 2}, {x: null, y: 3}][x < 2]", "[{x: 1, y: 2}]"),
    ("[{x: 1}, {y: 2}][x = 1]", "[{x: 1}]"),
    ("null[item > 1]", "null"),
    ("3[item > 2]", "[3]"),
    ("3[1]", "3"),
    ("3[2]", "null"),
]
#: Table 66: seconds are decimals.
PROPERTIES = [
    ('@"10:00:01.5".second', "1.5"),
    ('@"2026-01-01T10:00:01.000000001".second', "1.000000001"),
    ('@"PT1M1.25S".seconds', "1.25"),
    ('(-@"PT1M1.25S").seconds', "-1.25"),
    ('@"10:00:00".second', "0"),
]
#: Table 53: functions of the same parameters, body and scope are equal.
FUNCTIONS = [
    ("(function(x) x + 1) = (function( x ) (x+1))", "true"),
    ("(function(x) x + 1) = (function(y) y + 1)", "false"),
    ("(function(x: number) x) = (function(x) x)", "false"),
    ("{f: function(n) function(x) x + n, r: f(1) = f(1)}.r", "false"),
    ("{f: function(n) n, r: [f] = [f]}.r", "true"),
    ("count = count", "true"),
    ("count = sum", "false"),
]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *FILTERS,
        *CONJUNCTIONS,
        *FUNCTIONS,
        *RANGES,
        *SPACES,
        *LOOPS,
        *CALLS,
        *TYPES,
        *ORDER,
        *PROPERTIES,
    ],
    ids=lambda part: part.encode("unicode_escape").decode(),
)
def test_a_clause_is_kept(text: str, expected: str) -> None:
    # given
    expression = compile_expression(text)
    # when
    value = expression.value({})
    # then
    assert format_value(value) == expected


def test_a_cell_may_hold_a_comparison_inside_a_list() -> None:
    # given
    tests = compile_unary_tests("[< 5, > 10], 7")
    # when / then
    assert [tests.matches(value, {}) for value in (4, 6, 7, 11)] == [True, False, True, True]


@pytest.mark.parametrize(
    "text",
    ["{a: 1,}", "[1,]", "count([1],)", "count(list: [1],)", "function(a,) a",
     "1 instance of context<a: number,>", "1 instance of function<number,>->number"],
)  # fmt: skip
def test_nothing_ends_with_a_comma(text: str) -> None:
    # given (rules 40, 42, 52 and 54 to 57)
    with pytest.raises(FeelSyntaxError) as refused:
        # when
        compile_expression(text)
    # then
    assert refused.value.code == "unexpected_token"

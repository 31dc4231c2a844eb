"""Hostile texts end in an error or a bound, never in a hang or a crash."""

from __future__ import annotations

import time

import pytest

from workflows.feel import (
    FeelLimitExceeded,
    FeelSyntaxError,
    Limits,
    compile_expression,
    compile_unary_tests,
)

HOSTILE_TEXTS = {
    "100,000 parentheses": "(" * 100_000,
    "10,000 parentheses": "(" * 10_000,
    "10,000 closed parentheses": "(" * 9_000 + "1" + ")" * 9_000,
    "lists in lists": "[" * 9_000 + "]" * 9_000,
    "contexts in contexts": "{a:" * 5_000 + "1" + "}" * 5_000,
    "functions in functions": "function(x) " * 1_500 + "x",
    "filters on filters": "a" + "[a" * 5_000 + "]" * 5_000,
    "a chain of filters": "a" + "[1]" * 6_000,
    "a chain of paths": "a" + ".b" * 9_000,
    "a chain of calls": "f" + "()" * 9_000,
    "a chain of comparisons": "1" + "<1" * 9_000,
    "membership in membership": "x in (" * 3_000 + "1" + ")" * 3_000,
    "types in types": "x instance of " + "list<" * 3_000 + "number" + ">" * 3_000,
    "for in for": "for i in 1..2 return " * 900 + "i",
    "if in condition": "if " * 6_000 + "true",
    "some in some": "some x in " * 1_900 + "y",
    "not in not": "not(" * 4_000 + "true" + ")" * 4_000,
    "ranges in ranges": "]" * 10_000,
    "open strings": '"' + "\\" * 19_000,
    "open comments": "/*" * 9_000,
    "between in between": "1 between 1 and " * 1_200 + "1",
    "iterators without end": "for " + ", ".join(f"a{n} in b" for n in range(900)) + " return 1",
    "arguments in arguments": "f(a:" * 4_000,
}


@pytest.mark.parametrize("text", HOSTILE_TEXTS.values(), ids=HOSTILE_TEXTS.keys())
def test_a_hostile_text_is_refused_quickly_with_a_place(text: str) -> None:
    # given
    started = time.perf_counter()
    # when
    with pytest.raises(FeelSyntaxError) as refused:
        compile_expression(text)
    # then
    assert refused.value.line >= 1
    assert refused.value.column >= 1
    assert refused.value.message_zh
    assert time.perf_counter() - started < 20


def test_a_hostile_cell_is_refused() -> None:
    # given
    text = "not(" * 4_000
    # when
    with pytest.raises(FeelSyntaxError) as refused:
        compile_unary_tests(text)
    # then
    assert refused.value.code == "nested_too_deep"


LONG_TEXTS = {
    "a long sum": ("1" + "+1" * 9_000, 9_001),
    "a long conjunction": ("true" + " and true" * 2_000, True),
    "many negations": ("-" * 10_000 + "1", 1),
    "a long choice": ("if false then 1 else " * 900 + "2", 2),
}


@pytest.mark.parametrize(("text", "expected"), LONG_TEXTS.values(), ids=LONG_TEXTS.keys())
def test_a_long_but_flat_text_is_evaluated(text: str, expected: object) -> None:
    # given
    expression = compile_expression(text)
    # when
    value = expression.value({})
    # then
    assert value == expected


ENDLESS = {
    "endless recursion": "{f: function(n) f(n), r: f(1)}.r",
    "mutual recursion": "{f: function(g, n) g(g, n), r: f(f, 1)}.r",
    "a tree of calls": "{f: function(n) f(n - 1) + f(n - 1), r: f(100)}.r",
    "a huge loop": "count(for i in 1..100000000000 return 1)",
    "nested loops": "for a in 1..1000, b in 1..1000, c in 1..1000 return 1",
    "a loop that finds nothing": "some x in 1..10**30 satisfies x = 0",
    "a huge descending loop": "every x in 0..-10**30 satisfies true",
    "partial": "for i in 1..10000 return partial",
    "a string that doubles": "for i in 1..100 return "
    'if i = 1 then "ab" else partial[-1] + partial[-1]',
    "a list that doubles": "for i in 1..100 return "
    "if i = 1 then [1] else concatenate(partial[-1], partial[-1])",
    "shared parts": "{a: [1,1,1,1,1,1,1,1], b: [a,a,a,a,a,a,a,a], c: [b,b,b,b,b,b,b,b], "
    "d: [c,c,c,c,c,c,c,c], e: [d,d,d,d,d,d,d,d], f: [e,e,e,e,e,e,e,e]}",
    "comparison of shared parts": "{a: [1,1,1,1,1,1,1,1], b: [a,a,a,a,a,a,a,a], "
    "c: [b,b,b,b,b,b,b,b], d: [c,c,c,c,c,c,c,c], e: [d,d,d,d,d,d,d,d], "
    "f: [d,d,d,d,d,d,d,d], g: [e,e,e,e,e,e,e,e], h: [f,f,f,f,f,f,f,f], same: g = h}.same",
    "flattening of shared parts": "{a: [1,1,1,1,1,1,1,1], b: [a,a,a,a,a,a,a,a], "
    "c: [b,b,b,b,b,b,b,b], d: [c,c,c,c,c,c,c,c], e: [d,d,d,d,d,d,d,d], x: count(flatten(e))}.x",
    "a text of shared parts": "{a: [1,1,1,1,1,1,1,1], b: [a,a,a,a,a,a,a,a], "
    "c: [b,b,b,b,b,b,b,b], d: [c,c,c,c,c,c,c,c], e: [d,d,d,d,d,d,d,d], "
    "f: [e,e,e,e,e,e,e,e], g: [f,f,f,f,f,f,f,f], h: [g,g,g,g,g,g,g,g], s: string(h)}.s",
    "duplicates": "duplicate values(for i in 1..9000 return i)",
    "a sort with a slow order": "sort(for i in 1..5000 return modulo(i * 7919, 5003), "
    "function(x, y) x < y)",
    "a replacement that multiplies": 'replace(string join(for i in 1..9999 return "aaaaaaaaaa"), '
    '"a", "$0$0$0$0$0$0$0$0$0$0$0$0")',
    "a pattern that backtracks": 'matches(string join(for i in 1..400 return "a"), '
    '"(a)(a?){300}(a*)*\\1\\1b")',
    "a loop with a long body": "some x in 1..10**30 satisfies " + "+".join("1" * 9_000) + " = 0",
    "large strings in a list": '{s: string join(for i in 1..9999 return "abcdefghij"), '
    "l: for i in 1..9999 return upper case(s)}.l",
    "large lists in a list": "{s: for i in 1..9999 return i, "
    "l: for i in 1..9999 return sublist(s, 1)}.l",
    "slow powers": "some x in 1..10**30 satisfies x ** 0.5 ** 0.3 < 0",
    "a long list": "for i in 1..10001 return i",
}


@pytest.mark.parametrize("text", ENDLESS.values(), ids=ENDLESS.keys())
def test_an_evaluation_without_end_is_stopped_at_its_limits(text: str) -> None:
    # given
    expression = compile_expression(text)
    started = time.perf_counter()
    # when
    with pytest.raises(FeelLimitExceeded) as stopped:
        expression.evaluate({})
    # then
    assert stopped.value.limit > 0
    assert stopped.value.message_zh
    assert time.perf_counter() - started < 20


def test_a_pattern_with_a_huge_class_is_stopped_in_time() -> None:
    # given
    pattern = (
        f"([{''.join(f'{chr(n)}-{chr(n + 1)}' for n in range(0x4E00, 0x4E00 + 1_200, 2))}]?)*b"
    )
    expression = compile_expression('matches(text, pattern, "i")')
    started = time.perf_counter()
    # when
    with pytest.raises(FeelLimitExceeded):
        expression.value({"text": "龘" * 5_000, "pattern": pattern})
    # then
    assert time.perf_counter() - started < 20


def test_the_same_text_stops_at_the_same_step_each_time() -> None:
    # given
    expression = compile_expression("count(for i in 1..100 return i)")

    def ends(steps: int) -> bool:
        try:
            expression.value({}, limits=Limits(steps=steps))
        except FeelLimitExceeded:
            return False
        return True

    # when
    enough = next(steps for steps in range(1, 1_000) if ends(steps))
    # then
    assert not ends(enough - 1)
    assert [ends(enough) for _ in range(10)] == [True] * 10


NULL_TEXTS = (
    "9**(9**9)",
    "(9**9)**(9**9)",
    "10**6145",
    "exp(100000)",
    "1E6144 * 10",
    'number("1e999999999")',
    'duration("P999999999999999999Y")',
    'date("9999999999-01-01")',
    'date(2020, 1, 1) + duration("P999999999999D")',
    "decimal(1, 10**30)",
)


@pytest.mark.parametrize("text", NULL_TEXTS)
def test_a_number_or_date_that_is_too_large_is_null_with_a_warning(text: str) -> None:
    # given
    expression = compile_expression(text)
    # when
    result = expression.evaluate({})
    # then
    assert result.value is None
    assert result.warnings


BOMBS = (
    "(a*)*b",
    "(a+)+b",
    "(a|aa)+b",
    "(a|a?)+b",
    "(.*a){20}b",
    "(((a*)*)*)*b",
    "(a?){50}a{50}b",
)


@pytest.mark.parametrize("pattern", BOMBS)
def test_a_pattern_that_explodes_elsewhere_is_answered_here(pattern: str) -> None:
    # given
    expression = compile_expression("matches(text, pattern)")
    started = time.perf_counter()
    # when
    value = expression.value({"text": "a" * 200, "pattern": pattern}, limits=Limits(steps=10**6))
    # then
    assert value is False
    assert time.perf_counter() - started < 20

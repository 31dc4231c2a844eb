"""Regular expressions of XPath (F&O 3.1, 5.6)."""

from __future__ import annotations

import pytest

from workflows.feel import compile_expression

MATCHES = [
    ("abracadabra", "bra", "", True),
    ("abracadabra", "^a.*a$", "", True),
    ("abracadabra", "^bra", "", False),
    ("a\nb", "a.b", "", False),
    ("a\nb", "a.b", "s", True),
    ("a\nb", "^b$", "m", True),
    ("a\nb", "^b$", "", False),
    ("ABC", "abc", "i", True),
    ("x", "[A-Z-[OI]]", "i", True),
    ("O", "[A-Z-[OI]]", "i", False),
    ("hello world", r"hello\ sworld", "x", True),
    ("低保", r"^\p{IsCJKUnifiedIdeographs}+$", "", True),
    ("低保", r"^\p{L}{2}$", "", True),
    ("a1", r"^\i\c$", "", True),
    ("٣", r"^\d$", "", True),
    ("-", r"^\w$", "", False),
    ("abab", r"^(ab)\1$", "", True),
    ("abba", r"^(ab)\1$", "", False),
    ("aaa", "^a{2,3}$", "", True),
    ("aaaa", "^a{2,3}$", "", False),
    ("", "^$", "", True),
    ("a]", "^[^b][]]$", "", None),
    ("abc", "(", "", None),
    ("abc", "a{2,1}", "", None),
    ("abc", r"\2(a)", "", None),
    ("abc", r"[\1]", "", None),
    ("abc", "(?=a)", "", None),
    ("abc", "(?:ab)c", "", True),
    ("abc", "*", "", None),
    ("abc", "a", "z", None),
    ("a.c", "a.c", "q", True),
    ("abc", "a.c", "q", False),
    ("abc", r"\p{IsNowhere}", "", None),
    ("abc", "(a{1000}){1000}", "", None),
    ("𠀀", "^.$", "", True),
]


@pytest.mark.parametrize(("text", "pattern", "flags", "expected"), MATCHES)
def test_a_pattern_matches(text: str, pattern: str, flags: str, expected: bool | None) -> None:
    # given
    expression = compile_expression("matches(text, pattern, flags)")
    # when
    value = expression.value({"text": text, "pattern": pattern, "flags": flags})
    # then
    assert value is expected


REPLACEMENTS = [
    ("abracadabra", "a.*?a", "*", "*c*bra"),
    ("abracadabra", "a(.)", "a$1$1", "abbraccaddabbra"),
    ("abcd", "(ab)|(a)", "[1=$1][2=$2]", "[1=ab][2=]cd"),
    ("AAAA", "A+?", "b", "bbbb"),
    ("price", "i", r"\$", "pr$ce"),
    ("abc", "x*", "-", None),
    ("abc", "b", "$", None),
    ("abc", "b", "\\", None),
    ("aa", "(a)", "$11", "a1a1"),
]


@pytest.mark.parametrize(("text", "pattern", "replacement", "expected"), REPLACEMENTS)
def test_a_pattern_replaces(
    text: str, pattern: str, replacement: str, expected: str | None
) -> None:
    # given
    expression = compile_expression("replace(text, pattern, replacement)")
    # when
    value = expression.value({"text": text, "pattern": pattern, "replacement": replacement})
    # then
    assert value == expected

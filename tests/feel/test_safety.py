"""Texts reach values only, never Python."""

from __future__ import annotations

import pytest

from workflows.feel import FeelSyntaxError, compile_expression

REACHES = (
    "x.__class__",
    "x.upper",
    "f.__globals__",
    "f.invoke",
    "now.__class__.__mro__",
    "{a: 1}.keys",
    "1.5.real",
    "sum.builtin",
    '@"2026-01-01".replace',
    "[1..2].operator",
    "__builtins__",
    "__import__",
    "x._private",
)


class _Host:
    """An object that a host handed over by mistake."""

    secret = "secret"


@pytest.mark.parametrize("text", REACHES)
def test_an_attribute_of_a_python_object_is_null(text: str) -> None:
    # given
    scope = {"x": "text", "f": compile_expression("function(x) x").value({})}
    # when
    try:
        result = compile_expression(text).evaluate(scope)
    except FeelSyntaxError:
        return
    # then
    assert result.value is None
    assert result.warnings


def test_an_object_that_is_no_value_gives_nothing_away() -> None:
    # given
    scope = {"host": _Host()}
    # when
    result = compile_expression("host.secret").evaluate(scope)
    # then
    assert result.value is None


@pytest.mark.parametrize(
    "text",
    [
        "inc\u200bome",
        "inc\u202eome",
        "\u2066a",
        "a\ufeffb",
        "1\u200b\ufeff2",
        "a\u00adb",
        '"\u202eabc"',
        "/*\u202e*/1",
    ],
)
def test_a_character_that_hides_meaning_is_refused(text: str) -> None:
    # given / when
    with pytest.raises(FeelSyntaxError) as refused:
        compile_expression(text)
    # then
    assert refused.value.code == "invisible_character"


def test_values_handed_in_are_never_changed() -> None:
    # given
    items = [3, 1, 2]
    context = {"a": 1}
    scope = {"items": items, "context": context}
    # when
    for text in ("append(items, 4)", "sort(items)", 'context put(context, "b", 2)', "items[1]"):
        compile_expression(text).value(scope)
    # then
    assert (items, context) == ([3, 1, 2], {"a": 1})

"""String functions (DMN 1.5, 10.3.4.3); positions count code points from 1."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from workflows.feel.builtins.registry import builtin
from workflows.feel.errors import FeelError
from workflows.feel.regex import compile_pattern, replace_all, search, split_all
from workflows.feel.run import Run
from workflows.feel.values import Value, type_name


@builtin("substring", "string: string, start position: number, length?: number")
def substring(run: Run, text: str, start: Decimal, length: Decimal | None = None) -> Value:
    """The part from `start` (negative: from the end) of `length` characters (table 74, note 1)."""
    first = int(start)
    if first == 0 or abs(first) > len(text):
        raise FeelError("invalid_argument", name="substring", reason=f"start position {start}")
    at = first - 1 if first > 0 else len(text) + first
    if length is None:
        return text[at:]
    if not 1 <= length < len(text) - at + 1:
        raise FeelError("invalid_argument", name="substring", reason=f"length {length}")
    return text[at : at + int(length)]


@builtin("string length", "string: string")
def string_length(run: Run, text: str) -> Value:
    """The number of code points."""
    return Decimal(len(text))


@builtin("upper case", "string: string")
def upper_case(run: Run, text: str) -> Value:
    """Upper case of every letter that has one."""
    run.check_string(3 * len(text)) if len(text) * 3 > run.string_length else None
    return text.upper()


@builtin("lower case", "string: string")
def lower_case(run: Run, text: str) -> Value:
    """Lower case of every letter that has one."""
    return text.lower()


@builtin("substring before", "string: string, match: string")
def substring_before(run: Run, text: str, match: str) -> Value:
    """What stands before `match`, empty when it does not occur."""
    before, found, _ = text.partition(match) if match else ("", "", "")
    return before if found else ""


@builtin("substring after", "string: string, match: string")
def substring_after(run: Run, text: str, match: str) -> Value:
    """What stands after `match`, empty when it does not occur."""
    return text.partition(match)[2] if match else text


@builtin("contains", "string: string, match: string")
def contains(run: Run, text: str, match: str) -> Value:
    """Whether `match` occurs."""
    return match in text


@builtin("starts with", "string: string, match: string")
def starts_with(run: Run, text: str, match: str) -> Value:
    """Whether the string starts with `match`."""
    return text.startswith(match)


@builtin("ends with", "string: string, match: string")
def ends_with(run: Run, text: str, match: str) -> Value:
    """Whether the string ends with `match`."""
    return text.endswith(match)


@builtin("matches", "input: string, pattern: string, flags?: string|null")
def matches(run: Run, text: str, pattern: str, flags: str | None = None) -> Value:
    """Whether an XPath pattern matches somewhere in the string."""
    return search(run, compile_pattern(pattern, flags or ""), text, 0) is not None


@builtin("replace", "input: string, pattern: string, replacement: string, flags?: string|null")
def replace(run: Run, text: str, pattern: str, replacement: str, flags: str | None = None) -> Value:
    """Every match of an XPath pattern replaced; `$1` stands for a group."""
    return replace_all(run, compile_pattern(pattern, flags or ""), text, replacement)


@builtin("split", "string: string, delimiter: string")
def split(run: Run, text: str, delimiter: str) -> Value:
    """The parts between matches of an XPath pattern."""
    return split_all(run, compile_pattern(delimiter, ""), text)


@builtin("string join", "list: list, delimiter?: string|null")
def string_join(run: Run, items: Sequence[Value], delimiter: str | None = None) -> Value:
    """The strings of a list in one; null items are left out."""
    texts = [item for item in items if item is not None]
    for item in texts:
        if not isinstance(item, str):
            raise FeelError(
                "argument_type",
                name="string join",
                argument="list",
                expected="list<string>",
                type=f"list<{type_name(item)}>",
            )
    separator = delimiter or ""
    run.tick(len(texts))
    run.check_string(sum(map(len, texts)) + len(separator) * max(len(texts) - 1, 0))
    return separator.join(texts)

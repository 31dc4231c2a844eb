"""Random FEEL: every text is compiled or refused, and every evaluation ends within its bounds."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from scripts.fuzz.targets import SCOPE
from workflows.feel import (
    BUILT_IN_FUNCTIONS,
    FeelLimitExceeded,
    FeelSyntaxError,
    compile_expression,
    compile_unary_tests,
)

#: One text is compiled and evaluated within this CPU time, in seconds.
SLOWEST: Final = 2.0
_WORDS: Final = (
    *SCOPE, *sorted(BUILT_IN_FUNCTIONS), "0", "1", "2.5", "1e30", "-1", "999999999999", '"x"',
    '"\\uD800"', '"a.*b"', "null", "true", "false", "if", "then", "else", "for", "in", "return",
    "some", "every", "satisfies", "function", "external", "instance of", "between", "and", "or",
    "not", "item", "partial", "?", "..", "...", "1..5", "1..10000", "[", "]", "(", ")", "{", "}",
    "{x:", ":", ",", ".", "+", "-", "*", "/", "**", "=", "!=", "<", "<=", ">", ">=", '@"P1D"',
    '@"P1Y2M"', '@"2021-09-01"', '@"2021-09-01T10:00:00@Asia/Shanghai"', "//", "/*", "*/", '"',
    "\\", "\x00", "\u202e", "number", "string", "list<number>", "@", "'", "=>", "^", "%",
    "__class__",
)  # fmt: skip
_SHAPES: Final = (
    "for i in 1..1000 return {}", "some x in {} satisfies {}", "sort({}, function(x, y) {})",
    "if {} then {} else {}", "{}[{}]", "{{x: {}, y: {}}}", "matches({}, {})", "{} ** {}",
    "for i in 1..300, j in 1..300 return {}", "string join({}, {})", "{} instance of {}",
    "flatten({})", "({}) between {} and {}", "function(x) {}", "replace({}, {}, {})", "{}.{}",
)  # fmt: skip


@dataclass(slots=True)
class Tried:
    """What became of the texts. `wrong`: anything but a value or an error by name."""

    texts: int = 0
    refused: int = 0
    valued: int = 0
    bounded: int = 0
    slowest: float = 0.0
    slowest_text: str = ""
    wrong: list[str] = field(default_factory=list)


def try_texts(count: int, seed: int, longest: float) -> Tried:
    """Compile and evaluate random texts until `count` or `longest` seconds are reached."""
    chance = random.Random(seed)
    now = datetime(2021, 9, 1, 2, tzinfo=UTC)
    tried = Tried()
    deadline = time.monotonic() + longest
    while tried.texts < count and time.monotonic() < deadline:
        text = _text(chance, 3)
        tried.texts += 1
        began = time.process_time()
        try:
            _try(text, now, tried)
        except Exception as error:  # noqa: BLE001  # any other error is what is looked for
            tried.wrong.append(f"{error!r} from {text[:300]!r}")
        seconds = time.process_time() - began
        if seconds > tried.slowest:
            tried.slowest, tried.slowest_text = seconds, text
    return tried


def _try(text: str, now: datetime, tried: Tried) -> None:
    try:
        compiled = compile_expression(text, names=SCOPE)
    except FeelSyntaxError:
        tried.refused += 1
    else:
        try:
            compiled.evaluate(SCOPE, now=now)
            tried.valued += 1
        except FeelLimitExceeded:
            tried.bounded += 1
    try:
        compile_unary_tests(text, names=SCOPE).evaluate(Decimal(3), SCOPE, now=now)
    except (FeelSyntaxError, FeelLimitExceeded):
        return


def _text(chance: random.Random, depth: int) -> str:
    """Half of the texts are nested shapes, the others words in any order."""
    if depth and chance.random() < 0.5:
        shape = chance.choice(_SHAPES)
        parts = [_text(chance, depth - 1) for _ in range(shape.count("{}"))]
        return shape.format(*parts)
    if chance.random() < 0.6:
        return chance.choice(_WORDS)
    return " ".join(chance.choices(_WORDS, k=chance.randrange(1, 9)))

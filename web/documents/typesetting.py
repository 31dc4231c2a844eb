"""Lines of Chinese text: which signs stand together, and where a line may end (GB/T 15834)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

#: Signs that no line begins with, and those that no line ends with.
NOT_FIRST: Final = frozenset("、，。．；：？！）」』》〉】〕］｝”’…—～·％℃,.;:?!)]}%")
NOT_LAST: Final = frozenset("（「『《〈【〔［｛“‘([{￥$")
#: Blanks beside punctuation, where a line would end on the wrong side of it.
_LOOSE: Final = re.compile(
    f"[ \u3000]+(?=[{re.escape(''.join(NOT_FIRST))}])"
    f"|(?<=[{re.escape(''.join(NOT_LAST))}])[ \u3000]+"
)
_TOKEN: Final = re.compile(r"[!-~]+|[ \u3000]+|.", re.DOTALL)
#: A blank that is as wide as a Chinese sign; two of them begin a paragraph.
WIDE_BLANK: Final = "\u3000"

Width = Callable[[str], float]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text; `full` says that another one of the same paragraph follows."""

    text: str
    full: bool


def set_lines(text: str, width: Width, measure: float, *, indent: int = 0) -> list[Line]:
    """The lines of a text that are at most `measure` wide; each line break begins a paragraph.

    Only a sign that is wider than the whole measure would stand out.
    """
    return [
        line
        for paragraph in _LOOSE.sub("", printable(text)).split("\n")
        if paragraph.strip()
        for line in _paragraph(WIDE_BLANK * indent + paragraph.strip(), width, measure)
    ]


def printable(text: str) -> str:
    """The text with plain line breaks and without signs that are not printed."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    return "".join(
        sign
        for sign in text
        if sign == "\n" or unicodedata.category(sign) not in {"Cc", "Cf", "Cs"}
    )


def _paragraph(text: str, width: Width, measure: float) -> Iterator[Line]:
    line = ""
    for unit in _units(text, width, measure):
        if line.strip() and width((line + unit).rstrip()) > measure:
            yield Line(line.rstrip(), full=True)
            line = unit.lstrip()
        else:
            line += unit
    yield Line(line.rstrip(), full=False)


def _units(text: str, width: Width, measure: float) -> Iterator[str]:
    """Pieces that stay on one line: words, and signs with the punctuation that belongs to them."""
    unit = ""
    for token in _TOKEN.findall(text):
        if unit and not (token[0] in NOT_FIRST or unit[-1] in NOT_LAST):
            yield from _fitting(unit, width, measure)
            unit = ""
        unit += token
    yield from _fitting(unit, width, measure)


def _fitting(unit: str, width: Width, measure: float) -> Iterator[str]:
    """The unit, or its signs one by one where no line could hold it."""
    if width(unit) <= measure:
        yield unit
    else:
        yield from unit

"""Sheets of A4: blocks of text from top to bottom, over as many pages as they need."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from fpdf import FPDF

from web.documents.fonts import Face, Faces
from web.documents.typesetting import Line, printable, set_lines

Family = Literal["text", "title"]
Align = Literal["left", "center", "right"]

WIDTH: Final = 210.0
HEIGHT: Final = 297.0
#: 28 signs of the body stand on a line, as in GB/T 9704.
SIDE: Final = 25.9
TOP: Final = 25.0
BOTTOM: Final = 20.0
MEASURE: Final = WIDTH - 2 * SIDE
_POINT: Final = 25.4 / 72
#: Where the base line of a sign lies within its height.
_BASE: Final = 0.86
#: A full line is spread to the margin; one with more room left than this many signs stays ragged.
_MOST_SPREAD: Final = 2.0


@dataclass(frozen=True, slots=True)
class Block:
    """Something of a height in millimetres that is drawn at a place from above.

    `stays`: no page ends behind it.
    """

    height: float
    draw: Callable[[float], None]
    stays: bool = False


class Sheet:
    """A document under way; sizes are points, places millimetres."""

    def __init__(self, faces: Faces, *, title: str, made_at: datetime) -> None:
        self.pdf = FPDF(format="A4", unit="mm")
        self.pdf.set_auto_page_break(False)
        self.pdf.set_margin(0)
        self.pdf.set_creation_date(made_at)
        self.pdf.set_title(title)
        self.pdf.set_lang("zh-CN")
        self.pdf.set_producer("Doudi")
        for family, face in (("text", faces.text), ("title", faces.title)):
            self._add(family, face)
        self._font: tuple[Family, float] = ("text", 0)

    def _add(self, family: str, face: Face) -> None:
        self.pdf.add_font(family, fname=face.path, collection_font_number=face.number)

    def width(self, text: str, size: float, family: Family = "text") -> float:
        """How wide a text is in millimetres."""
        self._use(family, size)
        return self.pdf.get_string_width(text)

    def lines(self, text: str, size: float, *, indent: int = 0) -> list[Line]:
        """A text broken to the measure of the page."""
        return set_lines(text, lambda part: self.width(part, size), MEASURE, indent=indent)

    def write(
        self,
        x: float,
        y: float,
        text: str,
        size: float,
        *,
        family: Family = "text",
        align: Align = "left",
        spread: float = 0,
    ) -> None:
        """One line with its upper edge at `y`; `x` is its left end, middle or right end.

        `spread` is room to be put between its signs.
        """
        text = printable(text).replace("\n", " ")
        if not text:
            return
        if align != "left":
            x -= self.width(text, size, family) / (2 if align == "center" else 1)
        self._use(family, size)
        self.pdf.set_char_spacing(spread / max(len(text) - 1, 1) / _POINT)
        self.pdf.text(x, y + size * _POINT * _BASE, text)
        self.pdf.set_char_spacing(0)

    def paragraph(self, text: str, size: float, leading: float, *, indent: int = 0) -> list[Block]:
        """A block for each line; neither its first nor its last line stands alone on a page."""
        lines = self.lines(text, size, indent=indent)
        return [
            Block(leading, self._drawing(line, size), stays=at in {0, len(lines) - 2} and line.full)
            for at, line in enumerate(lines)
        ]

    def _drawing(self, line: Line, size: float) -> Callable[[float], None]:
        def draw(y: float) -> None:
            room = MEASURE - self.width(line.text, size) if line.full else 0
            spread = room if 0 < room <= _MOST_SPREAD * size * _POINT else 0
            self.write(SIDE, y, line.text, size, spread=spread)

        return draw

    def headline(self, text: str, size: float, height: float, family: Family) -> list[Block]:
        """A text in the middle of the page, on several lines where one doesn't hold it."""
        lines = set_lines(text, lambda part: self.width(part, size, family), MEASURE)
        return [Block(height, self._centred(line.text, size, family), stays=True) for line in lines]

    def _centred(self, text: str, size: float, family: Family) -> Callable[[float], None]:
        return lambda y: self.write(WIDTH / 2, y, text, size, family=family, align="center")

    def flow(self, blocks: Sequence[Block], foot: Block) -> None:
        """Draw the blocks over pages, and the foot at the end of the last page."""
        found = pages(blocks, HEIGHT - TOP - BOTTOM)
        if sum(block.height for block in found[-1]) + foot.height > HEIGHT - TOP - BOTTOM:
            found.append([])
        for number, page in enumerate(found, 1):
            self.pdf.add_page()
            y = TOP
            for block in page:
                block.draw(y)
                y += block.height
            if number == len(found):
                foot.draw(HEIGHT - BOTTOM - foot.height if page else TOP)
            if len(found) > 1:
                text = f"第 {number} 页，共 {len(found)} 页"
                self.write(WIDTH / 2, HEIGHT - 14, text, 9, align="center")

    def content(self) -> bytes:
        """The finished file; the same for the same document."""
        return bytes(self.pdf.output())

    def _use(self, family: Family, size: float) -> None:
        if self._font != (family, size):
            self.pdf.set_font(family, size=size)
            self._font = (family, size)


def pages(blocks: Sequence[Block], room: float) -> list[list[Block]]:
    """The blocks by page: at least one page, and no page ends behind a block that stays."""
    found: list[list[Block]] = [[]]
    used = 0.0
    for group in _groups(blocks):
        height = sum(block.height for block in group)
        if found[-1] and used + height > room:
            found.append([])
            used = 0.0
        for block in group:
            if found[-1] and used + block.height > room:  # a group that no page could hold
                found.append([])
                used = 0.0
            found[-1].append(block)
            used += block.height
    return found


def _groups(blocks: Sequence[Block]) -> list[list[Block]]:
    groups: list[list[Block]] = [[]]
    for block in blocks:
        groups[-1].append(block)
        if not block.stays:
            groups.append([])
    return [group for group in groups if group]

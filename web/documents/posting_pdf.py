"""The sheet that hangs in the village: exactly the lawful fields, and the code for objections."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import segno

from web.documents.fonts import Faces
from web.documents.notice_pdf import chinese_day
from web.documents.sheet import SIDE, WIDTH, Block, Sheet

_BODY: Final = 16.0
_LEADING: Final = 10.0
#: The side of the code in millimetres.
_QR: Final = 34.0


@dataclass(frozen=True, slots=True)
class PrintedPosting:
    """What a sheet shows: pairs of a field's words and its value, and nothing else of the family.

    `address` is where the code leads; `first_on` and `last_on` are those of a posting today where
    it doesn't hang yet.
    """

    issuer: str
    title: str
    village: str
    lines: tuple[tuple[str, str], ...]
    first_on: date
    last_on: date
    code: str
    address: str
    basis: tuple[str, ...]
    made_at: datetime
    posted_on: date


def posting_pdf(posting: PrintedPosting, faces: Faces) -> bytes:
    """The sheet on A4; equal sheets give equal bytes."""
    sheet = Sheet(faces, title=f"{posting.title} {posting.code}", made_at=posting.made_at)
    blocks: list[Block] = [
        *sheet.headline(posting.issuer, 20, 14, "text"),
        *sheet.headline(posting.title, 26, 20, "title"),
    ]
    opening = f"现将{posting.village}下列家庭（人员）的情况予以公示，接受群众监督。"
    blocks += sheet.paragraph(opening, _BODY, _LEADING, indent=2)
    for label, value in posting.lines:
        blocks += sheet.paragraph(f"{label}：{value}", _BODY, _LEADING, indent=2)
    period = (
        f"公示期：{chinese_day(posting.first_on)}至{chinese_day(posting.last_on)}"
        f"（{chinese_day(posting.posted_on)}张贴，张贴当日不计）。"
    )
    blocks += sheet.paragraph(period, _BODY, _LEADING, indent=2)
    asks = (
        "对公示内容有异议的，请在公示期内向我单位书面、电话或者当面提出，也可以扫描下方的编码提出，"
        "可以不具名。我们为您保密。"
    )
    blocks += sheet.paragraph(asks, _BODY, _LEADING, indent=2)
    if posting.basis:
        text = f"依据：{'、'.join(posting.basis)}。"
        blocks += sheet.paragraph(text, 12, 7.5, indent=2)
    sheet.flow(blocks, _foot(sheet, posting))
    return sheet.content()


@dataclass(frozen=True, slots=True)
class PrintedList:
    """A table that hangs in a village: column heads and rows of text."""

    issuer: str
    title: str
    opening: str
    heads: tuple[str, ...]
    rows: Sequence[Sequence[str]]
    closing: str
    made_at: datetime
    made_on: date


def list_pdf(listed: PrintedList, faces: Faces) -> bytes:
    """A list on A4, over as many pages as it needs; equal lists give equal bytes."""
    sheet = Sheet(faces, title=listed.title, made_at=listed.made_at)
    blocks: list[Block] = [
        *sheet.headline(listed.issuer, 18, 12, "text"),
        *sheet.headline(listed.title, 22, 16, "title"),
        *sheet.paragraph(listed.opening, 13, 8, indent=2),
        _cells(sheet, listed.heads, head=True),
        *(_cells(sheet, row) for row in listed.rows),
        Block(4, lambda _y: None, stays=True),
        *sheet.paragraph(listed.closing, 13, 8, indent=2),
    ]

    def sign(y: float) -> None:
        sheet.write(WIDTH - SIDE - 40, y + 6, listed.issuer, 14, align="center")
        sheet.write(WIDTH - SIDE - 40, y + 15, chinese_day(listed.made_on), 14, align="center")

    sheet.flow(blocks, Block(26, sign))
    return sheet.content()


def _cells(sheet: Sheet, texts: Sequence[str], *, head: bool = False) -> Block:
    width = (WIDTH - 2 * SIDE) / len(texts)

    def draw(y: float) -> None:
        for at, text in enumerate(texts):
            sheet.pdf.set_line_width(0.25)
            sheet.pdf.rect(SIDE + at * width, y, width, 8.5)
            size = 12.0
            while size > 5 and sheet.width(text, size) > width - 3:
                size -= 0.5
            middle = SIDE + (at + 0.5) * width
            sheet.write(middle, y + 2, text, size, align="center")

    return Block(8.5, draw, stays=head)


def _foot(sheet: Sheet, posting: PrintedPosting) -> Block:
    matrix = tuple(segno.make(posting.address, error="m", micro=False).matrix)

    def draw(y: float) -> None:
        side = _QR / len(matrix)
        for down, row in enumerate(matrix):
            for along, dark in enumerate(row):
                if dark:
                    sheet.pdf.set_fill_color(0)
                    sheet.pdf.rect(SIDE + along * side, y + down * side, side, side, style="F")
        code = " ".join(posting.code[at : at + 4] for at in range(0, len(posting.code), 4))
        sheet.write(SIDE, y + _QR + 2, f"编码 {code}", 12)
        sheet.write(SIDE, y + _QR + 8, posting.address, 9)
        sheet.write(WIDTH - SIDE - 40, y + 12, f"{posting.issuer}（盖章）", 15, align="center")
        day = chinese_day(posting.posted_on)
        sheet.write(WIDTH - SIDE - 40, y + 22, day, 15, align="center")

    return Block(_QR + 14, draw)

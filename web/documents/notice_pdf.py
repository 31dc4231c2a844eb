"""A notice as an official paper: letter, place of the seal, and the receipt to tear off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Final

from web.documents.fonts import Faces
from web.documents.sheet import MEASURE, SIDE, WIDTH, Block, Sheet

#: Ways of service as the receipt offers them, by the codes of the form of service.
METHODS: Final = {
    "direct": "直接送达",
    "mail": "邮寄送达",
    "electronic": "电子送达",
    "left": "留置送达",
}
_BODY: Final = 16.0
_LEADING: Final = 9.2
_SMALL: Final = 11.0
_ROW: Final = 9.2


@dataclass(frozen=True, slots=True)
class PrintedNotice:
    """What a notice says; `addressee` None where the name has to be written by hand.

    `basis` are the clauses that it rests on; `served_on` and `service_method` are filled in on the
    receipt where the service has been recorded.
    """

    issuer: str
    title: str
    number: str
    addressee: str | None
    paragraphs: tuple[str, ...]
    basis: tuple[str, ...]
    issued_at: datetime
    issued_on: date
    served_on: date | None = None
    service_method: str | None = None


def notice_pdf(notice: PrintedNotice, faces: Faces) -> bytes:
    """The notice on A4 with a subset of its font; equal notices give equal bytes."""
    sheet = Sheet(faces, title=f"{notice.title} {notice.number}", made_at=notice.issued_at)
    blocks = [*_head(sheet, notice)]
    for paragraph in notice.paragraphs:
        blocks += sheet.paragraph(paragraph, _BODY, _LEADING, indent=2)
    if notice.basis:
        text = f"依据：{'、'.join(notice.basis)}。"
        blocks += sheet.paragraph(text, _BODY, _LEADING, indent=2)
    blocks.append(_signature(sheet, notice))
    sheet.flow(_kept_with_signature(blocks), _receipt(sheet, notice))
    return sheet.content()


def chinese_day(day: date) -> str:
    """A day as papers write it: 2021年10月5日."""
    return f"{day.year}年{day.month}月{day.day}日"


def _head(sheet: Sheet, notice: PrintedNotice) -> list[Block]:
    def number(y: float) -> None:
        sheet.write(WIDTH - SIDE, y + 3, f"文号：{notice.number}", 12, align="right")

    return [
        *sheet.headline(notice.issuer, 20, 12, "text"),
        *sheet.headline(notice.title, 24, 13.5, "title"),
        Block(14, number, stays=True),
        *_addressee(sheet, notice.addressee),
    ]


def _addressee(sheet: Sheet, name: str | None) -> list[Block]:
    """The line that names whom the paper goes to, or a rule to write on."""

    def rule(y: float) -> None:
        sheet.pdf.set_line_width(0.25)
        sheet.pdf.line(SIDE, y + _LEADING - 2.5, SIDE + 45, y + _LEADING - 2.5)
        sheet.write(SIDE + 45, y, "：", _BODY)

    if name is None:
        return [Block(_LEADING, rule, stays=True)]
    lines = sheet.paragraph(f"{name}：", _BODY, _LEADING)
    return [Block(line.height, line.draw, stays=True) for line in lines]


def _signature(sheet: Sheet, notice: PrintedNotice) -> Block:
    issuer = f"{notice.issuer}（盖章）"
    half = max(sheet.width(issuer, _BODY) / 2, 40)
    middle = WIDTH - SIDE - half

    def draw(y: float) -> None:
        sheet.write(middle, y + 9, issuer, _BODY, align="center")
        day = chinese_day(notice.issued_on)
        sheet.write(middle, y + 9 + _LEADING, day, _BODY, align="center")

    return Block(9 + 2 * _LEADING + 6, draw)


def _kept_with_signature(blocks: Sequence[Block]) -> list[Block]:
    """The last line of the text goes to the page of the signature, so that it never is alone."""
    *before, last, signature = blocks
    return [*before, Block(last.height, last.draw, stays=True), signature]


def _receipt(sheet: Sheet, notice: PrintedNotice) -> Block:
    """The part that the server takes back: what, to whom, how, when, by whom."""
    served = chinese_day(notice.served_on) if notice.served_on else "\u3000年\u3000月\u3000日"
    half = ((0, 30), (30, 48), (MEASURE / 2, 30), (MEASURE / 2 + 30, 48))
    rows: tuple[tuple[str, str, str, str] | tuple[str, str], ...] = (
        ("送达文书", notice.title, "文\u3000\u3000号", notice.number),
        ("受送达人", notice.addressee or "", "送达地点", ""),
        ("送达方式", ""),
        ("受送达人签名", "", "送达日期", served),
        ("送达人签名", "", "代收人及关系", ""),
        ("备\u3000\u3000注", ""),
    )
    top = 18.0

    def draw(y: float) -> None:
        _tear_line(sheet, y)
        sheet.write(WIDTH / 2, y + 7, "送 达 回 证", 16, family="title", align="center")
        for at, row in enumerate(rows):
            _row(sheet, y + top + at * _ROW, row, half)
        _methods(sheet, y + top + 2 * _ROW, notice.service_method)

    return Block(top + len(rows) * _ROW, draw)


def _tear_line(sheet: Sheet, y: float) -> None:
    words = "沿线裁下，由送达人收回归卷"
    size = 8.0
    gap = sheet.width(words, size) / 2 + 2
    pdf = sheet.pdf
    pdf.set_line_width(0.2)
    pdf.set_dash_pattern(dash=1.6, gap=1.2)
    pdf.line(SIDE, y + 1.5, WIDTH / 2 - gap, y + 1.5)
    pdf.line(WIDTH / 2 + gap, y + 1.5, WIDTH - SIDE, y + 1.5)
    pdf.set_dash_pattern()
    sheet.write(WIDTH / 2, y, words, size, align="center")


def _row(
    sheet: Sheet, y: float, texts: Sequence[str], places: Sequence[tuple[float, float]]
) -> None:
    """A row of cells: every other one is a label; two texts go over the whole width."""
    pdf = sheet.pdf
    pdf.set_line_width(0.25)
    pdf.rect(SIDE, y, MEASURE, _ROW)
    for left, _width in places[1 : len(texts)]:
        pdf.line(SIDE + left, y, SIDE + left, y + _ROW)
    for at, text in enumerate(texts):
        left, width = places[at]
        if at % 2:
            _cell(sheet, SIDE + left + 2, y, text, width - 4)
        else:
            sheet.write(SIDE + left + width / 2, y + 2.6, text, _SMALL, align="center")


def _cell(sheet: Sheet, x: float, y: float, text: str, width: float) -> None:
    """A text in a cell, smaller where it would not fit."""
    size = _SMALL
    while size > 5 and sheet.width(text, size) > width:
        size -= 0.5
    sheet.write(x, y + 2.6 + (_SMALL - size) * 0.18, text, size)


def _methods(sheet: Sheet, y: float, chosen: str | None) -> None:
    """A box for each way of service; the recorded one has its tick."""
    x = SIDE + 32.0
    for code, words in METHODS.items():
        box = 3.4
        sheet.pdf.set_line_width(0.25)
        sheet.pdf.rect(x, y + 2.9, box, box)
        if code == chosen:
            sheet.pdf.set_line_width(0.5)
            tick = ((0.6, 1.8), (1.5, 2.8), (2.9, 0.5))
            for (x1, y1), (x2, y2) in pairwise(tick):
                sheet.pdf.line(x + x1, y + 2.9 + y1, x + x2, y + 2.9 + y2)
        sheet.write(x + box + 1.2, y + 2.6, words, _SMALL)
        x += 30.0

"""A notice on paper: what it says, over how many pages, the same for the same notice."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pypdfium2
import pypdfium2.raw as pdfium
import pytest

from tests.conditions import missing
from web.documents.fonts import Face, Faces, FontMissing, find_faces
from web.documents.notice_pdf import PrintedNotice, chinese_day, notice_pdf
from web.documents.sheet import Block, pages

NOTICE = PrintedNotice(
    issuer="开州区民政局",
    title="最低生活保障确认通知书",
    number="500154-2021-000123-02",
    addressee="陈德明",
    paragraphs=(
        "经审核确认，你（户）自 2021-11 月起享受最低生活保障，每月 405.00 元。",
        "对本决定不服的，可以自收到之日起六十日内申请行政复议，或者六个月内提起行政诉讼。",
    ),
    basis=("《最低生活保障审核确认办法》第二十一条", "《行政复议法》第二十条"),
    issued_at=datetime(2021, 10, 15, 2, tzinfo=UTC),
    issued_on=date(2021, 10, 15),
)


@pytest.fixture(scope="session")
def faces() -> Faces:
    """The fonts of this machine."""
    try:
        return find_faces()
    except FontMissing:
        missing("a font for Chinese (fonts-noto-cjk)")


@contextmanager
def opened(content: bytes) -> Iterator[pypdfium2.PdfDocument]:
    """The paper as a browser reads it."""
    document = pypdfium2.PdfDocument(content)
    yield document
    document.close()


def page_texts(content: bytes) -> list[str]:
    """What can be selected on each page, without blanks."""
    with opened(content) as document:
        found = [page.get_textpage().get_text_range() for page in document]
    return ["".join(text.split()) for text in found]


def test_the_paper_says_what_the_notice_says(faces: Faces) -> None:
    # when
    (text,) = page_texts(notice_pdf(NOTICE, faces))
    # then: the letter
    for part in (
        "开州区民政局最低生活保障确认通知书文号：500154-2021-000123-02陈德明：",
        *("".join(paragraph.split()) for paragraph in NOTICE.paragraphs),
        "依据：《最低生活保障审核确认办法》第二十一条、《行政复议法》第二十条。",
        "开州区民政局（盖章）2021年10月15日",
    ):
        assert part in text
    # then: the receipt
    receipt = text.partition("送达回证")[2]
    assert "受送达人陈德明" in receipt and "500154-2021-000123-02" in receipt
    for label in ("送达方式", "直接送达邮寄送达电子送达留置送达", "受送达人签名", "送达人签名"):
        assert label in receipt
    assert "送达日期年月日" in receipt


def test_the_font_is_embedded_and_the_paper_is_a4(faces: Faces) -> None:
    # when
    with opened(notice_pdf(NOTICE, faces)) as document:
        (page,) = document
        fonts = [
            pdfium.FPDFTextObj_GetFont(part.raw)
            for part in page.get_objects()
            if part.type == pdfium.FPDF_PAGEOBJ_TEXT
        ]
        # then
        assert [round(side) for side in page.get_size()] == [595, 842]
        assert fonts and all(pdfium.FPDFFont_GetIsEmbedded(font) for font in fonts)
        assert "陈德明" not in str(document.get_metadata_dict())


def test_the_same_notice_gives_the_same_bytes(faces: Faces) -> None:
    # given
    first = notice_pdf(NOTICE, faces)
    # when
    time.sleep(1.1)  # times in files are told in seconds
    # then
    assert notice_pdf(NOTICE, faces) == first
    assert notice_pdf(replace(NOTICE, number="500154-2021-000123-03"), faces) != first


def test_a_long_notice_goes_over_pages_with_its_receipt_whole(faces: Faces) -> None:
    # given
    reason = "理由：家庭人均月收入高于最低生活保障标准。" * 60
    signs = "".join(chr(0x4E00 + 7 * at) for at in range(600))  # more than one byte can name
    notice = replace(NOTICE, paragraphs=(reason, signs, *NOTICE.paragraphs))
    # when
    found = page_texts(notice_pdf(notice, faces))
    # then
    count = len(found)
    assert count > 1
    assert [f"第{n}页，共{count}页" in text for n, text in enumerate(found, 1)] == [True] * count
    letter = "".join(found)
    for n in range(1, count + 1):
        letter = letter.replace(f"第{n}页，共{count}页", "")
    assert reason in letter and signs in letter
    assert [text.count("送达回证") for text in found] == [0] * (count - 1) + [1]
    assert "（盖章）" in found[-1] or "（盖章）" in found[-2]


def test_the_receipt_shows_a_service_that_was_recorded(faces: Faces) -> None:
    # given
    served = replace(NOTICE, served_on=date(2021, 10, 8), service_method="left")
    # when
    content = notice_pdf(served, faces)
    # then: with a tick in one of the boxes
    assert "送达日期2021年10月8日" in page_texts(content)[0]
    assert content != notice_pdf(replace(served, service_method=None), faces)


def test_who_is_not_known_by_name_has_a_line_to_write_on(faces: Faces) -> None:
    # when
    (text,) = page_texts(notice_pdf(replace(NOTICE, addressee=None), faces))
    # then
    assert "陈德明" not in text
    assert "受送达人送达地点" in text


@pytest.mark.parametrize(
    "words",
    ["", "\n", "，" * 300, "A" * 500, "甲\ue000乙\U00031350", "<b>&\\()%", "\u3000" * 40],
)
def test_any_text_can_be_printed(faces: Faces, words: str) -> None:
    # given
    odd = replace(NOTICE, paragraphs=(words,), title=words or "告知书", addressee=words or None)
    # when / then
    assert notice_pdf(odd, faces).startswith(b"%PDF-")


def test_a_notice_without_text_is_still_a_paper(faces: Faces) -> None:
    # when / then
    empty = replace(NOTICE, paragraphs=(), basis=())
    assert "（盖章）" in page_texts(notice_pdf(empty, faces))[0]


def test_no_page_ends_behind_what_stays() -> None:
    # given
    def block(height: float, *, stays: bool = False) -> Block:
        return Block(height, lambda _y: None, stays)

    # when
    found = pages([block(6), block(3, stays=True), block(3), block(11, stays=True), block(1)], 10)
    # then: what no page can hold begins one of its own
    assert [[one.height for one in page] for page in found] == [[6], [3, 3], [11], [1]]
    assert pages([], 10) == [[]]


def test_fonts_are_found_below_folders_and_the_bold_one_beside(
    faces: Faces, tmp_path: Path
) -> None:
    # given
    folder = tmp_path / "fonts" / "noto"
    folder.mkdir(parents=True)
    (folder / "NotoSansCJK-Regular.ttc").symlink_to(faces.text.path)
    # when
    alone = find_faces(folders=(tmp_path,))
    (folder / "NotoSansCJK-Bold.ttc").symlink_to(faces.title.path)
    both = find_faces(folders=(tmp_path,))
    # then
    assert alone.text == alone.title == Face(folder / "NotoSansCJK-Regular.ttc", 2)
    assert both.title.path.name == "NotoSansCJK-Bold.ttc"
    assert find_faces(faces.title.path, folders=()).text == faces.title


def test_without_a_font_for_chinese_nothing_is_printed(tmp_path: Path) -> None:
    # given
    broken = tmp_path / "broken.ttf"
    broken.write_bytes(b"not a font")
    # when / then
    with pytest.raises(FontMissing):
        find_faces(folders=(tmp_path,))
    for path in (broken, tmp_path / "nowhere.ttf"):
        with pytest.raises(FontMissing):
            find_faces(path)


def test_days_are_written_as_papers_write_them() -> None:
    # when / then
    assert chinese_day(date(2021, 9, 8)) == "2021年9月8日"

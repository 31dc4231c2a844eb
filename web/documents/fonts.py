"""The typefaces that papers are printed with: those of the system, or files that are named."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from fontTools.ttLib import TTCollection, TTFont, TTLibError

from workflows.errors import DoudiError

#: Where systems keep the fonts of their packages.
FOLDERS: Final = (
    Path("/usr/share/fonts"),
    Path("/usr/local/share/fonts"),
    Path("/opt/homebrew/share/fonts"),
    Path("/Library/Fonts"),
)
#: A serif first, as official papers have it. The regular face, and the bold one where it has one.
NAMES: Final = (
    ("NotoSerifCJK-Regular.ttc", "NotoSerifCJK-Bold.ttc"),
    ("NotoSerifCJKsc-Regular.otf", "NotoSerifCJKsc-Bold.otf"),
    ("NotoSerifSC-Regular.otf", "NotoSerifSC-Bold.otf"),
    ("SourceHanSerifSC-Regular.otf", "SourceHanSerifSC-Bold.otf"),
    ("NotoSansCJK-Regular.ttc", "NotoSansCJK-Bold.ttc"),
    ("NotoSansCJKsc-Regular.otf", "NotoSansCJKsc-Bold.otf"),
)
#: The end of the name of the face for Simplified Chinese in a collection.
_SIMPLIFIED: Final = " SC"
_FAMILY: Final = 1
#: How a file of several faces begins.
_COLLECTION: Final = b"ttcf"
#: Signs of a notice that every font for Chinese has.
_SAMPLE: Final = "送达回证，（盖章）"


class FontMissing(DoudiError):
    """This machine has no font for Chinese that papers can be printed with."""

    code = "document.font_missing"
    default_message = (
        "服务器没有安装中文字体，暂时不能生成 PDF。请用浏览器打印告知书页面，"
        "并请系统管理员安装 fonts-noto-cjk。"
    )


@dataclass(frozen=True, slots=True)
class Face:
    """One face of a font file; `number` counts from 0 in a collection."""

    path: Path
    number: int = 0


@dataclass(frozen=True, slots=True)
class Faces:
    """What the text is set in, and its titles."""

    text: Face
    title: Face


def find_faces(
    text: Path | None = None,
    title: Path | None = None,
    *,
    folders: tuple[Path, ...] = FOLDERS,
) -> Faces:
    """The files that are named, otherwise the first font of `NAMES` below `folders`.

    Raises:
        FontMissing: where there is none, or a named file is none for Chinese.
    """
    if text is not None:
        found = face_of(text)
        return Faces(found, face_of(title) if title is not None else found)
    for regular_name, bold_name in NAMES:
        for regular in _below(folders, regular_name):
            bold = next(_below((regular.parent,), bold_name), regular)
            return Faces(face_of(regular), face_of(title or bold))
    raise FontMissing


@lru_cache(maxsize=8)
def face_of(path: Path) -> Face:
    """The face for Simplified Chinese of a file.

    Raises:
        FontMissing: for what is no font, or one without Chinese.
    """
    try:
        with path.open("rb") as file:
            if file.read(len(_COLLECTION)) != _COLLECTION:
                return _with_chinese(Face(path), TTFont(file, lazy=True))
            fonts = TTCollection(file, lazy=True).fonts
            for number, font in enumerate(fonts):
                if str(font["name"].getDebugName(_FAMILY)).endswith(_SIMPLIFIED):
                    return _with_chinese(Face(path, number), font)
            return _with_chinese(Face(path), fonts[0])
    except (OSError, TTLibError, KeyError) as error:
        raise FontMissing from error


def _with_chinese(face: Face, font: TTFont) -> Face:
    """Raises: FontMissing."""
    known = font.getBestCmap() or {}
    if any(ord(sign) not in known for sign in _SAMPLE):
        raise FontMissing
    return face


def _below(folders: tuple[Path, ...], name: str) -> Iterator[Path]:
    for folder in folders:
        if folder.is_dir():
            yield from sorted(folder.rglob(name))

"""Bytes of attachments below a folder, each once under its SHA-256; only known types are kept."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

import puremagic

from workflows.errors import Invalid, NotFound

MAX_BYTES: Final = 20 * 1024 * 1024
_CHUNK: Final = 256 * 1024
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
#: What may be kept, by the type that its first bytes show, with the endings of its names.
ALLOWED: Final = {
    "application/pdf": (".pdf",),
    "image/jpeg": (".jpg", ".jpeg"),
    "image/png": (".png",),
}
_HEADS: Final = {
    "application/pdf": b"%PDF-",
    "image/jpeg": b"\xff\xd8\xff",
    "image/png": b"\x89PNG\r\n\x1a\n",
}
_TAILS: Final = {
    "application/pdf": b"%%EOF",
    "image/jpeg": b"\xff\xd9",
    "image/png": b"IEND",
}
_TAIL_BYTES: Final = 4096
_BAD_SIGNS: Final = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|\u202a-\u202e\u2066-\u2069]')
_LONGEST_NAME: Final = 120


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that was kept: its hash, size in bytes, type by content and a harmless name."""

    sha256: str
    size: int
    media_type: str
    name: str


def keep_file(folder: Path, stream: IO[bytes], name: str) -> Kept:
    """Keep what the stream holds; nothing is kept of what is refused.

    The type is what the content shows, whatever the name says. Reading stops one byte after the
    limit.

    Raises:
        Invalid: `file.empty`, `file.too_large`, `file.type`.
    """
    incoming = folder / "incoming"
    incoming.mkdir(mode=0o700, parents=True, exist_ok=True)
    partial = incoming / secrets.token_hex(16)
    try:
        digest, size = _copy(stream, partial)
        media_type = _sniffed(partial, size)
        target = _place(folder, digest)
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.replace(partial, target)
    finally:
        partial.unlink(missing_ok=True)
    return Kept(digest, size, media_type, clean_name(name, media_type))


def kept_file(folder: Path, sha256: str) -> Path:
    """Where the bytes lie.

    Raises:
        NotFound: `file.gone` when they aren't there.
    """
    if _SHA256.fullmatch(sha256):
        place = _place(folder, sha256)
        if place.is_file():
            return place
    raise NotFound(
        "file.gone",
        "附件的内容不在本机的存储中，请联系系统管理员。",
        "The file's content isn't in the store of this machine; tell the system administrator.",
    )


def clean_name(name: str, media_type: str) -> str:
    """A name without folders and signs that file systems or pages misread, with a right ending."""
    plain = _BAD_SIGNS.sub("", name.replace("\\", "/").rsplit("/", 1)[-1]).strip(" .")
    endings = ALLOWED[media_type]
    stem, dot, ending = plain.rpartition(".")
    if f"{dot}{ending}".lower() not in endings:
        stem, ending = plain, endings[0].removeprefix(".")
    return f"{stem[:_LONGEST_NAME] or '附件'}.{ending}"


def _copy(stream: IO[bytes], partial: Path) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as target:
        while chunk := stream.read(_CHUNK):
            size += len(chunk)
            if size > MAX_BYTES:
                raise too_large()
            digest.update(chunk)
            target.write(chunk)
        target.flush()
        os.fsync(target.fileno())
    if size == 0:
        raise Invalid("file.empty", "文件是空的，没有上传。", "The file is empty.")
    return digest.hexdigest(), size


def too_large() -> Invalid:
    """The refusal of a file above the limit."""
    return Invalid(
        "file.too_large",
        f"文件超过{MAX_BYTES // 1024 // 1024}MB，请压缩后再上传。",
        f"The file is larger than {MAX_BYTES // 1024 // 1024} MB.",
    )


def _sniffed(path: Path, size: int) -> str:
    with path.open("rb") as file:
        head = file.read(_TAIL_BYTES)
        file.seek(max(0, size - _TAIL_BYTES))
        tail = file.read()
    for media_type, start in _HEADS.items():
        if head.startswith(start) and _TAILS[media_type] in tail:
            return _agreed(head, media_type)
    raise _unknown_type()


def _agreed(head: bytes, media_type: str) -> str:
    """The type, when puremagic sees it too: a second opinion on the first bytes."""
    try:
        guesses = puremagic.magic_string(head)
    except puremagic.PureError:
        raise _unknown_type() from None
    if not any(guess.mime_type == media_type for guess in guesses):
        raise _unknown_type()
    return media_type


def _unknown_type() -> Invalid:
    return Invalid(
        "file.type",
        "只能上传PDF、JPG、PNG文件，而且内容要与类型相符、完整。",
        "Only complete PDF, JPEG and PNG files are kept, by their content.",
    )


def _place(folder: Path, sha256: str) -> Path:
    return folder / sha256[:2] / sha256

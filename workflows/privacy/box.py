"""The one ciphertext: format byte ‖ key version (2 bytes) ‖ nonce ‖ AES-256-GCM text ‖ tag."""

from __future__ import annotations

import os
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from workflows.errors import Invalid

#: AES-256-GCM with a random 96-bit nonce (NIST SP 800-38D). Another suite takes another number.
FORMAT: Final = 1
_HEADER: Final = 3
_NONCE: Final = 12
_TAG: Final = 16


def encrypt(secret: bytes, key_version: int, place: str, row_id: str, plain: bytes) -> bytes:
    """Seal `plain` for one place (`table.column`) and row; it can be opened nowhere else."""
    header = bytes([FORMAT]) + key_version.to_bytes(2)
    nonce = os.urandom(_NONCE)
    return header + nonce + AESGCM(secret).encrypt(nonce, plain, _bound(header, place, row_id))


def decrypt(secret: bytes, place: str, row_id: str, blob: bytes) -> bytes:
    """Open what `encrypt` sealed with the same key for the same place and row.

    Raises: Invalid(`privacy.unreadable`) when a bit, the key, the place or the row differs.
    """
    version_of(blob)
    header, nonce = blob[:_HEADER], blob[_HEADER : _HEADER + _NONCE]
    try:
        return AESGCM(secret).decrypt(
            nonce, blob[_HEADER + _NONCE :], _bound(header, place, row_id)
        )
    except InvalidTag as error:
        raise unreadable(place) from error


def version_of(blob: bytes) -> int:
    """The version of the key that sealed the blob.

    Raises: Invalid(`privacy.unreadable`) when it isn't in this format.
    """
    if len(blob) < _HEADER + _NONCE + _TAG or blob[0] != FORMAT:
        raise unreadable("")
    return int.from_bytes(blob[1:_HEADER])


def unreadable(place: str) -> Invalid:
    """The refusal of a ciphertext that was changed, moved, or sealed under another key."""
    return Invalid(
        "privacy.unreadable",
        "加密内容校验失败：密文被改动、被移动，或者密钥不符。请联系安全管理员。",
        "The sealed value cannot be opened: it was changed or moved, or the key is not the right"
        " one. Tell the security administrator.",
        details={"place": place},
    )


def _bound(header: bytes, place: str, row_id: str) -> bytes:
    # Each part with its length, so that no two places can share one text.
    parts = (place.encode(), row_id.encode())
    return header + b"".join(len(part).to_bytes(4) + part for part in parts)

"""Signed tree heads: the statement of one, and the Ed25519 key that signs it (RFC 8032)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from workflows.audit.record import canonical, moment
from workflows.errors import Invalid


@dataclass(frozen=True, slots=True)
class TreeSigner:
    """The sealer's key; `repr` shows its id only."""

    key_id: str
    private: bytes = field(repr=False)

    @classmethod
    def new(cls) -> Self:
        """A fresh key from the system's random source."""
        return cls._of(Ed25519PrivateKey.generate().private_bytes_raw())

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The key that `to_json` wrote. Raises: Invalid(`trail.bad_key`)."""
        try:
            return cls._of(base64.b64decode(json.loads(text)["private"], validate=True))
        except (ValueError, KeyError, TypeError, binascii.Error) as error:
            raise Invalid(
                "trail.bad_key",
                "留痕签名密钥无法读取，请安全管理员恢复该密钥。",
                "The signing key of the trail cannot be read; restore it.",
            ) from error

    @classmethod
    def _of(cls, private: bytes) -> Self:
        public = Ed25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()
        return cls(key_id_of(public), private)

    @property
    def public(self) -> bytes:
        """The public key, 32 bytes, for whoever verifies."""
        key = Ed25519PrivateKey.from_private_bytes(self.private)
        return key.public_key().public_bytes_raw()

    def sign(self, statement: bytes) -> bytes:
        """The signature, 64 bytes."""
        return Ed25519PrivateKey.from_private_bytes(self.private).sign(statement)

    def to_json(self) -> str:
        """The key as JSON text, to be kept outside the database."""
        document = {"key_id": self.key_id, "private": base64.b64encode(self.private).decode()}
        return json.dumps(document, indent=1)


def key_id_of(public: bytes) -> str:
    """The first 16 hexadecimal digits of the public key's SHA-256."""
    return hashlib.sha256(public).hexdigest()[:16]


def head_statement(size: int, root: bytes, signed_at: datetime, key_id: str) -> bytes:
    """The bytes that a head's signature is made over."""
    return canonical(
        {
            "format": "1",
            "hash": "sha256",
            "key": key_id,
            "root": root.hex(),
            "signed_at": moment(signed_at),
            "size": str(size),
        }
    )


def signature_holds(
    keys: Mapping[str, bytes], key_id: str, statement: bytes, signature: bytes
) -> bool:
    """Whether a trusted key of that id made the signature; False for an unknown key."""
    public = keys.get(key_id)
    if public is None:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, statement)
    except (InvalidSignature, ValueError):
        return False
    return True

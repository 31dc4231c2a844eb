"""Keys: the ring of master keys, and one wrapped data key per person."""

from __future__ import annotations

import base64
import binascii
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from workflows.errors import Invalid, NotFound
from workflows.privacy.box import decrypt, encrypt, version_of

#: What stands in place of a wrapped key after a lawful erasure (个人信息保护法 47): nothing.
ERASED: Final = None
_SIZE: Final = 32
_WRAPPED: Final = "persons.data_key"


@dataclass(frozen=True, slots=True)
class KeyRing:
    """Master keys by version (1 to 65535), the current one, and the key of blind indexes.

    Every key has 32 bytes. Old versions stay to open what they sealed. `repr` shows none of them.
    """

    keys: Mapping[int, bytes] = field(repr=False)
    current: int
    index_key: bytes = field(repr=False)

    def __post_init__(self) -> None:
        """Raises: Invalid(`privacy.bad_key_ring`) for a wrong size, version or equal keys."""
        secrets = [*self.keys.values(), self.index_key]
        if (
            self.current not in self.keys
            or not all(1 <= version <= 0xFFFF for version in self.keys)
            or any(len(secret) != _SIZE for secret in secrets)
            or len(set(secrets)) != len(secrets)
        ):
            raise _bad_ring()
        object.__setattr__(self, "keys", MappingProxyType(dict(self.keys)))

    def derived(self, version: int, purpose: str) -> bytes:
        """A key of its own for one purpose, from one master key (HKDF-Expand, RFC 5869).

        Raises: NotFound(`privacy.no_key`) when the ring lacks that version.
        """
        master = self.keys.get(version)
        if master is None:
            raise NotFound(
                "privacy.no_key",
                f"密钥环中没有第{version}版主密钥，无法解密。请安全管理员恢复该密钥。",
                f"The key ring has no master key of version {version}; restore it to read this.",
                details={"version": version},
            )
        return HKDFExpand(hashes.SHA256(), _SIZE, f"doudi/{purpose}".encode()).derive(master)

    def to_json(self) -> str:
        """The ring as JSON text with base64 keys, to be kept outside the database."""
        document = {
            "current": self.current,
            "keys": {str(version): _text(key) for version, key in sorted(self.keys.items())},
            "index_key": _text(self.index_key),
        }
        return json.dumps(document, indent=1)

    @classmethod
    def from_json(cls, text: str) -> KeyRing:
        """The ring that `to_json` wrote. Raises: Invalid(`privacy.bad_key_ring`)."""
        try:
            document = json.loads(text)
            return cls(
                keys={int(number): _key(key) for number, key in document["keys"].items()},
                current=int(document["current"]),
                index_key=_key(document["index_key"]),
            )
        except (ValueError, KeyError, TypeError, AttributeError, binascii.Error) as error:
            raise _bad_ring() from error


@dataclass(frozen=True, slots=True)
class DataKey:
    """One person's data key, open; `repr` doesn't show it."""

    person_id: str
    version: int
    secret: bytes = field(repr=False)


def new_key_ring() -> KeyRing:
    """A fresh ring with one master key, from the system's random source."""
    return KeyRing(keys={1: os.urandom(_SIZE)}, current=1, index_key=os.urandom(_SIZE))


def new_data_key(ring: KeyRing, person_id: str, *, version: int = 1) -> tuple[DataKey, bytes]:
    """A fresh data key and the wrapped form that the database keeps."""
    key = DataKey(person_id, version, os.urandom(_SIZE))
    return key, _wrap(ring, key)


def unwrap_data_key(ring: KeyRing, person_id: str, wrapped: bytes | None) -> DataKey:
    """The data key of a person.

    Raises: NotFound(`privacy.erased`) after an erasure, NotFound(`privacy.no_key`), or
        Invalid(`privacy.unreadable`) when the wrapped key was changed or is somebody else's.
    """
    if not wrapped:
        raise NotFound(
            "privacy.erased",
            "该人员的个人信息已依法删除，无法再显示。",
            "This person's data were lawfully erased and can no longer be shown.",
            details={"person_id": person_id},
        )
    secret = ring.derived(version_of(wrapped), "wrap")
    plain = decrypt(secret, _WRAPPED, person_id, wrapped)
    return DataKey(person_id, int.from_bytes(plain[:2]), plain[2:])


def _wrap(ring: KeyRing, key: DataKey) -> bytes:
    plain = key.version.to_bytes(2) + key.secret
    secret = ring.derived(ring.current, "wrap")
    return encrypt(secret, ring.current, _WRAPPED, key.person_id, plain)


def _text(key: bytes) -> str:
    return base64.b64encode(key).decode()


def _key(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def _bad_ring() -> Invalid:
    return Invalid(
        "privacy.bad_key_ring",
        "密钥环无效：需要互不相同的32字节密钥，并指明当前版本。",
        "The key ring is not valid: it needs different keys of 32 bytes and a current version.",
    )

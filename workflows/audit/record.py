"""What is hashed: a record as RFC 8785 JSON, numbers as strings, personal values sealed."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Final

import orjson
import rfc8785

from models.trail import SubjectKind
from workflows.errors import Actor, Invalid
from workflows.privacy import DataKey, open_sealed, seal

FORMAT_VERSION: Final = 1
HASH_NAME: Final = "sha256"
#: What the first entry of a chain follows.
NO_HASH: Final = bytes(32)
_MAX_DEPTH: Final = 24


@dataclass(frozen=True, slots=True)
class Subject:
    """What a chain is about; `district_id` is None for what belongs to every district."""

    kind: SubjectKind
    id: str
    district_id: str | None

    def __str__(self) -> str:
        return f"{self.kind.value}/{self.id}"


def digest(hash_name: str, content: bytes) -> bytes:
    """The hash of a record as written (`sha256`, or `sm3`, GB/T 32905).

    Raises: Invalid(`trail.unknown_hash`).
    """
    if hash_name not in ("sha256", "sm3") or hash_name not in hashlib.algorithms_available:
        raise Invalid(
            "trail.unknown_hash",
            f"不支持的摘要算法“{hash_name}”。",
            f"The hash “{hash_name}” is not supported here.",
        )
    return hashlib.new(hash_name, content).digest()


def entry_record(
    entry_id: str,
    subject: Subject,
    sequence: int,
    action: str,
    actor: Actor,
    now: datetime,
    previous_hash: bytes,
    data: Mapping[str, object],
) -> bytes:
    """The bytes of one trail entry. Raises: Invalid(`trail.bad_body`)."""
    return canonical(
        {
            "action": action,
            "actor": _actor(actor),
            "at": moment(now),
            "data": data,
            "district": subject.district_id,
            "format": str(FORMAT_VERSION),
            "hash": HASH_NAME,
            "id": entry_id,
            "previous": previous_hash.hex(),
            "sequence": str(sequence),
            "subject": {"id": subject.id, "kind": subject.kind.value},
        }
    )


def access_record(
    record_id: str,
    subject: Subject,
    kind: str,
    actor: Actor,
    now: datetime,
    data: Mapping[str, object],
) -> bytes:
    """The bytes of one row of the access log. Raises: Invalid(`trail.bad_body`)."""
    return canonical(
        {
            "access": kind,
            "actor": _actor(actor),
            "at": moment(now),
            "data": data,
            "district": subject.district_id,
            "format": str(FORMAT_VERSION),
            "hash": HASH_NAME,
            "id": record_id,
            "subject": {"id": subject.id, "kind": subject.kind.value},
        }
    )


def canonical(document: Mapping[str, object]) -> bytes:
    """RFC 8785 JSON of plain data; numbers, days and moments become strings.

    Raises: Invalid(`trail.bad_body`) for floats, bytes, keys that aren't text, lone surrogates,
        other types, and nesting deeper than 24.
    """
    plain = _plain(document, 0)
    try:
        if _sorts_alike(plain):
            return orjson.dumps(plain, option=orjson.OPT_SORT_KEYS)
        return rfc8785.dumps(plain)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError, orjson.JSONEncodeError) as error:
        raise _bad_body(str(error)) from error


def _sorts_alike(value: Any) -> bool:
    """Whether orjson writes the same bytes as RFC 8785, four times faster.

    There are no numbers left in a plain document, and both escape texts alike; only the order of
    keys beyond ASCII differs (UTF-16 code units there, bytes here).
    """
    if isinstance(value, dict):
        return all(key.isascii() and _sorts_alike(item) for key, item in value.items())
    return not isinstance(value, list) or all(map(_sorts_alike, value))


def moment(now: datetime) -> str:
    """A moment as records write it: UTC, always six decimals of a second."""
    if now.utcoffset() is None:
        raise _bad_body("a moment without offset")
    return now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def sealed(key: DataKey, subject: Subject, field: str, value: str) -> dict[str, str]:
    """A personal value for a record's data: ciphertext that an erasure makes unreadable.

    The record's hash is taken over the ciphertext, so the chain outlives the erasure. The value can
    be opened for the same subject and field only.
    """
    blob = seal(key, f"trail.{field}", str(subject), value)
    return {"sealed": base64.b64encode(blob).decode(), "person": key.person_id, "field": field}


def unsealed(key: DataKey, subject: Subject, value: Mapping[str, str]) -> str:
    """What `sealed` sealed. Raises: Invalid(`privacy.unreadable`)."""
    blob = base64.b64decode(value["sealed"])
    return open_sealed(key, f"trail.{value['field']}", str(subject), blob)


def is_sealed(value: object) -> bool:
    """Whether a value of a record's data was made by `sealed`."""
    return isinstance(value, Mapping) and value.keys() == {"sealed", "person", "field"}


def _actor(actor: Actor) -> dict[str, str | None]:
    return {
        "account": actor.account_id,
        "address": actor.address,
        "office": actor.office_id,
        "on_behalf_of": actor.on_behalf_of,
        "role": str(actor.role),
    }


def _plain(value: object, depth: int) -> Any:
    if depth > _MAX_DEPTH:
        raise _bad_body("nested too deeply")
    if isinstance(value, Enum):
        value = value.value
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise _bad_body("a number that is not finite")
        return f"{value:f}"
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) for key in value):
            raise _bad_body("a key that is not text")
        return {str(key): _plain(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, depth + 1) for item in value]
    raise _bad_body(f"a value of type {type(value).__name__}")


def _bad_body(reason: str) -> Invalid:
    return Invalid(
        "trail.bad_body",
        "留痕内容不能按规范记录，操作未执行。",
        f"The trail entry cannot be written down ({reason}); nothing was done.",
        details={"reason": reason},
    )

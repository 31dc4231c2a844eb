"""Sealing a person's fields and a case's engine state, and finding by a sealed value."""

from __future__ import annotations

import hashlib
import hmac

from workflows.privacy.box import decrypt, encrypt, version_of
from workflows.privacy.keys import DataKey, KeyRing

_STATE = "cases.engine_state"


def seal(key: DataKey, place: str, row_id: str, text: str) -> bytes:
    """`text` sealed under a person's key for one place, `table.column`, and one row."""
    return encrypt(key.secret, key.version, place, row_id, text.encode())


def open_sealed(key: DataKey, place: str, row_id: str, blob: bytes) -> str:
    """What `seal` sealed. Raises: Invalid(`privacy.unreadable`)."""
    return decrypt(key.secret, place, row_id, blob).decode()


def seal_state(ring: KeyRing, case_id: str, version: int, state: bytes) -> bytes:
    """A case's engine state, sealed under a key of that case and bound to the version given.

    The version makes an older state of the same case unreadable when it is put back.
    """
    secret = ring.derived(ring.current, f"state/{case_id}")
    return encrypt(secret, ring.current, _STATE, f"{case_id}/{version}", state)


def open_state(ring: KeyRing, case_id: str, version: int, blob: bytes) -> bytes:
    """What `seal_state` sealed for the same case and version.

    Raises: Invalid(`privacy.unreadable`), NotFound(`privacy.no_key`).
    """
    secret = ring.derived(version_of(blob), f"state/{case_id}")
    return decrypt(secret, _STATE, f"{case_id}/{version}", blob)


def blind_index(ring: KeyRing, kind: str, normalised: str) -> bytes:
    """32 bytes that are equal for equal values of one kind (HMAC-SHA256, one key per kind).

    `normalised` is the value in its one spelling, for example from `normalise_id_number`.
    """
    kind_key = hmac.digest(ring.index_key, kind.encode(), hashlib.sha256)
    return hmac.digest(kind_key, normalised.encode(), hashlib.sha256)

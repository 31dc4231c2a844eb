"""The key file of a deployment: made once, readable by its owner only."""

from __future__ import annotations

import base64
import json
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from workflows.audit.signing import TreeSigner
from workflows.privacy import KeyRing, new_key_ring


class KeyFileUnsafe(Exception):
    """The key file can be read by others than its owner."""


@dataclass(frozen=True, slots=True)
class Keys:
    """Every key of a deployment; none of them is ever in the database."""

    #: signs session cookies
    secret_key: bytes = field(repr=False)
    #: personal data, engine states, drafts and blind indexes
    ring: KeyRing
    #: signs the heads of the trail's tree
    signer: TreeSigner


def load_keys(path: Path) -> Keys:
    """Read the key file; make it first where there is none. Safe when two processes start at once.

    Raises:
        KeyFileUnsafe: when group or others may read the file.
    """
    if not path.exists():
        _create(path)
    if path.stat().st_mode & 0o077:
        raise KeyFileUnsafe(f"{path}: chmod 600 it, then start again")
    content = json.loads(path.read_text("ascii"))
    return Keys(
        secret_key=base64.b64decode(content["secret_key"], validate=True),
        ring=KeyRing.from_json(json.dumps(content["ring"])),
        signer=TreeSigner.from_json(json.dumps(content["signer"])),
    )


def add_master_key(path: Path) -> int:
    """Add a new master key and make it current; older ones stay, to open what they sealed.

    Returns the new key's version. Running processes use it after a restart.
    """
    keys = load_keys(path)
    version = max(keys.ring.keys) + 1
    ring = KeyRing(
        keys={**keys.ring.keys, version: secrets.token_bytes(32)},
        current=version,
        index_key=keys.ring.index_key,
    )
    os.replace(_write_partial(path, Keys(keys.secret_key, ring, keys.signer)), path)
    return version


def _create(path: Path) -> None:
    keys = Keys(secrets.token_bytes(32), new_key_ring(), TreeSigner.new())
    partial = _write_partial(path, keys)
    # Where another process was first, its keys count.
    with suppress(FileExistsError):
        os.link(partial, path)
    partial.unlink()


def _write_partial(path: Path, keys: Keys) -> Path:
    content = {
        "secret_key": base64.b64encode(keys.secret_key).decode("ascii"),
        "ring": json.loads(keys.ring.to_json()),
        "signer": json.loads(keys.signer.to_json()),
    }
    partial = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        json.dump(content, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    return partial

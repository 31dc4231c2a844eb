"""The application for tests; compiled templates are shared by all of a worker's applications."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket

from models.base import db
from web import create_app
from web.config import Config
from web.keys import load_keys


class _Compiled(BytecodeCache):
    """By a template's name and content, as long as the worker lives."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        kept = self._kept.get((bucket.key, bucket.checksum))
        if kept is not None:
            bucket.bytecode_from_string(kept)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key, bucket.checksum] = bucket.bytecode_to_string()


_COMPILED = _Compiled()


@contextmanager
def application(folder: Path, address: str) -> Iterator[Flask]:
    """An application with its data in a folder, on the database at this address."""
    keys = load_keys(folder / "keys.json")
    made = create_app(Config(data=folder, database_url=address, keys=keys))
    made.jinja_env.bytecode_cache = _COMPILED
    yield made
    with made.app_context():
        db.engine.dispose()

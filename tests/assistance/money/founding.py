"""Worlds outside of fixtures: a database of its own for each run of a state machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import create_engine, event
from sqlalchemy.orm import Session

from tests.assistance.money.world import World
from tests.databases import PostgresDatabases, SqliteDatabases
from workflows.transaction import prepare_engine


@contextmanager
def founded(databases: SqliteDatabases | PostgresDatabases) -> Iterator[World]:
    """A founded world on a fresh copy of the template, gone afterwards."""
    with databases.copy() as address:
        engine = create_engine(address)
        prepare_engine(engine)
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", _without_fsync)
        try:
            with Session(engine, expire_on_commit=False) as session:
                yield World.founded(session)
        finally:
            engine.dispose()


def _without_fsync(connection: object, _record: object) -> None:
    connection.execute("PRAGMA synchronous=OFF")  # type: ignore[attr-defined]  # DBAPI connection

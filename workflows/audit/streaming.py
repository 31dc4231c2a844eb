"""Reading many rows with few in memory, and all of them as of one moment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import Executable
from sqlalchemy.orm import Session

#: Rows held in memory at a time.
CHUNK: Final = 1_000


def stream(session: Session, statement: Executable) -> Iterator[Any]:
    """Rows as they stand in the database, never as the session remembers them."""
    options = {"yield_per": CHUNK, "populate_existing": True}
    result = session.execute(statement, execution_options=options)
    try:
        yield from result
    finally:
        # A reader that stops early must not leave a cursor open on the server.
        result.close()


@contextmanager
def one_moment(session: Session) -> Iterator[Session]:
    """A session that reads everything as of one moment, whatever commits meanwhile.

    On PostgreSQL it is a session of its own, blind to what the given one has not committed yet;
    SQLite's readings are of one moment anyway. Without it, acts during a check look like damage.
    """
    if session.get_bind().dialect.name != "postgresql":
        yield session
        return
    with Session(session.get_bind()) as fresh:
        fresh.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        yield fresh

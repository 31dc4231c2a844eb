"""Reading many rows with few in memory, and all of them as of one moment."""

from __future__ import annotations

from collections.abc import Iterator
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


def one_moment(session: Session) -> None:
    """Let everything that a fresh session reads from now on be of one moment.

    SQLite does so by itself. Without it, acts that commit during a check would look like damage.

    Raises: RuntimeError when the session has begun to read on PostgreSQL already.
    """
    if session.get_bind().dialect.name != "postgresql":
        return
    if session.in_transaction():
        raise RuntimeError("a consistent reading begins with a fresh session")
    session.connection(execution_options={"isolation_level": "REPEATABLE READ"})

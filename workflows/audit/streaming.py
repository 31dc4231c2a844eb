"""Reading many rows with few in memory."""

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

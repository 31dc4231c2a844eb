"""Many sessions of one database that begin at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from workflows.errors import DoudiError
from workflows.transaction import transaction


def race(engine: Engine, acts: Sequence[Callable[[Session], Any]]) -> list[Any]:
    """What each act returned, or the error of the host that refused it; one transaction each.

    Every act has a session of its own with an open connection before the first one begins. What
    isn't an error of the host (a deadlock that shows, a broken constraint) fails the test.
    """
    barrier = threading.Barrier(len(acts))

    def run(act: Callable[[Session], Any]) -> Any:
        with Session(engine) as session:
            session.connection()
            session.rollback()
            barrier.wait(timeout=30)
            try:
                with transaction(session):
                    return act(session)
            except DoudiError as error:
                return error

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def won(results: Sequence[object]) -> list[object]:
    """The acts that were carried out."""
    return [result for result in results if not isinstance(result, DoudiError)]


def codes(results: Sequence[object]) -> list[str]:
    """Why the others were refused: the code of the first finding, or of the error itself."""
    refused = [result for result in results if isinstance(result, DoudiError)]
    return sorted(error.findings[0].code if error.findings else error.code for error in refused)

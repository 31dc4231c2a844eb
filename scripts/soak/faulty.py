"""The product with a fault planted in it, to see that the soak finds it; `SOAK_FAULT` names it.

Only this entry patches, before anything is served; the product knows no such switch.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from types import ModuleType
from typing import Any, Final

from flask import Flask
from sqlalchemy import event, select
from sqlalchemy.orm import Session, undefer

import workflows.runtime.acts
import workflows.runtime.tasks
import workflows.runtime.worker
from models.cases import Case
from web import create_app
from web.cli import main
from workflows.audit import append_entry
from workflows.errors import NotFound
from workflows.runtime.acts import finish, lock_case
from workflows.runtime.requests import answered, remember
from workflows.transaction import transaction

FAULT: Final = "SOAK_FAULT"
#: How long a planted fault keeps its window open, as a slow disk would.
_WINDOW: Final = 0.06
_LATE: Final = "soak_late_entries"


def no_request_key() -> None:
    """A request under a known key is carried out as a new one."""
    _replace(answered, lambda *_arguments, **_named: None)
    _replace(remember, lambda *_arguments, **_named: None)


def two_commits() -> None:
    """The task is marked done in one commit, the case moves on in another."""

    def finish_later(act: Any, *arguments: Any, **named: Any) -> None:
        act.session.commit()
        time.sleep(_WINDOW)
        finish(act, *arguments, **named)

    _replace(finish, finish_later, workflows.runtime.tasks)


def timer_without_lock() -> None:
    """The worker reads the case without locking it."""

    def read_case(session: Session, case_id: str, *, skip_locked: bool = False) -> Case:
        case = session.scalar(
            select(Case)
            .where(Case.id == case_id)
            .options(undefer(Case.engine_state))
            .execution_options(populate_existing=True)
        )
        time.sleep(_WINDOW)
        if case is None:
            raise NotFound("case_not_found")
        return case

    _replace(lock_case, read_case, workflows.runtime.worker)


def trail_after_commit() -> None:
    """The entry of an act is written in a transaction of its own, after the act's."""

    def append_later(session: Session, *arguments: Any, now: datetime, **named: Any) -> None:
        session.info.setdefault(_LATE, []).append((arguments, {"now": now, **named}))

    def append_now(session: Session) -> None:
        late = session.info.pop(_LATE, [])
        if not late:
            return
        time.sleep(_WINDOW)
        with Session(session.get_bind()) as fresh, transaction(fresh):
            for arguments, named in late:
                append_entry(fresh, *arguments, **named)

    _replace(append_entry, append_later, workflows.runtime.acts)
    event.listen(Session, "after_commit", append_now)


FAULTS: Final[Mapping[str, Callable[[], None]]] = {
    "no-request-key": no_request_key,
    "two-commits": two_commits,
    "timer-without-lock": timer_without_lock,
    "trail-after-commit": trail_after_commit,
}


def _replace(original: object, other: object, module: ModuleType | None = None) -> None:
    """Put another function in its place, in one module or wherever it was imported to.

    Raises:
        RuntimeError: when it is nowhere, because then nothing would be planted.
    """
    modules = [module] if module else [m for n, m in list(sys.modules.items()) if _is_product(n)]
    places = [
        (found, name)
        for found in modules
        for name, value in list(vars(found).items())
        if value is original
    ]
    if not places:
        raise RuntimeError(f"{original!r} is not used there: the fault can't be planted")
    for found, name in places:
        setattr(found, name, other)


def _is_product(name: str) -> bool:
    return name.partition(".")[0] in {"web", "workflows"}


def application() -> Flask:
    """The WSGI application with the fault (for gunicorn)."""
    app = create_app()
    FAULTS[os.environ[FAULT]]()
    return app


if __name__ == "__main__":
    # `python -m scripts.soak.faulty worker` is `doudi worker` with the fault.
    FAULTS[os.environ[FAULT]]()
    main()

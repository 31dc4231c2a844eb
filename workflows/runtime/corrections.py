"""Opening a case for each decision that a change touches, so that somebody decides on it."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from models.cases import Case
from models.jobs import Job
from models.retroactive import (
    ChangeState,
    RetroactiveChange,
    TouchedCase,
    TouchedKind,
    TouchedState,
)
from workflows.assistance.retroactive.changes import locked_change, note_change
from workflows.audit import TrailAction
from workflows.errors import SYSTEM, DoudiError
from workflows.jobs import Chunk
from workflows.privacy import KeyRing
from workflows.runtime.starting import start_case

#: The process in which somebody decides on a touched case.
PROCESS: Final = "benefit_correction"
#: Cases that one chunk opens.
BATCH: Final = 20


def open_step(session: Session, job: Job, keys: KeyRing, now: datetime) -> Chunk:
    """Open the next cases of a change; one that can't be opened doesn't keep the others."""
    change = locked_change(session, job.payload["change"])
    total = job.total
    if total is None:
        total = session.scalar(
            select(func.count()).select_from(TouchedCase).where(*_to_open(change))
        )
    waiting = session.scalars(
        select(TouchedCase)
        .where(*_to_open(change))
        .order_by(TouchedCase.id)
        .limit(BATCH)
        .execution_options(populate_existing=True)
    ).all()
    for touched in waiting:
        _open(session, change, touched, keys, now)
    if len(waiting) < BATCH:
        change.state, change.finished_at = ChangeState.DONE, now
        note_change(
            session, change, TrailAction.CORRECTION_OPENED, actor=SYSTEM, now=now,
            opened=change.opened, failed=change.failed,
        )  # fmt: skip
    left = "more" if len(waiting) == BATCH else None
    return Chunk(left, done=len(waiting), total=total)


def _to_open(change: RetroactiveChange) -> tuple[ColumnElement[bool], ...]:
    return (
        TouchedCase.change_id == change.id,
        TouchedCase.state == TouchedState.LISTED,
        TouchedCase.kind.not_in((TouchedKind.UNCHANGED, TouchedKind.RELIEF)),
    )


def _open(
    session: Session, change: RetroactiveChange, touched: TouchedCase, keys: KeyRing, now: datetime
) -> None:
    joined = _open_already(session, touched)
    if joined is not None:
        touched.state, touched.correction_case_id = TouchedState.JOINED, joined
        return
    decided = session.get_one(Case, touched.case_id)
    try:
        with session.begin_nested():
            start_case(
                session,
                PROCESS,
                keys,
                township_id=decided.township_id,
                village_id=decided.village_id,
                household_id=touched.household_id,
                person_id=decided.person_id,
                channel=decided.channel,
                variables={"touched_id": touched.id},
                actor=SYSTEM,
                now=now,
            )
            change.opened += 1
    except DoudiError as error:
        touched.state, touched.failure = TouchedState.FAILED, error.code
        change.failed += 1


def _open_already(session: Session, touched: TouchedCase) -> str | None:
    """The correction case that is open for the same grant, because of an earlier change."""
    if touched.grant_id is None:
        return None
    return session.scalars(
        select(TouchedCase.correction_case_id)
        .where(TouchedCase.grant_id == touched.grant_id, TouchedCase.state == TouchedState.OPEN)
        .limit(1)
    ).one_or_none()

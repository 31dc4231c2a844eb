"""The worker's part in a change that reaches back: making its list, and opening the cases."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.cases import Case
from models.retroactive import (
    ChangeState,
    RetroactiveChange,
    TouchedCase,
    TouchedKind,
    TouchedState,
)
from workflows.assistance.retroactive.changes import note_change
from workflows.assistance.retroactive.listing import list_batch, unfinished_change
from workflows.audit import TrailAction
from workflows.errors import SYSTEM, DoudiError
from workflows.privacy import KeyRing
from workflows.runtime.starting import start_case
from workflows.transaction import reading, transaction

#: The process in which somebody decides on a touched case.
PROCESS: Final = "benefit_correction"
#: Cases that one round opens, each in a transaction of its own.
BATCH: Final = 50


def work_on_changes(session: Session, keys: KeyRing, now: datetime) -> int:
    """One step of the oldest unfinished change; how many assessments or cases it dealt with.

    Every step is committed on its own: what a worker that died has done stays done, and the next
    one goes on there.
    """
    with reading(session):
        unfinished = session.execute(
            select(RetroactiveChange.id, RetroactiveChange.state)
            .where(RetroactiveChange.state != ChangeState.DONE)
            .order_by(RetroactiveChange.published_at, RetroactiveChange.id)
            .limit(1)
        ).first()
    if unfinished is None:
        return 0
    if unfinished.state is ChangeState.LISTING:
        with transaction(session):
            change = unfinished_change(session)
            if change is None or change.state is not ChangeState.LISTING:
                return 0
            return list_batch(session, change, now=now)
    return _open_batch(session, unfinished.id, keys, now)


def finish_changes(session: Session, keys: KeyRing, now: datetime) -> None:
    """Every step of every unfinished change, one after another."""
    while True:
        with reading(session):
            left = session.scalar(
                select(RetroactiveChange.id)
                .where(RetroactiveChange.state != ChangeState.DONE)
                .limit(1)
            )
        if left is None:
            return
        work_on_changes(session, keys, now)


def _open_batch(session: Session, change_id: str, keys: KeyRing, now: datetime) -> int:
    with reading(session):
        waiting = session.scalars(
            select(TouchedCase.id)
            .where(
                TouchedCase.change_id == change_id,
                TouchedCase.state == TouchedState.LISTED,
                TouchedCase.kind != TouchedKind.UNCHANGED,
            )
            .order_by(TouchedCase.id)
            .limit(BATCH)
        ).all()
    for touched_id in waiting:
        try:
            with transaction(session):
                _open(session, change_id, touched_id, keys, now)
        except DoudiError as error:
            if error.code == "busy":
                return len(waiting)
            with transaction(session):
                _note_failure(session, change_id, touched_id, error)
    if not waiting:
        with transaction(session):
            _finish(session, change_id, now)
    return len(waiting)


def _open(session: Session, change_id: str, touched_id: str, keys: KeyRing, now: datetime) -> None:
    """Open the case of a touched one, unless another worker has."""
    change = _locked(session, change_id)
    touched = session.get_one(TouchedCase, touched_id, populate_existing=True)
    if touched.state is not TouchedState.LISTED:
        return
    decided = session.get_one(Case, touched.case_id)
    start_case(
        session,
        PROCESS,
        keys,
        township_id=decided.township_id,
        village_id=decided.village_id,
        household_id=touched.household_id,
        channel=decided.channel,
        variables={"touched_id": touched.id},
        actor=SYSTEM,
        now=now,
    )
    change.opened += 1


def _note_failure(session: Session, change_id: str, touched_id: str, error: DoudiError) -> None:
    change = _locked(session, change_id)
    touched = session.get_one(TouchedCase, touched_id, populate_existing=True)
    if touched.state is TouchedState.LISTED:
        touched.state, touched.failure = TouchedState.FAILED, error.code
        change.failed += 1


def _finish(session: Session, change_id: str, now: datetime) -> None:
    change = _locked(session, change_id)
    if change.state is not ChangeState.OPENING:
        return
    change.state, change.finished_at = ChangeState.DONE, now
    note_change(
        session, change, TrailAction.CORRECTION_OPENED, actor=SYSTEM, now=now,
        opened=change.opened, failed=change.failed,
    )  # fmt: skip


def _locked(session: Session, change_id: str) -> RetroactiveChange:
    return session.execute(
        select(RetroactiveChange)
        .where(RetroactiveChange.id == change_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one()

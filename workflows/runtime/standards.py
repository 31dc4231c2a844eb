"""Cases of standards that rise, opened by the worker, and its jobs for them."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.accounts import Role
from models.cases import Case
from models.jobs import Job
from models.offices import Office, OfficeLevel
from models.standards import AdjustmentState, StandardAdjustment
from models.types import new_id
from workflows.assistance.context import OperationContext
from workflows.assistance.standards.applying import apply_chunk, locked_adjustment
from workflows.assistance.standards.counting import candidates, count_chunk
from workflows.assistance.standards.rises import Rise, due_rises
from workflows.calendar import local_day
from workflows.definitions.release import current_policy
from workflows.errors import SYSTEM, Actor, Conflict, NotFound
from workflows.jobs import Chunk
from workflows.privacy import KeyRing
from workflows.runtime.starting import start_case
from workflows.transaction import reading, transaction

PROCESS: Final = "standard_adjustment"


def open_due_adjustments(session: Session, keys: KeyRing, now: datetime) -> int:
    """A duty of the worker: a case for each rise of standards that touches running benefits."""
    with reading(session):
        districts = session.scalars(
            select(Office.id).where(Office.level == OfficeLevel.DISTRICT, Office.active)
        ).all()
        due = [(one, rise) for one in districts for rise in _unopened(session, one, now)]
    opened = 0
    for district_id, rise in due:
        try:
            with transaction(session):
                _open(session, district_id, rise, keys, now)
                opened += 1
        except Conflict:  # another worker was faster
            continue
    return opened


def _unopened(session: Session, district_id: str, now: datetime) -> list[Rise]:
    try:
        law = current_policy(session, district_id)
    except NotFound:
        return []
    if PROCESS not in law.processes:
        return []
    rises = due_rises(law, local_day(now))
    if not rises:
        return []
    known = session.execute(
        select(StandardAdjustment.programme, StandardAdjustment.month).where(
            StandardAdjustment.district_id == district_id,
            StandardAdjustment.month.in_([rise.month for rise in rises]),
        )
    ).all()
    return [
        rise
        for rise in rises
        if (rise.programme, rise.month) not in set(map(tuple, known))
        and session.scalar(candidates(_adjustment(district_id, rise, now)).limit(1)) is not None
    ]


def _adjustment(district_id: str, rise: Rise, now: datetime) -> StandardAdjustment:
    return StandardAdjustment(
        id=new_id(),
        district_id=district_id,
        programme=rise.programme,
        holds_from=rise.holds_from,
        month=rise.month,
        standards=[dict(one) for one in rise.standards],
        state=AdjustmentState.COUNTING,
        totals={},
        townships={},
        opened_at=now,
    )


def _open(session: Session, district_id: str, rise: Rise, keys: KeyRing, now: datetime) -> None:
    adjustment = _adjustment(district_id, rise, now)
    session.add(adjustment)
    session.flush()  # its case refers to it; a second one of the month fails here
    start_case(
        session,
        PROCESS,
        keys,
        township_id=district_id,
        channel="office",
        variables={"adjustment_id": adjustment.id, "programme": rise.programme},
        actor=SYSTEM,
        now=now,
    )


def count_step(session: Session, job: Job, now: datetime) -> Chunk:
    """The next benefits of a list."""
    adjustment = locked_adjustment(session, job.payload["adjustment"])
    law = current_policy(session, adjustment.district_id)
    return count_chunk(session, job, adjustment, law, now)


def apply_step(session: Session, job: Job, keys: KeyRing, now: datetime) -> Chunk:
    """The next benefits of an approved list, in the name of who approved it."""
    adjustment = locked_adjustment(session, job.payload["adjustment"])
    case = session.get_one(Case, adjustment.case_id)
    decider = Actor(adjustment.decided_by_id, Role.CONFIRMER.value, adjustment.district_id)
    law = current_policy(session, adjustment.district_id)
    context = OperationContext(session, case, decider, now, law, keys, {})
    return apply_chunk(context, job, adjustment)

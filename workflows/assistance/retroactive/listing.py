"""The list of a change: decisions under the old values, found by the index of days, run again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Select, and_, func, or_, select, tuple_
from sqlalchemy.orm import Session, aliased

from models.assistance import AmountKind, Assessment, GrantAmount
from models.cases import Case
from models.jobs import Job
from models.retroactive import (
    ChangeState,
    RetroactiveChange,
    TouchedCase,
    TouchedKind,
    TouchedState,
)
from models.types import new_id
from workflows.assistance.retroactive.changes import (
    OPEN_JOB,
    locked_change,
    note_change,
    queue_change_job,
)
from workflows.assistance.retroactive.recalculation import (
    RULES,
    Laws,
    Recalculation,
    parameters_read,
    recalculated,
)
from workflows.assistance.retroactive.received import Received, received_by
from workflows.assistance.retroactive.relief_list import count_relief, list_relief
from workflows.audit import TrailAction
from workflows.definitions.release import policy_of
from workflows.errors import SYSTEM
from workflows.jobs import Chunk
from workflows.transaction import require_transaction

#: Assessments that one transaction looks at.
BATCH: Final = 200
#: The cursor of the second part of a list, before the day and the id.
_RELIEF: Final = "relief "
#: The outcome of a case whose application was refused.
REFUSED: Final = "refused"


def list_step(session: Session, job: Job, now: datetime) -> Chunk:
    """The next chunk of a list; at its end the job that opens the cases is queued."""
    change = locked_change(session, job.payload["change"])
    total = job.total
    if total is None:
        candidates = select(func.count()).select_from(_candidates(change).subquery())
        total = (session.scalar(candidates) or 0) + count_relief(session, change)
    if job.cursor is not None and job.cursor.startswith(_RELIEF):
        cursor, looked_at = _relief_batch(session, change, job.cursor, now)
    else:
        cursor, looked_at = list_batch(session, change, job.cursor, now=now)
        cursor = cursor or _RELIEF
    if cursor is None:
        change.state = ChangeState.OPENING
        note_change(
            session, change, TrailAction.CORRECTION_LISTED, actor=SYSTEM, now=now,
            looked_at=job.done + looked_at, totals=change.totals,
        )  # fmt: skip
        queue_change_job(session, change, OPEN_JOB, by_id=None, now=now)
    return Chunk(cursor, done=looked_at, total=total)


def _relief_batch(
    session: Session, change: RetroactiveChange, cursor: str, now: datetime
) -> tuple[str | None, int]:
    day, _, last_id = cursor.removeprefix(_RELIEF).partition(" ")
    place = (date.fromisoformat(day), last_id) if last_id else None
    law = policy_of(session, change.release_id)
    found, following, looked_at = list_relief(session, change, law, place, now=now, limit=BATCH)
    session.add_all(found)
    totals = dict(change.totals)
    for touched in found:
        _count(totals, touched)
    change.totals = totals
    if following is None:
        return None, looked_at
    return f"{_RELIEF}{following[0].isoformat()} {following[1]}", looked_at


def list_batch(
    session: Session,
    change: RetroactiveChange,
    cursor: str | None,
    *,
    now: datetime,
    limit: int = BATCH,
) -> tuple[str | None, int]:
    """Look at the next assessments of a change and keep those that it touches.

    `cursor` is the day and the id of the last one looked at; returns the next cursor, None at the
    end, and how many were looked at. The change is locked by the caller.
    """
    require_transaction(session)
    rows = _next(session, change, cursor, limit)
    used = [row for row in rows if _uses(row[0], change.differences)]
    laws = Laws(session, policy_of(session, change.release_id))
    granted = [row[1].grant_id for row in used if row[1] is not None]
    received = received_by(session, granted)
    joined = _open_for(session, granted)
    totals = dict(change.totals)
    for assessment, amount, case in used:
        paid = Received() if amount is None else received.get(amount.grant_id, Received())
        found = recalculated(laws, assessment, amount, paid, now)
        if not found.touched or (amount is None and found.kind is TouchedKind.UNCHANGED):
            continue
        touched = _touched(change, assessment, amount, case, found, now)
        if amount is not None and amount.grant_id in joined:
            touched.state = TouchedState.JOINED
            touched.correction_case_id = joined[amount.grant_id]
        session.add(touched)
        _count(totals, touched)
    change.totals = totals
    if len(rows) < limit:
        return None, len(rows)
    last = rows[-1][0]
    return f"{last.on.isoformat()} {last.id}", len(rows)


def _next(
    session: Session, change: RetroactiveChange, cursor: str | None, limit: int
) -> list[tuple[Assessment, GrantAmount | None, Case]]:
    """The next assessments in question, in the order of their days."""
    query = _candidates(change).order_by(Assessment.on, Assessment.id).limit(limit)
    if cursor is not None:
        day, _, last_id = cursor.partition(" ")
        query = query.where(
            tuple_(Assessment.on, Assessment.id) > (date.fromisoformat(day), last_id)
        )
    return [(assessment, amount, case) for assessment, amount, case in session.execute(query)]


def _candidates(change: RetroactiveChange) -> Select[Assessment, GrantAmount, Case]:
    """The assessments of the days in question that a decision rests on.

    Of a grant those of its amounts that count, of a refused case the last. What is paid on in a
    gradual exit rests on no calculation of its own. Open cases aren't looked at: they are decided
    by the law in force anyway.
    """
    later = aliased(Assessment)
    superseded = (
        select(later.id)
        .where(later.case_id == Assessment.case_id, later.made_at > Assessment.made_at)
        .exists()
    )
    query = (
        select(Assessment, GrantAmount, Case)
        .join(Case, Case.id == Assessment.case_id)
        .outerjoin(
            GrantAmount,
            and_(
                GrantAmount.assessment_id == Assessment.id,
                GrantAmount.superseded_at.is_(None),
                GrantAmount.kind == AmountKind.REGULAR,
            ),
        )
        .where(
            Assessment.district_id == change.district_id,
            Assessment.decision.in_(RULES),
            Assessment.on >= change.first_on,
            or_(GrantAmount.id.is_not(None), (Case.outcome == REFUSED) & ~superseded),
        )
    )
    if change.last_on is not None:
        query = query.where(Assessment.on <= change.last_on)
    return query


def _uses(assessment: Assessment, differences: Sequence[Mapping[str, Any]]) -> bool:
    """Whether an assessment read a parameter that differs on its day."""
    used = {row["key"] for row in parameters_read(assessment)}
    return any(
        one["key"] in used
        and date.fromisoformat(one["first"]) <= assessment.on
        and (one["last"] is None or assessment.on <= date.fromisoformat(one["last"]))
        for one in differences
    )


def _open_for(session: Session, grant_ids: Sequence[str]) -> Mapping[str, str]:
    """The correction cases that are open for grants, because of earlier changes."""
    rows = session.execute(
        select(TouchedCase.grant_id, TouchedCase.correction_case_id).where(
            TouchedCase.grant_id.in_(grant_ids), TouchedCase.state == TouchedState.OPEN
        )
    )
    return {grant_id: case_id for grant_id, case_id in rows if grant_id and case_id}


def _touched(
    change: RetroactiveChange,
    assessment: Assessment,
    amount: GrantAmount | None,
    case: Case,
    found: Recalculation,
    now: datetime,
) -> TouchedCase:
    touched = TouchedCase(
        id=new_id(),
        district_id=change.district_id,
        township_id=case.township_id,
        change_id=change.id,
        assessment_id=assessment.id,
        case_id=case.id,
        household_id=assessment.household_id,
        grant_id=None if amount is None else amount.grant_id,
        state=TouchedState.LISTED,
        listed_at=now,
    )
    show(touched, amount, found)
    return touched


def show(touched: TouchedCase, amount: GrantAmount | None, found: Recalculation) -> None:
    """Write a calculation to a touched case, as long as nobody has decided."""
    touched.kind = found.kind
    touched.old_monthly, touched.new_monthly = found.old_monthly, found.new_monthly
    touched.first_month = None if amount is None else amount.from_month
    touched.months = len(found.months)
    touched.total = abs(found.total)
    touched.detail = dict(found.detail)


def _count(totals: dict[str, Any], touched: TouchedCase) -> None:
    known = totals.get(touched.kind.value, {"count": 0, "total": "0.00"})
    total = Decimal(known["total"]) + touched.total
    totals[touched.kind.value] = {"count": known["count"] + 1, "total": f"{total:.2f}"}

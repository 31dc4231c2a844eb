"""Recording a list of deaths, chunk by chunk: each death, and a case where a benefit is paid."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.accounts import Account
from models.assistance import Grant, GrantState
from models.deaths import DeathList, DeathListState, DeathRow, DeathRowState, DeathSource
from models.households import Household, HouseholdMember
from models.jobs import Job
from workflows.assistance.deaths.recording import record_death
from workflows.errors import Actor, DoudiError
from workflows.jobs import Chunk
from workflows.privacy import KeyRing
from workflows.runtime.aftercare import open_death

_CHUNK: Final = 25


def list_step(session: Session, job: Job, keys: KeyRing, now: datetime) -> Chunk:
    """Record some of the people found; whoever can't be recorded is told with the reason.

    Who took the list over acts; the day and the source of each death are those of the list.
    """
    found = session.get_one(DeathList, job.payload["list"])
    rows = session.scalars(
        select(DeathRow)
        .where(DeathRow.list_id == found.id, DeathRow.state == DeathRowState.FOUND)
        .order_by(DeathRow.line)
        .limit(_CHUNK)
    ).all()
    actor = _actor(session, job)
    for row in rows:
        _record(session, found, row, keys, actor, now)
    session.flush()  # what is left is counted
    left = session.scalar(
        select(func.count())
        .select_from(DeathRow)
        .where(DeathRow.list_id == found.id, DeathRow.state == DeathRowState.FOUND)
    )
    total = job.total or len(rows) + (left or 0)
    if left:
        return Chunk(str(rows[-1].line), done=len(rows), total=total)
    found.state, found.finished_at = DeathListState.DONE, now
    return Chunk(None, done=len(rows), total=total)


def _record(
    session: Session, found: DeathList, row: DeathRow, keys: KeyRing, actor: Actor, now: datetime
) -> None:
    assert row.person_id is not None  # it was found
    try:
        with session.begin_nested():
            record_death(
                session, row.person_id, died_on=row.died_on, source=DeathSource.REGISTER,
                list_id=found.id, note=found.source, actor=actor, now=now,
            )  # fmt: skip
            household = _paid_household(session, row.person_id)
            if household is not None:
                case = open_death(
                    session, household, row.person_id, keys=keys, actor=actor, now=now
                )
                row.case_id = case.id
            row.state = DeathRowState.RECORDED
    except DoudiError as error:
        row.state, row.failure = DeathRowState.FAILED, error.code


def _paid_household(session: Session, person_id: str) -> Household | None:
    """The household of a person that is paid a benefit."""
    return session.scalars(
        select(Household)
        .join(HouseholdMember, HouseholdMember.household_id == Household.id)
        .join(Grant, Grant.household_id == Household.id)
        .where(
            HouseholdMember.person_id == person_id,
            HouseholdMember.superseded_at.is_(None),
            Grant.state == GrantState.ACTIVE,
        )
        .order_by(Household.id)
        .limit(1)
    ).one_or_none()


def _actor(session: Session, job: Job) -> Actor:
    """Who took the list over, at the district."""
    account = session.get_one(Account, job.payload["by"])
    return Actor(account.id, job.payload["role"], job.payload["office"], account.name)

"""Opening the periodic checks: one case for each grant whose check is due, spread over the days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

from sqlalchemy import Select, select, tuple_
from sqlalchemy.orm import Session

from models.assistance import AmountKind, Grant, GrantAmount, GrantState
from models.households import Household
from models.jobs import Job
from models.offices import Office, OfficeLevel
from workflows.assistance.reviews.checking import last_check
from workflows.calendar import local_day
from workflows.definitions.asking import ask_decision
from workflows.definitions.policy import Policy
from workflows.definitions.release import current_policy
from workflows.errors import SYSTEM, DoudiError, NotFound
from workflows.jobs import Chunk, queue_job
from workflows.privacy import KeyRing
from workflows.runtime.starting import start_case
from workflows.transaction import reading, transaction

#: The process of a periodic check.
PROCESS: Final = "benefit_review"
REVIEW_JOB: Final = "reviews"
#: Grants that one chunk looks at, and cases that it opens at most.
SCAN: Final = 500
BATCH: Final = 20
_OPENING: Final = "review_opening"
_LEAD: Final = "review.opening.lead_days"
_SPREAD: Final = "review.opening.spread_days"


def queue_reviews(session: Session, now: datetime) -> int:
    """A duty of the worker: once a day and district the job that opens its checks; how many."""
    day = local_day(now)
    with reading(session):
        districts = session.scalars(
            select(Office.id).where(Office.level == OfficeLevel.DISTRICT, Office.active)
        ).all()
        keys = {_key(one, day): one for one in districts}
        known = set(session.scalars(select(Job.key).where(Job.key.in_(keys))))
    queued = 0
    for key in sorted(keys.keys() - known):
        with transaction(session):
            queue_job(
                session,
                district_id=keys[key],
                kind=REVIEW_JOB,
                key=key,
                payload={"day": day.isoformat()},
                by_id=None,
                now=now,
            )
            queued += 1
    return queued


def _key(district_id: str, day: date) -> str:
    return f"{REVIEW_JOB}/{district_id}/{day.isoformat()}"


def review_step(session: Session, job: Job, keys: KeyRing, now: datetime) -> Chunk:
    """Open the checks whose day has come among the next grants, by the day that the law gives.

    Nothing is opened twice: the grant is locked, and knows the case in which it is being checked.
    One that can't be opened doesn't keep the others; the next day's job tries again.
    """
    today = local_day(now)
    try:
        law = current_policy(session, job.district_id)
    except NotFound:  # nothing is published yet
        return Chunk(None)
    if PROCESS not in law.processes:
        return Chunk(None)
    openings = _Openings(law, today, now)
    waiting = session.scalars(_waiting(job, openings.horizon)).all()
    exiting = _exiting(session, [row.id for row in waiting], today)
    opened, cursor = 0, None
    for row in waiting:
        cursor = f"{row.next_review_on.isoformat()}|{row.id}"
        if row.id in exiting or not openings.has_come(row):
            continue
        opened += _open(session, row.id, keys, now)
        if opened == BATCH:
            break
    more = len(waiting) == SCAN or opened == BATCH
    return Chunk(cursor if more else None, done=opened)


@dataclass(slots=True)
class _Openings:
    """On which days checks open: what the table says, asked once for each place and cycle."""

    law: Policy
    today: date
    now: datetime

    @property
    def horizon(self) -> date:
        """The last day that the law may give for a check which opens today."""
        values = (self.law.parameters.value(key, self.today).value for key in (_LEAD, _SPREAD))
        return self.today + timedelta(days=sum(int(value) for value in values))

    def has_come(self, grant: Grant) -> bool:
        """Whether the check of a grant opens today, or should have."""
        inputs = {
            "on": self.today,
            "due_check": {
                "cycle_days": Decimal((grant.next_review_on - last_check(grant)).days),
                "place": Decimal(place_of(grant.household_id)),
            },
        }
        found, _ = ask_decision(self.law, _OPENING, inputs, self.today, self.now)
        days_before = int(found.value["days_before"])
        return grant.next_review_on - timedelta(days=days_before) <= self.today


def place_of(household_id: str) -> int:
    """A number that stays with a household: where in the days of a month its checks open."""
    return int(household_id.replace("-", "")[-6:], 16)


def _waiting(job: Job, horizon: date) -> Select[Grant]:
    query = (
        select(Grant)
        .where(
            Grant.district_id == job.district_id,
            Grant.state == GrantState.ACTIVE,
            Grant.next_review_on <= horizon,
            Grant.review_case_id.is_(None),
        )
        .order_by(Grant.next_review_on, Grant.id)
        .limit(SCAN)
    )
    if job.cursor:
        day, _, grant_id = job.cursor.partition("|")
        query = query.where(
            tuple_(Grant.next_review_on, Grant.id) > (date.fromisoformat(day), grant_id)
        )
    return query


def _exiting(session: Session, grant_ids: Sequence[str], today: date) -> set[str]:
    """Grants in a gradual exit: its own case checks them when it ends."""
    found = session.scalars(
        select(GrantAmount.grant_id).where(
            GrantAmount.grant_id.in_(grant_ids),
            GrantAmount.superseded_at.is_(None),
            GrantAmount.kind == AmountKind.GRADUAL_EXIT,
            GrantAmount.until_month > today,
        )
    )
    return set(found)


def _open(session: Session, grant_id: str, keys: KeyRing, now: datetime) -> bool:
    """Whether the check of a grant was opened; not where somebody was faster."""
    grant = session.scalars(
        select(Grant)
        .where(Grant.id == grant_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    if grant.state is not GrantState.ACTIVE or grant.review_case_id is not None:
        return False
    household = session.get_one(Household, grant.household_id)
    try:
        with session.begin_nested():
            case = start_case(
                session,
                PROCESS,
                keys,
                township_id=household.township_id,
                village_id=household.village_id,
                household_id=household.id,
                variables={"grant_id": grant.id},
                actor=SYSTEM,
                now=now,
            )
            case.person_id = grant.person_id
    except DoudiError:
        return False
    return True

"""What the worker does for each kind of job."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from models.jobs import Job
from workflows.assistance.price.counting import COUNT_JOB, count_step
from workflows.assistance.price.ordering import ORDER_JOB, order_step
from workflows.assistance.retroactive.changes import LIST_JOB, OPEN_JOB
from workflows.assistance.retroactive.listing import list_step
from workflows.definitions.calendar_changes import RECOUNT
from workflows.jobs import Chunk, Step
from workflows.privacy import KeyRing
from workflows.runtime.correction_decisions import DECIDE_JOB, decide_step
from workflows.runtime.corrections import open_step
from workflows.runtime.recounts import recount_step


def job_steps(keys: KeyRing) -> Mapping[str, Step]:
    """The step of each kind of job that this version knows."""

    def open_cases(session: Session, job: Job, now: datetime) -> Chunk:
        return open_step(session, job, keys, now)

    def decide_cases(session: Session, job: Job, now: datetime) -> Chunk:
        return decide_step(session, job, keys, now)

    return {
        RECOUNT: recount_step(keys),
        LIST_JOB: list_step,
        OPEN_JOB: open_cases,
        DECIDE_JOB: decide_cases,
        COUNT_JOB: count_step,
        ORDER_JOB: order_step,
    }

"""What the worker does for each kind of job."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from models.jobs import Job
from workflows.assistance.deaths.lists import LIST_JOB as DEATH_LIST_JOB
from workflows.assistance.retroactive.changes import LIST_JOB, OPEN_JOB
from workflows.assistance.retroactive.listing import list_step
from workflows.definitions.calendar_changes import RECOUNT
from workflows.jobs import Chunk, Step
from workflows.privacy import KeyRing
from workflows.runtime.correction_decisions import DECIDE_JOB, decide_step
from workflows.runtime.corrections import open_step
from workflows.runtime.death_lists import list_step as death_step
from workflows.runtime.recounts import recount_step


def job_steps(keys: KeyRing) -> Mapping[str, Step]:
    """The step of each kind of job that this version knows."""

    def open_cases(session: Session, job: Job, now: datetime) -> Chunk:
        return open_step(session, job, keys, now)

    def decide_cases(session: Session, job: Job, now: datetime) -> Chunk:
        return decide_step(session, job, keys, now)

    def record_deaths(session: Session, job: Job, now: datetime) -> Chunk:
        return death_step(session, job, keys, now)

    return {
        DEATH_LIST_JOB: record_deaths,
        RECOUNT: recount_step(keys),
        LIST_JOB: list_step,
        OPEN_JOB: open_cases,
        DECIDE_JOB: decide_cases,
    }

"""What the worker does for each kind of job."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from models.jobs import Job
from workflows.assistance.deaths.lists import LIST_JOB as DEATH_LIST_JOB
from workflows.assistance.price.counting import COUNT_JOB, count_step
from workflows.assistance.price.ordering import ORDER_JOB, order_step
from workflows.assistance.retroactive.changes import LIST_JOB, OPEN_JOB
from workflows.assistance.retroactive.listing import list_step
from workflows.assistance.standards.applying import APPLY_JOB
from workflows.assistance.standards.counting import COUNT_JOB as STANDARDS_COUNT_JOB
from workflows.definitions.calendar_changes import RECOUNT
from workflows.jobs import Chunk, Step
from workflows.privacy import KeyRing
from workflows.runtime.correction_decisions import DECIDE_JOB, decide_step
from workflows.runtime.corrections import open_step
from workflows.runtime.death_lists import list_step as death_step
from workflows.runtime.recounts import recount_step
from workflows.runtime.reviews import REVIEW_JOB, review_step
from workflows.runtime.standards import apply_step
from workflows.runtime.standards import count_step as standards_count_step


def job_steps(keys: KeyRing) -> Mapping[str, Step]:
    """The step of each kind of job that this version knows."""

    def with_keys(step: Callable[[Session, Job, KeyRing, datetime], Chunk]) -> Step:
        def one(session: Session, job: Job, now: datetime) -> Chunk:
            return step(session, job, keys, now)

        return one

    return {
        RECOUNT: recount_step(keys),
        LIST_JOB: list_step,
        OPEN_JOB: with_keys(open_step),
        DECIDE_JOB: with_keys(decide_step),
        REVIEW_JOB: with_keys(review_step),
        STANDARDS_COUNT_JOB: standards_count_step,
        APPLY_JOB: with_keys(apply_step),
        DEATH_LIST_JOB: with_keys(death_step),
        COUNT_JOB: count_step,
        ORDER_JOB: order_step,
    }

"""Long work in chunks: queued in an act's transaction, done afterwards by the worker.

A chunk is one transaction with its progress, so that a worker that dies repeats at most the chunk
that it had not committed. Work that runs in a request's stead belongs here; effects on the outside
world belong to the outbox.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.jobs import Job, JobState
from models.types import new_id
from workflows.errors import Conflict, DoudiError, NotFound
from workflows.transaction import reading, require_transaction, transaction

#: Waiting before each further attempt at a chunk; after the last one the job has failed.
BACKOFF: Final = (timedelta(seconds=5), timedelta(minutes=1), timedelta(minutes=10))
UNFINISHED: Final = (JobState.QUEUED, JobState.RUNNING)

log = structlog.get_logger("doudi.jobs")


@dataclass(frozen=True, slots=True)
class Chunk:
    """What a step did: where the next one begins, or None when nothing is left.

    `done` are the items of this chunk; `total` of the whole job, where known; `result` replaces
    what the job holds as its result.
    """

    cursor: str | None
    done: int = 0
    total: int | None = None
    result: Mapping[str, Any] | None = None


#: Does one chunk inside the worker's transaction. It must not depend on earlier chunks being
#: in memory, and must be of a size that commits within some seconds.
Step = Callable[[Session, Job, datetime], Chunk]


def queue_job(
    session: Session,
    *,
    district_id: str,
    kind: str,
    key: str,
    payload: Mapping[str, Any],
    by_id: str | None,
    now: datetime,
) -> Job:
    """Queue a job; it begins if and only if the caller's transaction commits.

    `key` names the work and is unique: queued again, it gives the job that there is.
    """
    require_transaction(session)
    known = session.scalars(select(Job).where(Job.key == key)).one_or_none()
    if known is not None:
        return known
    job = Job(
        id=new_id(),
        district_id=district_id,
        kind=kind,
        key=key,
        payload=dict(payload),
        state=JobState.QUEUED,
        created_at=now,
        created_by_id=by_id,
        next_try_at=now,
        attempts=0,
        done=0,
    )
    session.add(job)
    return job


def cancel_job(session: Session, job_id: str, *, now: datetime) -> Job:
    """Stop a job before its next chunk; what its chunks have done stays done.

    Raises:
        NotFound: ``job.not_found``.
        Conflict: ``job.finished``.
    """
    require_transaction(session)
    job = session.scalars(select(Job).where(Job.id == job_id).with_for_update()).one_or_none()
    if job is None:
        raise NotFound("job.not_found", "找不到这项后台工作。", "There is no such job.")
    if job.state not in UNFINISHED:
        raise Conflict(
            "job.finished", "这项后台工作已经结束，不能再取消。", "The job has ended already."
        )
    job.state = JobState.CANCELLED
    job.finished_at = now
    return job


def work_jobs(session: Session, steps: Mapping[str, Step], now: datetime) -> bool:
    """Do one chunk of the job that has waited longest; whether there was one.

    A chunk that fails is rolled back and tried again later, then the job has failed with the error
    as its result. A kind that this worker doesn't know is left to others.
    """
    with reading(session):
        waiting = session.scalars(_due(steps, now)).first()
    if waiting is None:
        return False
    try:
        with transaction(session):
            return _work(session, waiting, steps, now)
    except DoudiError as error:
        if error.code == "busy":  # somebody held what the chunk needs; the next round tries again
            return True
        _note_failure(session, waiting, _told(error), now)
    except Exception as error:  # noqa: BLE001  # the worker outlives one broken job
        log.error("job.failed", job=waiting, error=repr(error))
        _note_failure(session, waiting, {"code": "unexpected", "error": type(error).__name__}, now)
    return True


def _told(error: DoudiError) -> Mapping[str, Any]:
    return {"code": error.code, "message": error.message, "message_en": error.message_en}


def _due(steps: Mapping[str, Step], now: datetime) -> Any:
    return (
        select(Job.id)
        .where(Job.state.in_(UNFINISHED), Job.next_try_at <= now, Job.kind.in_(sorted(steps)))
        .order_by(Job.next_try_at, Job.id)
        .limit(1)
    )


def _locked(session: Session, job_id: str) -> Job | None:
    """The job, unless another worker holds it or somebody has ended it."""
    job = session.scalars(
        select(Job)
        .where(Job.id == job_id)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).one_or_none()
    return job if job is not None and job.state in UNFINISHED else None


def _work(session: Session, job_id: str, steps: Mapping[str, Step], now: datetime) -> bool:
    job = _locked(session, job_id)
    if job is None or job.next_try_at > now:
        return False
    chunk = steps[job.kind](session, job, now)
    job.state = JobState.RUNNING
    job.attempts = 0
    job.next_try_at = now  # to the end of the queue: jobs take turns
    job.cursor = chunk.cursor
    job.done += chunk.done
    if chunk.total is not None:
        job.total = chunk.total
    if chunk.result is not None:
        job.result = dict(chunk.result)
    if chunk.cursor is None:
        job.state = JobState.DONE
        job.finished_at = now
    return True


def _note_failure(session: Session, job_id: str, error: Mapping[str, Any], now: datetime) -> None:
    with transaction(session):
        job = _locked(session, job_id)
        if job is None:
            return
        job.attempts += 1
        if job.attempts <= len(BACKOFF):
            job.next_try_at = now + BACKOFF[job.attempts - 1]
            return
        job.state = JobState.FAILED
        job.finished_at = now
        job.result = {"error": dict(error)}

"""A job is done once, chunk by chunk, through failures, races and a worker's death."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.jobs import Job, JobState
from models.types import new_id
from workflows.errors import Conflict, Invalid, NotFound
from workflows.jobs import BACKOFF, Chunk, cancel_job, queue_job, work_jobs
from workflows.transaction import reading, transaction

NOW = datetime(2021, 9, 8, 2, 0, tzinfo=UTC)
DISTRICT = new_id()


def queue(session: Session, key: str = "count/1", kind: str = "count") -> str:
    with transaction(session):
        return queue_job(
            session, district_id=DISTRICT, kind=kind, key=key, payload={"up_to": "3"},
            by_id=None, now=NOW,
        ).id  # fmt: skip


def job_of(session: Session, job_id: str) -> Job:
    with reading(session):
        job = session.scalars(select(Job).where(Job.id == job_id)).one()
        session.expunge(job)
        return job


def counting(session: Session, job: Job, now: datetime) -> Chunk:
    """One number a chunk, up to the payload's."""
    at, last = int(job.cursor or 0) + 1, int(job.payload["up_to"])
    return Chunk(None if at == last else str(at), done=1, total=last, result={"reached": at})


def test_a_job_is_done_chunk_by_chunk_and_shows_how_far_it_is(session: Session) -> None:
    # given
    job_id = queue(session)
    # when
    worked = work_jobs(session, {"count": counting}, NOW)
    halfway = job_of(session, job_id)
    while work_jobs(session, {"count": counting}, NOW):
        pass
    # then
    assert worked
    assert (halfway.state, halfway.done, halfway.total) == (JobState.RUNNING, 1, 3)
    ended = job_of(session, job_id)
    assert (ended.state, ended.done, ended.finished_at) == (JobState.DONE, 3, NOW)
    assert ended.result == {"reached": 3}


def test_the_same_work_is_queued_once(session: Session) -> None:
    # when
    first, second = queue(session), queue(session)
    # then
    assert first == second


def test_a_job_of_an_act_that_failed_does_not_exist(session: Session) -> None:
    # given
    with pytest.raises(ValueError, match="no"), transaction(session):
        queue_job(
            session, district_id=DISTRICT, kind="count", key="count/1", payload={}, by_id=None,
            now=NOW,
        )  # fmt: skip
        raise ValueError("no")
    # when / then
    assert not work_jobs(session, {"count": counting}, NOW)


def test_a_chunk_that_fails_leaves_nothing_and_is_tried_again_later(session: Session) -> None:
    # given
    job_id = queue(session)
    calls: list[datetime] = []

    def failing_once(opened: Session, job: Job, now: datetime) -> Chunk:
        calls.append(now)
        if len(calls) == 1:
            queue_job(
                opened, district_id=DISTRICT, kind="other", key="half", payload={}, by_id=None,
                now=now,
            )  # fmt: skip
            opened.flush()
            raise Invalid("no", "不行。", "No.")
        return counting(opened, job, now)

    # when
    work_jobs(session, {"count": failing_once}, NOW)
    at_once = work_jobs(session, {"count": failing_once}, NOW)
    later = work_jobs(session, {"count": failing_once}, NOW + BACKOFF[0])
    # then
    assert (at_once, later) == (False, True)
    assert job_of(session, job_id).done == 1
    with reading(session):
        assert session.scalars(select(Job.key)).all() == ["count/1"]


def test_a_job_that_keeps_failing_ends_with_its_error(session: Session) -> None:
    # given
    job_id = queue(session)

    def failing(opened: Session, job: Job, now: datetime) -> Chunk:
        raise Invalid("rule.missing", "没有规则。", "There is no rule.")

    # when
    now = NOW
    for wait in (*BACKOFF, timedelta()):
        assert work_jobs(session, {"count": failing}, now)
        now += wait
    # then
    ended = job_of(session, job_id)
    assert ended.state is JobState.FAILED
    assert ended.result == {
        "error": {
            "code": "rule.missing",
            "message": "没有规则。",
            "message_en": "There is no rule.",
        }
    }
    assert not work_jobs(session, {"count": failing}, now + timedelta(days=1))


def test_jobs_take_turns(session: Session) -> None:
    # given
    queue(session, "count/1")
    queue(session, "count/2")
    order: list[str] = []

    def noted(opened: Session, job: Job, now: datetime) -> Chunk:
        order.append(job.key)
        return counting(opened, job, now)

    # when
    for second in range(1, 7):
        work_jobs(session, {"count": noted}, NOW + timedelta(seconds=second))
    # then
    assert order == ["count/1", "count/2"] * 3


def test_a_cancelled_job_stops_before_its_next_chunk(session: Session) -> None:
    # given
    job_id = queue(session)
    work_jobs(session, {"count": counting}, NOW)
    # when
    with transaction(session):
        cancel_job(session, job_id, now=NOW)
    # then
    assert not work_jobs(session, {"count": counting}, NOW)
    assert job_of(session, job_id).state is JobState.CANCELLED
    with pytest.raises(Conflict), transaction(session):
        cancel_job(session, job_id, now=NOW)


def test_a_job_that_is_not_there_cannot_be_cancelled(session: Session) -> None:
    # when / then
    with pytest.raises(NotFound), transaction(session):
        cancel_job(session, new_id(), now=NOW)


def test_a_kind_that_this_worker_does_not_know_is_left_alone(session: Session) -> None:
    # given
    job_id = queue(session, kind="later")
    # when / then
    assert not work_jobs(session, {"count": counting}, NOW)
    assert job_of(session, job_id).state is JobState.QUEUED

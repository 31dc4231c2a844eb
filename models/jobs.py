"""Work that is too long for a request: done by the worker, chunk by chunk."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, one_of
from models.types import Document, Id, new_id


class JobState(StrEnum):
    """How far a job is; the last three are final."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


_UNFINISHED = text("state IN ('queued', 'running')")


class Job(Base):
    """One long piece of work with its progress; each chunk commits on its own."""

    __tablename__ = "jobs"
    __table_args__ = (
        Index(
            "ix_jobs_due",
            "next_try_at",
            "id",
            sqlite_where=_UNFINISHED,
            postgresql_where=_UNFINISHED,
        ),
        Index(None, "district_id", "kind", "id"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    district_id: Mapped[str] = mapped_column(Id)
    kind: Mapped[str]
    #: names the effect: the same work is queued once
    key: Mapped[str] = mapped_column(unique=True)
    payload: Mapped[Any] = mapped_column(Document)
    state: Mapped[JobState] = mapped_column(one_of(JobState), default=JobState.QUEUED)
    created_at: Mapped[datetime]
    created_by_id: Mapped[str | None] = mapped_column(Id)
    next_try_at: Mapped[datetime]
    #: failures since the last chunk that went well
    attempts: Mapped[int] = mapped_column(default=0)
    #: where the next chunk begins; its meaning is the kind's
    cursor: Mapped[str | None]
    done: Mapped[int] = mapped_column(default=0)
    #: how many there are in all, once that is known
    total: Mapped[int | None]
    #: what came out, or the error that ended it
    result: Mapped[Any] = mapped_column(Document, nullable=True)
    finished_at: Mapped[datetime | None]

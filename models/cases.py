"""Cases, and what a person must act on: tasks, timers, message subscriptions, incidents."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, one_of
from models.types import Document, Id, new_id


class CaseState(StrEnum):
    """Whether the engine still works on a case."""

    OPEN = "open"
    CLOSED = "closed"


class TaskState(StrEnum):
    """What became of a task."""

    OPEN = "open"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class Case(Base):
    """One application on its way through the process that its release describes."""

    __tablename__ = "cases"
    __table_args__ = (
        UniqueConstraint("district_id", "number"),
        Index("ix_cases_township", "district_id", "township_id", "state", "opened_at"),
        Index("ix_cases_district", "district_id", "state", "opened_at"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    district_id: Mapped[str] = mapped_column(Id)
    number: Mapped[str]
    process_key: Mapped[str]
    release_id: Mapped[str] = mapped_column(Id, ForeignKey("releases.id"))
    household_id: Mapped[str | None] = mapped_column(Id, ForeignKey("households.id"), index=True)
    #: the person it is about, where that is one of the household
    person_id: Mapped[str | None] = mapped_column(Id, index=True)
    township_id: Mapped[str] = mapped_column(Id, ForeignKey("offices.id"))
    village_id: Mapped[str | None] = mapped_column(Id, ForeignKey("offices.id"))
    state: Mapped[CaseState] = mapped_column(one_of(CaseState), default=CaseState.OPEN)
    #: where the process stands, in the words of its diagram
    status: Mapped[str] = mapped_column(default="opened")
    outcome: Mapped[str | None]
    channel: Mapped[str] = mapped_column(default="window")
    opened_at: Mapped[datetime]
    accepted_on: Mapped[date | None]
    closed_at: Mapped[datetime | None]
    #: the confirmed monthly amount
    monthly: Mapped[Decimal | None]
    #: the case that opened this one, and the day that the family first asked for the same thing
    opened_from_id: Mapped[str | None] = mapped_column(Id, index=True)
    first_applied_on: Mapped[date | None]
    #: only the district's own office may see it: it protects who told something
    confined: Mapped[bool] = mapped_column(default=False)
    #: grows with every act; a form carries the version that its screen showed
    version: Mapped[int] = mapped_column(default=1)
    #: the engine's tokens and the case's variables, sealed; never read by a query
    engine_state: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)


class Task(Base):
    """Something that somebody in a role at an office has to do."""

    __tablename__ = "tasks"
    __table_args__ = (
        Index(
            "ix_tasks_queue",
            "district_id",
            "office_id",
            "role",
            "due_at",
            "id",
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
        Index(
            "ix_tasks_mine",
            "assignee_id",
            "due_at",
            "id",
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
        Index("ix_tasks_case", "case_id", "state"),
        Index("ix_tasks_done", "completed_by_id", "completed_at"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    district_id: Mapped[str] = mapped_column(Id)
    case_id: Mapped[str] = mapped_column(Id, ForeignKey("cases.id"))
    engine_task_id: Mapped[str]
    process_key: Mapped[str]
    element_id: Mapped[str]
    name: Mapped[str]
    role: Mapped[str]
    office_id: Mapped[str] = mapped_column(Id, ForeignKey("offices.id"))
    form_key: Mapped[str | None]
    state: Mapped[TaskState] = mapped_column(one_of(TaskState), default=TaskState.OPEN)
    assignee_id: Mapped[str | None] = mapped_column(Id, ForeignKey("accounts.id"))
    claimed_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    #: the end of its legal period; far in the future where no clock is set
    due_at: Mapped[datetime]
    #: when it turns yellow
    warn_at: Mapped[datetime]
    clock_key: Mapped[str | None]
    completed_at: Mapped[datetime | None]
    completed_by_id: Mapped[str | None] = mapped_column(Id)


class Timer(Base):
    """A moment that the engine waits for; the row is gone once it has fired or was cancelled."""

    __tablename__ = "timers"
    __table_args__ = (
        Index(
            "ix_timers_due",
            "next_try_at",
            sqlite_where=text("failed_at IS NULL"),
            postgresql_where=text("failed_at IS NULL"),
        ),
        Index(None, "case_id"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    district_id: Mapped[str] = mapped_column(Id)
    case_id: Mapped[str] = mapped_column(Id, ForeignKey("cases.id"))
    engine_task_id: Mapped[str]
    process_key: Mapped[str]
    element_id: Mapped[str]
    #: when the token arrived and the moment was computed; None for older rows
    reached_at: Mapped[datetime | None]
    due_at: Mapped[datetime]
    #: `due_at`, or later after a failed attempt
    next_try_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    #: after the last attempt; an incident stands for it
    failed_at: Mapped[datetime | None]


class MessageSubscription(Base):
    """A message that one engine task of a case waits for."""

    __tablename__ = "message_subscriptions"
    __table_args__ = (Index(None, "case_id", "message"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    district_id: Mapped[str] = mapped_column(Id)
    case_id: Mapped[str] = mapped_column(Id, ForeignKey("cases.id"))
    engine_task_id: Mapped[str]
    process_key: Mapped[str]
    element_id: Mapped[str]
    message: Mapped[str]
    name: Mapped[str]
    role: Mapped[str]
    office_id: Mapped[str] = mapped_column(Id, ForeignKey("offices.id"))
    form_key: Mapped[str | None]


class KeptMessage(Base):
    """A message that nobody waited for when it came; delivered once when somebody does."""

    __tablename__ = "kept_messages"
    __table_args__ = (
        Index(None, "case_id"),
        Index(
            "ix_kept_messages_undelivered",
            "message",
            "received_at",
            sqlite_where=text("delivered_at IS NULL"),
            postgresql_where=text("delivered_at IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    district_id: Mapped[str] = mapped_column(Id)
    case_id: Mapped[str] = mapped_column(Id, ForeignKey("cases.id"))
    message: Mapped[str]
    payload: Mapped[bytes] = mapped_column(LargeBinary)
    received_at: Mapped[datetime]
    delivered_at: Mapped[datetime | None]


class Incident(Base):
    """A case that cannot go on by itself; somebody has to look at it."""

    __tablename__ = "incidents"
    __table_args__ = (
        Index("ix_incidents_open", "district_id", "resolved_at", "opened_at"),
        Index(None, "case_id"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    district_id: Mapped[str] = mapped_column(Id)
    case_id: Mapped[str] = mapped_column(Id, ForeignKey("cases.id"))
    element_id: Mapped[str | None]
    timer_id: Mapped[str | None] = mapped_column(Id)
    code: Mapped[str]
    message: Mapped[str]
    message_en: Mapped[str]
    details: Mapped[Any] = mapped_column(Document)
    opened_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]
    resolved_by_id: Mapped[str | None] = mapped_column(Id)
    resolution: Mapped[str | None]

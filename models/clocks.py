"""Legal deadlines of a case, and every recorded act that moved one."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, one_of
from models.types import Document, Id, new_id


class ClockState(StrEnum):
    """Whether a clock still runs."""

    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"


class Clock(Base):
    """One legal deadline of a case, with the derivation of its due day."""

    __tablename__ = "clocks"
    __table_args__ = (
        Index(None, "case_id", "key"),
        Index(
            "ix_clocks_late",
            "due_at",
            sqlite_where=text("state = 'running' AND alarmed_at IS NULL"),
            postgresql_where=text("state = 'running' AND alarmed_at IS NULL"),
        ),
        Index(
            "ix_clocks_running",
            "district_id",
            "case_id",
            "due_on",
            sqlite_where=text("state = 'running'"),
            postgresql_where=text("state = 'running'"),
        ),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    district_id: Mapped[str] = mapped_column(Id)
    case_id: Mapped[str] = mapped_column(Id, ForeignKey("cases.id"))
    key: Mapped[str]
    name: Mapped[str]
    severity: Mapped[str]
    state: Mapped[ClockState] = mapped_column(one_of(ClockState), default=ClockState.RUNNING)
    started_at: Mapped[datetime]
    #: the day that counting starts from; it is not counted itself (民法典 201)
    started_on: Mapped[date]
    #: the last day of the period
    due_on: Mapped[date]
    #: the end of that day
    due_at: Mapped[datetime]
    warn_at: Mapped[datetime]
    stopped_at: Mapped[datetime | None]
    alarmed_at: Mapped[datetime | None]
    #: inputs and lines of the derivation
    derivation: Mapped[Any] = mapped_column(Document)


class ClockEvent(Base):
    """A recorded act on a clock: start, stop, extend, exclude, pause, resume, recount."""

    __tablename__ = "clock_events"
    __table_args__ = (Index(None, "clock_id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    clock_id: Mapped[str] = mapped_column(Id, ForeignKey("clocks.id"))
    action: Mapped[str]
    at: Mapped[datetime]
    by_id: Mapped[str | None] = mapped_column(Id)
    #: what the act carries: days, from, to, reason
    detail: Mapped[Any] = mapped_column(Document)


class Alert(Base):
    """A clock that ran out; it stays until somebody takes note."""

    __tablename__ = "alerts"
    __table_args__ = (
        Index(
            "ix_alerts_open",
            "district_id",
            "raised_at",
            "id",
            sqlite_where=text("taken_note_at IS NULL"),
            postgresql_where=text("taken_note_at IS NULL"),
        ),
        Index(
            "ix_alerts_noted",
            "district_id",
            "taken_note_at",
            "id",
            sqlite_where=text("taken_note_at IS NOT NULL"),
            postgresql_where=text("taken_note_at IS NOT NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    district_id: Mapped[str] = mapped_column(Id)
    office_id: Mapped[str] = mapped_column(Id, ForeignKey("offices.id"))
    case_id: Mapped[str] = mapped_column(Id, ForeignKey("cases.id"), index=True)
    clock_id: Mapped[str | None] = mapped_column(Id, ForeignKey("clocks.id"))
    severity: Mapped[str]
    message: Mapped[str]
    raised_at: Mapped[datetime]
    taken_note_at: Mapped[datetime | None]
    taken_note_by_id: Mapped[str | None] = mapped_column(Id)
    #: why the system itself took it back; None where a person took note
    note: Mapped[str | None]

"""What keeps acts safe: request keys, drafts, the outbox, numbers, worker heartbeats."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.types import Document, Id, new_id


class RequestKey(Base):
    """A request that was carried out once; its twin gets the same answer."""

    __tablename__ = "request_keys"

    account_id: Mapped[str] = mapped_column(Id, primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    #: SHA-256 of what was asked: the same key with another request is refused
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary)
    answer: Mapped[Any] = mapped_column(Document)


class Draft(Base):
    """What somebody has typed into a form and not sent yet, sealed."""

    __tablename__ = "drafts"

    account_id: Mapped[str] = mapped_column(Id, primary_key=True)
    #: which form: e.g. "task/<id>" or "intake/new"
    place: Mapped[str] = mapped_column(primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    saved_at: Mapped[datetime]


class OutboxMessage(Base):
    """An effect on the outside world, delivered after the commit that caused it."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index(
            "ix_outbox_open",
            "next_try_at",
            sqlite_where=text("delivered_at IS NULL"),
            postgresql_where=text("delivered_at IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    district_id: Mapped[str] = mapped_column(Id)
    topic: Mapped[str]
    #: the receiver's idempotency key
    key: Mapped[str] = mapped_column(unique=True)
    payload: Mapped[Any] = mapped_column(Document)
    created_at: Mapped[datetime]
    next_try_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    delivered_at: Mapped[datetime | None]


class NumberSeries(Base):
    """The last number given in a series, such as cases of a year in a district."""

    __tablename__ = "number_series"

    district_id: Mapped[str] = mapped_column(Id, primary_key=True)
    series: Mapped[str] = mapped_column(primary_key=True)
    last: Mapped[int]


class WorkerHeartbeat(Base):
    """When a worker was last alive, and how many timers it has fired."""

    __tablename__ = "worker_heartbeats"

    name: Mapped[str] = mapped_column(primary_key=True)
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    fired: Mapped[int] = mapped_column(default=0)

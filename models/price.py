"""The price-linked subsidy: published indices, batches, and who is entitled to how much."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, one_of
from models.types import Document, Id, new_id


class PriceIndex(Base):
    """One version of the price indices of a month, as published."""

    __tablename__ = "price_indices"
    __table_args__ = (
        UniqueConstraint("case_id"),
        Index(None, "district_id", "month", "entered_at"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    district_id: Mapped[str] = mapped_column(Id)
    case_id: Mapped[str] = mapped_column(Id, ForeignKey("cases.id"))
    #: first day of the month that the indices are of
    month: Mapped[date]
    published_on: Mapped[date]
    #: per cent as texts: {cpi, food: against the same month of the year before, scpi: the rise of
    #: the low-income cost index}
    figures: Mapped[Any] = mapped_column(Document)
    entered_at: Mapped[datetime]
    entered_by_id: Mapped[str | None] = mapped_column(Id)


class BatchState(StrEnum):
    """How far a batch is."""

    PREVIEWED = "previewed"
    APPROVED = "approved"
    #: every payment is ordered and waits for a roll
    ORDERED = "ordered"
    PAID = "paid"
    REFUSED = "refused"
    #: nothing is due
    CLOSED = "closed"


class PriceBatch(Base):
    """Everybody who is owed the subsidy of a month and hasn't been given it yet."""

    __tablename__ = "price_batches"
    __table_args__ = (
        UniqueConstraint("case_id"),
        UniqueConstraint("district_id", "month", "number"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    district_id: Mapped[str] = mapped_column(Id)
    case_id: Mapped[str] = mapped_column(Id, ForeignKey("cases.id"))
    index_id: Mapped[str] = mapped_column(Id, ForeignKey("price_indices.id"))
    month: Mapped[date]
    #: 1 the month's batch, 2… supplements and corrections
    number: Mapped[int]
    state: Mapped[BatchState] = mapped_column(one_of(BatchState), default=BatchState.PREVIEWED)
    #: yuan per person and month by group and area, as the table gave it: {"dibao/rural": "15.00"}
    amounts: Mapped[Any] = mapped_column(Document)
    families: Mapped[int] = mapped_column(default=0)
    persons: Mapped[int] = mapped_column(default=0)
    total: Mapped[Decimal] = mapped_column(default=Decimal(0))
    excluded: Mapped[int] = mapped_column(default=0)
    #: by township: {township: {"families": 3, "persons": 7, "total": "105.00", "excluded": 1}}
    townships: Mapped[Any] = mapped_column(Document)
    #: by group, and the excluded by reason: {"dibao": 7}, {"died": 1}
    groups: Mapped[Any] = mapped_column(Document)
    reasons: Mapped[Any] = mapped_column(Document)
    #: how often it was counted
    counts: Mapped[int] = mapped_column(default=0)
    made_at: Mapped[datetime]
    decided_on: Mapped[date | None]
    ordered_at: Mapped[datetime | None]
    #: why it was refused or nothing is due
    reason: Mapped[str] = mapped_column(default="")


class PriceShare(Base):
    """One person's subsidy in a batch, or why there is none; a person is in a batch once."""

    __tablename__ = "price_shares"
    __table_args__ = (
        Index(None, "batch_id", "payee_id"),
        Index(None, "batch_id", "township_id", "payee_id"),
        Index(None, "district_id", "month", "person_id"),
        CheckConstraint("amount >= 0", name="amount_not_negative"),
    )

    batch_id: Mapped[str] = mapped_column(Id, ForeignKey("price_batches.id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(Id, ForeignKey("persons.id"), primary_key=True)
    district_id: Mapped[str] = mapped_column(Id)
    month: Mapped[date]
    township_id: Mapped[str] = mapped_column(Id, ForeignKey("offices.id"))
    household_id: Mapped[str] = mapped_column(Id, ForeignKey("households.id"))
    grant_id: Mapped[str | None] = mapped_column(Id, ForeignKey("grants.id"))
    #: who gets the money: the family's head, or the person
    payee_id: Mapped[str] = mapped_column(Id, ForeignKey("persons.id"))
    #: dibao, tekun, edge
    price_group: Mapped[str]
    #: what the rule gives for the month, and what is still to be paid of it
    owed: Mapped[Decimal]
    amount: Mapped[Decimal]
    #: why nothing is paid: died, given_before, given_more, not_counted, not_received
    excluded: Mapped[str | None]
    payment_id: Mapped[str | None] = mapped_column(Id)

"""Money that was paid too much: proposed, decided on, planned in instalments, and coming back."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, one_of
from models.types import Document, Id, new_id


class RecoveryState(StrEnum):
    """Whether money that was paid too much is still owed."""

    #: worked out by the tables; nobody has decided
    PROPOSED = "proposed"
    OPEN = "open"
    #: decided that nothing has to come back, or not the rest
    WAIVED = "waived"
    SETTLED = "settled"


class RecoveryOutcome(StrEnum):
    """What the officer decided on an overpayment (重庆市城乡居民最低生活保障条例 36)."""

    EDUCATE = "educate"
    ALL = "all"
    PART = "part"
    WAIVE = "waive"


class Recovery(Base):
    """What a family was paid too much, and whether it has to come back (追回)."""

    __tablename__ = "recoveries"
    __table_args__ = (
        UniqueConstraint("touched_id"),
        Index(None, "district_id", "state", "decided_on"),
        Index(None, "district_id", "state", "next_due_on"),
        Index(None, "township_id", "state", "next_due_on"),
        Index(None, "household_id"),
        Index(None, "grant_id"),
        Index(None, "case_id"),
        CheckConstraint("received <= amount", name="received_at_most"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    district_id: Mapped[str] = mapped_column(Id)
    township_id: Mapped[str] = mapped_column(Id, ForeignKey("offices.id"))
    #: the touched case of a parameter that reached back; None for an overpayment of its own
    touched_id: Mapped[str | None] = mapped_column(Id, ForeignKey("touched_cases.id"))
    #: the case in which somebody decided
    case_id: Mapped[str] = mapped_column(Id, ForeignKey("cases.id"))
    household_id: Mapped[str] = mapped_column(Id, ForeignKey("households.id"))
    grant_id: Mapped[str] = mapped_column(Id, ForeignKey("grants.id"))
    #: correction, death, unreported, and what other processes name
    cause: Mapped[str]
    #: what the tables proposed, yuan
    proposed: Mapped[Decimal]
    #: what was decided to come back; the proposal until then
    amount: Mapped[Decimal]
    #: what has come back and was checked by a second person
    received: Mapped[Decimal] = mapped_column(default=Decimal(0))
    #: first days of the first and the last month that was paid too much
    first_month: Mapped[date | None]
    last_month: Mapped[date | None]
    months: Mapped[int] = mapped_column(default=0)
    #: [{month, paid, due, difference}], in the order of the months
    detail: Mapped[Any] = mapped_column(Document)
    state: Mapped[RecoveryState] = mapped_column(one_of(RecoveryState))
    outcome: Mapped[RecoveryOutcome | None] = mapped_column(one_of(RecoveryOutcome))
    reason: Mapped[str] = mapped_column(default="")
    decided_on: Mapped[date | None]
    decided_by_id: Mapped[str | None] = mapped_column(Id)
    settled_on: Mapped[date | None]
    #: the case in which it is paid back
    repayment_case_id: Mapped[str | None] = mapped_column(Id, ForeignKey("cases.id"))
    #: the due day of the first instalment that isn't paid in full
    next_due_on: Mapped[date | None]


class Instalment(Base):
    """One part of a plan to pay back; a new plan supersedes what is left of the old one."""

    __tablename__ = "recovery_instalments"
    __table_args__ = (
        Index(None, "recovery_id", "superseded_at", "number"),
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint("received <= amount", name="received_at_most"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    district_id: Mapped[str] = mapped_column(Id)
    recovery_id: Mapped[str] = mapped_column(Id, ForeignKey("recoveries.id"))
    number: Mapped[int]
    amount: Mapped[Decimal]
    received: Mapped[Decimal] = mapped_column(default=Decimal(0))
    due_on: Mapped[date]
    settled_on: Mapped[date | None]
    made_at: Mapped[datetime]
    made_by_id: Mapped[str | None] = mapped_column(Id)
    superseded_at: Mapped[datetime | None]


class ReceiptState(StrEnum):
    """Money that came back counts once a second person has checked it."""

    ENTERED = "entered"
    BOOKED = "booked"
    REFUSED = "refused"


class Receipt(Base):
    """Money that a family paid back: entered by one person, checked and booked by another."""

    __tablename__ = "recovery_receipts"
    __table_args__ = (
        Index(None, "recovery_id", "entered_at"),
        CheckConstraint("amount > 0", name="amount_positive"),
        Index(
            "ix_recovery_receipts_one_entered",
            "recovery_id",
            unique=True,
            sqlite_where=text("state = 'entered'"),
            postgresql_where=text("state = 'entered'"),
        ),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    district_id: Mapped[str] = mapped_column(Id)
    recovery_id: Mapped[str] = mapped_column(Id, ForeignKey("recoveries.id"))
    amount: Mapped[Decimal]
    #: cash, bank, deduction (with the family's written consent only)
    method: Mapped[str]
    received_on: Mapped[date]
    #: the attachments that prove it
    files: Mapped[Any] = mapped_column(Document)
    state: Mapped[ReceiptState] = mapped_column(one_of(ReceiptState))
    entered_at: Mapped[datetime]
    entered_by_id: Mapped[str | None] = mapped_column(Id)
    checked_at: Mapped[datetime | None]
    checked_by_id: Mapped[str | None] = mapped_column(Id)
    #: why it was refused
    reason: Mapped[str] = mapped_column(default="")

"""Money: a ledger of balanced transfers, payments, monthly rolls, bank files, petty-fund months."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, one_of
from models.types import Document, Id, new_id


class LedgerKind(StrEnum):
    """The kinds of ledger accounts; every transfer moves money from one account to another.

    appropriation → budget → committed → payable → paid, and back where something is cancelled or
    fails; budget → petty_fund → petty_committed → paid for what a township pays itself.
    """

    #: where the district's money comes from; the only one that goes below zero
    APPROPRIATION = "appropriation"
    #: the district's money that nobody has approved yet
    BUDGET = "budget"
    #: approved, not yet released
    COMMITTED = "committed"
    #: released, the bank hasn't confirmed yet
    PAYABLE = "payable"
    PAID = "paid"
    #: a township's cash (备用金), not yet promised
    PETTY_FUND = "petty_fund"
    #: promised from a township's cash, not yet handed over
    PETTY_COMMITTED = "petty_committed"


class LedgerAccount(Base):
    """An account of the ledger with its present balance; the database refuses an overdraft."""

    __tablename__ = "ledger_accounts"
    __table_args__ = (
        UniqueConstraint("district_id", "kind", "office_id", "programme"),
        CheckConstraint("balance >= 0 OR kind = 'appropriation'", name="no_overdraft"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    district_id: Mapped[str] = mapped_column(Id)
    kind: Mapped[LedgerKind] = mapped_column(one_of(LedgerKind))
    #: the township of a petty fund, the district otherwise
    office_id: Mapped[str] = mapped_column(Id, ForeignKey("offices.id"))
    #: relief 临时救助, dibao 低保, tekun 特困, price 价格补贴
    programme: Mapped[str]
    balance: Mapped[Decimal] = mapped_column(default=Decimal(0))
    #: the size that a petty fund is filled up to; its low-water mark is a share of it
    ceiling: Mapped[Decimal | None]


class LedgerTransfer(Base):
    """Money that moved from one account to another: balanced by its shape, never changed."""

    __tablename__ = "ledger_transfers"
    __table_args__ = (
        UniqueConstraint("key"),
        Index(None, "from_id", "made_at"),
        Index(None, "to_id", "made_at"),
        Index(None, "case_id"),
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint("from_id <> to_id", name="two_accounts"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    district_id: Mapped[str] = mapped_column(Id)
    from_id: Mapped[str] = mapped_column(Id, ForeignKey("ledger_accounts.id"))
    to_id: Mapped[str] = mapped_column(Id, ForeignKey("ledger_accounts.id"))
    amount: Mapped[Decimal]
    #: why: appropriate, advance, commit, release, pay, cancel, fail, return, correct
    purpose: Mapped[str]
    #: idempotency: the same act makes the same transfer once
    key: Mapped[str]
    case_id: Mapped[str | None] = mapped_column(Id, ForeignKey("cases.id"))
    grant_id: Mapped[str | None] = mapped_column(Id, ForeignKey("relief_grants.id"))
    payment_id: Mapped[str | None] = mapped_column(Id)
    roll_id: Mapped[str | None] = mapped_column(Id)
    made_at: Mapped[datetime]
    made_by_id: Mapped[str | None] = mapped_column(Id)


class BankAccount(Base):
    """Where a person's money goes; number and holder are sealed under the person's data key."""

    __tablename__ = "bank_accounts"
    __table_args__ = (
        Index(None, "person_id", "superseded_at"),
        Index(None, "number_index"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    district_id: Mapped[str] = mapped_column(Id)
    person_id: Mapped[str] = mapped_column(Id, ForeignKey("persons.id"))
    #: bank, number and holder as one sealed JSON document
    account: Mapped[bytes] = mapped_column(LargeBinary)
    #: HMAC of the number: the same card in another case is found
    number_index: Mapped[bytes] = mapped_column(LargeBinary)
    #: the bank has reported it closed
    closed_on: Mapped[date | None]
    recorded_at: Mapped[datetime]
    recorded_by_id: Mapped[str | None] = mapped_column(Id)
    superseded_at: Mapped[datetime | None]


class PaymentMethod(StrEnum):
    """How money or goods reach the family."""

    BANK = "bank"
    CASH = "cash"
    GOODS = "goods"


class PaymentState(StrEnum):
    """Where a payment stands."""

    #: on a roll that isn't released yet, or ordered and waiting for the next bank file
    ORDERED = "ordered"
    #: in a bank file, no answer yet
    SENT = "sent"
    PAID = "paid"
    #: the bank refused it; somebody owns it until it is ordered again or cancelled
    FAILED = "failed"
    CANCELLED = "cancelled"


class Payment(Base):
    """One payment to one family: a stage of relief, or a month of a grant."""

    __tablename__ = "payments"
    __table_args__ = (
        UniqueConstraint("key"),
        Index(None, "case_id"),
        Index(None, "roll_id", "state"),
        Index(None, "stage_id"),
        Index(None, "grant_id", "month"),
        Index(None, "touched_id"),
        Index(
            "ix_payments_waiting",
            "district_id",
            "ordered_at",
            sqlite_where=text("state = 'ordered' AND roll_id IS NULL"),
            postgresql_where=text("state = 'ordered' AND roll_id IS NULL"),
        ),
        Index(
            "ix_payments_failed",
            "district_id",
            "owner_id",
            "failed_at",
            sqlite_where=text("state = 'failed'"),
            postgresql_where=text("state = 'failed'"),
        ),
        CheckConstraint("amount > 0", name="amount_positive"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    district_id: Mapped[str] = mapped_column(Id)
    township_id: Mapped[str] = mapped_column(Id, ForeignKey("offices.id"))
    #: the bank's idempotency key too: what for, such as stage/<id>/1 or grant/<id>/2021-11
    key: Mapped[str]
    programme: Mapped[str]
    case_id: Mapped[str | None] = mapped_column(Id, ForeignKey("cases.id"))
    household_id: Mapped[str] = mapped_column(Id, ForeignKey("households.id"))
    person_id: Mapped[str] = mapped_column(Id, ForeignKey("persons.id"))
    stage_id: Mapped[str | None] = mapped_column(Id, ForeignKey("relief_stages.id"))
    #: the grant whose month it pays; None for stages, arrears and subsidies, which wait for a roll
    grant_id: Mapped[str | None] = mapped_column(Id, ForeignKey("grants.id"))
    #: the touched case whose arrears (补发) these are; `month` is then the one of the decision, and
    #: which months they are of stands in `month_adjustments`, as for arrears of any other decision
    touched_id: Mapped[str | None] = mapped_column(Id)
    roll_id: Mapped[str | None] = mapped_column(Id, ForeignKey("rolls.id"))
    #: first day of the month that a monthly benefit is paid for
    month: Mapped[date | None]
    method: Mapped[PaymentMethod] = mapped_column(one_of(PaymentMethod))
    amount: Mapped[Decimal]
    bank_account_id: Mapped[str | None] = mapped_column(Id, ForeignKey("bank_accounts.id"))
    state: Mapped[PaymentState] = mapped_column(one_of(PaymentState), default=PaymentState.ORDERED)
    #: the household as it was when the payment was made up: members, amounts; no names
    frozen: Mapped[Any] = mapped_column(Document)
    ordered_at: Mapped[datetime]
    ordered_by_id: Mapped[str | None] = mapped_column(Id)
    paid_on: Mapped[date | None]
    #: two handlers, receipt or photo, what was handed over: of cash and goods
    receipt: Mapped[Any] = mapped_column(Document, nullable=True)
    failed_at: Mapped[datetime | None]
    failure: Mapped[str | None]
    owner_id: Mapped[str | None] = mapped_column(Id, ForeignKey("accounts.id"))
    #: the payment that this one repeats after a failure
    repeats_id: Mapped[str | None] = mapped_column(Id)


class RollState(StrEnum):
    """A roll goes through three different hands before money moves."""

    DRAWN = "drawn"
    REVIEWED = "reviewed"
    AUTHORISED = "authorised"
    RELEASED = "released"
    SETTLED = "settled"
    CANCELLED = "cancelled"


class Roll(Base):
    """The payments of a programme for a month (发放清册), frozen as drawn."""

    __tablename__ = "rolls"
    __table_args__ = (
        UniqueConstraint("district_id", "number"),
        Index(
            "ix_rolls_one_open",
            "district_id",
            "programme",
            "month",
            "supplement",
            unique=True,
            sqlite_where=text("state <> 'cancelled'"),
            postgresql_where=text("state <> 'cancelled'"),
        ),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    district_id: Mapped[str] = mapped_column(Id)
    number: Mapped[str]
    #: dibao 低保, tekun 特困, price 价格补贴, relief 临时救助 by bank
    programme: Mapped[str]
    #: first day of the month
    month: Mapped[date]
    #: 0 the month's roll, 1… supplements to it
    supplement: Mapped[int] = mapped_column(default=0)
    state: Mapped[RollState] = mapped_column(one_of(RollState), default=RollState.DRAWN)
    #: what is on it: payments, people in their families, sum
    payments: Mapped[int]
    persons: Mapped[int]
    total: Mapped[Decimal]
    #: SHA-256 over the payments in their order: what was reviewed is what is released
    content_hash: Mapped[str]
    drawn_at: Mapped[datetime]
    drawn_by_id: Mapped[str | None] = mapped_column(Id)
    reviewed_at: Mapped[datetime | None]
    reviewed_by_id: Mapped[str | None] = mapped_column(Id)
    authorised_at: Mapped[datetime | None]
    authorised_by_id: Mapped[str | None] = mapped_column(Id)
    released_at: Mapped[datetime | None]
    released_by_id: Mapped[str | None] = mapped_column(Id)
    settled_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    cancelled_by_id: Mapped[str | None] = mapped_column(Id)
    #: why it was cancelled
    reason: Mapped[str | None]


class HeldPayment(Base):
    """A family that is due and not on the roll, why, and who has to see to it."""

    __tablename__ = "held_payments"
    __table_args__ = (Index(None, "roll_id", "township_id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    district_id: Mapped[str] = mapped_column(Id)
    roll_id: Mapped[str] = mapped_column(Id, ForeignKey("rolls.id"))
    township_id: Mapped[str] = mapped_column(Id, ForeignKey("offices.id"))
    household_id: Mapped[str] = mapped_column(Id, ForeignKey("households.id"))
    case_id: Mapped[str | None] = mapped_column(Id, ForeignKey("cases.id"))
    #: whom the money would go to; None where it was held before that was kept
    person_id: Mapped[str | None] = mapped_column(Id)
    #: the payment that waits, where one was ordered before
    payment_id: Mapped[str | None] = mapped_column(Id, ForeignKey("payments.id"))
    amount: Mapped[Decimal]
    #: died, two_grants, account_missing, account_closed, ended
    reason: Mapped[str]
    owner_id: Mapped[str | None] = mapped_column(Id, ForeignKey("accounts.id"))
    #: when the roll was drawn, or released: a later look at the same families
    held_at: Mapped[datetime]


class BankFile(Base):
    """A file that went to the bank or came from it, by the hash of its bytes."""

    __tablename__ = "bank_files"
    __table_args__ = (
        UniqueConstraint("district_id", "direction", "sha256"),
        Index(None, "roll_id"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    district_id: Mapped[str] = mapped_column(Id)
    roll_id: Mapped[str] = mapped_column(Id, ForeignKey("rolls.id"))
    #: out to the bank, in from it
    direction: Mapped[str]
    sha256: Mapped[str]
    rows: Mapped[int]
    total: Mapped[Decimal]
    #: how many rows of a file from the bank failed, and their sum
    failed: Mapped[int] = mapped_column(default=0)
    failed_total: Mapped[Decimal] = mapped_column(default=Decimal(0))
    at: Mapped[datetime]
    by_id: Mapped[str | None] = mapped_column(Id)


class FundMonth(Base):
    """The closed month of a township's petty fund: book and cash agree, two people signed."""

    __tablename__ = "fund_months"
    __table_args__ = (UniqueConstraint("account_id", "month"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    district_id: Mapped[str] = mapped_column(Id)
    account_id: Mapped[str] = mapped_column(Id, ForeignKey("ledger_accounts.id"))
    month: Mapped[date]
    opening: Mapped[Decimal]
    received: Mapped[Decimal]
    spent: Mapped[Decimal]
    closing: Mapped[Decimal]
    #: cash counted in the drawer
    counted: Mapped[Decimal]
    #: why the count differs from the book, where it does
    explanation: Mapped[str] = mapped_column(default="")
    counted_by_id: Mapped[str | None] = mapped_column(Id)
    checked_by_id: Mapped[str | None] = mapped_column(Id)
    closed_at: Mapped[datetime]

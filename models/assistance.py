"""What the process produces: assessments, publicity, objections, notices, grants, filings."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, one_of
from models.types import Document, Id, new_id


class Assessment(Base):
    """The calculation of a household's income and amount on a day, line by line."""

    __tablename__ = "assessments"
    __table_args__ = (Index(None, "case_id", "made_at"), Index(None, "district_id", "on", "id"))

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    district_id: Mapped[str] = mapped_column(Id)
    case_id: Mapped[str] = mapped_column(Id, ForeignKey("cases.id"))
    household_id: Mapped[str] = mapped_column(Id, ForeignKey("households.id"))
    #: the day whose standards and rules apply
    on: Mapped[date]
    made_at: Mapped[datetime]
    result: Mapped[Any] = mapped_column(Document)
    #: inputs, rows that hit, clauses, parameters with their dates
    explanation: Mapped[Any] = mapped_column(Document)
    #: which decision of the policy this is the result of
    decision: Mapped[str] = mapped_column(
        default="dibao_assessment", server_default="dibao_assessment"
    )


class NearRelativeFiling(Base):
    """The separate record of a near relative among staff (最低生活保障审核确认办法 11)."""

    __tablename__ = "near_relative_filings"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    district_id: Mapped[str] = mapped_column(Id)
    case_id: Mapped[str] = mapped_column(Id, ForeignKey("cases.id"), index=True)
    #: the staff member, where they have an account: they may not decide on the case
    account_id: Mapped[str | None] = mapped_column(Id, ForeignKey("accounts.id"))
    relation: Mapped[str]
    staff_name: Mapped[str]
    staff_post: Mapped[str] = mapped_column(default="")
    filed_at: Mapped[datetime]
    filed_by_id: Mapped[str | None] = mapped_column(Id)


class Publicity(Base):
    """A posting in the village, with exactly the lawful content (57 号 19, 24)."""

    __tablename__ = "publicities"
    __table_args__ = (UniqueConstraint("case_id", "kind", "round"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    district_id: Mapped[str] = mapped_column(Id)
    case_id: Mapped[str] = mapped_column(Id, ForeignKey("cases.id"))
    village_id: Mapped[str | None] = mapped_column(Id, ForeignKey("offices.id"))
    #: proposed: before the decision; confirmed: the announcement after it
    kind: Mapped[str]
    round: Mapped[int]
    posted_on: Mapped[date]
    first_on: Mapped[date]
    last_on: Mapped[date | None]
    content: Mapped[Any] = mapped_column(Document)
    closed_on: Mapped[date | None]


class Objection(Base):
    """An objection against a posting, or a complaint after it."""

    __tablename__ = "objections"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    district_id: Mapped[str] = mapped_column(Id)
    case_id: Mapped[str] = mapped_column(Id, ForeignKey("cases.id"), index=True)
    #: objection within a publicity period; complaint otherwise
    kind: Mapped[str]
    received_on: Mapped[date]
    detail: Mapped[Any] = mapped_column(Document)
    handled_on: Mapped[date | None]
    result: Mapped[Any] = mapped_column(Document, nullable=True)


class Notice(Base):
    """A written notice to the applicant: text, reasons and remedies, issued and served."""

    __tablename__ = "notices"
    __table_args__ = (
        UniqueConstraint("district_id", "number"),
        Index(None, "case_id", "kind"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    district_id: Mapped[str] = mapped_column(Id)
    case_id: Mapped[str] = mapped_column(Id, ForeignKey("cases.id"))
    kind: Mapped[str]
    number: Mapped[str]
    content: Mapped[Any] = mapped_column(Document)
    issued_at: Mapped[datetime]
    issued_by_id: Mapped[str | None] = mapped_column(Id)
    served_on: Mapped[date | None]
    service_method: Mapped[str | None]


class GrantState(StrEnum):
    """Whether a grant pays."""

    ACTIVE = "active"
    ENDED = "ended"


class Grant(Base):
    """A confirmed monthly benefit of a household, or of one person in it.

    What it pays for which months stands in its amounts (`GrantAmount`); `monthly`, `base`, `topup`
    and `assessment_id` repeat the newest one.
    """

    __tablename__ = "grants"
    __table_args__ = (
        Index(None, "district_id", "state", "next_review_on"),
        Index(None, "assessment_id"),
        Index(None, "person_id"),
        UniqueConstraint("case_id"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    district_id: Mapped[str] = mapped_column(Id)
    #: dibao 低保, tekun 特困
    programme: Mapped[str] = mapped_column(default="dibao", server_default="dibao")
    case_id: Mapped[str] = mapped_column(Id, ForeignKey("cases.id"))
    household_id: Mapped[str] = mapped_column(Id, ForeignKey("households.id"), index=True)
    #: whom it is for and paid to, where that is one person; None: the household, paid to its head
    person_id: Mapped[str | None] = mapped_column(Id)
    assessment_id: Mapped[str] = mapped_column(Id, ForeignKey("assessments.id"))
    monthly: Mapped[Decimal]
    base: Mapped[Decimal]
    topup: Mapped[Decimal]
    decided_on: Mapped[date]
    decided_by_id: Mapped[str | None] = mapped_column(Id)
    #: first day of the first paid month
    start_month: Mapped[date]
    next_review_on: Mapped[date]
    state: Mapped[GrantState] = mapped_column(one_of(GrantState), default=GrantState.ACTIVE)
    #: first day of the first month that is no longer paid
    ended_from: Mapped[date | None]


class AmountKind(StrEnum):
    """What an amount of a grant is paid as."""

    REGULAR = "regular"
    #: what is paid on for some months after the family no longer qualifies (渐退)
    GRADUAL_EXIT = "gradual_exit"


class GrantAmount(Base):
    """What a grant pays from one month on; those that count never overlap."""

    __tablename__ = "grant_amounts"
    __table_args__ = (
        Index(
            "ix_grant_amounts_counting",
            "grant_id",
            "from_month",
            unique=True,
            sqlite_where=text("superseded_at IS NULL"),
            postgresql_where=text("superseded_at IS NULL"),
        ),
        Index(None, "grant_id", "superseded_at"),
        Index(None, "assessment_id"),
        CheckConstraint("until_month > from_month", name="some_months"),
        CheckConstraint("monthly >= 0", name="monthly_not_negative"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    district_id: Mapped[str] = mapped_column(Id)
    grant_id: Mapped[str] = mapped_column(Id, ForeignKey("grants.id"))
    #: first day of the first month
    from_month: Mapped[date]
    #: first day of the first month that it no longer pays for; None: until something else counts
    until_month: Mapped[date | None]
    monthly: Mapped[Decimal]
    base: Mapped[Decimal]
    topup: Mapped[Decimal]
    kind: Mapped[AmountKind] = mapped_column(one_of(AmountKind), default=AmountKind.REGULAR)
    assessment_id: Mapped[str | None] = mapped_column(Id, ForeignKey("assessments.id"))
    #: the case in which it was decided
    case_id: Mapped[str] = mapped_column(Id, ForeignKey("cases.id"))
    decided_on: Mapped[date]
    decided_by_id: Mapped[str | None] = mapped_column(Id)
    reason: Mapped[str] = mapped_column(default="")
    recorded_at: Mapped[datetime]
    #: when a later decision took its place; what it had paid by then stays paid
    superseded_at: Mapped[datetime | None]


class MonthAdjustment(Base):
    """A difference for a month of a grant, settled otherwise than by the month's own payment.

    Positive: arrears (补发) that `payment_id` pays. Negative: what `recovery_id` asks back.
    """

    __tablename__ = "month_adjustments"
    __table_args__ = (
        Index(None, "grant_id", "month"),
        Index(None, "payment_id"),
        Index(None, "recovery_id"),
        CheckConstraint("amount <> 0", name="amount_not_zero"),
        CheckConstraint("(payment_id IS NULL) <> (recovery_id IS NULL)", name="one_way"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    district_id: Mapped[str] = mapped_column(Id)
    grant_id: Mapped[str] = mapped_column(Id, ForeignKey("grants.id"))
    #: first day of the month that the difference is of
    month: Mapped[date]
    amount: Mapped[Decimal]
    payment_id: Mapped[str | None] = mapped_column(Id, ForeignKey("payments.id"))
    recovery_id: Mapped[str | None] = mapped_column(Id, ForeignKey("recoveries.id"))
    case_id: Mapped[str] = mapped_column(Id, ForeignKey("cases.id"))
    recorded_at: Mapped[datetime]


class Attachment(Base):
    """A file that belongs to a case or an application; its bytes lie under their SHA-256."""

    __tablename__ = "attachments"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    district_id: Mapped[str] = mapped_column(Id)
    case_id: Mapped[str | None] = mapped_column(Id, ForeignKey("cases.id"), index=True)
    household_id: Mapped[str | None] = mapped_column(Id, ForeignKey("households.id"), index=True)
    sha256: Mapped[str]
    size: Mapped[int]
    media_type: Mapped[str]
    name: Mapped[str]
    uploaded_at: Mapped[datetime]
    uploaded_by_id: Mapped[str] = mapped_column(Id, index=True)

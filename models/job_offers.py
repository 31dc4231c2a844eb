"""Work that was introduced to a member who can work, their answers, and the share that was cut."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.types import Id, new_id


class JobOffer(Base):
    """One introduction of work and its answer (最低生活保障审核确认办法 34)."""

    __tablename__ = "job_offers"
    __table_args__ = (
        Index(None, "household_id", "offered_on"),
        Index(None, "person_id", "offered_on"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    district_id: Mapped[str] = mapped_column(Id)
    household_id: Mapped[str] = mapped_column(Id, ForeignKey("households.id"))
    person_id: Mapped[str] = mapped_column(Id, ForeignKey("persons.id"))
    offered_on: Mapped[date]
    employer: Mapped[str]
    work: Mapped[str] = mapped_column(default="")
    #: whether the work is suitable for the person
    suitable: Mapped[bool]
    accepted: Mapped[bool]
    #: whether the reason for declining is a good one, as judged; None where it was accepted
    good_reason: Mapped[bool | None]
    reason: Mapped[str] = mapped_column(default="")
    recorded_at: Mapped[datetime]
    #: who entered it and judged the reason
    recorded_by_id: Mapped[str | None] = mapped_column(Id)


class ShareCut(Base):
    """A member's own share that is reduced or stopped for three refusals in a row."""

    __tablename__ = "share_cuts"
    __table_args__ = (
        Index(
            "ix_share_cuts_standing",
            "person_id",
            unique=True,
            sqlite_where=text("until_month IS NULL"),
            postgresql_where=text("until_month IS NULL"),
        ),
        Index(None, "grant_id"),
        CheckConstraint("amount > 0", name="amount_positive"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    district_id: Mapped[str] = mapped_column(Id)
    grant_id: Mapped[str] = mapped_column(Id, ForeignKey("grants.id"))
    person_id: Mapped[str] = mapped_column(Id, ForeignKey("persons.id"))
    case_id: Mapped[str] = mapped_column(Id, ForeignKey("cases.id"))
    #: yuan a month that the family gets less
    amount: Mapped[Decimal]
    #: first days of the first month that is paid less, and of the first that is paid in full again
    from_month: Mapped[date]
    until_month: Mapped[date | None]
    decided_on: Mapped[date]
    decided_by_id: Mapped[str | None] = mapped_column(Id)
    ended_on: Mapped[date | None]

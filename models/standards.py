"""Standards that have risen, and what they make of the benefits fixed by those before."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, one_of
from models.types import Document, Id, new_id


class AdjustmentState(StrEnum):
    """How far an adjustment is."""

    COUNTING = "counting"
    #: the list is complete and waits for its approval
    COUNTED = "counted"
    APPROVED = "approved"
    #: every benefit on the list has its new amount
    APPLIED = "applied"
    #: somebody decided, with reasons, that nothing is adjusted
    KEPT = "kept"


class StandardAdjustment(Base):
    """New standards of a programme from a month on, for one district."""

    __tablename__ = "standard_adjustments"
    __table_args__ = (
        UniqueConstraint("district_id", "programme", "month"),
        UniqueConstraint("case_id"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    district_id: Mapped[str] = mapped_column(Id)
    #: the case in which the list is checked and approved
    case_id: Mapped[str | None] = mapped_column(Id, ForeignKey("cases.id"))
    programme: Mapped[str]
    #: the day that the new standards hold from
    holds_from: Mapped[date]
    #: first day of the first month that is paid by them
    month: Mapped[date]
    #: [{key, label, unit, old, new, certainty}], values as text
    standards: Mapped[Any] = mapped_column(Document)
    state: Mapped[AdjustmentState] = mapped_column(one_of(AdjustmentState))
    #: {kind: {"count": 3, "more": "189.00"}}, `more` in yuan a month
    totals: Mapped[Any] = mapped_column(Document)
    #: {township: {"count": 3, "more": "189.00"}} of those that rise
    townships: Mapped[Any] = mapped_column(Document)
    opened_at: Mapped[datetime]
    counted_at: Mapped[datetime | None]
    decided_on: Mapped[date | None]
    decided_by_id: Mapped[str | None] = mapped_column(Id)
    applied_at: Mapped[datetime | None]
    #: benefits that got their new amount, and arrears ordered for months gone by
    applied: Mapped[int] = mapped_column(default=0)
    arrears: Mapped[Decimal] = mapped_column(default=Decimal(0))


class AdjustedKind(StrEnum):
    """What the new standard makes of a benefit."""

    #: more a month
    MORE = "more"
    #: less, or no longer entitled: nothing changes before its own check, which is brought forward
    CHECK = "check"
    #: the calculation can't be run on what was recorded; its check is brought forward, too
    UNCLEAR = "unclear"


class AdjustedState(StrEnum):
    """What became of it."""

    LISTED = "listed"
    APPLIED = "applied"
    #: its check is brought forward
    SENT_TO_CHECK = "sent_to_check"
    #: something else was decided since the list was made
    OUTDATED = "outdated"


class AdjustedGrant(Base):
    """One benefit on the list; sums in yuan a month."""

    __tablename__ = "adjusted_grants"
    __table_args__ = (
        UniqueConstraint("adjustment_id", "grant_id"),
        Index(None, "adjustment_id", "kind", "township_id", "id"),
        Index(None, "adjustment_id", "state", "id"),
        Index(None, "grant_id"),
        CheckConstraint("old_monthly >= 0 AND new_monthly >= 0", name="not_negative"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    district_id: Mapped[str] = mapped_column(Id)
    township_id: Mapped[str] = mapped_column(Id, ForeignKey("offices.id"))
    adjustment_id: Mapped[str] = mapped_column(Id, ForeignKey("standard_adjustments.id"))
    grant_id: Mapped[str] = mapped_column(Id, ForeignKey("grants.id"))
    #: what the benefit paid for the month when it was listed
    amount_id: Mapped[str] = mapped_column(Id, ForeignKey("grant_amounts.id"))
    household_id: Mapped[str] = mapped_column(Id, ForeignKey("households.id"))
    case_id: Mapped[str] = mapped_column(Id, ForeignKey("cases.id"))
    kind: Mapped[AdjustedKind] = mapped_column(one_of(AdjustedKind))
    state: Mapped[AdjustedState] = mapped_column(
        one_of(AdjustedState), default=AdjustedState.LISTED
    )
    old_monthly: Mapped[Decimal]
    new_monthly: Mapped[Decimal]

"""A parameter that reaches back: the change, the cases it touches, and what comes back."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, one_of
from models.types import Document, Id, new_id


class ChangeState(StrEnum):
    """How far the list of a change is."""

    #: decisions under the old values are looked up and calculated again
    LISTING = "listing"
    #: a case is opened for each that has to be decided
    OPENING = "opening"
    DONE = "done"


class RetroactiveChange(Base):
    """A release whose parameters differ on days before its publication, for one district."""

    __tablename__ = "retroactive_changes"
    __table_args__ = (
        UniqueConstraint("district_id", "release_id"),
        Index(None, "district_id", "published_at"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    district_id: Mapped[str] = mapped_column(Id)
    release_id: Mapped[str] = mapped_column(Id, ForeignKey("releases.id"))
    #: the release in force until then
    previous_id: Mapped[str] = mapped_column(Id, ForeignKey("releases.id"))
    published_at: Mapped[datetime]
    published_by_id: Mapped[str | None] = mapped_column(Id)
    note: Mapped[str] = mapped_column(default="")
    #: [{key, label, unit, first, last, old, new, source, certainty}]
    differences: Mapped[Any] = mapped_column(Document)
    #: the days in question; without a last day there is no end
    first_on: Mapped[date]
    last_on: Mapped[date | None]
    state: Mapped[ChangeState] = mapped_column(one_of(ChangeState), default=ChangeState.LISTING)
    #: cases opened, cases that couldn't be opened
    opened: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)
    #: as listed: {kind: {"count": 3, "total": "189.00"}}
    totals: Mapped[Any] = mapped_column(Document)
    finished_at: Mapped[datetime | None]


class TouchedKind(StrEnum):
    """What the new values change for a case."""

    #: more than was paid: 补发
    ARREARS = "arrears"
    #: less than was paid: 追回
    RECOVERY = "recovery"
    #: granted and not eligible any more, or refused and eligible now; no sum is worked out
    ELIGIBILITY = "eligibility"
    #: the rule can't be run on what was recorded; a person has to look
    UNCLEAR = "unclear"
    #: relief that was approved under the old value; `total` is what was approved
    RELIEF = "relief"
    #: a changed value was used and the result is the same
    UNCHANGED = "unchanged"


class TouchedState(StrEnum):
    """What became of a touched case."""

    LISTED = "listed"
    #: a case of its own waits for the decision
    OPEN = "open"
    #: an earlier change has a case open for the same grant; it decides on both
    JOINED = "joined"
    CORRECTED = "corrected"
    #: somebody decided, with reasons, that everything stays as it is
    KEPT = "kept"
    #: its case couldn't be opened; `failure` says why
    FAILED = "failed"


class MoneyState(StrEnum):
    """What became of the sum of a corrected case."""

    ORDERED = "ordered"
    CANCELLED = "cancelled"
    OWED = "owed"
    WAIVED = "waived"


class TouchedCase(Base):
    """A decision under the old values, calculated again; sums are of the months already paid."""

    __tablename__ = "touched_cases"
    __table_args__ = (
        UniqueConstraint("change_id", "assessment_id"),
        UniqueConstraint("change_id", "relief_grant_id"),
        Index(None, "change_id", "kind", "id"),
        Index(None, "change_id", "state", "id"),
        Index(None, "grant_id", "state"),
        Index(None, "correction_case_id"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    district_id: Mapped[str] = mapped_column(Id)
    township_id: Mapped[str] = mapped_column(Id, ForeignKey("offices.id"))
    change_id: Mapped[str] = mapped_column(Id, ForeignKey("retroactive_changes.id"))
    #: the calculation that used the old value, or the approval of relief that rests on one
    assessment_id: Mapped[str | None] = mapped_column(Id, ForeignKey("assessments.id"))
    relief_grant_id: Mapped[str | None] = mapped_column(Id, ForeignKey("relief_grants.id"))
    case_id: Mapped[str] = mapped_column(Id, ForeignKey("cases.id"))
    household_id: Mapped[str] = mapped_column(Id, ForeignKey("households.id"))
    #: None: the application was refused
    grant_id: Mapped[str | None] = mapped_column(Id, ForeignKey("grants.id"))
    kind: Mapped[TouchedKind] = mapped_column(one_of(TouchedKind))
    state: Mapped[TouchedState] = mapped_column(one_of(TouchedState))
    old_monthly: Mapped[Decimal]
    new_monthly: Mapped[Decimal]
    #: first day of the first paid month
    first_month: Mapped[date | None]
    months: Mapped[int] = mapped_column(default=0)
    #: what is to be paid (补发) or to come back (追回), never negative
    total: Mapped[Decimal]
    #: {old, new, parameters, months, rows, releases}: why, month by month
    detail: Mapped[Any] = mapped_column(Document)
    listed_at: Mapped[datetime]
    #: the case in which somebody decides
    correction_case_id: Mapped[str | None] = mapped_column(Id, ForeignKey("cases.id"))
    decided_on: Mapped[date | None]
    decided_by_id: Mapped[str | None] = mapped_column(Id)
    money: Mapped[MoneyState | None] = mapped_column(one_of(MoneyState))
    failure: Mapped[str | None]

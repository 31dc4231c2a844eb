"""临时救助: events, what was granted for them, the stages of a grant, paper debts, conferences."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, one_of
from models.types import Document, Id, new_id


class ReliefEvent(Base):
    """What befell a household: a fire, an illness, a burden it can't bear.

    Everything granted for one event counts together (一次审批、分阶段救助; anti-splitting).
    """

    __tablename__ = "relief_events"
    __table_args__ = (Index(None, "household_id", "occurred_on"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    district_id: Mapped[str] = mapped_column(Id)
    township_id: Mapped[str] = mapped_column(Id, ForeignKey("offices.id"))
    #: the case that opened it; later cases of the same event name it too
    case_id: Mapped[str] = mapped_column(Id, ForeignKey("cases.id"), index=True)
    household_id: Mapped[str] = mapped_column(Id, ForeignKey("households.id"))
    #: which type of relief it was opened for: urgent 急难型, expense 支出型
    kind: Mapped[str]
    #: code of the cause: fire, traffic, accident, illness, disaster, education, …
    cause: Mapped[str]
    occurred_on: Mapped[date]
    #: how many people need help
    persons: Mapped[int]
    opened_at: Mapped[datetime]
    opened_by_id: Mapped[str | None] = mapped_column(Id)


class ReliefSource(StrEnum):
    """Where the money of a grant comes from."""

    PETTY_FUND = "petty_fund"
    BUDGET = "budget"


class ReliefGrant(Base):
    """One approval for an event: a total that its stages never exceed."""

    __tablename__ = "relief_grants"
    __table_args__ = (
        Index(None, "event_id"),
        Index(None, "district_id", "decided_on"),
        CheckConstraint("total > 0", name="total_positive"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    district_id: Mapped[str] = mapped_column(Id)
    event_id: Mapped[str] = mapped_column(Id, ForeignKey("relief_events.id"))
    case_id: Mapped[str] = mapped_column(Id, ForeignKey("cases.id"), index=True)
    #: first_aid 先行救助, ordinary, follow_up 跟进救助, staged 分阶段, increase
    kind: Mapped[str]
    #: who decided: township, district, conference
    level: Mapped[str]
    source: Mapped[ReliefSource] = mapped_column(one_of(ReliefSource))
    total: Mapped[Decimal]
    decided_on: Mapped[date]
    decided_by_id: Mapped[str | None] = mapped_column(Id)


class StageState(StrEnum):
    """What became of a stage; a released stage has a payment."""

    PLANNED = "planned"
    RELEASED = "released"
    CANCELLED = "cancelled"


class ReliefStage(Base):
    """A part of a grant that is released on its day, after a check; a plain grant has one."""

    __tablename__ = "relief_stages"
    __table_args__ = (
        UniqueConstraint("grant_id", "number"),
        Index(
            "ix_relief_stages_planned",
            "district_id",
            "due_on",
            sqlite_where=text("state = 'planned'"),
            postgresql_where=text("state = 'planned'"),
        ),
        CheckConstraint("amount > 0", name="amount_positive"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    district_id: Mapped[str] = mapped_column(Id)
    grant_id: Mapped[str] = mapped_column(Id, ForeignKey("relief_grants.id"))
    number: Mapped[int]
    amount: Mapped[Decimal]
    due_on: Mapped[date]
    #: what the visit has to find before it is released, in words
    condition: Mapped[str] = mapped_column(default="")
    state: Mapped[StageState] = mapped_column(one_of(StageState), default=StageState.PLANNED)
    settled_on: Mapped[date | None]


class PaperDebt(Base):
    """Papers, signatures and an explanation still owed after aid was given first (先行救助)."""

    __tablename__ = "paper_debts"
    __table_args__ = (
        UniqueConstraint("case_id"),
        Index(
            "ix_paper_debts_open",
            "district_id",
            "township_id",
            "opened_on",
            sqlite_where=text("closed_on IS NULL"),
            postgresql_where=text("closed_on IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    district_id: Mapped[str] = mapped_column(Id)
    township_id: Mapped[str] = mapped_column(Id, ForeignKey("offices.id"))
    case_id: Mapped[str] = mapped_column(Id, ForeignKey("cases.id"))
    #: who gave the aid and has to bring the papers
    owner_id: Mapped[str | None] = mapped_column(Id, ForeignKey("accounts.id"))
    #: what is missing, in words
    missing: Mapped[Any] = mapped_column(Document)
    opened_on: Mapped[date]
    #: known once the emergency has eased
    due_on: Mapped[date | None]
    closed_on: Mapped[date | None]


class Conference(Base):
    """A case conference (个案会商、一事一议): grounds, members, decision; minutes are a file."""

    __tablename__ = "conferences"
    __table_args__ = (Index(None, "district_id", "held_on"), Index(None, "case_id"))

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    district_id: Mapped[str] = mapped_column(Id)
    case_id: Mapped[str] = mapped_column(Id, ForeignKey("cases.id"))
    event_id: Mapped[str | None] = mapped_column(Id, ForeignKey("relief_events.id"))
    held_on: Mapped[date]
    #: codes of the grounds that called for it
    grounds: Mapped[Any] = mapped_column(Document)
    #: how many people took part, and which departments they came from
    members: Mapped[Any] = mapped_column(Document)
    #: approve, refuse
    decision: Mapped[str]
    amount: Mapped[Decimal | None]
    #: the amount that the rules alone would have given, for comparison with later exceptions
    by_rule: Mapped[Decimal | None]
    recorded_by_id: Mapped[str | None] = mapped_column(Id)

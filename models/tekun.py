"""Care of people in extreme hardship: what they can do, who looks after them, and the draw."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, one_of
from models.types import Document, Id, new_id


class SelfCareAssessment(Base):
    """One assessment of the six items by two people (43 号 20–22)."""

    __tablename__ = "self_care_assessments"
    __table_args__ = (
        Index(None, "case_id", "recorded_at"),
        Index(None, "person_id", "recorded_at"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    district_id: Mapped[str] = mapped_column(Id)
    case_id: Mapped[str] = mapped_column(Id, ForeignKey("cases.id"))
    person_id: Mapped[str] = mapped_column(Id, ForeignKey("persons.id"))
    assessed_on: Mapped[date]
    #: {eat: true, …}: what the person can do alone
    items: Mapped[Any] = mapped_column(Document)
    #: none, half or full care, as the table of the day gave it
    tier: Mapped[str]
    #: {assessors: [account ids], third_party, third_assessors}
    assessors: Mapped[Any] = mapped_column(Document)
    recorded_at: Mapped[datetime]
    recorded_by_id: Mapped[str | None] = mapped_column(Id)


class Setting(StrEnum):
    """Where somebody is supported, by their own choice."""

    HOME = "home"
    INSTITUTION = "institution"


class CareArrangement(Base):
    """One version of where a person is supported: at home (分散) or in an institution (集中)."""

    __tablename__ = "care_arrangements"
    __table_args__ = (
        Index(
            "ix_care_arrangements_counting",
            "grant_id",
            unique=True,
            sqlite_where=text("superseded_at IS NULL"),
            postgresql_where=text("superseded_at IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    district_id: Mapped[str] = mapped_column(Id)
    grant_id: Mapped[str] = mapped_column(Id, ForeignKey("grants.id"))
    person_id: Mapped[str] = mapped_column(Id, ForeignKey("persons.id"))
    case_id: Mapped[str] = mapped_column(Id, ForeignKey("cases.id"))
    setting: Mapped[Setting] = mapped_column(one_of(Setting))
    institution: Mapped[str] = mapped_column(default="")
    #: person or guardian
    chosen_by: Mapped[str]
    from_on: Mapped[date]
    recorded_at: Mapped[datetime]
    recorded_by_id: Mapped[str | None] = mapped_column(Id)
    superseded_at: Mapped[datetime | None]


class CareContract(Base):
    """A care contract (照料服务协议); carer, duties and pay are sealed for the supported person."""

    __tablename__ = "care_contracts"
    __table_args__ = (
        Index(
            "ix_care_contracts_counting",
            "grant_id",
            unique=True,
            sqlite_where=text("ended_on IS NULL"),
            postgresql_where=text("ended_on IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    district_id: Mapped[str] = mapped_column(Id)
    grant_id: Mapped[str] = mapped_column(Id, ForeignKey("grants.id"))
    person_id: Mapped[str] = mapped_column(Id, ForeignKey("persons.id"))
    case_id: Mapped[str] = mapped_column(Id, ForeignKey("cases.id"))
    #: name, relation, phone, duties and pay (yuan a month) as one sealed JSON document
    terms: Mapped[bytes] = mapped_column(LargeBinary)
    from_on: Mapped[date]
    until_on: Mapped[date]
    signed_on: Mapped[date]
    ended_on: Mapped[date | None]
    end_reason: Mapped[str] = mapped_column(default="")
    recorded_at: Mapped[datetime]
    recorded_by_id: Mapped[str | None] = mapped_column(Id)


class SpotCheckBlock(Base):
    """Cases of one programme among which a fixed number is drawn, by a seed sealed beforehand."""

    __tablename__ = "spot_check_blocks"
    __table_args__ = (UniqueConstraint("district_id", "programme", "number"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    district_id: Mapped[str] = mapped_column(Id)
    programme: Mapped[str]
    number: Mapped[int]
    #: cases in the block, how many of them are drawn, how many have come so far
    size: Mapped[int]
    drawn: Mapped[int]
    filled: Mapped[int]
    #: not told before the block is full; SHA-256 of it stands in the trail of each case
    seed: Mapped[str]
    commitment: Mapped[str]
    opened_at: Mapped[datetime]
    filled_at: Mapped[datetime | None]


class SpotCheckDraw(Base):
    """Whether one case is checked: its position in the block, and what the seed makes of that."""

    __tablename__ = "spot_check_draws"
    __table_args__ = (UniqueConstraint("case_id"), UniqueConstraint("block_id", "position"))

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    district_id: Mapped[str] = mapped_column(Id)
    block_id: Mapped[str] = mapped_column(Id, ForeignKey("spot_check_blocks.id"))
    case_id: Mapped[str] = mapped_column(Id, ForeignKey("cases.id"))
    position: Mapped[int]
    is_drawn: Mapped[bool]
    drawn_at: Mapped[datetime]

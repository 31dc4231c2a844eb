"""Families in motion: what splits, joins or moves households, and lists of other districts."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, one_of
from models.types import Document, Id, new_id


class ChangeKind(StrEnum):
    """What happens to a household."""

    SPLIT = "split"
    MERGE = "merge"
    HEAD = "head"
    CUSTODY = "custody"
    JOIN = "join"
    LEAVE = "leave"
    TOWNSHIP = "township"
    DISTRICT = "district"


class HouseholdChangeState(StrEnum):
    """Whether a change of a household has taken place."""

    PLANNED = "planned"
    DONE = "done"
    DROPPED = "dropped"


class HouseholdChange(Base):
    """One change of one household: who went where, from when, decided in which case."""

    __tablename__ = "household_changes"
    __table_args__ = (
        Index(None, "household_id", "state"),
        Index(None, "other_household_id", "state"),
        Index(
            "uq_household_changes_planned",
            "household_id",
            unique=True,
            sqlite_where=text("state = 'planned'"),
            postgresql_where=text("state = 'planned'"),
        ),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    district_id: Mapped[str] = mapped_column(Id)
    kind: Mapped[ChangeKind] = mapped_column(one_of(ChangeKind))
    state: Mapped[HouseholdChangeState] = mapped_column(one_of(HouseholdChangeState))
    #: None where an application or a correction took in a whole household that was idle
    case_id: Mapped[str | None] = mapped_column(Id, ForeignKey("cases.id"), index=True)
    #: whose change it is
    household_id: Mapped[str] = mapped_column(Id, ForeignKey("households.id"))
    #: the household that people go to, or that comes along
    other_household_id: Mapped[str | None] = mapped_column(Id, ForeignKey("households.id"))
    #: who goes: ids of persons
    people: Mapped[Any] = mapped_column(Document)
    from_township_id: Mapped[str | None] = mapped_column(Id)
    to_township_id: Mapped[str | None] = mapped_column(Id)
    #: when it happened in the family's life
    occurred_on: Mapped[date | None]
    #: first day of the first month whose money it changes
    from_month: Mapped[date | None]
    reason: Mapped[str] = mapped_column(default="")
    recorded_at: Mapped[datetime]
    recorded_by_id: Mapped[str | None] = mapped_column(Id)
    done_at: Mapped[datetime | None]


class ElsewhereList(Base):
    """People who apply or receive in another district, as its platform listed them on a day."""

    __tablename__ = "elsewhere_lists"
    __table_args__ = (Index(None, "district_id", "source", "superseded_at"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    district_id: Mapped[str] = mapped_column(Id)
    #: the district that the list is from
    source: Mapped[str]
    listed_on: Mapped[date]
    rows: Mapped[int]
    #: of the file as uploaded; the file itself isn't kept
    sha256: Mapped[str]
    uploaded_at: Mapped[datetime]
    uploaded_by_id: Mapped[str | None] = mapped_column(Id)
    superseded_at: Mapped[datetime | None]


class ElsewherePerson(Base):
    """One person of such a list: never a name or a number, only what finds them again."""

    __tablename__ = "elsewhere_people"
    __table_args__ = (UniqueConstraint("list_id", "id_number_index", "programme"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    list_id: Mapped[str] = mapped_column(Id, ForeignKey("elsewhere_lists.id"))
    #: HMAC of the normalised id-card number
    id_number_index: Mapped[bytes] = mapped_column(LargeBinary, index=True)
    programme: Mapped[str]
    #: applied or receiving
    standing: Mapped[str]


class DuplicateFinding(Base):
    """What somebody found out about a hit of the search for duplicates, before acceptance."""

    __tablename__ = "duplicate_findings"
    __table_args__ = (UniqueConstraint("case_id", "person_id", "source", "source_id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    district_id: Mapped[str] = mapped_column(Id)
    case_id: Mapped[str] = mapped_column(Id, ForeignKey("cases.id"))
    person_id: Mapped[str] = mapped_column(Id, ForeignKey("persons.id"))
    #: case, grant or elsewhere
    source: Mapped[str]
    source_id: Mapped[str] = mapped_column(Id)
    #: not_the_same, ended_there or stays_there
    result: Mapped[str]
    note: Mapped[str]
    recorded_at: Mapped[datetime]
    recorded_by_id: Mapped[str | None] = mapped_column(Id)

"""Deaths of persons: from the register's lists or reported, with who, when and from where."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, one_of
from models.types import Id, new_id

_PRESENT = text("undone_at IS NULL")


class DeathSource(StrEnum):
    """Where a death is known from."""

    #: a list of the register of deaths
    REGISTER = "register"
    #: told by the family, the village or anybody else
    REPORTED = "reported"


class DeathRecord(Base):
    """That somebody has died; undone, and kept, where it was wrong. One stands at a time."""

    __tablename__ = "death_records"
    __table_args__ = (
        Index(
            "ix_death_records_standing",
            "person_id",
            unique=True,
            sqlite_where=_PRESENT,
            postgresql_where=_PRESENT,
        ),
        Index(None, "list_id"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    district_id: Mapped[str] = mapped_column(Id)
    person_id: Mapped[str] = mapped_column(Id, ForeignKey("persons.id"))
    died_on: Mapped[date]
    source: Mapped[DeathSource] = mapped_column(one_of(DeathSource))
    list_id: Mapped[str | None] = mapped_column(Id, ForeignKey("death_lists.id"))
    note: Mapped[str] = mapped_column(default="")
    recorded_at: Mapped[datetime]
    recorded_by_id: Mapped[str | None] = mapped_column(Id)
    undone_at: Mapped[datetime | None]
    undone_by_id: Mapped[str | None] = mapped_column(Id)
    undone_reason: Mapped[str] = mapped_column(default="")


class DeathListState(StrEnum):
    """How far a list of the register is; nothing happens before somebody has taken it over."""

    PREVIEWED = "previewed"
    TAKING = "taking"
    DONE = "done"
    DROPPED = "dropped"


class DeathList(Base):
    """A list of deaths as it came from the register; its people are kept by blind index only."""

    __tablename__ = "death_lists"
    __table_args__ = (
        Index(None, "district_id", "uploaded_at"),
        UniqueConstraint("district_id", "sha256"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    district_id: Mapped[str] = mapped_column(Id)
    #: whose list, and of when: 区公安局 2022年11月
    source: Mapped[str]
    sha256: Mapped[str]
    state: Mapped[DeathListState] = mapped_column(one_of(DeathListState))
    rows: Mapped[int]
    uploaded_at: Mapped[datetime]
    uploaded_by_id: Mapped[str | None] = mapped_column(Id)
    taken_at: Mapped[datetime | None]
    taken_by_id: Mapped[str | None] = mapped_column(Id)
    finished_at: Mapped[datetime | None]


class DeathRowState(StrEnum):
    """What a row of a list comes to."""

    #: nobody of the district's households has this number
    UNKNOWN = "unknown"
    #: known, and would be recorded
    FOUND = "found"
    #: recorded already with the same day
    ALREADY = "already"
    #: recorded already with another day; a person has to look
    DIFFERS = "differs"
    RECORDED = "recorded"
    FAILED = "failed"


class DeathRow(Base):
    """One row of a list; `line` counts from 1, the first line being the heading."""

    __tablename__ = "death_rows"
    __table_args__ = (
        UniqueConstraint("list_id", "line"),
        Index(None, "list_id", "state", "line"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    list_id: Mapped[str] = mapped_column(Id, ForeignKey("death_lists.id"))
    line: Mapped[int]
    id_number_index: Mapped[bytes] = mapped_column(LargeBinary)
    died_on: Mapped[date]
    person_id: Mapped[str | None] = mapped_column(Id, ForeignKey("persons.id"))
    #: a benefit is paid to a household of theirs: a case is opened
    on_benefit: Mapped[bool] = mapped_column(default=False)
    state: Mapped[DeathRowState] = mapped_column(one_of(DeathRowState))
    case_id: Mapped[str | None] = mapped_column(Id, ForeignKey("cases.id"))
    failure: Mapped[str | None]

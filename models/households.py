"""People and households: identity sealed, facts kept as versions and never overwritten."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, one_of
from models.types import Id, new_id


class Area(StrEnum):
    """Which standard a household is measured by."""

    RURAL = "rural"
    URBAN = "urban"


class Person(Base):
    """Somebody a case is about. Name, id-card number and telephone are sealed under `data_key`."""

    __tablename__ = "persons"
    __table_args__ = (UniqueConstraint("district_id", "id_number_index"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    district_id: Mapped[str] = mapped_column(Id)
    #: the person's data key, wrapped by the master key; None once erased
    data_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    #: HMAC of the normalised id-card number, for search and uniqueness
    id_number_index: Mapped[bytes] = mapped_column(LargeBinary)
    name_index: Mapped[bytes] = mapped_column(LargeBinary, index=True)
    #: name, id-card number and telephone as one sealed JSON document
    identity: Mapped[bytes] = mapped_column(LargeBinary)
    #: from the register or reported; nothing is paid to the dead
    died_on: Mapped[date | None]
    created_at: Mapped[datetime]


class Household(Base):
    """People who live together and apply as one."""

    __tablename__ = "households"
    __table_args__ = (Index(None, "district_id", "township_id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    district_id: Mapped[str] = mapped_column(Id)
    township_id: Mapped[str] = mapped_column(Id, ForeignKey("offices.id"))
    village_id: Mapped[str] = mapped_column(Id, ForeignKey("offices.id"))
    area: Mapped[Area] = mapped_column(one_of(Area))
    head_person_id: Mapped[str] = mapped_column(Id, ForeignKey("persons.id"))
    created_at: Mapped[datetime]
    #: the first day on which nobody is a member any more; what it was stays readable
    closed_on: Mapped[date | None]
    #: why: merged, moved_away, emptied
    closed_reason: Mapped[str | None]

    members: Mapped[list[HouseholdMember]] = relationship(back_populates="household")


class HouseholdMember(Base):
    """One version of a person's membership and of the facts that rules look at."""

    __tablename__ = "household_members"
    __table_args__ = (
        Index(None, "household_id", "superseded_at"),
        Index(None, "person_id", "superseded_at"),
        # a person is a present member of one household at most (最低生活保障审核确认办法 4, 7)
        Index(
            "uq_household_members_present",
            "person_id",
            unique=True,
            sqlite_where=text("superseded_at IS NULL"),
            postgresql_where=text("superseded_at IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    household_id: Mapped[str] = mapped_column(Id, ForeignKey("households.id"))
    person_id: Mapped[str] = mapped_column(Id, ForeignKey("persons.id"))
    relation: Mapped[str]
    #: birth date, schooling, disability, illness, work: one JSON document sealed for the person
    facts: Mapped[bytes] = mapped_column(LargeBinary)
    recorded_at: Mapped[datetime]
    recorded_by_id: Mapped[str | None] = mapped_column(Id)
    superseded_at: Mapped[datetime | None]

    household: Mapped[Household] = relationship(back_populates="members")


class IncomeItem(Base):
    """One version of one income of one member, yuan per month (最低生活保障审核确认办法 13)."""

    __tablename__ = "income_items"
    __table_args__ = (Index(None, "household_id", "superseded_at"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    household_id: Mapped[str] = mapped_column(Id, ForeignKey("households.id"))
    #: whose income; None: the household's together
    person_id: Mapped[str | None] = mapped_column(Id, ForeignKey("persons.id"))
    kind: Mapped[str]
    basis: Mapped[str]
    monthly: Mapped[Decimal]
    label: Mapped[str] = mapped_column(default="")
    recorded_at: Mapped[datetime]
    recorded_by_id: Mapped[str | None] = mapped_column(Id)
    superseded_at: Mapped[datetime | None]


class PropertyItem(Base):
    """One version of one piece of property, value in yuan (最低生活保障审核确认办法 14)."""

    __tablename__ = "property_items"
    __table_args__ = (Index(None, "household_id", "superseded_at"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    household_id: Mapped[str] = mapped_column(Id, ForeignKey("households.id"))
    person_id: Mapped[str | None] = mapped_column(Id, ForeignKey("persons.id"))
    kind: Mapped[str]
    value: Mapped[Decimal | None]
    label: Mapped[str] = mapped_column(default="")
    recorded_at: Mapped[datetime]
    recorded_by_id: Mapped[str | None] = mapped_column(Id)
    superseded_at: Mapped[datetime | None]


class PropertyFinding(Base):
    """One version of the judgement whether the property is within the limits, with its reason."""

    __tablename__ = "property_findings"
    __table_args__ = (Index(None, "household_id", "superseded_at"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    household_id: Mapped[str] = mapped_column(Id, ForeignKey("households.id"))
    within_limits: Mapped[bool]
    unstable_income: Mapped[bool]
    reason: Mapped[str] = mapped_column(default="")
    recorded_at: Mapped[datetime]
    recorded_by_id: Mapped[str | None] = mapped_column(Id)
    superseded_at: Mapped[datetime | None]

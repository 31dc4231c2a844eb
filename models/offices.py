"""The tree of offices: district, township (or street), village (or community)."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, one_of
from models.types import Id, new_id


class OfficeLevel(StrEnum):
    """Where an office stands in the tree."""

    DISTRICT = "district"
    TOWNSHIP = "township"
    VILLAGE = "village"


class Office(Base):
    """An office that acts on cases; a district is the root of its tree."""

    __tablename__ = "offices"
    __table_args__ = (Index(None, "district_id", "parent_id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    #: the root of the tree; a district names itself
    district_id: Mapped[str] = mapped_column(Id)
    parent_id: Mapped[str | None] = mapped_column(Id, ForeignKey("offices.id"))
    level: Mapped[OfficeLevel] = mapped_column(one_of(OfficeLevel))
    #: the statistical area code
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    #: the authority's full name, with which its notices are signed; None: its name
    signature: Mapped[str | None]
    #: people registered there (户籍人口), as last told; the size of a petty fund follows from it
    residents: Mapped[int | None]
    active: Mapped[bool] = mapped_column(default=True)

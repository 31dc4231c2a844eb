"""Edge households (低保边缘家庭): recognised on a day, for some months, ended with a reason."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.types import Id, new_id


class EdgeRecord(Base):
    """That a household was recognised as one on the edge of 低保, on what figures, until when."""

    __tablename__ = "edge_records"
    __table_args__ = (
        Index(
            "ix_edge_records_open",
            "household_id",
            unique=True,
            sqlite_where=text("ended_on IS NULL"),
            postgresql_where=text("ended_on IS NULL"),
        ),
        Index(None, "household_id", "decided_on"),
        Index(None, "district_id", "valid_until", "id"),
        Index(None, "township_id", "valid_until", "id"),
        Index(None, "case_id"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    district_id: Mapped[str] = mapped_column(Id)
    township_id: Mapped[str] = mapped_column(Id, ForeignKey("offices.id"))
    household_id: Mapped[str] = mapped_column(Id, ForeignKey("households.id"))
    case_id: Mapped[str] = mapped_column(Id, ForeignKey("cases.id"))
    assessment_id: Mapped[str] = mapped_column(Id, ForeignKey("assessments.id"))
    per_capita: Mapped[Decimal]
    edge_line: Mapped[Decimal]
    decided_on: Mapped[date]
    #: the last day on which it counts
    valid_until: Mapped[date]
    recorded_at: Mapped[datetime]
    recorded_by_id: Mapped[str | None] = mapped_column(Id)
    #: the first day on which it no longer counts, where it ended before its time
    ended_on: Mapped[date | None]
    ended_reason: Mapped[str] = mapped_column(default="")
    ended_by_id: Mapped[str | None] = mapped_column(Id)

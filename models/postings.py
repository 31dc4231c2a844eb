"""Postings in public: prepared sheets with their code, and the lists of families on the roll."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, validates

from models.base import Base
from models.types import Document, Id, new_id

#: The field that stands with the household and is never kept with a posting.
NAME = "name"


def public_content(fields: Any, content: Any) -> dict[str, Any]:
    """The content, where each of its fields is among the lawful ones and is one plain value.

    Raises:
        ValueError: for any other field, and for a value that could hide several.
    """
    unlawful = sorted(set(content) - (set(fields) - {NAME}))
    if unlawful:
        raise ValueError(f"fields that mustn't be published: {unlawful}")
    if not all(value is None or isinstance(value, str | int | bool) for value in content.values()):
        raise ValueError("a published field is one plain value")
    return dict(content)


class PostingSheet(Base):
    """What a posting will show, prepared to be printed: exactly the fields that the table allows.

    The applicant's name is printed from the household and isn't kept here.
    """

    __tablename__ = "posting_sheets"
    __table_args__ = (UniqueConstraint("case_id", "kind", "round"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    district_id: Mapped[str] = mapped_column(Id)
    case_id: Mapped[str] = mapped_column(Id, ForeignKey("cases.id"))
    village_id: Mapped[str | None] = mapped_column(Id, ForeignKey("offices.id"))
    #: the kind that the table of contents knows, such as dibao_opinion
    kind: Mapped[str]
    round: Mapped[int]
    #: how many days it hangs; the day of posting isn't counted
    days: Mapped[int]
    #: the lawful fields of the day it was prepared
    fields: Mapped[Any] = mapped_column(Document)
    #: whether given names are hidden
    masked: Mapped[bool]
    content: Mapped[Any] = mapped_column(Document)
    #: leads to the public page where anybody objects; not guessable
    code: Mapped[str] = mapped_column(unique=True)
    prepared_at: Mapped[datetime]

    @validates("content")
    def _only_lawful(self, _key: str, content: Any) -> Any:
        return public_content(self.fields, content)


class RollList(Base):
    """The families on a village's roll as of a day (长期公示), as posted; no names are kept."""

    __tablename__ = "roll_lists"
    __table_args__ = (
        UniqueConstraint("village_id", "month"),
        Index(None, "district_id", "township_id", "month"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    district_id: Mapped[str] = mapped_column(Id)
    township_id: Mapped[str] = mapped_column(Id, ForeignKey("offices.id"))
    village_id: Mapped[str] = mapped_column(Id, ForeignKey("offices.id"))
    #: first day of the month that it is the list of
    month: Mapped[date]
    as_of: Mapped[date]
    fields: Mapped[Any] = mapped_column(Document)
    masked: Mapped[bool]
    #: by grant: {household, members, monthly}; what a family that has left isn't on
    rows: Mapped[Any] = mapped_column(Document)
    #: since the list before: {added: [grant], left: [grant], changed: [grant]}
    changes: Mapped[Any] = mapped_column(Document)
    made_at: Mapped[datetime]
    made_by_id: Mapped[str | None] = mapped_column(Id)
    posted_on: Mapped[date | None]
    place: Mapped[str] = mapped_column(default="")
    #: ids of attachments
    photos: Mapped[Any] = mapped_column(Document, nullable=True)
    down_on: Mapped[date | None]

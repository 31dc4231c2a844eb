"""What people do against a decision or an office: reviews, lawsuits, petitions, complaints."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, one_of
from models.types import Id, new_id


class RemedyKind(StrEnum):
    """Which way somebody took."""

    REVIEW = "review"
    LAWSUIT = "lawsuit"
    PETITION = "petition"
    COMPLAINT = "complaint"


class RemedyResult(StrEnum):
    """What became of it: of a decision for the first six, of a complaint for the last three."""

    KEPT = "kept"
    CHANGED = "changed"
    REVOKED = "revoked"
    ANEW = "anew"
    WITHDRAWN = "withdrawn"
    SETTLED = "settled"
    NOT_ACCEPTED = "not_accepted"
    FOUNDED = "founded"
    PARTLY = "partly"
    UNFOUNDED = "unfounded"
    UNCHECKED = "unchecked"


class Execution(StrEnum):
    """Whether the decision is carried out meanwhile (as a rule it is)."""

    CONTINUES = "continues"
    STOPPED = "stopped"


class Remedy(Base):
    """One review, lawsuit, petition or complaint, with the case that it is handled in."""

    __tablename__ = "remedies"
    __table_args__ = (
        UniqueConstraint("case_id"),
        Index(None, "district_id", "filed_on", "id"),
        Index(None, "district_id", "kind", "filed_on", "id"),
        Index(None, "against_case_id"),
        Index(None, "household_id"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    district_id: Mapped[str] = mapped_column(Id)
    township_id: Mapped[str] = mapped_column(Id, ForeignKey("offices.id"))
    kind: Mapped[RemedyKind] = mapped_column(one_of(RemedyKind))
    case_id: Mapped[str] = mapped_column(Id, ForeignKey("cases.id"))
    #: the case of the decision, and its notice, where it is against one
    against_case_id: Mapped[str | None] = mapped_column(Id, ForeignKey("cases.id"))
    notice_id: Mapped[str | None] = mapped_column(Id, ForeignKey("notices.id"))
    #: whom it is about; a complaint's own case has no household
    household_id: Mapped[str | None] = mapped_column(Id, ForeignKey("households.id"))
    #: who filed it; sealed like everybody's identity
    party_id: Mapped[str | None] = mapped_column(Id, ForeignKey("persons.id"))
    named: Mapped[bool] = mapped_column(default=True)
    filed_on: Mapped[date]
    learnt_on: Mapped[date | None]
    #: the last day on which it could be filed; a late one is registered all the same
    last_on: Mapped[date | None]
    late: Mapped[bool] = mapped_column(default=False)
    #: the review body or court, and its number of the matter
    body: Mapped[str | None]
    file_number: Mapped[str | None]
    execution: Mapped[Execution] = mapped_column(one_of(Execution), default=Execution.CONTINUES)
    result: Mapped[RemedyResult | None] = mapped_column(one_of(RemedyResult))
    decided_on: Mapped[date | None]
    #: what follows from the result, by the table `remedy_effect`
    measure: Mapped[str | None]
    closed_on: Mapped[date | None]
    #: somebody has to be told the result: every named complaint
    answered_on: Mapped[date | None]


class Recusal(Base):
    """Somebody of the staff who may neither see nor handle a case: it is about them."""

    __tablename__ = "recusals"
    __table_args__ = (UniqueConstraint("case_id", "account_id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    district_id: Mapped[str] = mapped_column(Id)
    case_id: Mapped[str] = mapped_column(Id, ForeignKey("cases.id"))
    account_id: Mapped[str] = mapped_column(Id, ForeignKey("accounts.id"))
    reason: Mapped[str]

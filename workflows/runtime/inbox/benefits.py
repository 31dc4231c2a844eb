"""What a household's benefits paid from which month, why, and by which case."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import and_, select
from sqlalchemy.orm import Session, aliased

from models.assistance import Grant, GrantAmount
from models.cases import Case
from workflows.calendar import months_later


@dataclass(frozen=True, slots=True)
class AmountLine:
    """What a grant pays from its first month to its last; `until` is None while it goes on."""

    first: date
    until: date | None
    amount: GrantAmount
    case_id: str
    number: str


@dataclass(frozen=True, slots=True)
class BenefitHistory:
    """A grant with its amounts in the order of their months, and the case that ended it."""

    grant: Grant
    lines: list[AmountLine] = field(default_factory=list)
    end_number: str | None = None


def benefit_histories(session: Session, household_id: str | None) -> list[BenefitHistory]:
    """The household's grants with the amounts that count, the newest grant first. One SELECT.

    A grant has an amount for each decision about it, so there are few.
    """
    if household_id is None:
        return []
    decided, ended = aliased(Case), aliased(Case)
    rows = session.execute(
        select(Grant, GrantAmount, decided.number, ended.number)
        .outerjoin(
            GrantAmount,
            and_(GrantAmount.grant_id == Grant.id, GrantAmount.superseded_at.is_(None)),
        )
        .outerjoin(decided, decided.id == GrantAmount.case_id)
        .outerjoin(ended, ended.id == Grant.ended_case_id)
        .where(Grant.household_id == household_id)
        .order_by(Grant.id.desc(), GrantAmount.from_month)
    )
    found: dict[str, BenefitHistory] = {}
    for grant, amount, number, end_number in rows:
        history = found.setdefault(grant.id, BenefitHistory(grant, end_number=end_number))
        if amount is not None:
            history.lines.append(_line(amount, number))
    return list(found.values())


def _line(amount: GrantAmount, number: str) -> AmountLine:
    until = None if amount.until_month is None else months_later(amount.until_month, -1)
    return AmountLine(amount.from_month, until, amount, amount.case_id, number)

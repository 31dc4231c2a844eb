"""The amounts of a grant that count, and the lock that everything changing them takes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.assistance import AmountKind, Grant, GrantAmount
from models.money import Payment, PaymentState, Roll
from models.types import new_id


def first_amount(grant: Grant, now: datetime) -> GrantAmount:
    """What a new grant pays from its first month on, as decided in its own case."""
    return GrantAmount(
        id=new_id(),
        district_id=grant.district_id,
        grant_id=grant.id,
        from_month=grant.start_month,
        monthly=grant.monthly,
        base=grant.base,
        topup=grant.topup,
        kind=AmountKind.REGULAR,
        assessment_id=grant.assessment_id,
        case_id=grant.case_id,
        decided_on=grant.decided_on,
        decided_by_id=grant.decided_by_id,
        recorded_at=now,
    )


def lock_grant(session: Session, grant: Grant) -> None:
    """Nobody else changes the grant, and no roll with its payments goes out, until the end."""
    session.execute(select(Grant.id).where(Grant.id == grant.id).with_for_update())
    session.refresh(grant)
    rolls = select(Payment.roll_id).where(
        Payment.grant_id == grant.id, Payment.state == PaymentState.ORDERED
    )
    session.execute(select(Roll.id).where(Roll.id.in_(rolls)).order_by(Roll.id).with_for_update())


def counting_amounts(session: Session, grant_id: str) -> list[GrantAmount]:
    """The amounts that count, in the order of their months."""
    return list(
        session.scalars(
            select(GrantAmount)
            .where(GrantAmount.grant_id == grant_id, GrantAmount.superseded_at.is_(None))
            .order_by(GrantAmount.from_month)
            .execution_options(populate_existing=True)
        )
    )


def amount_of_month(amounts: Iterable[GrantAmount], month: date) -> GrantAmount | None:
    """The amount that pays for a month (its first day); None where none does."""
    for amount in amounts:
        if amount.from_month <= month and (
            amount.until_month is None or month < amount.until_month
        ):
            return amount
    return None

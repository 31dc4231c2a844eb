"""Arrears (补发): what is still owed for months gone by, ordered as one payment."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.assistance import Grant, MonthAdjustment
from models.households import Household, HouseholdMember
from models.money import Payment, PaymentMethod, PaymentState
from models.types import new_id
from workflows.assistance.context import OperationContext
from workflows.assistance.grants.amounts import lock_grant
from workflows.assistance.grants.months import MonthLine, month_lines
from workflows.assistance.money.payments import note_payment
from workflows.audit import TrailAction

_NOTHING = Decimal(0)


def order_arrears(context: OperationContext, grant: Grant) -> Payment | None:
    """Order what is owed for months gone by and wasn't paid; None where nothing is.

    The next roll of the programme takes the payment along. The present month is among them only
    where another amount has been sent for it already. A month whose payment is on a roll that
    hasn't gone out, or has failed, isn't: with another amount it is withheld and drawn anew.
    """
    lock_grant(context.session, grant)
    this_month = context.today.replace(day=1)
    owed = {
        line.month: line.difference
        for line in month_lines(context.session, grant, this_month)
        if _counts(line, this_month)
    }
    if not owed:
        return None
    return pay_arrears(context, grant, owed, key=f"arrears/{new_id()}/1")


def pay_arrears(
    context: OperationContext,
    grant: Grant,
    owed: Mapping[date, Decimal],
    *,
    key: str,
    touched_id: str | None = None,
) -> Payment:
    """Order these sums, in yuan by the first day of their months, as one payment of this month."""
    session = context.session
    household = session.get_one(Household, grant.household_id)
    total = sum(owed.values(), _NOTHING)
    payment = Payment(
        id=new_id(),
        district_id=grant.district_id,
        township_id=household.township_id,
        key=key,
        programme=grant.programme,
        case_id=context.case.id,
        household_id=household.id,
        person_id=grant.person_id or household.head_person_id,
        touched_id=touched_id,
        month=context.today.replace(day=1),
        method=PaymentMethod.BANK,
        amount=total,
        state=PaymentState.ORDERED,
        frozen={
            "members": _members(session, grant),
            "arrears": f"{total:.2f}",
            "months": [f"{month:%Y-%m}" for month in sorted(owed)],
            "grant": grant.id,
        },
        ordered_at=context.now,
        ordered_by_id=context.actor.account_id,
    )
    session.add(payment)
    session.flush()  # the months refer to it
    for month in sorted(owed):
        if owed[month] != 0:
            keep_adjustment(context, grant, month, owed[month], payment_id=payment.id)
    note_payment(
        session, payment, TrailAction.PAYMENT_ORDERED, actor=context.actor, now=context.now
    )
    return payment


def keep_adjustment(
    context: OperationContext,
    grant: Grant,
    month: date,
    amount: Decimal,
    *,
    payment_id: str | None = None,
    recovery_id: str | None = None,
) -> None:
    """Keep a difference for a month: arrears with their payment, or what a recovery asks back.

    `amount` is in yuan, negative where it is asked back.
    """
    context.session.add(
        MonthAdjustment(
            id=new_id(),
            district_id=grant.district_id,
            grant_id=grant.id,
            month=month,
            amount=amount,
            payment_id=payment_id,
            recovery_id=recovery_id,
            case_id=context.case.id,
            recorded_at=context.now,
        )
    )


def _counts(line: MonthLine, this_month: date) -> bool:
    if line.difference <= 0 or line.state in (PaymentState.ORDERED, PaymentState.FAILED):
        return False
    return line.month < this_month or line.state is not None


def _members(session: Session, grant: Grant) -> int:
    if grant.person_id is not None:
        return 1
    found = session.scalar(
        select(func.count())
        .select_from(HouseholdMember)
        .where(
            HouseholdMember.household_id == grant.household_id,
            HouseholdMember.superseded_at.is_(None),
        )
    )
    return found or 0

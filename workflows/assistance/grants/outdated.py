"""Payments of a grant that failed or wait, for months that it pays another amount for by now."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import and_, or_, select

from models.assistance import Grant
from models.money import Payment, PaymentState
from workflows.assistance.context import OperationContext
from workflows.assistance.grants.amounts import amount_of_month, counting_amounts
from workflows.assistance.grants.months import adjustments_by_month
from workflows.assistance.money.payments import note_payment
from workflows.audit import TrailAction

_NOTHING = Decimal(0)


def cancel_outdated(context: OperationContext, grant: Grant) -> None:
    """Cancel them: what is owed for their months is then ordered as arrears, or drawn anew."""
    session = context.session
    waiting = session.scalars(
        select(Payment)
        .where(
            Payment.grant_id == grant.id,
            or_(
                Payment.state == PaymentState.FAILED,
                and_(Payment.state == PaymentState.ORDERED, Payment.roll_id.is_(None)),
            ),
        )
        .order_by(Payment.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    if not waiting:
        return
    amounts = counting_amounts(session, grant.id)
    adjusted = adjustments_by_month(session, grant.id)
    for payment in waiting:
        assert payment.month is not None  # a month of a grant
        ended = grant.ended_from is not None and payment.month >= grant.ended_from
        amount = None if ended else amount_of_month(amounts, payment.month)
        owed = _NOTHING if amount is None else amount.monthly
        if payment.amount == owed - adjusted.get(payment.month, _NOTHING):
            continue
        payment.state = PaymentState.CANCELLED
        note_payment(
            session, payment, TrailAction.PAYMENT_CANCELLED, actor=context.actor, now=context.now,
            decided_in=context.case.number,
        )  # fmt: skip
    session.flush()

"""A grant month by month: what is owed, what was paid, what was settled otherwise."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.assistance import AmountKind, Grant, GrantAmount, MonthAdjustment
from models.money import Payment, PaymentState
from models.retroactive import Recovery
from workflows.assistance.grants.amounts import amount_of_month, counting_amounts
from workflows.assistance.money.due import adjustment_counts
from workflows.calendar import months_later

_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class MonthLine:
    """One month of a grant; sums in yuan, the month by its first day."""

    month: date
    #: what the decisions that count give for the month; 0 where none does
    owed: Decimal
    kind: AmountKind | None
    #: what was decided for the month; None where nothing pays
    amount: GrantAmount | None
    #: received through the bank
    paid: Decimal
    paid_on: date | None
    #: on a roll, with the bank, or failed and to be repeated
    underway: Decimal
    #: the month's payment that counts: state, None where there is none
    state: PaymentState | None
    #: arrears (positive) and what was asked back (negative)
    adjusted: Decimal

    @property
    def difference(self) -> Decimal:
        """What is still to be paid (positive) or was paid too much (negative)."""
        return self.owed - self.paid - self.underway - self.adjusted


def month_lines(session: Session, grant: Grant, until: date) -> list[MonthLine]:
    """Every month of a grant from its first one up to the month of `until`. Three SELECTs.

    Months with payments before the first one that counts are there too.
    """
    amounts = counting_amounts(session, grant.id)
    payments = _payments(session, grant)
    adjusted = adjustments_by_month(session, grant.id)
    last = until.replace(day=1)
    month = min([grant.start_month, *payments, *adjusted])
    lines = []
    while month <= last:
        ended = grant.ended_from is not None and month >= grant.ended_from
        amount = None if ended else amount_of_month(amounts, month)
        payment = payments.get(month)
        received = payment is not None and payment.state is PaymentState.PAID
        of_month = _NOTHING if payment is None else payment.amount
        lines.append(
            MonthLine(
                month=month,
                owed=_NOTHING if amount is None else amount.monthly,
                kind=None if amount is None else amount.kind,
                amount=amount,
                paid=of_month if received else _NOTHING,
                paid_on=payment.paid_on if payment is not None and received else None,
                underway=_NOTHING if received else of_month,
                state=None if payment is None else payment.state,
                adjusted=adjusted.get(month, _NOTHING),
            )
        )
        month = months_later(month, 1)
    return lines


def adjustments_by_month(session: Session, grant_id: str) -> dict[date, Decimal]:
    """Arrears that were ordered and not cancelled, less what was asked back, by month."""
    rows = session.execute(
        select(MonthAdjustment.month, MonthAdjustment.amount)
        .outerjoin(Payment, Payment.id == MonthAdjustment.payment_id)
        .outerjoin(Recovery, Recovery.id == MonthAdjustment.recovery_id)
        .where(
            MonthAdjustment.grant_id == grant_id,
            adjustment_counts(Payment),
        )
    )
    found: dict[date, Decimal] = defaultdict(lambda: _NOTHING)
    for month, amount in rows:
        found[month] += amount
    return dict(found)


def _payments(session: Session, grant: Grant) -> dict[date, Payment]:
    """The living payment of each month: there is at most one."""
    rows = session.scalars(
        select(Payment).where(
            Payment.grant_id == grant.id,
            Payment.programme == grant.programme,
            Payment.state != PaymentState.CANCELLED,
        )
    )
    return {row.month: row for row in rows if row.month is not None}

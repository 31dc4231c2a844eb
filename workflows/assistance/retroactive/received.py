"""What a family has received for each month of a grant, arrears and recoveries included."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.assistance import MonthAdjustment
from models.money import Payment, PaymentState
from models.retroactive import Recovery
from workflows.assistance.money.due import adjustment_counts


@dataclass(slots=True)
class Received:
    """Sums in yuan by the first day of the month that they are for."""

    months: dict[date, Decimal] = field(default_factory=dict)
    #: months whose payment the bank has and hasn't answered for
    on_their_way: set[date] = field(default_factory=set)


def received_by(session: Session, grant_ids: Collection[str]) -> Mapping[str, Received]:
    """What was paid, or is with the bank, by grant. Two SELECTs.

    A payment that waits for its roll to go out doesn't count: it is withheld there when the amount
    of its grant has changed, and drawn anew.
    """
    found: dict[str, Received] = defaultdict(Received)
    rows = session.execute(
        select(Payment.grant_id, Payment.month, Payment.amount, Payment.state).where(
            Payment.grant_id.in_(grant_ids),
            Payment.state.in_((PaymentState.PAID, PaymentState.SENT)),
        )
    )
    for grant_id, month, amount, state in rows:
        assert grant_id is not None and month is not None  # a month of a grant
        one = found[grant_id]
        one.months[month] = one.months.get(month, Decimal(0)) + amount
        if state is PaymentState.SENT:
            one.on_their_way.add(month)
    settled = session.execute(
        select(MonthAdjustment.grant_id, MonthAdjustment.month, MonthAdjustment.amount)
        .outerjoin(Payment, Payment.id == MonthAdjustment.payment_id)
        .outerjoin(Recovery, Recovery.id == MonthAdjustment.recovery_id)
        .where(MonthAdjustment.grant_id.in_(grant_ids), adjustment_counts(Payment))
    )
    for grant_id, month, amount in settled:
        one = found[grant_id]
        one.months[month] = one.months.get(month, Decimal(0)) + amount
    return found

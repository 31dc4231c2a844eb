"""What a family has received for each month of a grant, corrections of earlier changes included."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.money import Payment, PaymentState
from models.retroactive import MoneyState, TouchedCase, TouchedState


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
    corrected = session.execute(
        select(TouchedCase.grant_id, TouchedCase.detail).where(
            TouchedCase.grant_id.in_(grant_ids),
            TouchedCase.state == TouchedState.CORRECTED,
            TouchedCase.money.in_((MoneyState.ORDERED, MoneyState.OWED)),
        )
    )
    for grant_id, detail in corrected:
        assert grant_id is not None  # by the condition
        for row in detail["months"]:
            month = date.fromisoformat(row["month"])
            one = found[grant_id]
            one.months[month] = one.months.get(month, Decimal(0)) + Decimal(row["difference"])
    return found

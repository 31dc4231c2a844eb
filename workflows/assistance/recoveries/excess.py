"""What a grant paid too much, month by month, by what was decided or by the facts of now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.assistance import AmountKind, Grant, MonthAdjustment
from models.households import Household
from models.money import Payment, PaymentState
from models.recoveries import Recovery
from workflows.assistance.assessments import DECISION
from workflows.assistance.context import OperationContext
from workflows.assistance.grants import MonthLine, month_lines
from workflows.assistance.households import rule_facts
from workflows.definitions.asking import ask_decision

_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Excess:
    """A month that was paid too much; sums in yuan, the month by its first day."""

    month: date
    received: Decimal
    due: Decimal
    #: what earlier decisions have asked back, or not, of the same month
    decided: Decimal

    @property
    def amount(self) -> Decimal:
        return self.received - self.due - self.decided

    def to_json(self) -> dict[str, str]:
        """As corrections keep their months: `difference` is negative."""
        return {
            "month": self.month.isoformat(),
            "received": f"{self.received:.2f}",
            "due": f"{self.due:.2f}",
            "difference": f"{-self.amount:.2f}",
        }


def excess_by_month(
    context: OperationContext, grant: Grant, first: date, *, recalculate: bool
) -> list[Excess]:
    """The months from `first` on that were paid too much, in their order.

    `recalculate` measures by the household's present facts and each month's standards, where a
    decision was made without knowing them; otherwise what was decided for the month is due. What a
    gradual exit pays on was decided knowing that the family no longer qualifies: it is due.
    """
    session = context.session
    decided = _decided(session, grant, context.case.id)
    arrears = _arrears(session, grant)
    lines = month_lines(session, grant, context.today)
    found = []
    for line, due in _due(
        context, grant, [one for one in lines if one.month >= first], recalculate
    ):
        sent = line.underway if line.state is PaymentState.SENT else _NOTHING
        received = line.paid + sent + arrears.get(line.month, _NOTHING)
        one = Excess(line.month, received, due, decided.get(line.month, _NOTHING))
        if one.amount > 0:
            found.append(one)
    return found


def _due(
    context: OperationContext, grant: Grant, lines: Sequence[MonthLine], recalculate: bool
) -> Iterator[tuple[MonthLine, Decimal]]:
    if not recalculate:
        yield from ((line, line.owed) for line in lines)
        return
    household = context.session.get_one(Household, grant.household_id)
    now = rule_facts(context.session, household, context.today, context.keys)
    for line in lines:
        if line.kind is AmountKind.GRADUAL_EXIT:
            yield line, line.owed
            continue
        facts = _of_month(now, line.month)
        result, _ = ask_decision(
            context.law, DECISION, {"household": facts}, line.month, context.now, tells=False
        )
        value = result.value
        right = value["monthly"] if value["class"] == grant.programme else _NOTHING
        yield line, min(right, line.owed)


def _of_month(facts: Mapping[str, Any], month: date) -> dict[str, Any]:
    """The present facts without those who weren't born yet as a month began, nor their incomes."""
    later = {one["id"] for one in facts["members"] if (one["birth_on"] or month) > month}
    return {
        **facts,
        "on": month,
        "members": [one for one in facts["members"] if one["id"] not in later],
        "incomes": [one for one in facts["incomes"] if one["member"] not in later],
    }


def _decided(session: Session, grant: Grant, case_id: str) -> dict[date, Decimal]:
    """What is decided or proposed already of a month, by whatever case but this one."""
    found: dict[date, Decimal] = defaultdict(lambda: _NOTHING)
    rows = session.scalars(
        select(Recovery.detail).where(Recovery.grant_id == grant.id, Recovery.case_id != case_id)
    )
    for detail in rows:
        for row in detail:
            found[date.fromisoformat(row["month"])] -= min(Decimal(row["difference"]), _NOTHING)
    return found


def _arrears(session: Session, grant: Grant) -> dict[date, Decimal]:
    """What was paid for a month afterwards."""
    rows = session.execute(
        select(MonthAdjustment.month, func.sum(MonthAdjustment.amount))
        .join(Payment, Payment.id == MonthAdjustment.payment_id)
        .where(
            MonthAdjustment.grant_id == grant.id,
            Payment.state.in_((PaymentState.PAID, PaymentState.SENT)),
        )
        .group_by(MonthAdjustment.month)
    )
    return {month: Decimal(amount) for month, amount in rows}

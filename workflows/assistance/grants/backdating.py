"""Paying for months that a wrong refusal took: each by the rules and standards of its own time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from models.assistance import AmountKind, Grant, GrantAmount
from models.households import Household
from models.types import new_id
from workflows.assistance.assessments import DECISION
from workflows.assistance.context import OperationContext
from workflows.assistance.grants.arrears import order_arrears
from workflows.assistance.households import rule_facts
from workflows.calendar import months_later
from workflows.definitions.answering import answer

_REASON = "原来的不予确认已经改变，补发当时应当发放的月份"


@dataclass(frozen=True, slots=True)
class MonthAmount:
    """What a month would have paid, in yuan; the month by its first day."""

    month: date
    monthly: Decimal
    base: Decimal
    topup: Decimal

    @property
    def sums(self) -> tuple[Decimal, Decimal, Decimal]:
        """Its amounts alone."""
        return self.monthly, self.base, self.topup


def missed_months(context: OperationContext, first: date, until: date) -> list[MonthAmount]:
    """The months from `first` up to before `until` in which the household qualified.

    The facts are those that the decision of today rests on; standards and rules are those of each
    month's first day.
    """
    household = context.session.get_one(Household, context.case.household_id)
    found = []
    month = first
    while month < until:
        facts = rule_facts(context.session, household, month, context.keys)
        told = answer(context.law, DECISION, {"household": facts}, month, context.now)
        result = told.result.value
        if result["class"] == "dibao" and result["monthly"] > 0:
            found.append(MonthAmount(month, result["monthly"], result["base"], result["topup"]))
        month = months_later(month, 1)
    context.notes.append(
        {
            "missed_months": [
                {"month": f"{one.month:%Y-%m}", "monthly": one.monthly} for one in found
            ]
        }
    )
    return found


def pay_missed_months(
    context: OperationContext, grant: Grant, months: Sequence[MonthAmount], regular: GrantAmount
) -> None:
    """Give a new grant the amounts of the months before its `regular` one, and order them."""
    for position, one in enumerate(months):
        previous = months[position - 1] if position else None
        if previous is not None and _continues(previous, one):
            continue
        until = _until(months, position)
        context.session.add(
            GrantAmount(
                id=new_id(),
                district_id=grant.district_id,
                grant_id=grant.id,
                from_month=one.month,
                until_month=min(until, regular.from_month),
                monthly=one.monthly,
                base=one.base,
                topup=one.topup,
                kind=AmountKind.REGULAR,
                assessment_id=grant.assessment_id,
                case_id=grant.case_id,
                decided_on=grant.decided_on,
                decided_by_id=grant.decided_by_id,
                reason=_REASON,
                recorded_at=context.now,
            )
        )
    context.session.flush()  # what is owed follows from the amounts
    order_arrears(context, grant)


def _continues(previous: MonthAmount, one: MonthAmount) -> bool:
    return months_later(previous.month, 1) == one.month and previous.sums == one.sums


def _until(months: Sequence[MonthAmount], position: int) -> date:
    """The first month that no longer pays the amount of the one at `position`."""
    last = position
    while last + 1 < len(months) and _continues(months[last], months[last + 1]):
        last += 1
    return months_later(months[last].month, 1)

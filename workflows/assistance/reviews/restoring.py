"""A wrong stop or reduction undone: the amount of before from the same month on, with back pay."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from models.assistance import AmountKind, Assessment, Grant, GrantAmount, GrantState
from workflows.assistance.assessments import assessed_values
from workflows.assistance.context import OperationContext
from workflows.assistance.grants import (
    change_amount,
    counting_amounts,
    lock_grant,
    order_arrears,
    resume_grant,
)
from workflows.assistance.reviews.checking import checked
from workflows.assistance.reviews.situation import grant_of
from workflows.errors import Conflict, Invalid, NotFound


def open_restore(context: OperationContext, *, grant_id: str | None) -> dict[str, Any]:
    """What was decided against the family: its newest grant stopped, or paying less than before.

    Raises:
        NotFound: `no_grant`. Invalid: `nothing_to_restore`.
    """
    grant = grant_of(context, grant_id) if grant_id else _newest(context)
    amounts = counting_amounts(context.session, grant.id)
    if grant.state is GrantState.ENDED and grant.ended_from is not None:
        last = amounts[-1].monthly if amounts else grant.monthly
        found = ("stopped", grant.ended_from, Decimal(0), last)
    elif len(amounts) > 1 and amounts[-1].monthly < amounts[-2].monthly:
        newest = amounts[-1]
        found = ("reduced", newest.from_month, newest.monthly, amounts[-2].monthly)
    else:
        raise Invalid(
            "nothing_to_restore",
            "这份待遇没有停发，也没有减发，不能恢复。",
            "The benefit has been neither stopped nor reduced; there is nothing to restore.",
        )
    wrong, since, now_monthly, before = found
    context.notes.append({"grant": grant.id, "wrong": wrong, "since": f"{since:%Y-%m}"})
    return {
        "grant_id": grant.id,
        "wrong": wrong,
        "wrong_since": f"{since:%Y-%m}",
        "wrong_monthly": now_monthly,
        "before_monthly": before,
    }


def restore(
    context: OperationContext,
    *,
    grant_id: str,
    wrong: str,
    since: str,
    monthly: Decimal,
    reason: str,
) -> dict[str, Any]:
    """Pay the amount of before again from the month `since` on, and order what is owed by now.

    Amounts are in yuan, months such as 2022-10.

    Raises:
        Conflict: `grant_changed` when somebody has changed the grant since it was looked at.
        Others as `change_amount`.
    """
    grant = grant_of(context, grant_id)
    lock_grant(context.session, grant)
    first = date.fromisoformat(f"{since}-01")
    if wrong == "stopped":
        _require(grant.state is GrantState.ENDED and grant.ended_from == first)
        resume_grant(context, grant, reason=reason)
    amounts = counting_amounts(context.session, grant.id)
    if wrong == "reduced":
        _require(len(amounts) > 1 and amounts[-1].from_month == first)
    if wrong == "reduced" or amounts[-1].kind is AmountKind.GRADUAL_EXIT:
        basis = amounts[-1] if wrong == "stopped" else amounts[-2]
        _pay_again(context, grant, basis, first, monthly, reason)
    payment = order_arrears(context, grant)
    _check_in_time(context, grant)
    return {
        "decided_on": context.today,
        "restored_from": since,
        "arrears": Decimal(0) if payment is None else payment.amount,
    }


def _pay_again(
    context: OperationContext,
    grant: Grant,
    basis: GrantAmount,
    first: date,
    monthly: Decimal,
    reason: str,
) -> None:
    change_amount(
        context,
        grant,
        from_month=first,
        monthly=monthly,
        base=monthly - min(basis.topup, monthly),
        topup=min(basis.topup, monthly),
        assessment_id=basis.assessment_id,
        reason=reason,
    )


def _check_in_time(context: OperationContext, grant: Grant) -> None:
    """A check that fell due while nothing was paid is due a cycle from now on."""
    if grant.next_review_on > context.today:
        return
    assessment = context.session.get_one(Assessment, grant.assessment_id)
    checked(context, grant, int(assessed_values(assessment)["review_months"]))


def _newest(context: OperationContext) -> Grant:
    found = context.session.scalar(
        select(Grant)
        .where(Grant.household_id == context.case.household_id)
        .order_by(Grant.id.desc())
        .limit(1)
    )
    if found is None:
        raise NotFound(
            "no_grant", "这个家庭没有享受过待遇。", "The household has never had a benefit."
        )
    return found


def _require(holds: bool) -> None:
    if not holds:
        raise Conflict(
            "grant_changed",
            "这份待遇已经由另一决定变更，请退回重新查明。",
            "Another decision has changed this benefit; return the case.",
        )

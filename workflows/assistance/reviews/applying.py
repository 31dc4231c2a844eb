"""What a decision on a change makes of the grant: more, less, gradual exit, stop, or the same."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from models.assistance import AmountKind, Grant, GrantState
from workflows.assistance.assessments import assessed_values, newest_assessment
from workflows.assistance.context import OperationContext
from workflows.assistance.grants import (
    change_amount,
    counting_amounts,
    end_grant,
    lock_grant,
    order_arrears,
)
from workflows.assistance.reviews.checking import checked
from workflows.assistance.reviews.situation import current_amount, grant_of
from workflows.errors import Conflict, Invalid


def apply_amount(
    context: OperationContext,
    *,
    grant_id: str,
    amount: Decimal,
    from_month: str,
    before: Decimal,
    reason: str,
) -> dict[str, Any]:
    """Pay another amount from a month on, and set the next check (57 号 31, 32).

    `before` is what the decision was told the grant pays, in yuan a month.

    Raises:
        Conflict: `grant_changed`, `grant_ended`. Invalid: `month_wrong`.
    """
    grant = _locked(context, grant_id, before)
    _pay(context, grant, amount, _first_day(from_month), reason)
    return {"decided_on": context.today, "next_review_on": _schedule(context, grant)}


def begin_exit(
    context: OperationContext,
    *,
    grant_id: str,
    amount: Decimal,
    from_month: str,
    before: Decimal,
    exit_from: str,
    reason: str,
) -> dict[str, Any]:
    """Pay the months of a gradual exit, then nothing (通知二（一）1; 57 号 33).

    `exit_from` is the first month that is no longer paid. The next check is the one at the end.

    Raises:
        Conflict: `grant_changed`, `grant_ended`. Invalid: `month_wrong`.
    """
    grant = _locked(context, grant_id, before)
    first, end = _first_day(from_month), _first_day(exit_from)
    base, topup = _parts(context, amount)
    change_amount(
        context,
        grant,
        from_month=first,
        until_month=end,
        monthly=amount,
        base=base,
        topup=topup,
        kind=AmountKind.GRADUAL_EXIT,
        assessment_id=newest_assessment(context).id,
        reason=reason,
        zero_allowed=True,
    )
    grant.reviewed_on, grant.review_case_id = context.today, None
    grant.next_review_on = end - timedelta(days=1)
    return {"decided_on": context.today, "first_on": first, "exit_from_on": end}


def stop(
    context: OperationContext, *, grant_id: str, from_month: str, before: Decimal, reason: str
) -> dict[str, Any]:
    """Stop the grant from a month on; the months before stay owed (57 号 32).

    Raises:
        Conflict: `grant_changed`, `grant_ended`. Invalid: `month_wrong`.
    """
    grant = _locked(context, grant_id, before)
    end_grant(context, grant, from_month=_first_day(from_month), reason=reason)
    return {"decided_on": context.today}


def keep(
    context: OperationContext,
    *,
    grant_id: str,
    phase: str,
    applied: bool,
    amount: Decimal,
    from_month: str,
    reason: str,
) -> dict[str, Any]:
    """Leave the amount as it is and set the next check (57 号 31).

    `applied` says that the tables found nothing to change; otherwise it was decided against them,
    which a gradual exit that has run out leaves no room for: its months are over.

    Raises:
        Invalid: `exit_is_over`.
    """
    grant = grant_of(context, grant_id)
    lock_grant(context.session, grant)
    if phase == "exit_over":
        if not applied:
            raise Invalid(
                "exit_is_over",
                "渐退期已满，只能按核算退出或者保留，或者退回重新核实。",
                "The gradual exit has run out: the benefit ends or stays as calculated, or the case"
                " is returned to be verified again.",
            )
        _pay(context, grant, amount, _first_day(from_month), reason)
    if phase == "exit":
        return {"decided_on": context.today, "next_review_on": grant.next_review_on}
    return {"decided_on": context.today, "next_review_on": _schedule(context, grant)}


def exit_state(context: OperationContext, *, grant_id: str, exit_from_on: date) -> dict[str, Any]:
    """Whether the grant still pays the gradual exit that ends before this day."""
    grant = grant_of(context, grant_id)
    amounts = counting_amounts(context.session, grant.id)
    exiting = (
        grant.state is GrantState.ACTIVE
        and bool(amounts)
        and amounts[-1].kind is AmountKind.GRADUAL_EXIT
        and amounts[-1].until_month == exit_from_on
    )
    context.notes.append({"grant": grant.id, "exiting": exiting})
    return {"exiting": exiting}


def _locked(context: OperationContext, grant_id: str, before: Decimal) -> Grant:
    grant = grant_of(context, grant_id)
    lock_grant(context.session, grant)
    if grant.state is GrantState.ENDED or current_amount(context, grant).monthly != before:
        raise Conflict(
            "grant_changed",
            "这份待遇在核算以后已经由另一决定变更，请退回重新核算。",
            "Another decision has changed this benefit since it was calculated; return the case.",
        )
    return grant


def _pay(
    context: OperationContext, grant: Grant, amount: Decimal, from_month: date, reason: str
) -> None:
    base, topup = _parts(context, amount)
    change_amount(
        context,
        grant,
        from_month=from_month,
        monthly=amount,
        base=base,
        topup=topup,
        assessment_id=newest_assessment(context).id,
        reason=reason,
        zero_allowed=True,
    )
    if from_month <= context.today:
        order_arrears(context, grant)


def _parts(context: OperationContext, amount: Decimal) -> tuple[Decimal, Decimal]:
    """The difference and the top-up of an amount, as last calculated."""
    topup = min(assessed_values(newest_assessment(context))["topup"], amount)
    return amount - topup, topup


def _schedule(context: OperationContext, grant: Grant) -> date:
    months = int(assessed_values(newest_assessment(context))["review_months"])
    return checked(context, grant, months)


def _first_day(month: str) -> date:
    return date.fromisoformat(f"{month}-01")

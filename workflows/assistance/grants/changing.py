"""What a decision makes of a grant: another amount, its end, or an end taken back."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from models.assistance import AmountKind, Grant, GrantAmount, GrantState
from models.trail import SubjectKind
from models.types import new_id
from workflows.assistance.context import OperationContext
from workflows.assistance.grants.amounts import counting_amounts, lock_grant
from workflows.assistance.grants.outdated import cancel_outdated
from workflows.audit import Subject, TrailAction, append_entry
from workflows.errors import Conflict, Invalid


def change_amount(
    context: OperationContext,
    grant: Grant,
    *,
    from_month: date,
    monthly: Decimal,
    base: Decimal,
    topup: Decimal,
    reason: str,
    kind: AmountKind = AmountKind.REGULAR,
    assessment_id: str | None = None,
    until_month: date | None = None,
    zero_allowed: bool = False,
) -> GrantAmount:
    """Give a grant another amount from a month on, in yuan; `from_month` is the month's first day.

    Amounts that would have begun later no longer count, the one before ends. `until_month` ends the
    new one by itself (渐退); with `zero_allowed` it may pay nothing and yet go on. What was paid
    stays paid. A payment with another amount that is on a roll is withheld when that goes out, one
    that failed or waits is cancelled. Who calls orders the arrears.

    Raises:
        Invalid: `month_wrong`, `nothing_to_pay`.
        Conflict: `grant_ended`.
    """
    lock_grant(context.session, grant)
    _check_month(grant, from_month)
    if monthly < 0 or (monthly == 0 and not zero_allowed):
        raise Invalid(
            "nothing_to_pay",
            "金额为零的，应当停发，不能调整金额。",
            "With nothing left to pay the benefit is stopped, not changed.",
        )
    if grant.state is GrantState.ENDED:
        raise Conflict("grant_ended", "该救助已经停发。", "The benefit has been stopped.")
    before = _shown(grant)
    _close(context, grant, from_month)
    parts = (monthly, base, topup)
    amount = _amount(context, grant, from_month, parts, kind, assessment_id, reason)
    amount.until_month = until_month
    context.session.add(amount)
    grant.monthly, grant.base, grant.topup = monthly, base, topup
    if assessment_id is not None:
        grant.assessment_id = assessment_id
    context.session.flush()
    cancel_outdated(context, grant)
    _note(
        context, grant, before,
        from_month=from_month, until_month=until_month, kind=kind.value, reason=reason,
    )  # fmt: skip
    return amount


def end_grant(context: OperationContext, grant: Grant, *, from_month: date, reason: str) -> None:
    """Stop a grant: `from_month` (its first day) is the first month that isn't paid any more.

    Raises:
        Invalid: `month_wrong`.
        Conflict: `grant_ended`.
    """
    lock_grant(context.session, grant)
    _check_month(grant, from_month)
    if grant.state is GrantState.ENDED:
        raise Conflict("grant_ended", "该救助已经停发。", "The benefit has been stopped.")
    before = _shown(grant)
    _close(context, grant, from_month)
    grant.state, grant.ended_from = GrantState.ENDED, from_month
    context.session.flush()
    cancel_outdated(context, grant)
    _note(context, grant, before, ended_from=from_month, reason=reason)


def resume_grant(context: OperationContext, grant: Grant, *, reason: str) -> None:
    """Take the end of a grant back, as if it hadn't ended: its last amount pays on.

    Raises:
        Conflict: `grant_not_ended`.
    """
    lock_grant(context.session, grant)
    if grant.state is not GrantState.ENDED or grant.ended_from is None:
        raise Conflict("grant_not_ended", "该救助没有停发。", "The benefit hasn't been stopped.")
    before = _shown(grant)
    ended_from = grant.ended_from
    amounts = counting_amounts(context.session, grant.id)
    if amounts:
        amounts[-1].until_month = None
    else:
        # it had ended before its first month
        parts = (grant.monthly, grant.base, grant.topup)
        first, kind = grant.start_month, AmountKind.REGULAR
        context.session.add(
            _amount(context, grant, first, parts, kind, grant.assessment_id, reason)
        )
    grant.state, grant.ended_from = GrantState.ACTIVE, None
    context.session.flush()
    _note(context, grant, before, resumed_from=ended_from, reason=reason)


def _amount(
    context: OperationContext,
    grant: Grant,
    from_month: date,
    parts: tuple[Decimal, Decimal, Decimal],
    kind: AmountKind,
    assessment_id: str | None,
    reason: str,
) -> GrantAmount:
    monthly, base, topup = parts
    return GrantAmount(
        id=new_id(),
        district_id=grant.district_id,
        grant_id=grant.id,
        from_month=from_month,
        monthly=monthly,
        base=base,
        topup=topup,
        kind=kind,
        assessment_id=assessment_id,
        case_id=context.case.id,
        decided_on=context.today,
        decided_by_id=context.actor.account_id,
        reason=reason,
        recorded_at=context.now,
    )


def _close(context: OperationContext, grant: Grant, month: date) -> None:
    """From this month on nothing counts any more of what was decided before."""
    for amount in counting_amounts(context.session, grant.id):
        if amount.from_month >= month:
            amount.superseded_at = context.now
        elif amount.until_month is None or amount.until_month > month:
            amount.until_month = month
    context.session.flush()  # the new amount may begin where one has just stopped counting


def _check_month(grant: Grant, month: date) -> None:
    if month.day != 1 or month < grant.start_month:
        raise Invalid(
            "month_wrong",
            f"起始月份不能早于该救助的首个发放月份（{grant.start_month:%Y年%m月}）。",
            f"It can't begin before the first paid month ({grant.start_month:%Y-%m}).",
        )


def _shown(grant: Grant) -> dict[str, Any]:
    return {
        "monthly": grant.monthly,
        "base": grant.base,
        "topup": grant.topup,
        "state": grant.state.value,
        "ended_from": grant.ended_from,
    }


def _note(context: OperationContext, grant: Grant, before: dict[str, Any], **data: object) -> None:
    """In the trail of the case that made the grant, and in the one that decides now."""
    told = {"grant": grant.id, "before": before, "after": _shown(grant), **data}
    context.notes.append(told)
    append_entry(
        context.session,
        Subject(SubjectKind.CASE, grant.case_id, grant.district_id),
        TrailAction.GRANT_CHANGED,
        actor=context.actor,
        now=context.now,
        data={"decided_in": context.case.number, **told},
    )

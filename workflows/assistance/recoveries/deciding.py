"""What the tables propose to ask back, and what an officer decides on it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import select

from models.assistance import Grant
from models.recoveries import Recovery, RecoveryOutcome, RecoveryState
from models.types import new_id
from workflows.assistance.assessments import decide_and_note
from workflows.assistance.context import OperationContext
from workflows.assistance.grants import lock_grant
from workflows.assistance.grants.arrears import keep_adjustment
from workflows.assistance.recoveries.excess import Excess, excess_by_month
from workflows.errors import Conflict, Fault, Invalid

_NOTHING: Final = Decimal(0)
_ASKING: Final = (RecoveryOutcome.ALL, RecoveryOutcome.PART)


def propose_recovery(
    context: OperationContext,
    *,
    grant_id: str,
    cause: str,
    first_month: date | None = None,
    changed_on: date | None = None,
    recalculate: bool = False,
) -> dict[str, Any]:
    """Propose months and a sum to ask back (重庆市城乡居民最低生活保障条例 36); nothing changes.

    The first month is the one that the table `overpayment` gives for the day of the change, or
    `first_month` where no day is given. Sums in yuan; `recovery_id` is null where nothing was
    paid too much.

    Raises:
        Fault: `grant_unknown`. Invalid: `first_month_missing`.
    """
    grant = _grant(context, grant_id)
    first = _first(context, changed_on, first_month)
    found = excess_by_month(context, grant, first, recalculate=recalculate)
    total = sum((one.amount for one in found), _NOTHING)
    recovery = _kept(context, grant, cause, found, total)
    context.notes.append(
        {
            "recovery": None if recovery is None else recovery.id,
            "cause": cause,
            "total": total,
            "months": [one.to_json() for one in found],
        }
    )
    return {
        "recovery_id": None if recovery is None else recovery.id,
        "months": Decimal(len(found)),
        "total": total,
        "first": f"{found[0].month:%Y年%m月}" if found else None,
        "last": f"{found[-1].month:%Y年%m月}" if found else None,
        "months_told": told_months([one.to_json() for one in found]),
    }


def decide_recovery(
    context: OperationContext,
    *,
    recovery_id: str,
    outcome: str,
    amount: Decimal | None = None,
    reason: str,
) -> dict[str, Any]:
    """Keep what was decided on a proposal: educate, all, part (`amount` in yuan) or waive.

    What is asked back stands against the months it is of, so that nobody asks for it twice.

    Raises:
        Conflict: `recovery_decided`, `proposal_outdated` where another month was paid since.
        Invalid: `part_amount` where the part is nothing or not a part, `reason_missing`.
        Fault: `recovery_unknown`.
    """
    recovery = _own_proposal(context, recovery_id)
    decided = RecoveryOutcome(outcome)
    if not reason.strip():
        raise Invalid("reason_missing", "请写明理由。", "Give the reason.")
    back = _asked(recovery, decided, amount)
    recovery.outcome, recovery.reason = decided, reason.strip()
    recovery.decided_on, recovery.decided_by_id = context.today, context.actor.account_id
    if back > 0:
        recovery.state, recovery.amount = RecoveryState.OPEN, back
        _adjust(context, recovery, back)
    else:
        recovery.state, recovery.settled_on = RecoveryState.WAIVED, context.today
    context.notes.append(
        {"recovery": recovery.id, "outcome": decided.value, "asked_back": back, "reason": reason}
    )
    return {"asked_back": back, "decided_on": context.today}


def told_months(months: Sequence[dict[str, str]]) -> str:
    """The months in a line that people read: received, due and paid too much, in yuan."""
    return "；".join(
        f"{row['month'][:4]}年{row['month'][5:7]}月 实发{row['received']}元、应发{row['due']}元、"
        f"多发{row['difference'].removeprefix('-')}元"
        for row in months
    )


def _grant(context: OperationContext, grant_id: str) -> Grant:
    grant = context.session.get(Grant, grant_id)
    if grant is None or grant.household_id != context.case.household_id:
        raise Fault(
            "grant_unknown",
            "找不到本件要核查的待遇。",
            "There is no such benefit of this case's household.",
        )
    lock_grant(context.session, grant)
    return grant


def _first(context: OperationContext, changed_on: date | None, first_month: date | None) -> date:
    if changed_on is not None:
        inputs = {
            "on": context.today,
            "unreported": {
                "changed_on": changed_on,
                "found_on": context.today,
                "eligible": None,
                "fraud": None,
                "paid_until": context.today,
                "paid": _NOTHING,
                "due": _NOTHING,
            },
        }
        found: date = decide_and_note(context, "overpayment", inputs, context.today).value["first"]
        return found
    if first_month is None:
        raise Invalid(
            "first_month_missing",
            "请写明从哪个月起多发，或者变化的日期。",
            "Say from which month on too much was paid, or on which day the change was.",
        )
    return first_month.replace(day=1)


def _kept(
    context: OperationContext, grant: Grant, cause: str, found: Sequence[Excess], total: Decimal
) -> Recovery | None:
    """The proposal of this case: one row, made up anew each time it is worked out."""
    session = context.session
    row = session.scalars(
        select(Recovery).where(
            Recovery.case_id == context.case.id, Recovery.state == RecoveryState.PROPOSED
        )
    ).one_or_none()
    if not found:
        if row is not None:
            session.delete(row)
        return None
    if row is None:
        row = Recovery(
            id=new_id(),
            district_id=grant.district_id,
            township_id=context.case.township_id,
            case_id=context.case.id,
            household_id=grant.household_id,
            grant_id=grant.id,
            received=_NOTHING,
            state=RecoveryState.PROPOSED,
            reason="",
        )
        session.add(row)
    row.cause, row.proposed, row.amount = cause, total, total
    row.first_month, row.last_month = found[0].month, found[-1].month
    row.months = len(found)
    row.detail = [one.to_json() for one in found]
    session.flush()  # the decision in a later act refers to it
    return row


def _own_proposal(context: OperationContext, recovery_id: str) -> Recovery:
    row = context.session.get(Recovery, recovery_id, populate_existing=True)
    if row is None or row.case_id != context.case.id:
        raise Fault(
            "recovery_unknown",
            "找不到本件提出的追回。",
            "There is no proposal of this case to decide on.",
        )
    if row.state is not RecoveryState.PROPOSED:
        raise Conflict("recovery_decided", "已经作出决定。", "It has been decided already.")
    return row


def _asked(recovery: Recovery, outcome: RecoveryOutcome, amount: Decimal | None) -> Decimal:
    if outcome is RecoveryOutcome.ALL:
        return recovery.proposed
    if outcome is not RecoveryOutcome.PART:
        return _NOTHING
    if amount is None or not 0 < amount < recovery.proposed:
        raise Invalid(
            "part_amount",
            f"部分追回的金额应当大于零、小于多发的合计 {recovery.proposed:.2f} 元。",
            f"A part is more than nothing and less than the {recovery.proposed:.2f} yuan in all.",
        )
    return amount


def _adjust(context: OperationContext, recovery: Recovery, back: Decimal) -> None:
    """Set what is asked back against its months, the earliest first."""
    grant = context.session.get_one(Grant, recovery.grant_id)
    left = back
    for row in recovery.detail:
        part = min(left, -Decimal(row["difference"]))
        if part <= 0:
            break
        keep_adjustment(
            context, grant, date.fromisoformat(row["month"]), -part, recovery_id=recovery.id
        )
        left -= part

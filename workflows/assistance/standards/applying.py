"""What a person decides on an adjustment, and how it gets to every benefit on the list."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.assistance import Assessment, Grant, GrantState
from models.jobs import Job
from models.standards import (
    AdjustedGrant,
    AdjustedKind,
    AdjustedState,
    AdjustmentState,
    StandardAdjustment,
)
from models.types import new_id
from workflows.assistance.context import OperationContext
from workflows.assistance.grants import (
    amount_of_month,
    change_amount,
    counting_amounts,
    order_arrears,
)
from workflows.assistance.standards.counting import (
    COUNT_JOB,
    base_of,
    calculated_anew,
    entitled,
    raised,
    sums,
)
from workflows.errors import Conflict, Fault
from workflows.feel import to_json
from workflows.jobs import Chunk, queue_job

#: The kind of job that gives the benefits their new amounts.
APPLY_JOB: Final = "standards.apply"
#: Benefits that one chunk changes.
BATCH: Final = 40


def count_adjustment(context: OperationContext, *, adjustment_id: str) -> dict[str, Any]:
    """Have the list made by a job.

    Raises:
        Fault: `adjustment_unknown` when the case isn't the one opened for it.
    """
    adjustment = context.session.get(StandardAdjustment, adjustment_id, populate_existing=True)
    if adjustment is not None and adjustment.case_id is None:
        adjustment.case_id = context.case.id
    adjustment = _own(context, adjustment_id)
    queue_job(
        context.session,
        district_id=adjustment.district_id,
        kind=COUNT_JOB,
        key=f"{COUNT_JOB}/{adjustment.id}",
        payload={"adjustment": adjustment.id},
        by_id=context.actor.account_id,
        now=context.now,
    )
    context.notes.append(
        {
            "adjustment": adjustment.id,
            "programme": adjustment.programme,
            "month": adjustment.month.isoformat(),
            "standards": list(adjustment.standards),
        }
    )
    return {"month": adjustment.month, "standards_told": _standards_told(adjustment)}


def show_adjustment(context: OperationContext, *, adjustment_id: str) -> dict[str, Any]:
    """The sums of a complete list.

    Raises:
        Fault: `adjustment_unknown`.
        Conflict: `adjustment_counting`.
    """
    adjustment = _own(context, adjustment_id)
    if adjustment.state is AdjustmentState.COUNTING:
        raise Conflict(
            "adjustment_counting",
            "系统还在测算，请稍后再办。",
            "The list is still being made; please try again in a while.",
        )
    rising, more = sums(adjustment.totals, (AdjustedKind.MORE.value,))
    to_check, _ = sums(adjustment.totals, (AdjustedKind.CHECK.value, AdjustedKind.UNCLEAR.value))
    unchanged, _ = sums(adjustment.totals, ("unchanged",))
    context.notes.append({"adjustment": adjustment.id, "totals": dict(adjustment.totals)})
    return {
        "rising": Decimal(rising),
        "more": more,
        "to_check": Decimal(to_check),
        "unchanged": Decimal(unchanged),
    }


def apply_adjustment(context: OperationContext, *, adjustment_id: str) -> dict[str, Any]:
    """Approve the list as shown; a job gives every benefit on it its new amount.

    Raises:
        Fault: `adjustment_unknown`.
        Conflict: `adjustment_decided`.
    """
    adjustment = _own(context, adjustment_id)
    _decide(context, adjustment, AdjustmentState.APPROVED)
    queue_job(
        context.session,
        district_id=adjustment.district_id,
        kind=APPLY_JOB,
        key=f"{APPLY_JOB}/{adjustment.id}",
        payload={"adjustment": adjustment.id},
        by_id=context.actor.account_id,
        now=context.now,
    )
    return {"approved_on": context.today}


def keep_amounts(context: OperationContext, *, adjustment_id: str, reason: str) -> dict[str, Any]:
    """Keep that nothing is adjusted, with the reason.

    Raises:
        Fault: `adjustment_unknown`.
        Conflict: `adjustment_decided`.
    """
    adjustment = _own(context, adjustment_id)
    _decide(context, adjustment, AdjustmentState.KEPT)
    context.notes.append({"adjustment": adjustment.id, "kept": True, "reason": reason})
    return {"kept_on": context.today}


def apply_chunk(context: OperationContext, job: Job, adjustment: StandardAdjustment) -> Chunk:
    """Give the next benefits their new amounts; a chunk of a job. `context` is the case's."""
    session = context.session
    total = job.total
    if total is None:
        total, _ = sums(adjustment.totals, [kind.value for kind in AdjustedKind])
    waiting = session.scalars(
        select(AdjustedGrant)
        .where(
            AdjustedGrant.adjustment_id == adjustment.id,
            AdjustedGrant.state == AdjustedState.LISTED,
        )
        .order_by(AdjustedGrant.id)
        .limit(BATCH)
        .execution_options(populate_existing=True)
    ).all()
    for listed in waiting:
        grant = session.get_one(Grant, listed.grant_id, populate_existing=True)
        if listed.kind is AdjustedKind.MORE:
            _raise(context, adjustment, listed, grant)
        else:
            _bring_forward(context, listed, grant)
    if len(waiting) == BATCH:
        return Chunk("more", done=len(waiting), total=total)
    adjustment.state, adjustment.applied_at = AdjustmentState.APPLIED, context.now
    return Chunk(None, done=len(waiting), total=total)


def _raise(
    context: OperationContext,
    adjustment: StandardAdjustment,
    listed: AdjustedGrant,
    grant: Grant,
) -> None:
    """The new amount from its month on, and arrears where months have gone by."""
    counting = counting_amounts(context.session, grant.id)
    amount = amount_of_month(counting, adjustment.month)
    if (
        amount is None
        or amount.id != listed.amount_id
        or amount.assessment_id is None
        or grant.state is not GrantState.ACTIVE
    ):
        # decided anew since the list was made, by the new standard
        listed.state = AdjustedState.OUTDATED
        return
    if counting[-1] is not amount:
        # something has been decided for a later month as well; it must not be lost
        _bring_forward(context, listed, grant)
        return
    old = context.session.get_one(Assessment, amount.assessment_id)
    row, value = _assessment(context, adjustment, old, context.now)
    monthly = raised(value, old, amount)
    topup = min(value["monthly"] - base_of(value), monthly)
    change_amount(
        context,
        grant,
        from_month=max(adjustment.month, amount.from_month),
        monthly=monthly,
        base=monthly - topup,
        topup=topup,
        assessment_id=row.id,
        reason=_reason(adjustment),
    )
    payment = order_arrears(context, grant, unpaid_months=False)
    listed.state = AdjustedState.APPLIED
    adjustment.applied += 1
    if payment is not None:
        adjustment.arrears += payment.amount


def _assessment(
    context: OperationContext, adjustment: StandardAdjustment, old: Assessment, now: datetime
) -> tuple[Assessment, Mapping[str, Any]]:
    """A row for the new calculation, and its values."""
    found = calculated_anew(context.law, old, adjustment, now)
    value: Mapping[str, Any] = found.result.value
    if not entitled(value):
        raise Fault("adjustment_not_entitled")
    row = Assessment(
        id=new_id(),
        district_id=old.district_id,
        case_id=context.case.id,
        household_id=old.household_id,
        on=adjustment.holds_from,
        made_at=now,
        decision=old.decision,
        result={
            **old.result,
            **{name: to_json(one) for name, one in value.items()},
            "base": to_json(base_of(value)),
            "topup": to_json(value["monthly"] - base_of(value)),
        },
        explanation={
            **old.explanation,
            "decision": found.result.explanation.to_json(),
            "parameters": [used.to_json() for used in found.parameters],
            "what_if": [],
            "alternatives": [],
            "release": context.law.content_hash,
            "pack": context.law.packs.newest(adjustment.holds_from),
            "adjusts": old.id,
        },
    )
    context.session.add(row)
    context.session.flush()  # the amount refers to it
    return row, value


def _bring_forward(context: OperationContext, listed: AdjustedGrant, grant: Grant) -> None:
    """Somebody looks at the family before the day of its check."""
    if grant.state is not GrantState.ACTIVE:
        listed.state = AdjustedState.OUTDATED
        return
    grant.next_review_on = min(grant.next_review_on, context.today)
    listed.state = AdjustedState.SENT_TO_CHECK


def _own(context: OperationContext, adjustment_id: str) -> StandardAdjustment:
    """The adjustment that this case is about, locked."""
    found = context.session.scalar(
        select(StandardAdjustment)
        .where(
            StandardAdjustment.id == adjustment_id,
            StandardAdjustment.case_id == context.case.id,
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise Fault(
            "adjustment_unknown",
            "找不到本件要办理的标准调整。",
            "There is no adjustment that this case is about.",
        )
    return found


def _decide(
    context: OperationContext, adjustment: StandardAdjustment, state: AdjustmentState
) -> None:
    if adjustment.state is not AdjustmentState.COUNTED:
        raise Conflict(
            "adjustment_decided",
            "这次标准调整已经作出决定，或者还在测算。",
            "This adjustment has been decided on, or is still being calculated.",
        )
    adjustment.state = state
    adjustment.decided_on, adjustment.decided_by_id = context.today, context.actor.account_id


def _reason(adjustment: StandardAdjustment) -> str:
    return f"保障标准调整：{_standards_told(adjustment)}"


def _standards_told(adjustment: StandardAdjustment) -> str:
    return "；".join(
        f"{one['label']}由{one['old']}调整为{one['new']}{one['unit']}"
        for one in adjustment.standards
    )


def locked_adjustment(session: Session, adjustment_id: str) -> StandardAdjustment:
    """The adjustment of a job; nobody else works on it until the end of the transaction."""
    return session.scalars(
        select(StandardAdjustment)
        .where(StandardAdjustment.id == adjustment_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()

"""Support of a person: confirmed, changed with their tier of care, ended."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from workflows.assistance.assessments import assessed_values
from workflows.assistance.context import OperationContext
from workflows.assistance.grants import (
    change_amount,
    end_grant,
    keep_grant,
    order_arrears,
    require_assessed,
)
from workflows.assistance.money.ledger import TEKUN
from workflows.assistance.tekun.assessing import AMOUNT, asked_in_this_act, keep_assessment
from workflows.assistance.tekun.care import end_care
from workflows.assistance.tekun.draw import require_visit
from workflows.assistance.tekun.person import grant_facts, tekun_grant
from workflows.errors import Conflict, Invalid


def confirm_support(
    context: OperationContext,
    *,
    amount: Decimal,
    decided_on: date,
    home_visit_on: date | None = None,
) -> dict[str, Any]:
    """Confirm the amount that the assessment of the decision day gives (43 号 17).

    Raises:
        Invalid: as `require_assessed`; `nothing_to_grant`, `amount_differs`, `not_assessed`,
            `visit_missing`. Conflict: `already_granted`.
    """
    assessment = require_assessed(context)
    result = assessed_values(assessment)
    if result["class"] != TEKUN:
        raise Invalid(
            "nothing_to_grant",
            "核定结果不符合特困人员的三个条件，不能确认。",
            "By the assessment the three conditions aren't met; nothing can be confirmed.",
        )
    if result["tier"] is None:
        raise Invalid("not_assessed", "尚未评估自理能力。", "The self-care isn't assessed yet.")
    if amount != result["monthly"]:
        raise Invalid(
            "amount_differs",
            f"金额 {amount} 与核定结果 {result['monthly']} 不一致。",
            f"The amount {amount} differs from the assessment's {result['monthly']}.",
        )
    require_visit(context, home_visit_on)
    return keep_grant(
        context,
        assessment,
        programme=TEKUN,
        amount=amount,
        decided_on=decided_on,
        start_month=result["start_month"],
    )


def adjust_support(
    context: OperationContext,
    *,
    grant_id: str,
    before: Decimal,
    on: date,
    basic: Decimal,
    care: Decimal,
    tier: str,
    start_month: str,
    reason: str,
) -> dict[str, Any]:
    """Pay the amount of another tier from a month on, yuan a month (43 号 23).

    `before` is what the decision was told the person gets.

    Raises:
        NotFound: `no_grant`. Conflict: `grant_ended`, `grant_changed`.
    """
    grant = tekun_grant(context, grant_id)
    if grant_facts(context, grant_id=grant.id)["monthly"] != before:
        raise Conflict(
            "grant_changed",
            "这份供养在评估以后已经由另一决定变更，请退回重新核定。",
            "Another decision has changed this support since the assessment; return the case.",
        )
    values = {
        "class": TEKUN,
        "eligible": True,
        "failed": "",
        "members": Decimal(1),
        "base": basic,
        "topup": care,
        "monthly": basic + care,
        "tier": tier,
        "start_month": start_month,
    }
    row = keep_assessment(context, on, values, asked_in_this_act(context, AMOUNT))
    from_month = date.fromisoformat(f"{start_month}-01")
    change_amount(
        context,
        grant,
        from_month=from_month,
        monthly=basic + care,
        base=basic,
        topup=care,
        assessment_id=row.id,
        reason=reason,
    )
    if from_month <= context.today:
        order_arrears(context, grant)
    return {"adjusted_on": context.today}


def end_support(
    context: OperationContext, *, grant_id: str, from_month: str, reason: str
) -> dict[str, Any]:
    """End the support from a month on, and the care that was agreed for it (43 号 26).

    Raises:
        NotFound: `no_grant`. Conflict: `grant_ended`. Invalid: `month_wrong`.
    """
    grant = tekun_grant(context, grant_id)
    first = max(date.fromisoformat(f"{from_month}-01"), grant.start_month)
    end_grant(context, grant, from_month=first, reason=reason)
    end_care(context, grant, reason)
    return {"ended_on": context.today}

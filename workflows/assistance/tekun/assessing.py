"""Assessments of extreme hardship: what the diagram's tables gave, kept to be run again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import select

from models.assistance import Assessment
from models.tekun import SelfCareAssessment
from models.types import new_id
from workflows.assistance.context import OperationContext
from workflows.assistance.tekun.person import person_id_of
from workflows.errors import Conflict, Fault, Invalid
from workflows.feel import to_json

#: The decisions that an assessment rests on.
ELIGIBLE: Final = "tekun_eligible"
AMOUNT: Final = "tekun_amount"
#: Months between two checks of somebody in extreme hardship.
REVIEW_MONTHS: Final = "tekun.review.months"
_ITEMS: Final = ("eat", "dress", "bed", "toilet", "walk", "bathe")
_TWO: Final = 2


def record_assessment(
    context: OperationContext,
    *,
    on: date,
    eligible: bool | None,
    failed: str | None,
    basic: Decimal,
    care: Decimal | None = None,
    tier: str | None = None,
    start_month: str | None = None,
) -> dict[str, Any]:
    """Keep what the tables gave in this act, with their inputs and reasons; yuan a month.

    With a known tier the row is the result of `tekun_amount` and holds the reasons of the three
    conditions beside; otherwise of `tekun_eligible`.

    Raises:
        Fault: `not_decided` where the tables weren't asked in this act.
    """
    care = care or Decimal(0)
    values = {
        "class": "tekun" if eligible else "none",
        "eligible": bool(eligible),
        "failed": failed,
        "members": Decimal(1),
        "base": basic,
        "topup": care,
        "monthly": basic + care if eligible else Decimal(0),
        "tier": tier,
        "start_month": start_month,
    }
    eligibility = _reason(context, ELIGIBLE)
    amount = _reason(context, AMOUNT) if tier is not None else None
    row = keep_assessment(context, on, values, amount or eligibility, eligibility=eligibility)
    return {"assessment": {**values, "id": row.id}}


def keep_assessment(
    context: OperationContext,
    on: date,
    values: Mapping[str, Any],
    reason: Mapping[str, Any],
    *,
    eligibility: Mapping[str, Any] | None = None,
) -> Assessment:
    """One row: the decision, its inputs, the rows that hit, the parameters that were used."""
    household_id = context.case.household_id
    if household_id is None:
        raise Fault(
            "no_household", "办件没有家庭信息，无法核算。", "The case has no household to assess."
        )
    months = context.law.parameters.value(REVIEW_MONTHS, on).value
    row = Assessment(
        id=new_id(),
        district_id=context.case.district_id,
        case_id=context.case.id,
        household_id=household_id,
        on=on,
        made_at=context.now,
        decision=reason["decision"],
        result={
            **{name: to_json(value) for name, value in values.items()},
            "review_months": to_json(months),
        },
        explanation={
            "person": person_id_of(context),
            "inputs": reason["inputs"],
            "decision": reason["explanation"],
            "parameters": reason["parameters"],
            "what_if": reason["what_if"],
            "alternatives": reason["alternatives"],
            "eligibility": eligibility,
            "release": context.law.content_hash,
            "pack": reason["pack"],
        },
    )
    context.session.add(row)
    context.session.flush()  # grants and amounts refer to it
    context.notes.append({"assessment": row.id, "on": on.isoformat(), "result": row.result})
    return row


def asked_in_this_act(context: OperationContext, decision: str) -> Mapping[str, Any]:
    """What a table of the diagram answered in this act.

    Raises:
        Fault: `not_decided`.
    """
    return _reason(context, decision)


def record_self_care(
    context: OperationContext,
    *,
    on: date,
    items: Mapping[str, Any],
    tier: str,
    assessors: list[Any] | None = None,
    third_party: str | None = None,
    third_assessors: str | None = None,
) -> dict[str, Any]:
    """Keep one assessment of the six items by two people, of the office or of a third party.

    Raises:
        Invalid: `two_assessors`, `items_missing`. Conflict: `assessed_again`.
    """
    named = [str(one) for one in assessors or ()]
    outside = [
        part for part in (third_assessors or "").replace("，", "、").split("、") if part.strip()
    ]
    if len(set(named if third_party is None else outside)) < _TWO:
        raise Invalid(
            "two_assessors",
            "自理能力由两名以上的评估人员评估；第三方的评估人员用顿号隔开。",
            "Two people at least assess what somebody can do alone; separate their names.",
        )
    if set(items) != set(_ITEMS) or any(value is None for value in items.values()):
        raise Invalid("items_missing", "六项指标要逐项评估。", "All six items are assessed.")
    _check_earlier(context, on)
    row = SelfCareAssessment(
        id=new_id(),
        district_id=context.case.district_id,
        case_id=context.case.id,
        person_id=person_id_of(context),
        assessed_on=on,
        items={name: bool(items[name]) for name in _ITEMS},
        tier=tier,
        assessors={
            "assessors": named,
            "third_party": third_party,
            "third_assessors": third_assessors,
        },
        recorded_at=context.now,
        recorded_by_id=context.actor.account_id,
    )
    context.session.add(row)
    unable = sum(not one for one in row.items.values())
    context.notes.append({"self_care": row.id, "tier": tier, "unable": unable})
    return {}


def _check_earlier(context: OperationContext, on: date) -> None:
    later = context.session.scalar(
        select(SelfCareAssessment.id)
        .where(
            SelfCareAssessment.person_id == person_id_of(context),
            SelfCareAssessment.assessed_on > on,
        )
        .limit(1)
    )
    if later is not None:
        raise Conflict(
            "assessed_again",
            "这个人已有更晚的自理能力评估。",
            "The person has been assessed on a later day already.",
        )


def _reason(context: OperationContext, decision: str) -> Mapping[str, Any]:
    for reason in reversed(context.reasons):
        if reason.get("decision") == decision and "explanation" in reason:
            return dict(reason)
    raise Fault(
        "not_decided",
        f"这一步以前没有问过规则表“{decision}”。",
        f"The decision “{decision}” wasn't asked before this step.",
    )

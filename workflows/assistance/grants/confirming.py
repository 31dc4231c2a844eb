"""Confirming a grant: its monthly amount, from which month, until which review."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, func, select

from models.assistance import Assessment, Grant, GrantState
from models.households import Person, PropertyFinding
from models.types import new_id
from workflows.assistance.assessments import (
    assessed_values,
    decide_and_note,
    newest_assessment,
)
from workflows.assistance.context import OperationContext
from workflows.assistance.grants.amounts import first_amount
from workflows.assistance.grants.backdating import (
    MonthAmount,
    missed_months,
    pay_missed_months,
)
from workflows.assistance.money.due import someone_died
from workflows.assistance.money.ledger import DIBAO
from workflows.assistance.remedies.back_pay import wrongly_refused_on
from workflows.calendar import last_day_of_period
from workflows.errors import Conflict, Invalid
from workflows.outbox import queue_message


def confirm_grant(
    context: OperationContext, *, amount: Decimal, decided_on: date
) -> dict[str, Any]:
    """Confirm the amount that the assessment of the decision day gives (57 号 21, 23).

    The first paid month and the next review follow from decision tables and parameters. Where a
    refusal was undone by a review or a court, the months since are ordered as arrears.

    Raises:
        Invalid: `not_accepted`, `not_assessed`, `household_changed`, `amount_differs`,
            `nothing_to_grant`.
        Conflict: `already_granted`.
    """
    assessment = require_assessed(context)
    result = assessed_values(assessment)
    _check_amount(amount, result)
    regular = _start_month(context, decided_on)
    return keep_grant(
        context,
        assessment,
        programme=DIBAO,
        amount=amount,
        decided_on=decided_on,
        start_month=regular,
        missed=_missed_months(context, regular),
    )


def require_assessed(context: OperationContext) -> Assessment:
    """The newest assessment of a case that may be confirmed now.

    Raises:
        Invalid: `not_accepted`, `not_assessed`, `household_changed`. Conflict: `already_granted`.
    """
    case = context.case
    if case.accepted_on is None or case.household_id is None:
        # nobody is put on the roll without application, survey and confirmation (57 号 28)
        raise Invalid("not_accepted", "未受理的申请不能确认。", "The application isn't accepted.")
    if context.session.scalar(select(Grant.id).where(Grant.case_id == case.id)) is not None:
        raise Conflict("already_granted", "本件已经确认救助。", "The case has a grant already.")
    assessment = newest_assessment(context)
    _check_facts(context, case.household_id)
    return assessment


def _require_alive(context: OperationContext) -> None:
    """Nobody is granted anything whose death, or whose member's, is recorded and not settled."""
    person_id = context.case.person_id
    died: Select[Any] = select(someone_died(context.case.household_id))
    if person_id is not None:
        died = select(Person.id).where(Person.id == person_id, Person.died_on.is_not(None))
    if context.session.scalar(died):
        raise Conflict(
            "member_died",
            "已经登记有成员死亡：申请人本人死亡的，不予确认；其他成员死亡的，请退回更新家庭情况，"
            "重新核定。",
            "A death is recorded. If it is the applicant's own, nothing can be confirmed; otherwise"
            " return the case, bring the household up to date and assess it anew.",
        )


def keep_grant(
    context: OperationContext,
    assessment: Assessment,
    *,
    programme: str,
    amount: Decimal,
    decided_on: date,
    start_month: str,
    missed: Sequence[MonthAmount] = (),
) -> dict[str, Any]:
    """Keep a grant with its first amount, yuan a month, from a month such as 2021-11 on.

    `missed` are the months before it that a refusal, undone since, took: they are paid as arrears.

    Raises:
        Conflict: `member_died` where a death is recorded that the assessment counts as living.
    """
    session, case = context.session, context.case
    _require_alive(context)
    regular = date.fromisoformat(f"{start_month}-01")
    assert case.household_id is not None  # it was assessed
    result = assessed_values(assessment)
    next_review_on = last_day_of_period(decided_on, months=int(result["review_months"]))
    grant = Grant(
        id=new_id(),
        district_id=case.district_id,
        programme=programme,
        case_id=case.id,
        household_id=case.household_id,
        person_id=case.person_id,
        assessment_id=assessment.id,
        monthly=amount,
        base=result["base"],
        topup=result["topup"],
        decided_on=decided_on,
        decided_by_id=context.actor.account_id,
        start_month=missed[0].month if missed else regular,
        next_review_on=next_review_on,
        state=GrantState.ACTIVE,
    )
    session.add(grant)
    session.flush()  # the announcement in the same act refers to it
    first = first_amount(grant, context.now)
    first.from_month = regular
    session.add(first)
    if missed:
        pay_missed_months(context, grant, missed, first)
    case.monthly = amount
    _tell(context, grant)
    return {
        "start_month": f"{grant.start_month:%Y-%m}",
        "next_review_on": next_review_on,
        "grant_id": grant.id,
    }


def _tell(context: OperationContext, grant: Grant) -> None:
    """Other systems of the district, and the trail."""
    start_month = f"{grant.start_month:%Y-%m}"
    queue_message(
        context.session,
        district_id=grant.district_id,
        topic="grant.confirmed",
        key=f"grant.confirmed/{grant.id}",
        payload={
            "case": context.case.number,
            "monthly": f"{grant.monthly:.2f}",
            "start_month": start_month,
        },
        now=context.now,
    )
    context.notes.append(
        {
            "grant": grant.id,
            "monthly": grant.monthly,
            "start_month": start_month,
            "next_review_on": grant.next_review_on.isoformat(),
        }
    )


def schedule_review(context: OperationContext, *, next_review_on: date) -> dict[str, Any]:
    """Keep the day of the next check with the grant (57 号 31)."""
    grant = context.session.scalar(select(Grant).where(Grant.case_id == context.case.id))
    if grant is not None:
        grant.next_review_on = next_review_on
    context.notes.append({"next_review_on": next_review_on.isoformat()})
    return {}


def _missed_months(context: OperationContext, regular: str) -> list[MonthAmount]:
    """The months before the regular first one that a refusal, undone since, took."""
    refused_on = wrongly_refused_on(context)
    if refused_on is None:
        return []
    first, until = _start_month(context, refused_on), regular
    return missed_months(
        context, date.fromisoformat(f"{first}-01"), date.fromisoformat(f"{until}-01")
    )


def _start_month(context: OperationContext, decided_on: date) -> str:
    """The first month of payment, such as 2021-11; the row that gave it goes to the trail."""
    key = "dibao_start_month"
    return str(decide_and_note(context, key, {"decided_on": decided_on}, decided_on).value)


def _check_facts(context: OperationContext, household_id: str) -> None:
    """Who confirms has seen an assessment of the facts as they are, not as they were.

    The last assessment before this act is what was seen; a new one in this act may differ from it
    by new standards only.
    """
    seen_at = context.session.scalar(
        select(func.max(Assessment.made_at)).where(
            Assessment.case_id == context.case.id, Assessment.made_at < context.now
        )
    )
    recorded_at = context.session.scalar(
        select(func.max(PropertyFinding.recorded_at)).where(
            PropertyFinding.household_id == household_id, PropertyFinding.superseded_at.is_(None)
        )
    )
    if seen_at is not None and recorded_at is not None and recorded_at > seen_at:
        raise Invalid(
            "household_changed",
            "核算之后家庭情况有变更，请退回重新核算，再作决定。",
            "The household's facts have changed since the assessment; return the case so that it"
            " is assessed again.",
        )


def _check_amount(amount: Decimal, result: dict[str, Any]) -> None:
    if amount != result["monthly"]:
        raise Invalid(
            "amount_differs",
            f"金额 {amount} 与核算结果 {result['monthly']} 不一致。",
            f"The amount {amount} differs from the assessment's {result['monthly']}.",
        )
    if result["class"] != "dibao" or amount <= 0:
        raise Invalid(
            "nothing_to_grant",
            "核算结果不符合最低生活保障条件，不能确认。",
            "By the assessment the household doesn't qualify; nothing can be confirmed.",
        )

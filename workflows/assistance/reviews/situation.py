"""The grant that a change is about: what it pays, in which phase it is, what is known anew."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import func, select

from models.assistance import AmountKind, Assessment, Grant, GrantAmount, GrantState
from models.households import Household
from workflows.assistance.assessments import assessed_values, newest_assessment
from workflows.assistance.context import OperationContext
from workflows.assistance.grants import amount_of_month, counting_amounts
from workflows.assistance.job_offers import standing_cuts
from workflows.assistance.money.ledger import DIBAO
from workflows.calendar import months_later
from workflows.errors import Conflict, NotFound
from workflows.feel import from_json

#: The cause of the check with which a gradual exit ends.
EXIT_OVER: Final = "gradual_exit"
_COUNTABLE: Final = "dibao_countable_income"


def open_change(context: OperationContext, *, grant_id: str | None) -> dict[str, Any]:
    """The grant that a change is about; without an id the one that the household receives.

    Raises:
        NotFound: `no_grant`. Conflict: `grant_ended`, `other_programme`, `several_grants`.
    """
    grant = grant_of(context, grant_id) if grant_id else _only_grant(context)
    if grant.programme != DIBAO:
        raise Conflict(
            "other_programme",
            "特困供养的变更和终止在特困的流程中办理。",
            "Support of people in extreme hardship is changed and ended in its own processes.",
        )
    if grant.state is GrantState.ENDED:
        raise Conflict(
            "grant_ended",
            "该救助已经停发；停发有误的，办理恢复。",
            "The benefit has been stopped; a wrong stop is undone by restoring it.",
        )
    amount = current_amount(context, grant)
    context.notes.append({"grant": grant.id, "monthly": amount.monthly, "kind": amount.kind.value})
    return {
        "grant_id": grant.id,
        "programme": grant.programme,
        "current": {
            "monthly": amount.monthly,
            "kind": amount.kind.value,
            "from_month": f"{amount.from_month:%Y-%m}",
        },
    }


def grant_of(context: OperationContext, grant_id: str) -> Grant:
    """A grant of the case's household.

    Raises:
        NotFound: `no_grant`.
    """
    grant = context.session.get(Grant, grant_id)
    if grant is None or grant.household_id != context.case.household_id:
        raise NotFound(
            "no_grant",
            "这个家庭没有这份正在享受的待遇。",
            "The household has no such benefit.",
        )
    return grant


def _only_grant(context: OperationContext) -> Grant:
    case = context.case
    found = context.session.scalars(
        select(Grant).where(
            Grant.household_id == case.household_id,
            Grant.programme == DIBAO,
            Grant.state == GrantState.ACTIVE,
        )
    ).all()
    own = [one for one in found if one.person_id == case.person_id] or list(found)
    if not own:
        raise NotFound(
            "no_grant",
            "这个家庭没有正在享受的最低生活保障，不能办理变更。",
            "The household receives no subsistence allowance that could be changed.",
        )
    if len(own) > 1:
        raise Conflict(
            "several_grants",
            "这个家庭有几份待遇，请从要变更的那一份办理。",
            "The household has several benefits; start from the one to be changed.",
        )
    return own[0]


def current_amount(context: OperationContext, grant: Grant) -> GrantAmount:
    """What the grant pays next month if nobody decides anything; else the last that it paid.

    Raises:
        Conflict: `grant_ended` where nothing of it counts.
    """
    amounts = counting_amounts(context.session, grant.id)
    if not amounts:
        raise Conflict("grant_ended", "该救助已经停发。", "The benefit has been stopped.")
    return amount_of_month(amounts, months_later(context.today.replace(day=1), 1)) or amounts[-1]


def read_situation(
    context: OperationContext, *, grant_id: str, cause: str, withheld: Decimal | None = None
) -> dict[str, Any]:
    """What the tables are asked about: the phase, what is paid, and what the new calculation gives.

    Own shares that are cut for refusing work come off the calculated amount, and `withheld`, what
    another decision takes off besides; in yuan a month. The total isn't rounded.

    Raises:
        NotFound: `no_grant`. Invalid: `not_assessed`.
    """
    grant = grant_of(context, grant_id)
    amount = current_amount(context, grant)
    assessment = newest_assessment(context)
    after = assessed_values(assessment)
    cut = standing_cuts(context.session, grant.id)
    taken_off = min((withheld or Decimal(0)) + cut, after["monthly"])
    computed = after["monthly"] - taken_off
    topup = min(after["topup"], computed)
    household = context.session.get_one(Household, grant.household_id)
    situation = {
        "phase": phase_of(amount, cause),
        "area": household.area.value,
        "total": _exact_total(assessment, after),
        "members": after["members"],
        "property_ok": after["property_ok"],
        "monthly": amount.monthly,
        "computed": computed,
        "base": computed - topup,
        "topup": topup,
        "withheld": taken_off,
        "last_exit_ended_on": last_exit_ended_on(context, grant, amount),
        "exit_until": None if amount.until_month is None else f"{amount.until_month:%Y-%m}",
        "start_month": f"{grant.start_month:%Y-%m}",
        "review_months": after["review_months"],
        "before": _before(context, grant),
    }
    context.notes.append({"situation": {key: _plain(value) for key, value in situation.items()}})
    return {"situation": situation}


def phase_of(amount: GrantAmount, cause: str) -> str:
    """`regular`, `exit` within a gradual exit, `exit_over` when that ends."""
    if amount.kind is not AmountKind.GRADUAL_EXIT:
        return "regular"
    return "exit_over" if cause == EXIT_OVER else "exit"


def last_exit_ended_on(context: OperationContext, grant: Grant, amount: GrantAmount) -> date | None:
    """The last day of the household's last gradual exit before this amount; None without one."""
    found = context.session.scalar(
        select(func.max(GrantAmount.until_month))
        .join(Grant, Grant.id == GrantAmount.grant_id)
        .where(
            Grant.household_id == grant.household_id,
            Grant.person_id.is_(None) if grant.person_id is None
            else Grant.person_id == grant.person_id,
            GrantAmount.kind == AmountKind.GRADUAL_EXIT,
            GrantAmount.superseded_at.is_(None),
            GrantAmount.id != amount.id,
        )
    )  # fmt: skip
    return None if found is None else found - timedelta(days=1)


def _before(context: OperationContext, grant: Grant) -> dict[str, Any] | None:
    """What was calculated when the grant's present amount was decided."""
    row = context.session.get(Assessment, grant.assessment_id)
    if row is None:
        return None
    known = assessed_values(row)
    return {key: known.get(key) for key in ("members", "countable", "per_capita", "standard")}


def _exact_total(assessment: Assessment, after: Mapping[str, Any]) -> Decimal:
    """The countable income as the tables used it; the result of an assessment is rounded."""
    for step in assessment.explanation.get("decision", {}).get("steps", ()):
        if step["id"] == _COUNTABLE:
            return Decimal(from_json(step["result"]))
    return Decimal(after["countable"])


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value

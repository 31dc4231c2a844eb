"""What became of a review, lawsuit, petition or complaint, and what follows from it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from models.assistance import Grant, GrantAmount, GrantState
from models.cases import Case
from models.households import Household
from models.recoveries import Recovery, RecoveryState
from models.remedies import Remedy, RemedyResult
from workflows.assistance.context import CaseRequest, OperationContext
from workflows.assistance.remedies.registering import remedy_of
from workflows.calendar import local_day
from workflows.errors import Conflict

#: What a decision that somebody went against did.
REFUSAL, STOP, REDUCTION, AMOUNT, RECOVERY, OTHER, NOTHING = (
    "refusal", "stop", "reduction", "amount", "recovery", "other", "none",
)  # fmt: skip
_REFUSED: Final = frozenset({"refused", "terminated"})


def weigh_remedy(context: OperationContext, *, remedy_id: str) -> dict[str, Any]:
    """What the decision did, so that the table can say what undoing it takes.

    `first_on` is the day of the first application, which a reopened one carries.
    """
    remedy = remedy_of(context, remedy_id)
    against = context.session.get(Case, remedy.against_case_id) if remedy.against_case_id else None
    if against is None:
        return {"subject": NOTHING, "process": None, "first_on": None, "against_grant_id": None}
    subject, grant_id = _subject(context, against)
    first_on = against.first_applied_on or against.accepted_on or local_day(against.opened_at)
    context.notes.append({"remedy": remedy.id, "subject": subject, "grant": grant_id})
    return {
        "subject": subject,
        "process": against.process_key,
        "first_on": first_on,
        "against_grant_id": grant_id,
    }


def _subject(context: OperationContext, against: Case) -> tuple[str, str | None]:
    """What the decision did, and to which grant."""
    session = context.session
    owed = session.scalar(
        select(Recovery.grant_id).where(
            Recovery.case_id == against.id, Recovery.state == RecoveryState.OPEN
        )
    )
    if owed is not None:
        return RECOVERY, owed
    changed = session.scalars(
        select(GrantAmount)
        .where(GrantAmount.case_id == against.id)
        .order_by(GrantAmount.recorded_at.desc(), GrantAmount.from_month.desc())
        .limit(1)
    ).one_or_none()
    if changed is not None:
        return (REDUCTION if _lower(session, changed) else AMOUNT), changed.grant_id
    if against.outcome in _REFUSED:
        return REFUSAL, None
    return _of_household(session, against)


def _lower(session: Session, changed: GrantAmount) -> bool:
    """Whether an amount is below the one that counted before it."""
    before = session.scalars(
        select(GrantAmount.monthly)
        .where(
            GrantAmount.grant_id == changed.grant_id,
            GrantAmount.case_id != changed.case_id,
            GrantAmount.recorded_at <= changed.recorded_at,
        )
        .order_by(GrantAmount.recorded_at.desc(), GrantAmount.from_month.desc())
        .limit(1)
    ).one_or_none()
    return before is not None and changed.monthly < before


def _of_household(session: Session, against: Case) -> tuple[str, str | None]:
    """The household's newest grant, where the decision was about it: stopped, or another thing."""
    grant = session.scalars(
        select(Grant)
        .where(Grant.household_id == against.household_id)
        .order_by(Grant.decided_on.desc(), Grant.id.desc())
        .limit(1)
    ).one_or_none()
    if grant is None:
        return OTHER, None
    stopped = grant.state is GrantState.ENDED and grant.case_id != against.id
    return (STOP if stopped else OTHER), grant.id


def open_after_remedy(
    context: OperationContext, *, remedy_id: str, process: str, variables: Mapping[str, Any]
) -> dict[str, Any]:
    """Ask for the case that carries out the result, for the household that it is about.

    A reopened application carries the day of the first one (`first_on` of the variables).

    Raises:
        Conflict: `remedy_no_grant` for a change of a benefit that isn't there.
    """
    remedy = remedy_of(context, remedy_id)
    if "grant_id" in variables and variables["grant_id"] is None:
        raise Conflict(
            "remedy_no_grant",
            "该家庭没有正在享受的待遇可以核查或者变更。",
            "The household has no benefit that could be checked or changed.",
        )
    first_on = variables.get("first_on")
    context.requests.append(
        CaseRequest(
            process,
            {name: value for name, value in variables.items() if value is not None},
            household=context.session.get(Household, remedy.household_id),
            first_applied_on=first_on if isinstance(first_on, date) else None,
        )
    )
    context.notes.append({"remedy": remedy.id, "opens": process})
    return {}


def waive_after_remedy(context: OperationContext, *, remedy_id: str) -> dict[str, Any]:
    """What the decision wanted back is waived; what has been paid back is somebody's to return."""
    remedy = remedy_of(context, remedy_id)
    open_ones = (
        Recovery.case_id == remedy.against_case_id,
        Recovery.state == RecoveryState.OPEN,
    )
    waived = context.session.scalar(
        select(func.coalesce(func.sum(Recovery.amount), 0)).where(*open_ones)
    )
    context.session.execute(
        update(Recovery)
        .where(*open_ones)
        .values(state=RecoveryState.WAIVED, settled_on=context.today)
        .execution_options(synchronize_session=False)
    )
    amount = Decimal(waived or 0)
    context.notes.append({"remedy": remedy.id, "waived": f"{amount:.2f}"})
    return {"waived": amount}


def close_remedy(
    context: OperationContext,
    *,
    remedy_id: str,
    result: str,
    decided_on: date | None = None,
    measure: str | None = None,
    answered_on: date | None = None,
) -> dict[str, Any]:
    """Keep the result; a named complaint is closed only once its result has been fed back.

    Raises:
        Conflict: `complaint_unanswered` (57 号 37).
    """
    remedy = remedy_of(context, remedy_id)
    _require_answer(remedy, answered_on)
    remedy.result = RemedyResult(result)
    remedy.decided_on = decided_on or context.today
    remedy.measure = measure or remedy.measure
    remedy.answered_on = answered_on
    remedy.closed_on = context.today
    context.notes.append({"remedy": remedy.id, "result": result, "measure": remedy.measure})
    return {"closed_on": context.today}


def _require_answer(remedy: Remedy, answered_on: date | None) -> None:
    if remedy.kind.value == "complaint" and remedy.named and answered_on is None:
        raise Conflict(
            "complaint_unanswered",
            "实名投诉举报须先向本人反馈结果，才能办结。",
            "A named complaint is closed only after its result has been fed back.",
        )

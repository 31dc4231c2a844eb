"""Periodic checks: what a check is told when it opens, and what it leaves behind."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, Final

from models.assistance import Grant, GrantState
from workflows.assistance.context import OperationContext
from workflows.assistance.grants import lock_grant
from workflows.assistance.reviews.situation import grant_of
from workflows.calendar import last_day_of_period
from workflows.errors import Conflict

#: Months between the checks of a person in extreme hardship.
TEKUN_CYCLE: Final = "B.review_year.length"


def open_review(context: OperationContext, *, grant_id: str) -> dict[str, Any]:
    """The programme, the last check, the day by which this one is due, and the cycle in months.

    Raises:
        NotFound: `no_grant`. Conflict: `grant_ended`.
    """
    grant = grant_of(context, grant_id)
    lock_grant(context.session, grant)
    if grant.state is GrantState.ENDED:
        raise Conflict("grant_ended", "该救助已经停发。", "The benefit has been stopped.")
    grant.review_case_id = context.case.id
    last_on = last_check(grant)
    months = _months_between(last_on, grant.next_review_on)
    context.notes.append({"grant": grant.id, "last_on": last_on.isoformat(), "months": months})
    return {
        "programme": grant.programme,
        "last_on": last_on,
        "legal_on": grant.next_review_on,
        "cycle_months": Decimal(months),
    }


def close_review(context: OperationContext, *, grant_id: str) -> dict[str, Any]:
    """Note that a person in extreme hardship was checked today, and set the next check.

    Raises:
        NotFound: `no_grant`.
    """
    grant = grant_of(context, grant_id)
    lock_grant(context.session, grant)
    months = int(context.law.parameters.value(TEKUN_CYCLE, context.today).value)
    return {"next_review_on": checked(context, grant, months)}


def checked(context: OperationContext, grant: Grant, months: int) -> date:
    """The grant was checked today; the day of the next check (57 号 31)."""
    grant.reviewed_on, grant.review_case_id = context.today, None
    grant.next_review_on = last_day_of_period(context.today, months=months)
    context.notes.append({"next_review_on": grant.next_review_on.isoformat()})
    return grant.next_review_on


def last_check(grant: Grant) -> date:
    """The day from which the cycle runs: the last check, or the decision."""
    return grant.reviewed_on or grant.decided_on


def _months_between(first: date, last: date) -> int:
    return max(1, (last.year - first.year) * 12 + last.month - first.month)

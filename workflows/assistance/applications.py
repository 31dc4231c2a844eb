"""Applications: accepted, filed for near relatives, refused, closed."""

from __future__ import annotations

from typing import Any

from sqlalchemy import exists, select

from models.accounts import Account
from models.assistance import Grant, NearRelativeFiling
from models.types import new_id
from workflows.assistance.context import OperationContext
from workflows.assistance.families.duplicates import require_no_duplicates
from workflows.assistance.publicity import take_down_postings
from workflows.definitions.policy import Policy
from workflows.errors import Conflict

#: The operation that a process for applications has.
ACCEPT = "application.accept"
#: Those of processes that decide about the benefit of a household as it is.
DECIDING = frozenset({ACCEPT, "change.open", "restore.open"})


def is_application(policy: Policy, process_key: str) -> bool:
    """Whether the process, or one that it calls, accepts an application (57 号 10)."""
    return _calls(policy, process_key, frozenset({ACCEPT}))


def decides_benefit(policy: Policy, process_key: str) -> bool:
    """Whether the process, or one that it calls, decides what a household gets or goes on getting.

    Its household has to be there until it ends.
    """
    return _calls(policy, process_key, DECIDING)


def _calls(policy: Policy, process_key: str, operations: frozenset[str]) -> bool:
    pending, seen = [process_key], {process_key}
    while pending:
        for element in policy.processes[pending.pop()].elements.values():
            if element.operation is not None and element.operation.name in operations:
                return True
            if element.called is not None and element.called not in seen:
                seen.add(element.called)
                pending.append(element.called)
    return False


def accept_application(context: OperationContext) -> dict[str, Any]:
    """Accept today; every clock of the case starts from here (57 号 10).

    Raises:
        Conflict: `already_accepted`, `duplicate_found`.
    """
    case = context.case
    if case.accepted_on is not None:
        raise Conflict("already_accepted", "本件已经受理。", "The application is accepted already.")
    require_no_duplicates(context)
    case.accepted_on = context.today
    context.notes.append({"accepted_on": context.today.isoformat()})
    return {"accepted_on": context.today}


def file_near_relative(
    context: OperationContext,
    *,
    person: str | None = None,
    relation: str | None = None,
    staff: str | None = None,
    post: str | None = None,
) -> dict[str, Any]:
    """File separately that a member is a near relative of staff (57 号 11; 条例 33).

    Accounts of the district that carry the name `staff` may not act on the case from here on;
    namesakes are kept away too, which errs on the safe side.
    """
    session, case = context.session, context.case
    named = session.scalars(
        select(Account.id).where(
            Account.district_id == case.district_id, Account.name == (staff or "").strip()
        )
    ).all()
    account_ids: list[str | None] = [*named] or [None]
    for account_id in account_ids:
        session.add(
            NearRelativeFiling(
                id=new_id(),
                district_id=case.district_id,
                case_id=case.id,
                account_id=account_id,
                relation=relation or "",
                staff_name=(staff or "").strip(),
                staff_post=post or "",
                filed_at=context.now,
                filed_by_id=context.actor.account_id,
            )
        )
    context.notes.append({"relation": relation, "accounts": list(named)})
    return {"filed_on": context.today}


def refuse_application(context: OperationContext, *, reason: str | None) -> dict[str, Any]:
    """Record the refusal (57 号 21); its notice follows in the process."""
    _refuse_after_grant(context)
    context.notes.append({"outcome": "refused", "on": context.today.isoformat()})
    return {"refused_on": context.today}


def close_application(
    context: OperationContext, *, outcome: str, reason: str | None = None
) -> dict[str, Any]:
    """Record that the procedure ends without a decision: withdrawn, terminated (57 号 29) …"""
    _refuse_after_grant(context)
    take_down_postings(context)
    context.notes.append({"outcome": outcome, "on": context.today.isoformat()})
    return {"closed_on": context.today}


def _refuse_after_grant(context: OperationContext) -> None:
    granted = context.session.scalar(select(exists().where(Grant.case_id == context.case.id)))
    if granted:
        raise Conflict(
            "already_granted",
            "本件已经确认救助，不能再作不予确认或终止处理。",
            "The case has a grant; it can't be refused or closed any more.",
        )

"""Paper debts: what is still owed on paper after aid was given first (先行救助、事后补齐手续)."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select

from models.accounts import Account
from models.clocks import Clock, ClockState
from models.relief import PaperDebt
from models.types import new_id
from workflows.assistance.context import OperationContext
from workflows.errors import Fault


def open_debt(
    context: OperationContext, *, missing: list[Any], owner: str | None = None
) -> dict[str, Any]:
    """Note which papers are owed, and by whom; it has an owner from its first moment.

    `owner` is an account's id; whoever acts owns it when none is given.

    Raises:
        Fault: `debt_owner` for an owner that isn't staff, or none where no person acts.
    """
    debt = _debt(context)
    if debt is None:
        debt = PaperDebt(
            id=new_id(),
            district_id=context.case.district_id,
            township_id=context.case.township_id,
            case_id=context.case.id,
            owner_id=_owner(context, owner),
            missing=[str(item) for item in missing],
            opened_on=context.today,
        )
        context.session.add(debt)
    context.notes.append({"debt": debt.id, "missing": debt.missing, "owner": debt.owner_id})
    return {"debt_id": debt.id}


def schedule_debt(context: OperationContext, *, clock: str) -> dict[str, Any]:
    """The emergency has eased: the debt is due when the clock with this key ends.

    Raises:
        Fault: `no_clock` when the clock doesn't run.
    """
    running = context.session.scalar(
        select(Clock).where(
            Clock.case_id == context.case.id,
            Clock.key == clock,
            Clock.state != ClockState.STOPPED,
        )
    )
    if running is None:
        raise Fault("no_clock", f"时限“{clock}”没有起算。", f"The clock “{clock}” isn't running.")
    debt = _debt(context)
    if debt is not None:
        debt.due_on = running.due_on
    return {"due_on": running.due_on}


def close_debt(context: OperationContext, *, received_on: date) -> dict[str, Any]:
    """The papers are here; late ones are accepted as well and never undo the aid."""
    debt = _debt(context)
    late = False
    if debt is not None:
        debt.closed_on = received_on
        late = debt.due_on is not None and context.today > debt.due_on
        context.notes.append({"debt": debt.id, "received_on": received_on, "late": late})
    return {"late": late}


def _owner(context: OperationContext, owner: str | None) -> str:
    owner_id = owner or context.actor.account_id
    if owner_id is None or (
        owner is not None
        and context.session.scalar(
            select(Account.id).where(
                Account.id == owner, Account.district_id == context.case.district_id
            )
        )
        is None
    ):
        raise Fault(
            "debt_owner",
            "待补手续没有可以负责的人。",
            "Nobody of the staff would own the papers that are owed.",
        )
    return owner_id


def _debt(context: OperationContext) -> PaperDebt | None:
    return context.session.scalar(select(PaperDebt).where(PaperDebt.case_id == context.case.id))

"""A household moves: its file goes to another township, or it leaves the district."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select, update

from models.assistance import Grant, GrantState
from models.cases import Case, CaseState, MessageSubscription, Task, TaskState
from models.household_changes import HouseholdChange, HouseholdChangeState
from models.households import Household
from models.offices import Office, OfficeLevel
from models.trail import SubjectKind
from workflows.assistance.context import OperationContext
from workflows.assistance.families.asked import own_household, planned_change
from workflows.assistance.grants import end_grant, month_lines
from workflows.assistance.households.membership import MOVED_AWAY, end_household, is_relief
from workflows.assistance.households.moving import lock_households, note_change
from workflows.audit import Subject, TrailAction, append_entry
from workflows.calendar import months_later
from workflows.errors import Finding, Invalid


def hand_over(context: OperationContext, *, to_village_id: str) -> dict[str, Any]:
    """Offer the file to the township of the village; until it accepts, nothing else changes.

    Raises:
        Invalid: `same_township`.
    """
    household = own_household(context)
    village = context.session.get_one(Office, to_village_id)
    if village.level is not OfficeLevel.VILLAGE or village.district_id != household.district_id:
        raise Invalid("no_such_village", "没有这个村（社区）。", "There is no such village.")
    change = planned_change(context)
    change.to_township_id = village.parent_id
    change.from_township_id = household.township_id
    if village.parent_id == household.township_id:
        raise Invalid(
            "same_township",
            "仍在同一镇乡（街道）内，不须移交。",
            "It stays in the same township; nothing is handed over.",
        )
    context.case.township_id, context.case.village_id = village.parent_id or "", village.id
    context.notes.append({"handed_over_to": village.parent_id, "village": village.id})
    return {"handed_over_on": context.today}


def take_over(
    context: OperationContext, *, to_village_id: str, reason: str | None = None
) -> dict[str, Any]:
    """The new township accepts: household, open cases, their tasks and the benefit are its own.

    Cases of relief stay where the money was promised. A roll that is drawn from now on lists the
    family with the new township; a month that is paid or on a roll isn't paid again.
    """
    household = own_household(context)
    change = planned_change(context)
    village = context.session.get_one(Office, to_village_id)
    cases = _open_cases(context, household, change)
    lock_households(context.session, [household.id])
    old = {household.township_id: village.parent_id, household.village_id: village.id}
    household.township_id, household.village_id = village.parent_id or "", village.id
    for case in cases:
        _follow(context, case, village, old)
    change.state, change.done_at = HouseholdChangeState.DONE, context.now
    change.reason = (reason or "").strip()
    note_change(
        context.session, household, actor=context.actor, now=context.now,
        data={"case": context.case.number, "kind": "township", "to": village.parent_id,
              "cases": [case.number for case in cases]},
    )  # fmt: skip
    context.notes.append({"taken_over": len(cases)})
    return {"taken_over_on": context.today, "cases_moved": len(cases)}


def hand_back(context: OperationContext, *, reason: str | None) -> dict[str, Any]:
    """The new township doesn't take the file; the old one keeps it and goes on paying."""
    household = own_household(context)
    change = planned_change(context)
    change.state, change.done_at = HouseholdChangeState.DROPPED, context.now
    change.reason = (reason or "").strip()
    context.case.township_id = household.township_id
    context.case.village_id = household.village_id
    context.notes.append({"handed_back_to": household.township_id})
    return {"handed_back_on": context.today}


def tell_received(context: OperationContext) -> dict[str, Any]:
    """What the family received here until when, for the certificate that goes along."""
    household = own_household(context)
    lines = []
    for grant in _grants(context, household):
        paid = [one for one in month_lines(context.session, grant, context.today) if one.paid > 0]
        since = f"{grant.start_month.year}年{grant.start_month.month}月"
        total = sum((one.paid for one in paid), start=grant.monthly * 0)
        last = f"{paid[-1].month.year}年{paid[-1].month.month}月" if paid else "尚未发放"
        lines.append(
            f"自{since}起每月领取，现每月 {grant.monthly:.2f} 元，已发放 {len(paid)} 个月共"
            f" {total:.2f} 元，最后发放的月份：{last}"
        )
    context.notes.append({"benefits": len(lines)})
    return {"received": "；".join(lines) or "没有领取低保、特困待遇"}


def leave_district(
    context: OperationContext, *, taken_over_from: date, reason: str | None = None
) -> dict[str, Any]:
    """The other district pays from that month on: here every benefit ends with the month before.

    The household is closed and keeps its people, so that it can come back.

    Raises:
        Invalid: `month_paid_here` where that month was paid here already, or is on its way.
    """
    household = own_household(context)
    lock_households(context.session, [household.id])
    change = planned_change(context)
    month = taken_over_from.replace(day=1)
    for grant in _grants(context, household):
        _refuse_paid(context, grant, month)
        first = max(month, grant.start_month)
        end_grant(context, grant, from_month=first, reason=MOVED_AWAY)
    change.state, change.done_at = HouseholdChangeState.DONE, context.now
    change.from_month, change.reason = month, (reason or "").strip()
    end_household(context.session, household, MOVED_AWAY, actor=context.actor, now=context.now)
    note_change(
        context.session, household, actor=context.actor, now=context.now,
        data={"case": context.case.number, "kind": "district", "from": month},
    )  # fmt: skip
    return {"ended_from": month}


def _grants(context: OperationContext, household: Household) -> list[Grant]:
    return list(
        context.session.scalars(
            select(Grant)
            .where(Grant.household_id == household.id, Grant.state == GrantState.ACTIVE)
            .order_by(Grant.id)
        )
    )


def _refuse_paid(context: OperationContext, grant: Grant, month: date) -> None:
    for line in month_lines(context.session, grant, months_later(context.today, 1)):
        if line.month >= month and (line.paid > 0 or line.underway > 0):
            raise Invalid(
                findings=[
                    Finding(
                        "month_paid_here",
                        f"{line.month:%Y年%m月}已在本区发放或者正在发放，接收地应从以后的月份起。",
                        f"{line.month:%Y-%m} is paid here or on its way; the other district has to"
                        " begin later.",
                        field="taken_over_from",
                    )
                ]
            )


def _open_cases(
    context: OperationContext, household: Household, change: HouseholdChange
) -> list[Case]:
    """The household's other open cases at the old township, locked in the order of their ids."""
    return list(
        context.session.scalars(
            select(Case)
            .where(
                Case.household_id == household.id,
                Case.id != context.case.id,
                Case.state == CaseState.OPEN,
                Case.township_id == change.from_township_id,
                ~is_relief(),
            )
            .order_by(Case.id)
            .with_for_update(of=Case)
            .execution_options(populate_existing=True)
        )
    )


def _follow(
    context: OperationContext, case: Case, village: Office, old: dict[str, str | None]
) -> None:
    """A case with what waits in it goes to the new office; nobody has claimed its tasks there."""
    case.township_id = village.parent_id or ""
    case.village_id = None if case.village_id is None else village.id
    for before, after in old.items():
        context.session.execute(
            update(Task)
            .where(
                Task.case_id == case.id,
                Task.office_id == before,
                Task.state == TaskState.OPEN,
            )
            .values(office_id=after, assignee_id=None, claimed_at=None)
        )
        context.session.execute(
            update(MessageSubscription)
            .where(MessageSubscription.case_id == case.id, MessageSubscription.office_id == before)
            .values(office_id=after)
        )
    append_entry(
        context.session,
        Subject(SubjectKind.CASE, case.id, case.district_id),
        TrailAction.HOUSEHOLD_CHANGED,
        actor=context.actor,
        now=context.now,
        data={"decided_in": context.case.number, "to": village.parent_id},
    )

"""Registering what somebody files against a decision or an office; late ones as well."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select

from models.clocks import Clock
from models.remedies import Execution, Remedy, RemedyKind
from models.types import new_id
from workflows.assistance.context import OperationContext
from workflows.errors import Conflict, NotFound

#: The operation that a process of this kind has.
REGISTER = "remedy.register"


def register_remedy(
    context: OperationContext,
    *,
    kind: str,
    filed_on: date,
    against_case_id: str | None = None,
    notice_id: str | None = None,
    about_household_id: str | None = None,
    party_id: str | None = None,
    named: bool | None = None,
    learnt_on: date | None = None,
    clock: str | None = None,
    body: str | None = None,
) -> dict[str, Any]:
    """Register a review, lawsuit, petition or complaint (行政复议法 20, 信访工作条例 22, 57 号 37).

    `clock` is the period in which it could be filed; one that comes after it is registered all
    the same and marked. A complaint's case is for the eyes of the district's office only.

    Raises:
        Conflict: `remedy_registered` for a second one in the same case.
    """
    session, case = context.session, context.case
    if session.scalar(select(Remedy.id).where(Remedy.case_id == case.id)) is not None:
        raise Conflict("remedy_registered", "本件已经登记。", "This has been registered already.")
    last_on = None if clock is None else _last_day(context, clock)
    late = last_on is not None and filed_on > last_on
    remedy = Remedy(
        id=new_id(),
        district_id=case.district_id,
        township_id=case.township_id,
        kind=RemedyKind(kind),
        case_id=case.id,
        against_case_id=against_case_id,
        notice_id=notice_id,
        household_id=about_household_id,
        party_id=party_id,
        named=named is not False,
        filed_on=filed_on,
        learnt_on=learnt_on,
        last_on=last_on,
        late=late,
        body=body,
    )
    session.add(remedy)
    case.confined = remedy.kind is RemedyKind.COMPLAINT
    session.flush()  # the answers of this act are sealed for the party that it names
    context.notes.append(
        {
            "remedy": remedy.id,
            "kind": kind,
            "against": against_case_id,
            "filed_on": filed_on.isoformat(),
            "last_on": last_on and last_on.isoformat(),
            "late": late,
        }
    )
    return {"remedy_id": remedy.id, "late": late, "last_on": last_on}


def note_remedy(
    context: OperationContext,
    *,
    remedy_id: str,
    body: str | None = None,
    file_number: str | None = None,
    execution: str | None = None,
) -> dict[str, Any]:
    """Keep who handles it under which number, and whether the decision is carried out meanwhile."""
    remedy = remedy_of(context, remedy_id)
    remedy.body = body or remedy.body
    remedy.file_number = file_number or remedy.file_number
    if execution is not None:
        remedy.execution = Execution(execution)
    noted = {"remedy": remedy.id, "body": remedy.body, "execution": remedy.execution.value}
    context.notes.append(noted)
    return {}


def remedy_of(context: OperationContext, remedy_id: str) -> Remedy:
    """The remedy of the context's case.

    Raises:
        NotFound: `remedy_not_found`.
    """
    remedy = context.session.get(Remedy, remedy_id)
    if remedy is None or remedy.case_id != context.case.id:
        raise NotFound("remedy_not_found", "找不到这项登记。", "There is no such registration.")
    return remedy


def _last_day(context: OperationContext, key: str) -> date | None:
    """The last day of a period that the case has counted."""
    return context.session.scalar(
        select(Clock.due_on)
        .where(Clock.case_id == context.case.id, Clock.key == key)
        .order_by(Clock.started_at.desc(), Clock.id.desc())
        .limit(1)
    )

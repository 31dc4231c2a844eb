"""Edge households (57 号 8): recorded when a family wants it, valid for some months, ended."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.orm import Session

from models.assistance import Assessment
from models.edge import EdgeRecord
from models.types import new_id
from workflows.assistance.context import OperationContext
from workflows.assistance.households import lock_household
from workflows.calendar import last_day_of_period
from workflows.errors import Fault, Invalid
from workflows.feel import from_json

#: For how many months a recognition counts (bpmn/parameters/dibao.yaml).
VALID_MONTHS: Final = "dibao.edge.valid_months"
_EDGE: Final = "edge"


def counts_on(day: date) -> ColumnElement[bool]:
    """Whether a record counts on a day: decided, not run out, not ended."""
    return and_(
        EdgeRecord.decided_on <= day,
        EdgeRecord.valid_until >= day,
        or_(EdgeRecord.ended_on.is_(None), EdgeRecord.ended_on > day),
    )


def is_edge_on(session: Session, household_ids: Collection[str], day: date) -> frozenset[str]:
    """Those of the households that are recognised as edge households on a day. One SELECT."""
    if not household_ids:
        return frozenset()
    return frozenset(
        session.scalars(
            select(EdgeRecord.household_id).where(
                EdgeRecord.household_id.in_(household_ids),
                counts_on(day),
            )
        )
    )


def record_edge(context: OperationContext) -> dict[str, Any]:
    """Record the household of the case as an edge household by its newest assessment.

    An earlier record that is still open ends today: the new one takes its place.

    Raises:
        Fault: `no_household`. Invalid: `not_assessed`, `not_edge`.
    """
    session, case = context.session, context.case
    if case.household_id is None:
        raise Fault("no_household", "办件没有家庭信息。", "The case has no household.")
    lock_household(session, case.household_id)
    made = session.scalar(
        select(Assessment)
        .where(Assessment.case_id == case.id)
        .order_by(Assessment.made_at.desc(), Assessment.id.desc())
        .limit(1)
    )
    if made is None:
        raise Invalid("not_assessed", "尚未核算，不能认定。", "The household isn't assessed yet.")
    result = {name: from_json(value) for name, value in made.result.items()}
    if result.get("family_class", result["class"]) != _EDGE:
        raise Invalid(
            "not_edge",
            "按最近一次核算，这个家庭不属于低保边缘家庭，不能认定。",
            "By the newest assessment this is no edge household; it can't be recorded as one.",
        )
    _end(context, case.household_id, "重新认定")
    months = int(context.law.parameters.value(VALID_MONTHS, context.today).value)
    record = EdgeRecord(
        id=new_id(),
        district_id=case.district_id,
        township_id=case.township_id,
        household_id=case.household_id,
        case_id=case.id,
        assessment_id=made.id,
        per_capita=Decimal(result.get("family_per_capita", result["per_capita"])),
        edge_line=Decimal(result["edge_line"]),
        decided_on=context.today,
        valid_until=last_day_of_period(context.today, months=months),
        recorded_at=context.now,
        recorded_by_id=context.actor.account_id,
        ended_reason="",
    )
    session.add(record)
    session.flush()  # the notice of the same act may show it
    context.notes.append({"edge": record.id, "valid_until": record.valid_until.isoformat()})
    return {"decided_on": record.decided_on, "valid_until": record.valid_until}


def end_edge(context: OperationContext, *, reason: str) -> dict[str, Any]:
    """End the open record of the case's household, where there is one: it gets 低保 itself, say.

    A single person who gets 低保 leaves the household on the edge.
    """
    case = context.case
    if case.household_id is None or case.person_id is not None:
        return {"ended_on": None}
    ended = _end(context, case.household_id, reason)
    if ended:
        context.notes.append({"edge_ended": reason})
    return {"ended_on": context.today if ended else None}


def edge_records(session: Session, household_id: str) -> list[EdgeRecord]:
    """All records of a household, newest first. One SELECT."""
    return list(
        session.scalars(
            select(EdgeRecord)
            .where(EdgeRecord.household_id == household_id)
            .order_by(EdgeRecord.decided_on.desc(), EdgeRecord.id.desc())
        )
    )


def _end(context: OperationContext, household_id: str, reason: str) -> bool:
    done = context.session.execute(
        update(EdgeRecord)
        .where(EdgeRecord.household_id == household_id, EdgeRecord.ended_on.is_(None))
        .values(ended_on=context.today, ended_reason=reason, ended_by_id=context.actor.account_id)
        .returning(EdgeRecord.id)
    )
    return done.first() is not None

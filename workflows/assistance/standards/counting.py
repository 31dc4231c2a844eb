"""The list of an adjustment: every benefit fixed by the old standard, calculated by the new one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session

from models.assistance import AmountKind, Assessment, Grant, GrantAmount, GrantState
from models.households import Household
from models.jobs import Job
from models.standards import AdjustedGrant, AdjustedKind, AdjustmentState, StandardAdjustment
from models.types import new_id
from workflows.assistance.assessments import DECISION
from workflows.assistance.money.due import amount_counts_for
from workflows.assistance.retroactive.recalculation import inputs_of, taken_off
from workflows.definitions.answering import Answer, answer
from workflows.definitions.policy import Policy
from workflows.errors import Invalid
from workflows.jobs import Chunk

#: The kind of job that makes the list.
COUNT_JOB: Final = "standards.count"
#: Benefits that one chunk looks at.
BATCH: Final = 200
_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A benefit with what it pays for the month, and the calculation it rests on."""

    grant: Grant
    amount: GrantAmount
    assessment: Assessment
    township_id: str


def candidates(
    adjustment: StandardAdjustment,
) -> Select[Grant, GrantAmount, Assessment, str]:
    """The benefits that go on past the month and were fixed by a calculation of an earlier day.

    What is paid on in a gradual exit stays as it is until its check.
    """
    month = adjustment.month
    return (
        select(Grant, GrantAmount, Assessment, Household.township_id)
        .join(GrantAmount, and_(GrantAmount.grant_id == Grant.id, amount_counts_for(month)))
        .join(
            Assessment,
            Assessment.id == func.coalesce(GrantAmount.assessment_id, Grant.assessment_id),
        )
        .join(Household, Household.id == Grant.household_id)
        .where(
            Grant.district_id == adjustment.district_id,
            Grant.programme == adjustment.programme,
            Grant.state == GrantState.ACTIVE,
            GrantAmount.kind == AmountKind.REGULAR,
            Assessment.on < adjustment.holds_from,
        )
    )


def calculated_anew(
    law: Policy, assessment: Assessment, adjustment: StandardAdjustment, now: datetime
) -> Answer:
    """The calculation of a benefit once more, on the day that the new standard holds from.

    Raises:
        Invalid: what the tables refuse.
    """
    inputs = inputs_of(assessment)
    if assessment.decision == DECISION:
        inputs = {"household": {**inputs["household"], "on": adjustment.holds_from}}
    elif "on" in inputs:
        inputs = {**inputs, "on": adjustment.holds_from}
    return answer(law, assessment.decision, inputs, adjustment.holds_from, now)


def count_chunk(
    session: Session, job: Job, adjustment: StandardAdjustment, law: Policy, now: datetime
) -> Chunk:
    """Look at the next benefits; a chunk of a job."""
    query = candidates(adjustment)
    total = job.total
    if total is None:
        total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    rows = [
        Candidate(*row)
        for row in session.execute(
            query.where(Grant.id > (job.cursor or "")).order_by(Grant.id).limit(BATCH)
        )
    ]
    totals, townships = dict(adjustment.totals), dict(adjustment.townships)
    for found in rows:
        listed = _listed(law, adjustment, found, now)
        if listed is None:
            _add(totals, "unchanged", _NOTHING)
            continue
        session.add(listed)
        more = listed.new_monthly - listed.old_monthly
        _add(totals, listed.kind.value, more)
        if listed.kind is AdjustedKind.MORE:
            _add(townships, listed.township_id, more)
    adjustment.totals, adjustment.townships = totals, townships
    if len(rows) == BATCH:
        return Chunk(rows[-1].grant.id, done=len(rows), total=total)
    adjustment.state, adjustment.counted_at = AdjustmentState.COUNTED, now
    return Chunk(None, done=len(rows), total=total)


def _listed(
    law: Policy, adjustment: StandardAdjustment, found: Candidate, now: datetime
) -> AdjustedGrant | None:
    """The benefit as it is listed; None where nothing changes."""
    old = found.amount.monthly
    try:
        value = calculated_anew(law, found.assessment, adjustment, now).result.value
    except Invalid:
        value = None
    if value is None or found.amount.assessment_id is None:
        # what somebody has fixed otherwise than by a calculation isn't raised by one
        kind, new = AdjustedKind.UNCLEAR, old
    else:
        new = raised(value, found.assessment, found.amount)
        if new == old:
            return None
        kind = AdjustedKind.MORE if new > old else AdjustedKind.CHECK
    return AdjustedGrant(
        id=new_id(),
        district_id=adjustment.district_id,
        township_id=found.township_id,
        adjustment_id=adjustment.id,
        grant_id=found.grant.id,
        amount_id=found.amount.id,
        household_id=found.grant.household_id,
        case_id=found.grant.case_id,
        kind=kind,
        old_monthly=old,
        new_monthly=new,
    )


def raised(value: Mapping[str, Any], assessment: Assessment, amount: GrantAmount) -> Decimal:
    """What a calculation gives, less what a decision had taken off the one before; in yuan."""
    if not entitled(value):
        return _NOTHING
    calculated: Decimal = value["monthly"]
    return max(calculated - taken_off(assessment, amount), _NOTHING)


def entitled(value: Mapping[str, Any]) -> bool:
    """Whether a calculation gives something; that of 特困 has no class of its own."""
    return bool(value.get("class", "dibao") == "dibao" and value["monthly"] > 0)


def base_of(value: Mapping[str, Any]) -> Decimal:
    """The part that rests on the standard, in yuan a month."""
    found: Decimal = value["base"] if "base" in value else value["basic"]
    return found


def _add(totals: dict[str, Any], name: str, more: Decimal) -> None:
    known = totals.get(name, {"count": 0, "more": "0.00"})
    totals[name] = {
        "count": known["count"] + 1,
        "more": f"{Decimal(known['more']) + more:.2f}",
    }


def sums(totals: Mapping[str, Any], names: Sequence[str]) -> tuple[int, Decimal]:
    """How many benefits of these kinds there are, and how much more a month they get, in yuan."""
    found = [totals[name] for name in names if name in totals]
    return sum(one["count"] for one in found), sum(
        (Decimal(one["more"]) for one in found), _NOTHING
    )

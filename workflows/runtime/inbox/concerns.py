"""What else is open about the people of a case, and what a search before acceptance found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.cases import Case, CaseState
from models.household_changes import HouseholdChange, HouseholdChangeState
from models.households import HouseholdMember
from models.offices import Office
from workflows.access import Viewer, visible_cases

#: More than these are counted, not listed.
MOST = 20


@dataclass(frozen=True, slots=True)
class Concern:
    """Another open case about the same household or one of its people."""

    case_id: str
    number: str
    process: str
    status: str
    opened_at: datetime
    township: str
    #: whether the viewer may follow the link; where not, only the township is told
    visible: bool


def concerns_of(
    session: Session, viewer: Viewer, household_id: str | None, case_id: str | None = None
) -> Sequence[Concern]:
    """Open cases about a household, its present people, or a change that takes them in. One SELECT.

    `case_id` is the case that asks, left out itself.
    """
    if household_id is None:
        return []
    people = select(HouseholdMember.person_id).where(
        HouseholdMember.household_id == household_id, HouseholdMember.superseded_at.is_(None)
    )
    about = (
        select(Case.id)
        .where(Case.household_id == household_id, Case.state == CaseState.OPEN)
        .union(
            select(Case.id).where(Case.person_id.in_(people), Case.state == CaseState.OPEN),
            select(HouseholdChange.case_id).where(
                HouseholdChange.other_household_id == household_id,
                HouseholdChange.state == HouseholdChangeState.PLANNED,
                HouseholdChange.case_id.is_not(None),
            ),
        )
    )
    rows = session.execute(
        select(
            Case.id,
            Case.number,
            Case.process_key,
            Case.status,
            Case.opened_at,
            Office.name.label("township"),
            visible_cases(viewer).label("visible"),
        )
        .join(Office, Office.id == Case.township_id)
        .where(Case.id.in_(about), Case.id != (case_id or ""))
        .order_by(Case.opened_at, Case.id)
        .limit(MOST)
    )
    return [
        Concern(
            row.id, row.number, row.process_key, row.status, row.opened_at, row.township,
            bool(row.visible),
        )
        for row in rows
    ]  # fmt: skip

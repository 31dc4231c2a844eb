"""备案: what townships approved by themselves in a month, filed with the district."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from models.cases import Case
from models.offices import Office
from models.relief import ReliefEvent, ReliefGrant
from workflows.access import Action, Viewer, visible_cases
from workflows.assistance.money.petty_fund import next_month

#: Grants of this level are decided by a township and filed (`file_with_district`).
_FILED: Final = "township"


@dataclass(frozen=True, slots=True)
class FilingRow:
    """Relief that a township approved."""

    case_id: str
    case_number: str
    township: str
    cause: str
    kind: str
    amount: Decimal
    decided_on: date


@dataclass(frozen=True, slots=True)
class FilingSum:
    """What a township approved in a month altogether."""

    township: str
    grants: int
    amount: Decimal


def filings(
    session: Session, viewer: Viewer, month: date, *, most: int | None = None
) -> Sequence[FilingRow]:
    """Relief that townships approved in a month, by township and day. One SELECT.

    `month` is its first day; `most` leaves out what comes after so many.
    """
    query = _of_month(
        viewer,
        month,
        Case.id,
        Case.number,
        Office.name,
        ReliefEvent.cause,
        ReliefGrant.kind,
        ReliefGrant.total,
        ReliefGrant.decided_on,
    )
    ordered = query.order_by(Office.code, ReliefGrant.decided_on, ReliefGrant.id).limit(most)
    return [FilingRow(*row) for row in session.execute(ordered)]


def filing_sums(session: Session, viewer: Viewer, month: date) -> Sequence[FilingSum]:
    """The sums of a month's filings by township. One SELECT."""
    query = _of_month(viewer, month, Office.name, func.count(), func.sum(ReliefGrant.total))
    rows = session.execute(query.group_by(Office.code, Office.name).order_by(Office.code))
    return [FilingSum(name, int(count), Decimal(total)) for name, count, total in rows]


def _of_month(viewer: Viewer, month: date, *columns: Any) -> Select[Any]:
    return (
        select(*columns)
        .select_from(ReliefGrant)
        .join(ReliefEvent, ReliefEvent.id == ReliefGrant.event_id)
        .join(Case, Case.id == ReliefGrant.case_id)
        .join(Office, Office.id == Case.township_id)
        .where(
            ReliefGrant.district_id == viewer.district_id,
            ReliefGrant.decided_on >= month,
            ReliefGrant.decided_on < next_month(month),
            ReliefGrant.level == _FILED,
            visible_cases(viewer, Action.FILING_READ),
        )
    )

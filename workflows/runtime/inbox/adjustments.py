"""Standards that rise, for reading: the adjustments of a district, one with its list by page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from sqlalchemy import func, select, true
from sqlalchemy.orm import Session

from models.accounts import Account
from models.cases import Case
from models.jobs import Job
from models.offices import Office, OfficeLevel
from models.standards import AdjustedGrant, AdjustedKind, AdjustedState, StandardAdjustment
from workflows.access import Viewer
from workflows.assistance.standards.applying import APPLY_JOB
from workflows.assistance.standards.counting import COUNT_JOB
from workflows.errors import NotFound
from workflows.runtime.inbox.retroactive import within

PAGE: Final = 50
_MOST: Final = 100


@dataclass(frozen=True, slots=True)
class AdjustmentRow:
    """An adjustment in the list of a district."""

    adjustment: StandardAdjustment

    @property
    def totals(self) -> Mapping[str, tuple[int, Decimal]]:
        """By kind, and of those unchanged: how many, and how much more a month in yuan."""
        return {
            kind: (one["count"], Decimal(one["more"]))
            for kind, one in self.adjustment.totals.items()
        }


@dataclass(frozen=True, slots=True)
class AdjustmentView:
    """One adjustment: who decided, how its jobs go, what became of the benefits on its list."""

    row: AdjustmentRow
    case_number: str | None
    by: str | None
    jobs: tuple[Job, ...]
    states: Mapping[AdjustedState, int]
    #: of those that rise: (name, how many, yuan more a month), in the order of the codes
    townships: tuple[tuple[str, int, Decimal], ...]


@dataclass(frozen=True, slots=True)
class AdjustedRow:
    """A benefit on the list."""

    adjusted: AdjustedGrant
    case_number: str
    township: str


@dataclass(frozen=True, slots=True)
class AdjustedPage:
    """A page of the list; `following` is the id that the next one begins after."""

    rows: tuple[AdjustedRow, ...]
    following: str | None


def adjustments(session: Session, viewer: Viewer) -> list[AdjustmentRow]:
    """The latest adjustments of the viewer's district, newest first. One SELECT."""
    rows = session.scalars(
        select(StandardAdjustment)
        .where(StandardAdjustment.district_id == viewer.district_id)
        .order_by(StandardAdjustment.month.desc(), StandardAdjustment.programme)
        .limit(_MOST)
    )
    return [AdjustmentRow(row) for row in rows]


def adjustment_view(session: Session, viewer: Viewer, adjustment_id: str) -> AdjustmentView:
    """One adjustment of the viewer's district. Four SELECTs.

    Raises:
        NotFound: `adjustment_not_found`.
    """
    found = session.execute(
        select(StandardAdjustment, Case.number, Account.name)
        .outerjoin(Case, Case.id == StandardAdjustment.case_id)
        .outerjoin(Account, Account.id == StandardAdjustment.decided_by_id)
        .where(
            StandardAdjustment.id == adjustment_id,
            StandardAdjustment.district_id == viewer.district_id,
        )
    ).one_or_none()
    if found is None:
        raise NotFound("adjustment_not_found", "没有这次标准调整。", "There is no such adjustment.")
    adjustment, number, name = found
    keys = [f"{kind}/{adjustment_id}" for kind in (COUNT_JOB, APPLY_JOB)]
    jobs = session.scalars(select(Job).where(Job.key.in_(keys)).order_by(Job.created_at)).all()
    states = session.execute(
        select(AdjustedGrant.state, func.count().label("benefits"))
        .where(AdjustedGrant.adjustment_id == adjustment_id)
        .group_by(AdjustedGrant.state)
    )
    offices = session.execute(
        select(Office.id, Office.name)
        .where(Office.district_id == viewer.district_id, Office.level == OfficeLevel.TOWNSHIP)
        .order_by(Office.code)
    )
    sums = adjustment.townships
    return AdjustmentView(
        AdjustmentRow(adjustment),
        number,
        name,
        tuple(jobs),
        {row.state: row.benefits for row in states},
        tuple(
            (office, sums[office_id]["count"], Decimal(sums[office_id]["more"]))
            for office_id, office in offices
            if office_id in sums
        ),
    )


def adjusted_page(
    session: Session,
    viewer: Viewer,
    adjustment_id: str,
    *,
    kind: AdjustedKind | None = None,
    after: str | None = None,
) -> AdjustedPage:
    """The benefits on the list that the viewer's office sees, in their order. One SELECT."""
    rows = session.execute(
        select(AdjustedGrant, Case.number, Office.name)
        .join(Case, Case.id == AdjustedGrant.case_id)
        .join(Office, Office.id == AdjustedGrant.township_id)
        .where(
            AdjustedGrant.adjustment_id == adjustment_id,
            AdjustedGrant.district_id == viewer.district_id,
            within(viewer, AdjustedGrant.township_id),
            true() if kind is None else AdjustedGrant.kind == kind,
            true() if after is None else AdjustedGrant.id > after,
        )
        .order_by(AdjustedGrant.id)
        .limit(PAGE + 1)
    ).all()
    shown = tuple(AdjustedRow(*row) for row in rows[:PAGE])
    return AdjustedPage(shown, shown[-1].adjusted.id if len(rows) > PAGE else None)

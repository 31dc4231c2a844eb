"""The price subsidy as its pages show it: months with their indices, batches and sums."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.assistance import Publicity
from models.cases import Case, Task, TaskState
from models.clocks import Clock
from models.jobs import Job
from models.money import LedgerAccount, LedgerKind
from models.offices import Office
from models.price import PriceBatch, PriceIndex, PriceShare
from workflows.access import Viewer
from workflows.assistance.money.ledger import PRICE, account_query
from workflows.assistance.price.counting import count_key
from workflows.assistance.price.ordering import ORDER_JOB
from workflows.errors import NotFound

#: Months that the list shows.
MOST: Final = 60
#: The key of the clock until which a month's subsidy has to be paid.
PAY_CLOCK: Final = "K.pay"


@dataclass(frozen=True, slots=True)
class MonthRow:
    """One entered index with its case and, where it was triggered, its batch."""

    index: PriceIndex
    case: Case
    batch: PriceBatch | None
    due_on: date | None
    alarmed: bool


@dataclass(frozen=True, slots=True)
class TownshipRow:
    """What a batch gives in one township."""

    name: str
    families: int
    persons: int
    total: Decimal
    excluded: int


@dataclass(frozen=True, slots=True)
class MonthView:
    """One entered index with everything that its page shows."""

    row: MonthRow
    townships: Sequence[TownshipRow]
    tasks: Sequence[Task]
    jobs: Sequence[Job]
    public: Mapping[str, Any] | None


def price_months(session: Session, district_id: str) -> list[MonthRow]:
    """The indices that were entered, newest month first. One SELECT."""
    rows = session.execute(
        select(PriceIndex, Case, PriceBatch, Clock.due_on, Clock.alarmed_at)
        .join(Case, Case.id == PriceIndex.case_id)
        .outerjoin(PriceBatch, PriceBatch.case_id == PriceIndex.case_id)
        .outerjoin(Clock, (Clock.case_id == PriceIndex.case_id) & (Clock.key == PAY_CLOCK))
        .where(PriceIndex.district_id == district_id)
        .order_by(PriceIndex.month.desc(), PriceIndex.entered_at.desc())
        .limit(MOST)
    )
    return [
        MonthRow(index, case, batch, due_on, alarmed_at is not None)
        for index, case, batch, due_on, alarmed_at in rows
    ]


def price_month(session: Session, viewer: Viewer, index_id: str) -> MonthView:
    """One index with its batch. Five SELECTs, whatever the size of the batch.

    Raises:
        NotFound: `price_index_not_found`.
    """
    found = session.execute(
        select(PriceIndex, Case, PriceBatch, Clock.due_on, Clock.alarmed_at)
        .join(Case, Case.id == PriceIndex.case_id)
        .outerjoin(PriceBatch, PriceBatch.case_id == PriceIndex.case_id)
        .outerjoin(Clock, (Clock.case_id == PriceIndex.case_id) & (Clock.key == PAY_CLOCK))
        .where(PriceIndex.id == index_id, PriceIndex.district_id == viewer.district_id)
    ).one_or_none()
    if found is None:
        raise NotFound("price_index_not_found", "找不到这个指数。", "There is no such index.")
    index, case, batch, due_on, alarmed_at = found
    tasks = session.scalars(
        select(Task).where(Task.case_id == case.id, Task.state == TaskState.OPEN)
    ).all()
    public = session.scalar(
        select(Publicity.content).where(
            Publicity.case_id == case.id, Publicity.kind == "confirmed", Publicity.round == 1
        )
    )
    townships: list[TownshipRow] = []
    jobs: Sequence[Job] = ()
    if batch is not None:
        offices = session.scalars(select(Office).where(Office.id.in_(list(batch.townships))))
        names = {office.id: office.name for office in offices}
        townships = sorted(
            (
                TownshipRow(
                    names.get(office_id, ""), of["families"], of["persons"],
                    Decimal(of["total"]), of["excluded"],
                )
                for office_id, of in batch.townships.items()
            ),
            key=lambda row: row.name,
        )  # fmt: skip
        keys = (count_key(batch), f"{ORDER_JOB}/{batch.id}")
        jobs = session.scalars(select(Job).where(Job.key.in_(keys)).order_by(Job.id)).all()
    row = MonthRow(index, case, batch, due_on, alarmed_at is not None)
    return MonthView(row, townships, tasks, jobs, public)


def price_budget(session: Session, district_id: str) -> Decimal:
    """What the district's budget for the subsidy holds. One SELECT."""
    found: LedgerAccount | None = session.scalar(
        account_query(district_id, LedgerKind.BUDGET, district_id, PRICE)
    )
    return Decimal(0) if found is None else found.balance


def share_rows(session: Session, batch: PriceBatch) -> Iterator[tuple[Any, ...]]:
    """By payee: township, group, why nothing is paid, people, amount; read in portions."""
    rows = session.execute(
        select(
            Office.name,
            PriceShare.price_group,
            PriceShare.household_id,
            PriceShare.excluded,
            func.count(),
            func.sum(PriceShare.amount),
        )
        .join(Office, Office.id == PriceShare.township_id)
        .where(PriceShare.batch_id == batch.id)
        .group_by(Office.name, PriceShare.price_group, PriceShare.household_id, PriceShare.excluded)
        .order_by(Office.name, PriceShare.household_id)
        .execution_options(yield_per=1000)
    )
    for row in rows:
        yield tuple(row)

"""Paying a batch: cover, approval by somebody else, payments in chunks, and that all arrived."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, bindparam, exists, func, insert, select, update
from sqlalchemy.orm import Session

from models.base import table_of
from models.cases import Case
from models.jobs import Job
from models.money import LedgerAccount, LedgerKind, Payment, PaymentMethod, PaymentState
from models.price import BatchState, PriceBatch, PriceIndex, PriceShare
from models.trail import SubjectKind
from models.types import new_id
from workflows.assistance.context import OperationContext
from workflows.assistance.money.ledger import PRICE, ledger_account
from workflows.assistance.price.counting import NOT_RECEIVED, require_counted
from workflows.assistance.price.indices import locked_batch, publish_result
from workflows.audit import Subject, TrailAction, append_entry
from workflows.errors import SYSTEM, Conflict
from workflows.jobs import Chunk, queue_job

#: The kind of job that orders a batch's payments.
ORDER_JOB: Final = "price.order"
#: Payments that one chunk orders.
CHUNK: Final = 500


def fix_batch(context: OperationContext, *, batch_id: str) -> dict[str, Any]:
    """Take over the sums of the list as counted.

    Raises:
        NotFound: `price_batch_not_found`. Conflict: `price_counting`, `price_count_failed`.
    """
    batch = locked_batch(context, batch_id)
    require_counted(context.session, batch)
    context.notes.append(
        {
            "batch": batch.id,
            "families": batch.families,
            "persons": batch.persons,
            "total": batch.total,
            "excluded": dict(batch.reasons),
        }
    )
    return {
        "families": Decimal(batch.families),
        "persons": Decimal(batch.persons),
        "total": batch.total,
        "excluded": Decimal(batch.excluded),
        "nothing_due": batch.persons == 0,
    }


def order_batch(context: OperationContext, *, batch_id: str) -> dict[str, Any]:
    """Approve a batch; a job orders its payments, which wait for the next roll of the programme.

    Raises:
        NotFound: `price_batch_not_found`.
        Conflict: `price_counting`, `price_batch_decided`, `no_cover` when the budget doesn't hold
            the batch beside what is approved and not yet released.
    """
    session, case = context.session, context.case
    batch = locked_batch(context, batch_id)
    if batch.state is not BatchState.PREVIEWED:
        raise Conflict(
            "price_batch_decided", "这一批已经审核。", "This batch was decided on already."
        )
    require_counted(session, batch)
    _require_cover(session, batch)
    batch.state = BatchState.APPROVED
    batch.decided_on = context.today
    queue_job(
        session,
        district_id=case.district_id,
        kind=ORDER_JOB,
        key=f"{ORDER_JOB}/{batch.id}",
        payload={"batch": batch.id},
        by_id=context.actor.account_id,
        now=context.now,
    )
    return {"ordered_on": context.today}


def refuse_batch(context: OperationContext, *, batch_id: str, reason: str) -> dict[str, Any]:
    """Keep that a batch isn't paid, and why.

    Raises:
        NotFound: `price_batch_not_found`.
    """
    batch = locked_batch(context, batch_id)
    batch.state, batch.reason, batch.decided_on = BatchState.REFUSED, reason, context.today
    return {}


def order_step(session: Session, job: Job, now: datetime) -> Chunk:
    """Order the next payments of an approved batch; each payee gets one."""
    batch = session.scalars(
        select(PriceBatch).where(PriceBatch.id == job.payload["batch"]).with_for_update()
    ).one()
    total = job.total
    if total is None:
        total = batch.families
    payees = session.execute(
        select(
            PriceShare.payee_id,
            func.min(PriceShare.household_id),
            func.min(PriceShare.township_id),
            func.count(),
            func.sum(PriceShare.amount),
        )
        .where(
            PriceShare.batch_id == batch.id,
            PriceShare.excluded.is_(None),
            PriceShare.payee_id > (job.cursor or ""),
        )
        .group_by(PriceShare.payee_id)
        .order_by(PriceShare.payee_id)
        .limit(CHUNK)
    ).all()
    rows = [_payment(batch, row, job, now) for row in payees]
    if rows:
        session.execute(insert(table_of(Payment)), rows)
        shares = table_of(PriceShare)
        session.connection().execute(
            update(shares)
            .where(
                shares.c.batch_id == batch.id,
                shares.c.payee_id == bindparam("of_payee"),
                shares.c.excluded.is_(None),
            )
            .values(payment_id=bindparam("of_payment")),
            [{"of_payee": row["person_id"], "of_payment": row["id"]} for row in rows],
        )
    if len(rows) == CHUNK:
        return Chunk(rows[-1]["person_id"], done=len(rows), total=total)
    batch.state, batch.ordered_at = BatchState.ORDERED, now
    case = session.get_one(Case, batch.case_id)
    append_entry(
        session,
        Subject(SubjectKind.CASE, case.id, case.district_id),
        TrailAction.PAYMENT_ORDERED,
        actor=SYSTEM,
        now=now,
        data={"batch": batch.id, "payments": job.done + len(rows), "amount": batch.total},
    )
    return Chunk(None, done=len(rows), total=total)


def _payment(batch: PriceBatch, row: Any, job: Job, now: datetime) -> dict[str, Any]:
    payee_id, household_id, township_id, persons, amount = row
    return {
        "id": new_id(),
        "district_id": batch.district_id,
        "township_id": township_id,
        "key": f"{_prefix(batch)}{payee_id}/1",
        "programme": PRICE,
        "household_id": household_id,
        "person_id": payee_id,
        "month": batch.month,
        "method": PaymentMethod.BANK,
        "amount": amount,
        "state": PaymentState.ORDERED,
        "frozen": {
            "members": persons,
            "batch": batch.id,
            "month": f"{batch.month:%Y-%m}",
            "township": township_id,
        },
        "ordered_at": now,
        "ordered_by_id": job.created_by_id,
    }


def settle_batch(context: OperationContext, *, batch_id: str) -> dict[str, Any]:
    """Keep that a batch has arrived with everybody, and make its result public.

    Payments that somebody has cancelled count as not received, so that a later batch of the month
    finds their people again.

    Raises:
        NotFound: `price_batch_not_found`.
        Conflict: `price_ordering`, `price_unpaid` as long as a payment waits, is on its way, or
            has failed.
    """
    session = context.session
    batch = locked_batch(context, batch_id)
    if batch.state is not BatchState.ORDERED:
        raise Conflict(
            "price_ordering",
            "后台还在下达发放，请稍后再办。",
            "The payments are still being ordered; try again in a moment.",
        )
    counted = session.execute(
        select(Payment.state, func.count()).where(_of(batch)).group_by(Payment.state)
    )
    states = {row[0]: row[1] for row in counted}
    open_ones = sum(
        states.get(state, 0)
        for state in (PaymentState.ORDERED, PaymentState.SENT, PaymentState.FAILED)
    )
    if open_ones:
        raise Conflict(
            "price_unpaid",
            f"还有{open_ones}笔没有到账，请先在资金发放中办理。",
            f"{open_ones} payments haven't arrived; see to them among the payments first.",
            details={"open": open_ones},
        )
    _note_missing(session, batch)
    batch.state = BatchState.PAID
    index = session.get_one(PriceIndex, batch.index_id)
    received = select(func.count(), func.coalesce(func.sum(PriceShare.amount), Decimal(0))).where(
        PriceShare.batch_id == batch.id, PriceShare.excluded.is_(None)
    )
    persons, total = session.execute(received).one()
    amounts = sorted({Decimal(amount) for amount in batch.amounts.values()})
    publish_result(
        context, index, amount=amounts[-1] if amounts else None, persons=persons,
        total=Decimal(total), reason=str(context.variables.get("price_reason") or ""),
    )  # fmt: skip
    return {"paid_on": context.today}


def _note_missing(session: Session, batch: PriceBatch) -> None:
    """Mark the shares of payees whose payments were all cancelled. One UPDATE."""
    paid = exists().where(
        Payment.person_id == PriceShare.payee_id,
        Payment.state == PaymentState.PAID,
        _of(batch),
    )
    session.execute(
        update(PriceShare)
        .where(PriceShare.batch_id == batch.id, PriceShare.excluded.is_(None), ~paid)
        .values(excluded=NOT_RECEIVED)
        .execution_options(synchronize_session=False)
    )


def _require_cover(session: Session, batch: PriceBatch) -> None:
    district = batch.district_id
    known = ledger_account(session, district, LedgerKind.BUDGET, district, PRICE)
    # two batches approved at once must not both count the same money
    budget = session.scalars(
        select(LedgerAccount)
        .where(LedgerAccount.id == known.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    approved = session.scalar(
        select(func.sum(PriceBatch.total)).where(
            PriceBatch.district_id == district, PriceBatch.state == BatchState.APPROVED
        )
    )
    waiting = session.scalar(
        select(func.sum(Payment.amount)).where(
            Payment.district_id == district,
            Payment.programme == PRICE,
            Payment.state == PaymentState.ORDERED,
        )
    )
    free = budget.balance - Decimal(approved or 0) - Decimal(waiting or 0)
    if free < batch.total:
        raise Conflict(
            "no_cover",
            f"价格补贴资金可用{free:.2f}元，这一批需要{batch.total:.2f}元，不能下达。",
            f"The budget has {free:.2f} yuan left; the batch needs {batch.total:.2f} yuan.",
            details={"free": f"{free:.2f}", "needed": f"{batch.total:.2f}"},
        )


def _prefix(batch: PriceBatch) -> str:
    return f"price/{batch.id}/"


def _of(batch: PriceBatch) -> ColumnElement[bool]:
    """Whether a payment is of a batch, by its key, as a range of the unique index."""
    prefix = _prefix(batch)
    return and_(Payment.key >= prefix, Payment.key < f"{prefix[:-1]}0")

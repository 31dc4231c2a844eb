"""The price subsidy in scenarios: families of the groups, an index entered, payments, sums."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from models.assistance import Publicity
from models.cases import Case
from models.households import Household
from models.money import LedgerKind, Payment, PaymentState
from models.price import PriceBatch
from models.types import new_id
from workflows.assistance.context import OperationContext
from workflows.assistance.edge import record_edge
from workflows.assistance.money.ledger import PRICE, Reason, ledger_account, move_money
from workflows.calendar import local_day
from workflows.definitions.release import policy_of
from workflows.errors import SYSTEM, Actor
from workflows.privacy import KeyRing
from workflows.runtime.prices import open_price_case
from workflows.scenarios.corrections import decide_now


def enter_index(
    session: Session,
    district_id: str,
    answers: Mapping[str, Any],
    keys: KeyRing,
    *,
    actor: Actor,
    now: datetime,
) -> Case:
    """`index`: the published index of a month is entered, which opens its case."""
    return open_price_case(
        session,
        district_id,
        keys,
        month=date.fromisoformat(f"{answers['month']}-01"),
        published_on=date.fromisoformat(str(answers["published_on"])),
        cpi=Decimal(answers["cpi"]),
        food=Decimal(answers["food"]),
        scpi=Decimal(answers["scpi"]),
        actor=actor,
        now=now,
    )


def give_price_money(session: Session, district_id: str, amount: Decimal, now: datetime) -> None:
    """`price budget`: the district's money for the subsidy."""
    source, target = (
        ledger_account(session, district_id, kind, district_id, PRICE)
        for kind in (LedgerKind.APPROPRIATION, LedgerKind.BUDGET)
    )
    why = Reason("appropriate", f"appropriate/{new_id()}")
    move_money(session, source, target, amount, why, actor=SYSTEM, now=now)


def recognise_edge(
    session: Session, household: Household, keys: KeyRing, *, actor: Actor, now: datetime
) -> Case:
    """The household is recorded as one on the edge, as a refused case would leave it behind."""
    case = decide_now(session, household, keys, actor=actor, now=now)
    law = policy_of(session, case.release_id)
    record_edge(OperationContext(session, case, actor, now, law, keys, {}))
    return case


def pay_subsidies(session: Session, verb: str, now: datetime) -> None:
    """`price paid`: every ordered subsidy has arrived; `price failed`: the bank refused one."""
    waiting = select(Payment.id).where(
        Payment.programme == PRICE, Payment.state != PaymentState.CANCELLED
    )
    if verb == "failed":
        first = session.scalar(waiting.order_by(Payment.id).limit(1))
        session.execute(
            update(Payment)
            .where(Payment.id == first)
            .values(state=PaymentState.FAILED, failed_at=now, failure="账户异常")
        )
        return
    state = PaymentState.PAID if verb == "paid" else PaymentState.CANCELLED
    session.execute(
        update(Payment)
        .where(
            Payment.programme == PRICE,
            Payment.state.in_(
                (PaymentState.ORDERED, PaymentState.SENT)
                if verb == "paid"
                else (PaymentState.FAILED,)
            ),
        )
        .values(state=state, paid_on=local_day(now) if verb == "paid" else None)
    )


def price_facts(session: Session, case_id: str) -> dict[str, Any]:
    """What a case of the subsidy came to: the batch, its payments, what was made public."""
    batch = session.scalars(
        select(PriceBatch)
        .where(PriceBatch.case_id == case_id)
        .execution_options(populate_existing=True)
    ).one_or_none()
    public = session.scalars(
        select(Publicity.content).where(Publicity.case_id == case_id, Publicity.kind == "confirmed")
    ).one_or_none()
    found: dict[str, Any] = {"public": public, "state": None}
    if batch is None:
        return found
    prefix = f"price/{batch.id}/"
    payments = session.execute(
        select(Payment.state, func.count(), func.sum(Payment.amount))
        .where(Payment.key.startswith(prefix))
        .group_by(Payment.state)
    ).all()
    return {
        **found,
        "state": batch.state.value,
        "number": Decimal(batch.number),
        "families": Decimal(batch.families),
        "persons": Decimal(batch.persons),
        "total": batch.total,
        "groups": {group: Decimal(count) for group, count in batch.groups.items()},
        "excluded": {reason: Decimal(count) for reason, count in batch.reasons.items()},
        "payments": {state.value: Decimal(count) for state, count, _ in payments},
        "paid": sum((total for state, _, total in payments if state is PaymentState.PAID),
                    Decimal(0)),
    }  # fmt: skip

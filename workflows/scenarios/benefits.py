"""Monthly benefits in scenarios: real rolls through four hands, and what a family got by month."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.assistance import Grant
from models.cases import Case
from models.money import LedgerKind, Payment, PaymentState, Roll
from models.types import new_id
from workflows.assistance.grants import counting_amounts, month_lines
from workflows.assistance.money.bank_results import take_bank_results
from workflows.assistance.money.drawing import draw_roll
from workflows.assistance.money.ledger import Reason, ledger_account, move_money
from workflows.assistance.money.rolls import authorise_roll, release_roll, review_roll
from workflows.calendar import local_day
from workflows.errors import SYSTEM, Actor
from workflows.privacy import KeyRing


def pay_roll(
    session: Session,
    keys: KeyRing,
    grant: Grant,
    month: date,
    hands: Sequence[Actor],
    now: datetime,
) -> None:
    """Draw the programme's roll of a month, send it by four hands, and let the bank pay it all.

    Raises:
        Conflict: `nothing_to_draw` when nobody is due.
    """
    district_id = grant.district_id
    drawer, reviewer, authoriser, finance = hands
    roll = draw_roll(session, district_id, grant.programme, month, actor=drawer, now=now)
    session.flush()
    _cover(session, roll, now)
    review_roll(session, roll.id, district_id=district_id, actor=reviewer, now=now)
    authorise_roll(session, roll.id, district_id=district_id, actor=authoriser, now=now)
    release_roll(session, roll.id, keys, district_id=district_id, actor=finance, now=now)
    session.flush()
    content = _answers(session, roll, local_day(now))
    take_bank_results(session, roll.id, content, district_id=district_id, actor=finance, now=now)


def _cover(session: Session, roll: Roll, now: datetime) -> None:
    """Appropriate what the roll needs: a scenario about benefits says nothing of budgets."""
    accounts = [
        ledger_account(session, roll.district_id, kind, roll.district_id, roll.programme)
        for kind in (LedgerKind.APPROPRIATION, LedgerKind.BUDGET)
    ]
    why = Reason("appropriate", f"appropriate/{new_id()}")
    move_money(session, *accounts, roll.total, why, actor=SYSTEM, now=now)


def _answers(session: Session, roll: Roll, paid_on: date) -> bytes:
    rows = session.execute(
        select(Payment.key, Payment.amount).where(
            Payment.roll_id == roll.id, Payment.state == PaymentState.SENT
        )
    )
    lines = [f"{key},{amount:.2f},paid,,{paid_on.isoformat()}" for key, amount in rows]
    return "\n".join(["payment_key,amount,result,reason,paid_on", *lines]).encode()


def newest_grant(session: Session, household_id: str) -> Grant:
    """The household's grant, the newest where it has had several."""
    return session.scalars(
        select(Grant)
        .where(Grant.household_id == household_id)
        .order_by(Grant.id.desc())
        .limit(1)
        .execution_options(populate_existing=True)
    ).one()


def newest_case(session: Session, household_id: str, process: str) -> str | None:
    """The household's newest case of a process."""
    return session.scalars(
        select(Case.id)
        .where(Case.household_id == household_id, Case.process_key == process)
        .order_by(Case.id.desc())
        .limit(1)
    ).one_or_none()


def benefit_facts(session: Session, household_id: str, today: date) -> dict[str, Any]:
    """How the household's newest grant stands: its amounts by month, and what has been paid."""
    grant = newest_grant(session, household_id)
    lines = month_lines(session, grant, today)
    arrears = session.scalars(
        select(Payment.amount).where(
            Payment.household_id == household_id, Payment.key.like("arrears/%")
        )
    ).all()
    return {
        "state": grant.state.value,
        "monthly": grant.monthly,
        "ended_from": None if grant.ended_from is None else f"{grant.ended_from:%Y-%m}",
        "next_review_on": grant.next_review_on,
        "amounts": [
            {
                "from": f"{one.from_month:%Y-%m}",
                "until": None if one.until_month is None else f"{one.until_month:%Y-%m}",
                "monthly": one.monthly,
                "kind": one.kind.value,
            }
            for one in counting_amounts(session, grant.id)
        ],
        "paid_months": [f"{line.month:%Y-%m}" for line in lines if line.paid],
        "paid": sum((line.paid for line in lines), Decimal(0)),
        "owed": sum((line.owed for line in lines), Decimal(0)),
        "arrears": sum(arrears, Decimal(0)),
    }

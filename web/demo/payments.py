"""Payments of the demonstration: accounts, a budget, a settled roll, a failure, a drawn roll."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from models.accounts import Role
from models.assistance import Grant
from models.households import Household, Person
from models.money import BankAccount, LedgerKind, Payment, Roll
from web.config import Config
from web.demo.people import colleagues
from workflows.assistance.households import identity_of
from workflows.assistance.money.bank_accounts import record_bank_account
from workflows.assistance.money.bank_results import take_bank_results
from workflows.assistance.money.drawing import draw_roll
from workflows.assistance.money.ledger import (
    DIBAO,
    RELIEF,
    Reason,
    ledger_account,
    move_money,
)
from workflows.assistance.money.rolls import authorise_roll, release_roll, review_roll
from workflows.calendar import LOCAL_ZONE, local_day, months_later
from workflows.errors import Actor, Conflict
from workflows.transaction import reading, transaction

_BUDGETS: Final = {DIBAO: Decimal("600000.00"), RELIEF: Decimal("200000.00")}
_BANKS: Final = ("重庆农村商业银行", "中国邮政储蓄银行", "中国农业银行")


def demo_payments(session: Session, config: Config, demo: Any, now: datetime) -> None:
    """What finance has to look at; nothing where there are rolls already."""
    with reading(session):
        if session.scalar(select(exists().where(Roll.district_id == demo.district_id))):
            return
    hands = {
        colleague.login: Actor(
            demo.accounts[colleague.login],
            colleague.role.value,
            demo.offices[colleague.office_code],
            colleague.name,
        )
        for colleague in colleagues()
        if colleague.role in (Role.REVIEWER, Role.CONFIRMER, Role.FINANCE)
    }
    day = local_day(now) - timedelta(days=2)
    drawn_at = datetime.combine(day, time(9, 30), LOCAL_ZONE).astimezone(UTC)
    _appropriate(session, demo.district_id, hands["caizheng"], now - timedelta(days=200))
    _earlier_months(session, config, demo.district_id, hands, drawn_at)
    families = _families(session, demo.district_id, drawn_at)
    if not families:
        return
    # every third family brings its card later: held at first, then on the supplement
    early = [family for place, family in enumerate(families) if place % 3 != 2]
    late = [family for family in families if family not in early]
    _record(session, config, early, hands["shenhe"], drawn_at - timedelta(hours=1))
    _settled_month(session, config, demo.district_id, hands, drawn_at)
    _record(session, config, late, hands["shenhe"], now - timedelta(hours=3))
    _draw(session, demo.district_id, hands["shenhe2"], now - timedelta(hours=2))


def _appropriate(session: Session, district_id: str, actor: Actor, now: datetime) -> None:
    for programme, amount in _BUDGETS.items():
        with transaction(session):
            source, budget = (
                ledger_account(session, district_id, kind, district_id, programme)
                for kind in (LedgerKind.APPROPRIATION, LedgerKind.BUDGET)
            )
            key = f"appropriate/{district_id}/{programme}/demo"
            move_money(
                session, source, budget, amount, Reason("appropriate", key), actor=actor, now=now
            )


def _families(session: Session, district_id: str, now: datetime) -> Sequence[str]:
    """The heads of households that are paid by now and have no account yet, by their grants."""
    with reading(session):
        return session.scalars(
            select(Household.head_person_id)
            .join(Grant, Grant.household_id == Household.id)
            .where(
                Grant.district_id == district_id,
                Grant.start_month <= local_day(now),
                ~exists().where(BankAccount.person_id == Household.head_person_id),
            )
            .order_by(Grant.decided_on, Grant.id)
        ).all()


def _earlier_months(
    session: Session, config: Config, district_id: str, hands: Mapping[str, Actor], now: datetime
) -> None:
    """The months before this one of families that were granted long ago, paid in full."""
    this = local_day(now).replace(day=1)
    with reading(session):
        months = session.scalars(
            select(Grant.start_month).where(
                Grant.district_id == district_id, Grant.programme == DIBAO,
                Grant.decided_on < months_later(this, -2),
            )
        ).all()  # fmt: skip
    if not months:
        return
    month = min(months)
    while month < this:
        day = _tenth(month)
        heads = _families(session, district_id, day)
        _record(session, config, heads, hands["shenhe"], day - timedelta(hours=2))
        _settled_month(session, config, district_id, hands, day, failing=False)
        month = months_later(month, 1)


def _tenth(month: date) -> datetime:
    return datetime.combine(month.replace(day=10), time(10), LOCAL_ZONE).astimezone(UTC)


def _record(
    session: Session, config: Config, heads: Sequence[str], actor: Actor, now: datetime
) -> None:
    for place, head_id in enumerate(heads):
        with transaction(session):
            person = session.get_one(Person, head_id)
            number = f"62284801{int(head_id.replace('-', '')[-12:], 16) % 10**11:011d}"
            record_bank_account(
                session, person, number, _BANKS[place % len(_BANKS)],
                identity_of(person, config.keys.ring).name, config.keys.ring,
                actor=actor, now=now,
            )  # fmt: skip


def _settled_month(
    session: Session,
    config: Config,
    district_id: str,
    hands: Mapping[str, Actor],
    now: datetime,
    *,
    failing: bool = True,
) -> None:
    """A roll that has gone all the way; the bank refuses its last payment if `failing`."""
    roll_id = _draw(session, district_id, hands["shenhe"], now)
    if roll_id is None:
        return
    own: dict[str, Any] = {"district_id": district_id}
    with transaction(session):
        review_roll(session, roll_id, actor=hands["shenhe2"], now=now + timedelta(hours=1), **own)
    with transaction(session):
        authorise_roll(session, roll_id, actor=hands["queren"], now=now + timedelta(hours=2), **own)
    sent_at = now + timedelta(hours=3)
    with transaction(session):
        release_roll(
            session, roll_id, config.keys.ring, actor=hands["caizheng"], now=sent_at, **own
        )
    with reading(session):
        rows = session.execute(
            select(Payment.key, Payment.amount)
            .where(Payment.roll_id == roll_id)
            .order_by(Payment.id)
        ).all()
    answered_at = now + timedelta(days=1)
    lines = ["payment_key,amount,result,reason,paid_on"]
    for place, (key, amount) in enumerate(rows, 1):
        failed = failing and len(rows) > 1 and place == len(rows)
        ending = "failed,account_closed," if failed else f"paid,,{local_day(answered_at)}"
        lines.append(f"{key},{amount:.2f},{ending}")
    with transaction(session):
        take_bank_results(
            session, roll_id, "\n".join(lines).encode(), actor=hands["caizheng"],
            now=answered_at, **own,
        )  # fmt: skip


def _draw(session: Session, district_id: str, actor: Actor, now: datetime) -> str | None:
    """Draw the month's roll, if anybody is due."""
    month = local_day(now).replace(day=1)
    try:
        with transaction(session):
            return draw_roll(session, district_id, DIBAO, month, actor=actor, now=now).id
    except Conflict:
        return None

"""The ledger: money moves from one account to another, balanced, once for each key, to the fen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from sqlalchemy import Select, or_, select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from models.money import FundMonth, LedgerAccount, LedgerKind, LedgerTransfer
from models.types import new_id
from workflows.calendar import local_day
from workflows.errors import Actor, Conflict
from workflows.transaction import insert_into, require_transaction

#: The programmes that have accounts of their own.
RELIEF: Final = "relief"
DIBAO: Final = "dibao"
TEKUN: Final = "tekun"
PRICE: Final = "price"
#: Those whose grants pay by month.
MONTHLY: Final = (DIBAO, TEKUN)
PROGRAMMES: Final = (DIBAO, TEKUN, PRICE, RELIEF)
#: The accounts of a township's cash.
_PETTY: Final = (LedgerKind.PETTY_FUND, LedgerKind.PETTY_COMMITTED)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why money moves. `key` makes the transfer happen once; the ids say what it belongs to."""

    purpose: str
    key: str
    case_id: str | None = None
    grant_id: str | None = None
    payment_id: str | None = None
    roll_id: str | None = None


def ledger_account(
    session: Session, district_id: str, kind: LedgerKind, office_id: str, programme: str = RELIEF
) -> LedgerAccount:
    """The account of that kind; opened with a balance of nothing when it isn't there yet.

    Its balance may be stale: `move_money` alone decides whether there is cover.
    """
    require_transaction(session)
    query = account_query(district_id, kind, office_id, programme)
    found = session.scalar(query)
    if found is not None:
        return found
    session.execute(
        insert_into(session, LedgerAccount)
        .values(
            id=new_id(),
            district_id=district_id,
            kind=kind,
            office_id=office_id,
            programme=programme,
            balance=Decimal(0),
        )
        .on_conflict_do_nothing(index_elements=["district_id", "kind", "office_id", "programme"])
    )
    return session.execute(query).scalar_one()


def account_query(
    district_id: str, kind: LedgerKind, office_id: str, programme: str = RELIEF
) -> Select[LedgerAccount]:
    """A SELECT of one account."""
    return (
        select(LedgerAccount)
        .where(
            LedgerAccount.district_id == district_id,
            LedgerAccount.kind == kind,
            LedgerAccount.office_id == office_id,
            LedgerAccount.programme == programme,
        )
        .execution_options(populate_existing=True)
    )


def move_money(
    session: Session,
    source: LedgerAccount,
    target: LedgerAccount,
    amount: Decimal,
    reason: Reason,
    *,
    actor: Actor,
    now: datetime,
) -> bool:
    """Move money between two accounts; both rows stay locked until the transaction ends.

    Returns False when this key has moved the same money already: nothing happens then.

    Raises:
        Conflict: `no_cover` when the source would fall below zero, `transfer_key_reused` when the
            key has moved other money, `month_closed` when a petty fund's month of `now` is closed.
    """
    require_transaction(session)
    if _moved_before(session, source, target, amount, reason):
        return False
    _lock_offices(session, source, target)
    # rows are changed in the order of their ids, so that opposite transfers never deadlock
    for account in sorted((source, target), key=lambda one: one.id):
        if account.id == source.id:
            _take(session, source, amount)
        else:
            _give(session, target, amount)
    _require_open_month(session, (source, target), local_day(now).replace(day=1))
    session.add(
        LedgerTransfer(
            id=new_id(),
            district_id=source.district_id,
            from_id=source.id,
            to_id=target.id,
            amount=amount,
            purpose=reason.purpose,
            key=reason.key,
            case_id=reason.case_id,
            grant_id=reason.grant_id,
            payment_id=reason.payment_id,
            roll_id=reason.roll_id,
            made_at=now,
            made_by_id=actor.account_id,
        )
    )
    session.flush()  # a key that another transaction has used fails here, inside the act
    return True


def _lock_offices(session: Session, source: LedgerAccount, target: LedgerAccount) -> None:
    """Lock every account of the offices concerned, in the order of their ids.

    An act may move money twice, from budget to committed and on to payable, while another moves it
    back: each has all it needs from its first transfer on.
    """
    session.execute(
        select(LedgerAccount.id)
        .where(
            LedgerAccount.district_id == source.district_id,
            LedgerAccount.programme == source.programme,
            LedgerAccount.office_id.in_({source.office_id, target.office_id}),
        )
        .order_by(LedgerAccount.id)
        .with_for_update()
    )


def _moved_before(
    session: Session,
    source: LedgerAccount,
    target: LedgerAccount,
    amount: Decimal,
    reason: Reason,
) -> bool:
    known = session.scalar(select(LedgerTransfer).where(LedgerTransfer.key == reason.key))
    if known is None:
        return False
    if (known.from_id, known.to_id, known.amount) != (source.id, target.id, amount):
        raise Conflict(
            "transfer_key_reused",
            "同一笔业务已经以不同的金额或账户记账，本次没有记账。",
            "The same business was booked with another amount or account; nothing was booked.",
            details={"key": reason.key},
        )
    return True


def _require_open_month(
    session: Session, accounts: tuple[LedgerAccount, LedgerAccount], month: date
) -> None:
    """Nothing is booked in a closed month; asked while the accounts are locked."""
    townships = {account.office_id for account in accounts if account.kind in _PETTY}
    if townships and session.scalar(
        select(FundMonth.id)
        .join(LedgerAccount, LedgerAccount.id == FundMonth.account_id)
        .where(LedgerAccount.office_id.in_(townships), FundMonth.month == month)
        .limit(1)
    ):
        raise Conflict(
            "month_closed",
            f"{month:%Y年%m月}的备用金已经结账，不能再记账；请记入下一个月。",
            f"The petty fund's {month:%Y-%m} is closed; book it in the next month.",
            details={"month": f"{month:%Y-%m}"},
        )


def _take(session: Session, account: LedgerAccount, amount: Decimal) -> None:
    balance = session.scalar(
        update(LedgerAccount)
        .where(
            LedgerAccount.id == account.id,
            or_(
                LedgerAccount.balance >= amount,
                LedgerAccount.kind == LedgerKind.APPROPRIATION,
            ),
        )
        .values(balance=LedgerAccount.balance - amount)
        .returning(LedgerAccount.balance)
        .execution_options(synchronize_session=False)
    )
    if balance is None:
        session.refresh(account)
        raise Conflict(
            "no_cover",
            f"{SHORT_OF[account.kind][0]}不足：余额{account.balance:.2f}元，需要{amount:.2f}元。",
            f"{SHORT_OF[account.kind][1]} has {account.balance:.2f} yuan; {amount:.2f} is needed.",
            details={"balance": f"{account.balance:.2f}", "needed": f"{amount:.2f}"},
        )
    set_committed_value(account, "balance", balance)


def _give(session: Session, account: LedgerAccount, amount: Decimal) -> None:
    balance = session.scalar(
        update(LedgerAccount)
        .where(LedgerAccount.id == account.id)
        .values(balance=LedgerAccount.balance + amount)
        .returning(LedgerAccount.balance)
        .execution_options(synchronize_session=False)
    )
    set_committed_value(account, "balance", balance)


#: What an account is called where it lacks cover.
SHORT_OF: Final = {
    LedgerKind.APPROPRIATION: ("财政拨款", "The appropriation"),
    LedgerKind.BUDGET: ("区级救助资金", "The district's budget"),
    LedgerKind.COMMITTED: ("已批未发资金", "What is committed"),
    LedgerKind.PAYABLE: ("待发资金", "What is payable"),
    LedgerKind.PAID: ("已发资金", "What was paid"),
    LedgerKind.PETTY_FUND: ("镇乡街道备用金", "The petty fund"),
    LedgerKind.PETTY_COMMITTED: ("已批未付备用金", "What is committed of the petty fund"),
}

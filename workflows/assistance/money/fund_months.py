"""The months of a petty fund: the cash book, the count of the drawer, the closing by two people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import ScalarSelect, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from models.accounts import Account
from models.cases import Case
from models.money import FundMonth, LedgerAccount, LedgerKind, LedgerTransfer
from models.types import new_id
from workflows.assistance.context import OperationContext
from workflows.assistance.money.ledger import RELIEF
from workflows.assistance.money.petty_fund import lock_petty_accounts, next_month
from workflows.calendar import local_midnight
from workflows.errors import Conflict, Invalid, NotAllowed

_NOTHING: Final = Decimal("0.00")
#: Lines of a month that a page shows.
_MOST_MOVEMENTS: Final = 500
_MOST_MONTHS: Final = 24


@dataclass(frozen=True, slots=True)
class Book:
    """The cash book of a month: what lay in the drawer, came in, went out, and is left."""

    opening: Decimal
    received: Decimal
    spent: Decimal

    @property
    def closing(self) -> Decimal:
        """What is left."""
        return self.opening + self.received - self.spent


@dataclass(frozen=True, slots=True)
class Movement:
    """A line of the cash book; money that is only promised doesn't leave the drawer."""

    at: datetime
    purpose: str
    case_id: str | None
    case_number: str | None
    received: Decimal
    spent: Decimal
    #: promised, below zero where a promise was taken back
    promised: Decimal
    #: what lay in the drawer afterwards
    cash: Decimal


@dataclass(frozen=True, slots=True)
class ClosedMonth:
    """A closed month with who counted and who checked."""

    month: FundMonth
    counted_by: str | None
    checked_by: str | None

    @property
    def difference(self) -> Decimal:
        """What was counted above the book."""
        return self.month.counted - self.month.closing


def cash_book(session: Session, township_id: str, month: date) -> Book:
    """A month of a township's fund by its transfers, from the last closing on. Two SELECTs."""
    last = session.scalar(
        select(FundMonth)
        .join(LedgerAccount, LedgerAccount.id == FundMonth.account_id)
        .where(LedgerAccount.office_id == township_id, FundMonth.month < month)
        .order_by(FundMonth.month.desc())
        .limit(1)
    )
    first, end = local_midnight(month), local_midnight(next_month(month))
    since = local_midnight(next_month(last.month)) if last is not None else None
    row = session.execute(
        select(
            _flow(township_id, inwards=True, since=since, before=first),
            _flow(township_id, inwards=False, since=since, before=first),
            _flow(township_id, inwards=True, since=first, before=end),
            _flow(township_id, inwards=False, since=first, before=end),
        )
    ).one()
    earlier_in, earlier_out, received, spent = (value or _NOTHING for value in row)
    closing = last.closing if last is not None else _NOTHING
    return Book(closing + earlier_in - earlier_out, received, spent)


def _flow(
    township_id: str, *, inwards: bool, since: datetime | None, before: datetime | None
) -> ScalarSelect[Any]:
    """What came into the drawer, or left it: promises within it are neither."""
    own, other = aliased(LedgerAccount), aliased(LedgerAccount)
    ours, theirs = (LedgerTransfer.to_id, LedgerTransfer.from_id)
    if not inwards:
        ours, theirs = theirs, ours
    query = (
        select(func.sum(LedgerTransfer.amount))
        .join(own, own.id == ours)
        .join(other, other.id == theirs)
        .where(_petty(own, township_id), ~_petty(other, township_id))
    )
    if since is not None:
        query = query.where(LedgerTransfer.made_at >= since)
    if before is not None:
        query = query.where(LedgerTransfer.made_at < before)
    return query.scalar_subquery()


def _petty(account: type[LedgerAccount], township_id: str) -> Any:
    return and_(
        account.office_id == township_id,
        account.programme == RELIEF,
        account.kind.in_((LedgerKind.PETTY_FUND, LedgerKind.PETTY_COMMITTED)),
    )


def movements(
    session: Session, township_id: str, month: date, opening: Decimal
) -> Sequence[Movement]:
    """The lines of a month, oldest first, with the drawer's cash after each. One SELECT."""
    source, target = aliased(LedgerAccount), aliased(LedgerAccount)
    rows = session.execute(
        select(LedgerTransfer, target.kind.label("target"), Case.number,
                _petty(source, township_id).label("out"),
               _petty(target, township_id).label("into"))
        .join(source, source.id == LedgerTransfer.from_id)
        .join(target, target.id == LedgerTransfer.to_id)
        .outerjoin(Case, Case.id == LedgerTransfer.case_id)
        .where(
            or_(_petty(source, township_id), _petty(target, township_id)),
            LedgerTransfer.made_at >= local_midnight(month),
            LedgerTransfer.made_at < local_midnight(next_month(month)),
        )
        .order_by(LedgerTransfer.made_at, LedgerTransfer.id)
        .limit(_MOST_MOVEMENTS)
    )  # fmt: skip
    cash, lines = opening, []
    for transfer, into_kind, number, out, into in rows:
        amount, within = transfer.amount, out and into
        received = amount if into and not within else _NOTHING
        spent = amount if out and not within else _NOTHING
        cash += received - spent
        promised = _NOTHING
        if within:
            promised = amount if into_kind is LedgerKind.PETTY_COMMITTED else -amount
        lines.append(
            Movement(
                transfer.made_at, transfer.purpose, transfer.case_id, number, received, spent,
                promised, cash,
            )
        )  # fmt: skip
    return lines


def closed_months(session: Session, township_id: str) -> Sequence[ClosedMonth]:
    """Closed months, newest first, at most two years. One SELECT."""
    counter, checker = aliased(Account), aliased(Account)
    rows = session.execute(
        select(FundMonth, counter.name, checker.name)
        .join(LedgerAccount, LedgerAccount.id == FundMonth.account_id)
        .outerjoin(counter, counter.id == FundMonth.counted_by_id)
        .outerjoin(checker, checker.id == FundMonth.checked_by_id)
        .where(LedgerAccount.office_id == township_id)
        .order_by(FundMonth.month.desc())
        .limit(_MOST_MONTHS)
    )
    return [ClosedMonth(*row) for row in rows]


def count_cash(
    context: OperationContext, *, month: date, counted: Decimal, explanation: str | None = None
) -> dict[str, Any]:
    """Compare the drawer with the book; what moved since the month's end is taken off.

    Raises:
        Invalid: `difference_unexplained` when they differ and nobody says why.
    """
    session, township_id = context.session, context.case.township_id
    lock_petty_accounts(session, context.case.district_id, township_id)
    book = cash_book(session, township_id, month)
    later = _later(session, township_id, next_month(month))
    difference = counted - later - book.closing
    if difference and not (explanation or "").strip():
        raise Invalid(
            "difference_unexplained",
            f"盘点{counted:.2f}元，账面{book.closing + later:.2f}元，"
            f"相差{difference:+.2f}元，请写明原因。",
            f"{counted:.2f} yuan were counted, the book has {book.closing + later:.2f}:"
            f" say why {difference:+.2f} are between them.",
            details={"difference": f"{difference:.2f}"},
        )
    context.notes.append(
        {
            "month": f"{month:%Y-%m}",
            "counted": counted,
            "closing": book.closing,
            "moved_since": later,
            "difference": difference,
        }
    )
    return {
        "book_cash": book.closing + later,
        "cash_difference": difference,
        "counted_by": context.actor.account_id or "",
    }


def _later(session: Session, township_id: str, since: date) -> Decimal:
    start = local_midnight(since)
    received, spent = session.execute(
        select(
            _flow(township_id, inwards=True, since=start, before=None),
            _flow(township_id, inwards=False, since=start, before=None),
        )
    ).one()
    return (received or _NOTHING) - (spent or _NOTHING)


def close_month(
    context: OperationContext,
    *,
    month: date,
    difference: Decimal,
    counted_by: str,
    explanation: str | None = None,
) -> dict[str, Any]:
    """Close a month for good; the next one opens with what this one closes with.

    Raises:
        Conflict: `month_not_over`, `month_closed`.
        NotAllowed: `access.same_person` when who counted also checks.
    """
    session, case = context.session, context.case
    _require_other_person(context, counted_by)
    if context.today < next_month(month):
        raise Conflict(
            "month_not_over",
            "本月还没有结束，不能结账。",
            "The month isn't over; it can't be closed.",
        )
    fund, _ = lock_petty_accounts(session, case.district_id, case.township_id)
    known = select(FundMonth.id).where(FundMonth.account_id == fund.id, FundMonth.month == month)
    if session.scalar(known) is not None:
        raise Conflict(
            "month_closed",
            f"{month:%Y年%m月}的备用金已经结账。",
            f"The petty fund's {month:%Y-%m} is closed already.",
            details={"month": f"{month:%Y-%m}"},
        )
    book = cash_book(session, case.township_id, month)
    session.add(_closed(context, fund, month, book, difference, counted_by, explanation))
    session.flush()  # a month that another transaction has closed fails here
    context.notes.append(
        {
            "month": f"{month:%Y-%m}",
            "opening": book.opening,
            "received": book.received,
            "spent": book.spent,
            "closing": book.closing,
            "difference": difference,
        }
    )
    return {"closed_on": context.today}


def _closed(
    context: OperationContext,
    fund: LedgerAccount,
    month: date,
    book: Book,
    difference: Decimal,
    counted_by: str,
    explanation: str | None,
) -> FundMonth:
    return FundMonth(
        id=new_id(),
        district_id=fund.district_id,
        account_id=fund.id,
        month=month,
        opening=book.opening,
        received=book.received,
        spent=book.spent,
        closing=book.closing,
        counted=book.closing + difference,
        explanation=explanation or "",
        counted_by_id=counted_by or None,
        checked_by_id=context.actor.account_id,
        closed_at=context.now,
    )


def _require_other_person(context: OperationContext, counted_by: str) -> None:
    if counted_by and counted_by == context.actor.account_id:
        raise NotAllowed(
            "access.same_person",
            "盘点和复核须由两人分别办理。",
            "Counting and checking are done by two people.",
        )

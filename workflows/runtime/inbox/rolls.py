"""What finance looks at: rolls with their hands, families held, payments that failed, balances."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, false, func, or_, select, true
from sqlalchemy.orm import Session, aliased

from models.accounts import Account
from models.cases import Case
from models.households import Household, Person
from models.money import (
    BankAccount,
    BankFile,
    HeldPayment,
    LedgerAccount,
    LedgerKind,
    Payment,
    PaymentState,
    Roll,
)
from models.offices import Office, OfficeLevel
from workflows.access import ACTIONS_OF, Action, Viewer
from workflows.assistance.money.bank_accounts import open_account
from workflows.errors import NotFound
from workflows.privacy import KeyRing, unwrap_data_key
from workflows.runtime.inbox.people import Shown, shown_person

MOST_ROLLS: Final = 36
MOST_ROWS: Final = 200


@dataclass(frozen=True, slots=True)
class RollRow:
    """A roll in a list, with how many families are held and how many payments have failed."""

    roll: Roll
    held: int
    failed: int


@dataclass(frozen=True, slots=True)
class HeldRow:
    """A family that is due and not on the roll."""

    reason: str
    amount: Decimal
    case_id: str | None
    case_number: str | None
    township: str
    payee: Shown | None
    owner: str | None
    held_at: datetime


@dataclass(frozen=True, slots=True)
class PaymentRow:
    """A payment with its payee; `account` is masked."""

    payment: Payment
    case_number: str | None
    township: str
    payee: Shown | None
    owner: str | None
    roll_number: str | None
    account: str


@dataclass(frozen=True, slots=True)
class RollView:
    """A roll with everything that its page shows; held and failed in the viewer's scope."""

    roll: Roll
    hands: Mapping[str, str]
    held: Sequence[HeldRow]
    failed: Sequence[PaymentRow]
    files: Sequence[BankFile]
    townships: Sequence[tuple[str, int, Decimal]]


def seen_townships(
    viewer: Viewer, column: Any, action: Action = Action.PAYMENT_READ
) -> ColumnElement[bool]:
    """A WHERE condition on a township's id: those where the viewer may do the action."""
    conditions: list[ColumnElement[bool]] = []
    for holding in viewer.holdings:
        if action in ACTIONS_OF[holding.role]:
            whole = holding.level is OfficeLevel.DISTRICT
            conditions.append(true() if whole else column == holding.office_id)
    return or_(false(), *conditions)


def recent_rolls(session: Session, district_id: str) -> list[RollRow]:
    """The newest rolls of a district. One SELECT."""
    held = select(func.count()).where(HeldPayment.roll_id == Roll.id).scalar_subquery()
    failed = (
        select(func.count())
        .where(Payment.roll_id == Roll.id, Payment.state == PaymentState.FAILED)
        .scalar_subquery()
    )
    rows = session.execute(
        select(Roll, held, failed)
        .where(Roll.district_id == district_id)
        .order_by(Roll.month.desc(), Roll.drawn_at.desc())
        .limit(MOST_ROLLS)
    )
    return [RollRow(*row) for row in rows]


def roll_in_district(session: Session, district_id: str, roll_id: str) -> Roll:
    """A roll of the district. Raises NotFound(`roll_unknown`)."""
    roll = session.get(Roll, roll_id)
    if roll is None or roll.district_id != district_id:
        raise NotFound("roll_unknown", "找不到该发放清册。", "There is no such roll.")
    return roll


def roll_view(session: Session, viewer: Viewer, roll_id: str, keys: KeyRing) -> RollView:
    """The page of a roll. Six SELECTs. Raises NotFound(`roll_unknown`)."""
    roll = roll_in_district(session, viewer.district_id, roll_id)
    hands = (
        roll.drawn_by_id,
        roll.reviewed_by_id,
        roll.authorised_by_id,
        roll.released_by_id,
        roll.cancelled_by_id,
    )
    names = session.execute(select(Account.id, Account.name).where(Account.id.in_(hands)))
    files = session.scalars(
        select(BankFile).where(BankFile.roll_id == roll.id).order_by(BankFile.at, BankFile.id)
    )
    townships = session.execute(
        select(Office.name, func.count(), func.sum(Payment.amount))
        .join(Payment, Payment.township_id == Office.id)
        .where(Payment.roll_id == roll.id, seen_townships(viewer, Payment.township_id))
        .group_by(Office.id, Office.name, Office.code)
        .order_by(Office.code)
    )
    return RollView(
        roll=roll,
        hands={row.id: row.name for row in names},
        held=_held(session, viewer, roll.id, keys),
        failed=failed_payments(session, viewer, keys, roll_id=roll.id),
        files=files.all(),
        townships=[(name, count, _yuan(total)) for name, count, total in townships],
    )


def failed_payments(
    session: Session,
    viewer: Viewer,
    keys: KeyRing,
    *,
    roll_id: str | None = None,
) -> list[PaymentRow]:
    """Payments that failed and nobody has settled yet, the oldest first. One SELECT."""
    return _payments(
        session,
        keys,
        Payment.district_id == viewer.district_id,
        Payment.state == PaymentState.FAILED,
        seen_townships(viewer, Payment.township_id),
        true() if roll_id is None else Payment.roll_id == roll_id,
    )


def payment_seen(session: Session, viewer: Viewer, payment_id: str, keys: KeyRing) -> PaymentRow:
    """A payment that the viewer may see. One SELECT. Raises NotFound(`payment_unknown`)."""
    found = _payments(
        session,
        keys,
        Payment.id == payment_id,
        Payment.district_id == viewer.district_id,
        seen_townships(viewer, Payment.township_id),
    )
    if not found:
        raise NotFound("payment_unknown", "找不到该笔发放。", "There is no such payment.")
    return found[0]


def balances(session: Session, district_id: str) -> dict[tuple[str, LedgerKind], Decimal]:
    """The present balances by programme and kind; drawers of townships together. One SELECT."""
    rows = session.execute(
        select(LedgerAccount.programme, LedgerAccount.kind, func.sum(LedgerAccount.balance))
        .where(LedgerAccount.district_id == district_id)
        .group_by(LedgerAccount.programme, LedgerAccount.kind)
    )
    return {(programme, kind): _yuan(total) for programme, kind, total in rows}


def _held(session: Session, viewer: Viewer, roll_id: str, keys: KeyRing) -> list[HeldRow]:
    owner = aliased(Account)
    rows = session.execute(
        select(
            HeldPayment,
            Case.number,
            Office.name,
            owner.name,
            Person.id,
            Person.data_key,
            Person.identity,
        )
        .join(Office, Office.id == HeldPayment.township_id)
        .join(Household, Household.id == HeldPayment.household_id)
        .join(Person, Person.id == func.coalesce(HeldPayment.person_id, Household.head_person_id))
        .outerjoin(Case, Case.id == HeldPayment.case_id)
        .outerjoin(owner, owner.id == HeldPayment.owner_id)
        .where(HeldPayment.roll_id == roll_id, seen_townships(viewer, HeldPayment.township_id))
        .order_by(Office.code, HeldPayment.id)
        .limit(MOST_ROWS)
    )
    return [
        HeldRow(
            reason=held.reason,
            amount=held.amount,
            case_id=held.case_id,
            case_number=number,
            township=township,
            payee=shown_person(person_id, data_key, identity, keys),
            owner=owner_name,
            held_at=held.held_at,
        )
        for held, number, township, owner_name, person_id, data_key, identity in rows
    ]


def _payments(session: Session, keys: KeyRing, *wanted: ColumnElement[bool]) -> list[PaymentRow]:
    owner = aliased(Account)
    rows = session.execute(
        select(
            Payment,
            Case.number,
            Office.name,
            owner.name,
            Roll.number,
            Person,
            BankAccount.id,
            BankAccount.account,
        )
        .join(Office, Office.id == Payment.township_id)
        .join(Person, Person.id == Payment.person_id)
        .outerjoin(Case, Case.id == Payment.case_id)
        .outerjoin(owner, owner.id == Payment.owner_id)
        .outerjoin(Roll, Roll.id == Payment.roll_id)
        .outerjoin(BankAccount, and_(BankAccount.id == Payment.bank_account_id))
        .where(*wanted)
        .order_by(Payment.failed_at, Payment.id)
        .limit(MOST_ROWS)
    )
    return [
        PaymentRow(
            payment=payment,
            case_number=number,
            township=township,
            payee=shown_person(person.id, person.data_key, person.identity, keys),
            owner=owner_name,
            roll_number=roll_number,
            account=_masked(person, account_id, account, keys),
        )
        for payment, number, township, owner_name, roll_number, person, account_id, account in rows
    ]


def _masked(person: Person, account_id: str | None, account: bytes | None, keys: KeyRing) -> str:
    if account_id is None or account is None or person.data_key is None:
        return "—"
    key = unwrap_data_key(keys, person.id, person.data_key)
    opened = open_account(account_id, account, key)
    return f"{opened.bank} {opened.masked}"


def _yuan(total: Any) -> Decimal:
    """A sum of fen or yuan, as the column's type or the database gave it."""
    return total if isinstance(total, Decimal) else Decimal(int(total or 0)).scaleb(-2)

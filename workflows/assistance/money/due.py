"""What is due for a month: grants that pay, payments that wait for a roll, and what holds them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, ScalarSelect, and_, case, exists, func, or_, select, true
from sqlalchemy.orm import Session, aliased

from models.assistance import Grant, GrantState
from models.households import Household, HouseholdMember, Person
from models.money import BankAccount, Payment, PaymentState

#: Why somebody who is due isn't paid by the bank now.
DIED: Final = "died"
ACCOUNT_MISSING: Final = "account_missing"
ACCOUNT_CLOSED: Final = "account_closed"
ENDED: Final = "ended"


class DueGrant(NamedTuple):
    """A month of a grant that nobody has paid or ordered; `earlier` counts cancelled payments."""

    grant_id: str
    case_id: str
    household_id: str
    person_id: str
    village_id: str
    area: str
    monthly: Decimal
    base: Decimal
    topup: Decimal
    account_id: str | None
    account_closed: bool
    died: bool
    members: int
    earlier: int

    @property
    def held(self) -> str | None:
        """Why it isn't paid now, None where nothing speaks against it."""
        if self.died:
            return DIED
        if self.account_id is None:
            return ACCOUNT_MISSING
        return ACCOUNT_CLOSED if self.account_closed else None


class Waiting(NamedTuple):
    """A payment that was ordered and isn't on a roll yet, with the payee's account of now."""

    id: str
    key: str
    household_id: str
    person_id: str
    month: date | None
    amount: Decimal
    frozen: Any
    township_id: str
    case_id: str | None
    account_id: str | None
    account_closed: bool
    died: bool

    @property
    def held(self) -> str | None:
        """Why it isn't paid now, None where nothing speaks against it."""
        if self.died:
            return DIED
        if self.account_id is None:
            return ACCOUNT_MISSING
        return ACCOUNT_CLOSED if self.account_closed else None


def pays_for(month: date) -> ColumnElement[bool]:
    """Whether a grant pays for a month: begun, and not ended before it."""
    return and_(
        Grant.start_month <= month,
        or_(
            Grant.ended_from > month,
            and_(Grant.state == GrantState.ACTIVE, Grant.ended_from.is_(None)),
        ),
    )


def someone_died(household_id: Any) -> ColumnElement[bool]:
    """Whether a present member of a household has died, for use inside a statement."""
    return exists(
        select(HouseholdMember.id)
        .join(Person, Person.id == HouseholdMember.person_id)
        .where(
            HouseholdMember.household_id == household_id,
            HouseholdMember.superseded_at.is_(None),
            Person.died_on.is_not(None),
        )
    )


def townships_due(session: Session, district_id: str, month: date) -> Sequence[str]:
    """The townships with grants that pay for a month, in the order of their ids."""
    return session.scalars(
        select(Household.township_id)
        .join(Grant, Grant.household_id == Household.id)
        .where(Grant.district_id == district_id, pays_for(month))
        .distinct()
        .order_by(Household.township_id)
    ).all()


def due_grants(session: Session, district_id: str, township_id: str, month: date) -> list[DueGrant]:
    """The grants of a township that pay for a month and have no payment for it. One SELECT."""
    of_month = and_(Payment.grant_id == Grant.id, Payment.month == month)
    paid = exists().where(of_month, Payment.state != PaymentState.CANCELLED)
    rows = session.execute(
        select(
            Grant.id,
            Grant.case_id,
            Grant.household_id,
            Household.head_person_id,
            Household.village_id,
            Household.area,
            Grant.monthly,
            Grant.base,
            Grant.topup,
            BankAccount.id,
            BankAccount.closed_on.is_not(None),
            or_(Person.died_on.is_not(None), someone_died(Household.id)),
            _members(),
            select(func.count()).where(of_month).scalar_subquery(),
        )
        .join(Household, Household.id == Grant.household_id)
        .join(Person, Person.id == Household.head_person_id)
        .outerjoin(
            BankAccount,
            and_(BankAccount.person_id == Person.id, BankAccount.superseded_at.is_(None)),
        )
        .where(
            Grant.district_id == district_id,
            Household.township_id == township_id,
            Grant.monthly > Decimal(0),
            pays_for(month),
            ~paid,
        )
        .order_by(Household.village_id, Grant.id)
    )
    return [DueGrant._make((*row[:5], row[5].value, *row[6:])) for row in rows]


def _members() -> ScalarSelect[int]:
    return (
        select(func.count())
        .where(
            HouseholdMember.household_id == Household.id, HouseholdMember.superseded_at.is_(None)
        )
        .scalar_subquery()
    )


def waiting_payments(
    session: Session, district_id: str, programme: str, month: date | None
) -> list[Waiting]:
    """Ordered payments of a programme that are on no roll, locked; monthly ones up to a month."""
    rows = session.execute(
        select(
            Payment.id,
            Payment.key,
            Payment.household_id,
            Payment.person_id,
            Payment.month,
            Payment.amount,
            Payment.frozen,
            Payment.township_id,
            Payment.case_id,
            BankAccount.id,
            BankAccount.closed_on.is_not(None),
            Person.died_on.is_not(None),
        )
        .join(Person, Person.id == Payment.person_id)
        .outerjoin(
            BankAccount,
            and_(BankAccount.person_id == Person.id, BankAccount.superseded_at.is_(None)),
        )
        .where(
            Payment.district_id == district_id,
            Payment.programme == programme,
            Payment.state == PaymentState.ORDERED,
            Payment.roll_id.is_(None),
            true() if month is None else Payment.month <= month,
        )
        .order_by(Payment.id)
        .with_for_update(of=Payment)
    )
    return [Waiting(*row) for row in rows]


class Stale(NamedTuple):
    """A payment of a roll that mustn't be paid any more, and why."""

    id: str
    township_id: str
    household_id: str
    case_id: str | None
    grant_id: str | None
    amount: Decimal
    reason: str


def stale_payments(session: Session, roll_id: str) -> list[Stale]:
    """Payments of a roll whose family has lost its claim, or its account, since it was drawn."""
    payee = aliased(Person)
    died = or_(
        payee.died_on.is_not(None),
        and_(Payment.grant_id.is_not(None), someone_died(Payment.household_id)),
    )
    ended = and_(
        Grant.id.is_not(None),
        or_(
            Grant.ended_from <= Payment.month,
            and_(Grant.state == GrantState.ENDED, Grant.ended_from.is_(None)),
        ),
    )
    closed = BankAccount.closed_on.is_not(None)
    reason = case((died, DIED), (ended, ENDED), else_=ACCOUNT_CLOSED)
    rows = session.execute(
        select(
            Payment.id,
            Payment.township_id,
            Payment.household_id,
            Payment.case_id,
            Payment.grant_id,
            Payment.amount,
            reason,
        )
        .join(payee, payee.id == Payment.person_id)
        .join(BankAccount, BankAccount.id == Payment.bank_account_id)
        .outerjoin(Grant, Grant.id == Payment.grant_id)
        .where(
            Payment.roll_id == roll_id,
            Payment.state == PaymentState.ORDERED,
            or_(died, ended, closed),
        )
        .order_by(Payment.id)
    )
    return [Stale(*row) for row in rows]

"""What is due for a month: grants that pay, payments that wait for a roll, and what holds them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, true
from sqlalchemy.orm import Session, aliased

from models.assistance import Grant, GrantAmount, GrantState, MonthAdjustment
from models.households import Household, HouseholdMember, Person
from models.money import BankAccount, Payment, PaymentState
from models.recoveries import Recovery, RecoveryState

#: Why somebody who is due isn't paid by the bank now.
DIED: Final = "died"
ACCOUNT_MISSING: Final = "account_missing"
ACCOUNT_CLOSED: Final = "account_closed"
ACCOUNT_CHANGED: Final = "account_changed"
ENDED: Final = "ended"
TWO_GRANTS: Final = "two_grants"
AMOUNT_CHANGED: Final = "amount_changed"


class DueGrant(NamedTuple):
    """A month of a grant that nobody has paid or ordered; `earlier` counts cancelled payments."""

    grant_id: str
    case_id: str
    household_id: str
    person_id: str
    township_id: str
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
    #: how many grants of the programme pay for this month to this household, or to this person
    grants: int

    @property
    def held(self) -> str | None:
        """Why it isn't paid now, None where nothing speaks against it."""
        if self.died:
            return DIED
        if self.grants > 1:
            return TWO_GRANTS
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
    ended: bool | None

    @property
    def held(self) -> str | None:
        """Why it isn't paid now, None where nothing speaks against it."""
        if self.died:
            return DIED
        if self.ended:
            return ENDED
        if self.account_id is None:
            return ACCOUNT_MISSING
        return ACCOUNT_CLOSED if self.account_closed else None


def pays_for(month: date) -> ColumnElement[bool]:
    """Whether a grant, joined with its amounts, pays for a month: begun, and not ended before it.

    Of the amounts one at most fulfils it.
    """
    return and_(
        Grant.start_month <= month,
        or_(
            Grant.ended_from > month,
            and_(Grant.state == GrantState.ACTIVE, Grant.ended_from.is_(None)),
        ),
        amount_counts_for(month),
        GrantAmount.monthly > Decimal(0),
    )


def amount_counts_for(month: Any) -> ColumnElement[bool]:
    """Whether an amount of a grant counts, and is the one for a month."""
    return and_(
        GrantAmount.superseded_at.is_(None),
        GrantAmount.from_month <= month,
        or_(GrantAmount.until_month.is_(None), GrantAmount.until_month > month),
    )


def _ended() -> ColumnElement[bool]:
    """Whether the grant of a payment no longer pays for its month; null for relief."""
    return or_(
        Grant.ended_from <= Payment.month,
        and_(Grant.state == GrantState.ENDED, Grant.ended_from.is_(None)),
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


def due_grants(session: Session, district_id: str, programme: str, month: date) -> list[DueGrant]:
    """The grants of a programme that pay for a month and have no payment for it. Four SELECTs.

    `earlier` counts cancelled payments of the month; a month that arrears were ordered for has its
    payment. In the order of township, village and grant.
    """
    paying = (
        Grant.district_id == district_id,
        Grant.programme == programme,
        GrantAmount.grant_id == Grant.id,
        pays_for(month),
    )
    families = _families(session, select(Grant.household_id).where(*paying))
    earlier, paid = _payments_of(session, select(Grant.id).where(*paying), programme, month)
    paid |= _settled_otherwise(session, select(Grant.id).where(*paying), month)
    person_id = func.coalesce(Grant.person_id, Household.head_person_id)
    rows = session.execute(
        select(
            func.count().over(partition_by=(Grant.household_id, Grant.person_id)),
            Grant.person_id,
            Grant.id,
            Grant.case_id,
            Grant.household_id,
            person_id,
            Household.township_id,
            Household.village_id,
            Household.area,
            GrantAmount.monthly,
            GrantAmount.base,
            GrantAmount.topup,
            BankAccount.id,
            BankAccount.closed_on.is_not(None),
            Person.died_on.is_not(None),
        )
        .join(GrantAmount, GrantAmount.grant_id == Grant.id)
        .join(Household, Household.id == Grant.household_id)
        .join(Person, Person.id == person_id)
        .outerjoin(
            BankAccount,
            and_(BankAccount.person_id == Person.id, BankAccount.superseded_at.is_(None)),
        )
        .where(*paying)
        .order_by(Household.township_id, Household.village_id, Grant.id)
    )
    found = []
    for grants, alone, *first, area, monthly, base, topup, account_id, closed, payee_died in rows:
        grant_id, household_id = first[0], first[2]
        if grant_id in paid:
            continue
        members, dead = families.get(household_id, (0, 0)) if alone is None else (1, 0)
        found.append(
            DueGrant._make(
                (*first, area.value, monthly, base, topup, account_id, closed,
                 payee_died or dead > 0, members, earlier.get(grant_id, 0), grants)
            )
        )  # fmt: skip
    return found


def _families(session: Session, household_ids: Select[Any]) -> dict[str, tuple[int, int]]:
    """Present members of households, and how many of them have died."""
    rows = session.execute(
        select(HouseholdMember.household_id, func.count(), func.count(Person.died_on))
        .join(Person, Person.id == HouseholdMember.person_id)
        .where(
            HouseholdMember.household_id.in_(household_ids),
            HouseholdMember.superseded_at.is_(None),
        )
        .group_by(HouseholdMember.household_id)
    )
    return {household_id: (members, dead) for household_id, members, dead in rows}


def _payments_of(
    session: Session, grant_ids: Select[Any], programme: str, month: date
) -> tuple[dict[str, int], set[str]]:
    """Payments of a month by grant: how many there are, and which grants have a living one."""
    rows = session.execute(
        select(Payment.grant_id, Payment.state, func.count())
        .where(
            Payment.grant_id.in_(grant_ids),
            Payment.month == month,
            Payment.programme == programme,
        )
        .group_by(Payment.grant_id, Payment.state)
    )
    earlier: dict[str, int] = {}
    paid = set()
    for grant_id, state, count in rows:
        assert grant_id is not None  # by the condition
        earlier[grant_id] = earlier.get(grant_id, 0) + count
        if state is not PaymentState.CANCELLED:
            paid.add(grant_id)
    return earlier, paid


def _settled_otherwise(session: Session, grant_ids: Select[Any], month: date) -> set[str]:
    """The grants for whose month arrears were ordered that weren't cancelled."""
    found = session.scalars(
        select(MonthAdjustment.grant_id)
        .join(Payment, Payment.id == MonthAdjustment.payment_id)
        .where(
            MonthAdjustment.grant_id.in_(grant_ids),
            MonthAdjustment.month == month,
            Payment.state != PaymentState.CANCELLED,
        )
    )
    return set(found)


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
            # relief goes on for the family while its head lives, what one person gets while that
            # person does; the monthly amount of a household is of all members
            or_(
                Person.died_on.is_not(None),
                and_(
                    Payment.grant_id.is_not(None),
                    Grant.person_id.is_(None),
                    someone_died(Payment.household_id),
                ),
            ),
            _ended(),
        )
        .join(Person, Person.id == Payment.person_id)
        .outerjoin(Grant, Grant.id == Payment.grant_id)
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


def _amount_changed() -> ColumnElement[bool]:
    """Whether a month's payment isn't what its grant gives, less what was settled otherwise."""
    arrears = aliased(Payment)
    adjusted = (
        select(func.coalesce(func.sum(MonthAdjustment.amount), Decimal(0)))
        .outerjoin(arrears, arrears.id == MonthAdjustment.payment_id)
        .outerjoin(Recovery, Recovery.id == MonthAdjustment.recovery_id)
        .where(
            MonthAdjustment.grant_id == Payment.grant_id,
            MonthAdjustment.month == Payment.month,
            adjustment_counts(arrears),
        )
        .correlate(Payment)
        .scalar_subquery()
    )
    return and_(
        GrantAmount.monthly != Payment.amount,
        GrantAmount.monthly - adjusted != Payment.amount,
    )


def adjustment_counts(arrears: type[Payment]) -> ColumnElement[bool]:
    """Whether a difference, joined with its arrears' payment and its recovery, counts."""
    return or_(
        arrears.state != PaymentState.CANCELLED,
        Recovery.state.in_((RecoveryState.OPEN, RecoveryState.SETTLED)),
    )


class Stale(NamedTuple):
    """A payment of a roll that mustn't be paid any more, and why."""

    id: str
    township_id: str
    household_id: str
    person_id: str
    case_id: str | None
    grant_id: str | None
    amount: Decimal
    reason: str


def stale_payments(session: Session, roll_id: str) -> list[Stale]:
    """Payments of a roll whose family has lost its claim, or its account, since it was drawn.

    A month whose grant has been given another amount since then is drawn anew, too.
    Eight SELECTs, each by joins alone: in one with OR a database looks at every row again and
    again.
    """
    payment = (
        Payment.id,
        Payment.township_id,
        Payment.household_id,
        Payment.person_id,
        Payment.case_id,
        Payment.grant_id,
        Payment.amount,
    )
    of_roll = (Payment.roll_id == roll_id, Payment.state == PaymentState.ORDERED)
    payees = select(*payment).join(Person, Person.id == Payment.person_id)
    members = (
        select(*payment)
        .join(Grant, Grant.id == Payment.grant_id)
        .join(HouseholdMember, HouseholdMember.household_id == Payment.household_id)
        .join(Person, Person.id == HouseholdMember.person_id)
        .where(HouseholdMember.superseded_at.is_(None), Grant.person_id.is_(None))
    )
    grants = select(*payment).join(Grant, Grant.id == Payment.grant_id)
    amounts = grants.outerjoin(
        GrantAmount, and_(GrantAmount.grant_id == Grant.id, amount_counts_for(Payment.month))
    )
    settled = (
        grants.join(
            MonthAdjustment,
            and_(
                MonthAdjustment.grant_id == Payment.grant_id,
                MonthAdjustment.month == Payment.month,
            ),
        )
        .join(arrears := aliased(Payment), arrears.id == MonthAdjustment.payment_id)
        .where(arrears.state != PaymentState.CANCELLED, arrears.ordered_at > Payment.ordered_at)
    )
    accounts = select(*payment).join(BankAccount, BankAccount.id == Payment.bank_account_id)
    found: dict[str, Stale] = {}
    for query, condition, reason in (
        (payees, Person.died_on.is_not(None), DIED),
        (members, Person.died_on.is_not(None), DIED),
        (grants, _ended(), ENDED),
        (amounts, GrantAmount.id.is_(None), ENDED),
        (amounts, _amount_changed(), AMOUNT_CHANGED),
        (settled, true(), AMOUNT_CHANGED),
        (accounts, BankAccount.closed_on.is_not(None), ACCOUNT_CLOSED),
        (accounts, BankAccount.superseded_at.is_not(None), ACCOUNT_CHANGED),
    ):
        for row in session.execute(query.where(*of_roll, condition)):
            found.setdefault(row[0], Stale(*row, reason))
    return [found[payment_id] for payment_id in sorted(found)]

"""Where the money of a household's people goes, as pages show it: masked, one for each person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import exists, or_, select, union
from sqlalchemy.orm import Session

from models.assistance import Grant, GrantState
from models.households import Household, HouseholdMember, Person
from models.money import BankAccount
from workflows.assistance.households import identity_of
from workflows.assistance.money.bank_accounts import account_in_clear
from workflows.errors import NotFound
from workflows.privacy import KeyRing, unwrap_data_key
from workflows.runtime.inbox.people import ERASED_NAME


@dataclass(frozen=True, slots=True)
class AccountView:
    """Where a person's money goes; `recorded_at` is None before an account is recorded."""

    person_id: str
    payee: str
    #: the household's benefits go to its head; to anybody else only what is that person's own
    is_head: bool
    #: whether this person has, or had, a benefit of their own, which goes to nobody else
    own_grant: bool
    bank: str = ""
    masked: str = ""
    holder: str = ""
    other_holder: str = ""
    recorded_at: datetime | None = None
    closed_on: date | None = None

    @property
    def usable(self) -> bool:
        """Whether money can go there now."""
        return self.recorded_at is not None and self.closed_on is None

    @property
    def wanted(self) -> bool:
        """Whether a page shows it though nothing is recorded: money goes there, or may."""
        return self.is_head or self.own_grant or self.recorded_at is not None


def accounts_of_household(session: Session, household_id: str, keys: KeyRing) -> list[AccountView]:
    """The account of now of each member, the head's first. One SELECT.

    Raises:
        NotFound: `household_not_found`.
    """
    people = union(
        select(HouseholdMember.person_id).where(
            HouseholdMember.household_id == household_id,
            HouseholdMember.superseded_at.is_(None),
        ),
        select(Household.head_person_id).where(Household.id == household_id),
    )
    own_grant = exists(
        select(Grant.id).where(
            Grant.household_id == household_id,
            Grant.person_id == Person.id,
            or_(Grant.state == GrantState.ACTIVE, Grant.ended_from.is_not(None)),
        )
    )
    rows = session.execute(
        select(Person, BankAccount, Person.id == Household.head_person_id, own_grant)
        .select_from(Person)
        .join(Household, Household.id == household_id)
        .outerjoin(
            BankAccount,
            (BankAccount.person_id == Person.id) & BankAccount.superseded_at.is_(None),
        )
        .where(Person.id.in_(people))
        .order_by(Person.id, BankAccount.recorded_at.desc(), BankAccount.id.desc())
    )
    found: dict[str, AccountView] = {}
    for person, account, is_head, own in rows:
        if person.id not in found:
            found[person.id] = _view(person, account, bool(is_head), bool(own), keys)
    if not found:
        raise NotFound("household_not_found", "找不到这个家庭。", "There is no such household.")
    return sorted(found.values(), key=lambda one: not one.is_head)


def account_of_head(accounts: list[AccountView]) -> AccountView:
    """Of `accounts_of_household` the one that the household's own benefits go to."""
    return accounts[0]


def account_of_person(accounts: list[AccountView], person_id: str) -> AccountView:
    """Of `accounts_of_household` a member's.

    Raises:
        NotFound: `person_not_found` for somebody who isn't of the household.
    """
    for one in accounts:
        if one.person_id == person_id:
            return one
    raise NotFound("person_not_found", "找不到这名成员。", "There is no such member.")


def _view(
    person: Person, account: BankAccount | None, is_head: bool, own_grant: bool, keys: KeyRing
) -> AccountView:
    try:
        key = unwrap_data_key(keys, person.id, person.data_key)
    except NotFound:
        return AccountView(person.id, ERASED_NAME, is_head, own_grant)
    payee = identity_of(person, keys).name
    if account is None:
        return AccountView(person.id, payee, is_head, own_grant)
    opened = account_in_clear(account, key)
    return AccountView(
        person.id,
        payee,
        is_head,
        own_grant,
        opened.bank,
        opened.masked,
        opened.holder,
        opened.other_holder,
        account.recorded_at,
        account.closed_on,
    )

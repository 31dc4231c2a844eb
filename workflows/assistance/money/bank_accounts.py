"""Bank accounts of people: sealed, versioned, found by a blind index, masked where they show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import orjson
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models.households import HouseholdMember, Person
from models.money import BankAccount
from models.trail import SubjectKind
from models.types import new_id
from workflows.assistance.households import identity_of
from workflows.audit import Subject, TrailAction, append_entry
from workflows.errors import Actor, Conflict, Finding, Invalid
from workflows.privacy import (
    DataKey,
    KeyRing,
    blind_index,
    mask_bank_account,
    open_sealed,
    seal,
    unwrap_data_key,
)
from workflows.transaction import require_transaction

#: The place that a sealed account is bound to.
PLACE: Final = "bank_accounts.account"
#: Cards have 13 to 19 digits (ISO/IEC 7812), passbooks of the banks here 12 to 23. Passbooks have
#: no check digit, so none is checked.
_SHORTEST, _LONGEST = 12, 23
_LONGEST_NAME: Final = 60


@dataclass(frozen=True, slots=True)
class AccountInClear:
    """An account as the bank needs it; it never goes into a log, a trail or a message."""

    bank: str
    number: str
    holder: str
    #: why the account isn't in the payee's own name; empty where it is
    other_holder: str = ""

    @property
    def masked(self) -> str:
        """What a page shows of the number."""
        return mask_bank_account(self.number)


@dataclass(frozen=True, slots=True)
class RecordedAccount:
    """A new version of an account. `shared_with`: households of other people with this number."""

    account: BankAccount
    masked: str
    shared_with: tuple[str, ...]


def record_bank_account(
    session: Session,
    person: Person,
    number: str,
    bank: str,
    holder: str,
    keys: KeyRing,
    *,
    other_holder: str = "",
    actor: Actor,
    now: datetime,
) -> RecordedAccount:
    """Keep where a person's money goes from now on; the account before it is superseded.

    `other_holder` says why the account is in somebody else's name, where it is. No clause at hand
    says whose account besides the payee's own may be used; so the reason is kept with it, sealed.

    Raises:
        Invalid: a finding for each of `account_number`, `account_bank`, `account_holder`,
            `account_other_holder`.
        NotFound: `privacy.erased`.
    """
    require_transaction(session)
    payee = identity_of(person, keys).name
    document = _checked(payee, number, bank.strip(), holder.strip(), other_holder.strip())
    key = unwrap_data_key(keys, person.id, person.data_key)
    index = blind_index(keys, "bank_account", document["number"])
    _lock_person(session, person.id)
    _supersede(session, person.id, now)
    account_id = new_id()
    account = BankAccount(
        id=account_id,
        district_id=person.district_id,
        person_id=person.id,
        account=seal(key, PLACE, account_id, orjson.dumps(document).decode()),
        number_index=index,
        recorded_at=now,
        recorded_by_id=actor.account_id,
    )
    session.add(account)
    session.flush()
    shared_with = _others(session, person, index)
    append_entry(
        session,
        _subject(person.id, person.district_id),
        TrailAction.BANK_ACCOUNT_RECORDED,
        actor=actor,
        now=now,
        data={
            "account": account.id,
            "shared_with": list(shared_with),
            "own_name": "other_holder" not in document,
        },
    )
    return RecordedAccount(account, mask_bank_account(document["number"]), shared_with)


def close_bank_account(
    session: Session, account: BankAccount, *, closed_on: date, actor: Actor, now: datetime
) -> bool:
    """Keep that the bank has reported an account closed; False when that was known before."""
    require_transaction(session)
    if account.closed_on is not None:
        return False
    account.closed_on = closed_on
    append_entry(
        session,
        _subject(account.person_id, account.district_id),
        TrailAction.BANK_ACCOUNT_CLOSED,
        actor=actor,
        now=now,
        data={"account": account.id, "closed_on": closed_on},
    )
    return True


def usable_account(session: Session, person_id: str) -> BankAccount:
    """The account that a person's money goes to now.

    Raises:
        Conflict: `account_missing` or `account_closed`.
    """
    account = session.scalar(
        select(BankAccount)
        .where(BankAccount.person_id == person_id, BankAccount.superseded_at.is_(None))
        .order_by(BankAccount.recorded_at.desc(), BankAccount.id.desc())
        .limit(1)
    )
    if account is None:
        raise Conflict(
            "account_missing",
            "领取人没有登记银行账户，请先登记，或者改用现金发放。",
            "No bank account is recorded for the payee; record one, or pay in cash.",
        )
    if account.closed_on is not None:
        raise Conflict(
            "account_closed",
            "领取人登记的银行账户已经销户，请登记新的账户。",
            "The payee's bank account has been closed; record another one.",
        )
    return account


def account_in_clear(account: BankAccount, key: DataKey) -> AccountInClear:
    """The account opened with its person's data key, for the bank and for a masked display.

    Raises:
        Invalid: `privacy.unreadable`.
    """
    return open_account(account.id, account.account, key)


def open_account(account_id: str, sealed: bytes, key: DataKey) -> AccountInClear:
    """As `account_in_clear`, from the columns of its row."""
    document = orjson.loads(open_sealed(key, PLACE, account_id, sealed))
    return AccountInClear(
        document["bank"],
        document["number"],
        document["holder"],
        document.get("other_holder", ""),
    )


def _checked(payee: str, number: str, bank: str, holder: str, other_holder: str) -> dict[str, str]:
    """What is sealed of an account. Raises Invalid with every finding."""
    digits = "".join(sign for sign in number if not sign.isspace() and sign != "-")
    own_name = _compared(holder) == _compared(payee)
    if findings := _findings(digits, bank, holder, own_name or bool(other_holder)):
        raise Invalid(findings[0].code, findings=findings)
    document = {"bank": bank, "number": digits, "holder": holder}
    return document if own_name else {**document, "other_holder": other_holder}


def _compared(name: str) -> str:
    """A name without the spaces that one writes and another doesn't."""
    return "".join(name.split())


def _findings(digits: str, bank: str, holder: str, holder_told: bool) -> list[Finding]:
    findings = []
    right = digits.isascii() and digits.isdigit()
    if not (right and _SHORTEST <= len(digits) <= _LONGEST):
        findings.append(
            Finding(
                "account_number",
                f"银行账号应为{_SHORTEST}至{_LONGEST}位数字，请核对。",
                f"A bank account has {_SHORTEST} to {_LONGEST} digits; check the number.",
                field="number",
            )
        )
    if not 1 <= len(bank) <= _LONGEST_NAME:
        findings.append(Finding("account_bank", "请填写开户银行。", "Name the bank.", field="bank"))
    if not 1 <= len(holder) <= _LONGEST_NAME:
        findings.append(
            Finding(
                "account_holder",
                "请填写账户的户名。",
                "Say in whose name the account is.",
                field="holder",
            )
        )
    elif not holder_told:
        findings.append(
            Finding(
                "account_other_holder",
                "户名不是领取人本人的，请写明原因。",
                "The account isn't in the payee's own name: say why.",
                field="other_holder",
            )
        )
    return findings


def _lock_person(session: Session, person_id: str) -> None:
    session.execute(select(Person.id).where(Person.id == person_id).with_for_update())


def _supersede(session: Session, person_id: str, now: datetime) -> None:
    session.execute(
        update(BankAccount)
        .where(BankAccount.person_id == person_id, BankAccount.superseded_at.is_(None))
        .values(superseded_at=now)
    )


def _others(session: Session, person: Person, index: bytes) -> tuple[str, ...]:
    found = session.scalars(
        select(HouseholdMember.household_id)
        .join(BankAccount, BankAccount.person_id == HouseholdMember.person_id)
        .where(
            BankAccount.number_index == index,
            BankAccount.district_id == person.district_id,
            BankAccount.person_id != person.id,
            BankAccount.superseded_at.is_(None),
            HouseholdMember.superseded_at.is_(None),
        )
        .distinct()
        .order_by(HouseholdMember.household_id)
    )
    return tuple(found)


def _subject(person_id: str, district_id: str) -> Subject:
    return Subject(SubjectKind.PERSON, person_id, district_id)

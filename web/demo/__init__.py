"""A demonstration district with offices and accounts of every role; made once."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.accounts import Account
from models.offices import Office
from web.config import DEMO_PASSWORD, Config
from web.demo.cases import demo_cases
from web.demo.changes import demo_changes, demo_exits
from web.demo.funds import demo_fund_months, demo_funds
from web.demo.offices import DISTRICT_CODE, DISTRICT_NAME, DISTRICT_SIGNATURE, TOWNSHIPS
from web.demo.oversight import demo_oversight
from web.demo.payments import demo_payments
from web.demo.people import colleagues
from web.demo.relief import demo_relief
from web.demo.tekun import demo_tekun
from workflows.access.accounts import create_account, grant_role
from workflows.access.offices import (
    create_district,
    create_office,
    record_residents,
    record_signature,
)
from workflows.access.passwords import hash_password
from workflows.errors import SYSTEM
from workflows.transaction import transaction

HIRED_BEFORE = timedelta(days=240)


@dataclass(frozen=True, slots=True)
class Demo:
    """The demonstration's ids: offices by area code, accounts by login."""

    district_id: str
    offices: dict[str, str]
    accounts: dict[str, str]


#: What fills the district further, in order; each opens its own transactions and is idempotent.
MORE: tuple[Callable[[Session, Config, Demo, datetime], None], ...] = (
    demo_cases,
    demo_funds,
    demo_relief,
    # whatever pays from a fund stands before its months are closed
    demo_fund_months,
    # changes of months ago stand before the rolls that pay by them
    demo_exits,
    demo_payments,
    demo_changes,
    demo_tekun,
    demo_oversight,
)


def make_demo(session: Session, config: Config, password: str, *, now: datetime) -> Demo:
    """Make what is missing of the demonstration; passwords of accounts that exist stay."""
    password_hash = hash_password(password)
    with transaction(session):
        offices = _make_offices(session, now)
        # whoever acts in the cases of the last months holds the role since before them
        accounts = _make_accounts(session, offices, password_hash, now - HIRED_BEFORE)
    demo = Demo(offices[DISTRICT_CODE], offices, accounts)
    for add in MORE:
        add(session, config, demo, now)
    return demo


def demo_password(data: Path, given: str | None = None) -> str:
    """The one password of all demonstration accounts: given, kept from before, or made up now."""
    place = data / DEMO_PASSWORD
    if given is None and place.exists():
        return place.read_text("ascii").strip()
    password = given or f"Kaixian-{secrets.token_hex(4)}-7"
    handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(password + "\n")
    return password


def _make_offices(session: Session, now: datetime) -> dict[str, str]:
    known = {office.code: office for office in session.scalars(select(Office))}
    district = known.get(DISTRICT_CODE) or create_district(
        session, code=DISTRICT_CODE, name=DISTRICT_NAME, actor=SYSTEM, now=now
    )
    if district.signature is None:
        record_signature(session, district, signature=DISTRICT_SIGNATURE, actor=SYSTEM, now=now)
    found = {DISTRICT_CODE: district.id}
    for township in TOWNSHIPS:
        parent = known.get(township.code) or create_office(
            session, district, code=township.code, name=township.name, actor=SYSTEM, now=now
        )
        found[township.code] = parent.id
        if parent.residents is None:
            record_residents(session, parent, residents=township.residents, actor=SYSTEM, now=now)
        for number, name in enumerate(township.villages, start=1):
            code = f"{township.code}{200 + number}"
            village = known.get(code) or create_office(
                session, parent, code=code, name=name, actor=SYSTEM, now=now
            )
            found[code] = village.id
    return found


def _make_accounts(
    session: Session, offices: dict[str, str], password_hash: str, now: datetime
) -> dict[str, str]:
    known = {row.login: row.id for row in session.execute(select(Account.login, Account.id))}
    for colleague in colleagues():
        if colleague.login in known:
            continue
        account = create_account(
            session,
            district_id=offices[DISTRICT_CODE],
            login=colleague.login,
            name=colleague.name,
            password_hash=password_hash,
            actor=SYSTEM,
            now=now,
        )
        office = session.get_one(Office, offices[colleague.office_code])
        grant_role(session, account, office, colleague.role, actor=SYSTEM, now=now)
        known[colleague.login] = account.id
    return known

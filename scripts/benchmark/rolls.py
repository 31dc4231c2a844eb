"""A month of a whole district: a roll drawn, sent through its hands, and answered by the bank."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final

import orjson
from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from models.accounts import Role
from models.assistance import AmountKind, Assessment, Grant, GrantAmount, GrantState
from models.base import table_of
from models.cases import Case, CaseState
from models.households import Area, Household, HouseholdMember, Person
from models.money import BankAccount, LedgerKind, Payment
from models.offices import Office, OfficeLevel
from models.types import new_id
from scripts.benchmark.deployment import Deployment, deployment
from scripts.benchmark.district import District, found_district, opened
from scripts.benchmark.policy import measured_policy
from workflows.access.accounts import create_account, grant_role
from workflows.assistance.money.bank_accounts import PLACE
from workflows.assistance.money.bank_files import bank_file
from workflows.assistance.money.bank_results import take_bank_results
from workflows.assistance.money.drawing import draw_roll
from workflows.assistance.money.ledger import DIBAO, Reason, ledger_account, move_money
from workflows.assistance.money.partitions import Here, Jobs, LocalProcesses
from workflows.assistance.money.rolls import (
    authorise_roll,
    cancel_roll,
    release_roll,
    review_roll,
)
from workflows.errors import SYSTEM, Actor
from workflows.privacy import KeyRing, blind_index, new_data_key, seal
from workflows.transaction import reading, transaction

#: Like Kaizhou: as many townships and streets, and half as many families again as receive aid.
TOWNSHIPS: Final = 40
GRANTS: Final = 60_000
QUICK_GRANTS: Final = 200
_CHUNK: Final = 5_000
_HANDS: Final = {
    "drawer": Role.REVIEWER,
    "reviewer": Role.REVIEWER,
    "authoriser": Role.CONFIRMER,
    "releaser": Role.FINANCE,
}


def measure_rolls(database: str, grants: int) -> dict[str, Any]:
    """Seconds of each act of a roll with so many grants; the jobs here and in processes."""
    with deployment(database) as made:
        district = found_district(made, measured_policy(), 1)
        month = datetime.now(UTC).date().replace(day=1)
        with opened(made) as session:
            actors = _hire(session, district)
            townships = _townships(session, district)
            _seed(session, district, townships, made.keys.ring, grants, month)
        return {"grants": grants, **_acts(made, district, actors, month)}


def _acts(
    made: Deployment, district: District, actors: dict[str, Actor], month: date
) -> dict[str, Any]:
    seconds: dict[str, float] = {}
    now = datetime.now(UTC)
    ring = made.keys.ring
    own: dict[str, Any] = {"district_id": district.district_id, "now": now}
    with opened(made) as session:

        def timed(name: str, act: Callable[[], Any]) -> Any:
            with _timing(seconds, name), transaction(session):
                return act()

        def draw(jobs: Jobs) -> Any:
            return draw_roll(
                session, district.district_id, DIBAO, month,
                actor=actors["drawer"], now=now, jobs=jobs,
            )  # fmt: skip

        spread = timed("draw_in_processes", lambda: draw(LocalProcesses()))
        timed("cancel", lambda: cancel_roll(session, spread.id, "…", actor=actors["drawer"], **own))
        roll = timed("draw", lambda: draw(Here()))
        timed("review", lambda: review_roll(session, roll.id, actor=actors["reviewer"], **own))
        timed(
            "authorise", lambda: authorise_roll(session, roll.id, actor=actors["authoriser"], **own)
        )
        timed(
            "release",
            lambda: release_roll(session, roll.id, ring, actor=actors["releaser"], **own),
        )
        for name, jobs in (("file_here", Here()), ("file_in_processes", LocalProcesses())):
            with _timing(seconds, name), reading(session):
                bank_file(session, roll.id, ring, jobs=jobs)
        content = _answers(session, roll.id, now.date())
        timed(
            "results",
            lambda: take_bank_results(session, roll.id, content, actor=actors["releaser"], **own),
        )
        assert roll.state.value == "settled"
        return {"payments": roll.payments, "total": f"{roll.total:.2f}", "seconds": seconds}


@contextmanager
def _timing(seconds: dict[str, float], name: str) -> Iterator[None]:
    began = time.perf_counter()
    yield
    seconds[name] = round(time.perf_counter() - began, 2)


def _answers(session: Session, roll_id: str, today: date) -> bytes:
    """The bank pays everything but every hundredth."""
    with reading(session):
        rows = session.execute(
            select(Payment.key, Payment.amount).where(Payment.roll_id == roll_id)
        ).all()
    lines = ["payment_key,amount,result,reason,paid_on"]
    for number, (key, amount) in enumerate(rows):
        ending = "failed,account_wrong," if number % 100 == 99 else f"paid,,{today}"
        lines.append(f"{key},{amount:.2f},{ending}")
    return "\n".join(lines).encode()


def _hire(session: Session, district: District) -> dict[str, Actor]:
    now = datetime.now(UTC)
    actors = {}
    with transaction(session):
        office = session.get_one(Office, district.district_id)
        for login, role in _HANDS.items():
            account = create_account(
                session, district_id=district.district_id, login=login, name=login,
                password_hash="!", actor=SYSTEM, now=now,
            )  # fmt: skip
            session.flush()
            grant_role(session, account, office, role, actor=SYSTEM, now=now)
            actors[login] = Actor(account.id, role.value, office.id, login)
        budget = ledger_account(session, office.id, LedgerKind.BUDGET, office.id, DIBAO)
        source = ledger_account(session, office.id, LedgerKind.APPROPRIATION, office.id, DIBAO)
        move_money(
            session, source, budget, Decimal(1_000_000_000), Reason("appropriate", "appropriate/1"),
            actor=SYSTEM, now=now,
        )  # fmt: skip
    return actors


def _townships(session: Session, district: District) -> list[tuple[str, str]]:
    """Pairs of a township and a village of it."""
    found = []
    with transaction(session):
        for number in range(TOWNSHIPS):
            ids = (new_id(), new_id())
            for office_id, parent, level, code in (
                (ids[0], district.district_id, OfficeLevel.TOWNSHIP, f"500154{number:03d}000"),
                (ids[1], ids[0], OfficeLevel.VILLAGE, f"500154{number:03d}200"),
            ):
                session.add(
                    Office(id=office_id, district_id=district.district_id, parent_id=parent,
                           level=level, code=code, name=code)
                )  # fmt: skip
                session.flush()
            found.append(ids)
    return found


def _seed(
    session: Session,
    district: District,
    townships: Sequence[tuple[str, str]],
    keys: KeyRing,
    grants: int,
    month: date,
) -> None:
    """Families of one to four, each with a case, a grant and a sealed bank account."""
    chance = random.Random(grants)
    for start in range(0, grants, _CHUNK):
        rows: dict[type, list[dict[str, Any]]] = {
            table: []
            for table in (
                Person,
                Household,
                HouseholdMember,
                Case,
                Assessment,
                Grant,
                GrantAmount,
                BankAccount,
            )
        }
        for number in range(start, min(start + _CHUNK, grants)):
            _family(rows, district, chance.choice(townships), keys, number, month, chance)
        with transaction(session):
            for table, values in rows.items():
                session.execute(insert(table_of(table)), values)
    with transaction(session):
        session.execute(text("ANALYZE"))


def _family(
    rows: dict[type, list[dict[str, Any]]],
    district: District,
    place: tuple[str, str],
    keys: KeyRing,
    number: int,
    month: date,
    chance: random.Random,
) -> None:
    now = datetime.now(UTC)
    own = {"district_id": district.district_id}
    people = [new_id() for _ in range(chance.randrange(1, 5))]
    household_id, case_id, assessment_id, account_id = (new_id() for _ in range(4))
    key, wrapped = new_data_key(keys, people[0])
    for person_id in people:
        rows[Person].append(
            {**own, "id": person_id, "data_key": wrapped, "id_number_index": os.urandom(32),
             "name_index": b"", "identity": b"", "created_at": now}
        )  # fmt: skip
        rows[HouseholdMember].append(
            {"id": new_id(), "household_id": household_id, "person_id": person_id,
             "relation": "self", "facts": b"", "recorded_at": now}
        )  # fmt: skip
    rows[Household].append(
        {**own, "id": household_id, "township_id": place[0], "village_id": place[1],
         "area": Area.RURAL, "head_person_id": people[0], "created_at": now}
    )  # fmt: skip
    rows[Case].append(
        {**own, "id": case_id, "number": f"roll-{number}", "process_key": "bench",
         "release_id": district.release_id, "household_id": household_id,
         "township_id": place[0], "village_id": place[1], "state": CaseState.CLOSED,
         "status": "closed", "channel": "window", "opened_at": now, "version": 1,
         "engine_state": b""}
    )  # fmt: skip
    rows[Assessment].append(
        {**own, "id": assessment_id, "case_id": case_id, "household_id": household_id,
         "on": now.date(), "made_at": now, "result": {}, "explanation": {}}
    )  # fmt: skip
    monthly = Decimal(chance.randrange(10_000, 200_000)).scaleb(-2)
    grant_id = new_id()
    rows[Grant].append(
        {**own, "id": grant_id, "case_id": case_id, "household_id": household_id,
         "assessment_id": assessment_id, "monthly": monthly, "base": monthly,
         "topup": Decimal(0), "decided_on": now.date(), "start_month": month,
         "next_review_on": now.date(), "state": GrantState.ACTIVE}
    )  # fmt: skip
    rows[GrantAmount].append(
        {**own, "id": new_id(), "grant_id": grant_id, "from_month": month, "monthly": monthly,
         "base": monthly, "topup": Decimal(0), "kind": AmountKind.REGULAR,
         "assessment_id": assessment_id, "case_id": case_id, "decided_on": now.date(),
         "reason": "", "recorded_at": now}
    )  # fmt: skip
    digits = f"62170038{number:011d}"
    sealed = seal(
        key, PLACE, account_id,
        orjson.dumps({"bank": "农商银行", "number": digits, "holder": "户主"}).decode(),
    )  # fmt: skip
    rows[BankAccount].append(
        {**own, "id": account_id, "person_id": people[0], "account": sealed,
         "number_index": blind_index(keys, "bank_account", digits), "recorded_at": now}
    )  # fmt: skip

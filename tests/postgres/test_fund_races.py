"""Races for a township's cash: it is never overdrawn, filled twice or opened twice."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from models.cases import Case
from models.money import LedgerAccount, LedgerKind, LedgerTransfer
from models.offices import Office
from tests.postgres.racing import codes, race, won
from tests.runtime.district import District, at, policy_files
from workflows.runtime.cases import send_message
from workflows.runtime.funds import open_fund_month
from workflows.runtime.tasks import complete_task
from workflows.scenarios.funds import give_money, spend
from workflows.transaction import transaction

NOW = at("2021-09-01")


@pytest.fixture
def township(racers: Engine) -> District:
    """A district with money for relief."""
    with Session(racers, expire_on_commit=False) as session:
        made = District.founded(session, policy_files())
        with transaction(session):
            office = session.get_one(Office, made.offices["township"].id)
            give_money(session, office, {"budget": "100000.00", "residents": 30000})
        session.rollback()
    return made


def opening(district: District) -> Callable[[Session], str]:
    township_id, actor = district.offices["township"].id, district.actor("officer")
    return lambda session: (
        open_fund_month(session, township_id, district.keys, actor=actor, now=NOW).id
    )


def asking(district: District, case_id: str, amount: str) -> Callable[[Session], bool]:
    answers, actor = {"fund_amount": amount, "fund_reason": "补足"}, district.actor("officer")
    return lambda session: send_message(
        session, case_id, "fund.replenishment", answers, district.keys, actor=actor, now=NOW
    )


def approving(district: District, task_id: str) -> Callable[[Session], object]:
    actor = district.actor("finance")
    return lambda session: complete_task(
        session, task_id, {"fund_decision": "approve"}, district.keys, actor=actor, now=NOW
    )


def paying(district: District, amount: str) -> Callable[[Session], None]:
    actor, township_id = district.actor("officer"), district.offices["township"].id

    def act(session: Session) -> None:
        spend(session, session.get_one(Office, township_id), "pay", Decimal(amount), actor, NOW)

    return act


def balance(racers: Engine, kind: LedgerKind) -> Decimal:
    with Session(racers) as session:
        found = session.scalar(select(LedgerAccount.balance).where(LedgerAccount.kind == kind))
        return found or Decimal(0)


def filled(racers: Engine, district: District, amount: str) -> str:
    """An opened month with money asked for and given; the case's id."""
    case_id: str = race(racers, [opening(district)])[0]
    race(racers, [asking(district, case_id, amount)])
    task_id = district.open_tasks(case_id)["Task_ReviewFundRequest"].id
    district.session.rollback()
    race(racers, [approving(district, task_id)])
    return case_id


def test_a_month_is_opened_once(racers: Engine, township: District) -> None:
    # when
    results = race(racers, [opening(township) for _ in range(6)])
    # then
    assert len(won(results)) == 1
    assert set(codes(results)) == {"fund_month_opened"}
    with Session(racers) as session:
        assert session.scalar(select(func.count()).select_from(Case)) == 1


def test_payments_never_overdraw_together(racers: Engine, township: District) -> None:
    # given
    filled(racers, township, "30000.00")
    # when
    results = race(racers, [paying(township, "4000.00") for _ in range(12)])
    # then
    assert len(won(results)) == 7
    assert codes(results) == ["no_cover"] * 5
    assert balance(racers, LedgerKind.PETTY_FUND) == Decimal("2000.00")
    assert balance(racers, LedgerKind.PAID) == Decimal("28000.00")


def test_a_request_is_given_once(racers: Engine, township: District) -> None:
    # given
    case_id: str = race(racers, [opening(township)])[0]
    race(racers, [asking(township, case_id, "10000.00")])
    task_id = township.open_tasks(case_id)["Task_ReviewFundRequest"].id
    township.session.rollback()
    # when
    results = race(racers, [approving(township, task_id) for _ in range(6)])
    # then
    assert len(won(results)) == 1
    assert balance(racers, LedgerKind.PETTY_FUND) == Decimal("10000.00")
    with Session(racers) as session:
        keys = session.scalars(
            select(LedgerTransfer.key).where(LedgerTransfer.purpose == "advance")
        ).all()
    assert len(keys) == 1


def test_paying_and_filling_at_once_never_deadlock(racers: Engine, township: District) -> None:
    # given
    case_id = filled(racers, township, "15000.00")
    race(racers, [asking(township, case_id, "5000.00")])
    task_id = township.open_tasks(case_id)["Task_ReviewFundRequest"].id
    township.session.rollback()
    # when
    acts = [paying(township, "1000.00") for _ in range(8)]
    results = race(racers, [*acts[:4], approving(township, task_id), *acts[4:]])
    # then
    assert codes(results) == []
    assert balance(racers, LedgerKind.PETTY_FUND) == Decimal("12000.00")

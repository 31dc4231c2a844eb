"""Petty funds of the demonstration: filled two months ago, paid from, counted, closed."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from models.cases import Case, Task, TaskState
from models.money import FundMonth, LedgerAccount, LedgerKind
from models.offices import Office
from web.config import Config
from web.demo.cases import picture
from web.demo.offices import DISTRICT_CODE, TOWNSHIPS, Township
from web.demo.people import colleagues
from workflows.assistance.attachments import add_attachment
from workflows.assistance.files import keep_file
from workflows.assistance.money.ledger import Reason, ledger_account, move_money
from workflows.assistance.money.petty_fund import (
    PROCESS,
    fund_state,
    month_of,
    next_month,
    petty_accounts,
)
from workflows.calendar import LOCAL_ZONE, local_day
from workflows.definitions.policy import Policy
from workflows.definitions.release import current_policy
from workflows.errors import SYSTEM, Actor, NotFound
from workflows.privacy import KeyRing
from workflows.runtime.cases import send_message
from workflows.runtime.funds import open_due_months, open_fund_month, raise_low_funds
from workflows.runtime.tasks import complete_task
from workflows.runtime.worker import fire_due
from workflows.transaction import reading, transaction

#: What the district has for relief in the demonstration, in yuan.
_BUDGET: Final = Decimal("3000000.00")
#: Payments of a month: day, and the share of the fund's size in percent.
_PAID: Final = ((4, 3), (9, 2), (15, 5), (23, 4))
#: The township whose drawer lacks a little, the one whose fund runs low, the one that asks.
_SHORT, _LOW, _ASKING = "houba", "manyue", "yuexi"


@dataclass(frozen=True, slots=True)
class _Funds:
    session: Session
    keys: KeyRing
    folder: Path
    offices: Mapping[str, str]
    policy: Policy
    staff: Mapping[tuple[str, str], Actor]
    now: datetime

    @property
    def months(self) -> tuple[date, date, date]:
        """The month before last, the last one, this one."""
        this = month_of(local_day(self.now))
        last = month_of(this - timedelta(days=1))
        return month_of(last - timedelta(days=1)), last, this

    def actor(self, role: str, code: str) -> Actor:
        """Who has a role at the office of an area code."""
        return self.staff[role, self.offices[code]]


def demo_funds(session: Session, config: Config, demo: Any, now: datetime) -> None:
    """An appropriation, and every township's fund filled; nothing where there are funds already."""
    funds = _funds(session, config, demo, now)
    if funds is None or _has_funds(session, demo.district_id):
        return
    first = _at(funds.months[0], 9)
    _appropriate(funds, first)
    for township in TOWNSHIPS:
        actor = funds.actor("case_officer", township.code)
        with transaction(session):
            office_id = funds.offices[township.code]
            case = open_fund_month(session, office_id, funds.keys, actor=actor, now=first)
            case_id = case.id
        _replenished(funds, township, case_id, first + timedelta(hours=1))


def demo_fund_months(session: Session, config: Config, demo: Any, now: datetime) -> None:
    """Payments of three months; the first two are counted and closed; one fund runs low."""
    funds = _funds(session, config, demo, now)
    if funds is None or not _has_funds(session, demo.district_id):
        return
    with reading(session):
        if session.scalar(select(exists().where(FundMonth.district_id == demo.district_id))):
            return
    before, last, this = funds.months
    for month in (before, last):
        for township in TOWNSHIPS:
            _pay_for(funds, township, month)
        begun = _at(next_month(month), 0)
        while fire_due(session, funds.keys, begun):
            pass
        open_due_months(session, funds.keys, begun)
        for township in TOWNSHIPS:
            _close(funds, township, month)
    for township in TOWNSHIPS:
        _pay_for(funds, township, this)
    _run_low(funds)
    raise_low_funds(session, now)


def _funds(session: Session, config: Config, demo: Any, now: datetime) -> _Funds | None:
    with reading(session):
        try:
            policy = current_policy(session, demo.district_id)
        except NotFound:
            return None
    if PROCESS not in policy.processes:
        return None
    staff: dict[tuple[str, str], Actor] = {}
    for one in colleagues():
        place = one.role.value, demo.offices[one.office_code]
        staff.setdefault(place, Actor(demo.accounts[one.login], *place, one.name))
    folder = config.data / "attachments"
    return _Funds(session, config.keys.ring, folder, demo.offices, policy, staff, now)


def _has_funds(session: Session, district_id: str) -> bool:
    with reading(session):
        found = exists().where(
            LedgerAccount.district_id == district_id,
            LedgerAccount.kind == LedgerKind.PETTY_FUND,
        )
        return bool(session.scalar(select(found)))


def _appropriate(funds: _Funds, moment: datetime) -> None:
    district = funds.offices[DISTRICT_CODE]
    with transaction(funds.session) as session:
        source, target = (
            ledger_account(session, district, kind, district)
            for kind in (LedgerKind.APPROPRIATION, LedgerKind.BUDGET)
        )
        why = Reason("appropriate", f"demo/{district}")
        move_money(session, source, target, _BUDGET, why, actor=SYSTEM, now=moment)


def _replenished(funds: _Funds, township: Township, case_id: str, moment: datetime) -> None:
    """Asked for and given: as much as the fund can take."""
    _ask(funds, township, case_id, _room(funds, township, moment), moment)
    actor = funds.actor("finance", DISTRICT_CODE)
    later = moment + timedelta(hours=2)
    _complete(funds, case_id, "Task_ReviewFundRequest", actor, {"fund_decision": "approve"}, later)


def _ask(
    funds: _Funds, township: Township, case_id: str, amount: Decimal, moment: datetime
) -> None:
    answers = {"fund_amount": f"{amount:.2f}", "fund_reason": "补足备用金，保障先行救助及时支付。"}
    actor = funds.actor("case_officer", township.code)
    with transaction(funds.session) as session:
        send_message(
            session, case_id, "fund.replenishment", answers, funds.keys, actor=actor, now=moment
        )


def _room(funds: _Funds, township: Township, moment: datetime) -> Decimal:
    with reading(funds.session) as session:
        office = session.get_one(Office, funds.offices[township.code])
        return fund_state(session, office, funds.policy.parameters, local_day(moment)).room


def _pay_for(funds: _Funds, township: Township, month: date) -> None:
    number = TOWNSHIPS.index(township)
    with reading(funds.session) as session:
        office = session.get_one(Office, funds.offices[township.code])
        size = fund_state(session, office, funds.policy.parameters, month).size.size
    for day, percent in _PAID:
        moment = _at(month + timedelta(days=day + number % 4 - 1), 10 + number % 6)
        if moment <= funds.now:
            # whole hundreds of yuan, as such aid is given
            amount = max((size * percent / 100).quantize(Decimal("1E2")), Decimal("300.00"))
            _spend(funds, township, amount, moment, f"{month:%Y-%m}/{day}")


def _spend(funds: _Funds, township: Township, amount: Decimal, moment: datetime, what: str) -> None:
    district, office_id = funds.offices[DISTRICT_CODE], funds.offices[township.code]
    actor = funds.actor("case_officer", township.code)
    amount = amount.quantize(Decimal("0.01"))
    with transaction(funds.session) as session:
        fund, committed = petty_accounts(session, district, office_id)
        paid = ledger_account(session, district, LedgerKind.PAID, district)
        for source, target, purpose in ((fund, committed, "commit"), (committed, paid, "pay")):
            why = Reason(purpose, f"demo/{office_id}/{what}/{purpose}")
            move_money(session, source, target, amount, why, actor=actor, now=moment)


def _close(funds: _Funds, township: Township, month: date) -> None:
    """Counted on the second day of the next month, checked an hour later; none after `now`."""
    counted_at = _at(next_month(month) + timedelta(days=1), 9)
    if counted_at + timedelta(hours=1) > funds.now:
        return
    case_id = _case_id(funds, township, month)
    officer = funds.actor("case_officer", township.code)
    with transaction(funds.session) as session:
        petty = petty_accounts(session, funds.offices[DISTRICT_CODE], funds.offices[township.code])
        cash = sum((account.balance for account in petty), Decimal(0))
    short = township.word == _SHORT and month == funds.months[0]
    answers = {
        "cash_counted": f"{cash - 5 if short else cash:.2f}",
        "count_explanation": "找零时多付5元，已由经办人补足。" if short else "",
        "count_photo": [_photo(funds, officer, counted_at)],
    }
    _complete(funds, case_id, "Task_CountCash", officer, answers, counted_at)
    leader = funds.actor("township_leader", township.code)
    later = counted_at + timedelta(hours=1)
    _complete(funds, case_id, "Task_CheckCount", leader, {"count_result": "agreed"}, later)


def _run_low(funds: _Funds) -> None:
    """One township has paid nearly everything and another has asked for money."""
    for township in TOWNSHIPS:
        if township.word == _LOW:
            with reading(funds.session) as session:
                office = session.get_one(Office, funds.offices[township.code])
                on = local_day(funds.now)
                state = fund_state(session, office, funds.policy.parameters, on)
            left = (state.size.low_mark / 2).quantize(Decimal("1E2"))
            moment = max(funds.now - timedelta(hours=2), _at(funds.months[2], 0))
            if state.balance > left:
                _spend(funds, township, state.balance - left, moment, "low")
        elif township.word == _ASKING:
            case_id = _case_id(funds, township, funds.months[2])
            amount = _room(funds, township, funds.now)
            if amount:
                _ask(funds, township, case_id, amount, funds.now)


def _case_id(funds: _Funds, township: Township, month: date) -> str:
    with reading(funds.session) as session:
        found: str | None = session.scalar(
            select(Case.id)
            .where(
                Case.township_id == funds.offices[township.code],
                Case.process_key == PROCESS,
                Case.opened_at >= _at(month, 0),
            )
            .order_by(Case.opened_at)
            .limit(1)
        )
    assert found is not None, f"{township.name} has no case of {month}"
    return found


def _complete(
    funds: _Funds,
    case_id: str,
    element_id: str,
    actor: Actor,
    answers: Mapping[str, Any],
    moment: datetime,
) -> None:
    with reading(funds.session) as session:
        task_id = session.scalars(
            select(Task.id).where(
                Task.case_id == case_id,
                Task.element_id == element_id,
                Task.state == TaskState.OPEN,
            )
        ).one()
    with transaction(funds.session) as session:
        complete_task(session, task_id, answers, funds.keys, actor=actor, now=moment)


def _photo(funds: _Funds, actor: Actor, moment: datetime) -> str:
    kept = keep_file(funds.folder, io.BytesIO(picture()), "盘点照片.png")
    with transaction(funds.session) as session:
        return add_attachment(
            session,
            district_id=funds.offices[DISTRICT_CODE],
            sha256=kept.sha256,
            size=kept.size,
            media_type=kept.media_type,
            name=kept.name,
            actor=actor,
            now=moment,
        ).id


def _at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), LOCAL_ZONE)

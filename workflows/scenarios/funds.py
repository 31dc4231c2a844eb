"""Money in scenarios: a district's budget, what a township pays from its petty fund, how it stands.

A payment here is two transfers of the ledger, as a relief case makes them: promised, handed over.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.clocks import Alert
from models.money import LedgerAccount, LedgerKind
from models.offices import Office
from models.relief import ReliefGrant, ReliefStage
from models.types import new_id
from workflows.assistance.money.fund_months import closed_months
from workflows.assistance.money.ledger import RELIEF, Reason, ledger_account, move_money
from workflows.assistance.money.petty_fund import fund_state, petty_accounts
from workflows.calendar import local_day
from workflows.definitions.release import current_policy
from workflows.errors import SYSTEM, Actor
from workflows.privacy import KeyRing
from workflows.runtime.funds import LOW_FUND, open_due_months, raise_low_funds

APPROPRIATED = datetime(2017, 1, 2, tzinfo=UTC)


def give_money(session: Session, township: Office, given: Mapping[str, Any]) -> None:
    """Appropriate the `budget` of a scenario, advance its `fund`, note the `residents`."""
    township.residents = int(given["residents"]) if "residents" in given else None
    district = township.district_id
    advance = Decimal(given.get("fund", 0))
    amount = Decimal(given.get("budget", 0)) + advance
    if not amount:
        return
    appropriation, budget = (
        ledger_account(session, district, kind, district)
        for kind in (LedgerKind.APPROPRIATION, LedgerKind.BUDGET)
    )
    why = Reason("appropriate", f"appropriate/{new_id()}")
    move_money(session, appropriation, budget, amount, why, actor=SYSTEM, now=APPROPRIATED)
    if advance:
        fund = ledger_account(session, district, LedgerKind.PETTY_FUND, township.id)
        why = Reason("advance", f"advance/{new_id()}")
        move_money(session, budget, fund, advance, why, actor=SYSTEM, now=APPROPRIATED)


def balances(session: Session, township: Office) -> dict[str, Decimal]:
    """What stands on each account of the district, and on the township's own, by kind."""
    rows = session.execute(
        select(LedgerAccount.kind, LedgerAccount.balance).where(
            LedgerAccount.district_id == township.district_id,
            LedgerAccount.office_id.in_([township.id, township.district_id]),
            LedgerAccount.programme == RELIEF,
        )
    )
    return {row.kind.value: row.balance for row in rows}


def relief_facts(session: Session, case_ids: Sequence[str]) -> list[dict[str, Any]]:
    """The relief grants of cases in their order, with their stages."""
    grants = session.scalars(
        select(ReliefGrant).where(ReliefGrant.case_id.in_(case_ids)).order_by(ReliefGrant.id)
    ).all()
    found = []
    for grant in grants:
        stages = session.scalars(
            select(ReliefStage).where(ReliefStage.grant_id == grant.id).order_by(ReliefStage.number)
        )
        found.append(
            {
                "kind": grant.kind,
                "level": grant.level,
                "source": grant.source.value,
                "total": grant.total,
                "stages": [
                    {"amount": one.amount, "due_on": one.due_on, "state": one.state.value}
                    for one in stages
                ],
            }
        )
    return found


def spend(
    session: Session, township: Office, verb: str, amount: Decimal, actor: Actor, now: datetime
) -> None:
    """Promise an amount of the township's fund, and with `pay` hand it over at once."""
    fund, committed = petty_accounts(session, township.district_id, township.id)
    key = new_id()
    why = Reason("commit", f"commit/{key}")
    move_money(session, fund, committed, amount, why, actor=actor, now=now)
    if verb == "pay":
        paid = ledger_account(session, township.district_id, LedgerKind.PAID, township.district_id)
        why = Reason("pay", f"pay/{key}")
        move_money(session, committed, paid, amount, why, actor=actor, now=now)


def do_fund_duties(session: Session, keys: KeyRing, now: datetime) -> None:
    """What the worker does for petty funds each round."""
    open_due_months(session, keys, now)
    raise_low_funds(session, now)


def fund_facts(session: Session, township: Office, now: datetime) -> dict[str, Any]:
    """How the fund stands, in the words of a scenario."""
    parameters = current_policy(session, township.district_id).parameters
    state = fund_state(session, township, parameters, local_day(now))
    alerts = session.scalar(
        select(func.count()).where(
            Alert.office_id == township.id, Alert.severity == LOW_FUND, Alert.clock_id.is_(None)
        )
    )
    return {
        "size": state.size.size,
        "low_mark": state.size.low_mark,
        "balance": state.balance,
        "promised": state.promised,
        "cash": state.cash,
        "low": state.low,
        "alerts": alerts,
        "months": [
            {
                "month": closed.month.month,
                "opening": closed.month.opening,
                "received": closed.month.received,
                "spent": closed.month.spent,
                "closing": closed.month.closing,
                "difference": closed.difference,
            }
            for closed in reversed(closed_months(session, township.id))
        ],
    }

"""Cases of the petty funds: opened by an officer or as a month begins; alerts of low funds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from models.cases import Case
from models.clocks import Alert
from models.money import LedgerAccount, LedgerKind, LedgerTransfer
from models.offices import Office
from models.types import new_id
from workflows.assistance.money.petty_fund import (
    ADVANCE,
    PROCESS,
    FundState,
    cases_of_month,
    fund_state,
    fund_states,
    month_of,
)
from workflows.audit import TrailAction, append_entry
from workflows.calendar import local_day
from workflows.definitions.policy import Policy
from workflows.definitions.release import current_policy
from workflows.errors import SYSTEM, Actor, Conflict, NotFound
from workflows.privacy import KeyRing
from workflows.runtime.acts import case_subject, lock_case
from workflows.runtime.starting import start_case
from workflows.transaction import reading, transaction

#: The severity of an alert that a fund is low; it has no clock.
LOW_FUND = "fund"


def open_fund_month(
    session: Session, township_id: str, keys: KeyRing, *, actor: Actor, now: datetime
) -> Case:
    """Open the case that leads a township's fund through this month.

    Raises:
        Conflict: `fund_month_opened`. NotFound: `unknown_process`.
    """
    return start_case(session, PROCESS, keys, township_id=township_id, actor=actor, now=now)


def month_case(session: Session, district_id: str, township_id: str, now: datetime) -> Case | None:
    """The township's case of this month. One SELECT."""
    month = month_of(local_day(now))
    found: Case | None = session.scalar(cases_of_month(district_id, township_id, month).limit(1))
    return found


def open_due_months(session: Session, keys: KeyRing, now: datetime) -> int:
    """A duty of the worker: this month's case for every opened fund that has none yet."""
    with reading(session):
        due = _without_case(session, now)
    opened = 0
    for district_id, township_id in due:
        try:
            with transaction(session):
                if PROCESS in current_policy(session, district_id).processes:
                    open_fund_month(session, township_id, keys, actor=SYSTEM, now=now)
                    opened += 1
        except (Conflict, NotFound):  # somebody was faster, or nothing is published
            continue
    return opened


def _without_case(session: Session, now: datetime) -> list[tuple[str, str]]:
    month = month_of(local_day(now))
    known = (
        cases_of_month(LedgerAccount.district_id, LedgerAccount.office_id, month)
        .with_only_columns(Case.id)
        .correlate(LedgerAccount)
    )
    rows = session.execute(
        select(LedgerAccount.district_id, LedgerAccount.office_id)
        .join(Office, Office.id == LedgerAccount.office_id)
        .where(
            LedgerAccount.kind == LedgerKind.PETTY_FUND,
            Office.active,
            ~known.exists(),
        )
    )
    return [(row.district_id, row.office_id) for row in rows]


@dataclass(frozen=True, slots=True)
class _Low:
    """A fund that is low, with the case that its alert stands at."""

    district_id: str
    township_id: str
    case_id: str


def raise_low_funds(session: Session, now: datetime) -> int:
    """A duty of the worker: one alert for each fund below its mark, until it is replenished."""
    with reading(session):
        low = [
            found
            for district_id in _districts(session)
            for found in _low(session, district_id, now)
        ]
    raised = 0
    for found in low:
        with transaction(session):
            raised += _raise(session, found, now)
    return raised


def _districts(session: Session) -> Sequence[str]:
    return session.scalars(
        select(LedgerAccount.district_id)
        .where(LedgerAccount.kind == LedgerKind.PETTY_FUND)
        .distinct()
    ).all()


def _policy(session: Session, district_id: str) -> Policy | None:
    try:
        return current_policy(session, district_id)
    except NotFound:
        return None


def _low(session: Session, district_id: str, now: datetime) -> list[_Low]:
    policy = _policy(session, district_id)
    if policy is None or PROCESS not in policy.processes:
        return []
    today = local_day(now)
    states = {
        state.township_id: state
        for state in fund_states(session, district_id, policy.parameters, today)
        if state.low
    }
    if not states:
        return []
    rows: Any = session.execute(
        select(Case.township_id, func.max(Case.id).label("case_id"))
        .where(
            Case.district_id == district_id,
            Case.process_key == PROCESS,
            Case.township_id.in_(states),
        )
        .group_by(Case.township_id)
    )
    return [
        _Low(district_id, row.township_id, row.case_id)
        for row in rows
        if _unsaid(session, states[row.township_id])
    ]


def _unsaid(session: Session, state: FundState) -> bool:
    """Whether the fund was filled before and nobody has been told since it was last filled."""
    filled_at = session.scalar(
        select(func.max(LedgerTransfer.made_at)).where(
            LedgerTransfer.to_id == state.account_id, LedgerTransfer.purpose == ADVANCE
        )
    )
    if filled_at is None:
        return False
    said = select(
        exists().where(
            Alert.office_id == state.township_id,
            Alert.severity == LOW_FUND,
            Alert.raised_at >= filled_at,
        )
    )
    return not session.scalar(said)


def _raise(session: Session, low: _Low, now: datetime) -> bool:
    case = lock_case(session, low.case_id)
    township = session.get_one(Office, low.township_id)
    parameters = current_policy(session, low.district_id).parameters
    state = fund_state(session, township, parameters, local_day(now))
    if not state.low or not _unsaid(session, state):
        return False
    session.add(
        Alert(
            id=new_id(),
            district_id=low.district_id,
            office_id=low.township_id,
            case_id=case.id,
            severity=LOW_FUND,
            message=f"{state.township}备用金余额{state.balance:.2f}元，"
            f"低于提醒线{state.size.low_mark:.2f}元",
            raised_at=now,
        )
    )
    append_entry(
        session,
        case_subject(case),
        TrailAction.ALERT_RAISED,
        actor=SYSTEM,
        now=now,
        data={
            "fund": low.township_id,
            "balance": state.balance,
            "low_mark": state.size.low_mark,
            "size": state.size.size,
        },
    )
    return True

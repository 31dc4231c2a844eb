"""What the bank answers: paid and failed payments of a roll, taken from a file all at once."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from models.money import (
    BankAccount,
    BankFile,
    LedgerKind,
    Payment,
    PaymentState,
    Roll,
    RollState,
)
from models.types import new_id
from workflows.assistance.money.bank_accounts import close_bank_account
from workflows.assistance.money.bank_files import IN
from workflows.assistance.money.drawing import roll_subject
from workflows.assistance.money.ledger import RELIEF, Reason, ledger_account, move_money
from workflows.assistance.money.owners import owners_in
from workflows.assistance.money.payments import note_payment
from workflows.assistance.money.result_files import CLOSED, ResultRow, read_results, refuse
from workflows.assistance.money.rolls import locked_roll, wrong_state
from workflows.audit import TrailAction, append_entry
from workflows.calendar import local_day
from workflows.errors import Actor, Finding
from workflows.transaction import require_transaction

_CHUNK: Final = 1_000


@dataclass(frozen=True, slots=True)
class ResultsTaken:
    """What a file said; `repeated` when the same file had been taken before."""

    rows: int
    paid: int
    failed: int
    paid_total: Decimal
    failed_total: Decimal
    settled: bool
    repeated: bool


def take_bank_results(
    session: Session,
    roll_id: str,
    content: bytes,
    *,
    district_id: str,
    actor: Actor,
    now: datetime,
) -> ResultsTaken:
    """Take the bank's answers to a roll that went out; all rows of the file or none.

    What was paid moves from payable to paid in one transfer. What failed goes back to where the
    money came from (the budget for a monthly benefit, what is committed for relief), and gets an
    owner: an officer of the family's township, or whoever took the file. An account that the bank
    reports as closed is closed here. The roll is settled once everything on it is answered. The
    same file again changes nothing and gets the same answer.

    Raises:
        NotFound: `roll_unknown`.
        Invalid: every row at once: as `read_results`; `result_unknown`, `result_differs`,
            `result_settled`.
        Conflict: `roll_state` before the roll has gone out.
    """
    require_transaction(session)
    roll = locked_roll(session, roll_id, district_id)
    sha256 = hashlib.sha256(content).hexdigest()
    known = session.scalar(
        select(BankFile).where(
            BankFile.roll_id == roll.id, BankFile.direction == IN, BankFile.sha256 == sha256
        )
    )
    if known is not None:
        return _answer(roll, known, repeated=True)
    if roll.state not in (RollState.RELEASED, RollState.SETTLED):
        raise wrong_state(roll)
    rows = read_results(content, local_day(now))
    payments = _checked(session, roll, rows)
    kept = _keep_file(session, roll, rows, sha256, actor, now)
    paid = [row for row in rows if row.paid]
    failed = [row for row in rows if not row.paid]
    _mark_paid(session, roll, paid, payments)
    _mark_failed(session, roll, failed, payments, actor, now)
    session.flush()
    _move(session, roll, kept, actor, now)
    waiting = session.scalar(
        select(func.count()).where(Payment.roll_id == roll.id, Payment.state == PaymentState.SENT)
    )
    if not waiting:
        roll.state, roll.settled_at = RollState.SETTLED, now
    _notes(session, roll, kept, payments, rows, actor, now)
    return _answer(roll, kept, repeated=False)


def _checked(
    session: Session, roll: Roll, rows: Sequence[ResultRow]
) -> Mapping[str, tuple[str, str]]:
    """(Payment id, township id) by payment key, for rows that fit payments of the roll."""
    known = {
        key: (payment_id, township_id, amount, state)
        for payment_id, key, township_id, amount, state in session.execute(
            select(
                Payment.id, Payment.key, Payment.township_id, Payment.amount, Payment.state
            ).where(Payment.roll_id == roll.id)
        )
    }
    findings = []
    for row in rows:
        payment = known.get(row.key)
        if payment is None:
            findings.append(
                _finding(row, "result_unknown", "清册中没有这笔发放", "isn't on this roll")
            )
        elif payment[2] != row.amount:
            findings.append(
                _finding(
                    row,
                    "result_differs",
                    f"金额与清册不一致，清册为{payment[2]:.2f}元",
                    f"has another amount than the roll's {payment[2]:.2f} yuan",
                )
            )
        elif payment[3] is not PaymentState.SENT:
            findings.append(
                _finding(row, "result_settled", "这笔发放已有结果", "is answered already")
            )
    refuse(findings)
    return {row.key: known[row.key][:2] for row in rows}


def _finding(row: ResultRow, code: str, chinese: str, english: str) -> Finding:
    return Finding(
        code, f"第{row.line}行：{chinese}。", f"Line {row.line} {english}.", line=row.line
    )


def _keep_file(
    session: Session,
    roll: Roll,
    rows: Sequence[ResultRow],
    sha256: str,
    actor: Actor,
    now: datetime,
) -> BankFile:
    failed = [row.amount for row in rows if not row.paid]
    kept = BankFile(
        id=new_id(),
        district_id=roll.district_id,
        roll_id=roll.id,
        direction=IN,
        sha256=sha256,
        rows=len(rows),
        total=sum((row.amount for row in rows), Decimal(0)),
        failed=len(failed),
        failed_total=sum(failed, Decimal(0)),
        at=now,
        by_id=actor.account_id,
    )
    session.add(kept)
    return kept


def _mark_paid(
    session: Session,
    roll: Roll,
    rows: Sequence[ResultRow],
    payments: Mapping[str, tuple[str, str]],
) -> None:
    by_day: dict[date | None, list[str]] = defaultdict(list)
    for row in rows:
        by_day[row.paid_on].append(payments[row.key][0])
    for day, ids in by_day.items():
        for start in range(0, len(ids), _CHUNK):
            session.execute(
                update(Payment)
                .where(Payment.roll_id == roll.id, Payment.id.in_(ids[start : start + _CHUNK]))
                .values(state=PaymentState.PAID, paid_on=day)
                .execution_options(synchronize_session=False)
            )


def _mark_failed(
    session: Session,
    roll: Roll,
    rows: Sequence[ResultRow],
    payments: Mapping[str, tuple[str, str]],
    actor: Actor,
    now: datetime,
) -> None:
    if not rows:
        return
    owners = owners_in(session, roll.district_id, actor.account_id, now=now)
    closed = []
    for row in rows:
        payment_id, township_id = payments[row.key]
        session.execute(
            update(Payment)
            .where(Payment.id == payment_id)
            .values(
                state=PaymentState.FAILED,
                failed_at=now,
                failure=row.reason,
                owner_id=owners.next_for(township_id),
            )
            .execution_options(synchronize_session=False)
        )
        if row.reason == CLOSED:
            closed.append(payment_id)
    for account in _accounts(session, closed):
        close_bank_account(session, account, closed_on=local_day(now), actor=actor, now=now)


def _accounts(session: Session, payment_ids: Sequence[str]) -> list[BankAccount]:
    found: dict[str, BankAccount] = {}
    for start in range(0, len(payment_ids), _CHUNK):
        accounts = session.scalars(
            select(BankAccount)
            .join(Payment, Payment.bank_account_id == BankAccount.id)
            .where(Payment.id.in_(payment_ids[start : start + _CHUNK]))
        )
        found.update((account.id, account) for account in accounts)
    return [found[account_id] for account_id in sorted(found)]


def _move(session: Session, roll: Roll, kept: BankFile, actor: Actor, now: datetime) -> None:
    """One transfer for what was paid, one for what failed."""
    district, programme = roll.district_id, roll.programme
    payable = ledger_account(session, district, LedgerKind.PAYABLE, district, programme)
    paid_total = kept.total - kept.failed_total
    if paid_total:
        paid = ledger_account(session, district, LedgerKind.PAID, district, programme)
        reason = Reason("pay", f"pay/file/{kept.id}", roll_id=roll.id)
        move_money(session, payable, paid, paid_total, reason, actor=actor, now=now)
    if kept.failed_total:
        kind = LedgerKind.COMMITTED if programme == RELIEF else LedgerKind.BUDGET
        back = ledger_account(session, district, kind, district, programme)
        reason = Reason("fail", f"fail/file/{kept.id}", roll_id=roll.id)
        move_money(session, payable, back, kept.failed_total, reason, actor=actor, now=now)


def _notes(
    session: Session,
    roll: Roll,
    kept: BankFile,
    payments: Mapping[str, tuple[str, str]],
    rows: Sequence[ResultRow],
    actor: Actor,
    now: datetime,
) -> None:
    """One entry for the file, and one in the case of each relief payment and each failure."""
    append_entry(
        session,
        roll_subject(roll),
        TrailAction.BANK_RESULT_RECEIVED,
        actor=actor,
        now=now,
        data={
            "number": roll.number,
            "sha256": kept.sha256,
            "rows": kept.rows,
            "total": kept.total,
            "failed": kept.failed,
            "failed_total": kept.failed_total,
            "state": roll.state.value,
        },
    )
    told = [row for row in rows if not row.paid or roll.programme == RELIEF]
    for start in range(0, len(told), _CHUNK):
        part = {payments[row.key][0]: row for row in told[start : start + _CHUNK]}
        found = session.scalars(
            select(Payment)
            .where(Payment.id.in_(part))
            .order_by(Payment.case_id, Payment.id)
            .execution_options(populate_existing=True)
        )
        for payment in found.all():
            row = part[payment.id]
            if row.paid:
                note_payment(session, payment, TrailAction.PAYMENT_CONFIRMED, actor=actor,
                             now=now, roll=roll.number, paid_on=row.paid_on)  # fmt: skip
            else:
                note_payment(session, payment, TrailAction.PAYMENT_FAILED, actor=actor,
                             now=now, roll=roll.number, reason=row.reason,
                             owner=payment.owner_id)  # fmt: skip


def _answer(roll: Roll, kept: BankFile, *, repeated: bool) -> ResultsTaken:
    return ResultsTaken(
        rows=kept.rows,
        paid=kept.rows - kept.failed,
        failed=kept.failed,
        paid_total=kept.total - kept.failed_total,
        failed_total=kept.failed_total,
        settled=roll.state is RollState.SETTLED,
        repeated=repeated,
    )

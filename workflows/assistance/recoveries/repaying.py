"""Paying back: a plan in instalments, receipts that two people enter and book, the rest waived."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import func, select, update

from models.assistance import Grant
from models.money import LedgerKind
from models.recoveries import Instalment, Receipt, ReceiptState, Recovery, RecoveryState
from models.types import new_id
from workflows.assistance.context import OperationContext
from workflows.assistance.money.ledger import Reason, ledger_account, move_money
from workflows.calendar import months_later
from workflows.errors import Conflict, Fault, Invalid, NotAllowed

_NOTHING: Final = Decimal(0)
_FEN: Final = Decimal("0.01")


def next_instalment(context: OperationContext, *, recovery_id: str) -> dict[str, Any]:
    """The first instalment that isn't paid in full, and what is left in all; yuan.

    The case that asks is from now on the one in which the recovery is paid back.

    Raises:
        Fault: `recovery_unknown`.
    """
    recovery = _locked(context, recovery_id)
    if recovery.repayment_case_id is None:
        recovery.repayment_case_id = context.case.id
    row = _open_instalments(context, recovery)[:1]
    return {
        "number": Decimal(row[0].number) if row else None,
        "due_on": row[0].due_on if row else None,
        "amount": row[0].amount - row[0].received if row else None,
        "rest": recovery.amount - recovery.received,
    }


def plan_repayment(
    context: OperationContext, *, recovery_id: str, instalments: Decimal, first_due_on: date
) -> dict[str, Any]:
    """Spread what is left over so many months, equal parts, the odd fen with the first.

    A plan before is superseded; what it has brought in stays.

    Raises:
        Invalid: `plan_too_long` with more instalments than fen. Conflict: `recovery_closed`.
    """
    recovery = _locked(context, recovery_id)
    _require_open(recovery)
    rest, number = recovery.amount - recovery.received, int(instalments)
    part = (rest / number).quantize(_FEN, rounding="ROUND_DOWN")
    if part <= 0:
        raise Invalid("plan_too_long", "期数太多。", "There are too many instalments.")
    session = context.session
    session.execute(
        update(Instalment)
        .where(
            Instalment.recovery_id == recovery.id,
            Instalment.superseded_at.is_(None),
            Instalment.settled_on.is_(None),
        )
        .values(superseded_at=context.now)
        .execution_options(synchronize_session="fetch")
    )
    begun = session.scalar(
        select(func.max(Instalment.number)).where(Instalment.recovery_id == recovery.id)
    )
    rows = [
        Instalment(
            id=new_id(),
            district_id=recovery.district_id,
            recovery_id=recovery.id,
            number=(begun or 0) + place + 1,
            amount=part if place else rest - part * (number - 1),
            received=_NOTHING,
            due_on=months_later(first_due_on, place),
            made_at=context.now,
            made_by_id=context.actor.account_id,
        )
        for place in range(number)
    ]
    session.add_all(rows)
    session.flush()  # the next step looks for the first of them
    recovery.repayment_case_id, recovery.next_due_on = context.case.id, first_due_on
    told = "；".join(
        f"第{row.number}期 {row.due_on.isoformat()}以前 {row.amount}元" for row in rows
    )
    context.notes.append({"recovery": recovery.id, "plan": [_shown(row) for row in rows]})
    return {"plan_told": told}


def enter_receipt(
    context: OperationContext, *, recovery_id: str, amount: Decimal, method: str,
    received_on: date, files: Sequence[str],
) -> dict[str, Any]:  # fmt: skip
    """Enter money that came back; it counts once somebody else has checked it.

    Raises:
        Invalid: `too_much_back` where it is more than what is left.
        Conflict: `recovery_closed`, `receipt_waits` while another waits for its check.
    """
    recovery = _locked(context, recovery_id)
    _require_open(recovery)
    rest = recovery.amount - recovery.received
    if amount > rest:
        raise Invalid(
            "too_much_back",
            f"收到的金额超过还没有退的 {rest:.2f} 元，多出的请退还家庭。",
            f"That is more than the {rest:.2f} yuan left; give back what is over.",
        )
    waiting = select(Receipt.id).where(
        Receipt.recovery_id == recovery.id, Receipt.state == ReceiptState.ENTERED
    )
    if context.session.scalar(waiting) is not None:
        raise Conflict(
            "receipt_waits", "有一笔收款正在等待核对。", "Another receipt waits for its check."
        )
    receipt = Receipt(
        id=new_id(),
        district_id=recovery.district_id,
        recovery_id=recovery.id,
        amount=amount,
        method=method,
        received_on=received_on,
        files=list(files),
        state=ReceiptState.ENTERED,
        entered_at=context.now,
        entered_by_id=context.actor.account_id,
        reason="",
    )
    context.session.add(receipt)
    context.session.flush()  # the check in a later act refers to it
    context.notes.append({"receipt": receipt.id, "amount": amount, "method": method})
    return {"receipt_id": receipt.id}


def book_receipt(context: OperationContext, *, receipt_id: str) -> dict[str, Any]:
    """Book a receipt that another person has checked: the money goes back to the budget.

    `settled_on` is null while something is left.

    Raises:
        NotAllowed: `receipt_same_person`. Conflict: `receipt_checked`, `no_cover`.
        Fault: `receipt_unknown`.
    """
    receipt, recovery = _receipt(context, receipt_id)
    if receipt.entered_by_id == context.actor.account_id:
        raise NotAllowed(
            "receipt_same_person",
            "登记收款的人不能核对同一笔收款。",
            "Who entered a receipt doesn't check it.",
        )
    session = context.session
    programme = session.get_one(Grant, recovery.grant_id).programme
    paid, budget = (
        ledger_account(session, recovery.district_id, kind, recovery.district_id, programme)
        for kind in (LedgerKind.PAID, LedgerKind.BUDGET)
    )
    move_money(
        session, paid, budget, receipt.amount,
        Reason("return", f"receipt/{receipt.id}", case_id=context.case.id),
        actor=context.actor, now=context.now,
    )  # fmt: skip
    receipt.state, receipt.checked_at = ReceiptState.BOOKED, context.now
    receipt.checked_by_id = context.actor.account_id
    recovery.received += receipt.amount
    _spread(context, recovery, receipt)
    if recovery.received == recovery.amount:
        recovery.state, recovery.settled_on = RecoveryState.SETTLED, context.today
    context.notes.append(
        {"receipt": receipt.id, "booked": receipt.amount, "received": recovery.received}
    )
    return {"settled_on": recovery.settled_on}


def refuse_receipt(context: OperationContext, *, receipt_id: str, reason: str) -> dict[str, Any]:
    """A receipt that doesn't agree with what came in: it doesn't count, with the reason.

    Raises:
        Conflict: `receipt_checked`. Fault: `receipt_unknown`.
    """
    receipt, _ = _receipt(context, receipt_id)
    receipt.state, receipt.checked_at = ReceiptState.REFUSED, context.now
    receipt.checked_by_id, receipt.reason = context.actor.account_id, reason
    context.notes.append({"receipt": receipt.id, "refused": reason})
    return {}


def waive_rest(context: OperationContext, *, recovery_id: str, reason: str) -> dict[str, Any]:
    """Let what is left go, with the reason; what has come back stays.

    Raises:
        Conflict: `recovery_closed`.
    """
    recovery = _locked(context, recovery_id)
    _require_open(recovery)
    recovery.state, recovery.settled_on = RecoveryState.WAIVED, context.today
    recovery.next_due_on = None
    context.notes.append(
        {"recovery": recovery.id, "waived": recovery.amount - recovery.received, "reason": reason}
    )
    return {}


def _locked(context: OperationContext, recovery_id: str) -> Recovery:
    row = context.session.scalars(
        select(Recovery)
        .where(Recovery.id == recovery_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None or row.household_id != context.case.household_id:
        raise Fault(
            "recovery_unknown", "找不到这笔追回。", "There is no such recovery of this household."
        )
    return row


def _require_open(recovery: Recovery) -> None:
    if recovery.state is not RecoveryState.OPEN:
        raise Conflict(
            "recovery_closed",
            "这笔追回已经结清、免除，或者还没有决定。",
            "The recovery is settled, waived, or hasn't been decided.",
        )


def _receipt(context: OperationContext, receipt_id: str) -> tuple[Receipt, Recovery]:
    receipt = context.session.get(Receipt, receipt_id, populate_existing=True)
    if receipt is None:
        raise Fault("receipt_unknown", "找不到这笔收款。", "There is no such receipt.")
    recovery = _locked(context, receipt.recovery_id)
    if receipt.state is not ReceiptState.ENTERED:
        raise Conflict("receipt_checked", "这笔收款已经核对。", "The receipt is checked already.")
    return receipt, recovery


def _open_instalments(context: OperationContext, recovery: Recovery) -> list[Instalment]:
    return list(
        context.session.scalars(
            select(Instalment)
            .where(
                Instalment.recovery_id == recovery.id,
                Instalment.superseded_at.is_(None),
                Instalment.settled_on.is_(None),
            )
            .order_by(Instalment.number)
            .execution_options(populate_existing=True)
        )
    )


def _spread(context: OperationContext, recovery: Recovery, receipt: Receipt) -> None:
    """Money settles the instalments in their order; the next due day moves on with it."""
    left = receipt.amount
    rows = _open_instalments(context, recovery)
    for row in rows:
        part = min(left, row.amount - row.received)
        row.received += part
        left -= part
        if row.received == row.amount:
            row.settled_on = context.today
    recovery.next_due_on = next((row.due_on for row in rows if row.settled_on is None), None)


def _shown(row: Instalment) -> dict[str, Any]:
    return {"number": row.number, "due_on": row.due_on, "amount": row.amount}

"""Payments that failed: each has an owner, who repeats it, hands it over or cancels it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.orm import Session

from models.accounts import Account, RoleHolding
from models.assistance import Grant, MonthAdjustment
from models.cases import Case
from models.households import Person
from models.money import LedgerKind, Payment, PaymentMethod, PaymentState
from models.relief import ReliefGrant, ReliefStage, StageState
from models.retroactive import MoneyState, TouchedCase
from models.types import new_id
from workflows.access.actions import RULE_OF, Action
from workflows.access.scope import require_impartial
from workflows.assistance.money.bank_accounts import usable_account
from workflows.assistance.money.drawing import payment_key
from workflows.assistance.money.due import someone_died
from workflows.assistance.money.ledger import RELIEF, ledger_account, move_money
from workflows.assistance.money.payments import lock_stage, note_payment, transfer_reason
from workflows.audit import TrailAction
from workflows.calendar import local_day
from workflows.errors import Actor, Conflict, Invalid, NotFound
from workflows.transaction import require_transaction


def locked_payment(session: Session, payment_id: str, district_id: str, actor: Actor) -> Payment:
    """The payment; its case (if any), then itself, stay locked until the transaction ends.

    Raises:
        NotFound: `payment_unknown`.
        NotAllowed: `access.own_household`, `access.near_relative`.
    """
    require_transaction(session)
    found = (Payment.id == payment_id, Payment.district_id == district_id)
    case_id = session.scalar(select(Payment.case_id).where(*found))
    if case_id is not None:
        session.execute(select(Case.id).where(Case.id == case_id).with_for_update())
    payment = session.scalar(
        select(Payment).where(*found).with_for_update().execution_options(populate_existing=True)
    )
    if payment is None:
        raise NotFound("payment_unknown", "找不到该笔发放。", "There is no such payment.")
    require_impartial(
        session, actor, case_id=payment.case_id or "", household_id=payment.household_id
    )
    return payment


def reassign_failure(
    session: Session,
    payment_id: str,
    owner_id: str,
    *,
    district_id: str,
    actor: Actor,
    now: datetime,
) -> Payment:
    """Hand a failed payment to somebody who may handle it in its township.

    Raises:
        NotFound, NotAllowed: as `locked_payment`.
        Conflict: `payment_state`.
        Invalid: `owner_unfit`.
    """
    payment = locked_payment(session, payment_id, district_id, actor)
    _require_failed(payment)
    if owner_id not in {account_id for account_id, _ in handlers_of(session, payment, now=now)}:
        raise Invalid(
            "owner_unfit",
            "请选择本区有权处理该乡镇（街道）退票的在岗人员。",
            "Choose an active member of staff who may handle failures of this township.",
        )
    before, payment.owner_id = payment.owner_id, owner_id
    note_payment(
        session, payment, TrailAction.PAYMENT_HANDED_OVER, actor=actor, now=now,
        before=before, owner=owner_id,
    )  # fmt: skip
    return payment


def handlers_of(session: Session, payment: Payment, *, now: datetime) -> list[tuple[str, str]]:
    """Ids and names of the accounts that may handle a failure in this township. One SELECT."""
    rows = session.execute(
        select(Account.id, Account.name)
        .join(RoleHolding, RoleHolding.account_id == Account.id)
        .where(
            Account.district_id == payment.district_id,
            Account.active.is_(True),
            RoleHolding.role.in_(RULE_OF[Action.FAILURE_HANDLE].roles),
            RoleHolding.office_id.in_((payment.township_id, payment.district_id)),
            RoleHolding.since <= now,
            or_(RoleHolding.until.is_(None), RoleHolding.until > now),
        )
        .distinct()
        .order_by(Account.name, Account.id)
    )
    return [(row.id, row.name) for row in rows]


def repeat_payment(
    session: Session, payment_id: str, *, district_id: str, actor: Actor, now: datetime
) -> Payment:
    """Order a failed payment again, to the payee's account of now; it joins the next roll.

    The failed one is cancelled and names no owner any more; the new one has the next key.

    Raises:
        NotFound, NotAllowed: as `locked_payment`.
        Conflict: `payment_state`, `payee_died`, `account_missing`, `account_closed`, `no_cover`.
    """
    payment = locked_payment(session, payment_id, district_id, actor)
    _require_failed(payment)
    _require_alive(session, payment)
    account = usable_account(session, payment.person_id)
    again = _copy(session, payment, actor, now)
    again.bank_account_id = account.id
    payment.state = PaymentState.CANCELLED
    session.add(again)
    session.flush()
    session.execute(
        update(MonthAdjustment)
        .where(MonthAdjustment.payment_id == payment.id)
        .values(payment_id=again.id)
    )
    if again.stage_id is not None:
        _move(session, again, "release", LedgerKind.COMMITTED, LedgerKind.PAYABLE, actor, now)
    note_payment(
        session, again, TrailAction.PAYMENT_ORDERED, actor=actor, now=now, repeats=payment.key
    )
    return again


def cancel_payment(
    session: Session,
    payment_id: str,
    reason: str,
    *,
    district_id: str,
    actor: Actor,
    now: datetime,
) -> Payment:
    """Cancel a payment that failed, or that waits and is on no roll; its money is not lost.

    A stage of relief is cancelled with it and its money returns to the budget: what the family
    still needs is approved anew. A month of a benefit is due again for as long as its grant pays;
    arrears (补发) count as not received, so that a later correction takes them into account.

    Raises:
        NotFound, NotAllowed: as `locked_payment`.
        Invalid: `reason_missing`.
        Conflict: `payment_state`.
    """
    payment = locked_payment(session, payment_id, district_id, actor)
    waits = payment.state is PaymentState.ORDERED and payment.roll_id is None
    if payment.state is not PaymentState.FAILED and not waits:
        raise _wrong_state()
    if not reason.strip():
        raise Invalid("reason_missing", "请填写取消原因。", "Say why it is cancelled.")
    payment.state = PaymentState.CANCELLED
    if payment.touched_id is not None:
        touched = session.get_one(TouchedCase, payment.touched_id, populate_existing=True)
        touched.money = MoneyState.CANCELLED
    if payment.stage_id is not None:
        stage = session.get_one(ReliefStage, payment.stage_id)
        lock_stage(session, stage)
        stage.state, stage.settled_on = StageState.CANCELLED, local_day(now)
        if waits:
            _move(session, payment, "cancel", LedgerKind.PAYABLE, LedgerKind.COMMITTED, actor, now)
        _move(session, payment, "return", LedgerKind.COMMITTED, LedgerKind.BUDGET, actor, now)
    note_payment(
        session, payment, TrailAction.PAYMENT_CANCELLED, actor=actor, now=now,
        reason=reason.strip(),
    )  # fmt: skip
    return payment


def _copy(session: Session, payment: Payment, actor: Actor, now: datetime) -> Payment:
    if payment.grant_id is None:
        # a stage, arrears, a subsidy: only the last payment of such a chain can be repeated
        target, _, number = payment.key.rpartition("/")
        key = f"{target}/{int(number) + 1}"
    else:
        same = (Payment.grant_id == payment.grant_id) & (Payment.month == payment.month)
        earlier = session.scalar(select(func.count()).select_from(Payment).where(same)) or 0
        key = payment_key("grant", payment.grant_id, payment.month, earlier + 1)
    return Payment(
        id=new_id(),
        district_id=payment.district_id,
        township_id=payment.township_id,
        key=key,
        programme=payment.programme,
        case_id=payment.case_id,
        household_id=payment.household_id,
        person_id=payment.person_id,
        stage_id=payment.stage_id,
        grant_id=payment.grant_id,
        touched_id=payment.touched_id,
        month=payment.month,
        method=PaymentMethod.BANK,
        amount=payment.amount,
        state=PaymentState.ORDERED,
        frozen=payment.frozen,
        ordered_at=now,
        ordered_by_id=actor.account_id,
        repeats_id=payment.id,
    )


def _move(
    session: Session,
    payment: Payment,
    purpose: str,
    source: LedgerKind,
    target: LedgerKind,
    actor: Actor,
    now: datetime,
) -> None:
    stage = session.get_one(ReliefStage, payment.stage_id)
    grant = session.get_one(ReliefGrant, stage.grant_id)
    district = payment.district_id
    move_money(
        session,
        ledger_account(session, district, source, district, RELIEF),
        ledger_account(session, district, target, district, RELIEF),
        payment.amount,
        transfer_reason(purpose, payment, grant),
        actor=actor,
        now=now,
    )


def _require_failed(payment: Payment) -> None:
    if payment.state is not PaymentState.FAILED:
        raise _wrong_state()


def _require_alive(session: Session, payment: Payment) -> None:
    died: ColumnElement[bool] = Person.died_on.is_not(None)
    grant = None if payment.grant_id is None else session.get_one(Grant, payment.grant_id)
    if grant is not None and grant.person_id is None:
        died = or_(died, someone_died(payment.household_id))
    if session.scalar(select(died).where(Person.id == payment.person_id)):
        raise Conflict(
            "payee_died",
            "领取人或者家庭成员已经死亡，请先核实家庭情况。",
            "The payee or a member of the family has died; look into the family first.",
        )


def _wrong_state() -> Conflict:
    return Conflict(
        "payment_state",
        "这笔发放已由他人处理，或者正在发放，请刷新页面。",
        "Somebody has handled this payment, or it is on its way; reload the page.",
    )

"""Payments of relief: by hand from a drawer or a store, or ordered from the bank; once each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from models.accounts import Account
from models.assistance import Attachment
from models.cases import Case
from models.money import LedgerAccount, LedgerKind, Payment, PaymentMethod, PaymentState
from models.relief import ReliefGrant, ReliefSource, ReliefStage, StageState
from models.trail import SubjectKind
from models.types import new_id
from workflows.assistance.money.bank_accounts import usable_account
from workflows.assistance.money.ledger import RELIEF, Reason, ledger_account, move_money
from workflows.audit import Subject, TrailAction, append_entry
from workflows.calendar import local_day
from workflows.errors import Actor, Conflict, Finding, Invalid
from workflows.transaction import require_transaction

PAID_LATER: Final = Finding(
    "paid_later",
    "发放日期不能晚于今天。",
    "It can't have been paid on a later day than today.",
    field="paid_on",
)


@dataclass(frozen=True, slots=True)
class ReliefAccounts:
    """The accounts that the money of a relief grant goes through."""

    committed: LedgerAccount
    #: None: a petty fund pays by hand only, so nothing waits for a bank
    payable: LedgerAccount | None
    paid: LedgerAccount


def relief_accounts(session: Session, grant: ReliefGrant, township_id: str) -> ReliefAccounts:
    """Where the money of a grant lies: with the township's petty fund, or with the district."""
    district = grant.district_id
    paid = ledger_account(session, district, LedgerKind.PAID, district)
    if grant.source is ReliefSource.PETTY_FUND:
        own = ledger_account(session, district, LedgerKind.PETTY_COMMITTED, township_id)
        return ReliefAccounts(own, None, paid)
    return ReliefAccounts(
        ledger_account(session, district, LedgerKind.COMMITTED, district),
        ledger_account(session, district, LedgerKind.PAYABLE, district),
        paid,
    )


def pay_by_hand(
    session: Session,
    *,
    stage: ReliefStage,
    grant: ReliefGrant,
    case: Case,
    household_id: str,
    person_id: str,
    method: PaymentMethod,
    receipt: Mapping[str, Any],
    paid_on: date,
    frozen: Mapping[str, Any],
    handlers_needed: int,
    actor: Actor,
    now: datetime,
) -> Payment:
    """Keep that a stage was handed over in cash or goods on `paid_on`; its money is paid.

    `receipt` is {handlers: ids of different accounts, files: ids of attachments of the case (the
    signed receipt or a photo), goods: what was handed over}. The stage counts as released.

    Raises:
        Invalid: `handlers_missing`, `receipt_missing`, `goods_missing`, `paid_later`.
        Conflict: `stage_paid`, `stage_cancelled`, `no_cover`.
    """
    require_transaction(session)
    if method is PaymentMethod.BANK:
        raise ValueError("the bank is paid by order_by_bank")
    _check_receipt(session, case, method, receipt, handlers_needed)
    if paid_on > local_day(now):
        raise Invalid(PAID_LATER.code, findings=[PAID_LATER])
    payment = _payment(session, stage, grant, case, household_id, person_id, frozen, actor, now)
    payment.method = method
    payment.receipt = dict(receipt)
    payment.state = PaymentState.PAID
    payment.paid_on = paid_on
    stage.settled_on = paid_on
    session.add(payment)
    session.flush()
    accounts = relief_accounts(session, grant, case.township_id)
    before = accounts.committed
    if accounts.payable is not None:
        reason = transfer_reason("release", payment, grant)
        move_money(session, before, accounts.payable, stage.amount, reason, actor=actor, now=now)
        before = accounts.payable
    reason = transfer_reason("pay", payment, grant)
    move_money(session, before, accounts.paid, stage.amount, reason, actor=actor, now=now)
    note_payment(
        session,
        payment,
        TrailAction.PAYMENT_CONFIRMED,
        actor=actor,
        now=now,
        paid_on=paid_on,
        handlers=list(receipt["handlers"]),
        files=list(receipt["files"]),
        source=grant.source.value,
    )
    return payment


def order_by_bank(
    session: Session,
    *,
    stage: ReliefStage,
    grant: ReliefGrant,
    case: Case,
    household_id: str,
    person_id: str,
    frozen: Mapping[str, Any],
    actor: Actor,
    now: datetime,
) -> Payment:
    """Order a stage from the bank: it joins the next relief roll; its money is payable.

    Raises:
        Invalid: `fund_pays_cash` for a grant of a petty fund, which pays by hand only.
        Conflict: `stage_paid`, `stage_cancelled`, `account_missing`, `account_closed`, `no_cover`.
    """
    require_transaction(session)
    if grant.source is ReliefSource.PETTY_FUND:
        raise Invalid(
            "fund_pays_cash",
            "备用金只能以现金或实物发放，不能通过银行发放。",
            "A petty fund pays in cash or goods only, not by bank.",
        )
    account = usable_account(session, person_id)
    payment = _payment(session, stage, grant, case, household_id, person_id, frozen, actor, now)
    payment.bank_account_id = account.id
    session.add(payment)
    session.flush()
    accounts = relief_accounts(session, grant, case.township_id)
    assert accounts.payable is not None  # not a petty fund
    reason = transfer_reason("release", payment, grant)
    move_money(
        session, accounts.committed, accounts.payable, stage.amount, reason, actor=actor, now=now
    )
    note_payment(session, payment, TrailAction.PAYMENT_ORDERED, actor=actor, now=now)
    return payment


def lock_stage(session: Session, stage: ReliefStage) -> None:
    """Let nobody else pay, cancel or postpone the stage until the transaction ends."""
    session.flush()  # what the caller has written to it isn't lost by the fresh look
    session.execute(
        select(ReliefStage)
        .where(ReliefStage.id == stage.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def transfer_reason(purpose: str, payment: Payment, grant: ReliefGrant | None) -> Reason:
    """Why the money of a payment moves; one purpose moves it once."""
    return Reason(
        purpose,
        f"{purpose}/{payment.key}",
        case_id=payment.case_id,
        grant_id=None if grant is None else grant.id,
        payment_id=payment.id,
        roll_id=payment.roll_id,
    )


def note_payment(
    session: Session,
    payment: Payment,
    action: TrailAction,
    *,
    actor: Actor,
    now: datetime,
    **data: object,
) -> None:
    """One entry about a payment, in the chain of its case (of its household without a case)."""
    subject = (
        Subject(SubjectKind.CASE, payment.case_id, payment.district_id)
        if payment.case_id is not None
        else Subject(SubjectKind.HOUSEHOLD, payment.household_id, payment.district_id)
    )
    append_entry(
        session,
        subject,
        action,
        actor=actor,
        now=now,
        data={
            "payment": payment.id,
            "key": payment.key,
            "amount": payment.amount,
            "method": payment.method.value,
            **data,
        },
    )


def _payment(
    session: Session,
    stage: ReliefStage,
    grant: ReliefGrant,
    case: Case,
    household_id: str,
    person_id: str,
    frozen: Mapping[str, Any],
    actor: Actor,
    now: datetime,
) -> Payment:
    if stage.grant_id != grant.id:
        raise ValueError("a stage of another grant")
    number = _next_number(session, stage)
    stage.state = StageState.RELEASED
    stage.settled_on = local_day(now)
    return Payment(
        id=new_id(),
        district_id=case.district_id,
        township_id=case.township_id,
        key=f"stage/{stage.id}/{number}",
        programme=RELIEF,
        case_id=case.id,
        household_id=household_id,
        person_id=person_id,
        stage_id=stage.id,
        method=PaymentMethod.BANK,
        amount=stage.amount,
        state=PaymentState.ORDERED,
        frozen=dict(frozen),
        ordered_at=now,
        ordered_by_id=actor.account_id,
    )


def _next_number(session: Session, stage: ReliefStage) -> int:
    """1 for the first payment of a stage; later ones follow cancelled ones only."""
    lock_stage(session, stage)
    if stage.state is StageState.CANCELLED:
        raise Conflict(
            "stage_cancelled",
            "该笔救助已取消，不能发放。",
            "This stage was cancelled; it can't be paid.",
        )
    states = session.scalars(select(Payment.state).where(Payment.stage_id == stage.id)).all()
    if any(state is not PaymentState.CANCELLED for state in states):
        raise Conflict(
            "stage_paid",
            "该笔救助已经发放或正在发放，不能重复发放。",
            "This stage was paid or is being paid; it can't be paid twice.",
        )
    return len(states) + 1


def _check_receipt(
    session: Session,
    case: Case,
    method: PaymentMethod,
    receipt: Mapping[str, Any],
    handlers_needed: int,
) -> None:
    findings = []
    handlers = set(_texts(receipt.get("handlers")))
    known = _staff(session, case.district_id, handlers)
    if len(known) < handlers_needed or known != handlers:
        findings.append(
            Finding(
                "handlers_missing",
                f"须由{handlers_needed}名不同的在岗工作人员共同经办。",
                f"{handlers_needed} different active members of staff hand it over together.",
                field="handlers",
            )
        )
    files = set(_texts(receipt.get("files")))
    if not files or _files(session, case, files) != files:
        findings.append(
            Finding(
                "receipt_missing",
                "请上传领取人签字的收据或发放照片。",
                "Attach the signed receipt or a photo of the handing over.",
                field="files",
            )
        )
    if method is PaymentMethod.GOODS and not str(receipt.get("goods") or "").strip():
        findings.append(
            Finding(
                "goods_missing",
                "请写明发放了哪些实物及数量。",
                "Say which goods were handed over, and how many.",
                field="goods",
            )
        )
    if findings:
        raise Invalid(findings[0].code, findings=findings)


def _texts(value: Any) -> Sequence[str]:
    return [str(item) for item in value] if isinstance(value, list | tuple) else []


def _staff(session: Session, district_id: str, account_ids: set[str]) -> set[str]:
    found = select(Account.id).where(
        Account.id.in_(account_ids), Account.district_id == district_id, Account.active.is_(True)
    )
    return set(session.scalars(found))


def _files(session: Session, case: Case, attachment_ids: set[str]) -> set[str]:
    found = select(Attachment.id).where(
        Attachment.id.in_(attachment_ids),
        or_(Attachment.case_id == case.id, Attachment.household_id == case.household_id),
    )
    return set(session.scalars(found))

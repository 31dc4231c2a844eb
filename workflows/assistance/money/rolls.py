"""Rolls go through different hands: drawn, reviewed, authorised, released to the bank."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from models.money import BankFile, LedgerKind, Payment, PaymentState, Roll, RollState
from models.types import new_id
from workflows.assistance.money.bank_files import OUT, bank_file
from workflows.assistance.money.contents import content_hash, lines_of, persons_of
from workflows.assistance.money.drawing import keep_held, roll_subject
from workflows.assistance.money.due import AMOUNT_CHANGED, ENDED, Stale, stale_payments
from workflows.assistance.money.ledger import RELIEF, Reason, ledger_account, move_money
from workflows.assistance.money.partitions import Jobs
from workflows.audit import TrailAction, append_entry
from workflows.errors import Actor, Conflict, Invalid, NotFound
from workflows.outbox import queue_message
from workflows.privacy import KeyRing
from workflows.transaction import require_transaction

#: What a roll's state is called.
STATES: Final[Mapping[RollState, tuple[str, str]]] = {
    RollState.DRAWN: ("已编制", "drawn"),
    RollState.REVIEWED: ("已复核", "reviewed"),
    RollState.AUTHORISED: ("已审定", "authorised"),
    RollState.RELEASED: ("已发送银行", "sent to the bank"),
    RollState.SETTLED: ("已办结", "settled"),
    RollState.CANCELLED: ("已作废", "cancelled"),
}


def locked_roll(session: Session, roll_id: str, district_id: str) -> Roll:
    """The roll; nobody else changes it until the transaction ends. Raises NotFound."""
    require_transaction(session)
    roll = session.scalar(
        select(Roll)
        .where(Roll.id == roll_id, Roll.district_id == district_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if roll is None:
        raise unknown_roll()
    return roll


def unknown_roll() -> NotFound:
    """The refusal of a roll that isn't there, or is another district's."""
    return NotFound("roll_unknown", "找不到该发放清册。", "There is no such roll.")


def hands_of(roll: Roll) -> Sequence[str | None]:
    """Who has acted on the roll so far: none of them takes the next step."""
    return (roll.drawn_by_id, roll.reviewed_by_id, roll.authorised_by_id)


def review_roll(
    session: Session, roll_id: str, *, district_id: str, actor: Actor, now: datetime
) -> Roll:
    """Review a drawn roll (复核); another hand than the one that drew it.

    Raises:
        NotFound: `roll_unknown`.
        Conflict: `roll_state`, `same_hand`.
    """
    roll = _step(session, roll_id, district_id, RollState.DRAWN, actor)
    roll.state = RollState.REVIEWED
    roll.reviewed_at, roll.reviewed_by_id = now, actor.account_id
    _note(session, roll, TrailAction.ROLL_REVIEWED, actor, now)
    return roll


def authorise_roll(
    session: Session, roll_id: str, *, district_id: str, actor: Actor, now: datetime
) -> Roll:
    """Authorise a reviewed roll (审定); a third hand.

    Raises:
        NotFound: `roll_unknown`.
        Conflict: `roll_state`, `same_hand`.
    """
    roll = _step(session, roll_id, district_id, RollState.REVIEWED, actor)
    roll.state = RollState.AUTHORISED
    roll.authorised_at, roll.authorised_by_id = now, actor.account_id
    _note(session, roll, TrailAction.ROLL_AUTHORISED, actor, now)
    return roll


def release_roll(
    session: Session,
    roll_id: str,
    keys: KeyRing,
    *,
    district_id: str,
    actor: Actor,
    now: datetime,
    jobs: Jobs | None = None,
) -> BankFile:
    """Send an authorised roll to the bank; a fourth hand. `jobs` opens the bank accounts.

    What was reviewed is what goes out: the hash over the payments is taken again. Families that
    have lost their claim since then are withheld: they only make the roll smaller, and are kept
    with the held ones. Money of a benefit becomes payable here; relief is payable already.

    Raises:
        NotFound: `roll_unknown`.
        Conflict: `roll_state`, `same_hand`, `roll_changed`, `roll_empty`, `no_cover`.
    """
    roll = _step(session, roll_id, district_id, RollState.AUTHORISED, actor)
    lines = lines_of(session, roll.id)
    if content_hash(line for line, _ in lines) != roll.content_hash:
        raise Conflict(
            "roll_changed",
            "清册内容与编制时不一致，不能发放，请作废后重新编制。",
            "The roll isn't what was drawn and reviewed; cancel it and draw it again.",
        )
    stale = stale_payments(session, roll.id)
    _withhold(session, roll, stale, actor, now)
    left = {line.id for line, _ in lines} - {row.id for row in stale}
    if not left:
        raise Conflict(
            "roll_empty",
            "清册中的家庭都已不能发放，请作废该清册。",
            "None of the families on the roll can be paid any more; cancel it.",
        )
    roll.payments = len(left)
    roll.persons = sum(persons_of(line.frozen) for line, _ in lines if line.id in left)
    roll.total = sum((line.amount for line, _ in lines if line.id in left), Decimal(0))
    roll.state = RollState.RELEASED
    roll.released_at, roll.released_by_id = now, actor.account_id
    session.execute(
        update(Payment)
        .where(Payment.roll_id == roll.id, Payment.state == PaymentState.ORDERED)
        .values(state=PaymentState.SENT)
        .execution_options(synchronize_session=False)
    )
    if roll.programme != RELIEF:
        _make_payable(session, roll, actor, now)
    kept = _keep_file(session, roll, keys, actor, now, jobs)
    _note(session, roll, TrailAction.ROLL_SENT, actor, now, sha256=kept.sha256, withheld=len(stale))
    return kept


def cancel_roll(
    session: Session, roll_id: str, reason: str, *, district_id: str, actor: Actor, now: datetime
) -> Roll:
    """Cancel a roll that hasn't gone out (作废); its payments are due again.

    Payments that waited before they were put on it (relief, repeated ones) wait again; those it
    made are cancelled, and the next roll of the month makes new ones. So are repeated ones whose
    month has another amount by now.

    Raises:
        NotFound: `roll_unknown`.
        Invalid: `reason_missing`.
        Conflict: `roll_state`.
    """
    roll = locked_roll(session, roll_id, district_id)
    if not reason.strip():
        raise Invalid("reason_missing", "请填写作废原因。", "Say why it is cancelled.")
    if roll.state not in (RollState.DRAWN, RollState.REVIEWED, RollState.AUTHORISED):
        raise wrong_state(roll)
    own = (Payment.roll_id == roll.id, Payment.state == PaymentState.ORDERED)
    outdated = [
        row.id
        for row in stale_payments(session, roll.id)
        if row.grant_id is not None and row.reason in (ENDED, AMOUNT_CHANGED)
    ]
    made_here = or_(
        Payment.repeats_id.is_(None) & Payment.grant_id.is_not(None), Payment.id.in_(outdated)
    )
    session.execute(
        update(Payment)
        .where(*own, made_here)
        .values(state=PaymentState.CANCELLED)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(Payment)
        .where(*own)
        .values(roll_id=None)
        .execution_options(synchronize_session=False)
    )
    roll.state = RollState.CANCELLED
    roll.cancelled_at, roll.cancelled_by_id, roll.reason = now, actor.account_id, reason.strip()
    _note(session, roll, TrailAction.ROLL_CANCELLED, actor, now, reason=roll.reason)
    return roll


def wrong_state(roll: Roll) -> Conflict:
    """The refusal of a step that the roll has behind it, or not yet before it."""
    chinese, english = STATES[roll.state]
    return Conflict(
        "roll_state",
        f"清册{chinese}，不能进行此操作，请刷新页面。",
        f"The roll is {english}; this can't be done now. Reload the page.",
        details={"state": roll.state.value},
    )


def _step(
    session: Session, roll_id: str, district_id: str, wanted: RollState, actor: Actor
) -> Roll:
    roll = locked_roll(session, roll_id, district_id)
    if roll.state is not wanted:
        raise wrong_state(roll)
    if actor.account_id is None or actor.account_id in hands_of(roll):
        raise Conflict(
            "same_hand",
            "编制、复核、审定、发放须由不同人员办理，您已经办理过本清册。",
            "Drawing, reviewing, authorising and releasing take different people; you have acted"
            " on this roll before.",
        )
    return roll


def _withhold(
    session: Session, roll: Roll, stale: Sequence[Stale], actor: Actor, now: datetime
) -> None:
    """Take payments off a roll: monthly ones are cancelled, relief waits for a decision."""
    monthly = [row.id for row in stale if row.grant_id is not None]
    relief = [row.id for row in stale if row.grant_id is None]
    for ids, values in ((monthly, {"state": PaymentState.CANCELLED}), (relief, {"roll_id": None})):
        if ids:
            session.execute(
                update(Payment)
                .where(Payment.id.in_(ids))
                .values(**values)
                .execution_options(synchronize_session=False)
            )
    held = [
        {
            "township_id": row.township_id,
            "household_id": row.household_id,
            "person_id": row.person_id,
            "case_id": row.case_id,
            "payment_id": row.id,
            "amount": row.amount,
            "reason": row.reason,
        }
        for row in stale
    ]
    keep_held(session, roll, held, actor=actor, now=now)


def _make_payable(session: Session, roll: Roll, actor: Actor, now: datetime) -> None:
    district = roll.district_id
    budget = ledger_account(session, district, LedgerKind.BUDGET, district, roll.programme)
    payable = ledger_account(session, district, LedgerKind.PAYABLE, district, roll.programme)
    reason = Reason("release", f"release/roll/{roll.id}", roll_id=roll.id)
    move_money(session, budget, payable, roll.total, reason, actor=actor, now=now)


def _keep_file(
    session: Session, roll: Roll, keys: KeyRing, actor: Actor, now: datetime, jobs: Jobs | None
) -> BankFile:
    """Keep the hash of the file and queue its delivery; its rows stay sealed where they are."""
    made = bank_file(session, roll.id, keys, jobs=jobs)
    kept = BankFile(
        id=new_id(),
        district_id=roll.district_id,
        roll_id=roll.id,
        direction=OUT,
        sha256=made.sha256,
        rows=made.rows,
        total=made.total,
        at=now,
        by_id=actor.account_id,
    )
    session.add(kept)
    queue_message(
        session,
        district_id=roll.district_id,
        topic="bank.file",
        key=f"bank.file/{roll.id}/{kept.sha256}",
        payload={
            "roll": roll.id,
            "number": roll.number,
            "rows": kept.rows,
            "total": f"{kept.total:.2f}",
            "sha256": kept.sha256,
        },
        now=now,
    )
    return kept


def _note(
    session: Session,
    roll: Roll,
    action: TrailAction,
    actor: Actor,
    now: datetime,
    **data: object,
) -> None:
    append_entry(
        session,
        roll_subject(roll),
        action,
        actor=actor,
        now=now,
        data={
            "number": roll.number,
            "payments": roll.payments,
            "total": roll.total,
            "content_hash": roll.content_hash,
            **data,
        },
    )

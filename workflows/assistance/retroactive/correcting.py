"""What a person decides on a touched case: the amount corrected with its money, or kept."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from models.assistance import Assessment, Grant
from models.households import Household, HouseholdMember
from models.money import Payment, PaymentMethod, PaymentState, Roll
from models.recoveries import Recovery, RecoveryOutcome, RecoveryState
from models.retroactive import (
    MoneyState,
    TouchedCase,
    TouchedKind,
    TouchedState,
)
from models.trail import SubjectKind
from models.types import new_id
from workflows.assistance.context import OperationContext
from workflows.assistance.money.ledger import DIBAO
from workflows.assistance.money.payments import note_payment
from workflows.assistance.retroactive.listing import show
from workflows.assistance.retroactive.recalculation import Laws, Recalculation, recalculated
from workflows.assistance.retroactive.received import Received, received_by
from workflows.assistance.retroactive.words import (
    months_in_words,
    reasons_in_words,
    sums_in_words,
)
from workflows.audit import Subject, TrailAction, append_entry
from workflows.errors import Conflict, Fault, Invalid

_SUMS = (TouchedKind.ARREARS, TouchedKind.RECOVERY)


def calculate_correction(context: OperationContext, *, touched_id: str) -> dict[str, Any]:
    """Work out what the parameters in force make of the decision, and keep it with the case.

    Nothing of the grant or its payments changes.

    Raises:
        Fault: `touched_unknown` when the case isn't the one opened for it.
    """
    touched, grant = _own(context, touched_id)
    found, _ = _calculated(context, touched, grant)
    show(touched, grant, found)
    context.notes.append({"touched": touched.id, **_told(found)})
    return {
        "kind": found.kind.value,
        "old_monthly": found.old_monthly,
        "new_monthly": found.new_monthly,
        "months": Decimal(len(found.months)),
        "total": abs(found.total),
        "summary": sums_in_words(found),
        "reasons": reasons_in_words(found.detail, context.law.clauses),
        "months_told": months_in_words(found.detail["months"]),
    }


def apply_correction(
    context: OperationContext, *, touched_id: str, new_monthly: Decimal, total: Decimal,
    recover: bool,
) -> dict[str, Any]:  # fmt: skip
    """Give the grant its right amount, and order the arrears or keep what is owed.

    `new_monthly` and `total` are what was decided on; `recover` says whether money that was paid
    too much has to come back. Months that haven't been paid yet come with the new amount on their
    roll.

    Raises:
        Conflict: `calculation_outdated` when the calculation gives something else by now,
            `payment_on_its_way` while the bank hasn't answered for a month of the grant.
        Invalid: `nothing_to_correct` where there is no sum to decide on.
        Fault: `touched_unknown`.
    """
    touched, grant = _own(context, touched_id)
    if grant is None:
        raise _nothing()
    _lock(context.session, grant)
    found, received = _calculated(context, touched, grant)
    if found.kind not in _SUMS:
        raise _nothing()
    if (found.new_monthly, abs(found.total)) != (new_monthly, total):
        raise Conflict(
            "calculation_outdated",
            "核算结果已有变化（又发放了一个月，或者政策又有调整），请退回重新核算后再决定。",
            "The calculation has changed since: another month was paid, or the policy changed."
            " Have it calculated again, then decide.",
        )
    if received.on_their_way:
        months = "、".join(f"{month:%Y-%m}" for month in sorted(received.on_their_way))
        raise Conflict(
            "payment_on_its_way",
            f"{months}的低保金已送银行、尚未回盘，请在银行回盘后再作决定。",
            f"The bank hasn't answered for {months} yet; decide when it has.",
        )
    show(touched, grant, found)
    before = {"monthly": grant.monthly, "base": grant.base, "topup": grant.topup}
    _correct(context, touched, grant, found)
    answer = _money(context, touched, grant, found, recover=recover)
    _decided(context, touched, TouchedState.CORRECTED)
    context.case.monthly = found.new_monthly
    note = {"touched": touched.id, "recover": recover, **_told(found)}
    context.notes.append(note)
    append_entry(
        context.session,
        Subject(SubjectKind.CASE, grant.case_id, grant.district_id),
        TrailAction.GRANT_CHANGED,
        actor=context.actor,
        now=context.now,
        data={"grant": grant.id, "before": before, "correction": context.case.number, **note},
    )
    return {"corrected_on": context.today, **answer}


def keep_decision(context: OperationContext, *, touched_id: str, reason: str) -> dict[str, Any]:
    """Keep that everything stays as it was decided then, with the reason.

    Raises:
        Invalid: `reason_missing`.
        Fault: `touched_unknown`.
    """
    touched, _ = _own(context, touched_id)
    if not reason.strip():
        raise Invalid("reason_missing", "请写明理由。", "Give the reason.")
    _decided(context, touched, TouchedState.KEPT)
    context.notes.append({"touched": touched.id, "kept": True})
    return {"kept_on": context.today}


def _own(context: OperationContext, touched_id: str) -> tuple[TouchedCase, Grant | None]:
    """The touched case that this case decides on, with its grant."""
    touched = context.session.get(TouchedCase, touched_id, populate_existing=True)
    if touched is not None and touched.state is TouchedState.LISTED:
        touched.correction_case_id, touched.state = context.case.id, TouchedState.OPEN
    if (
        touched is None
        or touched.correction_case_id != context.case.id
        or touched.state is not TouchedState.OPEN
    ):
        raise Fault(
            "touched_unknown",
            "找不到本件要更正的待遇，或者已经作出决定。",
            "There is nothing for this case to correct, or it has been decided.",
        )
    grant = None if touched.grant_id is None else context.session.get(Grant, touched.grant_id)
    return touched, grant


def _lock(session: Session, grant: Grant) -> None:
    """Nobody else corrects the grant, and no roll with its payments goes out, until the end."""
    session.execute(select(Grant.id).where(Grant.id == grant.id).with_for_update())
    session.refresh(grant)
    rolls = select(Payment.roll_id).where(
        Payment.grant_id == grant.id, Payment.state == PaymentState.ORDERED
    )
    session.execute(select(Roll.id).where(Roll.id.in_(rolls)).order_by(Roll.id).with_for_update())


def _calculated(
    context: OperationContext, touched: TouchedCase, grant: Grant | None
) -> tuple[Recalculation, Received]:
    """By the grant's calculation of now: an earlier correction may have replaced the listed one."""
    session = context.session
    assessment_id = touched.assessment_id if grant is None else grant.assessment_id
    assert assessment_id is not None  # relief has no correction
    assessment = session.get_one(Assessment, assessment_id)
    received = Received()
    if grant is not None:
        received = received_by(session, [grant.id]).get(grant.id, received)
    laws = Laws(session, context.law)
    return recalculated(laws, assessment, grant, received, context.now), received


def _correct(
    context: OperationContext, touched: TouchedCase, grant: Grant, found: Recalculation
) -> None:
    """A new assessment for the grant; the old one stays with the touched case."""
    assert found.result is not None and found.explanation is not None  # it has a sum
    old = context.session.get_one(Assessment, grant.assessment_id)
    row = Assessment(
        id=new_id(),
        district_id=grant.district_id,
        case_id=context.case.id,
        household_id=grant.household_id,
        on=old.on,
        made_at=context.now,
        result=dict(found.result),
        explanation={**found.explanation, "corrects": old.id},
    )
    context.session.add(row)
    context.session.flush()  # the grant refers to it
    touched.detail = {
        **touched.detail,
        "before": {"base": f"{grant.base:.2f}", "topup": f"{grant.topup:.2f}"},
    }
    grant.assessment_id = row.id
    grant.monthly = found.new_monthly
    grant.base, grant.topup = _part(found, "base"), _part(found, "topup")


def _part(found: Recalculation, name: str) -> Decimal:
    assert found.result is not None
    value: Decimal = Decimal(found.result[name]["number"])
    return value


def _money(
    context: OperationContext, touched: TouchedCase, grant: Grant, found: Recalculation,
    *, recover: bool,
) -> dict[str, Any]:  # fmt: skip
    """The arrears as a payment that the next roll takes along, or what is owed as a recovery."""
    if found.total > 0:
        payment = _arrears(context, touched, grant, found.total)
        touched.money = MoneyState.ORDERED
        return {"payment_id": payment.id}
    if found.total < 0:
        touched.money = MoneyState.OWED if recover else MoneyState.WAIVED
        months = [month for month in found.months if month.difference < 0]
        context.session.add(
            Recovery(
                id=new_id(),
                district_id=grant.district_id,
                township_id=touched.township_id,
                touched_id=touched.id,
                case_id=context.case.id,
                household_id=grant.household_id,
                grant_id=grant.id,
                cause="correction",
                proposed=-found.total,
                amount=-found.total,
                received=Decimal(0),
                first_month=months[0].month if months else None,
                last_month=months[-1].month if months else None,
                months=len(months),
                detail=touched.detail["months"],
                state=RecoveryState.OPEN if recover else RecoveryState.WAIVED,
                outcome=RecoveryOutcome.ALL if recover else RecoveryOutcome.WAIVE,
                decided_on=context.today,
                decided_by_id=context.actor.account_id,
                settled_on=None if recover else context.today,
            )
        )
    return {"payment_id": None}


def _arrears(
    context: OperationContext, touched: TouchedCase, grant: Grant, total: Decimal
) -> Payment:
    session = context.session
    household = session.get_one(Household, grant.household_id)
    members = session.scalar(
        select(func.count())
        .select_from(HouseholdMember)
        .where(
            HouseholdMember.household_id == household.id,
            HouseholdMember.superseded_at.is_(None),
        )
    )
    payment = Payment(
        id=new_id(),
        district_id=grant.district_id,
        township_id=household.township_id,
        key=f"touched/{touched.id}/1",
        programme=DIBAO,
        case_id=context.case.id,
        household_id=household.id,
        person_id=household.head_person_id,
        touched_id=touched.id,
        month=context.today.replace(day=1),
        method=PaymentMethod.BANK,
        amount=total,
        state=PaymentState.ORDERED,
        frozen={
            "members": members,
            "arrears": f"{total:.2f}",
            "months": [row["month"][:7] for row in touched.detail["months"]],
            "grant": grant.id,
        },
        ordered_at=context.now,
        ordered_by_id=context.actor.account_id,
    )
    session.add(payment)
    session.flush()
    note_payment(
        session, payment, TrailAction.PAYMENT_ORDERED, actor=context.actor, now=context.now
    )
    return payment


def _decided(context: OperationContext, touched: TouchedCase, state: TouchedState) -> None:
    """The same decision settles what later changes found for the same grant."""
    touched.state = state
    touched.decided_on, touched.decided_by_id = context.today, context.actor.account_id
    context.session.execute(
        update(TouchedCase)
        .where(
            TouchedCase.correction_case_id == context.case.id,
            TouchedCase.state == TouchedState.JOINED,
        )
        .values(state=state, decided_on=context.today, decided_by_id=context.actor.account_id)
        .execution_options(synchronize_session=False)
    )


def _told(found: Recalculation) -> dict[str, Any]:
    """For the trail: the sums and why."""
    return {
        "kind": found.kind.value,
        "old_monthly": found.old_monthly,
        "new_monthly": found.new_monthly,
        "total": found.total,
        "parameters": found.detail["parameters"],
        "months": found.detail["months"],
        "rows": found.detail["rows"],
    }


def _nothing() -> Invalid:
    return Invalid(
        "nothing_to_correct",
        "本件没有可以更正的金额，只能选择维持原决定并写明理由。",
        "There is no amount to correct here; keep the decision and give the reason.",
    )

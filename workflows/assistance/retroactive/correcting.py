"""What a person decides on a touched case: the amount corrected with its money, or kept."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import update

from models.assistance import AmountKind, Assessment, Grant, GrantAmount
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
from workflows.assistance.grants import counting_amounts, lock_grant
from workflows.assistance.grants.arrears import keep_adjustment, pay_arrears
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
    amount = _amount(context, touched, grant)
    found, _ = _calculated(context, touched, amount)
    show(touched, amount, found)
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
    lock_grant(context.session, grant)
    amount = _amount(context, touched, grant)
    found, received = _calculated(context, touched, amount)
    if amount is None or found.kind not in _SUMS:
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
            f"{months}的救助金已送银行、尚未回盘，请在银行回盘后再作决定。",
            f"The bank hasn't answered for {months} yet; decide when it has.",
        )
    show(touched, amount, found)
    before = {"monthly": amount.monthly, "base": amount.base, "topup": amount.topup}
    _correct(context, touched, grant, amount, found)
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


def _amount(
    context: OperationContext, touched: TouchedCase, grant: Grant | None
) -> GrantAmount | None:
    """What the grant pays by the touched decision; None where another has taken its place."""
    if grant is None or touched.first_month is None:
        return None
    for amount in counting_amounts(context.session, grant.id):
        if amount.from_month == touched.first_month and amount.kind is AmountKind.REGULAR:
            return amount
    return None


def _calculated(
    context: OperationContext, touched: TouchedCase, amount: GrantAmount | None
) -> tuple[Recalculation, Received]:
    """By the calculation of now: an earlier correction may have replaced the listed one."""
    session = context.session
    assessment_id = touched.assessment_id if amount is None else amount.assessment_id
    assert assessment_id is not None  # relief has no correction
    assessment = session.get_one(Assessment, assessment_id)
    received = Received()
    if amount is not None:
        received = received_by(session, [amount.grant_id]).get(amount.grant_id, received)
    laws = Laws(session, context.law)
    return recalculated(laws, assessment, amount, received, context.now), received


def _correct(
    context: OperationContext,
    touched: TouchedCase,
    grant: Grant,
    amount: GrantAmount,
    found: Recalculation,
) -> None:
    """A new assessment for the same months; the old one stays with the touched case."""
    assert found.result is not None and found.explanation is not None  # it has a sum
    assert amount.assessment_id is not None  # it was calculated by it
    session = context.session
    old = session.get_one(Assessment, amount.assessment_id)
    row = Assessment(
        id=new_id(),
        district_id=grant.district_id,
        case_id=context.case.id,
        household_id=grant.household_id,
        decision=old.decision,
        on=old.on,
        made_at=context.now,
        result=dict(found.result),
        explanation={**found.explanation, "corrects": old.id},
    )
    session.add(row)
    touched.detail = {
        **touched.detail,
        "before": {"base": f"{amount.base:.2f}", "topup": f"{amount.topup:.2f}"},
    }
    amount.superseded_at = context.now
    session.flush()  # the amount that takes its place refers to the assessment
    corrected = GrantAmount(
        id=new_id(),
        district_id=grant.district_id,
        grant_id=grant.id,
        from_month=amount.from_month,
        until_month=amount.until_month,
        monthly=found.new_monthly,
        base=_part(found, "base"),
        topup=_part(found, "topup"),
        kind=amount.kind,
        assessment_id=row.id,
        case_id=context.case.id,
        decided_on=context.today,
        decided_by_id=context.actor.account_id,
        recorded_at=context.now,
    )
    session.add(corrected)
    if grant.assessment_id == old.id:
        grant.assessment_id, grant.monthly = row.id, corrected.monthly
        grant.base, grant.topup = corrected.base, corrected.topup
    session.flush()


def _part(found: Recalculation, name: str) -> Decimal:
    assert found.result is not None
    value: Decimal = Decimal(found.result[name]["number"])
    return value


def _money(
    context: OperationContext, touched: TouchedCase, grant: Grant, found: Recalculation,
    *, recover: bool,
) -> dict[str, Any]:  # fmt: skip
    """The arrears as a payment that the next roll takes along, or what is owed as a recovery."""
    differences = {month.month: month.difference for month in found.months if month.difference}
    if found.total > 0:
        key = f"touched/{touched.id}/1"
        payment = pay_arrears(context, grant, differences, key=key, touched_id=touched.id)
        touched.money = MoneyState.ORDERED
        return {"payment_id": payment.id}
    if found.total < 0:
        touched.money = MoneyState.OWED if recover else MoneyState.WAIVED
        months = [month for month in found.months if month.difference < 0]
        recovery = Recovery(
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
        context.session.add(recovery)
        context.session.flush()  # the months refer to it
        for month, difference in sorted(differences.items()):
            keep_adjustment(context, grant, month, difference, recovery_id=recovery.id)
    return {"payment_id": None}


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

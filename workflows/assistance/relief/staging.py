"""The stages of a grant: released on their day after a check, postponed, cancelled, paid."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import exists, select

from models.households import HouseholdMember, Person
from models.money import Payment, PaymentMethod, PaymentState
from models.relief import ReliefEvent, ReliefGrant, ReliefStage, StageState
from workflows.assistance.context import OperationContext
from workflows.assistance.money.bank_accounts import usable_account
from workflows.assistance.money.ledger import Reason, move_money
from workflows.assistance.money.payments import lock_stage, order_by_bank, pay_by_hand
from workflows.assistance.relief.events import duplicates, family_of
from workflows.assistance.relief.granting import FARTHEST, accounts_of
from workflows.assistance.relief.words import ByHand, word_of
from workflows.errors import Conflict, Invalid, NotFound

#: How many people hand over cash or goods together (bpmn/parameters/relief.yaml).
HANDLERS = "relief.first_aid.handlers"


def next_stage(context: OperationContext, *, grant_id: str) -> dict[str, Any]:
    """The first stage of a grant that is still planned; nulls when all are settled."""
    grant = _grant(context, grant_id)
    stage = context.session.scalar(
        select(ReliefStage)
        .where(ReliefStage.grant_id == grant.id, ReliefStage.state == StageState.PLANNED)
        .order_by(ReliefStage.number)
        .limit(1)
    )
    if stage is None:
        return dict.fromkeys(("stage_id", "number", "amount", "due_on", "condition"))
    return {
        "stage_id": stage.id,
        "number": Decimal(stage.number),
        "amount": stage.amount,
        "due_on": stage.due_on,
        "condition": stage.condition,
    }


def check_stage(context: OperationContext, *, stage_id: str, method: str) -> dict[str, Any]:
    """What stands against releasing a stage: death, duplicate, account; null for nothing.

    The dead are paid nothing; whoever got relief elsewhere since the approval is looked at again;
    a bank payment needs an account that the bank hasn't reported closed.
    """
    stage, grant, event = _stage(context, stage_id)
    payee = context.session.get_one(Person, family_of(context).head_person_id)
    obstacle = None
    if payee.died_on is not None or _nobody_lives(context):
        obstacle = "death"
    elif _given_since(context, grant, event):
        obstacle = "duplicate"
    elif word_of(PaymentMethod, method) is PaymentMethod.BANK:
        try:
            usable_account(context.session, payee.id)
        except Conflict:
            obstacle = "account"
    context.notes.append({"stage": stage.id, "obstacle": obstacle})
    return {"obstacle": obstacle}


def release_stage(context: OperationContext, *, stage_id: str, method: str) -> dict[str, Any]:
    """Release a stage on or after its day: by bank it is ordered at once, otherwise handed over.

    Raises:
        Conflict: `stage_not_due`, `stage_settled`, and what `order_by_bank` refuses.
    """
    stage, grant, event = _stage(context, stage_id)
    lock_stage(context.session, stage)
    if stage.due_on > context.today:
        raise Conflict(
            "stage_not_due",
            f"这一期的发放日期是 {stage.due_on}，未到日期不能发放。",
            f"This stage is due on {stage.due_on}; it can't be released before.",
        )
    _require_planned(stage)
    if word_of(PaymentMethod, method) is PaymentMethod.BANK:
        family = family_of(context)
        order_by_bank(
            context.session, stage=stage, grant=grant, case=context.case,
            household_id=family.id, person_id=family.head_person_id,
            frozen=_frozen(grant, stage, event), actor=context.actor, now=context.now,
        )  # fmt: skip
    else:
        stage.state = StageState.RELEASED
        stage.settled_on = context.today
    context.notes.append({"stage": stage.id, "released": stage.amount, "method": method})
    return {"released_on": context.today}


def pay_stage(
    context: OperationContext,
    *,
    stage_id: str,
    method: str,
    handlers: list[Any],
    files: list[Any],
    paid_on: date,
    goods: str | None = None,
) -> dict[str, Any]:
    """Keep that a released stage was handed over: by whom, with which receipt (二(四)).

    Raises:
        Invalid, Conflict: as `pay_by_hand`; `paid_before` for a day before the approval.
        Fault: `unknown_word` for another method than cash and goods.
    """
    stage, grant, event = _stage(context, stage_id)
    if paid_on < grant.decided_on:
        raise Invalid(
            "paid_before",
            f"发放日期不能早于批准日期（{grant.decided_on}）。",
            f"It can't be paid before its approval of {grant.decided_on}.",
        )
    family = family_of(context)
    needed = int(context.law.parameters.value(HANDLERS, context.today).value)
    payment = pay_by_hand(
        context.session, stage=stage, grant=grant, case=context.case,
        household_id=family.id, person_id=family.head_person_id,
        method=PaymentMethod(word_of(ByHand, method)),
        receipt={"handlers": handlers, "files": files, "goods": goods or ""},
        paid_on=paid_on, frozen=_frozen(grant, stage, event), handlers_needed=needed,
        actor=context.actor, now=context.now,
    )  # fmt: skip
    context.notes.append({"payment": payment.id, "amount": payment.amount, "method": method})
    return {"payment_id": payment.id}


def postpone_stage(
    context: OperationContext, *, stage_id: str, due_on: date, reason: str
) -> dict[str, Any]:
    """Move a stage to a later day; that needs no new approval (一次审批、分阶段救助).

    Raises:
        Invalid: `postponed_back` for a day that isn't later, `postponed_far` for one more than ten
            years ahead.
        Conflict: `stage_settled`.
    """
    stage, _, _ = _stage(context, stage_id)
    lock_stage(context.session, stage)
    _require_planned(stage)
    if due_on > context.today + FARTHEST:
        raise Invalid(
            "postponed_far",
            "延后的日期不能晚于十年以后。",
            "It can't be postponed to a day more than ten years ahead.",
        )
    if due_on <= max(stage.due_on, context.today):
        raise Invalid(
            "postponed_back",
            "延后的日期须晚于原定日期和今天。",
            "The new day must be later than the planned day and than today.",
        )
    context.notes.append({"stage": stage.id, "from": stage.due_on, "to": due_on, "reason": reason})
    stage.due_on = due_on
    return {}


def cancel_stage(context: OperationContext, *, stage_id: str, reason: str) -> dict[str, Any]:
    """Cancel a stage, also one that was released and not handed over; its money returns.

    Raises:
        Conflict: `stage_settled`.
    """
    stage, grant, _ = _stage(context, stage_id)
    lock_stage(context.session, stage)
    if stage.state is not StageState.RELEASED or _has_payment(context, stage):
        _require_planned(stage)
    stage.state = StageState.CANCELLED
    stage.settled_on = context.today
    available, committed = accounts_of(context, grant)
    cause = Reason("cancel", f"cancel/{stage.id}", case_id=grant.case_id, grant_id=grant.id)
    move_money(
        context.session, committed, available, stage.amount, cause,
        actor=context.actor, now=context.now,
    )  # fmt: skip
    context.notes.append({"stage": stage.id, "cancelled": stage.amount, "reason": reason})
    return {"freed": stage.amount}


def _has_payment(context: OperationContext, stage: ReliefStage) -> bool:
    """Whether a released stage was handed over, or is with the bank."""
    return bool(
        context.session.scalar(
            select(
                exists().where(
                    Payment.stage_id == stage.id, Payment.state != PaymentState.CANCELLED
                )
            )
        )
    )


def _grant(context: OperationContext, grant_id: str) -> ReliefGrant:
    grant = context.session.get(ReliefGrant, grant_id)
    if grant is None or grant.case_id != context.case.id:
        raise NotFound("grant_not_found", "找不到救助决定。", "There is no such grant.")
    return grant


def _stage(
    context: OperationContext, stage_id: str
) -> tuple[ReliefStage, ReliefGrant, ReliefEvent]:
    """A stage of the case with its grant and event.

    Raises:
        NotFound: `stage_not_found`.
    """
    row = context.session.execute(
        select(ReliefStage, ReliefGrant, ReliefEvent)
        .join(ReliefGrant, ReliefGrant.id == ReliefStage.grant_id)
        .join(ReliefEvent, ReliefEvent.id == ReliefGrant.event_id)
        .where(ReliefStage.id == stage_id, ReliefGrant.case_id == context.case.id)
    ).one_or_none()
    if row is None:
        raise NotFound("stage_not_found", "找不到这一期救助。", "There is no such stage.")
    return row[0], row[1], row[2]


def _require_planned(stage: ReliefStage) -> None:
    if stage.state is not StageState.PLANNED:
        raise Conflict(
            "stage_settled",
            "这一期已经发放或取消。",
            "This stage was released or cancelled already.",
            details={"state": stage.state.value},
        )


def _nobody_lives(context: OperationContext) -> bool:
    died = context.session.scalars(
        select(Person.died_on)
        .join(HouseholdMember, HouseholdMember.person_id == Person.id)
        .where(
            HouseholdMember.household_id == context.case.household_id,
            HouseholdMember.superseded_at.is_(None),
        )
    ).all()
    return bool(died) and all(died)


def _given_since(context: OperationContext, grant: ReliefGrant, event: ReliefEvent) -> bool:
    """Whether the same people got relief for the same cause elsewhere, decided after this grant."""
    household_id = context.case.household_id or ""
    found = duplicates(context.session, household_id, event.id, since=grant.decided_on)
    return any(id > grant.id and cause == event.cause for id, cause in found)


def _frozen(grant: ReliefGrant, stage: ReliefStage, event: ReliefEvent) -> dict[str, Any]:
    return {
        "event": event.id,
        "cause": event.cause,
        "persons": str(event.persons),
        "grant": grant.id,
        "kind": grant.kind,
        "total": f"{grant.total:.2f}",
        "stage": str(stage.number),
    }

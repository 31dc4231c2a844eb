"""Changes that reach back, in scenarios: what was decided and paid before, and a new release.

What came before stands in the tables as it would after a case of 低保 and its monthly rolls.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.assistance import Assessment, Grant, GrantState
from models.cases import Case, CaseState
from models.households import Household
from models.money import LedgerKind, Payment, PaymentMethod, PaymentState
from models.recoveries import Recovery
from models.retroactive import TouchedCase
from models.types import new_id
from workflows.assistance.assessments import assess_household
from workflows.assistance.context import OperationContext
from workflows.assistance.grants import amount_of_month, counting_amounts, first_amount
from workflows.assistance.money.drawing import payment_key
from workflows.assistance.money.ledger import DIBAO, TEKUN, Reason, ledger_account, move_money
from workflows.calendar import local_day, months_later
from workflows.definitions.release import current_release, policy_of
from workflows.errors import SYSTEM, Actor
from workflows.jobs import work_jobs
from workflows.privacy import KeyRing
from workflows.runtime.corrections import PROCESS
from workflows.runtime.job_steps import job_steps


def decide_now(
    session: Session,
    household: Household,
    keys: KeyRing,
    *,
    actor: Actor,
    now: datetime,
    programme: str = DIBAO,
    months: int = 6,
) -> Case:
    """A closed case of 低保: granted where the tables say so, refused otherwise.

    `months` later it is checked. With another programme the amount is that of 低保 all the same.
    """
    release = current_release(session, household.district_id)
    case = Case(
        id=new_id(),
        district_id=household.district_id,
        number=f"DIBAO-{new_id()[-6:]}",
        process_key=programme,
        release_id=release.id,
        household_id=household.id,
        township_id=household.township_id,
        village_id=household.village_id,
        state=CaseState.CLOSED,
        opened_at=now,
        accepted_on=local_day(now),
        closed_at=now,
        engine_state=b"",
    )
    session.add(case)
    session.flush()  # the assessment refers to it
    law = policy_of(session, release.id)
    context = OperationContext(session, case, actor, now, law, keys, {})
    given: Mapping[str, Any] = assess_household(context, local_day(now))["assessment"]
    session.flush()
    granted = given["class"] == "dibao" and given["monthly"] > 0
    case.outcome = case.status = "confirmed" if granted else "refused"
    if granted:
        grant = _grant(session, case, given, local_day(now))
        grant.programme, grant.next_review_on = programme, months_later(local_day(now), months)
        if programme == TEKUN:
            grant.person_id = case.person_id = household.head_person_id
            assessment = session.get_one(Assessment, grant.assessment_id)
            assessment.result = {**assessment.result, "tier": "none"}
        session.add(grant)
        session.flush()
        session.add(first_amount(grant, now))
    return case


def _grant(session: Session, case: Case, given: Mapping[str, Any], today: date) -> Grant:
    assessment_id = session.scalars(
        select(Assessment.id).where(Assessment.case_id == case.id)
    ).one()
    assert case.household_id is not None
    case.monthly = given["monthly"]
    return Grant(
        id=new_id(),
        district_id=case.district_id,
        case_id=case.id,
        household_id=case.household_id,
        assessment_id=assessment_id,
        monthly=given["monthly"],
        base=given["base"],
        topup=given["topup"],
        decided_on=today,
        start_month=months_later(today.replace(day=1), 1),
        next_review_on=months_later(today, 6),
        state=GrantState.ACTIVE,
    )


def pay_month(session: Session, household_id: str, verb: str, month: date, now: datetime) -> None:
    """The month of the household's grant with the bank (`sent`), or paid (`paid`)."""
    grant = session.scalars(select(Grant).where(Grant.household_id == household_id)).one()
    state = PaymentState.PAID if verb == "paid" else PaymentState.SENT
    key = payment_key("grant", grant.id, month, 1)
    known = session.scalars(select(Payment).where(Payment.key == key)).one_or_none()
    if known is not None:
        known.state, known.paid_on = state, local_day(now)
        return
    household = session.get_one(Household, household_id)
    due = amount_of_month(counting_amounts(session, grant.id), month)
    amount = grant.monthly if due is None else due.monthly
    if verb == "paid":
        _pay(session, grant, amount, key, now)
    session.add(
        Payment(
            id=new_id(),
            district_id=grant.district_id,
            township_id=household.township_id,
            key=key,
            programme=DIBAO,
            case_id=grant.case_id,
            household_id=household_id,
            person_id=household.head_person_id,
            grant_id=grant.id,
            month=month,
            method=PaymentMethod.BANK,
            amount=amount,
            state=state,
            frozen={},
            ordered_at=now,
            paid_on=local_day(now) if verb == "paid" else None,
        )
    )


def _pay(session: Session, grant: Grant, amount: Decimal, key: str, now: datetime) -> None:
    """The money that the bank has paid stands on the account of what was paid."""
    appropriation, paid = (
        ledger_account(session, grant.district_id, kind, grant.district_id, DIBAO)
        for kind in (LedgerKind.APPROPRIATION, LedgerKind.PAID)
    )
    move_money(session, appropriation, paid, amount, Reason("pay", key), actor=SYSTEM, now=now)


def work_all(session: Session, keys: KeyRing, now: datetime) -> None:
    """Every chunk of every job that waits."""
    while work_jobs(session, job_steps(keys), now):
        pass


def newest_correction(session: Session, household_id: str) -> str | None:
    """The case in which the household's benefit is corrected, the newest."""
    return session.scalars(
        select(Case.id)
        .where(Case.household_id == household_id, Case.process_key == PROCESS)
        .order_by(Case.id.desc())
        .limit(1)
    ).one_or_none()


def correction_facts(session: Session, case_id: str) -> dict[str, Any]:
    """What a correction's case came to: the calculation, the grant of now, the money."""
    touched = session.scalars(
        select(TouchedCase)
        .where(TouchedCase.correction_case_id == case_id)
        .order_by(TouchedCase.id)
        .limit(1)
        .execution_options(populate_existing=True)
    ).one()
    grant = None if touched.grant_id is None else session.get(Grant, touched.grant_id)
    arrears = session.scalars(select(Payment.amount).where(Payment.touched_id == touched.id)).all()
    owed = session.execute(
        select(Recovery.state, Recovery.amount).where(Recovery.touched_id == touched.id)
    ).all()
    return {
        "kind": touched.kind.value,
        "state": touched.state.value,
        "old_monthly": touched.old_monthly,
        "new_monthly": touched.new_monthly,
        "months": Decimal(touched.months),
        "total": touched.total,
        "monthly": None if grant is None else grant.monthly,
        "arrears": sum(arrears, Decimal(0)),
        "recoveries": {state.value: amount for state, amount in owed},
    }

"""What begins after the grant: a death reported, an offer of work answered, money asked back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.assistance import Grant
from models.cases import Case, CaseState
from models.deaths import DeathSource
from models.households import Household
from models.job_offers import JobOffer
from models.recoveries import Recovery, RecoveryState
from workflows.assistance.deaths.recording import record_death
from workflows.assistance.households import open_case_number
from workflows.assistance.job_offers import OfferData, record_offer, standing_cut
from workflows.errors import Actor, Conflict, Invalid
from workflows.privacy import KeyRing
from workflows.runtime.starting import start_case
from workflows.transaction import require_transaction

DEATH: Final = "member_death"
REFUSAL: Final = "job_refusal"
SHARE_RETURN: Final = "job_share_return"
OVERPAYMENT: Final = "overpayment"
REPAYMENT: Final = "recovery_repayment"


def report_death(
    session: Session,
    household: Household,
    person_id: str,
    *,
    died_on: date,
    note: str,
    keys: KeyRing,
    actor: Actor,
    now: datetime,
) -> Case:
    """Record a death that somebody reports, and open the case that checks it.

    Raises:
        Conflict: `death_recorded`. Invalid: `died_in_future`.
    """
    record_death(
        session, person_id, died_on=died_on, source=DeathSource.REPORTED, note=note,
        actor=actor, now=now,
    )  # fmt: skip
    return open_death(session, household, person_id, keys=keys, actor=actor, now=now)


def open_death(
    session: Session,
    household: Household,
    person_id: str,
    *,
    keys: KeyRing,
    actor: Actor,
    now: datetime,
) -> Case:
    """Open the case that checks a recorded death."""
    return _open(session, household, DEATH, {"person_id": person_id}, person_id, keys, actor, now)


def answer_offer(
    session: Session,
    household: Household,
    person_id: str,
    data: OfferData,
    *,
    keys: KeyRing,
    actor: Actor,
    now: datetime,
) -> tuple[JobOffer, Case | None]:
    """Keep an introduction of work and open what follows from its answer.

    A refusal opens the case that counts the refusals by the table, unless one is open already or
    the share is cut; taking work opens the case that gives a cut share back.

    Raises:
        Invalid: every finding of the entry.
    """
    offer = record_offer(session, household, person_id, data, actor=actor, now=now)
    cut = standing_cut(session, person_id)
    if data.accepted and cut is not None:
        process = SHARE_RETURN
    elif not data.accepted and cut is None and _receives(session, household.id):
        process = REFUSAL
    else:
        return offer, None
    if _is_open(session, process, person_id):
        return offer, None
    case = _open(session, household, process, {"person_id": person_id}, person_id, keys, actor, now)
    return offer, case


def ask_back(
    session: Session,
    grant: Grant,
    *,
    cause: str,
    note: str,
    first_month: date | None,
    keys: KeyRing,
    actor: Actor,
    now: datetime,
) -> Case:
    """Open the case that works out and decides an overpayment of a grant.

    Raises:
        Conflict: `overpayment_open` where one is open for the household.
    """
    require_transaction(session)
    number = open_case_number(session, grant.household_id, OVERPAYMENT)
    if number is not None:
        raise Conflict(
            "overpayment_open",
            f"这个家庭的多发追回 {number} 正在办理。",
            f"An overpayment of this household is being dealt with in case {number}.",
            details={"number": number},
        )
    household = session.get_one(Household, grant.household_id)
    variables = {
        "grant_id": grant.id, "cause": cause, "cause_note": note, "first_month": first_month,
    }  # fmt: skip
    return _open(session, household, OVERPAYMENT, variables, None, keys, actor, now)


def begin_repayment(
    session: Session, recovery_id: str, *, keys: KeyRing, actor: Actor, now: datetime
) -> Case:
    """Open the case in which an open recovery is planned and paid back.

    Raises:
        Invalid: `recovery_not_open`. Conflict: `recovery_not_told`, `repayment_open`.
    """
    require_transaction(session)
    recovery = session.scalars(
        select(Recovery).where(Recovery.id == recovery_id).with_for_update()
    ).one()
    if recovery.state is not RecoveryState.OPEN:
        raise Invalid(
            "recovery_not_open",
            "这笔追回已经结清、免除，或者还没有决定。",
            "The recovery is settled, waived, or hasn't been decided.",
        )
    if session.get_one(Case, recovery.case_id).state is CaseState.OPEN:
        raise Conflict(
            "recovery_not_told",
            "追回的决定还没有送达，决定的办件办结以后才能办理退款。",
            "The decision hasn't been served; it can be paid back once that case is closed.",
        )
    if recovery.repayment_case_id is not None and session.scalar(
        select(Case.id).where(Case.id == recovery.repayment_case_id, Case.state == CaseState.OPEN)
    ):
        raise Conflict(
            "repayment_open", "退款已经在办理。", "Its repayment is being dealt with already."
        )
    household = session.get_one(Household, recovery.household_id)
    case = _open(
        session, household, REPAYMENT, {"recovery_id": recovery.id}, None, keys, actor, now
    )
    recovery.repayment_case_id = case.id
    return case


def _open(
    session: Session,
    household: Household,
    process: str,
    variables: Mapping[str, Any],
    person_id: str | None,
    keys: KeyRing,
    actor: Actor,
    now: datetime,
) -> Case:
    case = start_case(
        session, process, keys, township_id=household.township_id,
        village_id=household.village_id, household_id=household.id, variables=variables,
        actor=actor, now=now,
    )  # fmt: skip
    case.person_id = person_id
    return case


def _receives(session: Session, household_id: str) -> bool:
    found = select(Grant.id).where(Grant.household_id == household_id, Grant.ended_from.is_(None))
    return session.scalars(found.limit(1)).one_or_none() is not None


def _is_open(session: Session, process: str, person_id: str) -> bool:
    found = select(Case.id).where(
        Case.person_id == person_id, Case.process_key == process, Case.state == CaseState.OPEN
    )
    return session.scalars(found.limit(1)).one_or_none() is not None

"""Applying by a process's own start form: the applicant's household, the answers, the case."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from models.cases import Case
from models.offices import Office
from workflows.assistance.households import ApplicantData, household_of_applicant, person_with
from workflows.decisions.forms import validate_answers
from workflows.definitions.diagram import ProcessModel
from workflows.definitions.policy import Policy
from workflows.definitions.release import current_policy
from workflows.errors import Actor, Finding, Invalid
from workflows.privacy import KeyRing
from workflows.runtime.remedies import registers_remedy
from workflows.runtime.starting import PERSON, start_case
from workflows.transaction import require_transaction


def start_form_of(policy: Policy, process_key: str) -> str | None:
    """The key of the form that opens a process; None where it has none (or there's no process)."""
    if process_key not in {process.id for process in policy.startable()}:
        return None
    start = policy.processes[process_key].start_of(None)
    return None if start is None else start.form


def opened_by_form(policy: Policy) -> tuple[ProcessModel, ...]:
    """The processes that a form opens for an applicant, in the order of the policy's files.

    What is filed against a decision begins with that decision, on a page of its own.
    """
    return tuple(
        process
        for process in policy.startable()
        if start_form_of(policy, process.id) and not registers_remedy(process)
    )


def open_by_form(
    session: Session,
    process_key: str,
    applicant: ApplicantData,
    answers: Mapping[str, Any],
    keys: KeyRing,
    *,
    channel: str,
    actor: Actor,
    now: datetime,
) -> Case:
    """Open a case for whoever asks, at the place where they are.

    The edge has checked that the actor may open cases there, and checks that the household isn't
    the actor's own before it commits.

    Raises:
        Invalid: every finding of the applicant and of the form. Others as `start_case`.
    """
    require_transaction(session)
    village = session.get_one(Office, applicant.village_id)
    policy = current_policy(session, village.district_id)
    try:
        household = household_of_applicant(session, applicant, keys, actor=actor, now=now)
    except Invalid as refused:
        told = answer_findings(policy, process_key, answers, now)
        raise Invalid(refused.code, findings=[*refused.findings, *told]) from refused
    declared = policy.processes[process_key].variables
    person = person_with(session, village.district_id, applicant.id_number, keys)
    known = {
        "household_id": household.id,
        "channel": channel,
        PERSON: household.head_person_id if person is None else person.id,
    }
    return start_case(
        session,
        process_key,
        keys,
        township_id=village.parent_id or "",
        village_id=village.id,
        household_id=household.id,
        channel=channel,
        variables={name: value for name, value in known.items() if name in declared},
        answers=answers,
        actor=actor,
        now=now,
    )


def answer_findings(
    policy: Policy, process_key: str, answers: Mapping[str, Any], now: datetime
) -> tuple[Finding, ...]:
    """What is wrong with the answers to a start form, where other data are wrong, too."""
    form = policy.forms[start_form_of(policy, process_key) or ""]
    scope = dict.fromkeys(policy.processes[process_key].variables)
    try:
        validate_answers(form, answers, scope=scope, now=now)
    except Invalid as refused:
        return refused.findings
    return ()

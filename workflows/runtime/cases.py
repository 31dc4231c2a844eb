"""Commands on cases: start one, send it a message, note that it can't go on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.cases import Case, CaseState, Incident, KeptMessage, Timer
from models.offices import Office
from models.types import new_id
from workflows.assistance.applications import ACCEPT
from workflows.assistance.households import require_no_open_case
from workflows.audit import TrailAction, append_entry
from workflows.calendar import local_day
from workflows.definitions.diagram import Element
from workflows.definitions.policy import Policy
from workflows.definitions.release import current_release, policy_of
from workflows.errors import Actor, Conflict, DoudiError, NotFound
from workflows.feel import to_json
from workflows.numbers import next_number
from workflows.privacy import KeyRing
from workflows.runtime.acts import (
    Act,
    begin,
    case_subject,
    check_version,
    engine_program,
    finish,
    lock_case,
    make_host,
)
from workflows.runtime.answers import form_answers
from workflows.runtime.engine import ROOT, EngineRun, WaitKind
from workflows.runtime.evidence import sealed_answers
from workflows.runtime.tasks import is_related, require_unrelated
from workflows.transaction import require_transaction


def _new_case(
    session: Session, township: Office, process_key: str, release_id: str, now: datetime
) -> Case:
    year = local_day(now).year
    number = next_number(session, township.district_id, f"{process_key}/{year}")
    case = Case(
        id=new_id(),
        district_id=township.district_id,
        number=f"{township.code[:6]}-{process_key.upper()}-{year}-{number:06d}",
        process_key=process_key,
        release_id=release_id,
        township_id=township.id,
        opened_at=now,
        version=0,
        engine_state=b"",
        state=CaseState.OPEN,
        status="opened",
    )
    session.add(case)
    return case


def start_case(
    session: Session,
    process_key: str,
    keys: KeyRing,
    *,
    township_id: str,
    village_id: str | None = None,
    household_id: str | None = None,
    channel: str = "window",
    variables: Mapping[str, Any] | None = None,
    actor: Actor,
    now: datetime,
) -> Case:
    """Open a case under the release in force and move it to its first waits.

    Raises:
        NotFound: `no_release` when nothing is published, `unknown_process`.
        Conflict: `open_case_exists` when the household applies for the same thing already.
        Fault: when the process can't be started with these variables.
    """
    require_transaction(session)
    township = session.get_one(Office, township_id)
    release = current_release(session, township.district_id)
    policy = policy_of(session, release.id)
    if process_key not in policy.processes:
        raise NotFound(
            "unknown_process",
            f"现行政策版本中没有流程“{process_key}”。",
            f"The policy in force has no process “{process_key}”.",
        )
    if household_id is not None and _is_application(policy, process_key):
        require_no_open_case(session, household_id, process_key)
    case = _new_case(session, township, process_key, release.id, now)
    case.household_id, case.village_id, case.channel = household_id, village_id, channel
    session.flush()  # the case must exist before its rows
    host = make_host(session, case, keys, actor=actor, now=now)
    given = dict(variables or {})
    run = EngineRun.start(engine_program(policy, process_key), host, given)
    run.advance()
    finish(
        Act(session, case, host, run, {}),
        TrailAction.CASE_STARTED,
        {
            "number": case.number,
            "process": process_key,
            "channel": channel,
            "household": household_id,
            "variables": {name: to_json(value) for name, value in given.items()},
        },
    )
    return case


def _is_application(policy: Policy, process_key: str) -> bool:
    """Whether the process, or one that it calls, accepts an application (57 号 10)."""
    pending, seen = [process_key], {process_key}
    while pending:
        for element in policy.processes[pending.pop()].elements.values():
            if element.operation is not None and element.operation.name == ACCEPT:
                return True
            if element.called is not None and element.called not in seen:
                seen.add(element.called)
                pending.append(element.called)
    return False


def send_message(
    session: Session,
    case_id: str,
    message: str,
    raw: Mapping[str, Any],
    keys: KeyRing,
    *,
    actor: Actor,
    now: datetime,
    case_version: int | None = None,
) -> bool:
    """Deliver a message to the one engine task that waits for it; keep it when none does.

    `raw` is checked against the message's form. Returns whether somebody waited for it.

    Raises:
        Conflict: `stale_screen`, `case_closed`. NotFound: `unknown_message`.
        NotAllowed: `near_relative`. Invalid: every finding of the form at once.
    """
    case = lock_case(session, case_id)
    check_version(case, case_version)
    require_unrelated(is_related(session, case, actor))
    act = begin(session, case, keys, actor=actor, now=now)
    wait = next(
        (
            wait
            for wait in act.before.values()
            if wait.kind is WaitKind.MESSAGE and wait.element.message == message
        ),
        None,
    )
    element = wait.element if wait is not None else _receiver(act, message)
    scope = act.run.scopes.view(wait.scope if wait is not None else ROOT)
    answers = form_answers(act, element, scope, raw)
    evidence = sealed_answers(session, case, keys, answers.values)
    if wait is None:
        keep_message(session, case, message, evidence, actor=actor, now=now)
        return False
    act.write(wait.scope, answers.values)
    act.run.fire(wait.id)
    finish(
        act,
        TrailAction.MESSAGE_RECEIVED,
        {"message": message, "element": element.id, "answers": evidence},
    )
    return True


def _receiver(act: Act, message: str) -> Element:
    """The element that would receive a message, somewhere in the case's processes."""
    for process in act.run.program.processes.values():
        for element in process.elements.values():
            if element.message == message:
                return element
    raise NotFound(
        "unknown_message",
        f"流程中没有消息“{message}”。",
        f"The process knows no message “{message}”.",
    )


def keep_message(
    session: Session,
    case: Case,
    message: str,
    evidence: Mapping[str, Any],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """A message that nobody waits for is kept with its case, and the trail says so."""
    session.add(
        KeptMessage(
            id=new_id(),
            district_id=case.district_id,
            case_id=case.id,
            message=message,
            payload=orjson.dumps(evidence),
            received_at=now,
        )
    )
    append_entry(
        session,
        case_subject(case),
        TrailAction.MESSAGE_RECEIVED,
        actor=actor,
        now=now,
        data={"message": message, "kept": True, "answers": evidence},
    )


def raise_incident(
    session: Session,
    case_id: str,
    error: DoudiError,
    *,
    actor: Actor,
    now: datetime,
    timer_id: str | None = None,
) -> Incident:
    """Record, after the rollback, that a case can't go on; one open incident per cause."""
    case = lock_case(session, case_id)
    element_id = str(error.details.get("element")) if error.details.get("element") else None
    known = session.scalar(
        select(Incident).where(
            Incident.case_id == case_id,
            Incident.resolved_at.is_(None),
            Incident.code == error.code,
            Incident.element_id == element_id if element_id else Incident.element_id.is_(None),
        )
    )
    if known is not None:
        return known
    incident = Incident(
        id=new_id(),
        district_id=case.district_id,
        case_id=case_id,
        element_id=element_id,
        timer_id=timer_id,
        code=error.code,
        message=error.message,
        message_en=error.message_en,
        details={key: str(value) for key, value in error.details.items()},
        opened_at=now,
    )
    session.add(incident)
    append_entry(
        session,
        case_subject(case),
        TrailAction.INCIDENT_RAISED,
        actor=actor,
        now=now,
        data={"code": error.code, "element": element_id, "message": error.message},
    )
    return incident


def resolve_incident(
    session: Session, incident_id: str, resolution: str, *, actor: Actor, now: datetime
) -> Incident:
    """Somebody looked at an incident and says what was done; a timer that gave up tries again.

    Raises:
        NotFound: `incident_not_found`. Conflict: `incident_resolved`.
    """
    found = session.get(Incident, incident_id)
    if found is None:
        raise NotFound("incident_not_found", "找不到这个故障。", "There is no such incident.")
    case = lock_case(session, found.case_id)
    session.refresh(found)
    if found.resolved_at is not None:
        raise Conflict("incident_resolved", "这个故障已经处理。", "The incident is resolved.")
    found.resolved_at = now
    found.resolved_by_id = actor.account_id
    found.resolution = resolution
    timer = session.get(Timer, found.timer_id) if found.timer_id is not None else None
    if timer is not None:
        timer.failed_at, timer.attempts, timer.next_try_at = None, 0, now
    append_entry(
        session,
        case_subject(case),
        TrailAction.INCIDENT_RESOLVED,
        actor=actor,
        now=now,
        data={"incident": incident_id, "code": found.code, "resolution": resolution},
    )
    return found

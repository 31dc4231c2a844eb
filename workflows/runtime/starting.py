"""Starting a case: its number, its pinned release, its first waits; and cases that a case opens."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from models.cases import Case, CaseState
from models.households import Household
from models.offices import Office
from models.types import new_id
from workflows.assistance.applications import is_application
from workflows.assistance.households import require_member, require_no_open_case
from workflows.audit import TrailAction
from workflows.calendar import local_day
from workflows.definitions.diagram import ProcessModel
from workflows.definitions.policy import Policy
from workflows.definitions.release import current_release, policy_of
from workflows.errors import Actor, NotFound
from workflows.feel import to_json
from workflows.numbers import next_number
from workflows.privacy import KeyRing
from workflows.runtime.acts import Act, engine_program, finish, make_host
from workflows.runtime.answers import form_answers
from workflows.runtime.engine import EngineRun
from workflows.runtime.evidence import sealed_answers
from workflows.runtime.host import CaseHost
from workflows.transaction import require_transaction

#: The variable of a process about one person of a household.
PERSON: Final = "person_id"


def _new_case(
    session: Session, township: Office, process: ProcessModel, release_id: str, now: datetime
) -> Case:
    year, process_key = local_day(now).year, process.id
    number = next_number(session, township.district_id, f"{process_key}/{year}")
    code = process.number_code or process_key.upper()
    case = Case(
        id=new_id(),
        district_id=township.district_id,
        number=f"{township.code[:6]}-{code}-{year}-{number:06d}",
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
    person_id: str | None = None,
    channel: str = "window",
    variables: Mapping[str, Any] | None = None,
    answers: Mapping[str, Any] | None = None,
    opened_from_id: str | None = None,
    first_applied_on: date | None = None,
    actor: Actor,
    now: datetime,
) -> Case:
    """Open a case under the release in force and move it to its first waits.

    `answers` are raw answers to the form of the process's start event, where it has one;
    `opened_from_id` is the case whose act opens this one, and `first_applied_on` the day on which
    the family first asked for the same thing. `person_id` is the member whom the case is about,
    where it isn't the household as a whole.

    Raises:
        Invalid: every finding of the start form at once.
        NotFound: `no_release` when nothing is published, `unknown_process`.
        Conflict: `open_case_exists` when the household applies for the same thing already.
        Fault: when the process can't be started with these variables.
    """
    require_transaction(session)
    township = session.get_one(Office, township_id)
    release = current_release(session, township.district_id)
    policy = policy_of(session, release.id)
    process = _process(policy, process_key)
    given = dict(variables or {})
    person_id = _person(session, process, household_id, person_id, given)
    if household_id is not None and is_application(policy, process_key):
        require_no_open_case(session, household_id, process_key, person_id)
    case = _new_case(session, township, process, release.id, now)
    case.household_id, case.village_id, case.channel = household_id, village_id, channel
    case.person_id, case.opened_from_id = person_id, opened_from_id
    case.first_applied_on = first_applied_on
    session.flush()  # the case must exist before its rows
    host = make_host(session, case, keys, actor=actor, now=now)
    told = _start_answers(host, policy, process_key, given, answers)
    run = EngineRun.start(engine_program(policy, process_key), host, {**given, **told})
    run.advance()
    said = {
        **_origin(case),
        "variables": {name: to_json(value) for name, value in given.items()},
        **_evidence(session, case, keys, policy, told),
    }
    finish(Act(session, case, host, run, {}), TrailAction.CASE_STARTED, said)
    return case


def _origin(case: Case) -> dict[str, Any]:
    """What the case is, whom it is about, which case opened it, since when the family asks."""
    always = {
        "number": case.number,
        "process": case.process_key,
        "channel": case.channel,
        "household": case.household_id,
    }
    sometimes = {
        "person": case.person_id,
        "opened_from": case.opened_from_id,
        "first_applied_on": case.first_applied_on,
    }
    return {**always, **{name: value for name, value in sometimes.items() if value is not None}}


def _process(policy: Policy, process_key: str) -> ProcessModel:
    found = policy.processes.get(process_key)
    if found is None:
        raise NotFound(
            "unknown_process",
            f"现行政策版本中没有流程“{process_key}”。",
            f"The policy in force has no process “{process_key}”.",
        )
    return found


def _person(
    session: Session,
    process: ProcessModel,
    household_id: str | None,
    person_id: str | None,
    given: dict[str, Any],
) -> str | None:
    """Whom a process about one person is about; without a name it is the head of the household.

    A process says so by its variable `person_id`, which is filled in.

    Raises:
        Invalid: `not_a_member`.
    """
    if household_id is None or PERSON not in process.variables:
        return person_id
    named = person_id or given.get(PERSON)
    found = named or session.get_one(Household, household_id).head_person_id
    require_member(session, household_id, found)
    given[PERSON] = found
    return str(found)


def _start_answers(
    host: CaseHost,
    policy: Policy,
    process_key: str,
    given: Mapping[str, Any],
    answers: Mapping[str, Any] | None,
) -> Mapping[str, Any]:
    """What the start form accepts; a process without one, or a caller without answers, has none."""
    start = policy.processes[process_key].start_of(None)
    if answers is None or start is None or start.form is None:
        return {}
    scope = {**dict.fromkeys(policy.processes[process_key].variables), **given}
    return form_answers(host, start, scope, answers).values


def _evidence(
    session: Session, case: Case, keys: KeyRing, policy: Policy, told: Mapping[str, Any]
) -> dict[str, Any]:
    """The start form with its answers, for the trail; nothing where nobody filled it in."""
    start = policy.processes[case.process_key].start_of(None)
    if not told or start is None:
        return {}
    return {"form": start.form, "answers": sealed_answers(session, case, keys, told)}


def open_requested(session: Session, act: Act) -> list[Case]:
    """Open the cases that operations of an act asked for, for its household or for another.

    A case gets those of the given variables that its process declares.

    Raises:
        NotFound, Conflict: as `start_case`.
    """
    opened = []
    for request in act.host.requests:
        case = act.case
        policy = act.host.law
        process = policy.processes.get(request.process)
        declared = frozenset() if process is None else process.variables.keys()
        household = request.household
        place = household or case
        household_id = case.household_id if household is None else household.id
        given = {
            "household_id": household_id,
            "person_id": request.person_id or case.person_id,
            "channel": case.channel,
            **request.variables,
        }
        opened.append(
            start_case(
                session,
                request.process,
                act.host.keys,
                township_id=place.township_id,
                village_id=place.village_id,
                household_id=household_id,
                channel=case.channel,
                variables={name: value for name, value in given.items() if name in declared},
                opened_from_id=case.id,
                first_applied_on=request.first_applied_on,
                person_id=request.person_id,
                actor=act.host.actor,
                now=act.host.now,
            )
        )
    return opened

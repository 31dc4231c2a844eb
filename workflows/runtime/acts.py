"""One act on one case: lock, load, move, project, store, and one entry in the trail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from models.cases import Case, CaseState
from workflows.audit import TrailAction, append_entry
from workflows.definitions.policy import Policy
from workflows.definitions.release import current_policy, policy_of
from workflows.errors import Actor, Conflict, NotFound
from workflows.privacy import KeyRing, open_state, seal_state
from workflows.runtime.engine import EngineRun, Program, Wait, WaitKind, program_of
from workflows.runtime.evidence import case_subject
from workflows.runtime.host import CaseHost
from workflows.runtime.kept import deliver_kept
from workflows.runtime.projection import project, refresh_deadlines
from workflows.runtime.rows import update_of, write_row
from workflows.transaction import require_transaction

__all__ = [
    "Act",
    "begin",
    "case_subject",
    "check_version",
    "close_case",
    "engine_program",
    "finish",
    "lock_case",
    "make_host",
]

_PROGRAMS: dict[tuple[str, str], Program] = {}
_MOST_PROGRAMS = 64


_MOVED_CASE = update_of(Case, "version", "engine_state")


def engine_program(policy: Policy, process_key: str) -> Program:
    """The engine's specification of a process, made once per release."""
    key = (policy.content_hash, process_key)
    program = _PROGRAMS.get(key)
    if program is None:
        if len(_PROGRAMS) >= _MOST_PROGRAMS:
            _PROGRAMS.clear()
        program = _PROGRAMS[key] = program_of(policy.diagrams, process_key)
    return program


def lock_case(session: Session, case_id: str, *, skip_locked: bool = False) -> Case:
    """The case with its engine state, locked until the transaction ends.

    Raises:
        NotFound: `case_not_found`; with `skip_locked` also when somebody else holds it.
    """
    require_transaction(session)
    case = session.scalar(
        select(Case)
        .where(Case.id == case_id)
        .options(undefer(Case.engine_state))
        .with_for_update(of=Case, skip_locked=skip_locked)
        .execution_options(populate_existing=True)
    )
    if case is None:
        raise NotFound("case_not_found", "找不到这个办件。", "There is no such case.")
    return case


def check_version(case: Case, shown: int | None) -> None:
    """Refuse an act whose screen showed an older version of the case.

    Raises:
        Conflict: `stale_screen`.
    """
    if shown is not None and shown != case.version:
        raise Conflict(
            "stale_screen",
            "您打开页面之后，这个办件已有新的变化，本次提交没有生效。请刷新页面后再办。",
            "The case has changed since you opened this page; nothing was done. Please refresh.",
            details={"shown": shown, "current": case.version},
        )


@dataclass(slots=True)
class Act:
    """An act under way: the locked case, its host and its engine run."""

    session: Session
    case: Case
    host: CaseHost
    run: EngineRun
    before: Mapping[str, Wait]

    def wait(self, wait_id: str, kind: WaitKind) -> Wait:
        """What the case waits for under this id.

        Raises:
            Conflict: `task_not_open` when it doesn't any more.
        """
        found = self.before.get(wait_id)
        if found is None or found.kind is not kind:
            raise Conflict(
                "task_not_open",
                "这一步已经办理完毕或已取消，请刷新页面。",
                "This step is no longer open; please refresh.",
            )
        return found

    def write(self, scope: str, values: Mapping[str, Any]) -> None:
        """Write answers to the variables that the process declares for them."""
        for name, value in values.items():
            self.run.scopes.write(scope, name, value)


def make_host(
    session: Session, case: Case, keys: KeyRing, *, actor: Actor, now: datetime
) -> CaseHost:
    """The host of one act."""
    pinned = policy_of(session, case.release_id)
    return CaseHost(
        session,
        case,
        pinned,
        lambda: current_policy(session, case.district_id),
        keys,
        actor=actor,
        now=now,
    )


def begin(
    session: Session,
    case: Case,
    keys: KeyRing,
    *,
    actor: Actor,
    now: datetime,
) -> Act:
    """Load a locked case into the engine.

    Raises:
        Conflict: `case_closed`.
    """
    if case.state is CaseState.CLOSED:
        raise Conflict("case_closed", "这个办件已经办结。", "This case is closed.")
    host = make_host(session, case, keys, actor=actor, now=now)
    program = engine_program(host.pinned, case.process_key)
    state = open_state(keys, case.id, case.version, case.engine_state)
    run = EngineRun.resume(program, host, state)
    return Act(session, case, host, run, run.waits())


def finish(
    act: Act,
    action: TrailAction,
    data: Mapping[str, Any],
    *,
    done: str | None = None,
) -> None:
    """Store what the act did: rows, state, version, trail. `done` names the wait it completed."""
    session, case, host, run = act.session, act.case, act.host, act.run
    delivered = deliver_kept(session, host, run, act.before) if case.version else []
    after = run.waits()
    for wait_id, wait in after.items():
        if wait_id not in act.before:
            host.awaits(run, wait)
    project(session, host, act.before, after, done=done)
    if host.clocks.moved:
        refresh_deadlines(session, host, sorted(host.clocks.moved))
    state = run.dump()
    closing = run.completed
    if closing:
        close_case(case, host.outcome or "completed", host.now)
        host.clocks.stop_all()
    version = case.version + 1
    sealed = seal_state(host.keys, case.id, version, state)
    write_row(session, _MOVED_CASE, case, {"version": version, "engine_state": sealed})
    append_entry(
        session,
        case_subject(case),
        action,
        actor=host.actor,
        now=host.now,
        data={
            **data,
            "release": host.pinned.content_hash,
            "case_version": case.version,
            **({"delivered": delivered} if delivered else {}),
            **host.evidence(),
        },
    )
    if closing:
        append_entry(
            session,
            case_subject(case),
            TrailAction.CASE_CLOSED,
            actor=host.actor,
            now=host.now,
            data={"outcome": case.outcome, "case_version": case.version},
        )
    session.flush()  # a constraint that fails must fail inside the act


def close_case(case: Case, outcome: str, now: datetime) -> None:
    """The process has ended."""
    case.state = CaseState.CLOSED
    case.status = outcome
    case.outcome = outcome
    case.closed_at = now

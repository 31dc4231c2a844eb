"""Everything that enters a case is in its trail: from the trail alone, the case runs again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models.assistance import Assessment, Grant, GrantState, Notice, Publicity
from models.cases import Case
from models.clocks import Clock
from models.trail import TrailEntry
from tests.bpmn.policy import read_yaml
from tests.runtime.district import policy_files
from workflows.audit import TrailAction
from workflows.errors import Actor
from workflows.feel import from_json
from workflows.runtime.acts import begin, case_subject, finish, lock_case
from workflows.runtime.engine import WaitKind
from workflows.runtime.evidence import head_key, open_answers
from workflows.runtime.starting import start_case
from workflows.scenarios.runner import Runner
from workflows.transaction import transaction

#: What enters a case; alarms and closing follow from it.
INPUTS = {
    TrailAction.CASE_STARTED,
    TrailAction.TASK_COMPLETED,
    TrailAction.TIMER_FIRED,
    TrailAction.MESSAGE_RECEIVED,
}


@dataclass(frozen=True)
class Entry:
    action: str
    actor: Actor
    at: datetime
    data: Mapping[str, Any]
    answers: Mapping[str, Any]


def trail_of(session: Session, runner: Runner) -> list[Entry]:
    with transaction(session):
        case = lock_case(session, runner.case_id)
        key = head_key(session, case, runner.keys)
        subject = case_subject(case)
        rows = session.scalars(
            select(TrailEntry).where(TrailEntry.subject_id == case.id).order_by(TrailEntry.sequence)
        ).all()
        entries = []
        for row in rows:
            record = orjson.loads(row.body)
            answers = open_answers(key, subject, record["data"].get("answers") or {})
            actor = Actor(row.actor_id, row.actor_role, record["actor"]["office"])
            entries.append(Entry(row.action, actor, row.at, record["data"], answers))
        return entries


def replay(session: Session, runner: Runner, entries: list[Entry]) -> str:
    """The same case again, driven by nothing but the entries; its id."""
    case_id = ""
    for entry in entries:
        with transaction(session):
            if entry.action == TrailAction.CASE_STARTED:
                old = session.get_one(Case, runner.case_id)
                # what the first run granted would stand in the way of the second
                session.execute(
                    update(Grant)
                    .where(Grant.case_id == old.id)
                    .values(state=GrantState.ENDED, ended_from=Grant.start_month)
                )
                case_id = start_case(
                    session, entry.data["process"], runner.keys,
                    township_id=old.township_id, village_id=old.village_id,
                    household_id=entry.data["household"], channel=entry.data["channel"],
                    variables={k: from_json(v) for k, v in entry.data["variables"].items()},
                    actor=entry.actor, now=entry.at,
                ).id  # fmt: skip
            elif entry.action in _KINDS:
                _again(session, runner, case_id, entry)
    return case_id


_KINDS = {
    TrailAction.TASK_COMPLETED: WaitKind.TASK,
    TrailAction.TIMER_FIRED: WaitKind.TIMER,
    TrailAction.MESSAGE_RECEIVED: WaitKind.MESSAGE,
}


def _again(session: Session, runner: Runner, case_id: str, entry: Entry) -> None:
    kind = _KINDS[TrailAction(entry.action)]
    case = lock_case(session, case_id)
    act = begin(session, case, runner.keys, actor=entry.actor, now=entry.at)
    wait = next(
        wait
        for wait in act.before.values()
        if wait.kind is kind and wait.element.id == entry.data["element"]
    )
    act.write(wait.scope, {k: from_json(v) for k, v in entry.answers.items()})
    if kind is WaitKind.TASK:
        act.run.complete(wait.id)
    else:
        act.run.fire(wait.id)
    finish(act, TrailAction(entry.action), {"element": wait.element.id}, done=wait.id)


def results(session: Session, case_id: str) -> dict[str, Any]:
    """What the case came to, without ids."""
    session.rollback()
    case = session.get_one(Case, case_id)
    clocks = session.scalars(select(Clock).where(Clock.case_id == case_id))
    publicity = session.scalars(select(Publicity).where(Publicity.case_id == case_id))
    assessments = session.scalars(select(Assessment).where(Assessment.case_id == case_id))
    notices = session.scalars(select(Notice.kind).where(Notice.case_id == case_id))
    return {
        "outcome": case.outcome,
        "monthly": case.monthly,
        "accepted_on": case.accepted_on,
        "clocks": sorted((c.key, c.started_on, c.due_on, c.stopped_at) for c in clocks),
        "publicity": sorted((p.kind, p.round, p.posted_on, p.last_on) for p in publicity
                            if p.last_on),
        "assessments": [a.result for a in assessments],
        "notices": sorted(notices),
    }  # fmt: skip


def steps(entries: list[Entry]) -> list[Any]:
    return [(e.action, e.at, e.data.get("steps")) for e in entries if e.action in INPUTS]


@pytest.mark.parametrize("scenario", ["c01-clean-path", "c09-objection", "withdrawn"])
def test_a_case_runs_again_from_its_trail(session: Session, scenario: str) -> None:
    # given
    runner = Runner(session, read_yaml(f"scenarios/{scenario}.yaml"), policy_files())
    runner.run()
    entries = trail_of(session, runner)
    # when
    again = replay(session, runner, entries)
    # then
    assert results(session, again) == results(session, runner.case_id)
    runner.case_id = again
    assert steps(trail_of(session, runner)) == steps(entries)

"""Compares what people were told with what the database holds."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.cases import Case, Task, TaskState
from models.trail import TrailEntry
from scripts.soak.acts import Act
from scripts.soak.invariants import Violation
from workflows.audit import TrailAction
from workflows.privacy import DataKey, KeyRing
from workflows.runtime.acts import case_subject
from workflows.runtime.evidence import head_key, open_answers


def check_acts(session: Session, keys: KeyRing, acts: Sequence[Act]) -> list[Violation]:
    """No acknowledged act is lost, none is doubled, none is denied although it was done."""
    done = _completions(session, keys)
    completed = set(session.scalars(select(Task.id).where(Task.state == TaskState.COMPLETED)))
    found: list[Violation] = []
    for act in acts:
        found += _check_twins(act)
        if act.task_id:
            found += _check_completion(act, done.get(_note(act), []), completed)
    found += _check_starts(session, [act for act in acts if not act.task_id])
    return found


def _completions(session: Session, keys: KeyRing) -> dict[str, list[str]]:
    """The tasks that the trail says were completed, by the note among their answers."""
    found: dict[str, list[str]] = defaultdict(list)
    heads: dict[str, DataKey | None] = {}
    cases = {case.id: case for case in session.scalars(select(Case))}
    for entry in session.execute(
        select(TrailEntry.subject_id, TrailEntry.body).where(
            TrailEntry.action == TrailAction.TASK_COMPLETED.value
        )
    ):
        case = cases[entry.subject_id]
        household = case.household_id or ""
        if household not in heads:
            heads[household] = head_key(session, case, keys)
        data = json.loads(entry.body)["data"]
        answers = open_answers(heads[household], case_subject(case), data["answers"])
        found[answers["note"]].append(data["task"])
    return found


def _note(act: Act) -> str:
    return str(act.content["answers"]["note"])


def _check_completion(act: Act, done: list[str], completed: set[str]) -> Iterator[Violation]:
    if len(done) > 1:
        yield Violation("no act is doubled", act.task_id, f"{len(done)} entries in the trail")
    if act.acknowledged and (act.task_id not in done or act.task_id not in completed):
        yield Violation("no acknowledged act is lost", act.task_id, _told(act))
    if done and act.answers and not act.acknowledged and not act.unknown:
        yield Violation("nobody is told no about what was done", act.task_id, _told(act))


def _check_twins(act: Act) -> Iterator[Violation]:
    told = {(answer.status, answer.body if answer.status < 400 else b"") for answer in act.answers}
    if len(told) > 1:
        yield Violation("one act has one answer", act.task_id or act.key, _told(act))


def _check_starts(session: Session, acts: Sequence[Act]) -> Iterator[Violation]:
    """Each acknowledged case is there; others only where an answer is unknown."""
    cases = set(session.scalars(select(Case.id)))
    known = {answer.json()["id"] for act in acts for answer in act.answers if answer.status < 400}
    for case_id in sorted(known - cases):
        yield Violation("no acknowledged act is lost", case_id, "the case is not there")
    unknown = sum(not act.acknowledged and act.unknown > 0 for act in acts)
    if acts and len(cases - known) > unknown:
        yield Violation(
            "no act is doubled", "cases", f"{len(cases - known)} cases that nobody was told of"
        )


def _told(act: Act) -> str:
    answers = ", ".join(f"{a.status} {a.body[:120]!r}" for a in act.answers)
    return f"told: {answers or 'nothing'}; connection lost {act.lost} times"

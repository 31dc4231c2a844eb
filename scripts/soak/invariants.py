"""What must hold in the database whenever everything stands still."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from models.cases import Case, CaseState, MessageSubscription, Task, TaskState, Timer
from models.trail import SubjectKind, TrailEntry
from workflows.audit import TrailAction
from workflows.errors import SYSTEM, DoudiError
from workflows.privacy import KeyRing
from workflows.runtime.acts import begin
from workflows.runtime.engine import WaitKind


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule that doesn't hold, where, and what was found."""

    rule: str
    place: str
    found: str

    def __str__(self) -> str:
        return f"{self.rule} at {self.place}: {self.found}"


def check_cases(session: Session, keys: KeyRing, *, now: datetime) -> list[Violation]:
    """Every case against its rows and its trail; reads only."""
    found: list[Violation] = []
    for case_id in session.scalars(select(Case.id).order_by(Case.id)).all():
        case = session.scalars(
            select(Case).where(Case.id == case_id).options(undefer(Case.engine_state))
        ).one()
        found += _check_waits(session, case, keys, now)
        found += _check_trail(session, case)
        session.expunge_all()
    return found


def _check_waits(session: Session, case: Case, keys: KeyRing, now: datetime) -> Iterator[Violation]:
    """What the engine waits for is what the rows say."""
    rows = Counter(_rows(session, case.id))
    waits: Counter[tuple[WaitKind, str]] = Counter()
    if case.state is CaseState.OPEN:
        try:
            before = begin(session, case, keys, actor=SYSTEM, now=now).before
        except DoudiError as error:
            yield Violation("the state of a case can be loaded", case.id, str(error))
            return
        waits = Counter((wait.kind, wait.id) for wait in before.values())
    if rows != waits:
        yield Violation(
            "the engine waits for what the rows say",
            case.id,
            f"rows without wait {_named(rows - waits)}, waits without row {_named(waits - rows)}",
        )


def _rows(session: Session, case_id: str) -> Iterator[tuple[WaitKind, str]]:
    tasks = select(Task.engine_task_id).where(Task.case_id == case_id, Task.state == TaskState.OPEN)
    yield from ((WaitKind.TASK, row) for row in session.scalars(tasks))
    for kind, table in ((WaitKind.TIMER, Timer), (WaitKind.MESSAGE, MessageSubscription)):
        rows = select(table.engine_task_id).where(table.case_id == case_id)
        yield from ((kind, row) for row in session.scalars(rows))


def _named(counted: Mapping[tuple[WaitKind, str], int]) -> list[str]:
    return sorted(f"{kind.value} {wait_id}" for kind, wait_id in counted)


def entries_of(session: Session, case_id: str) -> list[Mapping[str, Any]]:
    """The records of a case's chain, in order."""
    bodies = session.scalars(
        select(TrailEntry.body)
        .where(TrailEntry.subject_kind == SubjectKind.CASE, TrailEntry.subject_id == case_id)
        .order_by(TrailEntry.sequence)
    )
    return [json.loads(body) for body in bodies]


def _check_trail(session: Session, case: Case) -> Iterator[Violation]:
    """Every version of the case has its one entry, and every completed task too."""
    entries = entries_of(session, case.id)
    versions = [
        int(entry["data"]["case_version"])
        for entry in entries
        if "case_version" in entry["data"] and entry["action"] != TrailAction.CASE_CLOSED
    ]
    if versions != list(range(1, case.version + 1)):
        yield Violation(
            "every version of a case has its one entry in the trail",
            case.id,
            f"version {case.version}, in the trail {versions}",
        )
    noted = Counter(_data(entries, TrailAction.TASK_COMPLETED, "task"))
    done = Counter(
        session.scalars(
            select(Task.id).where(Task.case_id == case.id, Task.state == TaskState.COMPLETED)
        ).all()
    )
    if noted != done:
        yield Violation(
            "a task is completed once in its row and once in the trail",
            case.id,
            f"rows only {sorted(done - noted)}, trail only {sorted(noted - done)}",
        )


def check_timers(session: Session, once: Sequence[str], *, now: datetime) -> list[Violation]:
    """No timer is stuck, and the elements of `once`, which a case reaches once, fired at most once.

    `now` is a moment at which every due timer should have fired.
    """
    found = [
        Violation("no timer is stuck", timer.case_id, f"{timer.element_id} due {timer.due_at}")
        for timer in session.scalars(select(Timer).where(Timer.next_try_at <= now))
    ]
    found += [
        Violation("no timer fails", timer.case_id, timer.element_id)
        for timer in session.scalars(select(Timer).where(Timer.failed_at.is_not(None)))
    ]
    fired: Counter[tuple[str, str]] = Counter()
    entries = select(TrailEntry.subject_id, TrailEntry.body).where(
        TrailEntry.action == TrailAction.TIMER_FIRED.value
    )
    for row in session.execute(entries):
        fired[row.subject_id, json.loads(row.body)["data"]["element"]] += 1
    found += [
        Violation("a timer fires at most once", case_id, f"{element} fired {times} times")
        for (case_id, element), times in sorted(fired.items())
        if times > 1 and element in once
    ]
    return found


def _data(entries: Sequence[Mapping[str, Any]], action: TrailAction, field: str) -> Iterator[str]:
    return (entry["data"][field] for entry in entries if entry["action"] == action.value)

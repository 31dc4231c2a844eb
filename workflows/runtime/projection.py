"""What a case waits for, as rows that people and the worker find: tasks, timers, subscriptions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, bindparam, delete, insert, update
from sqlalchemy.orm import Session

from models.base import table_of
from models.cases import Case, MessageSubscription, Task, TaskState, Timer
from models.clocks import Clock
from models.offices import OfficeLevel
from models.types import new_id
from workflows.definitions.diagram import Assignment, Element
from workflows.errors import Fault
from workflows.runtime.engine import Wait, WaitKind
from workflows.runtime.host import CaseHost

#: The deadline of a task that no clock binds: it sorts last.
NO_DEADLINE = datetime(9999, 1, 1, tzinfo=UTC)

# Built once and on tables, not on mapped classes: an act writes rows that it doesn't read again.
_TABLES = {
    WaitKind.TASK: table_of(Task),
    WaitKind.TIMER: table_of(Timer),
    WaitKind.MESSAGE: table_of(MessageSubscription),
}
_INSERT = {kind: insert(table) for kind, table in _TABLES.items()}


def _these(table: Table) -> ColumnElement[bool]:
    return and_(
        table.c.case_id == bindparam("of_case"),
        table.c.engine_task_id.in_(bindparam("wait_ids", expanding=True)),
    )


_FORGET = {
    WaitKind.TASK: update(_TABLES[WaitKind.TASK])
    .where(_these(_TABLES[WaitKind.TASK]), _TABLES[WaitKind.TASK].c.state == TaskState.OPEN)
    .values(state=TaskState.CANCELLED),
    WaitKind.TIMER: delete(_TABLES[WaitKind.TIMER]).where(_these(_TABLES[WaitKind.TIMER])),
    WaitKind.MESSAGE: delete(_TABLES[WaitKind.MESSAGE]).where(_these(_TABLES[WaitKind.MESSAGE])),
}


def office_of(case: Case, assignment: Assignment, element: Element) -> str:
    """The office on the case's path that acts at the assignment's level.

    Raises:
        Fault: `no_office` when the case has no office at that level.
    """
    offices = {
        OfficeLevel.DISTRICT: case.district_id,
        OfficeLevel.TOWNSHIP: case.township_id,
        OfficeLevel.VILLAGE: case.village_id,
    }
    office_id = offices[OfficeLevel(assignment.level)]
    if office_id is None:
        raise Fault(
            "no_office",
            f"办件没有村(社区),“{element.name}”无人可办。",
            f"The case has no village, so nobody can do “{element.name}”.",
            details={"element": element.id},
        )
    return office_id


def project(
    session: Session,
    host: CaseHost,
    before: Mapping[str, Wait],
    after: Mapping[str, Wait],
    *,
    done: str | None,
) -> None:
    """Write the difference between two sets of waits; `done` was completed by somebody."""
    gone = [wait for wait_id, wait in before.items() if wait_id not in after and wait_id != done]
    fresh = [wait for wait_id, wait in after.items() if wait_id not in before]
    _forget(session, host.case.id, gone)
    tasks = [wait for wait in fresh if wait.kind is WaitKind.TASK]
    if tasks:
        session.execute(_INSERT[WaitKind.TASK], [_task_row(host, wait) for wait in tasks])
    timers = [wait for wait in fresh if wait.kind is WaitKind.TIMER]
    if timers:
        session.execute(_INSERT[WaitKind.TIMER], [_timer_row(host, wait) for wait in timers])
    messages = [wait for wait in fresh if wait.kind is WaitKind.MESSAGE]
    if messages:
        session.execute(
            _INSERT[WaitKind.MESSAGE], [_subscription_row(host, wait) for wait in messages]
        )


def _forget(session: Session, case_id: str, gone: Sequence[Wait]) -> None:
    for kind, statement in _FORGET.items():
        ids = [wait.id for wait in gone if wait.kind is kind]
        if ids:
            session.execute(statement, {"of_case": case_id, "wait_ids": ids})


def _common(host: CaseHost, wait: Wait) -> dict[str, Any]:
    return {
        "id": new_id(),
        "district_id": host.case.district_id,
        "case_id": host.case.id,
        "engine_task_id": wait.id,
        "process_key": wait.element.process_id,
        "element_id": wait.element.id,
    }


def _task_row(host: CaseHost, wait: Wait) -> dict[str, Any]:
    element = wait.element
    assignment = _assignment(element)
    running = host.clocks.running() if element.due_clocks else {}
    key = next((one for one in element.due_clocks if one in running), None)
    clock = None if key is None else running[key]
    return {
        **_common(host, wait),
        "name": element.name,
        "role": assignment.role,
        "office_id": office_of(host.case, assignment, element),
        "form_key": element.form,
        "state": TaskState.OPEN,
        "created_at": host.now,
        "due_at": NO_DEADLINE if clock is None else clock.due_at,
        "warn_at": NO_DEADLINE if clock is None else clock.warn_at,
        "clock_key": key or next(iter(element.due_clocks), None),
    }


def _timer_row(host: CaseHost, wait: Wait) -> dict[str, Any]:
    return {
        **_common(host, wait),
        "reached_at": host.now,
        "due_at": wait.due_at,
        "next_try_at": wait.due_at,
        "attempts": 0,
    }


def _subscription_row(host: CaseHost, wait: Wait) -> dict[str, Any]:
    element = wait.element
    assignment = _assignment(element)
    return {
        **_common(host, wait),
        "message": element.message,
        "name": element.name,
        "role": assignment.role,
        "office_id": office_of(host.case, assignment, element),
        "form_key": element.form,
    }


def _assignment(element: Element) -> Assignment:
    if element.assignment is None:
        raise Fault(
            "no_assignment",
            f"“{element.name}”没有指定由谁办理。",
            f"Nobody is assigned to “{element.name}”.",
            details={"element": element.id},
        )
    return element.assignment


def refresh_deadlines(session: Session, host: CaseHost, keys: Sequence[str]) -> None:
    """Give open tasks the new deadline of clocks that an act has lengthened."""
    for key in keys:
        clock = host.clocks.running().get(key)
        if clock is not None:
            refresh_deadline(session, clock)


def refresh_deadline(session: Session, clock: Clock) -> None:
    """Give the open tasks that a clock binds its deadline."""
    session.execute(
        update(Task)
        .where(
            Task.case_id == clock.case_id,
            Task.clock_key == clock.key,
            Task.state == TaskState.OPEN,
        )
        .values(due_at=clock.due_at, warn_at=clock.warn_at)
        .execution_options(synchronize_session=False)
    )

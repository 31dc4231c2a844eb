"""What a case waits for: people, moments and messages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.task import Task as EngineTask
from SpiffWorkflow.util.task import TaskState

from workflows.definitions.diagram import Element
from workflows.runtime.engine.specs import (
    CATCHING,
    DUE,
    HostEventGateway,
    HostMessage,
    HostTimer,
)

if TYPE_CHECKING:
    from workflows.runtime.engine.run import EngineRun


class WaitKind(StrEnum):
    """What a case waits for."""

    TASK = "task"
    TIMER = "timer"
    MESSAGE = "message"


@dataclass(frozen=True, slots=True)
class Wait:
    """One thing that a case waits for: a person, a moment or a message.

    `id` names the engine task (and, behind an event-based gateway, the element after a slash).
    """

    id: str
    kind: WaitKind
    element: Element
    scope: str
    due_at: datetime | None = None


def waits_at(run: EngineRun, task: EngineTask) -> Iterator[Wait]:
    """What the case waits for at one engine task: nothing, one thing, or a gateway's events."""
    spec = task.task_spec
    if task.state == TaskState.READY and spec.manual:
        yield Wait(str(task.id), WaitKind.TASK, run.element_of(task), run.scope_of(task))
    elif task.state == TaskState.WAITING:
        if isinstance(spec, HostEventGateway):
            yield from _behind_gateway(run, task)
        elif isinstance(spec, CATCHING):
            yield from _at_event(run, task, spec.event_definition)


def _at_event(run: EngineRun, task: EngineTask, event: Any) -> Iterator[Wait]:
    element, scope = run.element_of(task), run.scope_of(task)
    if isinstance(event, HostTimer):
        due_at = datetime.fromisoformat(task.internal_data[DUE])
        yield Wait(str(task.id), WaitKind.TIMER, element, scope, due_at)
    elif isinstance(event, HostMessage):
        yield Wait(str(task.id), WaitKind.MESSAGE, element, scope)


def _behind_gateway(run: EngineRun, task: EngineTask) -> Iterator[Wait]:
    model, scope = run.model_of(task), run.scope_of(task)
    for element_id, event in task.task_spec.events.items():
        wait_id, element = f"{task.id}/{element_id}", model.elements[element_id]
        if isinstance(event, HostTimer):
            due_at = datetime.fromisoformat(task.internal_data[DUE][element_id])
            yield Wait(wait_id, WaitKind.TIMER, element, scope, due_at)
        else:
            yield Wait(wait_id, WaitKind.MESSAGE, element, scope)

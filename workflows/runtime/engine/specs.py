"""SpiffWorkflow's task specifications as the host needs them: the host decides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from SpiffWorkflow.bpmn.specs.defaults import (
    BoundaryEvent,
    CallActivity,
    EndEvent,
    EventBasedGateway,
    ExclusiveGateway,
    IntermediateCatchEvent,
    ParallelGateway,
    ReceiveTask,
    SubWorkflowTask,
)
from SpiffWorkflow.bpmn.specs.event_definitions import MultipleEventDefinition, NoneEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.base import EventDefinition
from SpiffWorkflow.bpmn.specs.mixins import BpmnSpecMixin
from SpiffWorkflow.task import Task as EngineTask
from SpiffWorkflow.util.task import TaskState

if TYPE_CHECKING:
    from workflows.runtime.engine.run import EngineRun

FIRED = "fired"
DUE = "due"
CHOSEN = "chosen"


def run_of(task: EngineTask) -> EngineRun:
    """The run that drives this task's workflow."""
    return cast("EngineRun", task.workflow.top_workflow.run)


class HostEvent(EventDefinition):
    """A timer or message: it has fired when the host says so, never by a clock of the engine."""

    def __init__(self, name: str) -> None:
        super().__init__(name)

    def has_fired(self, task: EngineTask) -> bool:
        return bool(task.internal_data.get(FIRED))

    def catches(self, task: EngineTask, event: Any) -> bool:
        """Nothing inside the engine reaches it."""
        return False

    def reset(self, task: EngineTask) -> None:
        task.internal_data.pop(FIRED, None)

    def __eq__(self, other: object) -> bool:
        return self is other

    __hash__ = EventDefinition.__hash__ or object.__hash__


class HostTimer(HostEvent):
    """A timer whose due moment is computed once, when the token arrives."""

    def update_task(self, task: EngineTask) -> None:
        if DUE not in task.internal_data and task.state == TaskState.WAITING:
            task.internal_data[DUE] = run_of(task).due_text(task, task.task_spec.name)


class HostMessage(HostEvent):
    """A message that the host delivers to exactly one engine task."""


class HostError(HostEvent):
    """An error: thrown by an end event, caught by a boundary event that the host looks for."""

    def throw(self, task: EngineTask) -> None:
        run_of(task).error_thrown(task)


class AutomaticTask(BpmnSpecMixin):
    """A service, business rule or script task: the host performs it just before it completes."""


class HostExclusiveGateway(ExclusiveGateway):
    """An exclusive gateway whose flow the host chooses from the diagram's conditions."""

    def _run_hook(self, task: EngineTask) -> bool:
        target = run_of(task).choose(task)
        specs = task.workflow.spec.task_specs
        follow(task, specs.get(f"{target}.BoundaryEventSplit") or specs[target])
        return True


def follow(task: EngineTask, spec: Any) -> None:
    """Let the token of `task` go on to `spec` only."""
    task._sync_children([spec], TaskState.FUTURE)
    for child in task.children:
        child.task_spec._predict(child, mask=TaskState.FUTURE | TaskState.PREDICTED_MASK)


class HostEventGateway(EventBasedGateway):
    """An event-based gateway: the first of its events decides, the others are forgotten."""

    def __init__(self, wf_spec: Any, bpmn_id: str, **kwargs: Any) -> None:
        super().__init__(
            wf_spec, bpmn_id, MultipleEventDefinition([], description="gateway"), **kwargs
        )
        #: the events by the id of the element that follows
        self.events: dict[str, HostEvent] = {}

    def connect(self, child: Any) -> None:
        self.events[child.name] = child.event_definition
        super().connect(child)

    def _update_hook(self, task: EngineTask) -> bool | None:
        task._inherit_data()
        if task.internal_data.get(CHOSEN):
            return True
        if task.state != TaskState.WAITING:
            task._set_state(TaskState.WAITING)
        run = run_of(task)
        due = task.internal_data.setdefault(DUE, {})
        for element_id, event in self.events.items():
            if isinstance(event, HostTimer) and element_id not in due:
                due[element_id] = run.due_text(task, element_id)
        return None

    def _run_hook(self, task: EngineTask) -> bool:
        chosen = task.internal_data.get(CHOSEN)
        follow(task, task.workflow.spec.task_specs[chosen])
        return True


def completed_inside(task: EngineTask) -> None:
    """The process inside an activity has ended: the activity can be completed, unless interrupted.

    SpiffWorkflow would also wake up an activity whose inside was cancelled together with it.
    """
    if not task.has_state(TaskState.FINISHED_MASK):
        task._set_state(TaskState.READY)


class HostCallActivity(CallActivity):
    """A call: the callee's scope opens with its inputs, and closes after its outputs are copied."""

    def start_workflow(self, task: EngineTask) -> None:
        run_of(task).call_opened(task)
        super().start_workflow(task)

    def _on_subworkflow_completed(self, subworkflow: Any, task: EngineTask) -> None:
        completed_inside(task)

    def copy_data(self, task: EngineTask, subworkflow: Any) -> None:
        """Variables live in scopes, not in tokens."""

    def update_data(self, task: EngineTask, subworkflow: Any) -> None:
        """Variables live in scopes, not in tokens."""

    def _on_cancel(self, task: EngineTask) -> None:
        super()._on_cancel(task)
        run_of(task).call_cancelled(task)


class HostSubProcess(SubWorkflowTask):
    """An embedded subprocess; it shares the scope of its process."""

    def start_workflow(self, task: EngineTask) -> None:
        run_of(task).entered(task)
        super().start_workflow(task)

    def _on_subworkflow_completed(self, subworkflow: Any, task: EngineTask) -> None:
        completed_inside(task)

    def copy_data(self, task: EngineTask, subworkflow: Any) -> None:
        """Variables live in scopes, not in tokens."""

    def update_data(self, task: EngineTask, subworkflow: Any) -> None:
        """Variables live in scopes, not in tokens."""


CATCHING = (IntermediateCatchEvent, BoundaryEvent, ReceiveTask)

__all__ = [
    "CATCHING",
    "CHOSEN",
    "DUE",
    "FIRED",
    "AutomaticTask",
    "BoundaryEvent",
    "EndEvent",
    "HostCallActivity",
    "HostError",
    "HostEvent",
    "HostEventGateway",
    "HostExclusiveGateway",
    "HostMessage",
    "HostSubProcess",
    "HostTimer",
    "IntermediateCatchEvent",
    "NoneEventDefinition",
    "ParallelGateway",
    "ReceiveTask",
    "run_of",
]

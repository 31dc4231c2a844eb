"""Engine state as one compact JSON document without the specification, and its pruning."""

from __future__ import annotations

from typing import Any

import orjson
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.specs.control import BoundaryEventJoin, BoundaryEventSplit
from SpiffWorkflow.bpmn.specs.mixins.events.event_types import CatchingEvent
from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.task import Task as EngineTask
from SpiffWorkflow.util.task import TaskState

from workflows.runtime.engine.program import Program
from workflows.runtime.engine.scopes import Scopes
from workflows.runtime.engine.specs import BoundaryEvent, ParallelGateway

FORMAT = 1


def dump(workflow: BpmnWorkflow, scopes: Scopes) -> bytes:
    """The state of a pruned workflow, as JSON (UTF-8)."""
    return orjson.dumps(
        {
            "v": FORMAT,
            "scopes": scopes.dump(),
            "top": _dump_workflow(workflow),
            "subs": [
                [str(sub.parent_task_id), sub.depth, _dump_workflow(sub)]
                for sub in workflow.subprocesses.values()
            ],
        }
    )


def _dump_workflow(workflow: Any) -> list[Any]:
    return [
        str(workflow.task_tree.id),
        workflow.completed,
        workflow.success,
        [
            [
                str(task.id),
                None if task._parent is None else str(task._parent),
                [str(child) for child in task._children],
                task._state,
                task.task_spec.name,
                task.triggered,
                task.internal_data or None,
            ]
            for task in workflow.tasks.values()
        ],
    ]


def load(program: Program, state: bytes) -> tuple[BpmnWorkflow, Scopes]:
    """The workflow and the scopes that `dump` wrote.

    Raises:
        ValueError: for a format this version doesn't know.
    """
    document = orjson.loads(state)
    if document["v"] != FORMAT:
        raise ValueError(f"engine state of format {document['v']!r}")
    top = BpmnWorkflow(program.spec, dict(program.subprocess_specs), deserializing=True)
    _load_workflow(top, document["top"])
    for parent_id, _depth, content in sorted(document["subs"], key=lambda entry: entry[1]):
        parent = top.get_task_from_id(parent_id)
        spec = top.subprocess_specs[parent.task_spec.spec]
        sub = BpmnSubWorkflow(spec, parent.id, top, deserializing=True)
        _load_workflow(sub, content)
        top.subprocesses[parent.id] = sub
        sub.completed_event.connect(parent.task_spec._on_subworkflow_completed, parent)
    return top, Scopes.load(document["scopes"])


def _load_workflow(workflow: Any, content: list[Any]) -> None:
    root_id, workflow.completed, workflow.success, rows = content
    specs = workflow.spec.task_specs
    events = workflow.top_workflow.event_manager
    for task_id, parent_id, children, state, spec_name, triggered, internal_data in rows:
        task = EngineTask(workflow, specs[spec_name], state=state, id=task_id)
        task._parent = parent_id
        task._children = children
        task.triggered = triggered
        task.internal_data = internal_data or {}
        if state == TaskState.WAITING and isinstance(task.task_spec, CatchingEvent):
            events.add_task(task)
    workflow.task_tree = workflow.tasks[root_id]


def prune(workflow: BpmnWorkflow) -> None:
    """Forget finished tasks that nothing unfinished depends on; the trail has them.

    What stays of a (sub)workflow: its root, every unfinished task with its parent, tasks that a
    parallel join still counts with their parents, and the splits that boundary joins look for.
    Steps then cost the same however long a case has gone on.
    """
    for parent_id, sub in list(workflow.subprocesses.items()):
        parent = _find(workflow, parent_id)
        if parent is None or sub.completed or parent.has_state(TaskState.FINISHED_MASK):
            del workflow.subprocesses[parent_id]
    for current in [workflow, *workflow.subprocesses.values()]:
        if not current.completed:
            _prune_one(current)


def _find(workflow: BpmnWorkflow, task_id: Any) -> EngineTask | None:
    for current in [workflow, *workflow.subprocesses.values()]:
        if task_id in current.tasks:
            return current.tasks[task_id]
    return None


def drop_idle_joins(workflow: Any) -> None:
    """Remove what would fire a second time once the activity's own join has."""
    for task in [task for task in workflow.tasks.values() if _waits_for_nothing(task)]:
        workflow._remove_task(task.id)


def _prune_one(workflow: Any) -> None:
    drop_idle_joins(workflow)
    tasks = workflow.tasks
    root = workflow.task_tree
    kept = {root.id}
    for task in tasks.values():
        if not task.has_state(TaskState.FINISHED_MASK):
            kept.add(task.id)
            if task._parent is not None:
                kept.add(task._parent)
            if isinstance(task.task_spec, BoundaryEventJoin):
                split = _nearest_split(task)
                if split is not None:
                    kept.add(split.id)
        elif _is_counted_by_join(task):
            kept.update((task.id, task._parent))
    if len(kept) == len(tasks):
        return
    order: list[tuple[Any, Any]] = []
    keepers: dict[Any, Any] = {}
    stack: list[tuple[Any, Any]] = [(root.id, None)]
    while stack:
        task_id, keeper = stack.pop()
        if task_id in kept:
            order.append((task_id, keeper))
            keepers[task_id] = keeper
            keeper = task_id
        elif isinstance(tasks[keeper].task_spec, BoundaryEventSplit):
            # a split takes whatever isn't a boundary event among its children for its activity
            keeper = keepers[keeper]
        stack.extend((child, keeper) for child in reversed(tasks[task_id]._children))
    workflow.tasks = {task_id: tasks[task_id] for task_id, _ in order}
    for task_id, _ in order:
        tasks[task_id]._children = []
    for task_id, keeper in order:
        tasks[task_id]._parent = keeper
        if keeper is not None:
            tasks[keeper]._children.append(task_id)


def _waits_for_nothing(task: EngineTask) -> bool:
    """The join below a non-interrupting event that has happened: the activity's own join counts."""
    parent = task.parent
    return (
        isinstance(task.task_spec, BoundaryEventJoin)
        and task.state == TaskState.WAITING
        and isinstance(parent.task_spec, BoundaryEvent)
        and not parent.task_spec.cancel_activity
        and parent.has_state(TaskState.COMPLETED)
    )


def _nearest_split(task: EngineTask) -> EngineTask | None:
    current = task.parent
    while current is not None:
        if (
            isinstance(current.task_spec, BoundaryEventSplit)
            and current.task_spec.name == task.task_spec.split_task
        ):
            return current
        current = current.parent
    return None


def _is_counted_by_join(task: EngineTask) -> bool:
    """An earlier arrival at a parallel join: cancelled, but its parent has completed."""
    return (
        task.state == TaskState.CANCELLED
        and isinstance(task.task_spec, ParallelGateway)
        and task.parent is not None
        and task.parent.has_state(TaskState.COMPLETED)
    )


def forget_arrivals(task: EngineTask) -> None:
    """After a parallel join has fired, its earlier arrivals must not count for the next round."""
    workflow = task.workflow
    stale = [
        other
        for other in workflow.tasks.values()
        if other.task_spec is task.task_spec
        and other is not task
        and other.state == TaskState.CANCELLED
    ]
    for other in stale:
        workflow._remove_task(other.id)

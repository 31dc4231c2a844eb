"""One call of the engine for one case: load, move tokens to the next waits, dump."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.task import Task as EngineTask
from SpiffWorkflow.util.task import TaskState

from workflows.definitions.diagram import Element, ElementKind, ProcessModel, Variable
from workflows.errors import Conflict, Fault
from workflows.runtime.engine import state as engine_state
from workflows.runtime.engine.budget import (
    DEFAULT_BUDGET,
    Budget,
    cpu_limit,
    spent,
    uncounted,
)
from workflows.runtime.engine.program import Program
from workflows.runtime.engine.scopes import ROOT, Scopes
from workflows.runtime.engine.specs import (
    CATCHING,
    CHOSEN,
    DUE,
    FIRED,
    HostCallActivity,
    HostEventGateway,
    HostMessage,
    HostTimer,
    ParallelGateway,
)


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


class EngineHost(Protocol):
    """What the engine asks of the host."""

    def evaluate(self, expression: str, names: Mapping[str, Any], element: Element | None) -> Any:
        """The value of a FEEL expression."""

    def moment(self, element: Element, names: Mapping[str, Any]) -> datetime:
        """When the timer of `element`, reached now, is due."""

    def perform(self, run: EngineRun, element: Element, scope: str) -> None:
        """Do the work of a service, business rule or script task."""

    def entered(self, run: EngineRun, element: Element, scope: str) -> None:
        """A token arrived at `element`."""

    def left(self, run: EngineRun, element: Element, scope: str) -> None:
        """A token is about to leave `element`."""


_AUTOMATIC = {
    ElementKind.SERVICE_TASK,
    ElementKind.BUSINESS_RULE_TASK,
    ElementKind.SCRIPT_TASK,
}
_PASSED = {
    ElementKind.START_EVENT,
    ElementKind.END_EVENT,
    ElementKind.THROW_EVENT,
    ElementKind.EXCLUSIVE_GATEWAY,
    ElementKind.PARALLEL_GATEWAY,
    ElementKind.EVENT_GATEWAY,
}


class EngineRun:
    """A case inside the engine, between loading and dumping its state."""

    def __init__(
        self,
        program: Program,
        host: EngineHost,
        workflow: BpmnWorkflow,
        scopes: Scopes,
        budget: Budget = DEFAULT_BUDGET,
    ) -> None:
        self.program = program
        self.host = host
        self.workflow = workflow
        self.scopes = scopes
        self.budget = budget
        self.steps = 0
        workflow.run = self

    @classmethod
    def start(cls, program: Program, host: EngineHost, variables: Mapping[str, Any]) -> EngineRun:
        """A new case: its root scope holds the process's variables; tokens not moved yet.

        Raises:
            Fault: `unknown_variable` when a given variable is not declared.
        """
        workflow = BpmnWorkflow(program.spec, dict(program.subprocess_specs))
        run = cls(program, host, workflow, Scopes.empty())
        model = program.processes[program.process_id]
        run._open_scope(model, ROOT, None, variables)
        return run

    @classmethod
    def resume(cls, program: Program, host: EngineHost, state: bytes) -> EngineRun:
        """The case as `dump` left it."""
        workflow, scopes = engine_state.load(program, state)
        return cls(program, host, workflow, scopes)

    def dump(self) -> bytes:
        """The pruned state, to be stored and resumed."""
        engine_state.prune(self.workflow)
        return engine_state.dump(self.workflow, self.scopes)

    @property
    def completed(self) -> bool:
        """Whether no token is left."""
        return bool(self.workflow.is_completed())

    # -- moving tokens

    def advance(self) -> None:
        """Move every token as far as it gets by itself.

        Raises:
            Fault: `engine_budget` when a bound is passed, or what a condition or operation says.
        """
        with cpu_limit(self.budget.cpu_seconds):
            self.workflow.do_engine_steps(
                will_complete_task=self._before, did_complete_task=self._after
            )

    def complete(self, wait_id: str) -> None:
        """Complete a person's task and move on.

        Raises:
            Conflict: `task_not_open` when the engine doesn't wait for it.
        """
        task = self._task(wait_id)
        if task.state != TaskState.READY or not task.task_spec.manual:
            raise _gone()
        self.host.left(self, self.element_of(task), self.scope_of(task))
        task.run()
        self.advance()

    def fire(self, wait_id: str) -> None:
        """Let a timer or message event happen, and move on.

        Raises:
            Conflict: `task_not_open` when the engine doesn't wait for it.
        """
        task_id, _, chosen = wait_id.partition("/")
        task = self._task(task_id)
        if task.state != TaskState.WAITING:
            raise _gone()
        task.internal_data[CHOSEN if chosen else FIRED] = chosen or True
        task.task_spec._update(task)
        self.advance()

    def move(self, wait_id: str, target_id: str) -> None:
        """Take the token of a person's task and place a fresh one on another element of its scope.

        Raises:
            Conflict: `task_not_open` when the engine doesn't wait for it.
            Fault: `no_such_target` when the element isn't in the same (sub)process.
        """
        task = self._task(wait_id)
        if task.state != TaskState.READY:
            raise _gone()
        specs = task.workflow.spec.task_specs
        target = specs.get(f"{target_id}.BoundaryEventSplit") or specs.get(target_id)
        if target is None:
            raise Fault(
                "no_such_target",
                f"不能退回到“{target_id}”。",
                f"There is no way back to “{target_id}”.",
            )
        holder = self._outermost(task)
        fresh = holder.parent._add_child(target, TaskState.FUTURE)
        fresh.triggered = True
        target._predict(fresh, mask=TaskState.FUTURE | TaskState.PREDICTED_MASK)
        for child in [holder] if holder is task else list(holder.children):
            child.cancel()
        target._update(fresh)
        self.advance()

    def _outermost(self, task: EngineTask) -> EngineTask:
        """The task itself, or the split that its boundary events hang on."""
        parent = task.parent
        if (
            parent is not None
            and parent.task_spec.name == f"{task.task_spec.name}.BoundaryEventSplit"
        ):
            return parent
        return task

    def _task(self, task_id: str) -> EngineTask:
        for current in self._workflows():
            if task_id in current.tasks:
                return current.tasks[task_id]
        raise _gone()

    def _before(self, task: EngineTask) -> None:
        self.steps += 1
        if self.steps > self.budget.steps:
            raise spent("步骤", self.budget.steps)
        if len(self.workflow.subprocesses) > self.budget.subprocesses:
            raise spent("子流程", self.budget.subprocesses)
        if sum(len(current.tasks) for current in self._workflows()) > self.budget.tasks:
            raise spent("节点", self.budget.tasks)
        element = self._element(task)
        if element is None:
            return
        scope = self.scope_of(task)
        if element.kind in _AUTOMATIC:
            self.host.entered(self, element, scope)
            with uncounted():
                self.host.perform(self, element, scope)
        elif element.kind in _PASSED:
            self.host.entered(self, element, scope)
        elif isinstance(task.task_spec, HostCallActivity):
            self._close_call(task, element, scope)
        elif element.kind is ElementKind.BOUNDARY_EVENT and element.message is not None:
            self._listen_again(task, element)
        self.host.left(self, element, scope)

    def _listen_again(self, task: EngineTask, element: Element) -> None:
        """A non-interrupting message may come any number of times (BPMN 2.0.2, 13.5.3)."""
        if element.interrupting:
            return
        fresh = task.parent._add_child(task.task_spec, TaskState.MAYBE)
        task.task_spec._predict(fresh)
        fresh._set_state(TaskState.WAITING)
        task.task_spec._update(fresh)

    def _after(self, task: EngineTask) -> None:
        if isinstance(task.task_spec, ParallelGateway) and len(task.task_spec.inputs) > 1:
            engine_state.forget_arrivals(task)

    # -- what the specifications ask for

    def choose(self, task: EngineTask) -> str:
        """The element that an exclusive gateway's token goes to.

        Conditions are looked at in the order of the file; each must yield true or false.
        """
        element = self.element_of(task)
        model = self.program.processes[element.process_id]
        if len(element.outgoing) == 1:
            return model.flows[element.outgoing[0]].target
        names = self.scopes.view(self.scope_of(task))
        for flow_id in element.outgoing:
            flow = model.flows[flow_id]
            if flow_id == element.default_flow or flow.condition is None:
                continue
            answer = self.host.evaluate(flow.condition, names, element)
            if answer is True:
                return flow.target
            if answer is not False:
                raise Fault(
                    "condition_not_boolean",
                    f"“{element.name}”的条件“{flow.condition}”没有得出“是”或“否”,流程已停下,请核对数据。",
                    f"The condition “{flow.condition}” at “{element.name}” is neither true nor"
                    " false; check the data.",
                    details={"element": element.id, "flow": flow_id},
                )
        if element.default_flow is None:
            raise Fault(
                "no_way_out",
                f"“{element.name}”没有一个条件成立。",
                f"No condition holds at “{element.name}”.",
                details={"element": element.id},
            )
        return model.flows[element.default_flow].target

    def due_text(self, task: EngineTask, element_id: str) -> str:
        """When a timer reached now is due, as ISO 8601 text with its offset."""
        element = self._model(task).elements[element_id]
        names = self.scopes.view(self.scope_of(task))
        return self.host.moment(element, names).isoformat()

    def call_opened(self, task: EngineTask) -> None:
        """Open the scope of a called process with its inputs."""
        element = self.element_of(task)
        outer = self.scope_of(task)
        names = self.scopes.view(outer)
        given = {
            mapping.name: self.host.evaluate(mapping.value or "null", names, element)
            for mapping in element.call_inputs
        }
        model = self.program.processes[task.task_spec.spec]
        self._open_scope(model, str(task.id), outer, given)
        self.host.entered(self, element, outer)

    def call_cancelled(self, task: EngineTask) -> None:
        """Forget the scope of a called process that was interrupted."""
        self.scopes.close(str(task.id))

    def entered(self, task: EngineTask) -> None:
        """A token arrived at an embedded subprocess."""
        self.host.entered(self, self.element_of(task), self.scope_of(task))

    def _close_call(self, task: EngineTask, element: Element, scope: str) -> None:
        inner = str(task.id)
        results = self.scopes.view(inner)
        self.scopes.close(inner)
        for mapping in element.call_outputs:
            if mapping.variable is not None:
                value = results.get(mapping.name)
                if mapping.value is not None:
                    value = self.host.evaluate(mapping.value, results, element)
                self.scopes.write(scope, mapping.variable, value)

    def _open_scope(
        self, model: ProcessModel, scope: str, parent: str | None, given: Mapping[str, Any]
    ) -> None:
        local = {name: v for name, v in model.variables.items() if not v.inherited}
        for name in given:
            if name not in local:
                raise Fault(
                    "unknown_variable",
                    f"流程“{model.name}”没有声明变量“{name}”。",
                    f"The process “{model.name}” declares no variable “{name}”.",
                )
        self.scopes.open(scope, parent, {name: given.get(name) for name in local})
        for name, variable in local.items():
            if name not in given and variable.default is not None:
                self._set_default(scope, name, variable)

    def _set_default(self, scope: str, name: str, variable: Variable) -> None:
        value = self.host.evaluate(variable.default or "null", self.scopes.view(scope), None)
        self.scopes.write(scope, name, value)

    # -- looking

    def waits(self) -> dict[str, Wait]:
        """Everything that the case waits for now, by id."""
        return {wait.id: wait for wait in self._each_wait()}

    def _each_wait(self) -> Iterator[Wait]:
        for current in self._workflows():
            if current.completed:
                continue
            for task in current.tasks.values():
                spec = task.task_spec
                if task.state == TaskState.READY and spec.manual:
                    yield Wait(
                        str(task.id), WaitKind.TASK, self.element_of(task), self.scope_of(task)
                    )
                elif task.state == TaskState.WAITING:
                    if isinstance(spec, HostEventGateway):
                        yield from self._gateway_waits(task)
                    elif isinstance(spec, CATCHING):
                        yield from self._event_wait(task, spec.event_definition)

    def _event_wait(self, task: EngineTask, event: Any) -> Iterator[Wait]:
        element, scope = self.element_of(task), self.scope_of(task)
        if isinstance(event, HostTimer):
            due_at = datetime.fromisoformat(task.internal_data[DUE])
            yield Wait(str(task.id), WaitKind.TIMER, element, scope, due_at)
        elif isinstance(event, HostMessage):
            yield Wait(str(task.id), WaitKind.MESSAGE, element, scope)

    def _gateway_waits(self, task: EngineTask) -> Iterator[Wait]:
        model, scope = self._model(task), self.scope_of(task)
        for element_id, event in task.task_spec.events.items():
            wait_id, element = f"{task.id}/{element_id}", model.elements[element_id]
            if isinstance(event, HostTimer):
                due_at = datetime.fromisoformat(task.internal_data[DUE][element_id])
                yield Wait(wait_id, WaitKind.TIMER, element, scope, due_at)
            else:
                yield Wait(wait_id, WaitKind.MESSAGE, element, scope)

    def _workflows(self) -> list[Any]:
        return [self.workflow, *self.workflow.subprocesses.values()]

    def _model(self, task: EngineTask) -> ProcessModel:
        return self.program.model(task.workflow.spec.name)

    def _element(self, task: EngineTask) -> Element | None:
        return self._model(task).elements.get(task.task_spec.name)

    def element_of(self, task: EngineTask) -> Element:
        """The diagram's element that an engine task stands for."""
        return self._model(task).elements[task.task_spec.name]

    def scope_of(self, task: EngineTask) -> str:
        """The scope of the process instance that an engine task belongs to."""
        workflow = task.workflow
        while workflow.parent_task_id is not None:
            parent = self._task(workflow.parent_task_id)
            if isinstance(parent.task_spec, HostCallActivity):
                return str(parent.id)
            workflow = parent.workflow
        return ROOT


def _gone() -> Conflict:
    return Conflict(
        "task_not_open",
        "这一步已经办理完毕或已取消,请刷新页面。",
        "This step is no longer open; please refresh.",
    )

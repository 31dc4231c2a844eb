"""One call of the engine for one case: load, move tokens to the next waits, dump."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.task import Task as EngineTask
from SpiffWorkflow.util.task import TaskState

from workflows.definitions.diagram import Element, ElementKind, ProcessModel
from workflows.errors import Conflict, Fault
from workflows.runtime.engine import state as engine_state
from workflows.runtime.engine.budget import DEFAULT_BUDGET, Budget, cpu_limit, spent, uncounted
from workflows.runtime.engine.calls import close_call, open_scope
from workflows.runtime.engine.hosting import EngineHost
from workflows.runtime.engine.program import Program
from workflows.runtime.engine.scopes import ROOT, Scopes
from workflows.runtime.engine.specs import (
    CHOSEN,
    DUE,
    FIRED,
    BoundaryEvent,
    HostCallActivity,
    HostError,
    ParallelGateway,
)
from workflows.runtime.engine.waits import Wait, waits_at

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
        open_scope(run, model, ROOT, None, variables)
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
            while self._round():
                pass

    def _round(self) -> bool:
        """Run what is ready and needs nobody; whether anything did.

        A task that an earlier one of the round has cancelled (a terminate or error end event) must
        not run any more, so each is looked at again when its turn comes.
        """
        moved = False
        for task in self.workflow.get_tasks(state=TaskState.READY):
            if task.task_spec.manual or task.state != TaskState.READY:
                continue
            if task.id in task.workflow.tasks:
                self._before(task)
                task.run()
                self._after(task)
                moved = True
        return moved

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
        if task.state != TaskState.WAITING or chosen not in getattr(task.task_spec, "events", {""}):
            raise _gone()
        task.internal_data[CHOSEN if chosen else FIRED] = chosen or True
        task.task_spec._update(task)
        self.advance()

    def reschedule(self, wait_id: str, due_at: datetime) -> None:
        """Let a timer that the engine waits for happen at another moment.

        Raises:
            Conflict: `task_not_open` when the engine doesn't wait for it.
        """
        task_id, _, chosen = wait_id.partition("/")
        task = self._task(task_id)
        if task.state != TaskState.WAITING or DUE not in task.internal_data:
            raise _gone()
        if chosen:
            task.internal_data[DUE][chosen] = due_at.isoformat()
        else:
            task.internal_data[DUE] = due_at.isoformat()

    def move(self, wait_id: str, target_id: str) -> None:
        """Take the token of a person's task and place a fresh one on another element of its scope.

        What a non-interrupting event of the task has begun goes on.

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
        engine_state.drop_idle_joins(task.workflow)
        for child in [holder] if holder is task else holder.children:
            if not child.has_state(TaskState.FINISHED_MASK):
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

    def _task(self, task_id: str | UUID) -> EngineTask:
        # the engine names tasks of this run by UUID; those of an earlier one come back as text
        for key in (task_id, UUID(str(task_id))):
            for current in self._workflows():
                if key in current.tasks:
                    return current.tasks[key]
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
            close_call(self, element, str(task.id), scope)
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
                    f"“{element.name}”的条件“{flow.condition}”没有得出“是”或“否”，流程已停下，请核对数据。",
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
        element = self.model_of(task).elements[element_id]
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
        open_scope(self, model, str(task.id), outer, given)
        self.host.entered(self, element, outer)

    def error_thrown(self, task: EngineTask) -> None:
        """Interrupt the innermost activity around an error end event that catches its error.

        Raises:
            Fault: `error_uncaught` when none does.
        """
        code = self.element_of(task).error_code
        workflow = task.workflow
        while workflow.parent_task_id is not None:
            holder = self._task(workflow.parent_task_id)
            for event in self._outermost(holder).children:
                if (
                    event.state == TaskState.WAITING
                    and isinstance(event.task_spec, BoundaryEvent)
                    and isinstance(event.task_spec.event_definition, HostError)
                    and self.element_of(event).error_code in (None, code)
                ):
                    holder.cancel()
                    event.internal_data[FIRED] = True
                    event.task_spec._update(event)
                    return
            workflow = holder.workflow
        element = self.element_of(task)
        raise Fault(
            "error_uncaught",
            f"“{element.name}”抛出的错误没有任何步骤处理，流程已停下。",
            f"Nothing catches the error that “{element.name}” throws; the process has stopped.",
            details={"element": element.id, "error": code},
        )

    def call_cancelled(self, task: EngineTask) -> None:
        """Forget the scope of a called process that was interrupted."""
        self.scopes.close(str(task.id))

    def entered(self, task: EngineTask) -> None:
        """A token arrived at an embedded subprocess."""
        self.host.entered(self, self.element_of(task), self.scope_of(task))

    # -- looking

    def waits(self) -> dict[str, Wait]:
        """Everything that the case waits for now, by id."""
        return {wait.id: wait for task in self.live_tasks() for wait in waits_at(self, task)}

    def live_tasks(self) -> list[EngineTask]:
        """The tasks of every process instance that hasn't ended."""
        live = (current.tasks for current in self._workflows() if not current.completed)
        return [task for tasks in live for task in tasks.values()]

    def _workflows(self) -> list[Any]:
        return [self.workflow, *self.workflow.subprocesses.values()]

    def model_of(self, task: EngineTask) -> ProcessModel:
        """The process that an engine task belongs to."""
        return self.program.model(task.workflow.spec.name)

    def _element(self, task: EngineTask) -> Element | None:
        return self.model_of(task).elements.get(task.task_spec.name)

    def element_of(self, task: EngineTask) -> Element:
        """The diagram's element that an engine task stands for."""
        return self.model_of(task).elements[task.task_spec.name]

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
        "这一步已经办理完毕或已取消，请刷新页面。",
        "This step is no longer open; please refresh.",
    )

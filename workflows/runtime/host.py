"""The host that the engine asks: FEEL, clocks, operations and decisions of one act on one case."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from models.cases import Case
from workflows.assistance.context import CaseRequest, OperationContext
from workflows.calendar import LOCAL_ZONE, local_day, local_midnight, months_later
from workflows.decisions import DecisionError, ParameterRecorder
from workflows.decisions.working_days import calendar_functions
from workflows.definitions.answering import answer
from workflows.definitions.diagram import Element, ElementKind
from workflows.definitions.diagram import Mapping as Binding
from workflows.definitions.operations import OperationSignature
from workflows.definitions.policy import Policy
from workflows.errors import Actor, Fault, Invalid
from workflows.feel import (
    FeelLimitExceeded,
    HostFunction,
    YearMonthDuration,
    compile_expression,
)
from workflows.privacy import KeyRing
from workflows.runtime.case_clocks import CaseClocks
from workflows.runtime.engine import EngineRun, Wait, WaitKind
from workflows.runtime.faults import fault_of, place
from workflows.runtime.service_tasks import CATALOGUE
from workflows.runtime.values import checked

#: Names that every expression of a diagram may use beside its variables.
BUILT_IN_NAMES = frozenset({"case"})
#: Functions that the host adds to FEEL.
HOST_FUNCTION_NAMES = frozenset({"workday after", "is workday", "workdays between", "parameter"})
_FARTHEST = timedelta(days=366 * 100)


class CaseHost:
    """One act on one case; everything it does happens in the caller's transaction.

    `pinned` is the release that the case started under (diagrams, forms); `law` gives the policy as
    published now (parameters, tables, calendar, clock rules) and is asked only when needed.
    """

    def __init__(
        self,
        session: Session,
        case: Case,
        pinned: Policy,
        law: Callable[[], Policy],
        keys: KeyRing,
        *,
        actor: Actor,
        now: datetime,
    ) -> None:
        self.session = session
        self.case = case
        self.pinned = pinned
        self.keys = keys
        self.actor = actor
        self.now = now
        self.today = local_day(now)
        self.steps: list[dict[str, Any]] = []
        self.reasons: list[dict[str, Any]] = []
        self.outcome: str | None = None
        self.requests: list[CaseRequest] = []
        self._law = law
        self._law_now: Policy | None = None
        self._functions: Mapping[str, HostFunction] | None = None
        self._recorder = ParameterRecorder()
        #: days that were counted although no notice has arranged them
        self._unpublished: set[date] = set()
        self.clocks = CaseClocks(session, case, self, actor=actor, now=now)

    # -- law and expressions

    @property
    def law(self) -> Policy:
        """The policy as published at this moment."""
        if self._law_now is None:
            self._law_now = self._law()
        return self._law_now

    def functions(self) -> Mapping[str, HostFunction]:
        """The functions that expressions may call beside FEEL's own."""
        if self._functions is None:
            self._functions = {
                **calendar_functions(self.law.calendar, self._unpublished.add),
                "parameter": self.law.parameters.host_function(self.today, self._recorder),
            }
        return self._functions

    def case_facts(self) -> dict[str, Any]:
        """What expressions see under the name `case`."""
        case = self.case
        return {
            "number": case.number,
            "channel": case.channel,
            "status": case.status,
            "opened_on": local_day(case.opened_at),
            "accepted_on": case.accepted_on,
        }

    def evaluate(self, expression: str, names: Mapping[str, Any], element: Element | None) -> Any:
        """The value of a FEEL expression over the variables in `names` and `case`."""
        compiled = compile_expression(
            expression, frozenset(names) | BUILT_IN_NAMES, functions=HOST_FUNCTION_NAMES
        )
        scope = dict(names)
        if "case" in compiled.free_names:
            scope["case"] = self.case_facts()
        needs_law = not HOST_FUNCTION_NAMES.isdisjoint(compiled.called_functions)
        try:
            return compiled.value(
                scope,
                functions=self.functions() if needs_law else None,
                now=self.now.astimezone(LOCAL_ZONE),
            )
        except FeelLimitExceeded as error:
            raise Fault(
                "expression_limit",
                f"表达式“{expression}”超出了计算上限。",
                f"The expression “{expression}” went over its bounds.",
                details=place(element),
            ) from error
        except Invalid as error:  # a parameter or a day that the law in force doesn't know
            raise fault_of(error, element) from error

    def moment(self, element: Element, names: Mapping[str, Any]) -> datetime:
        """When a timer reached now is due.

        A duration counts from now; a date means its first local moment.

        Raises:
            Fault: `timer_value` for anything else, or a moment more than a century away.
        """
        timer = element.timer
        if timer is None:
            raise Fault("timer_value", f"“{element.name}”没有定时表达式。", "No timer expression.")
        value = self.evaluate(timer.expression, names, element)
        due_at: datetime | None = None
        if isinstance(value, timedelta):
            due_at = self.now + value if abs(value) < _FARTHEST else None
        elif isinstance(value, YearMonthDuration):
            due_at = _months_later(self.now, value.months)
        elif isinstance(value, datetime):
            due_at = value if value.tzinfo is not None else value.replace(tzinfo=LOCAL_ZONE)
        elif isinstance(value, date):
            due_at = local_midnight(value)
        if due_at is None or abs(due_at - self.now) > _FARTHEST:
            raise Fault(
                "timer_value",
                f"“{element.name}”的定时“{timer.expression}”没有得出期限或日期。",
                f"The timer “{timer.expression}” at “{element.name}” yields no duration or date.",
                details={"element": element.id},
            )
        return due_at

    # -- what the engine tells

    def entered(self, run: EngineRun, element: Element, scope: str) -> None:
        """Note the step, the case's status, and the clocks that start or stop here."""
        self._arrived("enter", run, element, scope)

    def awaits(self, run: EngineRun, wait: Wait) -> None:
        """A token came to rest: somebody has something to do, or an event may happen."""
        step = "enter" if wait.kind is WaitKind.TASK else "wait"
        self._arrived(step, run, wait.element, wait.scope)

    def _arrived(self, step: str, run: EngineRun, element: Element, scope: str) -> None:
        self.steps.append({"element": element.id, "process": element.process_id, "step": step})
        if element.status is not None:
            self.case.status = element.status
        if element.clocks:
            self.clocks.move(element, run.scopes.view(scope), "enter")

    def left(self, run: EngineRun, element: Element, scope: str) -> None:
        """Note the step, and the clocks that start or stop when the element is done."""
        self.steps.append({"element": element.id, "process": element.process_id, "step": "leave"})
        if element.outcome is not None and scope == "root":
            self.outcome = element.outcome
        if element.clocks:
            self.clocks.move(element, run.scopes.view(scope), "leave")

    def perform(self, run: EngineRun, element: Element, scope: str) -> None:
        """Do the work of an automatic task and write its results to variables."""
        try:
            if element.kind is ElementKind.SCRIPT_TASK:
                value = self.evaluate(element.script or "null", run.scopes.view(scope), element)
                self._write(run, scope, element, element.result_variable or "", value)
            elif element.operation is not None:
                self._call_operation(run, element, scope)
            elif element.decision is not None:
                self._decide(run, element, scope)
        except DecisionError as error:  # a table that gives no reliable result
            raise fault_of(error, element) from error

    def _call_operation(self, run: EngineRun, element: Element, scope: str) -> None:
        assert element.operation is not None
        registered = CATALOGUE.get(element.operation.name)
        if registered is None:
            raise Fault(
                "unknown_operation",
                f"没有名为“{element.operation.name}”的操作。",
                f"There is no operation “{element.operation.name}”.",
            )
        signature = registered.signature
        names = run.scopes.view(scope)
        inputs = {
            binding.name: self._input(signature, binding, names, element)
            for binding in element.operation.inputs
        }
        context = OperationContext(
            self.session,
            self.case,
            self.actor,
            self.now,
            self.law,
            self.keys,
            names,
            reasons=tuple(self.reasons),
        )
        outputs = registered.function(context, **inputs)
        self.reasons.extend({"operation": signature.name, **note} for note in context.notes)
        self.requests.extend(context.requests)
        self._write_outputs(run, scope, element, element.operation.outputs, outputs)

    def _input(
        self,
        signature: OperationSignature,
        binding: Binding,
        names: Mapping[str, Any],
        element: Element,
    ) -> Any:
        """The value of an operation's input.

        Raises:
            Fault: `wrong_type`, or `input_missing` for a null that the operation can't do without.
        """
        what = f"{signature.name}.{binding.name}"
        value = checked(
            self.evaluate(binding.value or "null", names, element),
            signature.inputs[binding.name],
            what,
        )
        if value is None and binding.name not in signature.optional:
            raise Fault(
                "input_missing",
                f"“{element.name}”缺少数据“{binding.name}”，流程已停下，请核对数据。",
                f"“{element.name}” lacks its input “{binding.name}”; the process has stopped.",
                details={"element": element.id, "place": what},
            )
        return value

    def _decide(self, run: EngineRun, element: Element, scope: str) -> None:
        assert element.decision is not None
        names = run.scopes.view(scope)
        reference = element.decision
        on = self.today
        if reference.on is not None:
            on = checked(self.evaluate(reference.on, names, element), "date", element.name) or on
        model = self.law.decisions.get(reference.ref) or self.pinned.decisions[reference.ref]
        inputs = {
            b.name: self.evaluate(b.value or "null", names, element) for b in reference.inputs
        }
        answered = answer(
            self.law, reference.ref, inputs, on, self.now,
            model=model, note_provisional=self._unpublished.add,
        )  # fmt: skip
        self.reasons.append(answered.to_json())
        result = answered.result
        found = {b.name: result.outputs.get(b.name) for b in reference.outputs}
        self._write_outputs(run, scope, element, reference.outputs, found)

    def _write_outputs(
        self,
        run: EngineRun,
        scope: str,
        element: Element,
        bindings: tuple[Binding, ...],
        outputs: Mapping[str, Any],
    ) -> None:
        for binding in bindings:
            if binding.variable is not None:
                self._write(run, scope, element, binding.variable, outputs[binding.name])

    def _write(self, run: EngineRun, scope: str, element: Element, name: str, value: Any) -> None:
        variable = run.program.processes[element.process_id].variables[name]
        run.scopes.write(scope, name, checked(value, variable.type, name))

    def evidence(self) -> dict[str, Any]:
        """What the trail keeps of this act beside its own fields."""
        return {
            "steps": self.steps,
            "reasons": self.reasons,
            "parameters": [used.to_json() for used in self._recorder.uses],
            **(
                {
                    "provisional": {
                        "calendar": self.law.calendar.version,
                        "published_until": self.law.calendar.published_until.isoformat(),
                        "days": [day.isoformat() for day in sorted(self._unpublished)],
                    }
                }
                if self._unpublished
                else {}
            ),
        }


def _months_later(moment: datetime, months: int) -> datetime:
    local = moment.astimezone(LOCAL_ZONE)
    try:
        day = months_later(local.date(), months)
    except (ValueError, OverflowError):
        return moment + _FARTHEST * 2 if months > 0 else moment
    return datetime.combine(day, local.timetz())

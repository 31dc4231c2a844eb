"""The variables of a process instance: opened with their inputs, closed with their outputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from workflows.definitions.diagram import Element, ProcessModel
from workflows.errors import Fault
from workflows.runtime.values import checked

if TYPE_CHECKING:
    from workflows.runtime.engine.run import EngineRun


def open_scope(
    run: EngineRun, model: ProcessModel, scope: str, parent: str | None, given: Mapping[str, Any]
) -> None:
    """Open the scope of an instance of `model`; what isn't given gets its default, or null.

    Raises:
        Fault: `unknown_variable` for a given name that the process doesn't declare, `wrong_type`.
    """
    local = {name: v for name, v in model.variables.items() if not v.inherited}
    for name in given:
        if name not in local:
            raise Fault(
                "unknown_variable",
                f"流程“{model.name}”没有声明变量“{name}”。",
                f"The process “{model.name}” declares no variable “{name}”.",
            )
    run.scopes.open(
        scope, parent, {name: checked(given.get(name), v.type, name) for name, v in local.items()}
    )
    for name, variable in local.items():
        if name not in given and variable.default is not None:
            value = run.host.evaluate(variable.default, run.scopes.view(scope), None)
            run.scopes.write(scope, name, checked(value, variable.type, name))


def close_call(run: EngineRun, element: Element, inner: str, outer: str) -> None:
    """Close the scope of a called process after copying its outputs to the caller's.

    Raises:
        Fault: `wrong_type` for an output that doesn't fit the caller's variable.
    """
    results = run.scopes.view(inner)
    run.scopes.close(inner)
    declared = run.program.processes[element.process_id].variables
    for mapping in element.call_outputs:
        if mapping.variable is not None:
            value = results.get(mapping.name)
            if mapping.value is not None:
                value = run.host.evaluate(mapping.value, results, element)
            value = checked(value, declared[mapping.variable].type, mapping.variable)
            run.scopes.write(outer, mapping.variable, value)

"""Checks how variables are used: lists added to in loops, and values read that nobody writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from workflows.definitions.check.catalogue import Catalogue
from workflows.definitions.check.expressions import Compiled
from workflows.definitions.check.graph import on_cycle, scopes
from workflows.definitions.diagram.model import Element, ElementKind, ProcessModel
from workflows.definitions.findings import Report

_ADDING = frozenset({"append", "concatenate", "insert before", "union", "flatten"})


def check_variables(
    catalogue: Catalogue, compiled: Mapping[str, Sequence[Compiled]], reports: Mapping[str, Report]
) -> None:
    """Report lists that grow in loops and variables that are read but never written."""
    looping = _looping(catalogue)
    for process_id, uses in compiled.items():
        process = catalogue.processes[process_id]
        report = reports[process.file]
        for found in uses:
            target = found.use.target
            if (
                target is not None
                and target in found.expression.free_names
                and found.expression.called_functions & _ADDING
                and found.use.owner in looping
            ):
                report.add("list.accumulated", found.use.owner, name=target)
        _check_never_written(process, catalogue, uses, report)
        _check_unused(process, catalogue, uses, report)


def _looping(catalogue: Catalogue) -> set[str]:
    """The elements that a case can come to more than once, through calls and subprocesses too."""
    found: set[str] = set()
    for process in catalogue.processes.values():
        for scope in scopes(process):
            found |= on_cycle(scope)
    changed = True
    while changed:
        changed = False
        for process in catalogue.processes.values():
            in_loop = any(caller.id in found for caller in catalogue.callers(process.id))
            for element in process.elements.values():
                if element.id not in found and (in_loop or element.parent_id in found):
                    found.add(element.id)
                    changed = True
    return found


def _check_never_written(
    process: ProcessModel, catalogue: Catalogue, uses: Sequence[Compiled], report: Report
) -> None:
    """A process that nobody calls gets values when it starts, so only called ones are judged."""
    callers = catalogue.callers(process.id)
    if not callers:
        return
    written = {given.name for caller in callers for given in caller.call_inputs}
    written |= {name for element in process.elements.values() for name in _writes(element)}
    for element in process.elements.values():
        form = catalogue.forms.get(element.form or "")
        if element.form is not None:
            written |= set(process.variables) if form is None else form.writes
        if element.kind is ElementKind.CALL_ACTIVITY:
            written |= _written_below(element, catalogue, set())
    read = {name for found in uses for name in found.expression.free_names}
    for variable in process.variables.values():
        if variable.name in read - written and not variable.inherited and variable.default is None:
            report.add("variable.never_written", process.id, name=variable.name)


def _writes(element: Element) -> set[str]:
    outputs = list(element.call_outputs)
    if element.operation is not None:
        outputs += element.operation.outputs
    if element.decision is not None:
        outputs += element.decision.outputs
    names = {output.variable for output in outputs if output.variable}
    if element.result_variable:
        names.add(element.result_variable)
    return names


def _written_below(call: Element, catalogue: Catalogue, seen: set[str]) -> set[str]:
    """Inherited variables that a called process, or one that it calls, may write."""
    callee = catalogue.processes.get(call.called or "")
    if callee is None or callee.id in seen:
        return set()
    seen.add(callee.id)
    return {variable.name for variable in callee.variables.values() if variable.inherited}


def _check_unused(
    process: ProcessModel, catalogue: Catalogue, uses: Sequence[Compiled], report: Report
) -> None:
    """What a called process declares and never touches; a case may start with more."""
    callers = catalogue.callers(process.id)
    if not callers:
        return
    used = {name for found in uses for name in found.expression.free_names}
    for element in process.elements.values():
        used |= _writes(element)
        form = catalogue.forms.get(element.form or "")
        if element.form is not None:
            used |= set(process.variables) if form is None else set(form.fields)
        if element.kind is ElementKind.CALL_ACTIVITY:
            used |= _written_below(element, catalogue, set())
    for caller in callers:
        used |= {given.name for given in (*caller.call_inputs, *caller.call_outputs)}
    for name in sorted(process.variables.keys() - used):
        report.add("variable.unused", process.id, name=name)

"""Checks across processes: who calls whom, and which variables they share."""

from __future__ import annotations

from collections.abc import Mapping

from workflows.definitions.check.catalogue import Catalogue
from workflows.definitions.check.graph import cycles
from workflows.definitions.diagram.model import Element, ElementKind, ProcessModel
from workflows.definitions.findings import Report

MOST_LEVELS = 4


def check_calls(catalogue: Catalogue, reports: Mapping[str, Report]) -> None:
    """Report calls of missing processes, cycles and depth of calls, and variables not handed on."""
    graph: dict[str, list[str]] = {process_id: [] for process_id in catalogue.processes}
    for process in catalogue.processes.values():
        report = reports[process.file]
        for element in process.elements.values():
            if element.kind is not ElementKind.CALL_ACTIVITY:
                continue
            if not element.called:
                report.add("call.missing", element.id)
            elif element.called not in catalogue.processes:
                report.add("call.unknown", element.id, process=element.called)
            else:
                graph[process.id].append(element.called)
                _check_mappings(element, process, catalogue, report)
                _check_shadows(element, process, catalogue, report)
    loops = cycles(graph)
    for component in loops:
        process = catalogue.processes[component[0]]
        reports[process.file].add("call.cycle", process.id, processes=component)
    if not loops:
        _check_levels(graph, catalogue, reports)
    for process in catalogue.processes.values():
        _check_inherited(process, catalogue, reports[process.file])


def _check_levels(
    graph: Mapping[str, list[str]], catalogue: Catalogue, reports: Mapping[str, Report]
) -> None:
    called = {target for following in graph.values() for target in following}
    for process_id in graph.keys() - called:
        level = {process_id}
        for _ in range(MOST_LEVELS):
            level = {target for caller in level for target in graph[caller]}
        if level:
            process = catalogue.processes[process_id]
            reports[process.file].add("call.depth", process_id, most=MOST_LEVELS)


def _check_inherited(process: ProcessModel, catalogue: Catalogue, report: Report) -> None:
    inherited = [variable for variable in process.variables.values() if variable.inherited]
    callers = catalogue.callers(process.id)
    if inherited and not callers:
        names = [variable.name for variable in inherited]
        report.add("variable.no_caller", process.id, names=names)
    for caller_id in sorted({caller.process_id for caller in callers}):
        caller = catalogue.processes[caller_id]
        for variable in inherited:
            found = caller.variables.get(variable.name)
            if found is None:
                report.add(
                    "variable.inherited_missing", process.id, name=variable.name, caller=caller_id
                )
            elif found.type != variable.type:
                report.add(
                    "variable.inherited_type",
                    process.id,
                    name=variable.name,
                    caller=caller_id,
                    type=variable.type,
                    caller_type=found.type,
                )


def _check_mappings(
    call: Element, process: ProcessModel, catalogue: Catalogue, report: Report
) -> None:
    callee = catalogue.processes[call.called or ""]
    for given in call.call_inputs:
        variable = callee.variables.get(given.name)
        if variable is None:
            report.add("call.input_unknown", call.id, name=given.name, process=callee.id)
        elif variable.inherited:
            report.add("call.input_inherited", call.id, name=given.name, process=callee.id)
    for output in call.call_outputs:
        source = callee.variables.get(output.name)
        target = process.variables.get(output.variable or "")
        if source is None and output.value is None:
            report.add("call.output_unknown", call.id, name=output.name, process=callee.id)
        elif (
            source is not None
            and target is not None
            and output.value is None
            and source.type != target.type
        ):
            report.add(
                "variable.output_type",
                call.id,
                name=output.variable,
                type=target.type,
                given=source.type,
            )


def _check_shadows(
    call: Element, process: ProcessModel, catalogue: Catalogue, report: Report
) -> None:
    """A local variable with a name of the caller's hides it; unmapped, that is rarely meant."""
    callee = catalogue.processes[call.called or ""]
    mapped = {given.name for given in (*call.call_inputs, *call.call_outputs)}
    for variable in callee.variables.values():
        if (
            not variable.inherited
            and variable.name in process.variables
            and variable.name not in mapped
        ):
            report.add("variable.hides", call.id, name=variable.name, process=callee.id)

"""Checks names between registers: ids of several files, clauses, clocks, decisions, errors."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from decimal import Decimal

from workflows.calendar import StatutoryRules
from workflows.decisions import DecisionModel, ParameterTable, check_meaning
from workflows.decisions.explanation import clause_ids, is_clause_column
from workflows.decisions.inference import result_kind
from workflows.decisions.kinds import declared_kind, host_kinds
from workflows.decisions.model import Expression, tables_in
from workflows.definitions.calendar_files import STATUTORY
from workflows.definitions.check.catalogue import Catalogue
from workflows.definitions.check.types import kind_of, kinds_of
from workflows.definitions.diagram.model import DecisionRef, Element, ElementKind, ProcessModel
from workflows.definitions.files import PolicyFiles
from workflows.definitions.findings import Report
from workflows.definitions.registers import CLAUSES, CLOCKS, LONGEST_WARNING, ClockDefinition
from workflows.definitions.uses import clause_uses, parameter_uses, reading
from workflows.feel.inference.inferring import infer
from workflows.feel.inference.kinds import ANY, may_become

_DEEPEST_SEARCH = 20


def check_ids_across(processes: Iterable[ProcessModel], reports: Mapping[str, Report]) -> None:
    """Elements are named in rows, in trails and from other processes: one id, one element."""
    owners: dict[str, str] = {}
    codes: dict[str, str] = {}
    for process in processes:
        if process.number_code and codes.setdefault(process.number_code, process.id) != process.id:
            report, used = reports[process.file], process.number_code
            report.add("number.clash", process.id, used=used, other=codes[used])
        for element_id in (process.id, *process.elements):
            other = owners.setdefault(element_id, process.file)
            if other != process.file:
                reports[process.file].add("id.clash", element_id, id=element_id, other=other)


def check_registers(catalogue: Catalogue, reports: Mapping[str, Report]) -> None:
    """Report clocks whose clauses or parameters do not exist."""
    for clock in (catalogue.clocks or {}).values():
        report = reports[CLOCKS]
        for clause in clock.clauses:
            if catalogue.clauses is not None and clause not in catalogue.clauses:
                report.add("clause.unknown", clock.key, clause=clause)
        if catalogue.parameters is None:
            continue
        for name, key in (("length", clock.length), ("warn", clock.warn), ("roll", clock.roll)):
            if isinstance(key, str) and key not in catalogue.parameters:
                report.add("clock.parameter", clock.key, clock=clock.key, name=name, parameter=key)
        _check_warning(clock, catalogue.parameters, report)


def check_holidays(
    holidays: Iterable[StatutoryRules], catalogue: Catalogue, reports: Mapping[str, Report]
) -> None:
    """Report a policy without the law on holidays: it could not compute an unpublished year."""
    versions, report = list(holidays), reports[STATUTORY]
    if not versions and not report.findings:
        report.add("file.missing", path=STATUTORY)
    for version in versions:
        for clause in version.clauses:
            if catalogue.clauses is not None and clause not in catalogue.clauses:
                report.add("clause.unknown", str(version.valid_from), clause=clause)


def _check_warning(clock: ClockDefinition, parameters: ParameterTable, report: Report) -> None:
    """The queue looks for warnings no further ahead than the longest one there may be."""
    parameter = parameters.parameters.get(clock.warn) if isinstance(clock.warn, str) else None
    for entry in () if parameter is None else parameter.entries:
        days = entry.value
        if not isinstance(days, Decimal) or days != int(days) or not 0 <= days <= LONGEST_WARNING:
            report.add(
                "clock.warning",
                clock.key,
                field="warn",
                clock=clock.key,
                parameter=clock.warn,
                value=days,
                most=LONGEST_WARNING,
            )


def check_sources(catalogue: Catalogue, reports: Mapping[str, Report]) -> None:
    """Report parameters and rows of decision tables that rest on clauses nobody registered."""
    if catalogue.clauses is None:
        return
    for parameter in catalogue.parameters or ():
        cited = {*parameter.clauses, *(c for entry in parameter.entries for c in entry.clauses)}
        for clause in sorted(cited - catalogue.clauses.keys()):
            reports[parameter.file].add("clause.unknown", parameter.key, clause=clause)
    for model in {id(model): model for model in (catalogue.decisions or {}).values()}.values():
        for decision in model.all_decisions:
            _check_rows(decision.id, decision.expression, catalogue.clauses, reports[model.file])
        for knowledge in dict.fromkeys(model.knowledge.values()):
            _check_rows(knowledge.id, knowledge.logic, catalogue.clauses, reports[model.file])


def check_uses(
    catalogue: Catalogue,
    holidays: Iterable[StatutoryRules],
    files: PolicyFiles,
    reports: Mapping[str, Report],
) -> None:
    """Report parameters and clauses that nothing uses and that don't say what they wait for."""
    processes, clocks = list(catalogue.processes.values()), catalogue.clocks or {}
    read = parameter_uses(
        processes=processes, clocks=clocks, reads=reading(catalogue.operations), files=files
    )
    parameters = catalogue.parameters or ParameterTable({})
    for parameter in parameters:
        code = {
            (False, False): "parameter.unused",
            (True, True): "parameter.waits",
        }.get((parameter.key in read, parameter.waits is not None))
        if code is not None:
            reports[parameter.file].add(code, parameter.key, parameter=parameter.key)
    clauses = catalogue.clauses or {}
    cited = clause_uses(
        clauses=clauses,
        processes=processes,
        clocks=clocks,
        parameters=parameters,
        notices=catalogue.notices or {},
        forms=catalogue.forms,
        holidays=holidays,
        files=files,
    )
    for clause in clauses.values():
        if clause.id not in cited and not clause.waits:
            reports[CLAUSES].add("clause.unused", clause.id, clause=clause.id)


def _check_rows(
    owner: str, part: Expression | None, clauses: Container[str], report: Report
) -> None:
    for table in tables_in(part):
        columns = [i for i, name in enumerate(table.annotations) if is_clause_column(name)]
        for rule in table.rules:
            cells = [rule.annotations[i] for i in columns if i < len(rule.annotations)]
            cited = [clause for cell in cells for clause in clause_ids(cell)]
            if not cited:
                report.add("decision.row_clause", owner, row=rule.number)
            for clause in cited:
                if clause not in clauses:
                    report.add("clause.unknown", owner, clause=clause)


def check_clock_actions(catalogue: Catalogue, reports: Mapping[str, Report]) -> None:
    """A clock that is stopped, extended or paused somewhere is started somewhere."""
    started = {
        action.key
        for process in catalogue.processes.values()
        for element in process.elements.values()
        for action in element.clocks
        if action.action == "start"
    }
    for process in catalogue.processes.values():
        for element in process.elements.values():
            for action in element.clocks:
                if action.key not in started:
                    reports[process.file].add(
                        "clock.never_started",
                        element.id,
                        clock=action.key,
                        action=action.action,
                    )


def check_models(catalogue: Catalogue, reports: Mapping[str, Report]) -> None:
    """Report tables and texts of decisions that do not fit their types or their other rows."""
    for model in {id(model): model for model in (catalogue.decisions or {}).values()}.values():
        reports[model.file].extend(check_meaning(model, catalogue.parameters))


def check_decisions(process: ProcessModel, catalogue: Catalogue, report: Report) -> None:
    """Report business rule tasks whose decision, inputs or outputs do not exist."""
    if catalogue.decisions is None:
        return
    for element in process.elements.values():
        if element.decision is not None:
            model = catalogue.decisions.get(element.decision.ref)
            _check_decision(element, element.decision, model, report)
            if model is not None:
                _check_decision_types(element, element.decision, model, process, catalogue, report)


def _check_decision(
    element: Element, reference: DecisionRef, model: DecisionModel | None, report: Report
) -> None:
    if model is None:
        report.add("decision.unknown", element.id, decision=reference.ref)
        return
    needed = {variable.name for variable in model.required_inputs(reference.ref)}
    given = {found.name for found in reference.inputs}
    for name in sorted(needed - given):
        report.add("decision.input_missing", element.id, decision=reference.ref, name=name)
    for name in sorted(given - needed):
        report.add("decision.input_unknown", element.id, decision=reference.ref, name=name)
    # Only a table and a boxed context say which results they have; a value may have any.
    results = set(model.output_names(reference.ref))
    if len(results) > 1:
        for name in sorted({output.name for output in reference.outputs} - results):
            report.add("decision.output_unknown", element.id, decision=reference.ref, name=name)


def _check_decision_types(
    element: Element,
    reference: DecisionRef,
    model: DecisionModel,
    process: ProcessModel,
    catalogue: Catalogue,
    report: Report,
) -> None:
    """Report values that a decision's inputs don't take, and variables that its results don't fit.

    What is wrong inside the values is reported with the other expressions of the process.
    """
    parameters = catalogue.parameters
    functions = host_kinds(parameters)
    types = {found.name: found.type_ref for found in model.required_inputs(reference.ref)}
    for given in reference.inputs:
        declared = declared_kind(model.linked, types.get(given.name))
        kind = infer(given.value or "", kinds_of(process), functions).kind
        # What the input lacks of its type is null when the host decides.
        if not may_become(kind, declared, missing=True):
            report.add(
                "decision.input_type",
                element.id,
                name=given.name,
                given=kind,
                type=types.get(given.name),
            )
    result = result_kind(model, reference.ref, parameters)
    for output in reference.outputs:
        variable = process.variables.get(output.variable or "")
        if variable is None:
            continue
        part = (result.parts or {}).get(output.name, ANY)
        kind = result if output.name == "value" or not result.is_only("context") else part
        wanted = kind_of(variable.type)
        if not (kind.is_any or wanted.is_any or kind.names & wanted.names):
            report.add(
                "variable.output_type",
                element.id,
                name=variable.name,
                type=variable.type,
                given=kind,
            )


def check_errors(catalogue: Catalogue, reports: Mapping[str, Report]) -> None:
    """Every error that an end event throws is caught around it or around its callers."""
    for process in catalogue.processes.values():
        for element in process.elements.values():
            code = element.error_code
            if (
                element.kind is ElementKind.END_EVENT
                and code is not None
                and not _caught(element, code, process, catalogue, set())
            ):
                reports[process.file].add("error.uncaught", element.id, error=code)


def _caught(
    element: Element, code: str, process: ProcessModel, catalogue: Catalogue, seen: set[str]
) -> bool:
    """Whether boundary events stop the error on every way out of the element's scope."""
    parent = process.elements.get(element.parent_id or "")
    if parent is not None:
        return _catches(parent, code, process) or _caught(parent, code, process, catalogue, seen)
    # Calls in a circle or too deep are findings of their own.
    if process.id in seen or len(seen) > _DEEPEST_SEARCH:
        return True
    seen.add(process.id)
    callers = catalogue.callers(process.id)
    return bool(callers) and all(
        _catches(caller, code, catalogue.processes[caller.process_id])
        or _caught(caller, code, catalogue.processes[caller.process_id], catalogue, seen)
        for caller in callers
    )


def _catches(host: Element, code: str, process: ProcessModel) -> bool:
    return any(
        event.attached_to == host.id and event.error_code == code
        for event in process.elements.values()
    )

"""Checks each element against the catalogue: roles, forms, clauses, clocks, operations."""

from __future__ import annotations

from workflows.definitions.check.catalogue import Catalogue
from workflows.definitions.check.graph import Scope, reachable, scopes
from workflows.definitions.diagram.model import (
    GATEWAYS,
    Element,
    ElementKind,
    Mapping,
    ProcessModel,
)
from workflows.definitions.findings import Report
from workflows.definitions.operations import OperationSignature

LEVELS = frozenset({"village", "township", "district"})
_MESSAGE_KINDS = frozenset(
    {ElementKind.RECEIVE_TASK, ElementKind.CATCH_EVENT, ElementKind.BOUNDARY_EVENT}
)


def check_elements(process: ProcessModel, catalogue: Catalogue, report: Report) -> None:
    """Report elements that lack what their kind needs or name what the policy does not have."""
    _check_described(process, process.id, report)
    _check_clauses(process.clauses, process.id, catalogue, report)
    called = bool(catalogue.callers(process.id))
    aside = _aside(process)
    for element in process.elements.values():
        joins = element.kind in GATEWAYS and len(element.outgoing) < 2
        _check_described(element, element.id, report, named=not joins)
        _check_clauses(element.clauses, element.id, catalogue, report)
        _check_clocks(element, catalogue, report)
        _check_person(element, catalogue, report)
        _check_automatic(element, process, catalogue, report)
        _check_outcome(element, called, element.id in aside, report)
    _check_returns(process, catalogue, report)


def _check_described(
    thing: ProcessModel | Element, owner: str, report: Report, *, named: bool = True
) -> None:
    if not thing.name:
        if named:
            report.add("node.name", owner)
    elif not any("\u4e00" <= sign <= "\u9fff" for sign in thing.name):
        report.add("node.name_chinese", owner, name=thing.name)
    if not thing.documentation:
        report.add("node.documentation", owner)
    if not thing.clauses:
        report.add("node.clause", owner)


def _check_clauses(
    clauses: tuple[str, ...], owner: str, catalogue: Catalogue, report: Report
) -> None:
    if catalogue.clauses is not None:
        for clause in clauses:
            if clause not in catalogue.clauses:
                report.add("clause.unknown", owner, clause=clause)


def _check_clocks(element: Element, catalogue: Catalogue, report: Report) -> None:
    if catalogue.clocks is None:
        return
    for key in (*(action.key for action in element.clocks), *element.due_clocks):
        if key not in catalogue.clocks:
            report.add("clock.unknown", element.id, clock=key)


def _check_person(element: Element, catalogue: Catalogue, report: Report) -> None:
    is_task = element.kind is ElementKind.USER_TASK
    is_message = element.message is not None
    if element.assignment is None:
        if is_task:
            report.add("task.assignment", element.id)
        elif is_message:
            report.add("message.assignment", element.id)
    elif not is_task and element.kind in _MESSAGE_KINDS and element.timer is not None:
        report.add("assignment.place", element.id)
    else:
        _check_assignment(element, catalogue, report)
    if element.form is None:
        if is_task:
            report.add("task.form", element.id)
    elif not is_task and not is_message and element.kind is not ElementKind.START_EVENT:
        report.add("form.place", element.id)
    elif element.form not in catalogue.forms:
        report.add("form.unknown", element.id, form=element.form)


def _check_assignment(element: Element, catalogue: Catalogue, report: Report) -> None:
    assignment = element.assignment
    if assignment is None:
        return
    if assignment.level not in LEVELS:
        report.add("level.unknown", element.id, level=assignment.level)
    if assignment.role not in catalogue.roles:
        report.add("role.unknown", element.id, role=assignment.role)
    elif assignment.level in LEVELS and assignment.level not in catalogue.roles[assignment.role]:
        report.add("role.level", element.id, role=assignment.role, level=assignment.level)
    for other in assignment.separate_from:
        found = any(
            other in process.elements
            and process.elements[other].kind in (ElementKind.USER_TASK, *_MESSAGE_KINDS)
            for process in catalogue.processes.values()
        )
        if not found or other == element.id:
            report.add("assignment.separate", element.id, target=other)


def _check_automatic(
    element: Element, process: ProcessModel, catalogue: Catalogue, report: Report
) -> None:
    if element.kind is ElementKind.SERVICE_TASK:
        _check_operation(element, process, catalogue, report)
    elif element.kind is ElementKind.BUSINESS_RULE_TASK:
        if element.decision is None:
            report.add("task.decision", element.id)
        else:
            _check_written(element, element.decision.outputs, process, report)
    elif element.kind is ElementKind.SCRIPT_TASK:
        if not element.result_variable:
            report.add("script.result", element.id)
        elif element.result_variable not in process.variables:
            report.add("variable.undeclared", element.id, name=element.result_variable)
    elif element.kind is ElementKind.CALL_ACTIVITY:
        _check_written(element, element.call_outputs, process, report)


def _check_operation(
    element: Element, process: ProcessModel, catalogue: Catalogue, report: Report
) -> None:
    operation = element.operation
    if operation is None:
        report.add("task.operation", element.id)
        return
    _check_written(element, operation.outputs, process, report)
    signature = catalogue.operations.get(operation.name)
    if signature is None:
        report.add("operation.unknown", element.id, operation=operation.name)
        return
    given = {found.name for found in operation.inputs}
    for name in sorted(given - signature.inputs.keys()):
        report.add("operation.input_unknown", element.id, operation=signature.name, name=name)
    for name in sorted(signature.inputs.keys() - given - signature.optional):
        report.add("operation.input_missing", element.id, operation=signature.name, name=name)
    for output in operation.outputs:
        _check_output(element, output, signature, process, report)


def _check_output(
    element: Element,
    output: Mapping,
    signature: OperationSignature,
    process: ProcessModel,
    report: Report,
) -> None:
    type_ = signature.outputs.get(output.name)
    if type_ is None:
        report.add(
            "operation.output_unknown", element.id, operation=signature.name, name=output.name
        )
        return
    variable = process.variables.get(output.variable or "")
    if variable is not None and type_ not in ("any", variable.type):
        report.add(
            "variable.output_type",
            element.id,
            name=variable.name,
            type=variable.type,
            given=type_,
        )


def _check_written(
    element: Element, outputs: tuple[Mapping, ...], process: ProcessModel, report: Report
) -> None:
    seen: set[str] = set()
    for output in outputs:
        name = output.variable or ""
        if name not in process.variables:
            report.add("variable.undeclared", element.id, name=name)
        if name in seen:
            report.add("variable.written_twice", element.id, name=name)
        seen.add(name)


def _aside(process: ProcessModel) -> set[str]:
    """What only non-interrupting boundary events lead to: the case goes on beside it."""
    found: set[str] = set()
    for scope in scopes(process):
        events = scope.of_kind(ElementKind.BOUNDARY_EVENT)
        side = [event.id for event in events if not event.interrupting]
        starts = [start.id for start in scope.of_kind(ElementKind.START_EVENT)]
        found |= reachable(side, scope.after) - reachable(starts, scope.after, without=side)
    return found


def _check_outcome(element: Element, called: bool, aside: bool, report: Report) -> None:
    if element.kind is not ElementKind.END_EVENT:
        return
    at_top = element.parent_id is None
    if element.outcome is not None and not at_top:
        report.add("end.outcome_place", element.id)
    elif element.outcome is not None and called:
        report.add("end.outcome_called", element.id)
    elif element.outcome is not None and aside:
        report.add("end.outcome_aside", element.id)
    elif not (element.outcome or called or aside or element.error_code) and at_top:
        report.add("end.outcome", element.id)


def _check_returns(process: ProcessModel, catalogue: Catalogue, report: Report) -> None:
    """A return goes back, within its scope, to a task of a person, past nothing irrevocable."""
    for scope in scopes(process):
        for element in scope.nodes.values():
            before = reachable([element.id], scope.before) if element.returns else set()
            for target_id in element.returns:
                target = scope.nodes.get(target_id)
                if target is None or target.kind is not ElementKind.USER_TASK:
                    report.add("returns.target", element.id, target=target_id)
                    continue
                if target_id not in before or target_id == element.id:
                    report.add("returns.later", element.id, target=target_id)
                    continue
                if _tokens_around(scope, element.id) != _tokens_around(scope, target_id):
                    report.add("returns.parallel", element.id, target=target_id)
                    continue
                between = before & reachable([target_id], scope.after)
                for node_id in sorted(between):
                    operation = scope.nodes[node_id].operation
                    signature = catalogue.operations.get(operation.name) if operation else None
                    if signature is not None and signature.undo == "forbid":
                        report.add(
                            "returns.operation", element.id, target=target_id, operation=node_id
                        )


def _tokens_around(scope: Scope, node_id: str) -> set[tuple[str, str]]:
    """The branches of parallel splits, and side branches, that a token at a node runs in.

    A return moves one token: into or out of a branch it would leave others without their partner.
    """
    found = set()
    for split in scope.of_kind(ElementKind.PARALLEL_GATEWAY):
        branches = scope.after[split.id]
        if len(branches) < 2:
            continue
        meets = set.intersection(*(reachable([branch], scope.after) for branch in branches))
        joins = {node for node in meets if len(scope.before[node]) > 1} - {split.id}
        found |= {
            (split.id, branch)
            for branch in branches
            if node_id in reachable([branch], scope.after, without=joins)
        }
    for event in scope.of_kind(ElementKind.BOUNDARY_EVENT):
        if not event.interrupting and node_id in reachable([event.id], scope.after):
            found.add((event.id, event.id))
    return found

"""The gate before publication: everything that is wrong with a policy, at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from workflows.definitions.check.calls import check_calls
from workflows.definitions.check.catalogue import ROLES, Catalogue
from workflows.definitions.check.cycles import check_cycles, waiting_processes
from workflows.definitions.check.expressions import Compiled, check_expressions
from workflows.definitions.check.forms import check_forms
from workflows.definitions.check.layout import check_layout
from workflows.definitions.check.notices import check_notices
from workflows.definitions.check.references import (
    check_clock_actions,
    check_decisions,
    check_errors,
    check_holidays,
    check_ids_across,
    check_models,
    check_registers,
    check_sources,
    check_uses,
)
from workflows.definitions.check.structure import check_structure
from workflows.definitions.check.tasks import check_elements
from workflows.definitions.check.timers import check_timers
from workflows.definitions.check.tokens import check_tokens
from workflows.definitions.check.variables import check_variables
from workflows.definitions.contents import Contents, read_contents
from workflows.definitions.files import PolicyFiles
from workflows.definitions.operations import OperationSignature
from workflows.errors import Finding

__all__ = ["ROLES", "Trial", "check_contents", "check_policy"]

MOST_ELEMENTS = 400
MOST_PROCESSES = 200

#: A trial of the engine on files that have no other error.
Trial = Callable[[PolicyFiles], list[Finding]]


def check_policy(
    files: PolicyFiles,
    *,
    operations: Mapping[str, OperationSignature],
    roles: Mapping[str, Collection[str]] = ROLES,
    trial: Trial | None = None,
) -> list[Finding]:
    """Everything that is wrong with a policy, by file, errors and warnings.

    ``roles`` gives the levels of the offices at which each role is held. ``trial`` is run only when
    there is no error: the engine never sees a diagram that the gate refuses.
    """
    findings = check_contents(read_contents(files), operations=operations, roles=roles)
    if trial is not None and not any(finding.severity == "error" for finding in findings):
        findings += trial(files)
    return findings


def check_contents(
    contents: Contents,
    *,
    operations: Mapping[str, OperationSignature],
    roles: Mapping[str, Collection[str]] = ROLES,
) -> list[Finding]:
    """As ``check_policy``, for files that have been read."""
    catalogue = Catalogue(
        processes=contents.processes,
        unclear=contents.unclear,
        forms=contents.forms,
        decisions=contents.decisions if contents.decisions_complete else None,
        parameters=contents.parameters,
        clauses=contents.clauses,
        clocks=contents.clocks,
        notices=contents.notices,
        operations=operations,
        roles=roles,
    )
    reports = contents.reports
    if not _within_bounds(contents):
        return contents.findings
    check_ids_across(contents.processes.values(), reports)
    check_registers(catalogue, reports)
    check_holidays(contents.holidays, catalogue, reports)
    check_sources(catalogue, reports)
    check_models(catalogue, reports)
    check_clock_actions(catalogue, reports)
    check_calls(catalogue, reports)
    check_errors(catalogue, reports)
    waiting = waiting_processes(contents.processes)
    compiled: dict[str, list[Compiled]] = {}
    for process in contents.processes.values():
        report = reports[process.file]
        check_elements(process, catalogue, report)
        check_decisions(process, catalogue, report)
        compiled[process.id] = check_expressions(process, catalogue, report)
        check_forms(process, catalogue, report)
        check_timers(process, compiled[process.id], report)
        if process.id not in contents.unclear:
            check_structure(process, report)
            check_cycles(process, waiting, report)
            check_tokens(process, report)
    check_variables(catalogue, compiled, reports)
    check_notices(catalogue, compiled, reports)
    for diagram in contents.diagrams.values():
        check_layout(diagram, reports[diagram.file])
    if not any(finding.severity == "error" for finding in contents.findings):
        check_uses(catalogue, contents.holidays, contents.files, reports)
    return contents.findings


def _within_bounds(contents: Contents) -> bool:
    """Whether the checks end soon; beyond it only the size is reported."""
    for process in contents.processes.values():
        if len(process.elements) > MOST_ELEMENTS:
            contents.reports[process.file].add(
                "process.size", process.id, size=len(process.elements), most=MOST_ELEMENTS
            )
    if len(contents.processes) > MOST_PROCESSES:
        first = next(iter(contents.processes.values()))
        contents.reports[first.file].add(
            "process.many", size=len(contents.processes), most=MOST_PROCESSES
        )
    return len(contents.processes) <= MOST_PROCESSES and all(
        len(process.elements) <= MOST_ELEMENTS for process in contents.processes.values()
    )

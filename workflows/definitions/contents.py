"""Reads every file of a policy as far as it can be read, with what is wrong in each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Any, TypeVar

from workflows.calendar import StatutoryRules, WorkingCalendar
from workflows.decisions import (
    DecisionModel,
    Form,
    ParameterTable,
    parse_form,
    parse_models,
)
from workflows.definitions.calendar_files import (
    CALENDAR,
    STATUTORY,
    read_calendar,
    read_statutory_holidays,
)
from workflows.definitions.diagram import DiagramFile, ProcessModel, Reading, read_diagram
from workflows.definitions.files import PolicyFiles
from workflows.definitions.findings import Report
from workflows.definitions.notices import NoticeText, read_notices
from workflows.definitions.packs import PACKS, PackRegister, check_packs, read_packs
from workflows.definitions.programmes import (
    PROGRAMMES,
    Programme,
    check_programmes,
    read_programmes,
)
from workflows.definitions.registers import (
    CLAUSES,
    CLOCKS,
    Clause,
    ClockDefinition,
    read_clauses,
    read_clocks,
)
from workflows.errors import Finding, Invalid

_R = TypeVar("_R")

REGISTERS = (CLAUSES, CLOCKS, CALENDAR)
_KNOWN = (
    ("processes/", ".bpmn"),
    ("decisions/", ".dmn"),
    ("forms/", ".form"),
    ("parameters/", ".yaml"),
    ("notices/", ".yaml"),
    ("scenarios/", ".yaml"),
    ("", ".md"),
    ("regulation/", ""),
    (PACKS, ""),
    (PROGRAMMES, ""),
    (STATUTORY, ""),
)
#: Findings that belong to no file.
WHOLE = ""


@dataclass(slots=True)
class Contents:
    """A policy as far as it could be read; None for what could not be."""

    files: PolicyFiles
    reports: dict[str, Report]
    diagrams: dict[str, DiagramFile]
    processes: dict[str, ProcessModel]
    unclear: frozenset[str]
    forms: dict[str, Form | None]
    #: By the decision's id and by its name.
    decisions: dict[str, DecisionModel]
    #: Whether every decision file could be read, so that what is not there does not exist.
    decisions_complete: bool
    parameters: ParameterTable | None
    clauses: dict[str, Clause] | None
    clocks: dict[str, ClockDefinition] | None
    calendar: WorkingCalendar | None
    notices: dict[str, NoticeText] | None
    #: Empty when there is no register of rule packs.
    packs: PackRegister = field(default_factory=PackRegister)
    programmes: tuple[Programme, ...] = ()
    #: The law on holidays by date; empty when the policy doesn't have it.
    holidays: tuple[StatutoryRules, ...] = ()

    @property
    def findings(self) -> list[Finding]:
        """Everything found so far, by file."""
        return [finding for report in self.reports.values() for finding in report.findings]


def read_contents(files: PolicyFiles) -> Contents:
    """Read everything, reporting only what is wrong with each file alone."""
    reports = {path: Report(path) for path in (WHOLE, *REGISTERS, STATUTORY, *files)}
    for path in files:
        if path not in REGISTERS and not any(
            path.startswith(folder) and path.endswith(suffix) for folder, suffix in _KNOWN
        ):
            reports[path].add("file.unknown", path=path)
    for path in REGISTERS:
        if path not in files:
            reports[path].add("file.missing", path=path)
    contents = Contents(
        files=files,
        reports=reports,
        diagrams={},
        processes={},
        unclear=frozenset(),
        forms={},
        decisions={},
        decisions_complete=True,
        parameters=_parameters(files, reports),
        clauses=_register(read_clauses, CLAUSES, files, reports),
        clocks=_register(read_clocks, CLOCKS, files, reports),
        calendar=_register(read_calendar, CALENDAR, files, reports),
        notices=read_notices(files, reports),
    )
    _read_diagrams(contents)
    _read_forms(contents)
    _read_decisions(contents)
    contents.packs = _packs(contents)
    contents.programmes = _programmes(contents)
    if STATUTORY in files:
        contents.holidays = read_statutory_holidays(files[STATUTORY], reports[STATUTORY])
    return contents


def _programmes(contents: Contents) -> tuple[Programme, ...]:
    if PROGRAMMES not in contents.files:
        return ()
    report = contents.reports[PROGRAMMES]
    found = read_programmes(contents.files[PROGRAMMES], report)
    check_programmes(
        found,
        report,
        clauses=contents.clauses,
        decisions=contents.decisions if contents.decisions_complete else None,
    )
    return found


def _packs(contents: Contents) -> PackRegister:
    if PACKS not in contents.files:
        return PackRegister()
    report = contents.reports[PACKS]
    register = read_packs(contents.files[PACKS], report)
    parameters = contents.parameters
    check_packs(
        register,
        report,
        clauses=contents.clauses,
        parameters=None if parameters is None else parameters.parameters,
        decisions=contents.decisions if contents.decisions_complete else None,
    )
    return register


def _register(
    read: Callable[[bytes, Report], _R],
    path: str,
    files: PolicyFiles,
    reports: dict[str, Report],
) -> _R | None:
    if path not in files:
        return None
    found: _R
    found, findings = _read_register(read, files[path], path)
    reports[path].extend(findings)
    return copy(found)


# Parsing is most of the work when a draft is checked again after a change of one file. What the
# readers give never changes, except the registers' dicts, of which everybody gets a copy.


@lru_cache(maxsize=8)
def _read_register(
    read: Callable[[bytes, Report], Any], content: bytes, path: str
) -> tuple[Any, tuple[Finding, ...]]:
    report = Report(path)
    return read(content, report), tuple(report.findings)


@lru_cache(maxsize=4)
def _read_parameters(files: frozenset[tuple[str, bytes]]) -> ParameterTable:
    return ParameterTable.from_yaml(dict(files))


@lru_cache(maxsize=4)
def _parse_models(files: frozenset[tuple[str, bytes]]) -> Mapping[str, DecisionModel]:
    return parse_models(dict(files))


def _parameters(files: PolicyFiles, reports: dict[str, Report]) -> ParameterTable | None:
    try:
        return _read_parameters(frozenset(files.below("parameters", ".yaml").items()))
    except Invalid as error:
        _place(error, "parameters", reports)
        return None


def _place(error: Invalid, path: str, reports: dict[str, Report]) -> None:
    """Give the findings of another package to the reports of their files."""
    for finding in error.findings:
        file = finding.file if finding.file in reports else path
        report = reports.get(file or path, reports[WHOLE])
        report.extend([finding if finding.file else replace(finding, file=path)])


_read_diagram = lru_cache(maxsize=64)(read_diagram)
_read_form = lru_cache(maxsize=256)(parse_form)


def _read_diagrams(contents: Contents) -> None:
    unclear: set[str] = set()
    for path, content in contents.files.below("processes", ".bpmn").items():
        reading: Reading = _read_diagram(content, file=path)
        report = contents.reports[path]
        report.extend(reading.findings)
        unclear |= reading.unclear
        if reading.diagram is None:
            continue
        contents.diagrams[path] = reading.diagram
        for process in reading.diagram.processes:
            other = contents.processes.get(process.id)
            if other is not None:
                report.add("process.repeated", process.id, id=process.id, other=other.file)
            else:
                contents.processes[process.id] = process
    contents.unclear = frozenset(unclear)


def _read_forms(contents: Contents) -> None:
    for path, content in contents.files.below("forms", ".form").items():
        key = PurePosixPath(path).name.removesuffix(".form")
        contents.forms[key] = None
        try:
            form = _read_form(content, file=path)
        except Invalid as error:
            _place(error, path, contents.reports)
            continue
        if form.key != key:
            contents.reports[path].add("form.key", form.key, expected=f"{form.key}.form")
        contents.forms[key] = form


def _read_decisions(contents: Contents) -> None:
    try:
        models = _parse_models(frozenset(contents.files.below("decisions", ".dmn").items()))
    except Invalid as error:
        _place(error, "decisions", contents.reports)
        contents.decisions_complete = False
        return
    for path, model in models.items():
        report = contents.reports[path]
        report.extend(model.findings)
        for key, decision in model.decisions.items():
            other = contents.decisions.setdefault(key, model)
            if other is not model and key == decision.id:
                report.add("decision.repeated", key, decision=key, other=other.file)

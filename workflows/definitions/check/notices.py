"""Checks the texts of notices: what they read and cite, and that every kind issued has one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from workflows.definitions.check.catalogue import Catalogue
from workflows.definitions.check.expressions import Compiled, Use, check_text, check_type
from workflows.definitions.check.types import NoConstant, constant, kinds_in_notices
from workflows.definitions.diagram.model import Element
from workflows.definitions.findings import Report
from workflows.definitions.notices import PARAMETERS, NoticeText
from workflows.feel.inference.kinds import Kind

#: The operation that issues a notice of the kind that its input names.
_ISSUE = "notice.issue"
_KIND = "kind"


def check_notices(
    catalogue: Catalogue, compiled: Mapping[str, Sequence[Compiled]], reports: Mapping[str, Report]
) -> None:
    """Report paragraphs and clauses that mean nothing, and kinds of notices without a text."""
    kinds = kinds_in_notices(catalogue.processes.values())
    read = {
        notice.kind: _check_text(notice, kinds, catalogue, reports[notice.file])
        for notice in (catalogue.notices or {}).values()
    }
    if catalogue.notices is None:
        return
    handing = _handing_on(catalogue)
    for process_id, uses in compiled.items():
        report = reports[catalogue.processes[process_id].file]
        by_place = {(found.use.owner, found.use.text): found for found in uses}
        for element in catalogue.processes[process_id].elements.values():
            for text in _kinds(element, handing):
                found = by_place.get((element.id, text))
                kind = None if found is None else _constant(found)
                if kind is not None and kind not in catalogue.notices:
                    report.add("notice.unknown", element.id, kind=kind)
                for name in sorted(
                    _hidden(element, process_id, catalogue) & read.get(kind or "", set())
                ):
                    report.add("notice.hidden_name", element.id, kind=kind, name=name)


def _hidden(element: Element, process_id: str, catalogue: Catalogue) -> set[str]:
    """The variables of a process that a called one declares too, so that its texts can't see."""
    called = catalogue.processes.get(element.called or "")
    return (
        set()
        if called is None
        else {*catalogue.processes[process_id].variables} & {*called.variables}
    )


def _check_text(
    notice: NoticeText, kinds: Mapping[str, Kind], catalogue: Catalogue, report: Report
) -> set[str]:
    """The names that the paragraphs read."""
    read: set[str] = set()
    for clause in notice.clauses:
        if catalogue.clauses is not None and clause not in catalogue.clauses:
            report.add("clause.unknown", notice.kind, clause=clause)
    for decision in notice.explains:
        if catalogue.decisions is not None and decision not in catalogue.decisions:
            report.add("decision.unknown", notice.kind, decision=decision)
    for number, text in enumerate(notice.paragraphs, 1):
        what = (f"第 {number} 段", f"paragraph {number}")
        use = Use(notice.kind, what, text, frozenset(kinds), kinds, "string", functions=PARAMETERS)
        found = check_text(use, catalogue.parameters, report)
        if found is not None:
            read |= found.free_names
            check_type(use, catalogue.parameters, report)
    return read


def _handing_on(catalogue: Catalogue) -> set[tuple[str, str]]:
    """The variables, by process, whose value is the kind of a notice that the process issues."""
    return {
        (process.id, given.value.strip())
        for process in catalogue.processes.values()
        for element in process.elements.values()
        if element.operation is not None and element.operation.name == _ISSUE
        for given in element.operation.inputs
        if given.name == _KIND and given.value and given.value.strip() in process.variables
    }


def _kinds(element: Element, handing: set[tuple[str, str]]) -> Iterator[str]:
    """The FEEL texts of an element that name a kind of notice."""
    if element.operation is not None and element.operation.name == _ISSUE:
        yield from (i.value or "" for i in element.operation.inputs if i.name == _KIND)
    for given in element.call_inputs:
        if (element.called or "", given.name) in handing:
            yield given.value or ""


def _constant(found: Compiled) -> str | None:
    try:
        value = constant(found.expression)
    except NoConstant:
        return None
    return value if isinstance(value, str) else None

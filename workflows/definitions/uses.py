"""What rests on a clause and what reads a parameter, found by scanning the files of a policy."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Final, Literal

from lxml import etree

from workflows.calendar import StatutoryRules
from workflows.decisions import Form, ParameterTable
from workflows.decisions.explanation import clause_ids, is_clause_column
from workflows.definitions.calendar_files import STATUTORY
from workflows.definitions.diagram import ProcessModel
from workflows.definitions.diagram.xml import parse_xml
from workflows.definitions.files import PolicyFiles
from workflows.definitions.findings import Report
from workflows.definitions.notices import FOLDER as NOTICES
from workflows.definitions.notices import NoticeText, read_notices
from workflows.definitions.operations import OperationSignature
from workflows.definitions.policy import Policy
from workflows.definitions.registers import Clause, ClockDefinition

Kind = Literal[
    "process", "step", "form", "clock", "parameter", "decision", "notice", "operation", "holidays"
]
#: An operation's name and the keys of the parameters that it looks up by itself.
Reading = tuple[str, tuple[str, ...]]
#: In the order in which they are shown.
KINDS: Final[tuple[Kind, ...]] = (
    "process", "step", "form", "decision", "clock", "parameter", "notice", "operation", "holidays",
)  # fmt: skip
_READ: Final = re.compile(r'parameter\(\s*"([^"]+)"')
#: How the description of a decision without rows names its clauses.
_BASIS: Final = re.compile(r"依据：([^。]+)")


@dataclass(frozen=True, slots=True)
class Use:
    """A place that names a clause or reads a parameter.

    `idle` says that nothing reaches it yet: a clock that no process starts.
    """

    kind: Kind
    key: str
    name: str
    process_id: str | None = None
    idle: bool = False


def clause_uses(
    *,
    clauses: Mapping[str, Clause],
    processes: Iterable[ProcessModel],
    clocks: Mapping[str, ClockDefinition],
    parameters: ParameterTable,
    notices: Mapping[str, NoticeText],
    forms: Mapping[str, Form | None],
    holidays: Iterable[StatutoryRules],
    files: PolicyFiles,
) -> dict[str, tuple[Use, ...]]:
    """By clause id: every place that names it, each once; a clause of which none is told is absent.

    A paragraph is also used where one of its items is. A form has the clauses of the steps that it
    is filled in at.
    """
    models = list(processes)
    found: dict[str, dict[Use, None]] = {}
    for clause_id, use in chain(
        _in_diagrams(models, forms),
        _in_decisions(files),
        _in_clocks(clocks, started_clocks(models)),
        _in_parameters(parameters),
        _in_notices(notices),
        _in_holidays(holidays),
    ):
        found.setdefault(clause_id, {})[use] = None
        paragraph = clauses[clause_id].part_of if clause_id in clauses else ""
        if paragraph:
            found.setdefault(paragraph, {})[use] = None
    return {clause_id: _sorted(uses) for clause_id, uses in found.items()}


@lru_cache(maxsize=4)
def clause_uses_of(policy: Policy) -> dict[str, tuple[Use, ...]]:
    """As `clause_uses`, for a policy."""
    reports = {path: Report(path) for path in policy.files}
    return clause_uses(
        clauses=policy.clauses,
        processes=policy.processes.values(),
        clocks=policy.clocks,
        parameters=policy.parameters,
        notices=read_notices(policy.files, reports) or {},
        forms=policy.forms,
        holidays=policy.holidays,
        files=policy.files,
    )


def parameter_uses(
    *,
    processes: Iterable[ProcessModel],
    clocks: Mapping[str, ClockDefinition],
    reads: Iterable[Reading],
    files: PolicyFiles,
) -> dict[str, tuple[Use, ...]]:
    """By key: the decisions, steps, clocks, notices and operations that read a parameter."""
    models = list(processes)
    started = started_clocks(models)
    found: dict[str, dict[Use, None]] = {}
    for key, use in chain(
        _read_by_decisions(files),
        _read_by_diagrams(files, models),
        _read_by_clocks(clocks, started),
        _read_by_notices(files),
    ):
        found.setdefault(key, {})[use] = None
    for name, keys in reads:
        for key in keys:
            found.setdefault(key, {})[Use("operation", name, name)] = None
    return {key: _sorted(uses) for key, uses in found.items()}


def parameter_uses_of(
    policy: Policy, operations: Mapping[str, OperationSignature]
) -> dict[str, tuple[Use, ...]]:
    """As `parameter_uses`, for a policy."""
    return _parameter_uses_of(policy, reading(operations))


@lru_cache(maxsize=4)
def _parameter_uses_of(policy: Policy, reads: tuple[Reading, ...]) -> dict[str, tuple[Use, ...]]:
    return parameter_uses(
        processes=policy.processes.values(), clocks=policy.clocks, reads=reads, files=policy.files
    )


def reading(operations: Mapping[str, OperationSignature]) -> tuple[Reading, ...]:
    """Each operation by its name with the parameters that it looks up by itself."""
    return tuple((found.name, found.reads) for found in operations.values() if found.reads)


def started_clocks(processes: Iterable[ProcessModel]) -> Collection[str]:
    """The keys of the clocks that some diagram names."""
    return {
        action.key
        for process in processes
        for element in process.elements.values()
        for action in element.clocks
    }


def _sorted(uses: Iterable[Use]) -> tuple[Use, ...]:
    return tuple(sorted(uses, key=lambda use: KINDS.index(use.kind)))


def _in_diagrams(
    processes: Iterable[ProcessModel], forms: Mapping[str, Form | None]
) -> Iterator[tuple[str, Use]]:
    for process in processes:
        whole = Use("process", process.id, process.name, process.id)
        for clause_id in process.clauses:
            yield clause_id, whole
        for element in process.elements.values():
            step = Use("step", element.id, element.name or "汇合", process.id)
            form = forms.get(element.form or "")
            for clause_id in element.clauses:
                yield clause_id, step
                if form is not None:
                    yield clause_id, Use("form", form.key, form.title)


def _in_clocks(
    clocks: Mapping[str, ClockDefinition], started: Collection[str]
) -> Iterator[tuple[str, Use]]:
    for clock in clocks.values():
        for clause_id in clock.clauses:
            yield clause_id, Use("clock", clock.key, clock.name, idle=clock.key not in started)


def _in_parameters(parameters: ParameterTable) -> Iterator[tuple[str, Use]]:
    for parameter in parameters:
        use = Use("parameter", parameter.key, parameter.label)
        sources = [*parameter.clauses]
        for entry in parameter.entries:
            sources += [*entry.source, *entry.clauses]
        for clause_id in sources:
            yield clause_id, use


def _in_notices(notices: Mapping[str, NoticeText]) -> Iterator[tuple[str, Use]]:
    for notice in notices.values():
        for clause_id in notice.clauses:
            yield clause_id, Use("notice", notice.kind, notice.title)


def _in_holidays(holidays: Iterable[StatutoryRules]) -> Iterator[tuple[str, Use]]:
    for version in holidays:
        for clause_id in version.clauses:
            yield clause_id, Use("holidays", STATUTORY, f"自{version.valid_from}")


def _in_decisions(files: PolicyFiles) -> Iterator[tuple[str, Use]]:
    for element, use in _decisions(files):
        for clause_id in _clauses_of_rows(element):
            yield clause_id, use
        for basis in _BASIS.findall(element.findtext("{*}description") or ""):
            for clause_id in clause_ids(basis):
                yield clause_id, use


def _clauses_of_rows(decision: etree._Element) -> Iterator[str]:
    for table in decision.iter("{*}decisionTable"):
        names = [found.get("name") or "" for found in table.findall("{*}annotation")]
        columns = [place for place, name in enumerate(names) if is_clause_column(name)]
        for rule in table.findall("{*}rule"):
            cells = [found.findtext("{*}text") for found in rule.findall("{*}annotationEntry")]
            for column in columns:
                yield from clause_ids((cells[column] if column < len(cells) else None) or "")


def _decisions(files: PolicyFiles) -> Iterator[tuple[etree._Element, Use]]:
    for content in files.below("decisions", ".dmn").values():
        for element in _root(content).iter("{*}decision", "{*}businessKnowledgeModel"):
            key = element.get("id") or ""
            yield element, Use("decision", key, element.get("name") or key)


def _read_by_decisions(files: PolicyFiles) -> Iterator[tuple[str, Use]]:
    for element, use in _decisions(files):
        for text in element.iter("{*}text"):
            for key in _READ.findall(text.text or ""):
                yield key, use


def _read_by_diagrams(
    files: PolicyFiles, processes: Iterable[ProcessModel]
) -> Iterator[tuple[str, Use]]:
    steps = {
        element.id: Use("step", element.id, element.name or process.name, process.id)
        for process in processes
        for element in process.elements.values()
    }
    wholes = {process.id: Use("process", process.id, process.name, process.id)
              for process in processes}  # fmt: skip
    for content in files.below("processes", ".bpmn").values():
        for element in _root(content).iter():
            texts = [element.text or "", *map(str, element.attrib.values())]
            for key in _READ.findall(" ".join(texts)):
                yield key, _owner(element, steps, wholes)


def _owner(element: etree._Element, steps: Mapping[str, Use], wholes: Mapping[str, Use]) -> Use:
    """The step that a part of a diagram belongs to, or for a flow its process."""
    for found in (element, *element.iterancestors()):
        use = steps.get(found.get("id") or "") or wholes.get(found.get("id") or "")
        if use is not None:
            return use
    return Use("process", "", "")


def _read_by_clocks(
    clocks: Mapping[str, ClockDefinition], started: Collection[str]
) -> Iterator[tuple[str, Use]]:
    for clock in clocks.values():
        use = Use("clock", clock.key, clock.name, idle=clock.key not in started)
        for key in (clock.length, clock.warn, clock.roll):
            if isinstance(key, str):
                yield key, use


def _read_by_notices(files: PolicyFiles) -> Iterator[tuple[str, Use]]:
    reports = {path: Report(path) for path in files.below(NOTICES, ".yaml")}  # reported elsewhere
    for notice in (read_notices(files, reports) or {}).values():
        for key in _READ.findall(" ".join(notice.paragraphs)):
            yield key, Use("notice", notice.kind, notice.title)


def _root(content: bytes) -> etree._Element:
    """The document, or nothing to look through when it can't be read: others report that."""
    root = parse_xml(content, Report(""))
    return etree.Element("unreadable") if root is None else root

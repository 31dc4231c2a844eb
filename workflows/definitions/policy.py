"""A policy as the running system sees it: parsed, and never changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from workflows.calendar import StatutoryRules, WorkingCalendar, extended
from workflows.decisions import DecisionModel, Form, ParameterTable
from workflows.definitions.contents import Contents, read_contents
from workflows.definitions.diagram import DiagramFile, Element, ProcessModel
from workflows.definitions.diagram.model import frozen
from workflows.definitions.files import PolicyFiles, load_policy
from workflows.definitions.packs import PackRegister
from workflows.definitions.programmes import Programme
from workflows.definitions.registers import Clause, ClockDefinition
from workflows.errors import Invalid, NotFound

__all__ = ["Policy", "PolicyFiles", "load_policy", "parse_policy", "policy_from"]


@dataclass(frozen=True, slots=True, eq=False)
class Policy:
    """The parsed content of a release; compare and cache it by ``content_hash``."""

    content_hash: str
    files: PolicyFiles = field(repr=False)
    #: The files of all processes, for the viewer and the engine.
    diagrams: tuple[DiagramFile, ...] = field(repr=False)
    processes: Mapping[str, ProcessModel] = field(repr=False)
    forms: Mapping[str, Form] = field(repr=False)
    #: The model that evaluates a decision, by the decision's id or name.
    decisions: Mapping[str, DecisionModel] = field(repr=False)
    parameters: ParameterTable = field(repr=False)
    clauses: Mapping[str, Clause] = field(repr=False)
    clocks: Mapping[str, ClockDefinition] = field(repr=False)
    calendar: WorkingCalendar = field(repr=False)
    packs: PackRegister = field(default_factory=PackRegister, repr=False)
    #: What else to ask where a decision is not favourable.
    programmes: tuple[Programme, ...] = field(default=(), repr=False)
    #: The law on holidays by date, from which years without a notice are computed.
    holidays: tuple[StatutoryRules, ...] = field(default=(), repr=False)

    def process(self, process_id: str) -> ProcessModel:
        """Raises: NotFound ``process.not_found``."""
        found = self.processes.get(process_id)
        if found is None:
            raise NotFound(
                "process.not_found",
                f"政策版本中没有流程 {process_id}。",
                f"The release has no process {process_id}.",
            )
        return found

    def element(self, element_id: str) -> Element:
        """An element of any process; ids are unique in a policy.

        Raises:
            NotFound: ``element.not_found``.
        """
        for process in self.processes.values():
            if element_id in process.elements:
                return process.elements[element_id]
        raise NotFound(
            "element.not_found",
            f"政策版本中没有元素 {element_id}。",
            f"The release has no element {element_id}.",
        )

    def startable(self) -> tuple[ProcessModel, ...]:
        """The processes that no other calls: the ones that a case begins with."""
        called = {
            element.called
            for process in self.processes.values()
            for element in process.elements.values()
        }
        return tuple(process for process in self.processes.values() if process.id not in called)


def parse_policy(files: PolicyFiles) -> Policy:
    """Parse a policy.

    Raises:
        Invalid: with every finding, when a file alone has an error. Whether the files fit together
            is ``check_policy``'s to say.
    """
    return policy_from(read_contents(files))


def policy_from(contents: Contents) -> Policy:
    """The policy of files that have been read.

    Raises:
        Invalid: with every finding, when there is an error among them.
    """
    findings = contents.findings
    parameters, calendar = contents.parameters, contents.calendar
    if (
        any(finding.severity == "error" for finding in findings)
        or parameters is None
        or calendar is None
    ):
        raise Invalid("policy.invalid", findings=findings)
    return Policy(
        content_hash=contents.files.content_hash,
        files=contents.files,
        diagrams=tuple(contents.diagrams.values()),
        processes=frozen(contents.processes),
        forms=frozen({key: form for key, form in contents.forms.items() if form is not None}),
        decisions=frozen(contents.decisions),
        parameters=parameters,
        clauses=frozen(contents.clauses or {}),
        clocks=frozen(contents.clocks or {}),
        calendar=extended(calendar, contents.holidays),
        packs=contents.packs,
        programmes=contents.programmes,
        holidays=contents.holidays,
    )

"""Everything of a policy as far as it could be read, for the checks that look across files."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from workflows.access import LEVEL_OF_ROLE
from workflows.decisions import DecisionModel, Form, ParameterTable
from workflows.definitions.diagram.model import Element, ElementKind, ProcessModel
from workflows.definitions.notices import NoticeText
from workflows.definitions.operations import OperationSignature
from workflows.definitions.registers import Clause, ClockDefinition

#: The levels of the offices at which each role is held.
ROLES: Mapping[str, frozenset[str]] = {
    role.value: frozenset({level.value}) for role, level in LEVEL_OF_ROLE.items()
}


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What names can mean. None stands for a register that could not be read: it is not checked."""

    processes: Mapping[str, ProcessModel]
    #: Processes of which a part could not be read; their shape is not judged.
    unclear: frozenset[str]
    forms: Mapping[str, Form | None]
    decisions: Mapping[str, DecisionModel] | None
    parameters: ParameterTable | None
    clauses: Mapping[str, Clause] | None
    clocks: Mapping[str, ClockDefinition] | None
    notices: Mapping[str, NoticeText] | None
    operations: Mapping[str, OperationSignature]
    roles: Mapping[str, Collection[str]] = field(default_factory=lambda: ROLES)
    _callers: dict[str, list[Element]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        for process in self.processes.values():
            for element in process.elements.values():
                if element.kind is ElementKind.CALL_ACTIVITY and element.called:
                    self._callers.setdefault(element.called, []).append(element)

    def callers(self, process_id: str) -> Sequence[Element]:
        """The call activities that call a process."""
        return self._callers.get(process_id, ())

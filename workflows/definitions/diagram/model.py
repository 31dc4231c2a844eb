"""The immutable values that a diagram is read into."""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Literal, TypeVar

from lxml import etree

K = TypeVar("K")
V = TypeVar("V")

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
DOUDI = "urn:doudi:bpmn:1"

#: The types that a variable can be declared with; their values are FEEL values.
VARIABLE_TYPES = frozenset(
    {"string", "number", "boolean", "date", "dateTime", "duration", "list", "context"}
)


class ElementKind(StrEnum):
    """The flow nodes that a diagram may contain, named by their BPMN tag."""

    START_EVENT = "startEvent"
    END_EVENT = "endEvent"
    USER_TASK = "userTask"
    SERVICE_TASK = "serviceTask"
    BUSINESS_RULE_TASK = "businessRuleTask"
    SCRIPT_TASK = "scriptTask"
    RECEIVE_TASK = "receiveTask"
    CATCH_EVENT = "intermediateCatchEvent"
    THROW_EVENT = "intermediateThrowEvent"
    BOUNDARY_EVENT = "boundaryEvent"
    EXCLUSIVE_GATEWAY = "exclusiveGateway"
    PARALLEL_GATEWAY = "parallelGateway"
    EVENT_GATEWAY = "eventBasedGateway"
    SUB_PROCESS = "subProcess"
    CALL_ACTIVITY = "callActivity"


ACTIVITIES = frozenset(
    {
        ElementKind.USER_TASK,
        ElementKind.SERVICE_TASK,
        ElementKind.BUSINESS_RULE_TASK,
        ElementKind.SCRIPT_TASK,
        ElementKind.RECEIVE_TASK,
        ElementKind.SUB_PROCESS,
        ElementKind.CALL_ACTIVITY,
    }
)
GATEWAYS = frozenset(
    {ElementKind.EXCLUSIVE_GATEWAY, ElementKind.PARALLEL_GATEWAY, ElementKind.EVENT_GATEWAY}
)


@dataclass(frozen=True, slots=True)
class Mapping:
    """One input or output: ``value`` is FEEL, ``variable`` the variable that an output writes."""

    name: str
    value: str | None = None
    variable: str | None = None


@dataclass(frozen=True, slots=True)
class Timer:
    """A timer event; ``expression`` is FEEL."""

    kind: Literal["duration", "date"]
    expression: str


@dataclass(frozen=True, slots=True)
class ClockAction:
    """What entering or leaving an element does to a legal clock; the optional fields are FEEL."""

    key: str
    action: Literal["start", "stop", "extend", "pause", "resume", "exclude"]
    at: Literal["enter", "leave"]
    from_: str | None = None
    days: str | None = None
    by: str | None = None
    to: str | None = None


@dataclass(frozen=True, slots=True)
class Assignment:
    """Who may act: a role at the office of ``level``, except who did one of ``separate_from``."""

    role: str
    level: str
    separate_from: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Operation:
    """A call of a registered operation."""

    name: str
    inputs: tuple[Mapping, ...] = ()
    outputs: tuple[Mapping, ...] = ()


@dataclass(frozen=True, slots=True)
class DecisionRef:
    """A call of a decision; ``on`` is FEEL for the day whose tables and parameters apply."""

    ref: str
    on: str | None = None
    inputs: tuple[Mapping, ...] = ()
    outputs: tuple[Mapping, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """One flow node. ``incoming`` and ``outgoing`` are flow ids in the order of the file."""

    id: str
    kind: ElementKind
    process_id: str
    name: str = ""
    documentation: str = ""
    #: The embedded subprocess that the element lies in, None at the top of its process.
    parent_id: str | None = None
    #: The name of the innermost lane.
    lane: str | None = None
    clauses: tuple[str, ...] = ()
    incoming: tuple[str, ...] = ()
    outgoing: tuple[str, ...] = ()
    attached_to: str | None = None
    interrupting: bool = True
    timer: Timer | None = None
    #: The name of the message, such as ``application.withdrawn``, not the id of the BPMN element.
    message: str | None = None
    error_code: str | None = None
    terminate: bool = False
    assignment: Assignment | None = None
    form: str | None = None
    returns: tuple[str, ...] = ()
    clocks: tuple[ClockAction, ...] = ()
    operation: Operation | None = None
    decision: DecisionRef | None = None
    script: str | None = None
    result_variable: str | None = None
    called: str | None = None
    call_inputs: tuple[Mapping, ...] = ()
    call_outputs: tuple[Mapping, ...] = ()
    status: str | None = None
    #: the first of these that runs is the deadline of a task
    due_clocks: tuple[str, ...] = ()
    outcome: str | None = None
    default_flow: str | None = None


@dataclass(frozen=True, slots=True)
class Flow:
    """A sequence flow; ``condition`` is FEEL."""

    id: str
    name: str
    source: str
    target: str
    condition: str | None = None


@dataclass(frozen=True, slots=True)
class Variable:
    """A declared variable; ``default`` is FEEL; an inherited one is the caller's."""

    name: str
    type: str
    inherited: bool = False
    default: str | None = None


@dataclass(frozen=True, slots=True)
class ProcessModel:
    """One process with the elements and flows of all its embedded subprocesses."""

    id: str
    name: str
    documentation: str
    clauses: tuple[str, ...]
    variables: abc.Mapping[str, Variable]
    elements: abc.Mapping[str, Element]
    flows: abc.Mapping[str, Flow]
    start_id: str
    file: str
    #: what stands for the process in the numbers of its cases; empty: its id
    number_code: str = ""

    def children(self, parent_id: str | None) -> tuple[Element, ...]:
        """The elements directly in the process (None) or in one embedded subprocess."""
        return tuple(e for e in self.elements.values() if e.parent_id == parent_id)

    def start_of(self, parent_id: str | None) -> Element | None:
        """The start event of the process (None) or of one embedded subprocess."""
        starts = (e for e in self.children(parent_id) if e.kind is ElementKind.START_EVENT)
        return next(starts, None)


@dataclass(frozen=True, slots=True)
class DiagramFile:
    """One file: its processes, and its tree as the hardened parser gave it (not to be changed)."""

    file: str
    processes: tuple[ProcessModel, ...]
    tree: etree._Element = field(compare=False, repr=False)


def frozen(values: abc.Mapping[K, V]) -> abc.Mapping[K, V]:
    """A read-only copy."""
    return MappingProxyType(dict(values))

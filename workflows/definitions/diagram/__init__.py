"""What a BPMN file says, as immutable values: the host's only reading of diagrams."""

from workflows.definitions.diagram.model import (
    Assignment,
    ClockAction,
    DecisionRef,
    DiagramFile,
    Element,
    ElementKind,
    Flow,
    Mapping,
    Operation,
    ProcessModel,
    Timer,
    Variable,
)
from workflows.definitions.diagram.reading import Reading, parse_diagram, read_diagram

__all__ = [
    "Assignment",
    "ClockAction",
    "DecisionRef",
    "DiagramFile",
    "Element",
    "ElementKind",
    "Flow",
    "Mapping",
    "Operation",
    "ProcessModel",
    "Reading",
    "Timer",
    "Variable",
    "parse_diagram",
    "read_diagram",
]

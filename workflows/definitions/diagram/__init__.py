"""What a BPMN file says, as immutable values: the only reading of diagrams that the rest of the host sees."""

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
    "Timer",
    "Variable",
]

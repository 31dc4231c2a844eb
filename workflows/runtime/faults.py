"""From a refusal of the law in force to an incident of the case."""

from __future__ import annotations

from workflows.definitions.diagram import Element
from workflows.errors import Fault, Invalid


def place(element: Element | None) -> dict[str, str]:
    """Where it happened, for the details of a fault."""
    return {} if element is None else {"element": element.id}


def fault_of(error: Invalid, element: Element | None) -> Fault:
    """What the policy can't answer for this case: an incident, not a mistake of the person."""
    return Fault(
        error.code,
        error.message,
        error.message_en,
        details={**error.details, **place(element)},
        findings=error.findings,
    )

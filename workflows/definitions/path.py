"""Which sequence flows a case has taken, derived from the elements that it passed."""

from __future__ import annotations

from collections import deque

from workflows.definitions.diagram.model import ElementKind, ProcessModel

#: What a trace of steps may leave out between two of its elements.
_SILENT = frozenset(
    {
        ElementKind.EXCLUSIVE_GATEWAY,
        ElementKind.PARALLEL_GATEWAY,
        ElementKind.EVENT_GATEWAY,
        ElementKind.THROW_EVENT,
    }
)


def flow_between(process: ProcessModel, from_element: str, to_element: str) -> tuple[str, ...]:
    """The flows from one element to the next that a trace names, in order.

    The engine records elements, not flows, so the shortest way counts: a direct flow, or one
    through gateways and plain throw events only. Several flows between the same two elements
    (a default and a condition) can't be told apart: the first in the file is given. Empty when
    there is no such way, as from an activity to its own boundary event, or after a return.
    """
    if from_element not in process.elements or to_element not in process.elements:
        return ()
    pending: deque[tuple[str, tuple[str, ...]]] = deque([(from_element, ())])
    seen: set[str] = set()
    while pending:
        element_id, taken = pending.popleft()
        for flow_id in process.elements[element_id].outgoing:
            target = process.flows[flow_id].target
            if target == to_element:
                return (*taken, flow_id)
            if target not in seen and process.elements[target].kind in _SILENT:
                seen.add(target)
                pending.append((target, (*taken, flow_id)))
    return ()

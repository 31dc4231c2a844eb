"""Where a case stands: what its processes wait for, and every element that was entered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from models.cases import Case, CaseState
from workflows.definitions.diagram import Element, ElementKind
from workflows.definitions.policy import Policy
from workflows.definitions.release import policy_of
from workflows.errors import SYSTEM, NotFound
from workflows.privacy import KeyRing
from workflows.runtime.acts import begin
from workflows.runtime.engine import Wait, WaitKind
from workflows.runtime.inbox.timeline import known_element


@dataclass(frozen=True, slots=True)
class Place:
    """A case's policy, and, while it is open, its waits with the variables each of them sees."""

    policy: Policy
    waits: tuple[Wait, ...]
    views: Mapping[str, Mapping[str, Any]]

    def message(self, name: str) -> tuple[Element, Mapping[str, Any]]:
        """The element that waits for a message, and what it sees.

        Raises:
            NotFound: `message_not_awaited`.
        """
        for wait in self.waits:
            if wait.kind is WaitKind.MESSAGE and wait.element.message == name:
                return wait.element, self.views[wait.id]
        raise NotFound(
            "message_not_awaited",
            "这个办件现在不能登记这一事项，请刷新页面。",
            "The case doesn't wait for this now; please refresh.",
        )

    def current(self, entered: Sequence[str]) -> set[str]:
        """The elements that the case stands on, with the calls and subprocesses around them.

        `entered` tells, oldest first, which call of a process was the last one.
        """
        found = {
            wait.element.id
            for wait in self.waits
            if wait.kind is WaitKind.TASK or wait.element.kind is not ElementKind.BOUNDARY_EVENT
        }
        last = {element_id: place for place, element_id in enumerate(entered)}
        pending = list(found)
        while pending:
            element = self.policy.element(pending.pop())
            around = {element.parent_id} if element.parent_id else self._caller(element, last)
            pending += around - found
            found |= around
        return found

    def _caller(self, element: Element, last: Mapping[str, int]) -> set[str]:
        calls = [
            call.id
            for process in self.policy.processes.values()
            for call in process.elements.values()
            if call.called == element.process_id and call.id in last
        ]
        return {max(calls, key=last.__getitem__)} if calls else set()


def place_of_case(session: Session, case: Case, keys: KeyRing, *, now: datetime) -> Place:
    """Where a case stands; its engine state has been loaded. Nothing is locked or changed."""
    policy = policy_of(session, case.release_id)
    if case.state is CaseState.CLOSED:
        return Place(policy, (), {})
    act = begin(session, case, keys, actor=SYSTEM, now=now)
    waits = tuple(act.before.values())
    return Place(policy, waits, {wait.id: act.run.scopes.view(wait.scope) for wait in waits})


def reachable(policy: Policy, process_key: str) -> list[str]:
    """A process and those that it calls, each once, in the order of the calls."""
    found: list[str] = []
    pending = [process_key]
    while pending:
        key = pending.pop(0)
        if key in found or key not in policy.processes:
            continue
        found.append(key)
        pending += [
            element.called for element in policy.processes[key].elements.values() if element.called
        ]
    return found


def taken_flows(policy: Policy, steps: Sequence[tuple[str, str]]) -> list[str]:
    """Sequence flows that tokens took; `steps` are "enter", "wait" or "leave" with an element.

    A gateway that decides took the flow to whichever of its targets was entered next; one that
    waits for events took the flow to whichever happened next.
    """
    entered: dict[str, list[int]] = {}
    happened: dict[str, list[int]] = {}
    for position, (step, element_id) in enumerate(steps):
        moments = happened if step == "leave" else entered
        moments.setdefault(element_id, []).append(position)
    taken: dict[str, None] = {}
    for position, (step, element_id) in enumerate(steps):
        element = known_element(policy, element_id) if step == "leave" else None
        if element is None:
            continue
        flows = [policy.processes[element.process_id].flows[one] for one in element.outgoing]
        reached = happened if element.kind is ElementKind.EVENT_GATEWAY else entered
        after = [
            (min(later), flow.id)
            for flow in flows
            if (later := [at for at in reached.get(flow.target, ()) if at > position])
        ]
        if element.kind in _DECIDING:
            after = after and [min(after)]
        taken.update(dict.fromkeys(flow_id for _, flow_id in after))
    return list(taken)


_DECIDING = frozenset({ElementKind.EXCLUSIVE_GATEWAY, ElementKind.EVENT_GATEWAY})

"""Follows the tokens of a scope: parallel branches must all meet, and must not meet unjoined.

Every marking that matters is visited: in these diagrams (no inclusive gateways) a choice never
depends on another branch, so one node at a time can be advanced, with all its outcomes. Nodes where
branches meet are advanced last, the earliest of them first, so that two tokens that can come
together do come together.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from workflows.definitions.check.graph import Scope, on_cycle, reachable, scopes
from workflows.definitions.diagram.model import Element, ElementKind, ProcessModel
from workflows.definitions.findings import Report

MOST_MARKINGS = 5_000
Marking = frozenset[str]


def check_tokens(process: ProcessModel, report: Report) -> None:
    """Report joins that wait for ever, tokens that multiply, and structures too tangled to tell."""
    for scope in scopes(process):
        if not scope.of_kind(ElementKind.START_EVENT):
            continue
        looped = on_cycle(scope)
        splits = [
            gateway
            for gateway in scope.of_kind(ElementKind.PARALLEL_GATEWAY)
            if len(gateway.outgoing) > 1
        ]
        in_loop = [gateway for gateway in splits if gateway.id in looped]
        for gateway in in_loop:
            report.add("parallel.in_loop", gateway.id)
        _check_side_branches(scope, report)
        if not in_loop:
            for start in scope.of_kind(ElementKind.START_EVENT)[:1]:
                _Walk(scope, report).run(start)
            for event in scope.of_kind(ElementKind.BOUNDARY_EVENT):
                if not event.interrupting:
                    _Walk(scope, report).run(event)


def _check_side_branches(scope: Scope, report: Report) -> None:
    """What a non-interrupting event starts runs beside the main flow and must not run into it."""
    side = [e for e in scope.of_kind(ElementKind.BOUNDARY_EVENT) if not e.interrupting]
    if not side:
        return
    starts = [start.id for start in scope.of_kind(ElementKind.START_EVENT)]
    main = reachable(starts, scope.after, without={event.id for event in side})
    for event in side:
        shared = reachable([event.id], scope.after) & main
        meeting = sorted(n for n in shared if scope.nodes[n].kind is not ElementKind.END_EVENT)
        if meeting:
            report.add("boundary.merges", event.id, targets=meeting)


@dataclass(slots=True)
class _Walk:
    """Visits the markings (sets of flows that hold a token) that follow from one start."""

    scope: Scope
    report: Report
    seen: set[Marking] = field(default_factory=set)
    reported: set[tuple[str, str]] = field(default_factory=set)
    order: dict[str, int] = field(default_factory=dict)

    def run(self, start: Element) -> None:
        self.order = _order(self.scope, start.id)
        pending = list(self._fire(frozenset(), start))
        while pending:
            marking = pending.pop()
            if marking in self.seen:
                continue
            self.seen.add(marking)
            if len(self.seen) > MOST_MARKINGS:
                self.report.add("parallel.unclear", self.scope.owner)
                return
            pending.extend(self._following(marking))

    def _say(self, code: str, element: str) -> None:
        if (code, element) not in self.reported:
            self.reported.add((code, element))
            self.report.add(code, element)

    def _following(self, marking: Marking) -> Iterator[Marking]:
        flows = self.scope.process.flows
        waiting: dict[str, list[str]] = {}
        for flow_id in marking:
            waiting.setdefault(flows[flow_id].target, []).append(flow_id)
        ready = []
        for node_id, arrived in waiting.items():
            node = self.scope.nodes[node_id]
            joins = node.kind is ElementKind.PARALLEL_GATEWAY
            if joins and len(arrived) < len(node.incoming):
                continue
            if not joins and len(arrived) > 1 and node.kind is not ElementKind.END_EVENT:
                self._say("parallel.multiplied", node_id)
                return
            ready.append((len(node.incoming) > 1, self.order.get(node_id, 0), node_id))
        if not ready:
            for node_id in waiting:
                self._say("parallel.stuck", node_id)
            return
        node = self.scope.nodes[min(ready)[2]]
        yield from self._fire(marking - frozenset(waiting[node.id]), node)

    def _fire(self, rest: Marking, node: Element) -> Iterator[Marking]:
        """The markings after the node, given the tokens elsewhere."""
        if node.kind is ElementKind.END_EVENT:
            ends_all = node.terminate or node.error_code is not None
            yield frozenset() if ends_all else rest
            return
        if node.kind is ElementKind.PARALLEL_GATEWAY:
            choices = [node.outgoing]
        else:
            choices = [(flow,) for flow in node.outgoing]
            for event in self.scope.boundaries.get(node.id, ()):
                if event.interrupting:
                    choices.extend((flow,) for flow in event.outgoing)
        for choice in choices:
            doubled = rest & frozenset(choice)
            if doubled:
                self._say("parallel.multiplied", self._target(min(doubled)))
            else:
                yield rest | frozenset(choice)

    def _target(self, flow_id: str) -> str:
        return self.scope.process.flows[flow_id].target


def _order(scope: Scope, start: str) -> dict[str, int]:
    """The nodes in reverse postorder: a node comes before what follows it, loops apart."""
    finished: list[str] = []
    visited = {start}
    stack = [(start, iter(scope.after.get(start, ())))]
    while stack:
        node, following = stack[-1]
        target = next(following, None)
        if target is None:
            stack.pop()
            finished.append(node)
        elif target not in visited:
            visited.add(target)
            stack.append((target, iter(scope.after.get(target, ()))))
    return {node: position for position, node in enumerate(reversed(finished))}

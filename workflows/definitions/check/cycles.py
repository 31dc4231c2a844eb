"""Checks that a case cannot run on for ever: cycles wait, and runs without a wait are short."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from workflows.definitions.check.graph import WAITS, Scope, cycles, reachable, scopes
from workflows.definitions.diagram.model import Element, ElementKind, ProcessModel
from workflows.definitions.findings import Report

LONGEST_RUN = 250


def waiting_processes(processes: Mapping[str, ProcessModel]) -> frozenset[str]:
    """The processes that wait at least once on every way from start to end.

    Called processes first: it repeats until nothing is added, so that a call graph with a cycle
    (reported elsewhere) ends too.
    """
    found: set[str] = set()
    while True:
        added = {
            process.id
            for process in processes.values()
            if process.id not in found and _always_waits(process, None, found)
        }
        if not added:
            return frozenset(found)
        found |= added


def check_cycles(process: ProcessModel, waiting: Collection[str], report: Report) -> None:
    """Report cycles without a wait and runs without a wait that are too long for the engine."""
    for scope in scopes(process):
        passing = _without_waits(scope, waiting)
        found = cycles(passing)
        for component in found:
            report.add("cycle.no_wait", component[0], elements=component)
        if not found:
            length, last = _longest(passing)
            if length > LONGEST_RUN:
                report.add("process.long_run", last, size=length, most=LONGEST_RUN)


def is_wait(element: Element, process: ProcessModel, waiting: Collection[str]) -> bool:
    """Whether nothing passes the element without waiting there."""
    if element.kind in WAITS:
        return element.kind is ElementKind.USER_TASK or bool(element.timer or element.message)
    if element.kind is ElementKind.BOUNDARY_EVENT:
        return bool(element.timer or element.message)
    if element.kind is ElementKind.CALL_ACTIVITY:
        return element.called in waiting
    if element.kind is ElementKind.SUB_PROCESS:
        return _always_waits(process, element.id, waiting)
    return False


def _always_waits(process: ProcessModel, parent_id: str | None, waiting: Collection[str]) -> bool:
    scope = next(found for found in scopes(process) if found.parent_id == parent_id)
    passing = _without_waits(scope, waiting)
    starts = [start.id for start in scope.of_kind(ElementKind.START_EVENT)]
    reached = reachable(starts, passing)
    return bool(starts) and not any(
        scope.nodes[node].kind is ElementKind.END_EVENT for node in reached
    )


def _without_waits(scope: Scope, waiting: Collection[str]) -> dict[str, list[str]]:
    """The graph of what is passed without a wait.

    An error can come out of an activity before it has waited, so its error boundaries follow the
    activity's predecessors directly.
    """
    waits = {node.id for node in scope.nodes.values() if is_wait(node, scope.process, waiting)}
    passing: dict[str, list[str]] = {}
    for node, following in scope.after.items():
        if node in waits:
            continue
        targets: list[str] = []
        for target in following:
            if target not in waits:
                targets.append(target)
            else:
                targets.extend(
                    event.id for event in scope.boundaries.get(target, ()) if event.id not in waits
                )
        passing[node] = targets
    return passing


def _longest(after: Mapping[str, Collection[str]]) -> tuple[int, str]:
    """The number of nodes on the longest path of an acyclic graph, and where it ends."""
    degree = dict.fromkeys(after, 0)
    for following in after.values():
        for node in following:
            degree[node] = degree.get(node, 0) + 1
    ready = [node for node, count in degree.items() if count == 0]
    length = dict.fromkeys(degree, 1)
    best = (0, "")
    while ready:
        node = ready.pop()
        best = max(best, (length[node], node))
        for target in after.get(node, ()):
            length[target] = max(length[target], length[node] + 1)
            degree[target] -= 1
            if degree[target] == 0:
                ready.append(target)
    return best

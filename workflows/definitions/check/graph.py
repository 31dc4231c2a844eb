"""A scope of a process as a graph: who follows whom, with boundary events after their hosts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from workflows.definitions.diagram.model import Element, ElementKind, ProcessModel

#: Elements at which a case rests until a person, a message or a moment comes.
WAITS = frozenset({ElementKind.USER_TASK, ElementKind.RECEIVE_TASK, ElementKind.CATCH_EVENT})


@dataclass(frozen=True, slots=True)
class Scope:
    """The process itself (``parent_id`` None) or one embedded subprocess."""

    process: ProcessModel
    parent_id: str | None
    nodes: Mapping[str, Element]
    after: Mapping[str, tuple[str, ...]]
    before: Mapping[str, tuple[str, ...]]
    #: Boundary events by the id of the element that carries them.
    boundaries: Mapping[str, tuple[Element, ...]]

    @property
    def owner(self) -> str:
        """The id of the element that a finding about the whole scope points at."""
        return self.parent_id or self.process.id

    def of_kind(self, kind: ElementKind) -> list[Element]:
        """The elements of one kind, in the order of the file."""
        return [node for node in self.nodes.values() if node.kind is kind]


def scopes(process: ProcessModel) -> list[Scope]:
    """The process and each of its embedded subprocesses."""
    parents: list[str | None] = [None]
    parents += [e.id for e in process.elements.values() if e.kind is ElementKind.SUB_PROCESS]
    return [_scope(process, parent_id) for parent_id in parents]


def _scope(process: ProcessModel, parent_id: str | None) -> Scope:
    nodes = {element.id: element for element in process.children(parent_id)}
    after: dict[str, list[str]] = {node: [] for node in nodes}
    before: dict[str, list[str]] = {node: [] for node in nodes}
    boundaries: dict[str, list[Element]] = {}
    for element in nodes.values():
        for flow_id in element.outgoing:
            target = process.flows[flow_id].target
            if target in nodes:
                after[element.id].append(target)
                before[target].append(element.id)
        host = element.attached_to
        if element.kind is ElementKind.BOUNDARY_EVENT and host in nodes and host is not None:
            boundaries.setdefault(host, []).append(element)
            after[host].append(element.id)
            before[element.id].append(host)
    return Scope(
        process,
        parent_id,
        nodes,
        {node: tuple(found) for node, found in after.items()},
        {node: tuple(found) for node, found in before.items()},
        {host: tuple(found) for host, found in boundaries.items()},
    )


def reachable(
    starts: Iterable[str], after: Mapping[str, Collection[str]], without: Collection[str] = ()
) -> set[str]:
    """Everything that can be reached, the starts included; ``without`` are never entered."""
    found: set[str] = set()
    pending = [start for start in starts if start not in without]
    while pending:
        node = pending.pop()
        if node in found:
            continue
        found.add(node)
        pending.extend(n for n in after.get(node, ()) if n not in found and n not in without)
    return found


def cycles(after: Mapping[str, Collection[str]]) -> list[list[str]]:
    """The strongly connected components with a cycle, each sorted (Tarjan, without recursion)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    on_stack: set[str] = set()
    found: list[list[str]] = []
    for root in after:
        if root in index:
            continue
        work: list[tuple[str, list[str]]] = [(root, list(after[root]))]
        index[root] = low[root] = len(index)
        stack.append(root)
        on_stack.add(root)
        while work:
            node, rest = work[-1]
            if rest:
                following = rest.pop()
                if following not in index:
                    index[following] = low[following] = len(index)
                    stack.append(following)
                    on_stack.add(following)
                    work.append((following, list(after.get(following, ()))))
                elif following in on_stack:
                    low[node] = min(low[node], index[following])
                continue
            work.pop()
            if work:
                low[work[-1][0]] = min(low[work[-1][0]], low[node])
            if low[node] == index[node]:
                component = []
                while True:
                    member = stack.pop()
                    on_stack.discard(member)
                    component.append(member)
                    if member == node:
                        break
                if len(component) > 1 or node in after[node]:
                    found.append(sorted(component))
    return found


def on_cycle(scope: Scope) -> set[str]:
    """The elements that a case can come to more than once."""
    return {node for component in cycles(scope.after) for node in component}

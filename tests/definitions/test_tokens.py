"""The walk over markings finds what a walk over every order of events finds."""

from __future__ import annotations

from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from tests.definitions.diagrams import document, end, flow, node, process, start
from workflows.definitions.check.graph import cycles, scopes
from workflows.definitions.check.tokens import check_tokens
from workflows.definitions.diagram import ElementKind, ProcessModel, read_diagram
from workflows.definitions.findings import Report

KINDS = ["exclusiveGateway", "parallelGateway", "userTask"]


def wired(kinds: list[str], pairs: list[tuple[int, int]]) -> ProcessModel:
    """Start, the nodes in a chain, end, and more flows forwards; tasks only get flows in."""
    ids = ["Start_1", *(f"N_{i}" for i in range(1, len(kinds) + 1)), "End_1"]
    wires = {(i, i + 1) for i in range(len(ids) - 1)}
    for first, second in pairs:
        low, high = sorted((first % len(ids), second % len(ids)))
        if 0 < low < high and kinds[min(low, len(kinds)) - 1] != "userTask":
            wires.add((low, high))
    content = document(
        process(
            start(),
            *(node(kind, f"N_{i}") for i, kind in enumerate(kinds, 1)),
            end(),
            *(flow(f"F_{a}_{b}", ids[a], ids[b]) for a, b in sorted(wires)),
        )
    )
    diagram = read_diagram(content, file="p.bpmn").diagram
    assert diagram is not None
    return diagram.processes[0]


def goes_wrong(model: ProcessModel) -> bool:
    """Whether some order of events leaves a join waiting or lets two tokens meet unjoined."""
    pending = [frozenset(model.elements["Start_1"].outgoing)]
    seen = set(pending)
    while pending:
        marking = pending.pop()
        moved = False
        for element in model.elements.values():
            arrived = marking & frozenset(element.incoming)
            joins = element.kind is ElementKind.PARALLEL_GATEWAY
            if not arrived or (joins and len(arrived) < len(element.incoming)):
                continue
            ends = element.kind is ElementKind.END_EVENT
            if len(arrived) > 1 and not joins and not ends:
                return True
            moved = True
            rest = marking - arrived
            choices = [element.outgoing] if joins else [(taken,) for taken in element.outgoing]
            for choice in choices or [()]:
                if rest & frozenset(choice):
                    return True
                following = rest | frozenset(choice)
                if following not in seen:
                    seen.add(following)
                    pending.append(following)
        if marking and not moved:
            return True
    return False


@settings(
    max_examples=400,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)
@given(
    st.lists(st.sampled_from(KINDS), min_size=2, max_size=8),
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=8),
)
def test_one_order_of_events_shows_what_all_orders_show(
    kinds: list[str], pairs: list[tuple[int, int]]
) -> None:
    # given
    model = wired(kinds, pairs)
    assume(not cycles(scopes(model)[0].after))
    report = Report("p.bpmn")
    # when
    check_tokens(model, report)
    # then
    expected = goes_wrong(model)
    event(f"wrong: {expected}")
    assert bool(report.findings) == expected


def test_a_tangle_is_called_unclear_instead_of_searched_for_ever() -> None:
    # given
    parts: list[str] = [start(), node("parallelGateway", "S"), node("parallelGateway", "J"), end()]
    wires = [flow("F_0", "Start_1", "S"), flow("F_9", "J", "End_1")]
    for i in range(14):
        parts += [
            node("exclusiveGateway", f"G_{i}", default=f"D_{i}"),
            node("exclusiveGateway", f"H_{i}"),
            node("exclusiveGateway", f"K_{i}"),
        ]
        wires += [
            flow(f"A_{i}", "S", f"G_{i}"),
            flow(f"D_{i}", f"G_{i}", f"H_{i}"),
            flow(f"E_{i}", f"G_{i}", f"H_{i}", "x = 1"),
            flow(f"B_{i}", f"G_{i}", f"K_{i}", "x = 2"),
            flow(f"C_{i}", f"H_{i}", f"K_{i}"),
            flow(f"Z_{i}", f"K_{i}", "J"),
        ]
    diagram = read_diagram(document(process(*parts, *wires)), file="p.bpmn").diagram
    assert diagram is not None
    report = Report("p.bpmn")
    # when
    check_tokens(diagram.processes[0], report)
    # then
    assert {finding.code for finding in report.findings} == {"parallel.unclear"}

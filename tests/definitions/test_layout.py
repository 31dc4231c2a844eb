"""What the checks say of a drawing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import pytest

from tests.definitions.diagrams import (
    OPERATIONS,
    document,
    end,
    flows,
    message,
    node,
    policy,
    process,
    start,
)
from workflows.definitions.check import check_policy

Box: TypeAlias = Sequence[float | str]
Line: TypeAlias = Sequence[tuple[float, float]]

SHAPES: dict[str, Box] = {
    "Start_1": (100, 100, 36, 36),
    "Task_A": (200, 78, 100, 80),
    "End_1": (400, 100, 36, 36),
}
EDGES: dict[str, Line] = {
    "F_Start_1_Task_A": [(136, 118), (200, 118)],
    "F_Task_A_End_1": [(300, 118), (400, 118)],
}
LANES = (
    "<bpmn:laneSet id='L'><bpmn:lane id='L_1' name='镇街'>"
    + "".join(f"<bpmn:flowNodeRef>{name}</bpmn:flowNodeRef>" for name in SHAPES)
    + "</bpmn:lane></bpmn:laneSet>"
)


def drawn(shapes: Mapping[str, Box], edges: Mapping[str, Line]) -> set[tuple[str, str | None]]:
    """Code and element of the findings about a drawing of start → Task_A → end in a lane."""
    boxes = "".join(
        f"<bpmndi:BPMNShape id='{name}_di' bpmnElement='{name}'>"
        f"<dc:Bounds x='{x}' y='{y}' width='{width}' height='{height}'/></bpmndi:BPMNShape>"
        for name, (x, y, width, height) in shapes.items()
    )
    lines = "".join(
        f"<bpmndi:BPMNEdge id='{name}_di' bpmnElement='{name}'>"
        + "".join(f"<di:waypoint x='{x}' y='{y}'/>" for x, y in points)
        + "</bpmndi:BPMNEdge>"
        for name, points in edges.items()
    )
    content = document(
        process(
            start(),
            node("userTask", "Task_A"),
            end(),
            flows("Start_1 Task_A End_1"),
            head=LANES,
        ),
        rest="<bpmndi:BPMNDiagram id='D'><bpmndi:BPMNPlane id='Plane' bpmnElement='p'>"
        f"{boxes}{lines}</bpmndi:BPMNPlane></bpmndi:BPMNDiagram>",
    )
    found = check_policy(policy(content), operations=OPERATIONS)
    assert all(finding.severity == "warning" for finding in found)
    return {(finding.code, finding.element) for finding in found}


def test_a_tidy_drawing_has_no_findings() -> None:
    # given
    shapes = {**SHAPES, "L_1": (50, 50, 500, 200)}
    # when / then
    assert drawn(shapes, EDGES) == set()


@pytest.mark.parametrize(
    ("shapes", "edges", "expected"),
    [
        ({"Task_A": None}, {}, ("layout.missing", "Task_A")),
        ({}, {"F_Task_A_End_1": None}, ("layout.missing", "F_Task_A_End_1")),
        ({}, {"F_Task_A_End_1": [(300, 100), (400, 118)]}, ("layout.slanted", "F_Task_A_End_1")),
        ({}, {"F_Task_A_End_1": [(310, 118), (400, 118)]}, ("layout.loose", "F_Task_A_End_1")),
        ({}, {"F_Task_A_End_1": [(300, 118)]}, ("layout.number", "F_Task_A_End_1")),
        ({"End_1": (280, 100, 36, 36)}, {}, ("layout.overlap", "Task_A")),
        ({"L_1": (50, 50, 300, 200)}, {}, ("layout.outside", "End_1")),
        ({"End_1": (20, 100, 36, 36)}, {}, ("layout.direction", "End_1")),
        ({"End_1": (400, 100, 0, 36)}, {}, ("layout.number", "End_1")),
        ({"End_1": ("NaN", 100, 36, 36)}, {}, ("layout.number", "End_1")),
        ({"End_1": ("1e400", 100, 36, 36)}, {}, ("layout.number", "End_1")),
    ],
)
def test_an_untidy_drawing_is_warned_about(
    shapes: dict[str, Box | None],
    edges: dict[str, Line | None],
    expected: tuple[str, str],
) -> None:
    # given
    all_shapes: dict[str, Box | None] = {**SHAPES, "L_1": (50, 50, 500, 200), **shapes}
    all_edges: dict[str, Line | None] = {**EDGES, **edges}
    # when
    found = drawn(
        {name: box for name, box in all_shapes.items() if box is not None},
        {name: points for name, points in all_edges.items() if points is not None},
    )
    # then
    assert expected in found


def test_a_boundary_event_belongs_on_its_host() -> None:
    # given
    event = node(
        "boundaryEvent",
        "B",
        attachedToRef="Task_A",
        inner=message(),
        extra='<doudi:assignment role="case_officer" level="township"/>',
    )
    content = document(
        process(
            start(),
            node("userTask", "Task_A"),
            event,
            end(),
            flows("Start_1 Task_A End_1", "B End_1"),
        ),
        rest="<bpmndi:BPMNDiagram id='D'><bpmndi:BPMNPlane id='Plane' bpmnElement='p'>"
        + "".join(
            f"<bpmndi:BPMNShape id='{name}_di' bpmnElement='{name}'>"
            f"<dc:Bounds x='{x}' y='100' width='30' height='30'/></bpmndi:BPMNShape>"
            for name, x in (("Task_A", 100), ("B", 300))
        )
        + "</bpmndi:BPMNPlane></bpmndi:BPMNDiagram>",
    )
    # when
    found = check_policy(policy(content), operations=OPERATIONS)
    # then
    assert ("layout.boundary", "B") in {(finding.code, finding.element) for finding in found}

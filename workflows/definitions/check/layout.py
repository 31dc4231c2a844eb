"""Checks the drawing: everything has its place, lines are straight, shapes do not overlap."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from lxml import etree

from workflows.definitions.diagram.allowed import BPMNDI, DC, DI
from workflows.definitions.diagram.model import (
    BPMN,
    DiagramFile,
    Element,
    ElementKind,
    ProcessModel,
)
from workflows.definitions.findings import Report

#: Drawing tools round to whole pixels; this much slant or overlap is not seen.
_SLACK = 1.5
_FARTHEST = 100_000


@dataclass(frozen=True, slots=True)
class _Box:
    x: float
    y: float
    width: float
    height: float

    def overlaps(self, other: _Box) -> bool:
        return (
            self.x + self.width > other.x + _SLACK
            and other.x + other.width > self.x + _SLACK
            and self.y + self.height > other.y + _SLACK
            and other.y + other.height > self.y + _SLACK
        )

    def holds(self, other: _Box) -> bool:
        return (
            self.x <= other.x + _SLACK
            and self.y <= other.y + _SLACK
            and self.x + self.width >= other.x + other.width - _SLACK
            and self.y + self.height >= other.y + other.height - _SLACK
        )


@dataclass(frozen=True, slots=True)
class _Plane:
    """One page of the drawing; a collapsed subprocess is drawn on one of its own."""

    shapes: dict[str, _Box]
    edges: dict[str, list[tuple[float, float]]]
    expanded: frozenset[str]


def check_layout(diagram: DiagramFile, report: Report) -> None:
    """Report, as warnings, what makes the drawing hard to read or impossible to show."""
    planes = [_read(node, report) for node in diagram.tree.iter(f"{{{BPMNDI}}}BPMNPlane")]
    drawn = {name for plane in planes for name in (*plane.shapes, *plane.edges)}
    lanes = _containers(diagram.tree)
    for process in diagram.processes:
        for name in (*process.elements, *process.flows):
            if name not in drawn:
                report.add("layout.missing", name)
        for plane in planes:
            _check_edges(process, plane, report)
            _check_overlaps(process, plane, report)
            _check_inside(process, plane, lanes, report)
            _check_direction(process, plane, report)


def _number(node: etree._Element, name: str) -> float:
    try:
        value = float(node.get(name, ""))
    except ValueError:
        return math.nan
    return value if math.isfinite(value) and abs(value) <= _FARTHEST else math.nan


def _read(plane: etree._Element, report: Report) -> _Plane:
    shapes: dict[str, _Box] = {}
    edges: dict[str, list[tuple[float, float]]] = {}
    expanded = set()
    for node in plane:
        name = node.get("bpmnElement", "")
        if node.tag == f"{{{BPMNDI}}}BPMNShape":
            bounds = node.find(f"{{{DC}}}Bounds")
            values = [
                _number(bounds, key) if bounds is not None else math.nan
                for key in ("x", "y", "width", "height")
            ]
            if any(math.isnan(value) for value in values) or min(values[2:]) <= 0:
                report.add("layout.number", name or None)
                continue
            shapes[name] = _Box(*values)
            if node.get("isExpanded") == "true":
                expanded.add(name)
        elif node.tag == f"{{{BPMNDI}}}BPMNEdge":
            points = [
                (_number(point, "x"), _number(point, "y"))
                for point in node.iterchildren(f"{{{DI}}}waypoint")
            ]
            if len(points) < 2 or any(math.isnan(value) for point in points for value in point):
                report.add("layout.number", name or None)
                continue
            edges[name] = points
    return _Plane(shapes, edges, frozenset(expanded))


def _containers(root: etree._Element) -> dict[str, list[str]]:
    """The pools and lanes that each process, or lane member, is to lie in."""
    found: dict[str, list[str]] = {}
    for participant in root.iter(f"{{{BPMN}}}participant"):
        found.setdefault(participant.get("processRef", ""), []).append(participant.get("id", ""))
    for lane in root.iter(f"{{{BPMN}}}lane"):
        for reference in lane.iterchildren(f"{{{BPMN}}}flowNodeRef"):
            found.setdefault((reference.text or "").strip(), []).append(lane.get("id", ""))
    return found


def _check_edges(process: ProcessModel, plane: _Plane, report: Report) -> None:
    for flow in process.flows.values():
        points = plane.edges.get(flow.id)
        if points is None:
            continue
        if any(
            abs(x1 - x2) > _SLACK and abs(y1 - y2) > _SLACK
            for (x1, y1), (x2, y2) in pairwise(points)
        ):
            report.add("layout.slanted", flow.id)
        for point, end in ((points[0], flow.source), (points[-1], flow.target)):
            box = plane.shapes.get(end)
            if box is not None and not _touches(box, point):
                report.add("layout.loose", flow.id, target=end)


def _touches(box: _Box, point: tuple[float, float]) -> bool:
    return box.overlaps(_Box(point[0] - 2 * _SLACK, point[1] - 2 * _SLACK, 4 * _SLACK, 4 * _SLACK))


def _siblings(process: ProcessModel, plane: _Plane) -> Iterator[list[tuple[Element, _Box]]]:
    scopes: dict[str | None, list[tuple[Element, _Box]]] = {}
    for element in process.elements.values():
        box = plane.shapes.get(element.id)
        if box is not None and element.kind is not ElementKind.BOUNDARY_EVENT:
            scopes.setdefault(element.parent_id, []).append((element, box))
    yield from scopes.values()


def _check_overlaps(process: ProcessModel, plane: _Plane, report: Report) -> None:
    for members in _siblings(process, plane):
        members.sort(key=lambda member: member[1].x)
        for position, (first, box) in enumerate(members):
            for second, other in members[position + 1 :]:
                if other.x >= box.x + box.width:
                    break
                if box.overlaps(other):
                    report.add("layout.overlap", first.id, target=second.id)


def _check_inside(
    process: ProcessModel, plane: _Plane, lanes: dict[str, list[str]], report: Report
) -> None:
    for element in process.elements.values():
        box = plane.shapes.get(element.id)
        if box is None:
            continue
        if element.kind is ElementKind.BOUNDARY_EVENT:
            host = plane.shapes.get(element.attached_to or "")
            if host is not None and not host.overlaps(box):
                report.add("layout.boundary", element.id, target=element.attached_to or "")
            continue
        around = list(lanes.get(element.id, ()))
        if element.parent_id is None:
            around += lanes.get(process.id, ())
        elif element.parent_id in plane.expanded:
            around.append(element.parent_id)
        for name in around:
            outer = plane.shapes.get(name)
            if outer is not None and not outer.holds(box):
                report.add("layout.outside", element.id, target=name)


def _check_direction(process: ProcessModel, plane: _Plane, report: Report) -> None:
    """The start is the leftmost of its scope: a process is read from left to right."""
    for members in _siblings(process, plane):
        starts = [box for element, box in members if element.kind is ElementKind.START_EVENT]
        if starts:
            left = min(members, key=lambda member: member[1].x)
            if left[1].x + _SLACK < starts[0].x:
                report.add("layout.direction", left[0].id)

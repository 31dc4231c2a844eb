"""Builds the model of a diagram from its bytes and reports what the file itself makes wrong."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from lxml import etree

from workflows.definitions.diagram.allowed import (
    check_allowed,
    check_ids,
    local,
    place,
    space,
)
from workflows.definitions.diagram.events import Events, read_declarations, read_event
from workflows.definitions.diagram.extensions import read_extensions
from workflows.definitions.diagram.model import (
    BPMN,
    DiagramFile,
    Element,
    ElementKind,
    Flow,
    ProcessModel,
    frozen,
)
from workflows.definitions.diagram.xml import parse_xml
from workflows.definitions.findings import Report
from workflows.errors import Finding, Invalid

KINDS = {kind.value: kind for kind in ElementKind}


@dataclass(frozen=True, slots=True)
class Reading:
    """A diagram as far as it could be read; ``unclear`` names the processes with parts left out."""

    diagram: DiagramFile | None
    findings: tuple[Finding, ...]
    unclear: frozenset[str] = frozenset()


def parse_diagram(content: bytes, *, file: str) -> DiagramFile:
    """Read a diagram.

    Raises:
        Invalid: with every finding of the file alone, when one of them is an error. What needs the
            other files of the policy (names, roles, calls) is ``check_policy``'s.
    """
    reading = read_diagram(content, file=file)
    errors = [finding for finding in reading.findings if finding.severity == "error"]
    if errors or reading.diagram is None:
        raise Invalid("diagram.invalid", findings=reading.findings)
    return reading.diagram


def read_diagram(content: bytes, *, file: str) -> Reading:
    """Read a diagram as far as it can be read, with every finding of the file alone."""
    report = Report(file)
    root = parse_xml(content, report)
    if root is None:
        return Reading(None, tuple(report.findings))
    refused = check_allowed(root, report)
    if root in refused:
        return Reading(None, tuple(report.findings))
    check_ids(root, report)
    events = read_declarations(root, report)
    processes = []
    unclear = set()
    for node in _bpmn(root, "process"):
        builder = _Builder(node.get("id", ""), file, events, refused, report)
        process = builder.read(node)
        processes.append(process)
        if builder.unclear:
            unclear.add(process.id)
    if not processes:
        report.add("process.none")
    _check_participants(root, {process.id for process in processes}, report)
    diagram = DiagramFile(file, tuple(processes), root)
    return Reading(diagram, tuple(report.findings), frozenset(unclear))


def _bpmn(node: etree._Element, *tags: str) -> list[etree._Element]:
    return [child for child in node if space(child) == BPMN and local(child) in tags]


def _documentation(node: etree._Element) -> str:
    texts = [(child.text or "").strip() for child in _bpmn(node, "documentation")]
    return "\n".join(text for text in texts if text)


@dataclass(slots=True)
class _Builder:
    """Reads one process."""

    process_id: str
    file: str
    events: Events
    refused: set[etree._Element]
    report: Report
    unclear: bool = False
    elements: dict[str, Element] = field(default_factory=dict)
    flows: dict[str, Flow] = field(default_factory=dict)
    #: The scope (subprocess id or None) that each flow is drawn in.
    flow_scopes: dict[str, str | None] = field(default_factory=dict)
    #: What the ``incoming`` and ``outgoing`` children say, to compare with the flows.
    stated: dict[str, tuple[list[str], list[str]]] = field(default_factory=dict)
    nodes: dict[str, etree._Element] = field(default_factory=dict)

    def read(self, node: etree._Element) -> ProcessModel:
        if not self.process_id:
            self.report.add("id.missing", node=node, tag="process")
            self.unclear = True
        extensions = read_extensions(node, self.process_id, None, self.report)
        if node.get("isExecutable") != "true":
            self.report.add("process.not_executable", self.process_id, node=node)
        self._read_scope(node, None)
        lanes = self._lanes(node)
        self._connect(lanes)
        starts = [
            element.id
            for element in self.elements.values()
            if element.kind is ElementKind.START_EVENT and element.parent_id is None
        ]
        return ProcessModel(
            id=self.process_id,
            name=(node.get("name") or "").strip(),
            documentation=_documentation(node),
            clauses=extensions.clauses,
            variables=frozen(extensions.variables),
            elements=frozen(self.elements),
            flows=frozen(self.flows),
            start_id=starts[0] if starts else "",
            file=self.file,
            number_code=extensions.fields.get("number_code", ""),
        )

    def _read_scope(self, scope: etree._Element, parent_id: str | None) -> None:
        for node in scope:
            tag = local(node)
            if node in self.refused:
                self.unclear = True
            elif tag == "sequenceFlow" and space(node) == BPMN:
                self._read_flow(node, parent_id)
            elif tag in KINDS and space(node) == BPMN:
                self._read_element(node, KINDS[tag], parent_id)

    def _usable(self, new_id: str, node: etree._Element) -> bool:
        """Whether the id can name the node; a repeated one is reported for the whole file."""
        if not new_id:
            self.report.add("id.missing", node=node, tag=local(node))
        if new_id and new_id not in self.elements and new_id not in self.flows:
            return True
        self.unclear = True
        return False

    def _read_flow(self, node: etree._Element, parent_id: str | None) -> None:
        flow_id = node.get("id", "")
        if not self._usable(flow_id, node):
            return
        if _bpmn(node, "extensionElements"):
            self.report.add("ext.element", flow_id, tag="extensionElements", on="sequenceFlow")
        conditions = _bpmn(node, "conditionExpression")
        if len(conditions) > 1:
            self.report.add("ext.repeated", flow_id, tag="conditionExpression")
        condition = (conditions[0].text or "").strip() if conditions else None
        self.flows[flow_id] = Flow(
            flow_id,
            (node.get("name") or "").strip(),
            node.get("sourceRef", ""),
            node.get("targetRef", ""),
            condition,
        )
        self.flow_scopes[flow_id] = parent_id

    def _read_element(self, node: etree._Element, kind: ElementKind, parent_id: str | None) -> None:
        element_id = node.get("id", "")
        if not self._usable(element_id, node):
            return
        extensions = read_extensions(node, element_id, kind, self.report)
        if any(child in self.refused for child in node) and kind is not ElementKind.SUB_PROCESS:
            self.unclear = True
        self.nodes[element_id] = node
        self.stated[element_id] = (
            [(child.text or "").strip() for child in _bpmn(node, "incoming")],
            [(child.text or "").strip() for child in _bpmn(node, "outgoing")],
        )
        self.elements[element_id] = Element(
            id=element_id,
            kind=kind,
            process_id=self.process_id,
            name=(node.get("name") or "").strip(),
            documentation=_documentation(node),
            parent_id=parent_id,
            clauses=extensions.clauses,
            default_flow=node.get("default"),
            called=node.get("calledElement"),
            attached_to=node.get("attachedToRef"),
            **read_event(node, kind, self.events, self.report),
            **extensions.fields,
        )
        if kind is ElementKind.SUB_PROCESS:
            self._read_scope(node, element_id)

    def _lanes(self, process: etree._Element) -> dict[str, str]:
        """The innermost lane of each element at the top of the process."""
        lanes: dict[str, str] = {}
        leaves = [
            lane
            for lane_set in _bpmn(process, "laneSet")
            for lane in lane_set.iter(f"{{{BPMN}}}lane")
            if not _bpmn(lane, "childLaneSet")
        ]
        for lane in leaves:
            for reference in _bpmn(lane, "flowNodeRef"):
                target = (reference.text or "").strip()
                if target not in self.elements:
                    self.report.add("lane.reference", place(lane), target=target)
                elif target in lanes:
                    self.report.add("lane.twice", target, lane=lane.get("name", ""))
                else:
                    lanes[target] = lane.get("name", "")
        if leaves:
            for element in self.elements.values():
                host = element.attached_to
                if element.parent_id is None and element.id not in lanes:
                    if host is None or host not in lanes:
                        self.report.add("lane.missing", element.id)
                    else:
                        lanes[element.id] = lanes[host]
        return lanes

    def _connect(self, lanes: dict[str, str]) -> None:
        """Give every element its flows and its lane, and report flows that lead nowhere."""
        incoming: dict[str, list[str]] = {element_id: [] for element_id in self.elements}
        outgoing: dict[str, list[str]] = {element_id: [] for element_id in self.elements}
        for flow in list(self.flows.values()):
            source, target = self.elements.get(flow.source), self.elements.get(flow.target)
            if source is None or target is None:
                missing = flow.source if source is None else flow.target
                self.report.add("flow.end_missing", flow.id, target=missing)
                self.unclear = True
                del self.flows[flow.id]
                continue
            if not source.parent_id == target.parent_id == self.flow_scopes[flow.id]:
                self.report.add("flow.crosses", flow.id, source=flow.source, target=flow.target)
                self.unclear = True
            outgoing[flow.source].append(flow.id)
            incoming[flow.target].append(flow.id)
        for element_id, element in self.elements.items():
            into, out_of = self.stated[element_id]
            agrees = (not into or sorted(into) == sorted(incoming[element_id])) and (
                not out_of or sorted(out_of) == sorted(outgoing[element_id])
            )
            if not agrees and not self.unclear:
                self.report.add("flow.stated", element_id)
            self.elements[element_id] = replace(
                element,
                incoming=tuple(incoming[element_id]),
                outgoing=tuple(outgoing[element_id]),
                lane=self._lane(element, lanes),
            )

    def _lane(self, element: Element, lanes: dict[str, str]) -> str | None:
        """Elements inside a subprocess lie in its lane."""
        current: Element | None = element
        while current is not None and current.parent_id is not None:
            current = self.elements.get(current.parent_id)
        return lanes.get(current.id) if current is not None else None


def _check_participants(root: etree._Element, processes: set[str], report: Report) -> None:
    for node in root.iter(f"{{{BPMN}}}participant"):
        target = node.get("processRef")
        if target not in processes:
            report.add("participant.process", place(node), target=target or "")

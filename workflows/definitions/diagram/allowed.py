"""The allow-list: which BPMN elements and attributes a diagram may contain, and where."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lxml import etree

from workflows.definitions.diagram.model import BPMN, DOUDI, ElementKind
from workflows.definitions.findings import Report

XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
_SCHEMA_LOCATION = "{http://www.w3.org/2001/XMLSchema-instance}schemaLocation"
BPMNDI = "http://www.omg.org/spec/BPMN/20100524/DI"
DC = "http://www.omg.org/spec/DD/20100524/DC"
DI = "http://www.omg.org/spec/DD/20100524/DI"
_COLOURS = (
    "http://bpmn.io/schema/bpmn/biocolor/1.0",
    "http://www.omg.org/spec/BPMN/non-normative/color/1.0",
)
ID = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,99}")
RESERVED_IDS = frozenset({"Start", "End", "Root"})
FEEL_LANGUAGES = frozenset(
    {
        "feel",
        "https://www.omg.org/spec/DMN/20180521/FEEL/",
        "https://www.omg.org/spec/DMN/20191111/FEEL/",
        "http://www.omg.org/spec/FEEL/20140401",
    }
)

_TEXT = ("documentation",)
_NODE = ("extensionElements", "documentation", "incoming", "outgoing")
_SCOPE = (
    *(kind.value for kind in ElementKind),
    "sequenceFlow",
    "textAnnotation",
    "association",
    "group",
)
_EXPRESSION = (XSI_TYPE, "id", "language")


@dataclass(frozen=True, slots=True)
class Rule:
    """What one BPMN element may hold besides ``id`` and ``name``."""

    children: tuple[str, ...] = ()
    attributes: tuple[str, ...] = ()


RULES: dict[str, Rule] = {
    "definitions": Rule(
        ("process", "collaboration", "message", "error", "category", *_TEXT),
        (
            "targetNamespace",
            "exporter",
            "exporterVersion",
            "expressionLanguage",
            "typeLanguage",
            _SCHEMA_LOCATION,
        ),
    ),
    "collaboration": Rule(("participant", "textAnnotation", "association", "group", *_TEXT)),
    "participant": Rule(_TEXT, ("processRef",)),
    "category": Rule(("categoryValue",)),
    "categoryValue": Rule((), ("value",)),
    "message": Rule(_TEXT),
    "error": Rule(_TEXT, ("errorCode",)),
    "process": Rule(
        ("extensionElements", "laneSet", *_TEXT, *_SCOPE),
        ("isExecutable", "processType", "isClosed"),
    ),
    "laneSet": Rule(("lane", *_TEXT)),
    "childLaneSet": Rule(("lane", *_TEXT)),
    "lane": Rule(("flowNodeRef", "childLaneSet", *_TEXT)),
    "flowNodeRef": Rule(),
    "incoming": Rule(),
    "outgoing": Rule(),
    "documentation": Rule((), ("textFormat",)),
    "extensionElements": Rule(),
    "sequenceFlow": Rule(
        ("conditionExpression", "extensionElements", *_TEXT), ("sourceRef", "targetRef")
    ),
    "conditionExpression": Rule((), _EXPRESSION),
    "textAnnotation": Rule(("text", *_TEXT), ("textFormat",)),
    "text": Rule(),
    "association": Rule(_TEXT, ("sourceRef", "targetRef", "associationDirection")),
    "group": Rule(_TEXT, ("categoryValueRef",)),
    "startEvent": Rule(_NODE, ("isInterrupting",)),
    "endEvent": Rule((*_NODE, "terminateEventDefinition", "errorEventDefinition")),
    "userTask": Rule(_NODE),
    "serviceTask": Rule(_NODE),
    "businessRuleTask": Rule(_NODE),
    "scriptTask": Rule((*_NODE, "script"), ("scriptFormat",)),
    "script": Rule(),
    "receiveTask": Rule(_NODE, ("messageRef",)),
    "intermediateCatchEvent": Rule((*_NODE, "timerEventDefinition", "messageEventDefinition")),
    "intermediateThrowEvent": Rule(_NODE),
    "boundaryEvent": Rule(
        (*_NODE, "timerEventDefinition", "messageEventDefinition", "errorEventDefinition"),
        ("attachedToRef", "cancelActivity"),
    ),
    "exclusiveGateway": Rule(_NODE, ("default", "gatewayDirection")),
    "parallelGateway": Rule(_NODE, ("gatewayDirection",)),
    "eventBasedGateway": Rule(_NODE, ("gatewayDirection", "eventGatewayType", "instantiate")),
    "subProcess": Rule((*_NODE, *_SCOPE), ("triggeredByEvent",)),
    "callActivity": Rule(_NODE, ("calledElement",)),
    "timerEventDefinition": Rule(("timeDuration", "timeDate")),
    "timeDuration": Rule((), _EXPRESSION),
    "timeDate": Rule((), _EXPRESSION),
    "messageEventDefinition": Rule((), ("messageRef",)),
    "terminateEventDefinition": Rule(),
    "errorEventDefinition": Rule((), ("errorRef",)),
}

#: Attributes of which only these values mean something that Doudi carries out.
_VALUES: dict[tuple[str, str], frozenset[str]] = {
    ("subProcess", "triggeredByEvent"): frozenset({"false"}),
    ("eventBasedGateway", "instantiate"): frozenset({"false"}),
    ("eventBasedGateway", "eventGatewayType"): frozenset({"Exclusive"}),
    ("startEvent", "isInterrupting"): frozenset({"true"}),
    ("boundaryEvent", "cancelActivity"): frozenset({"true", "false"}),
    ("process", "isExecutable"): frozenset({"true", "false"}),
    ("process", "isClosed"): frozenset({"true", "false"}),
    ("definitions", "expressionLanguage"): FEEL_LANGUAGES,
    ("conditionExpression", "language"): FEEL_LANGUAGES,
    ("timeDuration", "language"): FEEL_LANGUAGES,
    ("timeDate", "language"): FEEL_LANGUAGES,
}
_DIAGRAM_NAMESPACES = frozenset({BPMNDI, DC, DI})


def local(node: etree._Element) -> str:
    """The tag without its namespace."""
    return etree.QName(node).localname


def space(node: etree._Element) -> str:
    """The namespace of the tag; comments have none."""
    return namespace_of(str(node.tag))


def namespace_of(name: str) -> str:
    """The namespace of a tag or attribute in Clark notation, empty without one."""
    return name[1:].partition("}")[0] if name.startswith("{") else ""


def place(node: etree._Element) -> str:
    """The id of the nearest element that has one: what a finding points at."""
    current: etree._Element | None = node
    while current is not None:
        if current.get("id"):
            return str(current.get("id"))
        current = current.getparent()
    return local(node)


def check_allowed(root: etree._Element, report: Report) -> set[etree._Element]:
    """Report whatever is not on the allow-list; the nodes returned must not be read."""
    refused: set[etree._Element] = set()
    if root.tag != f"{{{BPMN}}}definitions":
        report.add("bpmn.root", node=root, tag=root.tag)
        return {root}
    _check_attributes(root, report)
    pending = [(child, root) for child in root]
    while pending:
        node, parent = pending.pop()
        if not _allowed(node, parent):
            tag = local(node) if space(node) == BPMN else node.tag
            code = "bpmn.time_cycle" if tag == "timeCycle" else "bpmn.element"
            report.add(code, place(node), node=node, tag=tag, parent=local(parent))
            refused.add(node)
        elif space(node) == BPMN:
            _check_attributes(node, report)
            if local(node) != "extensionElements":
                pending.extend((child, node) for child in node)
        else:
            _check_drawing(node, report)
    return refused


def _allowed(node: etree._Element, parent: etree._Element) -> bool:
    if space(node) == BPMN:
        return local(node) in RULES and local(node) in RULES[local(parent)].children
    return node.tag == f"{{{BPMNDI}}}BPMNDiagram" and local(parent) == "definitions"


def _check_attributes(node: etree._Element, report: Report) -> None:
    tag = local(node)
    for name, value in node.attrib.items():
        if name not in ("id", "name") and name not in RULES[tag].attributes:
            report.add("bpmn.attribute", place(node), node=node, tag=tag, attribute=name)
            continue
        values = _VALUES.get((tag, str(name)))
        if values is not None and value not in values:
            report.add("bpmn.value", place(node), node=node, tag=tag, attribute=name, value=value)
        if name == XSI_TYPE and str(value).rpartition(":")[2] != "tFormalExpression":
            report.add("bpmn.value", place(node), node=node, tag=tag, attribute=name, value=value)


def _check_drawing(diagram: etree._Element, report: Report) -> None:
    for node in diagram.iter():
        if space(node) not in _DIAGRAM_NAMESPACES:
            report.add("bpmn.element", place(node), node=node, tag=node.tag, parent="BPMNDiagram")
        for name in node.attrib:
            namespace = namespace_of(str(name))
            if namespace and namespace not in _COLOURS:
                report.add(
                    "bpmn.attribute", place(node), node=node, tag=local(node), attribute=name
                )


def check_ids(root: etree._Element, report: Report) -> None:
    """Report ids that are missing, repeated, reserved, or that a tool would drop."""
    seen: set[str] = set()
    for node in root.iter(f"{{{BPMN}}}*", f"{{{BPMNDI}}}*"):
        value = node.get("id")
        if value is None:
            continue
        if value in RESERVED_IDS or value.endswith(".EndJoin"):
            report.add("id.reserved", value, node=node, id=value)
        elif not ID.fullmatch(value):
            report.add("id.pattern", value, node=node, id=value)
        if value in seen:
            report.add("id.repeated", value, node=node, id=value)
        seen.add(value)


def is_extension(node: etree._Element) -> bool:
    """Whether the node is one of Doudi's own."""
    return space(node) == DOUDI

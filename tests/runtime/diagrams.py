"""Small diagrams for tests of the runtime, made from a few lines instead of pages of XML."""

from __future__ import annotations

from workflows.definitions.diagram import DiagramFile
from workflows.definitions.diagram.reading import parse_diagram

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
  xmlns:doudi="urn:doudi:bpmn:1" id="Definitions_1" targetNamespace="urn:test">
"""
MESSAGES = """<bpmn:message id="M_objection" name="objection.filed"/>
<bpmn:message id="M_withdrawn" name="application.withdrawn"/>
"""


def node(tag: str, node_id: str, body: str = "", **attributes: str) -> str:
    """One flow node with what the host demands of every node."""
    extra = "".join(f' {key}="{value}"' for key, value in attributes.items())
    return (
        f'<bpmn:{tag} id="{node_id}" name="{node_id}"{extra}>'
        f"<bpmn:documentation>{node_id}</bpmn:documentation>"
        f'<bpmn:extensionElements><doudi:clause ref="mca57-9"/>{_extensions(body)}'
        f"</bpmn:extensionElements>{_inside(body)}</bpmn:{tag}>"
    )


def _extensions(body: str) -> str:
    return body.split("||")[0] if "||" in body else ("" if body.startswith("<bpmn:") else body)


def _inside(body: str) -> str:
    return body.split("||")[1] if "||" in body else (body if body.startswith("<bpmn:") else "")


def flow(source: str, target: str, condition: str | None = None) -> str:
    """A sequence flow named after its ends."""
    inner = (
        f'<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">{condition}'
        "</bpmn:conditionExpression>"
        if condition
        else ""
    )
    return (
        f'<bpmn:sequenceFlow id="F_{source}_{target}" sourceRef="{source}" targetRef="{target}">'
        f"{inner}</bpmn:sequenceFlow>"
    )


def user_task(node_id: str, extra: str = "") -> str:
    """A user task of the township's case officer."""
    return node(
        "userTask",
        node_id,
        '<doudi:assignment role="case_officer" level="township"/><doudi:form key="note"/>' + extra,
    )


def duration_timer(expression: str) -> str:
    """The definition of a timer that runs for a FEEL duration."""
    return (
        "<bpmn:timerEventDefinition><bpmn:timeDuration"
        f' xsi:type="bpmn:tFormalExpression">{expression}</bpmn:timeDuration>'
        "</bpmn:timerEventDefinition>"
    )


def process(process_id: str, *parts: str, variables: str = "") -> str:
    """A process of the given nodes and flows."""
    return (
        f'<bpmn:process id="{process_id}" name="{process_id}" isExecutable="true">'
        f"<bpmn:documentation>{process_id}</bpmn:documentation>"
        f'<bpmn:extensionElements><doudi:clause ref="mca57-9"/>{variables}'
        "</bpmn:extensionElements>" + "".join(parts) + "</bpmn:process>"
    )


def diagram(*processes: str, file: str = "processes/test.bpmn") -> DiagramFile:
    """The processes as one parsed file."""
    content = HEAD + MESSAGES + "".join(processes) + "</bpmn:definitions>"
    return parse_diagram(content.encode(), file=file)

"""Reads messages, errors, timers, scripts: what an element of one kind carries in BPMN itself."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from lxml import etree

from workflows.definitions.diagram.allowed import ID, local, place
from workflows.definitions.diagram.model import BPMN, ElementKind, Timer
from workflows.definitions.findings import Report

_MESSAGE_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")
_DEFINITIONS = (
    "timerEventDefinition",
    "messageEventDefinition",
    "errorEventDefinition",
    "terminateEventDefinition",
)
_TIMER_KINDS = {"timeDuration": "duration", "timeDate": "date"}
_NEEDS_DEFINITION = frozenset({ElementKind.CATCH_EVENT, ElementKind.BOUNDARY_EVENT})


@dataclass(frozen=True, slots=True)
class Events:
    """Names of the messages and codes of the errors that a file declares, by id."""

    messages: dict[str, str]
    errors: dict[str, str]


def read_declarations(root: etree._Element, report: Report) -> Events:
    """Read the messages and errors of the file."""
    messages: dict[str, str] = {}
    errors: dict[str, str] = {}
    for node in root.iterchildren(f"{{{BPMN}}}message"):
        name = (node.get("name") or "").strip()
        if not _MESSAGE_NAME.fullmatch(name):
            report.add("message.name", place(node), node=node, name=name)
        messages[node.get("id", "")] = name
    for node in root.iterchildren(f"{{{BPMN}}}error"):
        code = (node.get("errorCode") or "").strip()
        if not ID.fullmatch(code.replace(".", "_")):
            report.add("error.code", place(node), node=node, error=code)
        errors[node.get("id", "")] = code
    return Events(messages, errors)


def read_event(
    node: etree._Element, kind: ElementKind, events: Events, report: Report
) -> dict[str, Any]:
    """The fields of ``Element`` that come from event definitions, messages and scripts."""
    owner = node.get("id", "")
    fields: dict[str, Any] = {}
    if kind is ElementKind.BOUNDARY_EVENT:
        fields["interrupting"] = node.get("cancelActivity", "true") != "false"
    if kind is ElementKind.RECEIVE_TASK:
        fields["message"] = _message(node, owner, events, report)
    if kind is ElementKind.SCRIPT_TASK:
        fields["script"] = _script(node, owner, report)
    definitions = [
        child for child in node if child.tag in {f"{{{BPMN}}}{tag}" for tag in _DEFINITIONS}
    ]
    if len(definitions) > 1:
        report.add("event.several", owner, node=node)
    if not definitions and kind in _NEEDS_DEFINITION:
        report.add("event.none", owner, node=node)
    for definition in definitions[:1]:
        tag = local(definition)
        if tag == "timerEventDefinition":
            fields["timer"] = _timer(definition, owner, report)
        elif tag == "messageEventDefinition":
            fields["message"] = _message(definition, owner, events, report)
        elif tag == "terminateEventDefinition":
            fields["terminate"] = True
        else:
            fields["error_code"] = _error(definition, owner, events, report)
    return fields


def _timer(node: etree._Element, owner: str, report: Report) -> Timer | None:
    values = [child for child in node if local(child) in _TIMER_KINDS]
    text = (values[0].text or "").strip() if values else ""
    if len(values) != 1 or not text:
        report.add("timer.empty", owner, node=node)
        return None
    kind = _TIMER_KINDS[local(values[0])]
    return Timer("date" if kind == "date" else "duration", text)


def _message(node: etree._Element, owner: str, events: Events, report: Report) -> str | None:
    reference = (node.get("messageRef") or "").strip()
    if not reference:
        report.add("message.missing", owner, node=node)
        return None
    if reference not in events.messages:
        report.add("message.unknown", owner, node=node, target=reference)
        return None
    return events.messages[reference]


def _error(node: etree._Element, owner: str, events: Events, report: Report) -> str | None:
    reference = (node.get("errorRef") or "").strip()
    if reference not in events.errors:
        report.add("error.unknown", owner, node=node, target=reference)
        return None
    return events.errors[reference]


def _script(node: etree._Element, owner: str, report: Report) -> str | None:
    if (node.get("scriptFormat") or "").strip().lower() != "feel":
        report.add("script.language", owner, node=node, language=node.get("scriptFormat") or "")
        return None
    scripts = [child for child in node if child.tag == f"{{{BPMN}}}script"]
    text = (scripts[0].text or "").strip() if scripts else ""
    if len(scripts) != 1 or not text:
        report.add("script.empty", owner, node=node)
        return None
    return text

"""Hostile XML, elements outside the allow-list, and bad ids."""

from __future__ import annotations

from tests.definitions.diagrams import (
    HEAD,
    TAIL,
    document,
    end,
    flow,
    flows,
    line,
    message,
    node,
    process,
    start,
    timer,
)
from tests.definitions.hostile_parts import (
    GOOD,
    TASK,
    split,
    top,
)

XML = {
    "empty": (b"", "xml.empty", None),
    "not xml": (b"<bpmn:definitions", "xml.syntax", None),
    "binary": (b"\xff\xfe\x00\x01", "xml.encoding", None),
    "latin-1 declared": (
        b'<?xml version="1.0" encoding="latin-1"?>' + GOOD,
        "xml.encoding",
        None,
    ),
    "utf-16": (GOOD.decode().encode("utf-16"), "xml.encoding", None),
    "doctype": (b"<!DOCTYPE x>" + GOOD, "xml.doctype", None),
    "external entity": (
        b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + GOOD,
        "xml.doctype",
        None,
    ),
    "entity without doctype": (GOOD.replace("说明".encode(), b"&e;"), "xml.syntax", None),
    "stylesheet": (b'<?xml-stylesheet href="x"?>' + GOOD, "xml.instruction", None),
    "instruction inside": (
        GOOD.replace(b"<bpmn:documentation>", b"<?php x ?><bpmn:documentation>", 1),
        "xml.instruction",
        None,
    ),
    "too large": (GOOD.replace("说明".encode(), b"x" * 1_000_001), "xml.size", None),
    "nested": (HEAD.encode() + b"<a>" * 60 + b"</a>" * 60 + TAIL.encode(), "xml.depth", None),
    "nested beyond the parser": (b"<a>" * 5000 + b"</a>" * 5000, "xml.syntax", None),
    "many elements": (HEAD.encode() + b"<a/>" * 30_000 + TAIL.encode(), "xml.nodes", None),
    "many attributes": (
        GOOD.replace(b'id="Task_A"', b'id="Task_A"' + b"".join(b' a%d=""' % i for i in range(90))),
        "xml.attributes",
        None,
    ),
    "NUL": (GOOD.replace("说明".encode(), b"\x00"), "xml.syntax", None),
    "another root": (b"<definitions/>", "bpmn.root", None),
    "no process": (document(), "process.none", None),
}

ALLOWED = {
    "unknown element": (
        GOOD.replace(b"<bpmn:userTask", b"<bpmn:magic/><bpmn:userTask"),
        "bpmn.element",
        "p",
    ),
    **{
        tag: (line(node(tag, "N_1", extra="")), "bpmn.element", "N_1")
        for tag in (
            "task",
            "manualTask",
            "sendTask",
            "inclusiveGateway",
            "complexGateway",
            "transaction",
            "adHocSubProcess",
        )
    },
    **{
        f"{definition} event": (
            line(node("intermediateCatchEvent", "E_1", inner=f"<bpmn:{definition}/>")),
            "bpmn.element",
            "E_1",
        )
        for definition in (
            "signalEventDefinition",
            "conditionalEventDefinition",
            "linkEventDefinition",
            "escalationEventDefinition",
            "compensateEventDefinition",
        )
    },
    "standard loop": (
        line(node("userTask", "Task_A", inner="<bpmn:standardLoopCharacteristics/>")),
        "bpmn.element",
        "Task_A",
    ),
    "multi-instance": (
        line(node("userTask", "Task_A", inner="<bpmn:multiInstanceLoopCharacteristics/>")),
        "bpmn.element",
        "Task_A",
    ),
    "data object": (top(start(), TASK, end(), "<bpmn:dataObject id='D'/>"), "bpmn.element", "D"),
    "import": (document(process(), rest="<bpmn:import id='I'/>"), "bpmn.element", "I"),
    "signal": (document(process(), rest="<bpmn:signal id='S'/>"), "bpmn.element", "S"),
    "extension of another engine": (
        line(node("userTask", "Task_A", extra='<x:script xmlns:x="urn:x">import os</x:script>')),
        "ext.element",
        "Task_A",
    ),
    "pre-script": (
        line(
            node(
                "userTask",
                "Task_A",
                extra="<s:preScript xmlns:s="
                '"http://spiffworkflow.org/bpmn/schema/1.0/core">x=1</s:preScript>',
            )
        ),
        "ext.element",
        "Task_A",
    ),
    "event subprocess": (
        line(node("subProcess", "Sub_1", triggeredByEvent="true")),
        "bpmn.value",
        "Sub_1",
    ),
    "compensation": (
        line(node("userTask", "Task_A", isForCompensation="true")),
        "bpmn.attribute",
        "Task_A",
    ),
    "camunda attribute": (
        GOOD.replace(b'id="Task_A"', b'id="Task_A" xmlns:c="urn:c" c:assignee="x"'),
        "bpmn.attribute",
        "Task_A",
    ),
    "instantiating gateway": (
        split("eventBasedGateway", instantiate="true"),
        "bpmn.value",
        "G",
    ),
    "another expression language": (
        GOOD.replace(b'id="Definitions_1"', b'id="Definitions_1" expressionLanguage="python"'),
        "bpmn.value",
        "Definitions_1",
    ),
    "repeating timer": (
        line(node("intermediateCatchEvent", "E_1", inner=timer("R/PT1H", "timeCycle"))),
        "bpmn.time_cycle",
        "E_1",
    ),
    "two event definitions": (
        line(node("intermediateCatchEvent", "E_1", inner=timer('@"P1D"') + message())),
        "event.several",
        "E_1",
    ),
    "event without definition": (
        line(node("intermediateCatchEvent", "E_1")),
        "event.none",
        "E_1",
    ),
    "start with timer": (
        top(node("startEvent", "S_1", inner=timer('@"P1D"')), end(), flows("S_1 End_1")),
        "bpmn.element",
        "S_1",
    ),
    "text in the drawing": (
        document(
            process(start(), end(), flows("Start_1 End_1")),
            rest="<bpmndi:BPMNDiagram id='D_1'><a xmlns='urn:a'/></bpmndi:BPMNDiagram>",
        ),
        "bpmn.element",
        "D_1",
    ),
}

IDS = {
    "reserved start": (top(start("Start"), end(), flows("Start End_1")), "id.reserved", "Start"),
    "reserved end": (top(start(), end("End"), flows("Start_1 End")), "id.reserved", "End"),
    "reserved root": (line(node("userTask", "Root")), "id.reserved", "Root"),
    "end join": (line(node("userTask", "p.EndJoin")), "id.reserved", "p.EndJoin"),
    "chinese": (line(node("userTask", "审查")), "id.pattern", "审查"),
    "quote": (line(node("userTask", "a'or'b")), "id.pattern", "a'or'b"),
    "digit first": (line(node("userTask", "1a")), "id.pattern", "1a"),
    "long": (line(node("userTask", "a" * 101)), "id.pattern", "a" * 101),
    "repeated": (top(start(), TASK, TASK, end()), "id.repeated", "Task_A"),
    "not executable": (
        top(start(), end(), flows("Start_1 End_1"), isExecutable="false"),
        "process.not_executable",
        "p",
    ),
    "no id": (
        top(start(), TASK, node("userTask", "Z").replace(' id="Z"', ""), end()),
        "id.missing",
        None,
    ),
    "flow to nothing": (top(start(), end(), flow("F", "Start_1", "X")), "flow.end_missing", "F"),
    "flow from nothing": (top(start(), end(), flow("F", "X", "End_1")), "flow.end_missing", "F"),
    "pool of nothing": (
        document(
            process(start(), end(), flows("Start_1 End_1")),
            rest="<bpmn:collaboration id='C'>"
            "<bpmn:participant id='P_1' processRef='x'/></bpmn:collaboration>",
        ),
        "participant.process",
        "P_1",
    ),
    "lane with a stranger": (
        top(
            start(),
            end(),
            flows("Start_1 End_1"),
            head="<bpmn:laneSet id='L'><bpmn:lane id='L_1' name='镇街'>"
            "<bpmn:flowNodeRef>X</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>",
        ),
        "lane.reference",
        "L_1",
    ),
    "element outside the lanes": (
        top(
            start(),
            end(),
            flows("Start_1 End_1"),
            head="<bpmn:laneSet id='L'><bpmn:lane id='L_1' name='镇街'>"
            "<bpmn:flowNodeRef>Start_1</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>",
        ),
        "lane.missing",
        "End_1",
    ),
    "incoming that lies": (
        line(node("userTask", "Task_A", inner="<bpmn:incoming>X</bpmn:incoming>")),
        "flow.stated",
        "Task_A",
    ),
}

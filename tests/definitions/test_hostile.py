"""Every document that must not be published is refused, with the code and the element at fault."""

from __future__ import annotations

import re

import pytest

from tests.definitions.diagrams import (
    ASSIGNED,
    CLAUSE,
    HEAD,
    TAIL,
    VARIABLES,
    codes,
    document,
    end,
    findings,
    flow,
    flows,
    line,
    message,
    node,
    policy,
    process,
    start,
    timer,
    variable,
)
from workflows.definitions.files import PolicyFiles

TASK = node("userTask", "Task_A")
FORM_F = '<doudi:form key="f"/>'
GOOD = line(TASK)


def service(id: str, inner: str) -> str:
    """A service task with the given operation."""
    return node("serviceTask", id, extra=inner)


def task(id: str, extra: str = "", assigned: str = ASSIGNED, form: str = FORM_F) -> str:
    """A user task with more extension elements."""
    return node("userTask", id, extra=f"{assigned}{form}{extra}")


def top(*parts: str, **options: str) -> bytes:
    """A file with one process of the given parts."""
    return document(process(*parts, **options))


def split(kind: str, *rest: str, **attributes: str) -> bytes:
    """start → G → (Task_A | Task_B) → end, with ``G`` of a kind and other flows given."""
    return top(
        start(),
        node(kind, "G", **attributes),
        TASK,
        node("userTask", "Task_B"),
        end(),
        flows("Start_1 G"),
        *rest,
    )


def calls(callee: str, call: str = "", variables: str = VARIABLES, called: str = "q") -> bytes:
    """A process ``p`` that calls another."""
    return document(
        process(
            start(),
            node("callActivity", "Call_1", calledElement=called, extra=call),
            end(),
            flows("Start_1 Call_1 End_1"),
            variables=variables,
        ),
        callee,
    )


def callee(*parts: str, id: str = "q", variables: str = "", wires: str | None = None) -> str:
    """A process ``q`` that is called."""
    return process(
        start("Start_q"),
        *(parts or (node("userTask", "Task_q", extra=ASSIGNED + '<doudi:form key="f"/>'),)),
        end("End_q", None),
        flows("Start_q Task_q End_q") if wires is None else wires,
        id=id,
        variables=variables or variable("opinion", inherited="true"),
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

SHAPE = {
    "no start": (top(TASK, end(), flows("Task_A End_1")), "start.none", "p"),
    "two starts": (
        top(start(), start("S_2"), end(), flows("Start_1 End_1", "S_2 End_1")),
        "start.several",
        "S_2",
    ),
    "into the start": (
        top(start(), TASK, end(), flows("Start_1 Task_A End_1", "Task_A Start_1")),
        "start.incoming",
        "Start_1",
    ),
    "no end": (top(start(), TASK, flows("Start_1 Task_A")), "end.none", "p"),
    "out of the end": (
        top(start(), end(), TASK, flows("Start_1 End_1 Task_A End_1")),
        "end.outgoing",
        "End_1",
    ),
    "dead end": (
        top(start(), TASK, end(), flows("Start_1 Task_A"), flow("F", "Start_1", "End_1")),
        "node.dead_end",
        "Task_A",
    ),
    "implicit split": (
        top(start(), TASK, end(), end("E_2"), flows("Start_1 Task_A End_1", "Task_A E_2")),
        "node.implicit_split",
        "Task_A",
    ),
    "unreachable": (
        top(start(), TASK, end(), flows("Start_1 End_1", "Task_A End_1")),
        "node.unreachable",
        "Task_A",
    ),
    "no way out": (
        top(
            start(),
            node("exclusiveGateway", "G", default="F_G_End_1"),
            TASK,
            node("userTask", "Task_B"),
            end(),
            flows("Start_1 G End_1", "Task_A Task_B Task_A"),
            flow("F", "G", "Task_A", "x = 1"),
        ),
        "node.no_way_out",
        "Task_A",
    ),
    "no default": (
        split(
            "exclusiveGateway",
            flow("F_1", "G", "Task_A", "x = 1"),
            flow("F_2", "G", "Task_B", "x = 2"),
            flows("Task_A End_1", "Task_B End_1"),
        ),
        "gateway.no_default",
        "G",
    ),
    "unknown default": (
        split(
            "exclusiveGateway",
            flow("F_1", "G", "Task_A", "x = 1"),
            flow("F_2", "G", "Task_B", "x = 2"),
            flows("Task_A End_1", "Task_B End_1"),
            default="F_Start_1_G",
        ),
        "gateway.default_unknown",
        "G",
    ),
    "condition on the default": (
        split(
            "exclusiveGateway",
            flow("F_1", "G", "Task_A", "x = 1"),
            flow("F_2", "G", "Task_B", "x = 2"),
            flows("Task_A End_1", "Task_B End_1"),
            default="F_2",
        ),
        "flow.default_condition",
        "F_2",
    ),
    "no condition": (
        split(
            "exclusiveGateway",
            flow("F_1", "G", "Task_A"),
            flow("F_2", "G", "Task_B"),
            flows("Task_A End_1", "Task_B End_1"),
            default="F_2",
        ),
        "flow.no_condition",
        "F_1",
    ),
    "empty condition": (
        split(
            "exclusiveGateway",
            flow("F_1", "G", "Task_A", "  "),
            flow("F_2", "G", "Task_B"),
            flows("Task_A End_1", "Task_B End_1"),
            default="F_2",
        ),
        "flow.no_condition",
        "F_1",
    ),
    "condition after a task": (
        top(start(), TASK, end(), flows("Start_1 Task_A"), flow("F", "Task_A", "End_1", "x = 1")),
        "flow.condition_place",
        "F",
    ),
    "condition after a parallel gateway": (
        split(
            "parallelGateway",
            flow("F_1", "G", "Task_A", "x = 1"),
            flow("F_2", "G", "Task_B"),
            flows("Task_A End_1", "Task_B End_1"),
        ),
        "flow.condition_place",
        "F_1",
    ),
    "event gateway before a task": (
        split(
            "eventBasedGateway",
            flows("G Task_A End_1", "G Task_B End_1"),
        ),
        "event_gateway.target",
        "G",
    ),
    "event gateway with one way": (
        top(
            start(),
            node("eventBasedGateway", "G"),
            node("intermediateCatchEvent", "C", inner=timer('@"P1D"')),
            end(),
            flows("Start_1 G C End_1"),
        ),
        "event_gateway.single",
        "G",
    ),
    "event gateway with shared target": (
        top(
            start(),
            TASK,
            node("exclusiveGateway", "X", default="F_X_G"),
            node("eventBasedGateway", "G"),
            node("intermediateCatchEvent", "C", inner=timer('@"P1D"')),
            node("intermediateCatchEvent", "D", inner=timer('@"P2D"')),
            end(),
            flows("Start_1 X G C End_1", "G D End_1"),
            flow("F", "X", "C", "x = 1"),
        ),
        "event_gateway.shared",
        "G",
    ),
    "flow across a border": (
        top(
            start(),
            node(
                "subProcess",
                "Sub_1",
                inner=start("S_s")
                + node("userTask", "T_s")
                + end("E_s", None)
                + flows("S_s T_s E_s"),
            ),
            end(),
            flows("Start_1 Sub_1 End_1"),
            flow("F", "T_s", "End_1"),
        ),
        "flow.crosses",
        "F",
    ),
    "subprocess without start": (
        line(node("subProcess", "Sub_1", inner=end("E_s", None))),
        "start.none",
        "Sub_1",
    ),
    "subprocess without end": (
        line(
            node("subProcess", "Sub_1", inner=start("S_s") + TASK + flows("S_s Task_A")),
        ),
        "end.none",
        "Sub_1",
    ),
    "too many elements": (
        line(*(node("userTask", f"T_{i}") for i in range(400))),
        "process.size",
        "p",
    ),
    "too long without a wait": (
        line(*(node("intermediateThrowEvent", f"T_{i}") for i in range(300))),
        "process.long_run",
        "End_1",
    ),
}


def boundary(inner: str, host: str = "Task_A", extra: str = ASSIGNED, **attributes: str) -> str:
    """A boundary event ``B``."""
    return node("boundaryEvent", "B", attachedToRef=host, inner=inner, extra=extra, **attributes)


BOUNDARY = {
    "attached to nothing": (
        line(TASK, more=boundary(message(), "X") + end("E_2") + flows("B E_2")),
        "boundary.host",
        "B",
    ),
    "timer on a service task": (
        line(
            node("serviceTask", "Task_B"),
            more=boundary(timer('@"P1D"'), "Task_B", "") + end("E_2") + flows("B E_2"),
        ),
        "boundary.host_kind",
        "B",
    ),
    "message on an event": (
        line(TASK, more=boundary(message(), "End_1") + end("E_2") + flows("B E_2")),
        "boundary.host_kind",
        "B",
    ),
    "error on a user task": (
        line(
            TASK,
            more=boundary('<bpmn:errorEventDefinition errorRef="Error_1"/>', extra="")
            + end("E_2")
            + flows("B E_2"),
        ),
        "boundary.host_kind",
        "B",
    ),
    "error that does not interrupt": (
        line(
            node("serviceTask", "Task_B"),
            more=boundary(
                '<bpmn:errorEventDefinition errorRef="Error_1"/>',
                "Task_B",
                "",
                cancelActivity="false",
            )
            + end("E_2")
            + flows("B E_2"),
        ),
        "boundary.error_interrupting",
        "B",
    ),
    "flow into a boundary event": (
        top(
            start(),
            TASK,
            node("userTask", "Task_B"),
            boundary(message()),
            end(),
            flows("Start_1 Task_A Task_B B End_1"),
        ),
        "boundary.incoming",
        "B",
    ),
    "side branch into the main flow": (
        line(
            TASK,
            node("userTask", "Task_B"),
            more=boundary(message(), cancelActivity="false") + flows("B Task_B"),
        ),
        "boundary.merges",
        "B",
    ),
    "unknown error": (
        line(
            node("serviceTask", "Task_B"),
            more=boundary('<bpmn:errorEventDefinition errorRef="X"/>', "Task_B", "")
            + end("E_2")
            + flows("B E_2"),
        ),
        "error.unknown",
        "B",
    ),
    "error that nobody catches": (
        top(
            start(),
            end(outcome=None, inner='<bpmn:errorEventDefinition errorRef="Error_1"/>'),
            flows("Start_1 End_1"),
        ),
        "error.uncaught",
        "End_1",
    ),
}


def parallel(*wires: str, more: str = "") -> bytes:
    """A split ``S``, a join ``J``, an exclusive gateway ``X`` and tasks A to D, wired as given."""
    return top(
        start(),
        node("parallelGateway", "S"),
        node("parallelGateway", "J"),
        *(node("userTask", f"T_{letter}") for letter in "ABCD"),
        more,
        end(),
        flows(*wires),
    )


TOKENS = {
    "loop without a wait": (
        top(
            start(),
            node("exclusiveGateway", "X"),
            node("serviceTask", "Task_B"),
            node("exclusiveGateway", "G", default="F_G_End_1"),
            end(),
            flows("Start_1 X Task_B G End_1"),
            flow("F", "G", "X", "x = 1"),
        ),
        "cycle.no_wait",
        "G",
    ),
    "loop through a call that may not wait": (
        document(
            process(
                start(),
                node("callActivity", "Call_1", calledElement="q"),
                node("exclusiveGateway", "G", default="F_G_End_1"),
                end(),
                flows("Start_1 Call_1 G End_1"),
                flow("F", "G", "Call_1", "x = 1"),
            ),
            callee(node("serviceTask", "Task_q")),
        ),
        "cycle.no_wait",
        "Call_1",
    ),
    "task into itself": (
        top(start(), node("serviceTask", "Task_B"), end(), flows("Start_1 Task_B Task_B End_1")),
        "cycle.no_wait",
        "Task_B",
    ),
    "receive task without message": (
        line(node("receiveTask", "Task_R")),
        "message.missing",
        "Task_R",
    ),
    "split in a loop": (
        top(
            start(),
            TASK,
            node("parallelGateway", "S"),
            node("userTask", "Task_B"),
            end(),
            flows("Start_1 Task_A S Task_A", "S Task_B End_1"),
        ),
        "parallel.in_loop",
        "S",
    ),
    "split without join": (
        parallel("Start_1 S T_A T_C J End_1", "S T_B T_C"),
        "parallel.multiplied",
        "T_C",
    ),
    "split merged by an exclusive gateway": (
        parallel("Start_1 S T_A X T_C End_1", "S T_B X", more=node("exclusiveGateway", "X")),
        "parallel.multiplied",
        "X",
    ),
    "exclusive branches into a join": (
        top(
            start(),
            node("exclusiveGateway", "G", default="F_G_Task_B"),
            TASK,
            node("userTask", "Task_B"),
            node("parallelGateway", "J"),
            end(),
            flow("F", "G", "Task_A", "x = 1"),
            flows("Start_1 G Task_B J End_1", "Task_A J"),
        ),
        "parallel.stuck",
        "J",
    ),
    "branch that leaves before the join": (
        top(
            start(),
            node("parallelGateway", "S"),
            TASK,
            node("userTask", "Task_B"),
            node("exclusiveGateway", "G", default="F_G_J"),
            node("parallelGateway", "J"),
            end(),
            end("E_2"),
            flows("Start_1 S Task_A G J End_1", "S Task_B J"),
            flow("F", "G", "E_2", "x = 1"),
        ),
        "parallel.stuck",
        "J",
    ),
    "boundary event out of a parallel branch": (
        top(
            start(),
            node("parallelGateway", "S"),
            TASK,
            node("userTask", "Task_B"),
            node("parallelGateway", "J"),
            boundary(message()),
            end(),
            end("E_2"),
            flows("Start_1 S Task_A J End_1", "S Task_B J", "B E_2"),
        ),
        "parallel.stuck",
        "J",
    ),
    "join that waits for what comes after it": (
        parallel("Start_1 J T_A S T_B End_1", "S T_C J"),
        "parallel.in_loop",
        "S",
    ),
}


def decided(extra: str) -> bytes:
    """A business rule task."""
    return line(node("businessRuleTask", "Task_D", extra=extra))


def operation(inner: str = "", name: str = "notice.issue") -> bytes:
    """A service task with an operation."""
    given = f'<doudi:operation name="{name}">{inner}</doudi:operation>'
    return line(service("Task_S", given))


KIND = '<doudi:input name="kind" value="&quot;refusal&quot;"/>'

CONTENTS = {
    "no name": (line(node("userTask", "Task_A", name=None)), "node.name", "Task_A"),
    "blank name": (line(node("userTask", "Task_A", name="  ")), "node.name", "Task_A"),
    "english name": (line(node("userTask", "Task_A", name="Do")), "node.name_chinese", "Task_A"),
    "splitting gateway without a name": (
        split(
            "exclusiveGateway",
            flow("F_1", "G", "Task_A", "x = 1"),
            flow("F_2", "G", "Task_B"),
            flows("Task_A End_1", "Task_B End_1"),
            default="F_2",
            name=None,
        ),
        "node.name",
        "G",
    ),
    "no documentation": (
        line(node("userTask", "Task_A", documentation=None)),
        "node.documentation",
        "Task_A",
    ),
    "no clause": (line(node("userTask", "Task_A", clause="")), "node.clause", "Task_A"),
    "unknown clause": (
        line(node("userTask", "Task_A", clause='<doudi:clause ref="c9"/>')),
        "clause.unknown",
        "Task_A",
    ),
    "clause without ref": (
        line(node("userTask", "Task_A", clause="<doudi:clause/>")),
        "ext.missing",
        "Task_A",
    ),
    "clause twice": (
        line(node("userTask", "Task_A", clause=CLAUSE * 2)),
        "ext.repeated",
        "Task_A",
    ),
    "no assignment": (line(task("Task_A", assigned="")), "task.assignment", "Task_A"),
    "no form": (line(task("Task_A", form="")), "task.form", "Task_A"),
    "unknown form": (
        line(task("Task_A", form='<doudi:form key="z"/>')),
        "form.unknown",
        "Task_A",
    ),
    "field that is no variable": (
        line(TASK, variables=variable("x", "number")),
        "form.field_undeclared",
        "Task_A",
    ),
    "field of another type": (
        line(TASK, variables=variable("opinion", "number")),
        "form.field_type",
        "Task_A",
    ),
    "unknown role": (
        line(task("Task_A", assigned='<doudi:assignment role="king" level="township"/>')),
        "role.unknown",
        "Task_A",
    ),
    "unknown level": (
        line(task("Task_A", assigned='<doudi:assignment role="case_officer" level="moon"/>')),
        "level.unknown",
        "Task_A",
    ),
    "role at another level": (
        line(task("Task_A", assigned='<doudi:assignment role="confirmer" level="village"/>')),
        "role.level",
        "Task_A",
    ),
    "separate from nothing": (
        line(
            task(
                "Task_A",
                assigned='<doudi:assignment role="confirmer" level="district"'
                ' separateFrom="Task_X"/>',
            )
        ),
        "assignment.separate",
        "Task_A",
    ),
    "separate from itself": (
        line(
            task(
                "Task_A",
                assigned='<doudi:assignment role="confirmer" level="district"'
                ' separateFrom="Task_A"/>',
            )
        ),
        "assignment.separate",
        "Task_A",
    ),
    "message without sender": (
        line(node("intermediateCatchEvent", "C", inner=message())),
        "message.assignment",
        "C",
    ),
    "message without reference": (
        line(
            node(
                "intermediateCatchEvent",
                "C",
                extra=ASSIGNED,
                inner="<bpmn:messageEventDefinition/>",
            )
        ),
        "message.missing",
        "C",
    ),
    "unknown message": (
        line(node("intermediateCatchEvent", "C", extra=ASSIGNED, inner=message("X"))),
        "message.unknown",
        "C",
    ),
    "message name": (
        document(
            process(start(), end(), flows("Start_1 End_1")),
            rest='<bpmn:message id="M_2" name="撤回"/>',
        ),
        "message.name",
        "M_2",
    ),
    "assigned timer": (
        line(node("intermediateCatchEvent", "C", extra=ASSIGNED, inner=timer('@"P1D"'))),
        "assignment.place",
        "C",
    ),
    "form on a timer": (
        line(
            node(
                "intermediateCatchEvent", "C", extra='<doudi:form key="f"/>', inner=timer('@"P1D"')
            )
        ),
        "form.place",
        "C",
    ),
    "form on a service task": (
        line(node("serviceTask", "Task_S", extra='<doudi:form key="f"/>')),
        "ext.element",
        "Task_S",
    ),
    "return to nothing": (
        line(task("Task_A", '<doudi:returns to="Task_X"/>')),
        "returns.target",
        "Task_A",
    ),
    "return forward": (
        line(task("Task_A", '<doudi:returns to="Task_B"/>'), node("userTask", "Task_B")),
        "returns.later",
        "Task_A",
    ),
    "return past a payment": (
        line(
            TASK,
            service(
                "Task_S",
                '<doudi:operation name="money.pay">'
                '<doudi:input name="amount" value="1"/></doudi:operation>',
            ),
            task("Task_B", '<doudi:returns to="Task_A"/>'),
        ),
        "returns.operation",
        "Task_B",
    ),
    "unknown clock": (
        line(task("Task_A", '<doudi:clock key="A.x" action="start"/>')),
        "clock.unknown",
        "Task_A",
    ),
    "unknown clock action": (
        line(task("Task_A", '<doudi:clock key="A.k" action="smash"/>')),
        "ext.value",
        "Task_A",
    ),
    "due by an unknown clock": (
        line(task("Task_A", '<doudi:due clock="A.x"/>')),
        "clock.unknown",
        "Task_A",
    ),
    "extension by nothing": (
        line(task("Task_A", '<doudi:clock key="A.k" action="extend"/>')),
        "clock.extend",
        "Task_A",
    ),
    "start with days": (
        line(task("Task_A", '<doudi:clock key="A.k" action="start" days="3"/>')),
        "clock.attribute",
        "Task_A",
    ),
    "stop of what nobody starts": (
        line(task("Task_A", '<doudi:clock key="A.k" action="stop"/>')),
        "clock.never_started",
        "Task_A",
    ),
    "no operation": (line(service("Task_S", "")), "task.operation", "Task_S"),
    "unknown operation": (operation(name="os.system"), "operation.unknown", "Task_S"),
    "missing input": (operation(), "operation.input_missing", "Task_S"),
    "unknown input": (
        operation(KIND + '<doudi:input name="z" value="1"/>'),
        "operation.input_unknown",
        "Task_S",
    ),
    "input twice": (operation(KIND * 2), "ext.repeated", "Task_S"),
    "input without value": (operation('<doudi:input name="kind"/>'), "ext.missing", "Task_S"),
    "unknown output": (
        operation(KIND + '<doudi:output name="z" variable="opinion"/>'),
        "operation.output_unknown",
        "Task_S",
    ),
    "output into nothing": (
        operation(KIND + '<doudi:output name="notice_id" variable="z"/>'),
        "variable.undeclared",
        "Task_S",
    ),
    "output of another type": (
        operation(KIND + '<doudi:output name="notice_id" variable="x"/>'),
        "variable.output_type",
        "Task_S",
    ),
    "operation twice": (
        line(
            service("Task_S", f'<doudi:operation name="notice.issue">{KIND}</doudi:operation>' * 2)
        ),
        "ext.repeated",
        "Task_S",
    ),
    "no decision": (decided(""), "task.decision", "Task_D"),
    "unknown decision": (decided('<doudi:decision ref="z"/>'), "decision.unknown", "Task_D"),
    "python script": (
        line(
            node(
                "scriptTask",
                "Task_P",
                inner="<bpmn:script>import os</bpmn:script>",
                scriptFormat="python",
            )
        ),
        "script.language",
        "Task_P",
    ),
    "script without format": (
        line(
            node("scriptTask", "Task_P", inner="<bpmn:script>1</bpmn:script>"),
        ),
        "script.language",
        "Task_P",
    ),
    "empty script": (
        line(node("scriptTask", "Task_P", inner="<bpmn:script/>", scriptFormat="feel")),
        "script.empty",
        "Task_P",
    ),
    "script without result": (
        line(node("scriptTask", "Task_P", extra="")),
        "script.result",
        "Task_P",
    ),
    "script into nothing": (
        line(node("scriptTask", "Task_P", extra='<doudi:result variable="z"/>')),
        "variable.undeclared",
        "Task_P",
    ),
    "variable with a bad name": (
        line(TASK, variables=VARIABLES + variable("a b")),
        "variable.name",
        "p",
    ),
    "variable called typename": (
        line(TASK, variables=VARIABLES + variable("typename")),
        "variable.name",
        "p",
    ),
    "dunder variable": (line(TASK, variables=VARIABLES + variable("__x")), "variable.name", "p"),
    "unknown type": (
        line(TASK, variables=VARIABLES + variable("z", "object")),
        "variable.type",
        "p",
    ),
    "variable twice": (line(TASK, variables=VARIABLES * 2), "variable.repeated", "p"),
    "inherited default": (
        line(TASK, variables=VARIABLES + variable("z", inherited="true", default="1")),
        "variable.inherited_default",
        "p",
    ),
    "inherits from nobody": (
        line(TASK, variables=VARIABLES + variable("z", inherited="true")),
        "variable.no_caller",
        "p",
    ),
    "no outcome": (
        top(start(), end(outcome=None), flows("Start_1 End_1")),
        "end.outcome",
        "End_1",
    ),
    "unknown outcome": (
        top(start(), end(outcome="maybe"), flows("Start_1 End_1")),
        "ext.value",
        "End_1",
    ),
    "outcome in a subprocess": (
        line(node("subProcess", "Sub_1", inner=start("S_s") + end("E_s") + flows("S_s E_s"))),
        "end.outcome_place",
        "E_s",
    ),
}


def waiting(expression: str, kind: str = "timeDuration") -> bytes:
    """A timer event with an expression."""
    return line(node("intermediateCatchEvent", "C", inner=timer(expression, kind)))


def gate(condition: str) -> bytes:
    """A gateway with a condition."""
    return split(
        "exclusiveGateway",
        flow("F_1", "G", "Task_A", condition),
        flow("F_2", "G", "Task_B"),
        flows("Task_A End_1", "Task_B End_1"),
        default="F_2",
    )


EXPRESSIONS = {
    "bare duration": (waiting("P7D"), "timer.iso", "C"),
    "bare duration with time": (waiting("PT1H"), "timer.iso", "C"),
    "quoted duration": (waiting('"P7D"'), "timer.iso", "C"),
    "bare date": (waiting("2026-01-01", "timeDate"), "timer.iso", "C"),
    "bare moment": (waiting("2026-01-01T00:00:00Z", "timeDate"), "timer.iso", "C"),
    "cycle as duration": (waiting("R3/PT10H"), "timer.iso", "C"),
    "empty timer": (waiting("  "), "timer.empty", "C"),
    "number as duration": (waiting("7"), "timer.type", "C"),
    "text as date": (waiting('"soon"', "timeDate"), "timer.type", "C"),
    "duration as date": (waiting('@"P7D"', "timeDate"), "timer.type", "C"),
    "instant timer": (waiting('@"PT0S"'), "timer.range", "C"),
    "timer into the past": (waiting('@"-P1D"'), "timer.range", "C"),
    "endless timer": (waiting('@"P9999Y"'), "timer.range", "C"),
    "python timer": (waiting("timedelta(days=7)"), "expression.unknown_function", "C"),
    "python condition": (gate("x == 1"), "expression.syntax", "F_1"),
    "template condition": (gate("${x = 1}"), "expression.syntax", "F_1"),
    "javascript condition": (gate("x = 1 && x = 2"), "expression.syntax", "F_1"),
    "condition with equals sign": (gate("= x = 1"), "expression.syntax", "F_1"),
    "unknown name": (gate("y = 1"), "expression.unknown_name", "F_1"),
    "unknown function": (gate("system(x)"), "expression.unknown_function", "F_1"),
    "escape attempt": (gate('__import__("os").system("id")'), "expression.unknown_function", "F_1"),
    "constant condition of no truth": (gate("1"), "expression.type", "F_1"),
    "unknown parameter": (
        gate('x > parameter("dibao.nothing")'),
        "expression.unknown_parameter",
        "F_1",
    ),
    "unknown name in an input": (
        operation('<doudi:input name="kind" value="zzz"/>'),
        "expression.unknown_name",
        "Task_S",
    ),
    "syntax in a clock": (
        line(task("Task_A", '<doudi:clock key="A.k" action="start" from="1 +"/>')),
        "expression.syntax",
        "Task_A",
    ),
    "syntax in a default": (
        line(TASK, variables=VARIABLES + variable("z", default="1 +")),
        "expression.syntax",
        "p",
    ),
    "default of another type": (
        line(TASK, variables=VARIABLES + variable("z", "number", default='"a"')),
        "expression.type",
        "p",
    ),
    "bomb of brackets": (gate("(" * 5000 + "1" + ")" * 5000), "expression.syntax", "F_1"),
    "list that grows in a loop": (
        top(
            start(),
            TASK,
            node(
                "scriptTask",
                "Task_P",
                extra='<doudi:result variable="amounts"/>',
                inner="<bpmn:script>append(amounts, 500)</bpmn:script>",
                scriptFormat="feel",
            ),
            node("exclusiveGateway", "G", default="F_G_End_1"),
            end(),
            flows("Start_1 Task_A Task_P G End_1"),
            flow("F", "G", "Task_A", "x = 1"),
            variables=VARIABLES + variable("amounts", "list", default="[]"),
        ),
        "list.accumulated",
        "Task_P",
    ),
}

CALLS = {
    "call of nothing": (
        line(node("callActivity", "Call_1")),
        "call.missing",
        "Call_1",
    ),
    "call of an unknown process": (
        line(node("callActivity", "Call_1", calledElement="z")),
        "call.unknown",
        "Call_1",
    ),
    "process that calls itself": (
        line(node("callActivity", "Call_1", calledElement="p")),
        "call.cycle",
        "p",
    ),
    "two that call each other": (
        calls(callee(node("callActivity", "Task_q", calledElement="p"))),
        "call.cycle",
        "p",
    ),
    "too deep": (
        document(
            *(
                process(
                    start(f"S_{i}"),
                    node("callActivity", f"C_{i}", calledElement=f"p{i + 1}")
                    if i < 4
                    else node("userTask", "C_4"),
                    end(f"E_{i}", "completed" if i == 0 else None),
                    flows(f"S_{i} C_{i} E_{i}"),
                    id=f"p{i}",
                )
                for i in range(5)
            )
        ),
        "call.depth",
        "p0",
    ),
    "inherited but not declared": (
        calls(callee(), variables=variable("x", "number")),
        "variable.inherited_missing",
        "q",
    ),
    "inherited with another type": (
        calls(callee(), variables=variable("opinion", "number")),
        "variable.inherited_type",
        "q",
    ),
    "input to nothing": (
        calls(callee(), '<doudi:call><doudi:input name="z" value="1"/></doudi:call>'),
        "call.input_unknown",
        "Call_1",
    ),
    "input to the caller's own": (
        calls(callee(), '<doudi:call><doudi:input name="opinion" value="1"/></doudi:call>'),
        "call.input_inherited",
        "Call_1",
    ),
    "output of nothing": (
        calls(callee(), '<doudi:call><doudi:output name="z" variable="x"/></doudi:call>'),
        "call.output_unknown",
        "Call_1",
    ),
    "output into an undeclared variable": (
        calls(callee(), '<doudi:call><doudi:output name="opinion" variable="z"/></doudi:call>'),
        "variable.undeclared",
        "Call_1",
    ),
    "outcome of a called process": (
        calls(
            process(
                start("S_q"),
                node("userTask", "T_q"),
                end("E_q"),
                flows("S_q T_q E_q"),
                id="q",
                variables=variable("opinion", inherited="true"),
            )
        ),
        "end.outcome_called",
        "E_q",
    ),
    "read but never written": (
        calls(
            callee(
                node(
                    "serviceTask",
                    "Task_q",
                    extra='<doudi:operation name="money.pay">'
                    '<doudi:input name="amount" value="z"/></doudi:operation>',
                ),
                variables=variable("z", "number"),
            )
        ),
        "variable.never_written",
        "q",
    ),
    "a name of the caller's that hides": (
        calls(callee(variables=variable("opinion", default='"agree"'))),
        "variable.hides",
        "Call_1",
    ),
}

HOSTILE = {
    **XML,
    **ALLOWED,
    **IDS,
    **SHAPE,
    **BOUNDARY,
    **TOKENS,
    **CONTENTS,
    **EXPRESSIONS,
    **CALLS,
}
_COUNTED = sum(map(len, (XML, ALLOWED, IDS, SHAPE, BOUNDARY, TOKENS, CONTENTS, EXPRESSIONS, CALLS)))


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_document_is_refused_with_code_and_element(name: str) -> None:
    # given
    content, code, element = HOSTILE[name]
    # when
    found = findings(content)
    # then
    assert (code, element) in {(finding.code, finding.element) for finding in found}
    assert all(re.search("[\u4e00-\u9fff]", finding.message) for finding in found)
    assert all(re.search("[A-Za-z]", finding.message_en) for finding in found)
    assert not any(re.search(r"\{\w+(!r)?\}", finding.message) for finding in found)


def test_no_two_cases_of_the_table_share_a_name() -> None:
    # given / when / then
    assert len(HOSTILE) == _COUNTED


def test_a_right_document_has_no_findings() -> None:
    # given
    content = line(
        TASK,
        node("serviceTask", "Task_B"),
        node("scriptTask", "Task_C"),
        node("intermediateCatchEvent", "Catch_1", inner=timer('@"P7D"')),
        node("receiveTask", "Task_R", messageRef="Message_1"),
    )
    # when
    found = findings(content)
    # then
    assert found == []


def test_a_block_of_parallel_branches_with_choices_inside_is_sound() -> None:
    # given
    content = top(
        start(),
        node("parallelGateway", "S"),
        TASK,
        node("exclusiveGateway", "G", default="F_G_M"),
        node("userTask", "Task_B"),
        node("exclusiveGateway", "M"),
        node("userTask", "Task_C"),
        node("parallelGateway", "J"),
        end(),
        flows("Start_1 S Task_A G M J End_1", "S Task_C J", "Task_B M"),
        flow("F", "G", "Task_B", "x = 1"),
    )
    # when
    found = codes(content)
    # then
    assert found == set()


def test_a_loop_inside_a_parallel_branch_is_sound() -> None:
    # given
    content = top(
        start(),
        node("parallelGateway", "S"),
        TASK,
        node("exclusiveGateway", "G", default="F_G_J"),
        node("userTask", "Task_C"),
        node("parallelGateway", "J"),
        end(),
        flows("Start_1 S Task_A G J End_1", "S Task_C J"),
        flow("F", "G", "Task_A", "x = 1"),
    )
    # when
    found = codes(content)
    # then
    assert found == set()


def test_a_side_branch_with_an_end_of_its_own_is_sound() -> None:
    # given
    content = line(
        TASK,
        more=boundary(message(), cancelActivity="false") + end("E_2", None) + flows("B E_2"),
    )
    # when
    found = codes(content)
    # then
    assert found == set()


def test_branches_that_end_apart_are_sound() -> None:
    # given
    content = split(
        "parallelGateway",
        end("E_2"),
        flows("G Task_A End_1", "G Task_B E_2"),
    )
    # when
    found = codes(content)
    # then
    assert found == set()


def test_an_element_id_used_in_two_files_is_a_clash() -> None:
    # given
    other = document(process(start("S_2"), TASK, end("E_2"), flows("S_2 Task_A E_2"), id="q"))
    # when
    found = codes(policy(GOOD, **{"processes/q.bpmn": other}))
    # then
    assert ("id.clash", "Task_A") in found


def test_a_process_defined_twice_is_refused() -> None:
    # given
    other = document(process(start("S_2"), end("E_2"), flows("S_2 E_2"), id="p"))
    # when
    found = codes(policy(GOOD, **{"processes/q.bpmn": other}))
    # then
    assert ("process.repeated", "p") in found


@pytest.mark.parametrize(
    ("path", "content", "code"),
    [
        ("clauses.yaml", None, "file.missing"),
        ("calendar.yaml", None, "file.missing"),
        ("clauses.yaml", "a: b", "register.shape"),
        ("clauses.yaml", "- {text: x}", "register.item"),
        ("clauses.yaml", "- {id: c1, text: 法}", "register.missing"),
        ("clauses.yaml", "- &a {id: c1}\n- *a", "yaml.not_readable"),
        ("clauses.yaml", "!!python/object/apply:os.system [id]", "yaml.not_readable"),
        ("clocks.yaml", "- {key: A.k, name: 时限}", "register.missing"),
        (
            "clocks.yaml",
            "- {key: A.k, name: 时限, length: z, unit: workdays, clause: [c1], severity: red}",
            "clock.parameter",
        ),
        (
            "clocks.yaml",
            "- {key: A.k, name: 时限, length: k.length, unit: eons, clause: [c1], severity: red}",
            "register.value",
        ),
        (
            "clocks.yaml",
            "- {key: A.k, name: 时限, length: k.length, unit: days, clause: [c9], severity: red}",
            "clause.unknown",
        ),
        ("calendar.yaml", "version: '1'", "register.missing"),
        (
            "calendar.yaml",
            "known_from: 2026-01-01\nknown_until: 2026-12-31\nholidays:\n- {on: 2027-01-01}",
            "calendar.refused",
        ),
        ("forms/f.form", "{}", "form.not_a_form"),
        ("forms/f.form", "[", "form.not_json"),
        ("decisions/d.dmn", "<x/>", "dmn.not_dmn"),
        ("parameters/k.yaml", "k.length: 3", None),
        ("surprise.exe", "MZ", "file.unknown"),
    ],
)
def test_a_damaged_file_beside_the_diagrams_is_found(
    path: str, content: str | None, code: str | None
) -> None:
    # given
    files: PolicyFiles = policy(GOOD, **{path: content})
    # when
    found = [finding for finding in findings(files) if finding.file == path]
    # then
    assert found
    assert code is None or code in {finding.code for finding in found}

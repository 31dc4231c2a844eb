"""Processes whose elements are joined in ways that cannot run."""

from __future__ import annotations

from tests.definitions.diagrams import (
    end,
    flow,
    flows,
    line,
    message,
    node,
    start,
    timer,
)
from tests.definitions.hostile_parts import (
    TASK,
    boundary,
    split,
    top,
)

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

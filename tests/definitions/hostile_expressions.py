"""Texts that are not FEEL or read what is not there, and calls that do not fit."""

from __future__ import annotations

from tests.definitions.diagrams import (
    VARIABLES,
    document,
    end,
    flow,
    flows,
    line,
    node,
    process,
    start,
    timer,
    variable,
)
from tests.definitions.hostile_parts import (
    TASK,
    callee,
    calls,
    operation,
    split,
    task,
    top,
)


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
    "a text compared with a number": (gate('x > "a"'), "expression.mismatch", "F_1"),
    "a number added to a text": (gate('opinion + x = "a"'), "expression.mismatch", "F_1"),
    "a property that no text has": (gate("opinion.length > 1"), "expression.mismatch", "F_1"),
    "a fact that no case has": (gate('case.nubmer = "a"'), "expression.mismatch", "F_1"),
    "a function with too few arguments": (
        gate('substring(opinion) = "a"'),
        "expression.mismatch",
        "F_1",
    ),
    "a function of the host with a text for a day": (
        gate("is workday(opinion)"),
        "expression.mismatch",
        "F_1",
    ),
    "condition that is a text": (gate("opinion"), "expression.type", "F_1"),
    "condition that is a sum": (gate("x + 1"), "expression.type", "F_1"),
    "an input of another type": (
        operation('<doudi:input name="kind" value="x + 1"/>'),
        "expression.type",
        "Task_S",
    ),
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
    "declared but never used": (
        calls(
            callee(
                variables=variable("opinion", inherited="true") + variable("x", "number"),
            )
        ),
        "variable.unused",
        "q",
    ),
    "a name of the caller's that hides": (
        calls(callee(variables=variable("opinion", default='"agree"'))),
        "variable.hides",
        "Call_1",
    ),
}

"""Elements that say what the policy does not have."""

from __future__ import annotations

from tests.definitions.diagrams import (
    ASSIGNED,
    CLAUSE,
    VARIABLES,
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
    variable,
)
from tests.definitions.hostile_parts import (
    KIND,
    TASK,
    operation,
    service,
    split,
    task,
    top,
)


def decided(extra: str) -> bytes:
    """A business rule task."""
    return line(node("businessRuleTask", "Task_D", extra=extra))


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

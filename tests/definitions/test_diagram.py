"""What a diagram says arrives in the model, exactly."""

from __future__ import annotations

from decimal import Decimal

import pytest
from lxml import etree

from tests.definitions.diagrams import (
    ASSIGNED,
    document,
    end,
    flows,
    line,
    message,
    node,
    process,
    start,
    timer,
    variable,
)
from workflows.definitions.diagram import (
    Assignment,
    ClockAction,
    ElementKind,
    Mapping,
    ProcessModel,
    Timer,
    parse_diagram,
)
from workflows.definitions.findings import Report
from workflows.errors import Invalid
from workflows.feel import compile_expression


def read(content: bytes) -> ProcessModel:
    """The first process of a file."""
    return parse_diagram(content, file="processes/p.bpmn").processes[0]


def test_a_user_task_is_read_with_all_that_it_carries() -> None:
    # given
    extra = (
        '<doudi:assignment role="confirmer" level="district" separateFrom="Task_B  Task_C"/>'
        '<doudi:form key="f"/><doudi:returns to="Task_B"/>'
        '<doudi:clock key="A.k" action="start" from="today()"/>'
        '<doudi:clock key="A.k" action="extend" at="enter" by="15"/>'
        '<doudi:status value="publicity"/><doudi:due clock="A.k"/>'
    )
    # when
    task = read(line(node("userTask", "Task_A", extra=extra))).elements["Task_A"]
    # then
    assert task.kind is ElementKind.USER_TASK
    assert (task.name, task.documentation, task.clauses) == ("名称", "说明", ("c1",))
    assert task.assignment == Assignment("confirmer", "district", ("Task_B", "Task_C"))
    assert (task.form, task.returns, task.status, task.due_clocks) == (
        "f",
        ("Task_B",),
        "publicity",
        ("A.k",),
    )
    assert task.clocks == (
        ClockAction("A.k", "start", "leave", from_="today()"),
        ClockAction("A.k", "extend", "enter", by="15"),
    )
    assert (task.incoming, task.outgoing) == (("F_Start_1_Task_A",), ("F_Task_A_End_1",))


def test_automatic_tasks_are_read_with_their_parameters() -> None:
    # given
    content = line(
        node(
            "serviceTask",
            "Task_S",
            extra='<doudi:operation name="notice.issue">'
            '<doudi:input name="kind" value="&quot;a&quot;"/>'
            '<doudi:output name="notice_id" variable="x"/></doudi:operation>',
        ),
        node(
            "businessRuleTask",
            "Task_D",
            extra='<doudi:decision ref="amount" on="today()"><doudi:input name="n" value="1"/>'
            '<doudi:output name="value" variable="x"/></doudi:decision>',
        ),
        node("scriptTask", "Task_P"),
        node(
            "callActivity",
            "Call_1",
            calledElement="q",
            extra='<doudi:call><doudi:input name="n" value="1"/>'
            '<doudi:output name="m" variable="x" value="m + 1"/></doudi:call>',
        ),
    )
    # when
    elements = read(content).elements
    # then
    service, decision = elements["Task_S"].operation, elements["Task_D"].decision
    assert service is not None and decision is not None
    assert service.inputs == (Mapping("kind", '"a"'),)
    assert service.outputs == (Mapping("notice_id", None, "x"),)
    assert (decision.ref, decision.on) == ("amount", "today()")
    assert (elements["Task_P"].script, elements["Task_P"].result_variable) == ("1 + 1", "x")
    assert elements["Call_1"].called == "q"
    assert elements["Call_1"].call_outputs == (Mapping("m", "m + 1", "x"),)


def test_events_are_read_with_what_they_wait_for() -> None:
    # given
    content = line(
        node("intermediateCatchEvent", "C", inner=timer('today() + @"P1D"', "timeDate")),
        node("userTask", "Task_A"),
        more=node(
            "boundaryEvent",
            "B",
            attachedToRef="Task_A",
            cancelActivity="false",
            inner=message(),
            extra=ASSIGNED,
        )
        + end("E_2", inner="<bpmn:terminateEventDefinition/>")
        + flows("B E_2"),
    )
    # when
    elements = read(content).elements
    # then
    assert elements["C"].timer == Timer("date", 'today() + @"P1D"')
    assert (elements["B"].message, elements["B"].attached_to) == (
        "application.withdrawn",
        "Task_A",
    )
    assert not elements["B"].interrupting
    assert elements["E_2"].terminate
    assert elements["End_1"].outcome == "completed"


def test_variables_keep_type_default_and_origin() -> None:
    # given
    variables = variable("金额", "number", default="0.10") + variable("y", "date", inherited="true")
    # when
    found = read(line(variables=variables)).variables
    # then
    assert (found["金额"].type, found["金额"].inherited) == ("number", False)
    assert compile_expression(found["金额"].default or "").value({}) == Decimal("0.10")
    assert found["y"].inherited


def test_elements_of_a_subprocess_know_their_parent_and_share_its_lane() -> None:
    # given
    inner = start("S_s") + node("userTask", "T_s") + end("E_s", None) + flows("S_s T_s E_s")
    lanes = (
        "<bpmn:laneSet id='L'><bpmn:lane id='L_1' name='区级'>"
        + "".join(
            f"<bpmn:flowNodeRef>{name}</bpmn:flowNodeRef>" for name in ("Start_1", "Sub_1", "End_1")
        )
        + "</bpmn:lane></bpmn:laneSet>"
    )
    content = document(
        process(
            start(),
            node("subProcess", "Sub_1", inner=inner),
            end(),
            flows("Start_1 Sub_1 End_1"),
            head=lanes,
        )
    )
    # when
    found = read(content)
    # then
    assert found.elements["T_s"].parent_id == "Sub_1"
    assert found.elements["T_s"].lane == "区级"
    assert found.start_id == "Start_1"
    inside = found.start_of("Sub_1")
    assert inside is not None and inside.id == "S_s"
    assert {element.id for element in found.children("Sub_1")} == {"S_s", "T_s", "E_s"}


def test_comments_leave_no_trace_in_texts() -> None:
    # given
    content = line(node("scriptTask", "Task_P")).replace(b"1 + 1", b"1 <!-- one --> + 1")
    # when
    diagram = parse_diagram(content, file="p.bpmn")
    # then
    assert diagram.processes[0].elements["Task_P"].script == "1  + 1"
    assert all(isinstance(found.tag, str) for found in diagram.tree.iter())
    assert etree.tostring(diagram.tree).find(b"<!--") == -1


def test_every_finding_of_a_file_is_raised_at_once() -> None:
    # given
    content = line(
        node("inclusiveGateway", "G_1"),
        node("userTask", "1x"),
        node("scriptTask", "P", inner="<bpmn:x/>"),
    )
    # when
    with pytest.raises(Invalid) as caught:
        parse_diagram(content, file="p.bpmn")
    # then
    codes = {finding.code for finding in caught.value.findings}
    assert codes >= {"bpmn.element", "id.pattern", "script.language"}
    assert all(finding.file == "p.bpmn" for finding in caught.value.findings)
    assert any(finding.line for finding in caught.value.findings)


def test_findings_of_one_file_end_somewhere() -> None:
    # given
    content = document(process(*("<bpmn:magic/>" for _ in range(5000))))
    # when
    with pytest.raises(Invalid) as caught:
        parse_diagram(content, file="p.bpmn")
    # then
    assert len(caught.value.findings) == 201
    assert caught.value.findings[-1].code == "file.more"


def test_no_number_of_warnings_hides_an_error() -> None:
    # given
    report = Report("p.bpmn")
    for _ in range(500):
        report.add("node.name_chinese", name="x")
    # when
    report.add("node.name", "Task_A")
    # then
    assert [f.code for f in report.findings if f.severity == "error"] == ["node.name"]
    assert len(report.findings) == 202

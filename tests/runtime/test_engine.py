"""The engine moves tokens as BPMN says, forgets what is finished and never grows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.runtime.diagrams import diagram, duration_timer, flow, node, process, user_task
from workflows.definitions.diagram import DiagramFile, Element
from workflows.errors import Conflict, Invalid
from workflows.runtime.engine import EngineRun, Program, WaitKind, program_of

START = datetime(2021, 9, 8, 1, 0, tzinfo=UTC)


class RecordingHost:
    """A host for tests: it answers expressions from a table and notes what it was told."""

    def __init__(self, answers: Mapping[str, Any] | None = None) -> None:
        self.answers = dict(answers or {})
        self.told: list[str] = []
        self.on_perform: Callable[[EngineRun, Element, str], None] | None = None

    def evaluate(self, expression: str, names: Mapping[str, Any], element: Element | None) -> Any:
        answer = self.answers.get(expression, names.get(expression))
        return answer(names) if callable(answer) else answer

    def moment(self, element: Element, names: Mapping[str, Any]) -> datetime:
        return START + timedelta(days=7)

    def perform(self, run: EngineRun, element: Element, scope: str) -> None:
        self.told.append(f"perform {element.id}")
        if self.on_perform is not None:
            self.on_perform(run, element, scope)

    def entered(self, run: EngineRun, element: Element, scope: str) -> None:
        self.told.append(f"enter {element.id}")

    def left(self, run: EngineRun, element: Element, scope: str) -> None:
        self.told.append(f"leave {element.id}")


class Walker:
    """A case driven from wait to wait, its state stored and loaded in between."""

    def __init__(
        self, file: DiagramFile, process_id: str, host: RecordingHost, **variables: Any
    ) -> None:
        self.program: Program = program_of([file], process_id)
        self.host = host
        run = EngineRun.start(self.program, host, variables)
        run.advance()
        self._keep(run)

    def _keep(self, run: EngineRun) -> None:
        self.state = run.dump()
        self.completed = run.completed
        self.wait_ids = {wait.element.id: wait.id for wait in run.waits().values()}
        self.kinds = {wait.element.id: wait.kind for wait in run.waits().values()}
        self.scopes = run.scopes

    def _resume(self) -> EngineRun:
        return EngineRun.resume(self.program, self.host, self.state)

    def complete(self, element_id: str) -> None:
        run = self._resume()
        run.complete(self.wait_ids[element_id])
        self._keep(run)

    def fire(self, element_id: str) -> None:
        run = self._resume()
        run.fire(self.wait_ids[element_id])
        self._keep(run)

    def move(self, element_id: str, target_id: str) -> None:
        run = self._resume()
        run.move(self.wait_ids[element_id], target_id)
        self._keep(run)

    @property
    def waits(self) -> set[str]:
        return set(self.wait_ids)


def loop_with_boundary() -> DiagramFile:
    return diagram(
        process(
            "p",
            node("startEvent", "S"),
            user_task("A"),
            node(
                "boundaryEvent", "B", duration_timer('@"P7D"'), attachedToRef="A",
                cancelActivity="false",
            ),
            node("serviceTask", "Remind", '<doudi:operation name="test.remind"/>'),
            node("endEvent", "Reminded"),
            node("exclusiveGateway", "G", default="F_G_E"),
            node("endEvent", "E"),
            flow("S", "A"), flow("A", "G"), flow("G", "A", "again"), flow("G", "E"),
            flow("B", "Remind"), flow("Remind", "Reminded"),
            variables='<doudi:variable name="again" type="boolean"/>',
        )
    )  # fmt: skip


def test_a_person_completes_a_task_and_the_gateway_sends_the_token_on() -> None:
    # given
    case = Walker(loop_with_boundary(), "p", RecordingHost({"again": False}))
    assert case.waits == {"A", "B"}
    # when
    case.complete("A")
    # then
    assert case.completed and case.waits == set()


def test_a_non_interrupting_timer_leaves_the_task_open() -> None:
    # given
    host = RecordingHost({"again": False})
    case = Walker(loop_with_boundary(), "p", host)
    # when
    case.fire("B")
    # then
    assert case.waits == {"A"} and "perform Remind" in host.told
    case.complete("A")
    assert case.completed


def test_two_hundred_rounds_leave_the_state_as_small_as_two() -> None:
    # given
    case = Walker(loop_with_boundary(), "p", RecordingHost({"again": True}))
    case.fire("B")
    case.complete("A")
    early = len(case.state)
    # when
    for round_number in range(200):
        if round_number % 3 == 0:
            case.fire("B")
        case.complete("A")
    # then
    assert len(case.state) <= early * 1.01
    case.host.answers["again"] = False
    case.complete("A")
    assert case.completed


def parallel_in_a_loop() -> DiagramFile:
    return diagram(
        process(
            "p",
            node("startEvent", "S"), node("exclusiveGateway", "In"),
            node("parallelGateway", "Split"),
            user_task("A"), user_task("B"), user_task("C"),
            node("parallelGateway", "Join"), node("exclusiveGateway", "Again", default="F_Again_E"),
            node("endEvent", "E"),
            flow("S", "In"), flow("In", "Split"),
            flow("Split", "A"), flow("Split", "B"), flow("Split", "C"),
            flow("A", "Join"), flow("B", "Join"), flow("C", "Join"), flow("Join", "Again"),
            flow("Again", "In", "again"), flow("Again", "E"),
            variables='<doudi:variable name="again" type="boolean"/>',
        )
    )  # fmt: skip


@pytest.mark.parametrize("order", ["ABC", "CBA", "BAC"])
def test_a_join_waits_for_every_branch_in_each_round(order: str) -> None:
    # given
    case = Walker(parallel_in_a_loop(), "p", RecordingHost({"again": True}))
    # when
    for _ in range(3):
        for position, element_id in enumerate(order):
            assert case.waits == set(order[position:])
            case.complete(element_id)
    case.host.answers["again"] = False
    for element_id in order:
        case.complete(element_id)
    # then
    assert case.completed


def call_with_withdrawal() -> DiagramFile:
    inner = process(
        "inner",
        node("startEvent", "IS"), user_task("IT"),
        node("scriptTask", "Set",
             '<doudi:result variable="result"/>||<bpmn:script>days + 1</bpmn:script>',
             scriptFormat="feel"),
        node("endEvent", "IE"),
        flow("IS", "IT"), flow("IT", "Set"), flow("Set", "IE"),
        variables='<doudi:variable name="days" type="number"/>'
        '<doudi:variable name="result" type="number"/>'
        '<doudi:variable name="total" type="number" inherited="true"/>',
    )  # fmt: skip
    sub = (
        '<bpmn:subProcess id="Sub" name="Sub"><bpmn:documentation>d</bpmn:documentation>'
        '<bpmn:extensionElements><doudi:clause ref="mca57-9"/></bpmn:extensionElements>'
        + node("startEvent", "SS")
        + node(
            "callActivity", "Call",
            '<doudi:call><doudi:input name="days" value="seven"/>'
            '<doudi:output name="result" variable="total"/></doudi:call>',
            calledElement="inner",
        )
        + node("endEvent", "SE") + flow("SS", "Call") + flow("Call", "SE") + "</bpmn:subProcess>"
    )  # fmt: skip
    outer = process(
        "outer",
        node("startEvent", "S"), sub,
        node("boundaryEvent", "Withdrawn",
             '<doudi:assignment role="case_officer" level="township"/>||'
             '<bpmn:messageEventDefinition messageRef="M_withdrawn"/>', attachedToRef="Sub"),
        node("endEvent", "E"), node("endEvent", "WE", '<doudi:end outcome="withdrawn"/>'),
        flow("S", "Sub"), flow("Sub", "E"), flow("Withdrawn", "WE"),
        variables='<doudi:variable name="total" type="number"/>',
    )  # fmt: skip
    return diagram(outer, inner)


def test_a_called_process_has_its_own_variables_and_hands_results_back() -> None:
    # given
    host = RecordingHost({"seven": 7})
    host.on_perform = lambda run, element, scope: run.scopes.write(
        scope, "result", run.scopes.view(scope)["days"] + 1
    )
    case = Walker(call_with_withdrawal(), "outer", host)
    assert case.waits == {"IT", "Withdrawn"}
    assert case.kinds["Withdrawn"] is WaitKind.MESSAGE
    # when
    case.complete("IT")
    # then
    assert case.completed
    assert case.scopes.view("root") == {"total": 8}


def test_a_withdrawal_interrupts_the_called_process_and_its_scope_is_gone() -> None:
    # given
    host = RecordingHost({"seven": 7})
    case = Walker(call_with_withdrawal(), "outer", host)
    # when
    case.fire("Withdrawn")
    # then
    assert case.completed and "leave WE" in host.told
    assert list(case.scopes.names()) == ["root"]


def event_gateway() -> DiagramFile:
    return diagram(
        process(
            "p",
            node("startEvent", "S"), node("eventBasedGateway", "G"),
            node("intermediateCatchEvent", "Over", duration_timer('@"P7D"')),
            node("intermediateCatchEvent", "Objection",
                 '<doudi:assignment role="case_officer" level="township"/>||'
                 '<bpmn:messageEventDefinition messageRef="M_objection"/>'),
            user_task("Handle"), node("exclusiveGateway", "M"), node("endEvent", "E"),
            flow("S", "G"), flow("G", "Over"), flow("G", "Objection"),
            flow("Objection", "Handle"), flow("Handle", "M"), flow("Over", "M"), flow("M", "E"),
        )
    )  # fmt: skip


def test_the_first_event_behind_an_event_gateway_decides() -> None:
    # given
    case = Walker(event_gateway(), "p", RecordingHost())
    assert case.waits == {"Over", "Objection"}
    # when
    case.fire("Objection")
    # then
    assert case.waits == {"Handle"}
    case.complete("Handle")
    assert case.completed


def test_the_period_runs_out_behind_an_event_gateway() -> None:
    # given
    case = Walker(event_gateway(), "p", RecordingHost())
    # when
    case.fire("Over")
    # then
    assert case.completed


def test_a_task_can_be_taken_back_to_an_earlier_one() -> None:
    # given
    file = diagram(
        process(
            "p",
            node("startEvent", "S"), user_task("A"),
            node("boundaryEvent", "B", duration_timer('@"P7D"'), attachedToRef="A"),
            user_task("Late"), user_task("C"), node("endEvent", "E"), node("endEvent", "LE"),
            flow("S", "A"), flow("A", "C"), flow("C", "E"), flow("B", "Late"), flow("Late", "LE"),
        )
    )  # fmt: skip
    case = Walker(file, "p", RecordingHost())
    case.complete("A")
    # when
    case.move("C", "A")
    # then
    assert case.waits == {"A", "B"}
    case.complete("A")
    case.complete("C")
    assert case.completed


def test_completing_the_same_task_twice_is_a_conflict() -> None:
    # given
    case = Walker(parallel_in_a_loop(), "p", RecordingHost({"again": False}))
    old = case.wait_ids["A"]
    case.complete("A")
    # when / then
    run = EngineRun.resume(case.program, case.host, case.state)
    with pytest.raises(Conflict):
        run.complete(old)


def test_a_condition_that_is_neither_true_nor_false_stops_the_case() -> None:
    # given
    case = Walker(loop_with_boundary(), "p", RecordingHost({"again": None}))
    # when / then
    with pytest.raises(Invalid) as error:
        case.complete("A")
    assert error.value.code == "condition_not_boolean"


def test_a_non_interrupting_message_can_come_again_and_again() -> None:
    # given
    file = diagram(
        process(
            "p",
            node("startEvent", "S"), user_task("A"),
            node("boundaryEvent", "M",
                 '<doudi:assignment role="case_officer" level="township"/>||'
                 '<bpmn:messageEventDefinition messageRef="M_objection"/>',
                 attachedToRef="A", cancelActivity="false"),
            node("serviceTask", "Note", '<doudi:operation name="test.note"/>'),
            node("endEvent", "Noted"), node("endEvent", "E"),
            flow("S", "A"), flow("A", "E"), flow("M", "Note"), flow("Note", "Noted"),
        )
    )  # fmt: skip
    host = RecordingHost()
    case = Walker(file, "p", host)
    # when
    for _ in range(5):
        case.fire("M")
        assert case.waits == {"A", "M"}
    size = len(case.state)
    case.fire("M")
    # then
    assert host.told.count("perform Note") == 6 and len(case.state) <= size * 1.01
    case.complete("A")
    assert case.completed

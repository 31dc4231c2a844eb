"""Terminate and error end events, interruptions and returns: nothing goes on that should not."""

from __future__ import annotations

import pytest

from tests.runtime.diagrams import diagram, duration_timer, flow, node, process, user_task
from tests.runtime.test_engine import RecordingHost, Walker
from workflows.definitions.diagram import DiagramFile
from workflows.errors import Conflict, Fault
from workflows.runtime.engine import EngineRun

OFFICER = '<doudi:assignment role="case_officer" level="township"/>'
OBJECTION = f'{OFFICER}||<bpmn:messageEventDefinition messageRef="M_objection"/>'
TERMINATE = "<bpmn:terminateEventDefinition/>"
FAILED = '<bpmn:error id="E_failed" name="failed" errorCode="failed"/>'
OTHER = '<bpmn:error id="E_other" name="other" errorCode="other"/>'
WORK = '<doudi:operation name="test.work"/>'


def thrown(error: str = "E_failed") -> str:
    return f'<bpmn:errorEventDefinition errorRef="{error}"/>'


def boundary(event_id: str, host: str, body: str, *, interrupting: bool = True) -> str:
    flag = "true" if interrupting else "false"
    return node("boundaryEvent", event_id, body, attachedToRef=host, cancelActivity=flag)


def inside(sub_id: str, *parts: str) -> str:
    return (
        f'<bpmn:subProcess id="{sub_id}" name="{sub_id}"><bpmn:documentation>d</bpmn:documentation>'
        '<bpmn:extensionElements><doudi:clause ref="mca57-9"/></bpmn:extensionElements>'
        f"{''.join(parts)}</bpmn:subProcess>"
    )


def two_branches(end: str) -> tuple[str, ...]:
    """Start, a parallel split; `Stop` leads to `end`, `Open` to an end of its own."""
    return (
        node("startEvent", "IS"), node("parallelGateway", "ISplit"),
        user_task("Stop"), user_task("Open"), boundary("Late", "Open", duration_timer("d")),
        node("endEvent", "IEnd", end), node("endEvent", "IOther"),
        flow("IS", "ISplit"), flow("ISplit", "Stop"), flow("ISplit", "Open"),
        flow("Stop", "IEnd"), flow("Open", "IOther"), flow("Late", "IOther"),
    )  # fmt: skip


def around(activity: str, *more: str) -> tuple[str, ...]:
    return (
        node("startEvent", "S"), activity, user_task("After"), node("endEvent", "E"),
        flow("S", "Act"), flow("Act", "After"), flow("After", "E"), *more,
    )  # fmt: skip


def calling(called: str = "inner", call_id: str = "Act") -> str:
    return node("callActivity", call_id, "<doudi:call/>", calledElement=called)


def ending(kind: str, end: str, *more: str) -> DiagramFile:
    """A called process or an embedded subprocess with two branches, one of which ends in `end`."""
    if kind == "sub":
        return diagram(
            FAILED, OTHER, process("p", *around(inside("Act", *two_branches(end)), *more))
        )
    return diagram(
        FAILED, OTHER, process("p", *around(calling(), *more)),
        process("inner", *two_branches(end)),
    )  # fmt: skip


@pytest.mark.parametrize("kind", ["sub", "call"])
def test_a_terminate_end_ends_only_the_process_that_holds_it(kind: str) -> None:
    # given
    case = Walker(ending(kind, TERMINATE), "p", RecordingHost())
    assert case.waits == {"Stop", "Open", "Late"}
    # when
    case.complete("Stop")
    # then
    assert case.waits == {"After"} and not case.completed
    assert list(case.scopes.names()) == ["root"]
    case.complete("After")
    assert case.completed


def test_a_terminate_end_at_the_top_leaves_nothing_open_two_calls_deep() -> None:
    # given
    file = diagram(
        process(
            "p",
            node("startEvent", "S"), node("parallelGateway", "Split"), user_task("Stop"),
            calling("middle", "Call"), boundary("Objected", "Call", OBJECTION),
            node("endEvent", "All", TERMINATE), node("endEvent", "E"),
            flow("S", "Split"), flow("Split", "Stop"), flow("Split", "Call"),
            flow("Stop", "All"), flow("Call", "E"), flow("Objected", "E"),
        ),
        process(
            "middle",
            node("startEvent", "MS"), inside(
                "MSub", node("startEvent", "NS"), calling("inner", "NCall"), node("endEvent", "NE"),
                flow("NS", "NCall"), flow("NCall", "NE"),
            ),
            node("endEvent", "ME"), flow("MS", "MSub"), flow("MSub", "ME"),
        ),
        process("inner", *(part.replace('"Stop"', '"Deep"').replace("_Stop", "_Deep").replace(
            "Stop_", "Deep_") for part in two_branches("")))
    )  # fmt: skip
    case = Walker(file, "p", RecordingHost())
    assert case.waits == {"Stop", "Objected", "Deep", "Open", "Late"}
    # when
    case.complete("Stop")
    # then
    assert case.completed and case.waits == set()
    assert list(case.scopes.names()) == ["root"]


@pytest.mark.parametrize("branches", ["WorkFirst", "EndFirst"])
def test_work_of_another_branch_is_not_done_after_a_terminate_end(branches: str) -> None:
    # given: both branches are ready in the same round
    ways = [flow("Split", "Stopped"), flow("Split", "Work")]
    file = diagram(
        process(
            "p",
            node("startEvent", "S"), user_task("A"), node("parallelGateway", "Split"),
            *(ways if branches == "EndFirst" else reversed(ways)),
            node("serviceTask", "Work", WORK), node("serviceTask", "More", WORK),
            node("endEvent", "Stopped", TERMINATE), node("endEvent", "E"),
            flow("S", "A"), flow("A", "Split"), flow("Work", "More"), flow("More", "E"),
        )
    )  # fmt: skip
    host = RecordingHost()
    case = Walker(file, "p", host)
    # when
    case.complete("A")
    # then
    assert case.completed
    assert host.told[host.told.index("enter Stopped") :] == ["enter Stopped", "leave Stopped"]


@pytest.mark.parametrize("kind", ["sub", "call"])
def test_an_error_interrupts_the_activity_that_catches_it(kind: str) -> None:
    # given
    caught = (
        boundary("Caught", "Act", thrown()), user_task("Repair"), node("endEvent", "RE"),
        flow("Caught", "Repair"), flow("Repair", "RE"),
    )  # fmt: skip
    case = Walker(ending(kind, thrown(), *caught), "p", RecordingHost())
    # when
    case.complete("Stop")
    # then
    assert case.waits == {"Repair"}
    assert list(case.scopes.names()) == ["root"]
    assert "leave After" not in case.host.told and "leave Act" not in case.host.told
    case.complete("Repair")
    assert case.completed


def test_an_error_goes_outwards_to_the_first_activity_that_catches_it() -> None:
    # given: called twice deep; the middle catches another error only
    file = diagram(
        FAILED, OTHER,
        process("p", *around(
            calling("middle"), boundary("Caught", "Act", thrown()), user_task("Repair"),
            node("endEvent", "RE"), flow("Caught", "Repair"), flow("Repair", "RE"),
        )),
        process(
            "middle", node("startEvent", "MS"), calling("inner", "MCall"), user_task("Wrong"),
            boundary("NotThis", "MCall", thrown("E_other")), node("endEvent", "ME"),
            flow("MS", "MCall"), flow("MCall", "ME"), flow("NotThis", "Wrong"), flow("Wrong", "ME"),
        ),
        process("inner", *two_branches(thrown())),
    )  # fmt: skip
    case = Walker(file, "p", RecordingHost())
    assert len(list(case.scopes.names())) == 3
    # when
    case.complete("Stop")
    # then
    assert case.waits == {"Repair"}
    assert list(case.scopes.names()) == ["root"]


@pytest.mark.parametrize("kind", ["sub", "call", "top"])
def test_an_error_that_nothing_catches_is_a_fault(kind: str) -> None:
    # given
    unfit = (
        boundary("NotThis", "Act", thrown("E_other")), node("endEvent", "NE"),
        flow("NotThis", "NE"),
    )  # fmt: skip
    file = (
        diagram(FAILED, process("p", *two_branches(thrown())))
        if kind == "top"
        else ending(kind, thrown(), *unfit)
    )
    case = Walker(file, "p", RecordingHost())
    # when / then
    with pytest.raises(Fault) as error:
        case.complete("Stop")
    assert error.value.code == "error_uncaught"
    assert error.value.details["element"] == "IEnd"


def withdrawn_two_deep() -> DiagramFile:
    return diagram(
        process("p", *around(
            calling("middle"), boundary("Objected", "Act", OBJECTION), node("endEvent", "OE"),
            flow("Objected", "OE"),
        )),
        process(
            "middle", node("startEvent", "MS"), calling("inner", "MCall"), node("endEvent", "ME"),
            boundary("Reminder", "MCall", duration_timer("d"), interrupting=False),
            user_task("Remind"), node("endEvent", "RE"),
            flow("MS", "MCall"), flow("MCall", "ME"), flow("Reminder", "Remind"),
            flow("Remind", "RE"),
        ),
        process("inner", *two_branches("")),
    )  # fmt: skip


def test_a_cancelled_call_takes_with_it_what_it_called_and_their_scopes() -> None:
    # given
    case = Walker(withdrawn_two_deep(), "p", RecordingHost())
    case.fire("Reminder")
    assert case.waits == {"Objected", "Stop", "Open", "Late", "Remind"}
    # when
    case.fire("Objected")
    # then
    assert case.completed and case.waits == set()
    assert list(case.scopes.names()) == ["root"]


def test_a_called_process_ends_only_when_its_side_branches_have_ended() -> None:
    # given
    case = Walker(withdrawn_two_deep(), "p", RecordingHost())
    case.fire("Reminder")
    case.complete("Stop")
    case.complete("Open")
    assert case.waits == {"Objected", "Remind"}
    # when
    case.complete("Remind")
    # then
    assert case.waits == {"After"}


def parallel_with_returns() -> DiagramFile:
    return diagram(
        process(
            "p",
            node("startEvent", "S"), node("parallelGateway", "Split"),
            user_task("A"), user_task("B"), user_task("Other"),
            boundary("Aside", "B", OBJECTION, interrupting=False), user_task("Note"),
            boundary("Late", "B", duration_timer("d")),
            node("exclusiveGateway", "M"), node("parallelGateway", "Join"),
            node("endEvent", "NE"), node("endEvent", "E"),
            flow("S", "Split"), flow("Split", "A"), flow("Split", "Other"), flow("A", "B"),
            flow("Aside", "Note"), flow("Note", "NE"), flow("Late", "M"),
            flow("B", "M"), flow("M", "Join"), flow("Other", "Join"), flow("Join", "E"),
        )
    )  # fmt: skip


def test_a_return_inside_a_branch_leaves_the_other_branch_alone() -> None:
    # given
    case = Walker(parallel_with_returns(), "p", RecordingHost())
    case.complete("A")
    # when: back and forth, twice
    for _ in range(2):
        assert case.waits == {"B", "Aside", "Late", "Other"}
        case.move("B", "A")
        assert case.waits == {"A", "Other"}
        case.complete("A")
    # then
    case.complete("Other")
    assert case.waits == {"B", "Aside", "Late"}
    case.complete("B")
    assert case.completed and case.host.told.count("enter E") == 1


def test_a_return_to_the_task_itself_starts_its_events_anew() -> None:
    # given
    case = Walker(parallel_with_returns(), "p", RecordingHost())
    case.complete("A")
    old = dict(case.wait_ids)
    # when
    case.move("B", "B")
    # then
    assert case.waits == {"B", "Aside", "Late", "Other"}
    assert not {case.wait_ids[name] for name in ("B", "Aside", "Late")} & set(old.values())


def test_what_a_side_event_has_begun_survives_a_return() -> None:
    # given
    case = Walker(parallel_with_returns(), "p", RecordingHost())
    case.complete("A")
    case.fire("Aside")
    assert case.waits == {"B", "Aside", "Late", "Other", "Note"}
    # when
    case.move("B", "A")
    # then
    assert case.waits == {"A", "Other", "Note"}
    case.complete("Note")
    case.complete("A")
    case.complete("B")
    assert case.waits == {"Other"}
    case.complete("Other")
    assert case.completed and case.host.told.count("enter E") == 1


def test_an_interrupting_timer_takes_the_task_and_its_other_events_away() -> None:
    # given
    case = Walker(parallel_with_returns(), "p", RecordingHost())
    case.complete("A")
    old = case.wait_ids["B"]
    # when
    case.fire("Late")
    # then
    assert case.waits == {"Other"}
    run = EngineRun.resume(case.program, case.host, case.state)
    with pytest.raises(Conflict):
        run.complete(old)


def test_event_gateways_in_two_branches_decide_apart() -> None:
    # given
    def race(name: str) -> tuple[str, ...]:
        return (
            node("eventBasedGateway", f"G{name}"),
            node("intermediateCatchEvent", f"Over{name}", duration_timer("d")),
            node("intermediateCatchEvent", f"Told{name}", OBJECTION),
            node("exclusiveGateway", f"M{name}"),
            flow("Split", f"G{name}"), flow(f"G{name}", f"Over{name}"),
            flow(f"G{name}", f"Told{name}"), flow(f"Over{name}", f"M{name}"),
            flow(f"Told{name}", f"M{name}"), flow(f"M{name}", "Join"),
        )  # fmt: skip

    file = diagram(
        process(
            "p",
            node("startEvent", "S"), node("parallelGateway", "Split"), *race("1"), *race("2"),
            node("parallelGateway", "Join"), node("endEvent", "E"),
            flow("S", "Split"), flow("Join", "E"),
        )
    )  # fmt: skip
    case = Walker(file, "p", RecordingHost())
    old = case.wait_ids["Over1"]
    # when
    case.fire("Told1")
    # then
    assert case.waits == {"Over2", "Told2"}
    run = EngineRun.resume(case.program, case.host, case.state)
    for gone in (old, case.wait_ids["Over2"].replace("Over2", "Elsewhere")):
        with pytest.raises(Conflict):
            run.fire(gone)
    case.fire("Over2")
    assert case.completed


def test_a_wait_that_this_run_has_made_can_be_met_in_the_same_run() -> None:
    # given
    case = Walker(parallel_with_returns(), "p", RecordingHost())
    run = EngineRun.resume(case.program, case.host, case.state)
    run.complete(case.wait_ids["A"])
    # when
    waits = {wait.element.id: wait.id for wait in run.waits().values()}
    run.fire(waits["Aside"])
    run.complete(waits["B"])
    # then
    assert {wait.element.id for wait in run.waits().values()} == {"Note", "Other"}


@pytest.mark.parametrize(
    ("given", "code"), [("text", "wrong_type"), (7, None), (None, None), (True, "wrong_type")]
)
def test_what_a_call_hands_over_has_the_declared_type(given: object, code: str | None) -> None:
    # given
    inner = process(
        "inner", node("startEvent", "IS"), user_task("IT"), node("endEvent", "IE"),
        flow("IS", "IT"), flow("IT", "IE"), variables='<doudi:variable name="days" type="number"/>',
    )  # fmt: skip
    call = node(
        "callActivity", "Act", '<doudi:call><doudi:input name="days" value="given"/></doudi:call>',
        calledElement="inner",
    )  # fmt: skip
    file = diagram(process("p", *around(call)), inner)
    # when / then
    if code is None:
        assert Walker(file, "p", RecordingHost({"given": given})).waits == {"IT"}
        return
    with pytest.raises(Fault) as error:
        Walker(file, "p", RecordingHost({"given": given}))
    assert error.value.code == code

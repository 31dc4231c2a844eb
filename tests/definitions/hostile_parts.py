"""Parts that the hostile documents are made of."""

from __future__ import annotations

from tests.definitions.diagrams import (
    ASSIGNED,
    VARIABLES,
    document,
    end,
    flows,
    line,
    node,
    process,
    start,
    variable,
)

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


def split(kind: str, *rest: str, name: str | None = "名称", **attributes: str) -> bytes:
    """start → G → (Task_A | Task_B) → end, with ``G`` of a kind and other flows given."""
    return top(
        start(),
        node(kind, "G", name=name, **attributes),
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


def boundary(inner: str, host: str = "Task_A", extra: str = ASSIGNED, **attributes: str) -> str:
    """A boundary event ``B``."""
    return node("boundaryEvent", "B", attachedToRef=host, inner=inner, extra=extra, **attributes)


def operation(inner: str = "", name: str = "notice.issue") -> bytes:
    """A service task with an operation."""
    given = f'<doudi:operation name="{name}">{inner}</doudi:operation>'
    return line(service("Task_S", given))


KIND = '<doudi:input name="kind" value="&quot;refusal&quot;"/>'

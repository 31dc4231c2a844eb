"""Loops that do not rest, and parallel branches that do not meet."""

from __future__ import annotations

from tests.definitions.diagrams import (
    document,
    end,
    flow,
    flows,
    line,
    message,
    node,
    process,
    start,
)
from tests.definitions.hostile_parts import (
    TASK,
    boundary,
    callee,
    task,
    top,
)


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


def returning(task_id: str, target: str) -> str:
    """A task that may be returned to another."""
    return task(task_id, f'<doudi:returns to="{target}"/>')


def parallel_returns(*tasks: str) -> bytes:
    """A before a split, B and C in its branches, D behind their join; `tasks` are the four."""
    return top(
        start(),
        node("parallelGateway", "S"),
        node("parallelGateway", "J"),
        *tasks,
        end(),
        flows("Start_1 T_A S T_B J T_D End_1", "S T_C J"),
    )


TOKENS = {
    "return out of a parallel branch": (
        parallel_returns(task("T_A"), returning("T_B", "T_A"), task("T_C"), task("T_D")),
        "returns.parallel",
        "T_B",
    ),
    "return into a parallel branch": (
        parallel_returns(task("T_A"), task("T_B"), task("T_C"), returning("T_D", "T_B")),
        "returns.parallel",
        "T_D",
    ),
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

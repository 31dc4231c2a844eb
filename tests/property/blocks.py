"""Random block-structured diagrams for property tests, and their translation to BPMN."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from tests.runtime.diagrams import diagram, duration_timer, flow, node, process, user_task
from workflows.definitions.diagram import DiagramFile

#: A block: its kind and its parts, e.g. ("seq", (("task",), ("work",))).
Block = tuple[Any, ...]
_EVENT = ("timer", "message")
ASSIGNED = '<doudi:assignment role="case_officer" level="township"/>'
MESSAGE = '<bpmn:messageEventDefinition messageRef="M_objection"/>'
ERROR = '<bpmn:errorEventDefinition errorRef="E_failed"/>'


def _nested(inner: st.SearchStrategy[Block]) -> st.SearchStrategy[Block]:
    several = st.lists(inner, min_size=2, max_size=3).map(tuple)
    side = st.tuples(st.sampled_from(_EVENT), st.booleans(), inner)
    sides = st.lists(side, max_size=2).map(tuple)
    return st.one_of(
        several.map(lambda parts: ("seq", parts)),
        several.map(lambda parts: ("xor", parts)),
        several.map(lambda parts: ("par", parts)),
        inner.map(lambda part: ("loop", part)),
        st.tuples(inner, inner).map(lambda parts: ("race", *parts)),
        sides.map(lambda found: ("guarded", found)),
        st.tuples(inner, sides, st.booleans()).map(lambda given: ("sub", *given)),
        st.tuples(inner, sides, st.booleans()).map(lambda given: ("call", *given)),
        inner.map(lambda part: ("stop", part)),
    )


def blocks(leaves: int = 14) -> st.SearchStrategy[Block]:
    """Blocks of about this many leaves."""
    leaf = st.sampled_from([("task",), ("work",), ("task",)])
    return st.recursive(leaf, _nested, max_leaves=leaves)


@dataclass
class _Container:
    """Where nodes and flows are being put: a process or an embedded subprocess."""

    #: whether an error thrown here is caught by a boundary event
    guarded: bool
    parts: list[str] = field(default_factory=list)


@dataclass
class Drawing:
    """A block being drawn; a joint is a node's id with the condition of the flow that leaves it."""

    processes: list[str] = field(default_factory=list)
    returns: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _count: int = 0

    def new(self, prefix: str) -> str:
        self._count += 1
        return f"{prefix}{self._count}"

    def process(self, process_id: str, block: Block, guarded: bool) -> None:
        """A whole process around a block."""
        container = _Container(guarded)
        self._whole(container, block)
        self.processes.append(process(process_id, *container.parts))

    def _whole(self, container: _Container, block: Block) -> None:
        start, end = self.new("S"), self.new("E")
        container.parts += [node("startEvent", start), node("endEvent", end)]
        self._link(container, self._draw(container, block, (start, None)), end)

    def _link(self, container: _Container, joint: tuple[str, str | None], target: str) -> None:
        container.parts.append(flow(joint[0], target, joint[1]))

    def _draw(
        self, container: _Container, block: Block, joint: tuple[str, str | None]
    ) -> tuple[str, str | None]:
        ways: dict[str, Callable[..., tuple[str, str | None]]] = {
            "task": self._task, "work": self._work, "seq": self._seq, "xor": self._xor,
            "par": self._par, "loop": self._loop, "race": self._race, "stop": self._stop,
            "guarded": self._guarded, "sub": self._sub, "call": self._call,
        }  # fmt: skip
        return ways[block[0]](container, block, joint)

    def _task(self, container: _Container, block: Block, joint: Any) -> tuple[str, None]:
        task = self.new("T")
        container.parts.append(user_task(task))
        self._link(container, joint, task)
        return task, None

    def _work(self, container: _Container, block: Block, joint: Any) -> tuple[str, None]:
        work = self.new("W")
        container.parts.append(node("serviceTask", work, '<doudi:operation name="test.work"/>'))
        self._link(container, joint, work)
        return work, None

    def _seq(self, container: _Container, block: Block, joint: Any) -> Any:
        earlier: list[str] = []
        for part in block[1]:
            joint = self._draw(container, part, joint)
            if part[0] == "task":
                self.returns[joint[0]] = tuple(earlier)
                earlier.append(joint[0])
        return joint

    def _gateway(self, container: _Container, kind: str, **attributes: str) -> str:
        gateway = self.new("G")
        container.parts.append(node(kind, gateway, **attributes))
        return gateway

    def _xor(self, container: _Container, block: Block, joint: Any) -> tuple[str, None]:
        split, merge = self.new("G"), self._gateway(container, "exclusiveGateway")
        first = self._gateway(container, "exclusiveGateway")
        self._link(container, joint, split)
        container.parts.append(node("exclusiveGateway", split, default=f"F_{split}_{first}"))
        self._link(container, (split, None), first)
        self._link(container, self._draw(container, block[1][0], (first, None)), merge)
        for position, part in enumerate(block[1][1:]):
            way = (split, f"c_{split}_{position}")
            self._link(container, self._draw(container, part, way), merge)
        return merge, None

    def _par(self, container: _Container, block: Block, joint: Any) -> tuple[str, None]:
        split = self._gateway(container, "parallelGateway")
        join = self._gateway(container, "parallelGateway")
        self._link(container, joint, split)
        for part in block[1]:
            self._link(container, self._draw(container, part, (split, None)), join)
        return join, None

    def _loop(self, container: _Container, block: Block, joint: Any) -> tuple[str, None]:
        into, again = self._gateway(container, "exclusiveGateway"), self.new("G")
        out = self._gateway(container, "exclusiveGateway")
        self._link(container, joint, into)
        last = self._draw(container, ("seq", (block[1], ("task",))), (into, None))
        self._link(container, last, again)
        container.parts.append(node("exclusiveGateway", again, default=f"F_{again}_{out}"))
        self._link(container, (again, f"c_{again}"), into)
        self._link(container, (again, None), out)
        return out, None

    def _race(self, container: _Container, block: Block, joint: Any) -> tuple[str, None]:
        gateway = self._gateway(container, "eventBasedGateway")
        merge = self._gateway(container, "exclusiveGateway")
        self._link(container, joint, gateway)
        for part, kind in zip(block[1:], _EVENT, strict=True):
            event = self.new("X")
            body = duration_timer("d") if kind == "timer" else f"{ASSIGNED}||{MESSAGE}"
            container.parts.append(node("intermediateCatchEvent", event, body))
            self._link(container, (gateway, None), event)
            self._link(container, self._draw(container, part, (event, None)), merge)
        return merge, None

    def _stop(self, container: _Container, block: Block, joint: Any) -> tuple[str, None]:
        """A choice: go on, or end everything here (by an error where somebody catches it)."""
        split, on, end = self.new("G"), self._gateway(container, "exclusiveGateway"), self.new("E")
        self._link(container, joint, split)
        container.parts.append(node("exclusiveGateway", split, default=f"F_{split}_{on}"))
        self._link(container, (split, None), on)
        last = self._draw(container, block[1], (split, f"c_{split}"))
        body = ERROR if container.guarded else "<bpmn:terminateEventDefinition/>"
        container.parts.append(node("endEvent", end, body))
        self._link(container, last, end)
        return on, None

    def _guarded(self, container: _Container, block: Block, joint: Any) -> tuple[str, None]:
        task, _ = self._task(container, block, joint)
        return self._with_events(container, task, block[1], catches=False)

    def _sub(self, container: _Container, block: Block, joint: Any) -> tuple[str, None]:
        sub, inside = self.new("P"), _Container(block[3])
        self._whole(inside, block[1])
        container.parts.append(
            f'<bpmn:subProcess id="{sub}" name="{sub}"><bpmn:documentation>d</bpmn:documentation>'
            '<bpmn:extensionElements><doudi:clause ref="mca57-9"/></bpmn:extensionElements>'
            f"{''.join(inside.parts)}</bpmn:subProcess>"
        )
        self._link(container, joint, sub)
        return self._with_events(container, sub, block[2], catches=block[3])

    def _call(self, container: _Container, block: Block, joint: Any) -> tuple[str, None]:
        call, called = self.new("C"), self.new("called")
        self.process(called, block[1], block[3])
        container.parts.append(node("callActivity", call, "<doudi:call/>", calledElement=called))
        self._link(container, joint, call)
        return self._with_events(container, call, block[2], catches=block[3])

    def _with_events(
        self, container: _Container, host: str, sides: Any, *, catches: bool
    ) -> tuple[str, None]:
        merge = self._gateway(container, "exclusiveGateway")
        self._link(container, (host, None), merge)
        for kind, interrupting, part in sides:
            body = duration_timer("d") if kind == "timer" else f"{ASSIGNED}||{MESSAGE}"
            event = self._boundary(container, host, body, interrupting)
            if interrupting:
                self._link(container, self._draw(container, part, (event, None)), merge)
            else:
                self._aside(container, event, part)
        if catches:
            event = self._boundary(container, host, ERROR, True)
            self._link(container, (event, None), merge)
        return merge, None

    def _boundary(self, container: _Container, host: str, body: str, interrupting: bool) -> str:
        event = self.new("B")
        flag = str(interrupting).lower()
        container.parts.append(
            node("boundaryEvent", event, body, attachedToRef=host, cancelActivity=flag)
        )
        return event

    def _aside(self, container: _Container, event: str, part: Block) -> None:
        """What runs beside the main flow; joined branches stay inside a subprocess of their own."""
        end = self.new("E")
        container.parts.append(node("endEvent", end))
        boxed = ("sub", part, (), False)
        self._link(container, self._draw(container, boxed, (event, None)), end)


def drawn(block: Block) -> tuple[DiagramFile, Mapping[str, tuple[str, ...]]]:
    """The diagram of a block (process `p`), and the earlier tasks that each task may return to."""
    drawing = Drawing()
    drawing.process("p", block, guarded=False)
    errors = '<bpmn:error id="E_failed" name="failed" errorCode="failed"/>'
    return diagram(errors, *drawing.processes), drawing.returns

"""Whatever is done to a right document, the gate answers with findings and never fails."""

from __future__ import annotations

import re
from itertools import pairwise
from time import perf_counter

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.definitions.diagrams import (
    OPERATIONS,
    document,
    end,
    flow,
    flows,
    message,
    node,
    policy,
    process,
    start,
    timer,
)
from workflows.definitions.check import check_policy
from workflows.definitions.diagram import parse_diagram
from workflows.definitions.findings import MOST_FINDINGS
from workflows.errors import Invalid

RIGHT = document(
    process(
        start(),
        node("parallelGateway", "S"),
        node("userTask", "Task_A"),
        node("intermediateCatchEvent", "C", inner=timer('@"P7D"')),
        node("parallelGateway", "J"),
        node("serviceTask", "Task_S"),
        node("exclusiveGateway", "G", default="F_G_Call_1"),
        node("callActivity", "Call_1", calledElement="q"),
        node(
            "boundaryEvent",
            "B",
            attachedToRef="Call_1",
            inner=message(),
            extra='<doudi:assignment role="case_officer" level="township"/>',
        ),
        end(),
        end("End_2", "withdrawn"),
        flows("Start_1 S Task_A J Task_S G Call_1 End_1", "S C J", "B End_2"),
        flow("F", "G", "End_1", 'x > 1 and opinion = "agree"'),
    ),
    process(
        start("Start_q"),
        node("scriptTask", "Task_P"),
        node("userTask", "Task_q"),
        end("End_q", None),
        flows("Start_q Task_P Task_q End_q"),
        id="q",
        variables='<doudi:variable name="x" type="number" inherited="true"/>'
        '<doudi:variable name="opinion" type="string" inherited="true"/>',
    ),
)
TOKENS = re.split(r"(\s+|[<>\"=/])", RIGHT.decode())
WORDS = sorted({token for token in TOKENS if token.strip()})
ODD = ["", "&", "&#0;", "]]>", "<!--", "<![CDATA[", "\ud800", "￿", "Start", "1e999", "{0}", "{x!r}"]
SLOW = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)


def judged(content: bytes) -> None:
    """The gate's answer has both languages; the reader refuses with Invalid alone."""
    found = check_policy(policy(content), operations=OPERATIONS)
    for finding in found:
        assert re.search("[\u4e00-\u9fff]", finding.message), finding
        assert re.search("[A-Za-z]", finding.message_en), finding
        assert finding.file
    try:
        parse_diagram(content, file="processes/p.bpmn")
    except Invalid as error:
        assert error.findings


def test_the_document_to_be_mutated_is_right() -> None:
    # given / when
    found = check_policy(policy(RIGHT), operations=OPERATIONS)
    # then
    assert [finding for finding in found if not finding.code.startswith("layout.")] == []


@SLOW
@given(
    st.lists(
        st.tuples(st.integers(0, len(TOKENS) - 1), st.sampled_from([*WORDS, *ODD])),
        min_size=1,
        max_size=6,
    )
)
def test_exchanged_words_never_break_the_gate(changes: list[tuple[int, str]]) -> None:
    # given
    tokens = list(TOKENS)
    for position, word in changes:
        tokens[position] = word
    # when / then
    judged("".join(tokens).encode("utf-8", "surrogatepass"))


@SLOW
@given(st.data())
def test_deleted_doubled_and_moved_elements_never_break_the_gate(data: st.DataObject) -> None:
    # given
    text = RIGHT.decode()
    for _ in range(data.draw(st.integers(1, 4))):
        elements = list(re.finditer(r"<([a-z]+:\w+)\b[^>]*?(/>|>[^<]*</\1>)", text))
        if not elements:
            break
        found = data.draw(st.sampled_from(elements))
        act = data.draw(st.sampled_from(["delete", "double", "move"]))
        if act == "double":
            text = text[: found.end()] + found.group() + text[found.end() :]
        else:
            text = text[: found.start()] + text[found.end() :]
            if act == "move":
                place = data.draw(st.sampled_from([m.start() for m in re.finditer("<", text)]))
                text = text[:place] + found.group() + text[place:]
    # when / then
    judged(text.encode())


@SLOW
@given(st.binary(max_size=200), st.integers(0, len(RIGHT)))
def test_random_bytes_never_break_the_gate(noise: bytes, position: int) -> None:
    # given / when / then
    judged(RIGHT[:position] + noise + RIGHT[position:])


KINDS = ["userTask", "serviceTask", "exclusiveGateway", "parallelGateway", "eventBasedGateway"]


@SLOW
@given(
    st.lists(st.sampled_from(KINDS), min_size=1, max_size=7),
    st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), max_size=16),
)
def test_random_wiring_never_breaks_the_gate(
    kinds: list[str], pairs: list[tuple[int, int]]
) -> None:
    # given
    nodes = [node(kind, f"N_{i}") for i, kind in enumerate(kinds, 1)]
    ids = ["Start_1", *(f"N_{i}" for i in range(1, len(kinds) + 1)), "End_1"]
    wires = [*pairwise(range(len(ids))), *pairs]
    content = document(
        process(
            start(),
            *nodes,
            end(),
            *(
                flow(f"F_{i}", ids[source % len(ids)], ids[target % len(ids)])
                for i, (source, target) in enumerate(wires)
            ),
        )
    )
    # when / then
    judged(content)


def test_a_chain_of_thousands_of_calls_is_refused_soon() -> None:
    # given
    links = (
        f'<bpmn:process id="p{i}"><bpmn:callActivity id="c{i}" calledElement="p{i + 1}"/>'
        "</bpmn:process>"
        for i in range(6000)
    )
    # when
    began = perf_counter()
    found = check_policy(policy(document(*links)), operations=OPERATIONS)
    # then
    assert any(finding.severity == "error" for finding in found)
    assert len(found) <= 2 * MOST_FINDINGS
    assert perf_counter() - began < 10


def test_thousands_of_elements_are_refused_soon() -> None:
    # given
    content = document(process(*(f'<bpmn:userTask id="t{i}"/>' for i in range(9000))))
    # when
    began = perf_counter()
    found = check_policy(policy(content), operations=OPERATIONS)
    # then
    assert "process.size" in {finding.code for finding in found}
    assert perf_counter() - began < 10

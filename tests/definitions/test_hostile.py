"""Every document that must not be published is refused, with the code and the element at fault."""

from __future__ import annotations

import re

import pytest

from tests.definitions.diagrams import (
    codes,
    document,
    end,
    findings,
    flow,
    flows,
    line,
    message,
    node,
    policy,
    process,
    start,
    timer,
)
from tests.definitions.hostile_contents import CONTENTS
from tests.definitions.hostile_documents import ALLOWED, IDS, XML
from tests.definitions.hostile_expressions import CALLS, EXPRESSIONS
from tests.definitions.hostile_parts import (
    GOOD,
    TASK,
    boundary,
    split,
    top,
)
from tests.definitions.hostile_shapes import BOUNDARY, SHAPE
from tests.definitions.hostile_tokens import TOKENS
from workflows.definitions.files import PolicyFiles

HOSTILE = {
    **XML,
    **ALLOWED,
    **IDS,
    **SHAPE,
    **BOUNDARY,
    **TOKENS,
    **CONTENTS,
    **EXPRESSIONS,
    **CALLS,
}
_GROUPS = (XML, ALLOWED, IDS, SHAPE, BOUNDARY, TOKENS, CONTENTS, EXPRESSIONS, CALLS)
_COUNTED = sum(len(group) for group in _GROUPS)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_document_is_refused_with_code_and_element(name: str) -> None:
    # given
    content, code, element = HOSTILE[name]
    # when
    found = findings(content)
    # then
    assert (code, element) in {(finding.code, finding.element) for finding in found}
    assert all(re.search("[\u4e00-\u9fff]", finding.message) for finding in found)
    assert all(re.search("[A-Za-z]", finding.message_en) for finding in found)
    assert not any(re.search(r"\{\w+(!r)?\}", finding.message) for finding in found)


def test_no_two_cases_of_the_table_share_a_name() -> None:
    # given / when / then
    assert len(HOSTILE) == _COUNTED


def test_a_right_document_has_no_findings() -> None:
    # given
    content = line(
        TASK,
        node("serviceTask", "Task_B"),
        node("scriptTask", "Task_C"),
        node("intermediateCatchEvent", "Catch_1", inner=timer('@"P7D"')),
        node("receiveTask", "Task_R", messageRef="Message_1"),
    )
    # when
    found = findings(content)
    # then
    assert found == []


def test_a_block_of_parallel_branches_with_choices_inside_is_sound() -> None:
    # given
    content = top(
        start(),
        node("parallelGateway", "S"),
        TASK,
        node("exclusiveGateway", "G", default="F_G_M"),
        node("userTask", "Task_B"),
        node("exclusiveGateway", "M"),
        node("userTask", "Task_C"),
        node("parallelGateway", "J"),
        end(),
        flows("Start_1 S Task_A G M J End_1", "S Task_C J", "Task_B M"),
        flow("F", "G", "Task_B", "x = 1"),
    )
    # when
    found = codes(content)
    # then
    assert found == set()


def test_a_loop_inside_a_parallel_branch_is_sound() -> None:
    # given
    content = top(
        start(),
        node("parallelGateway", "S"),
        TASK,
        node("exclusiveGateway", "G", default="F_G_J"),
        node("userTask", "Task_C"),
        node("parallelGateway", "J"),
        end(),
        flows("Start_1 S Task_A G J End_1", "S Task_C J"),
        flow("F", "G", "Task_A", "x = 1"),
    )
    # when
    found = codes(content)
    # then
    assert found == set()


def test_a_side_branch_with_an_end_of_its_own_is_sound() -> None:
    # given
    content = line(
        TASK,
        more=boundary(message(), cancelActivity="false") + end("E_2", None) + flows("B E_2"),
    )
    # when
    found = codes(content)
    # then
    assert found == set()


def test_branches_that_end_apart_are_sound() -> None:
    # given
    content = split(
        "parallelGateway",
        end("E_2"),
        flows("G Task_A End_1", "G Task_B E_2"),
    )
    # when
    found = codes(content)
    # then
    assert found == set()


def test_an_element_id_used_in_two_files_is_a_clash() -> None:
    # given
    other = document(process(start("S_2"), TASK, end("E_2"), flows("S_2 Task_A E_2"), id="q"))
    # when
    found = codes(policy(GOOD, **{"processes/q.bpmn": other}))
    # then
    assert ("id.clash", "Task_A") in found


def test_a_process_defined_twice_is_refused() -> None:
    # given
    other = document(process(start("S_2"), end("E_2"), flows("S_2 E_2"), id="p"))
    # when
    found = codes(policy(GOOD, **{"processes/q.bpmn": other}))
    # then
    assert ("process.repeated", "p") in found


@pytest.mark.parametrize(
    ("path", "content", "code"),
    [
        ("clauses.yaml", None, "file.missing"),
        ("calendar.yaml", None, "file.missing"),
        ("clauses.yaml", "a: b", "register.shape"),
        ("clauses.yaml", "- {text: x}", "register.item"),
        ("clauses.yaml", "- {id: c1, text: 法}", "register.missing"),
        ("clauses.yaml", "- &a {id: c1}\n- *a", "yaml.not_readable"),
        ("clauses.yaml", "!!python/object/apply:os.system [id]", "yaml.not_readable"),
        ("clocks.yaml", "- {key: A.k, name: 时限}", "register.missing"),
        (
            "clocks.yaml",
            "- {key: A.k, name: 时限, length: z, unit: workdays, clause: [c1], severity: red}",
            "clock.parameter",
        ),
        (
            "clocks.yaml",
            "- {key: A.k, name: 时限, length: k.length, unit: eons, clause: [c1], severity: red}",
            "register.value",
        ),
        (
            "clocks.yaml",
            "- {key: A.k, name: 时限, length: k.length, unit: days, clause: [c9], severity: red}",
            "clause.unknown",
        ),
        ("calendar.yaml", "version: '1'", "register.missing"),
        (
            "calendar.yaml",
            "known_from: 2026-01-01\nknown_until: 2026-12-31\nholidays:\n- {on: 2027-01-01}",
            "calendar.refused",
        ),
        ("forms/f.form", "{}", "form.not_a_form"),
        ("forms/f.form", "[", "form.not_json"),
        ("decisions/d.dmn", "<x/>", "dmn.not_dmn"),
        ("parameters/k.yaml", "k.length: 3", None),
        ("surprise.exe", "MZ", "file.unknown"),
    ],
)
def test_a_damaged_file_beside_the_diagrams_is_found(
    path: str, content: str | None, code: str | None
) -> None:
    # given
    files: PolicyFiles = policy(GOOD, **{path: content})
    # when
    found = [finding for finding in findings(files) if finding.file == path]
    # then
    assert found
    assert code is None or code in {finding.code for finding in found}

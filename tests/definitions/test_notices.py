"""The texts of notices are part of the policy: what is wrong with them forbids publication."""

from __future__ import annotations

import pytest

from tests.definitions.diagrams import NOTICES_YAML, codes, findings, policy, process, variable
from tests.definitions.hostile_parts import GOOD, KIND, calls, operation
from workflows.definitions.files import PolicyFiles

RIGHT = "{title: 书, clauses: [c1], paragraphs: ['\"编号 \" + case.number + opinion']}"


def notice(text: str, *, more: str = "") -> PolicyFiles:
    """A policy whose only notice is ``k``."""
    return policy(GOOD, **{"notices/n.yaml": f"k: {text}\n{more}"})


def paragraph(feel: str) -> PolicyFiles:
    """A policy whose only notice has one paragraph."""
    return notice(f"\n  title: 书\n  paragraphs:\n  - |-\n    {feel}")


def test_a_right_notice_has_no_findings() -> None:
    # given / when / then
    assert codes(notice(RIGHT)) == set()
    assert codes(policy(GOOD, **{"notices/n.yaml": None})) == set()


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (notice("1"), ("register.value", "k")),
        (notice("null"), ("register.value", "k")),
        (notice("[]"), ("register.value", "k")),
        (notice("{title: 书}"), ("register.missing", "k")),
        (notice("{title: 书, paragraphs: []}"), ("register.missing", "k")),
        (notice("{title: 书, paragraphs: ['\"a\"', 1]}"), ("register.value", "k")),
        (notice("{title: 书, paragraphs: '\"a\"'}"), ("register.value", "k")),
        (notice("{paragraphs: ['\"a\"']}"), ("register.missing", "k")),
        (notice("{title: 2026-01-01, paragraphs: ['\"a\"']}"), ("register.missing", "k")),
        (notice("{title: 书, paragraphs: ['\"a\"'], once: 1}"), ("register.value", "k")),
        (notice("{title: 书, paragraphs: ['\"a\"'], onec: true}"), ("register.field", "k")),
        (notice("{title: 书, paragraphs: ['\"a\"'], clauses: c1}"), ("register.value", "k")),
        (notice("{title: 书, paragraphs: ['\"a\"'], clauses: [c9]}"), ("clause.unknown", "k")),
        (paragraph('"a" +'), ("expression.syntax", "k")),
        (paragraph(" "), ("expression.empty", "k")),
        (paragraph('"a" + nobody'), ("expression.unknown_name", "k")),
        (paragraph("system(opinion)"), ("expression.unknown_function", "k")),
        (paragraph('string(parameter("nobody.length"))'), ("expression.unknown_parameter", "k")),
        (paragraph("1 + 1"), ("expression.type", "k")),
        # A notice gets numbers as they are written.
        (paragraph("string(x * 2)"), ("expression.mismatch", "k")),
        (paragraph("string(case.amount)"), ("expression.mismatch", "k")),
        (policy(GOOD, **{"notices/n.yaml": "- a"}), ("register.shape", None)),
        (policy(GOOD, **{"notices/n.yaml": ""}), ("register.shape", None)),
        (policy(GOOD, **{"notices/n.yaml": "k: ["}), ("yaml.not_readable", None)),
        (notice(RIGHT, more=f"k: {RIGHT}"), ("yaml.not_readable", None)),
        (policy(GOOD, **{"notices/o.yaml": NOTICES_YAML}), ("notice.repeated", "refusal")),
    ],
)
def test_a_wrong_notice_is_found(files: PolicyFiles, expected: tuple[str, str | None]) -> None:
    # given / when / then
    assert expected in codes(files)


def test_a_finding_names_the_file_of_the_notice() -> None:
    # given
    found = codes_by_file(policy(GOOD, **{"notices/o.yaml": f"k: {RIGHT}\nl: 1"}))
    # then
    assert found == {("notices/o.yaml", "register.value")}


def codes_by_file(files: PolicyFiles) -> set[tuple[str | None, str]]:
    """File and code of each finding."""
    return {(found.file, found.code) for found in findings(files)}


def test_a_notice_that_an_operation_issues_exists() -> None:
    # given
    issued = operation(KIND)
    # when / then
    assert codes(policy(issued)) == set()
    assert codes(policy(issued, **{"notices/n.yaml": f"other: {RIGHT}"})) == {
        ("notice.unknown", "Task_S")
    }
    assert codes(policy(issued, **{"notices/n.yaml": None})) == {("notice.unknown", "Task_S")}


def handed(kind: str, *more: str) -> bytes:
    """A process that has another, with more variables, issue a notice of a kind."""
    given = f'<doudi:call><doudi:input name="sort" value="{kind}"/></doudi:call>'
    issue = operation('<doudi:input name="kind" value=" sort "/>').decode()
    inner = issue[issue.index("<bpmn:startEvent") : issue.index("</bpmn:process>")]
    for name in ("Start_1", "End_1"):
        inner = inner.replace(name, f"{name}_q")
    inner = inner.replace('<doudi:end outcome="completed"/>', "")
    return calls(process(inner, id="q", variables="".join(map(variable, ("sort", *more)))), given)


def test_a_notice_whose_kind_is_handed_to_another_process_exists() -> None:
    # given / when / then
    assert codes(handed("&quot;refusal&quot;")) == set()
    assert codes(handed("&quot;refusla&quot;")) == {("notice.unknown", "Call_1")}
    assert codes(handed("opinion")) == set()


def test_a_notice_that_reads_what_the_called_process_hides_is_found() -> None:
    # given
    reading = {"notices/n.yaml": f"refusal: {RIGHT}"}  # its paragraph reads `opinion`
    # when / then
    assert codes(policy(handed("&quot;refusal&quot;"), **reading)) == set()
    assert ("notice.hidden_name", "Call_1") in codes(
        policy(handed("&quot;refusal&quot;", "opinion"), **reading)
    )

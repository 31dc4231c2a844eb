"""The DMN Technology Compatibility Kit, from the folder that DMN_TCK names."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.decisions.models import make_decision, make_document, make_literal
from workflows.decisions.tck import Report, report_lines, run_kit
from workflows.errors import Invalid


@pytest.fixture(scope="module")
def report() -> Report:
    folder = os.environ.get("DMN_TCK")
    if not folder:
        if os.environ.get("CI") == "true":
            pytest.fail("DMN_TCK must name the folder of the DMN TCK in CI")
        pytest.skip("the DMN TCK was not run: DMN_TCK does not name its folder")
    return run_kit(Path(folder))


@pytest.mark.parametrize("level", ["compliance-level-2", "compliance-level-3"])
def test_every_test_of_the_kit_passes(report: Report, level: str) -> None:
    # when
    counted = report.levels()[level]
    failed = [found.name for found in report.outcomes if found.outcome == "failed"]
    # then
    assert failed == []
    assert counted["passed"] > 100


def test_nothing_of_the_kit_is_left_out(report: Report) -> None:
    assert [found.name for found in report.outcomes if found.outcome == "not_applicable"] == []


def make_kit(
    folder: Path,
    expected: str,
    *,
    level: str = "compliance-level-2",
    model: bytes | None = None,
    case: str = 'id="001"',
) -> Path:
    """A kit of one model and one test; `expected` is the content of its result node."""
    place = folder / level / "0001-own"
    place.mkdir(parents=True)
    own = make_document(make_decision("d", make_literal("40 + 2")))
    (place / "own.dmn").write_bytes(own if model is None else model)
    (place / "own-test-01.xml").write_text(
        '<testCases xmlns="http://www.omg.org/spec/DMN/20160719/testcase" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        'xmlns:xsd="http://www.w3.org/2001/XMLSchema"><modelName>own.dmn</modelName>'
        f'<testCase {case}><resultNode name="d">{expected}</resultNode>'
        "</testCase></testCases>",
        encoding="utf-8",
    )
    return folder


@pytest.mark.parametrize(
    ("expected", "outcome"),
    [
        ('<value xsi:type="xsd:decimal">42.0</value>', "passed"),
        ('<value xsi:type="xsd:decimal">43</value>', "failed"),
        ('<value xsi:type="xsd:string">42</value>', "failed"),
        ('<value xsi:nil="true"/>', "failed"),
        ('<list><item><value xsi:type="xsd:decimal">42</value></item></list>', "failed"),
        ('<value xsi:type="xsd:decimal">NaN</value>', "failed"),
        ('<value xsi:type="xsd:decimal">forty</value>', "failed"),
        ('<value xsi:type="xsd:date">2026-02-31</value>', "failed"),
    ],
)
def test_the_runner_tells_right_from_wrong(tmp_path: Path, expected: str, outcome: str) -> None:
    # when
    report = run_kit(make_kit(tmp_path, f"<expected>{expected}</expected>"))
    # then
    assert [found.outcome for found in report.outcomes] == [outcome]
    assert report.levels()["compliance-level-2"][outcome] == 1
    assert len(report_lines(report)) == (1 if outcome == "passed" else 2)


def test_a_report_in_json_has_counts_and_each_test_with_name_outcome_and_reason(
    tmp_path: Path,
) -> None:
    # given
    kit = make_kit(tmp_path, "<expected><value xsi:nil='true'/></expected>")
    # when
    report = json.loads(json.dumps(run_kit(kit).to_json()))
    # then
    assert (report["passed"], report["failed"], report["not_applicable"]) == (0, 1, 0)
    assert report["tests"] == [
        {
            "name": "0001-own/001/d",
            "level": "compliance-level-2",
            "file": "own-test-01.xml",
            "outcome": "failed",
            "reason": "expected null (null), got 42 (number)",
        }
    ]


@pytest.mark.parametrize(
    ("level", "within", "named"),
    [
        ("compliance-level-3", ".", "compliance-level-3"),
        ("compliance-level-1", "compliance-level-1", "compliance-level-1"),
        ("non-compliant", "non-compliant/0001-own", "non-compliant"),
        ("TestCases/compliance-level-2", "TestCases", "compliance-level-2"),
        ("elsewhere", "elsewhere", "other"),
    ],
)
def test_any_folder_of_the_kit_may_be_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, level: str, within: str, named: str
) -> None:
    # given
    make_kit(tmp_path, "<expected><value xsi:type='xsd:decimal'>42</value></expected>", level=level)
    monkeypatch.chdir(tmp_path / within)
    # when
    report = run_kit(Path())
    # then
    assert [(found.level, found.name, found.outcome) for found in report.outcomes] == [
        (named, "0001-own/001/d", "passed")
    ]


@pytest.mark.parametrize(
    "model",
    [
        b"<definitions",
        b"",
        b"\xff\xfe",
        b"<!DOCTYPE x [<!ENTITY a 'b'>]><definitions/>",
        b"<other/>",
        make_document(make_decision("other", make_literal("1"))),
        make_document(make_decision("d", make_literal("1 +"))),
    ],
)
def test_a_broken_model_is_a_failed_test_with_a_reason(tmp_path: Path, model: bytes) -> None:
    # when
    report = run_kit(
        make_kit(
            tmp_path, "<expected><value xsi:type='xsd:decimal'>1</value></expected>", model=model
        )
    )
    # then
    assert [found.outcome for found in report.outcomes] == ["failed"]
    assert report.outcomes[0].reason


def test_a_test_file_that_cannot_be_read_is_a_failed_test(tmp_path: Path) -> None:
    # given
    kit = make_kit(tmp_path, "<expected><value xsi:type='xsd:decimal'>42</value></expected>")
    (kit / "compliance-level-2" / "0001-own" / "own-test-02.xml").write_bytes(b"<testCases")
    # when
    report = run_kit(kit)
    # then
    assert [found.outcome for found in report.outcomes] == ["passed", "failed"]


def test_a_result_that_is_only_an_error_is_expected_to_be_null(tmp_path: Path) -> None:
    # given
    model = make_document(make_decision("d", make_literal("1 / 0")))
    kit = make_kit(tmp_path, "", model=model)
    # when / then
    assert [found.outcome for found in run_kit(kit).outcomes] == ["passed"]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('(function(x) external {java: {class: "java.lang.System", m: "exit"}})(1)', "Java"),
        ('(function(x) external {pmml: {document: "a.pmml"}})(1)', "PMML"),
    ],
)
def test_a_foreign_function_that_is_not_run_is_not_applicable_by_name(
    tmp_path: Path, text: str, named: str
) -> None:
    # given
    model = make_document(make_decision("d", make_literal(text)))
    kit = make_kit(
        tmp_path, "<expected><value xsi:type='xsd:decimal'>1</value></expected>", model=model
    )
    # when
    report = run_kit(kit)
    # then
    assert [found.outcome for found in report.outcomes] == ["not_applicable"]
    assert report.outcomes[0].reason.startswith(f"functions of {named} are not run")


def test_a_knowledge_model_may_be_the_thing_that_is_tested(tmp_path: Path) -> None:
    # given
    model = make_document(
        '<businessKnowledgeModel id="b" name="twice"><variable name="twice"/><encapsulatedLogic>'
        '<formalParameter name="n"/><literalExpression><text>n * 2</text></literalExpression>'
        "</encapsulatedLogic></businessKnowledgeModel>"
    )
    kit = make_kit(
        tmp_path,
        "<expected><value xsi:type='xsd:decimal'>42</value></expected>",
        model=model,
        case='id="001" type="bkm" invocableName="twice"',
    )
    test = kit / "compliance-level-2" / "0001-own" / "own-test-01.xml"
    given = '<inputNode name="n"><value xsi:type="xsd:decimal">21</value></inputNode><resultNode'
    test.write_text(test.read_text("utf-8").replace("<resultNode", given), "utf-8")
    # when / then
    assert [found.outcome for found in run_kit(kit).outcomes] == ["passed"]


def test_a_folder_without_tests_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match=r"tck\.no_tests"):
        run_kit(tmp_path)

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


def make_kit(folder: Path, expected: str) -> Path:
    """A kit of one model and one test."""
    place = folder / "compliance-level-2" / "0001-own"
    place.mkdir(parents=True)
    (place / "own.dmn").write_bytes(make_document(make_decision("d", make_literal("40 + 2"))))
    (place / "own-test-01.xml").write_text(
        '<testCases xmlns="http://www.omg.org/spec/DMN/20160719/testcase" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        'xmlns:xsd="http://www.w3.org/2001/XMLSchema"><modelName>own.dmn</modelName>'
        f'<testCase id="001"><resultNode name="d"><expected>{expected}</expected></resultNode>'
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
    ],
)
def test_the_runner_tells_right_from_wrong(tmp_path: Path, expected: str, outcome: str) -> None:
    # when
    report = run_kit(make_kit(tmp_path, expected))
    # then
    assert [found.outcome for found in report.outcomes] == [outcome]
    assert report.levels()["compliance-level-2"][outcome] == 1
    assert json.loads(json.dumps(report.to_json()))["tests"][0]["outcome"] == outcome
    assert len(report_lines(report)) == (1 if outcome == "passed" else 2)


def test_a_folder_without_tests_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match=r"tck\.no_tests"):
        run_kit(tmp_path)

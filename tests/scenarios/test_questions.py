"""Table scenarios: what is wrong is said with its place, whether a row, a value or a refusal."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from click.testing import CliRunner

from tests.bpmn.policy import POLICY
from tests.runtime.district import policy_files
from web.cli import doudi
from workflows.definitions.policy import Policy, parse_policy
from workflows.scenarios.coverage import Reached
from workflows.scenarios.given import ScenarioFailed
from workflows.scenarios.questions import ask_questions

ON = date(2021, 10, 15)
#: A wage of which 30 % are deducted.
WAGE: dict[str, Any] = {
    "decide": "dibao_income_item",
    "on": ON,
    "input": {"income": {"kind": "wage", "basis": "documented", "monthly": Decimal(1000)}},
    "then": Decimal(700),
}
#: A relief of two persons, which a table within another decides about.
RELIEF: dict[str, Any] = {
    "decide": "relief_approval",
    "on": ON,
    "input": {
        "event": {"persons": Decimal(2), "proposed": Decimal(1000), "grants": [], "no_rule": True}
    },
    "then": {"level": "township", "grounds": ["no_rule"], "conference": True},
    "hits": {"relief_level": [1], "relief_conference_grounds": [3]},
}


@pytest.fixture(scope="module")
def policy() -> Policy:
    """The project's own policy."""
    return parse_policy(policy_files())


def ask(policy: Policy, *questions: Any, **scenario: Any) -> Reached:
    """Ask; what was reached."""
    reached = Reached()
    ask_questions(policy, {"id": "rules-x", "questions": list(questions), **scenario}, reached)
    return reached


def failure(policy: Policy, *questions: Any, **scenario: Any) -> str:
    """Ask what fails; the text."""
    with pytest.raises(ScenarioFailed) as caught:
        ask(policy, *questions, **scenario)
    return str(caught.value)


def test_rows_that_hit_are_reached_also_in_the_tables_below(policy: Policy) -> None:
    # when
    reached = ask(policy, WAGE, RELIEF)
    # then
    assert reached.rows == {
        ("dibao_income_item_table", 1),
        ("relief_level_table", 1),
        ("relief_conference_grounds_table", 3),
    }
    assert not reached.elements and not reached.flows


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"then": Decimal(1000)}, "the value is 700 instead of 1000"),
        ({"then": True}, "the value is 700 instead of true"),
        ({"hits": [Decimal(2)]}, "dibao_income_item hit 1 instead of 2"),
        ({"hits": {"dibao_class": [Decimal(1)]}}, "dibao_class hit nothing instead of 1"),
        ({"refused": "no_rule"}, "either then or refused"),
        ({"expect": 1}, "nothing is known of expect"),
        ({"decide": "dibao_incom_item"}, "refused with decision.unknown"),
        ({"input": {"income": {"kind": "lottery"}}}, "decision.input_not_allowed"),
        ({"input": {"income": {"knid": "wage"}}}, "refused with facts.invalid"),
        ({"parameters": {"dibao.none": 1}}, "no parameter dibao.none"),
        ({"on": "yesterday"}, "on yesterday): "),
    ],
)
def test_what_is_wrong_is_said_with_its_place(
    policy: Policy, change: dict[str, Any], said: str
) -> None:
    # when
    text = failure(policy, WAGE, {**WAGE, **change})
    # then
    assert text.startswith("rules-x question 2 (")
    assert said in text


def test_every_question_that_fails_is_named(policy: Policy) -> None:
    # given
    wrong = {**RELIEF, "then": {"level": "district", "grounds": ["amount"], "ceiling": None,
                                "none": 1}}  # fmt: skip
    # when
    lines = failure(policy, wrong, WAGE, {**WAGE, "then": Decimal(0)}, "?").splitlines()
    # then
    assert [line.split(" (")[0].split(":")[0] for line in lines] == [
        "rules-x question 1", "rules-x question 3", "rules-x question 4",
    ]  # fmt: skip
    assert 'level is "township" instead of "district"' in lines[0]
    assert 'grounds is ["no_rule"] instead of ["amount"]' in lines[0]
    assert "ceiling is 1272 instead of null" in lines[0]
    assert "no none" in lines[0]


@pytest.mark.parametrize("code", ["decision.input_not_allowed", "input_not_allowed"])
def test_a_refusal_is_expected_by_its_code(policy: Policy, code: str) -> None:
    # given
    unknown = {"decide": "dibao_income_item", "on": ON, "input": {"income": {"kind": "lottery"}}}
    # when / then
    ask(policy, {**unknown, "refused": code})
    assert "refused with" in failure(policy, {**unknown, "refused": "no_rule"})


def test_a_refusal_that_does_not_come_fails(policy: Policy) -> None:
    # given
    question = {key: value for key, value in WAGE.items() if key != "then"}
    # when / then
    assert "should have been refused with no_rule" in failure(
        policy, {**question, "refused": "no_rule"}
    )


def test_parameters_are_of_the_file_or_of_one_question(policy: Policy) -> None:
    # given
    key = "dibao.income.employment_deduction"
    half = {**WAGE, "then": Decimal(500)}
    # when / then
    ask(policy, half, parameters={key: Decimal("0.5")})
    ask(policy, WAGE, {**half, "parameters": {key: Decimal("0.5")}})
    assert policy.parameters.value(key, ON).value == Decimal("0.3")


def test_doudi_coverage_asks_them_too(tmp_path: Path) -> None:
    # given
    copytree(POLICY, tmp_path / "bpmn")
    scenarios = tmp_path / "bpmn" / "scenarios"
    for file in scenarios.glob("*.yaml"):
        if file.name not in {"people.yaml", "rules-near-relative.yaml"}:
            file.unlink()
    file = scenarios / "rules-near-relative.yaml"
    # when
    good = CliRunner().invoke(doudi, ["coverage", str(tmp_path / "bpmn")])
    file.write_text(file.read_text("utf-8").replace("then: {file: true", "then: {file: false", 1))
    bad = CliRunner().invoke(doudi, ["coverage", str(tmp_path / "bpmn")])
    # then
    assert good.exit_code == 0, good.output
    assert "near_relative_filing  近亲属备案  行 3/3 100.0%" in good.stdout
    assert "节点 0/" in good.stdout
    assert bad.exit_code == 1
    assert "rules-near-relative question 1 (near_relative_filing on 2021-10-15, " in bad.stdout

"""Questions to the law on the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from web.cli import doudi
from web.cli.decide import decide_command
from workflows.decisions import DecisionError
from workflows.errors import Invalid, NotFound

POLICY = Path(__file__).parents[2] / "bpmn"

FACTS = """
person:
  age: 63
  area: rural
  incomes:
    - {kind: pension_base, monthly: 125}
    - {kind: property, monthly: 80}
  property_ok: true
  supporters: []
"""


def ask(*arguments: str, facts: str = "") -> Result:
    return CliRunner().invoke(doudi, [*arguments, "--folder", str(POLICY)], input=facts)


def answer(*arguments: str, facts: str = "") -> Any:
    result = ask(*arguments, "--json", facts=facts)
    assert result.exit_code == 0, (result.output, result.exception)
    return json.loads(result.stdout)


def test_a_decision_is_answered_with_rows_clauses_parameters_and_pack() -> None:
    # when
    found = answer("decide", "tekun_eligible", "--on", "2021-09-13", "--input", "-", facts=FACTS)
    # then
    assert found["value"] == {"eligible": True, "failed": ""}
    assert found["outputs"]["eligible"] is True
    assert found["packs"][-1] == "RP-2021"
    assert found["picked_by"] == "区级决定之日"
    row = next(row for row in found["rows"] if row["decision"] == "tekun_eligible")
    assert (row["row"], row["clauses"]) == (5, ["mca43-4", "kz137-2.1.1"])
    assert {"mca43-5", "mca43-6"} <= {clause["id"] for clause in found["clauses"]}
    standard = next(p for p in found["parameters"] if p["key"] == "dibao.standard.rural")
    assert standard["valid_from"] == "2021-09-01"


@pytest.mark.parametrize(
    ("language", "words"),
    [("zh", ["结果：", "依据：", "命中第 5 行"]), ("en", ["Result: ", "Clauses: ", "Row 5 hit"])],
)
def test_the_answer_is_readable_in_both_languages(language: str, words: list[str]) -> None:
    # when
    result = ask(
        "decide", "tekun_eligible", "--on", "2021-09-13", "--input", "-", "--lang", language,
        facts=FACTS,
    )  # fmt: skip
    # then
    assert result.exit_code == 0
    assert all(word in result.stdout for word in words)
    assert "eligible = true" in result.stdout


def test_the_same_facts_as_json_give_the_same_answer() -> None:
    # given
    document = {
        "person": {
            "age": 63,
            "area": "rural",
            "incomes": [
                {"kind": "pension_base", "monthly": 125},
                {"kind": "property", "monthly": 80},
            ],
            "property_ok": True,
            "supporters": [],
        }
    }
    arguments = ("decide", "tekun_eligible", "--on", "2021-09-13", "--input", "-")
    # then
    assert answer(*arguments, facts=json.dumps(document)) == answer(*arguments, facts=FACTS)


def test_the_list_names_every_decision_with_typed_inputs_and_outputs() -> None:
    # when
    entries = answer("decide", "--list")
    # then
    keys = {entry["key"] for entry in entries}
    assert {"dibao_assessment", "relief_approval", "place_of_application"} <= keys
    for entry in entries:
        assert entry["outputs"], entry["key"]
        for fact in entry["inputs"]:
            assert fact["type"] != "Any", (entry["key"], fact["name"])


def test_blank_facts_can_be_filled_in_and_asked() -> None:
    # given
    blank = ask("decide", "tekun_care_tier", "--blank")
    # when
    filled = blank.stdout.replace(": null", ": true").replace("on: true", "on: 2021-10-22")
    found = answer("decide", "tekun_care_tier", "--on", "2021-10-22", "--input", "-", facts=filled)
    # then
    assert found["value"] == {"tier": "none", "care": "0"}


@pytest.mark.parametrize("key", ["tekun_eligible", "dibao_assessment", "stage_plan"])
def test_blank_facts_are_valid_documents(key: str) -> None:
    # given
    blank = ask("decide", key, "--blank").stdout
    # when
    result = ask("decide", key, "--on", "2021-10-22", "--input", "-", facts=blank)
    # then the facts are accepted, and a rule says what is missing
    assert result.exception is None or isinstance(result.exception, DecisionError)


def test_a_misspelt_key_and_a_misspelt_fact_name_the_nearest() -> None:
    # when
    key = ask("decide", "tekun_eligibel", "--on", "2021-09-13")
    fact = ask(
        "decide", "tekun_eligible", "--on", "2021-09-13", "--input", "-", facts="{persn: {}}"
    )
    # then
    assert isinstance(key.exception, NotFound) and "tekun_eligible" in key.exception.message
    assert isinstance(fact.exception, Invalid)
    assert "person" in fact.exception.findings[0].message


@pytest.mark.parametrize("arguments", [["decide"], ["decide", "tekun_eligible"], ["deadline"]])
def test_what_is_missing_is_said_as_usage(arguments: list[str]) -> None:
    # then
    assert ask(*arguments).exit_code == 2


@pytest.mark.parametrize(
    ("clock", "start", "due_on"),
    [
        ("F.death_check", "2022-11-18", "2023-02-20"),
        ("B.survey_opinion", "2021-09-13", "2021-10-09"),
        ("C.first_aid", "2021-11-13T23:10", "2021-11-14"),
        ("C.first_aid", "2021-11-13T15:10:00+00:00", "2021-11-14"),
    ],
)
def test_a_deadline_is_derived_line_by_line(clock: str, start: str, due_on: str) -> None:
    # when
    found = answer("deadline", clock, "--from", start)
    lines = ask("deadline", clock, "--from", start).stdout
    # then
    assert found["due_on"] == due_on
    assert found["provisional"] is False
    assert all(line["text_zh"] in lines for line in found["lines"])
    assert found["clauses"] and found["parameters"]


def test_a_deadline_beyond_the_published_calendar_says_so() -> None:
    # when
    found = answer("deadline", "A.overall", "--from", "2026-12-20")
    # then
    assert found["provisional"] is True
    shown = ask("deadline", "A.overall", "--from", "2026-12-20").stdout
    assert "暂定" in shown and "录入" in shown


@pytest.mark.parametrize("start", ["soon", "2021-13-01", "2021-11-13T25:00"])
def test_a_start_that_is_no_moment_is_refused(start: str) -> None:
    # when
    result = ask("deadline", "C.first_aid", "--from", start)
    # then
    assert isinstance(result.exception, Invalid) and result.exception.code == "clock.bad_start"


def test_hours_need_a_moment_and_clocks_need_to_exist() -> None:
    # then
    hours = ask("deadline", "C.first_aid", "--from", "2021-11-13").exception
    unknown = ask("deadline", "no.clock", "--from", "2021-11-13").exception
    assert isinstance(hours, Invalid) and hours.code == "clock.moment_needed"
    assert isinstance(unknown, NotFound)
    assert {row["key"] for row in answer("deadline", "--list")} >= {"A.overall", "C.first_aid"}


def test_both_commands_belong_to_the_program() -> None:
    # then
    assert doudi.commands["decide"] is decide_command
    assert "deadline" in doudi.commands

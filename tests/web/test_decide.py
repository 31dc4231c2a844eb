"""Questions to the law on the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from web.cli import doudi
from web.cli.decide import decide_command
from web.database import current_moment
from workflows.calendar import local_day

POLICY = Path(__file__).parents[2] / "bpmn"

CARE = ("eat", "dress", "bed", "toilet", "walk", "bathe")
CARE_KEYS = ("tekun_care_tier", "tekun-care-tier", "自理能力")
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
    assert (row["row"], row["clauses"]) == (5, ["mca43-4", "kz137-2.1.1.1"])
    assert {"mca43-5", "mca43-6"} <= {clause["id"] for clause in found["clauses"]}
    standard = next(p for p in found["parameters"] if p["key"] == "dibao.standard.rural")
    assert standard["valid_from"] == "2021-09-01"


GATE = """
expense: {class: other, persons: 4, annual_income: 116000.00, property_ok: true}
disposable_income: 29000.00
"""


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "zh",
            [
                "说明：",
                "不低于上年度人均可支配收入 29,000.00 元",
                "怎样会改变结果：",
                "申请前12个月家庭收入降低 0.01 元，为 115,999.99 元，就符合支出型临时救助的条件。",
            ],
        ),
        (
            "en",
            [
                "In words: ",
                "What would change this: ",
                "With the household's income in the 12 months before lower by 0.01 yuan",
            ],
        ),
    ],
)
def test_a_refusal_says_what_would_change_it(language: str, words: list[str]) -> None:
    # given
    question = ("decide", "expense_gate", "--on", "2021-10-19", "--input", "-")
    # when
    result = ask(*question, "--what-if", "--lang", language, facts=GATE)
    found = answer(*question, "--what-if", facts=GATE)
    # then
    assert all(word in result.stdout for word in words), result.stdout
    change = found["what_if"][0]["changes"][-1]
    assert (change["place"], change["new"]) == ("expense.annual_income", {"number": "115999.99"})
    assert found["told"][0]["clauses"] == ["mca23-2.1"]
    assert answer(*question, facts=GATE)["what_if"] is None


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
    assert result.exit_code in {0, 1}
    assert "facts.invalid" not in result.stderr
    assert result.exit_code == 0 or "没有给出的有：" in result.stderr


def test_a_misspelt_key_and_a_misspelt_fact_name_the_nearest() -> None:
    # when
    key = ask("decide", "tekun_eligibel", "--on", "2021-09-13")
    fact = ask(
        "decide", "tekun_eligible", "--on", "2021-09-13", "--input", "-", facts="{persn: {}}"
    )
    # then
    assert (key.exit_code, fact.exit_code) == (1, 1)
    assert "decision.unknown" in key.stderr and "tekun_eligible" in key.stderr
    assert "facts.unknown" in fact.stderr and "person" in fact.stderr


def test_a_key_may_be_a_name_or_have_hyphens_and_the_day_may_be_today() -> None:
    # given
    care = json.dumps({"self_care": dict.fromkeys(CARE, True)})
    # when
    answers = [answer("decide", key, "--input", "-", facts=care) for key in CARE_KEYS]
    # then
    assert {found["decision"] for found in answers} == {"tekun_care_tier"}
    assert {found["on"] for found in answers} == {local_day(current_moment()).isoformat()}


def test_amounts_may_be_texts_as_they_are_in_answers() -> None:
    # given
    event = {"event": {"persons": "3", "proposed": "1200.00", "grants": []}}
    # when
    found = answer(
        "decide", "relief_approval", "--on", "2021-11-14", "--input", "-", facts=json.dumps(event)
    )
    # then
    assert (found["value"]["level"], found["value"]["ceiling"]) == ("township", "1272")
    assert found["rests_on_defaults"] is True


def test_another_answer_to_an_open_question_can_be_supposed() -> None:
    # given
    arguments = ("decide", "dibao_start_month", "--input", "-")
    facts = "decided_on: 2021-10-15"
    # when
    other = answer(*arguments, "--set", "dibao.start_month_rule=same", facts=facts)
    lines = ask(*arguments, "--set", "dibao.start_month_rule=same", facts=facts).stdout
    # then
    assert answer(*arguments, facts=facts)["value"] == "2021-11"
    assert other["value"] == "2021-10"
    assert "假设的值；" in lines and "待决问题 P05" in lines


@pytest.mark.parametrize(
    ("supposed", "code"),
    [
        ("dibao.start_month_rul=same", "parameter.unknown"),
        ("dibao.start_month_rule=3", "parameter.wrong_type"),
        ("dibao.start_month_rule", "parameter.supposed"),
    ],
)
def test_what_cannot_be_supposed_is_refused(supposed: str, code: str) -> None:
    # when
    result = ask("decide", "dibao_start_month", "--set", supposed)
    # then
    assert result.exit_code == 1 and result.stderr.startswith(f"{code}: ")


@pytest.mark.parametrize(
    ("facts", "code", "zh", "en"),
    [
        ('{"event": {"persons": NaN}}', "facts.invalid", "应为 number", "should be a number"),
        ('{"event": {"persons": 1e400}}', "facts.invalid", "应为 number", "should be a number"),
        ('{"event": {"persons": true}}', "facts.invalid", "应为 number", "should be a number"),
        ('{"event": [1]}', "facts.invalid", "应为 context，不是 列表", "not a list"),
        ("[1, 2]", "facts.invalid", "应为 context", "should be a context"),
        ("hello", "facts.invalid", "应为 context", "should be a context"),
        ('{"event": {', "invalid", "无法读取", "cannot be read"),
        ("[" * 3000 + "]" * 3000, "invalid", "无法读取", "cannot be read"),
        ('{"event": {"persons": 0}}', "decision.", "没有给出的有：", "Not given: "),
        ("", "decision.", "没有给出的有：", "Not given: "),
    ],
)
def test_bad_facts_are_refused_in_both_languages(facts: str, code: str, zh: str, en: str) -> None:
    # given
    arguments = ("decide", "relief_approval", "--on", "2021-11-14", "--input", "-")
    # when
    chinese, english = (ask(*arguments, "--lang", lang, facts=facts) for lang in ("zh", "en"))
    document = ask(*arguments, "--json", facts=facts)
    # then
    assert (chinese.exit_code, english.exit_code, document.exit_code) == (1, 1, 1)
    assert chinese.stderr.startswith(code) and zh in chinese.stderr
    assert en in english.stderr
    assert json.loads(document.stdout)["error"].startswith(code)


def test_a_day_before_the_first_known_standard_says_from_when_there_is_one() -> None:
    # given
    household = {"household": {"area": "rural"}}
    arguments = ("decide", "dibao_standard", "--on", "2017-03-31", "--input", "-")
    # when
    result = ask(*arguments, facts=json.dumps(household))
    # then
    assert result.exit_code == 1
    assert "parameter.no_value" in result.stderr and "最早的值自 2017-04-01 起" in result.stderr


@pytest.mark.parametrize("arguments", [["decide"], ["deadline"], ["deadline", "A.overall"]])
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
    assert result.exit_code == 1 and result.stderr.startswith("clock.bad_start")


def test_hours_need_a_moment_and_clocks_need_to_exist() -> None:
    # then
    hours = ask("deadline", "C.first_aid", "--from", "2021-11-13")
    unknown = ask("deadline", "A.overal", "--from", "2021-11-13")
    assert hours.exit_code == 1 and hours.stderr.startswith("clock.moment_needed")
    assert unknown.exit_code == 1 and "是不是 A.overall" in unknown.stderr
    assert {row["key"] for row in answer("deadline", "--list")} >= {"A.overall", "C.first_aid"}


@pytest.mark.parametrize(
    ("arguments", "due_on"),
    [
        (["A.overall", "--extended"], "2021-11-16"),
        (["审核确认全程"], "2021-10-26"),
        (["A.overall_cq", "--without", "2021-09-23..2021-09-29"], "2021-10-15"),
        (["A.overall", "--set", "A.overall.length=3"], "2021-09-13"),
    ],
)
def test_a_deadline_may_be_extended_or_leave_days_out(arguments: list[str], due_on: str) -> None:
    # then
    assert answer("deadline", *arguments, "--from", "2021-09-08")["due_on"] == due_on


def test_what_no_law_extends_is_not_extended() -> None:
    # when
    result = ask("deadline", "M.refusal", "--from", "2021-09-08", "--extended")
    # then
    assert result.exit_code == 1 and result.stderr.startswith("clock.not_extendable")


def test_both_commands_belong_to_the_program() -> None:
    # then
    assert doudi.commands["decide"] is decide_command
    assert "deadline" in doudi.commands

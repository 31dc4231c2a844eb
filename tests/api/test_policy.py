"""The published policy over the JSON interface, and questions to it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.clients import Api
from tests.api.test_tasks import code_of
from tests.runtime.district import policy_files

#: The processes that no other calls.
STARTABLE = [
    "administrative_review", "benefit_change", "benefit_correction", "benefit_restore",
    "benefit_review", "complaint", "dibao", "dibao_filing", "gradual_exit", "household_change",
    "job_refusal", "job_share_return", "lawsuit", "member_death", "overpayment", "petition",
    "petty_fund", "price_subsidy", "publicity_take_down", "recovery_repayment", "relief_expense",
    "relief_urgent", "roll_posting", "standard_adjustment", "tekun", "tekun_arrangement",
    "tekun_care_change", "tekun_ending",
]  # fmt: skip


def test_the_release_in_force_is_described(api: Api) -> None:
    # when
    listed = api.get("officer", "/policy/releases").json
    current = api.get("officer", "/policy/releases/current").json
    # then
    assert listed is not None and current is not None
    assert [row["current"] for row in listed["releases"]] == [True]
    assert current["id"] == listed["releases"][0]["id"]
    assert current["content_hash"] == policy_files().content_hash
    assert current["startable"] == STARTABLE
    assert {found["key"] for found in current["decisions"]} >= {"dibao_assessment"}
    by_id = api.get("officer", f"/policy/releases/{current['id']}").json
    assert by_id == current


def test_processes_forms_parameters_clauses_and_words_are_given(api: Api) -> None:
    # given
    base = "/policy/releases/current"
    # when
    process = api.get("officer", f"{base}/processes/dibao_acceptance").json
    diagram = api.get("officer", f"{base}/processes/dibao_acceptance/diagram")
    form = api.get("officer", f"{base}/forms/dibao-opinion").json
    parameters = api.get("officer", f"{base}/parameters").json
    clauses = api.get("officer", f"{base}/clauses").json
    words = api.get("officer", f"{base}/vocabulary").json
    # then
    assert process is not None and form is not None and parameters is not None
    assert clauses is not None and words is not None
    steps = {element["id"]: element for element in process["elements"]}
    assert steps["Task_CheckMaterials"]["role"] == "case_officer"
    assert diagram.data == policy_files().get("processes/dibao_acceptance.bpmn")
    assert form["id"] == "dibao-opinion"
    rural = next(p for p in parameters["parameters"] if p["key"] == "dibao.standard.rural")
    assert all(isinstance(entry["value"], str) for entry in rural["values"])
    assert {clause["id"] for clause in clauses["clauses"]} >= {"mca57-9"}
    assert "present" in words["facts"]["member.status"]


@pytest.mark.parametrize(
    "path",
    [
        "/policy/releases/nothing",
        "/policy/releases/01a208f1-b476-70fa-ad23-d31d692d0b4c",
        "/policy/releases/current/processes/nothing",
        "/policy/releases/current/forms/nothing",
    ],
)
def test_what_is_not_published_is_not_found(api: Api, path: str) -> None:
    # then
    assert api.get("officer", path).status_code == 404


def test_a_decision_is_explained(api: Api) -> None:
    # when
    answer = api.post(
        "officer", "/decisions/dibao_start_month",
        {"on": "2021-10-15", "inputs": {"decided_on": "2021-10-15"}},
    )  # fmt: skip
    # then
    assert answer.status_code == 200, answer.text
    found = answer.json
    assert found is not None
    assert found["value"] == "2021-11"
    assert found["lines"]
    assert found["explanation"]


def test_an_answer_says_by_which_law_and_whether_it_rests_on_defaults(api: Api) -> None:
    # when amounts and days are plain texts
    answer = api.post(
        "officer", "/decisions/dibao-start-month",
        {
            "on": "2021-10-15",
            "inputs": {"decided_on": "2021-10-15"},
            "parameters": {"dibao.start_month_rule": "same"},
        },
    )  # fmt: skip
    # then
    found = answer.json
    assert found is not None
    assert (found["decision"], found["value"]) == ("dibao_start_month", "2021-10")
    assert found["packs"][-1] == "RP-2021"
    assert found["rests_on_defaults"] is True
    assert [row["clauses"] for row in found["rows"]] == [["cqdb-22"]]
    assert [clause["article"] for clause in found["clauses"]] == ["第二十二条"]


def test_every_key_that_is_listed_can_be_asked(api: Api) -> None:
    # given
    listed = api.get("officer", "/decisions").json
    clocks = api.get("officer", "/deadlines").json
    assert listed is not None and clocks is not None
    # when
    keys = [entry["key"] for entry in listed["decisions"]]
    answers = [api.post("officer", f"/decisions/{key}", {"on": "2021-10-15"}) for key in keys[:12]]
    # then nobody is told of a fault, only of what is missing
    assert {answer.status_code for answer in answers} <= {200, 422}
    assert {"dibao_assessment", "tekun_eligible"} <= set(keys)
    assert {row["key"] for row in clocks["deadlines"]} >= {"A.overall", "N.petition_accept"}


def test_a_deadline_may_be_extended_or_leave_days_out(api: Api) -> None:
    # when
    longer, without = (
        api.post("officer", f"/deadlines/{key}", {"from": "2021-09-08", **more}).json
        for key, more in (
            ("A.overall", {"extended": True}),
            ("A.overall_cq", {"without": ["2021-09-23..2021-09-29"]}),
        )
    )
    # then
    assert longer is not None and without is not None
    assert (longer["due_on"], without["due_on"]) == ("2021-11-16", "2021-10-15")


def test_parameters_and_clauses_say_what_rests_on_them(api: Api) -> None:
    # when
    parameters = api.get("officer", "/policy/releases/current/parameters").json
    clauses = api.get("officer", "/policy/releases/current/clauses").json
    # then
    assert parameters is not None and clauses is not None
    start = next(p for p in parameters["parameters"] if p["key"] == "dibao.start_month_rule")
    assert start["question"] == "P05" and start["alternatives"]
    assert {use["key"] for use in start["used_by"]} == {"dibao_start_month"}
    item = next(c for c in clauses["clauses"] if c["id"] == "kz137-2.3.2.4")
    assert item["part_of"] == "kz137-2.3.2"
    assert {use["key"] for use in item["used_by"]} >= {"stage_plan", "relief_stages"}
    assert all(clause["used_by"] or clause["waits"] for clause in clauses["clauses"])


def test_an_assessment_is_calculated_on_a_day(api: Api) -> None:
    # given: worked case C01
    def member(key: str, **facts: Any) -> dict[str, Any]:
        return {
            "id": key, "relation": "self", "birth_on": {"date": "1975-03-01"}, "age": None,
            "status": "present", "clergy_years": None, "independent": True, "student": "none",
            "student_full_time": False, "disability_grade": None, "disability_kind": None,
            "serious_illness": False, "able_bodied": True, "employed": False, **facts,
        }  # fmt: skip

    household = {
        "area": "rural",
        "on": {"date": "2021-10-15"},
        "members": [member("m1")],
        "incomes": [],
        "property_ok": True,
        "unstable_income": False,
    }
    # when
    answer = api.post(
        "officer", "/decisions/dibao_assessment",
        {"on": "2021-10-15", "inputs": {"household": household}},
    )  # fmt: skip
    # then
    assert answer.status_code == 200, answer.text
    assert answer.json is not None
    assert (answer.json["value"]["class"], answer.json["value"]["members"]) == ("dibao", "1")
    assert {used["key"] for used in answer.json["parameters"]} >= {"dibao.standard.rural"}


def test_a_refusal_says_what_would_change_it(api: Api) -> None:
    # given
    expense = {"class": "other", "persons": 4, "annual_income": {"number": "116000.00"}}
    inputs = {"on": "2021-10-19", "disposable_income": {"number": "29000"}}
    inputs["expense"] = {**expense, "property_ok": True}  # type: ignore[assignment]  # JSON
    body = {"on": "2021-10-19", "inputs": inputs}
    # when
    answer = api.post("officer", "/decisions/expense_gate", {**body, "what_if": True})
    plainly = api.post("officer", "/decisions/expense_gate", body)
    # then
    assert answer.status_code == 200, answer.text
    assert answer.json is not None and plainly.json is not None
    (asked,) = answer.json["what_if"]
    assert asked["goal"]["en"] == "the household would meet the conditions of relief of expenses"
    assert asked["changes"][-1]["new"] == {"number": "115999.99"}
    assert answer.json["told"][0]["basis"]
    assert plainly.json["what_if"] is None


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"inputs": {"wrong": 1}}, "inputs.wrong"),
        ({"inputs": {"decided_on": "2021-13-01"}}, "inputs.decided_on"),
        ({"on": "yesterday"}, "on"),
        ({"more": 1}, "more"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(
    api: Api, body: dict[str, Any], field: str
) -> None:
    # when
    answer = api.post("officer", "/decisions/dibao_start_month", body)
    # then
    assert answer.status_code == 422
    assert answer.json is not None
    assert [finding["field"] for finding in answer.json["findings"]] == [field]


def test_a_missing_input_is_no_result(api: Api) -> None:
    # when
    answer = api.post("officer", "/decisions/dibao_start_month", {})
    unknown = api.post("officer", "/decisions/nothing", {})
    # then
    assert answer.status_code == 422
    assert code_of(answer).startswith("decision.")
    assert (unknown.status_code, code_of(unknown)) == (404, "decision.unknown")


def test_a_deadline_is_derived_line_by_line(api: Api) -> None:
    # when
    answer = api.post(
        "officer", "/deadlines/A.start_survey", {"from": "2021-09-08"},
        headers={"Accept-Language": "en"},
    )  # fmt: skip
    # then
    assert answer.status_code == 200, answer.text
    assert answer.json is not None
    assert answer.json["due_on"] == "2021-09-13"
    assert "Due at 24:00" in answer.json["lines"][-1]["text"]
    assert answer.json["parameters"]


@pytest.mark.parametrize("start", ["", "2021-02-30", "2021-09-08T10:00:00", "9999-12-31", "now"])
def test_a_start_that_is_none_is_refused(api: Api, start: str) -> None:
    # when
    answer = api.post("officer", "/deadlines/A.start_survey", {"from": start})
    # then
    assert answer.status_code == 422


def test_a_deadline_beyond_the_published_calendar_is_provisional(api: Api) -> None:
    # given
    start = "2027-05-06T10:00:00+08:00"
    # when
    answer = api.post("officer", "/deadlines/A.start_survey", {"from": start})
    far = api.post("officer", "/deadlines/A.start_survey", {"from": "2150-05-06"})
    # then
    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["provisional"] is True
    assert (far.status_code, code_of(far)) == (422, "calendar.unknown_day")

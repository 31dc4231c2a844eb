"""Tasks over the JSON interface: the queue, one task, and the acts on it."""

from __future__ import annotations

import base64
import json
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from models.accounts import Account, Role
from models.cases import Incident
from models.households import HouseholdMember, Person
from models.trail import AccessRecord
from tests.api.clients import Api
from tests.runtime.district import at, member
from tests.runtime.test_dibao_story import accept
from workflows.assistance.households import IncomeData
from workflows.transaction import transaction

ANSWERS = {"materials_result": "complete", "materials_received": ["最低生活保障申请书"]}

#: A cursor with a moment that lies before the year 1 in UTC.
BEFORE_ALL_TIME = base64.urlsafe_b64encode(
    b"0001-01-01T00:00:00+14:00 01890000-0000-7000-8000-000000000000"
).decode()


def complete(api: Api, login: str, task_id: str, **options: Any) -> Any:
    """Complete the first task of an application."""
    body = {"answers": ANSWERS, **options.pop("body", {})}
    return api.post(login, f"/tasks/{task_id}/complete", body, **options)


def test_a_case_is_started_and_its_first_task_completed(api: Api) -> None:
    # given
    case_id = api.started()
    queue = api.get("officer", "/tasks").json
    assert queue is not None
    assert [task["case"]["id"] for task in queue["tasks"]] == [case_id]
    assert queue["tasks"][0]["applicant"]["name"] == "陈德明"
    assert "*" in queue["tasks"][0]["applicant"]["id_number"]
    task_id = queue["tasks"][0]["id"]
    # when
    done = complete(api, "officer", task_id, body={"case_version": 1})
    # then
    assert done.status_code == 200, done.text
    assert done.json == {
        "case_id": case_id,
        "case_number": queue["tasks"][0]["case"]["number"],
        "case_version": 2,
        "closed": False,
        "status": done.json["status"],
    }
    assert "Task_StartSurvey" in api.district.open_tasks(case_id)


def test_one_task_shows_form_law_and_version_and_the_look_is_recorded(api: Api) -> None:
    # given
    case_id = api.started()
    task_id = api.task(case_id, "Task_CheckMaterials")
    # when
    answer = api.get("officer", f"/tasks/{task_id}")
    # then
    document = answer.json
    assert document is not None
    assert document["form"]["id"] == "dibao-check-materials"
    assert document["clauses"][0]["text"]
    assert document["values"]["channel"] == "window"
    assert answer.headers["ETag"] == f'"{document["case_version"]}"'
    seen = api.session.scalars(select(AccessRecord).where(AccessRecord.subject_id == case_id))
    assert [record.actor_id for record in seen] == [api.district.accounts["officer"].id]


def test_a_task_with_surveyors_lists_the_staff_to_choose(api: Api) -> None:
    # given
    case_id = api.started()
    complete(api, "officer", api.task(case_id, "Task_CheckMaterials"))
    # when
    document = api.get("officer", f"/tasks/{api.task(case_id, 'Task_StartSurvey')}").json
    # then
    assert document is not None
    staff = {person["name"] for person in document["staff"]}
    assert {"officer", "second_officer"} <= staff
    assert document["deadline"]["key"] == "A.start_survey"
    assert any("民法典" in line["text"] for line in document["deadline"]["lines"])


def test_the_queue_is_read_page_by_page(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    monkeypatch.setattr("workflows.runtime.inbox.queue.PAGE", 2)
    started = {api.started() for _ in range(5)}
    # when
    found, after = [], None
    while True:
        page = api.get("officer", "/tasks", query_string={"after": after} if after else {}).json
        assert page is not None
        found += [task["case"]["id"] for task in page["tasks"]]
        after = page["next"]
        if after is None:
            break
    # then
    assert len(found) == 5
    assert set(found) == started


def test_the_queue_is_narrowed_by_whose_which_and_where(api: Api) -> None:
    # given
    first, second = api.started(), api.started()
    task_id = api.task(first, "Task_CheckMaterials")
    api.post("officer", f"/tasks/{task_id}/claim")
    number = api.district.case(second).number
    api.session.rollback()

    def cases(login: str, **query: str) -> set[str]:
        page = api.get(login, "/tasks", query_string=query).json
        assert page is not None
        return {task["case"]["id"] for task in page["tasks"]}

    # then
    assert cases("officer", show="mine") == {first}
    assert cases("second_officer", show="common") == {second}
    assert cases("officer", case_number=number) == {second}
    assert cases("officer", element="Task_CheckMaterials") == {first, second}
    assert cases("officer", element="Task_Opinion") == set()
    assert cases("officer", office=api.district.offices["village"].id) == {first, second}
    assert cases("leader") == set()


@pytest.mark.parametrize(
    "query",
    [
        {"show": "everything"},
        {"after": "x"},
        {"after": "MjAyMQ"},
        {"after": BEFORE_ALL_TIME},
        {"limit": "10"},
        {"office": "1"},
        {"element": "a b"},
        {"case_number": "a b"},
    ],
)
def test_a_query_that_makes_no_sense_is_refused(api: Api, query: dict[str, str]) -> None:
    # when
    answer = api.get("officer", "/tasks", query_string=query)
    # then
    assert answer.status_code == 422
    assert answer.json is not None
    assert [finding["field"] for finding in answer.json["findings"]] == list(query)


def test_a_sign_that_no_database_keeps_is_a_bad_request(api: Api) -> None:
    # when
    answer = api.get("officer", "/tasks", query_string={"case_number": "\0"})
    # then
    assert (answer.status_code, answer.content_type) == (400, "application/problem+json")


def test_an_error_is_a_problem_document_in_the_language_asked_for(api: Api) -> None:
    # given
    path = "/tasks/01a208f1-b476-70fa-ad23-d31d692d0b4c"
    # when
    chinese = api.get("officer", path)
    english = api.get("officer", path, headers={"Accept-Language": "en-GB,en;q=0.9"})
    # then
    assert chinese.status_code == english.status_code == 404
    assert chinese.content_type == "application/problem+json"
    assert chinese.json is not None and english.json is not None
    assert chinese.json["code"] == english.json["code"] == "task_not_found"
    assert chinese.json["detail"] == "找不到这项待办。"
    assert english.json["detail"] == "There is no such task."
    assert english.headers["Content-Language"] == "en"
    assert english.json["status"] == 404


def test_a_body_that_cannot_be_read_is_refused(api: Api) -> None:
    # given
    task_id = api.task(api.started(), "Task_CheckMaterials")

    def sent(content: bytes | str, media_type: str = "application/json") -> tuple[int, str]:
        answer = api.send(
            "officer", "POST", f"/tasks/{task_id}/complete", data=content, content_type=media_type
        )
        assert answer.json is not None
        return answer.status_code, answer.json["code"]

    # then
    assert sent(b"{") == (422, "request.not_json")
    assert sent(b'{"answers": {"a": NaN}}') == (422, "request.not_json")
    assert sent(b'{"answers": {"a": "\\ud800"}}') == (422, "request.not_json")
    assert sent(b"[" * 5000) == (422, "request.not_json")
    assert sent(b"[1]") == (422, "request.invalid")
    assert sent(b"{}", "text/plain") == (415, "http.415")
    assert sent(b"x" * 600_000) == (413, "http.413")
    assert sent(json.dumps({"answers": {}, "more": 1})) == (422, "request.invalid")
    assert sent(json.dumps({"answers": 1})) == (422, "request.invalid")
    assert sent(json.dumps({"answers": {}, "case_version": "1"})) == (422, "request.invalid")


def test_every_finding_of_the_form_is_listed(api: Api) -> None:
    # given
    task_id = api.task(api.started(), "Task_CheckMaterials")
    # when
    answer = api.post(
        "officer", f"/tasks/{task_id}/complete",
        {"answers": {"materials_result": "perhaps", "monthly_amount": "900"}},
    )  # fmt: skip
    # then
    assert answer.status_code == 422
    assert answer.json is not None
    fields = {finding["field"] for finding in answer.json["findings"]}
    assert {"materials_result", "monthly_amount"} <= fields


@pytest.mark.parametrize("as_header", [True, False])
def test_a_stale_screen_changes_nothing(api: Api, as_header: bool) -> None:
    # given
    case_id = api.started()
    task_id = api.task(case_id, "Task_CheckMaterials")
    # when
    if as_header:
        answer = complete(api, "officer", task_id, headers={"If-Match": '"7"'})
    else:
        answer = complete(api, "officer", task_id, body={"case_version": 7})
    # then
    assert answer.status_code == 409
    assert answer.json["code"] == "stale_screen"
    assert answer.json["details"] == {"shown": 7, "current": 1}
    assert api.district.case(case_id).version == 1


@pytest.mark.parametrize("header", ["x", '"1', "-1", 'W/"1"'])
def test_a_version_that_is_none_is_refused(api: Api, header: str) -> None:
    # given
    task_id = api.task(api.started(), "Task_CheckMaterials")
    # when
    answer = complete(api, "officer", task_id, headers={"If-Match": header})
    # then
    assert (answer.status_code, answer.json["code"]) == (422, "header.if_match")


def test_header_and_body_must_name_the_same_version(api: Api) -> None:
    # given
    task_id = api.task(api.started(), "Task_CheckMaterials")
    # when
    answer = complete(
        api, "officer", task_id, headers={"If-Match": '"1"'}, body={"case_version": 2}
    )
    # then
    assert (answer.status_code, answer.json["code"]) == (422, "header.if_match")


def test_a_task_is_completed_once(api: Api) -> None:
    # given
    task_id = api.task(api.started(), "Task_CheckMaterials")
    assert complete(api, "officer", task_id).status_code == 200
    # when
    again = complete(api, "officer", task_id)
    # then
    assert (again.status_code, again.json["code"]) == (409, "task_not_open")
    assert api.get("officer", f"/tasks/{task_id}").status_code == 404


def test_a_repeated_request_gets_the_same_answer(api: Api) -> None:
    # given
    task_id = api.task(api.started(), "Task_CheckMaterials")
    headers = {"Idempotency-Key": "once-1"}
    # when
    first = complete(api, "officer", task_id, headers=headers)
    again = complete(api, "officer", task_id, headers=headers)
    other = complete(api, "officer", task_id, headers=headers, body={"case_version": 1})
    # then
    assert first.status_code == again.status_code == 200
    assert first.data == again.data
    assert "Idempotent-Replay" not in first.headers
    assert again.headers["Idempotent-Replay"] == "true"
    assert (other.status_code, other.json["code"]) == (409, "request_key_reused")


@pytest.mark.parametrize("key", ["", "a b", "键", "x" * 201])
def test_a_request_key_that_is_none_is_refused(api: Api, key: str) -> None:
    # given
    task_id = api.task(api.started(), "Task_CheckMaterials")
    # when
    answer = complete(api, "officer", task_id, headers={"Idempotency-Key": key})
    # then
    assert (answer.status_code, answer.json["code"]) == (422, "header.idempotency_key")


def test_a_claimed_task_is_its_owners(api: Api) -> None:
    # given
    task_id = api.task(api.started(), "Task_CheckMaterials")
    # when
    claimed = api.post("officer", f"/tasks/{task_id}/claim")
    refused = [
        api.post("second_officer", f"/tasks/{task_id}/claim"),
        api.post("second_officer", f"/tasks/{task_id}/release"),
        complete(api, "second_officer", task_id),
    ]
    released = api.post("officer", f"/tasks/{task_id}/release")
    # then
    officer = api.district.accounts["officer"].id
    assert claimed.json == {"id": task_id, "assignee_id": officer}
    assert {answer.json["code"] for answer in refused} == {"claimed_by_other"}
    assert {answer.status_code for answer in refused} == {409}
    assert refused[0].json["details"] == {"assignee": officer}
    assert released.json == {"id": task_id, "assignee_id": None}
    assert complete(api, "second_officer", task_id).status_code == 200


def test_what_belongs_to_others_cannot_be_told_from_nothing(api: Api) -> None:
    # given
    task_id = api.task(api.started(), "Task_CheckMaterials")
    stranger = api.staff(Role.CASE_OFFICER, api.elsewhere())
    # when
    answers = [
        api.get(stranger, f"/tasks/{task_id}"),
        complete(api, stranger, task_id),
        complete(api, "leader", task_id),
        api.post(stranger, f"/tasks/{task_id}/claim"),
        api.post(stranger, f"/tasks/{task_id}/return", {"to": "Task_X", "reason": "x"}),
    ]
    # then
    assert {(answer.status_code, answer.json["code"]) for answer in answers} == {
        (404, "task_not_found")
    }


def test_nobody_acts_for_their_own_household(api: Api) -> None:
    # given
    case_id = api.started()
    household_id = api.district.case(case_id).household_id
    number = api.session.scalar(
        select(Person.id_number_index)
        .join(HouseholdMember, HouseholdMember.person_id == Person.id)
        .where(HouseholdMember.household_id == household_id)
    )
    api.session.rollback()
    with transaction(api.session) as session:
        own = session.get_one(Account, api.district.accounts["officer"].id)
        own.id_number_index = number
    # when
    answer = complete(api, "officer", api.task(case_id, "Task_CheckMaterials"))
    # then
    assert answer.status_code == 403
    assert api.district.case(case_id).version == 1


def test_a_case_is_returned_to_a_step_that_the_diagram_allows(api: Api) -> None:
    # given
    case_id = known_household_case(api)
    task_id = api.task(case_id, "Task_StartInfoCheck")
    shown = api.get("reviewer", f"/tasks/{task_id}").json
    assert shown is not None
    assert shown["returns"][0]["to"] == "Task_RequestInfoCheck"
    path = f"/tasks/{task_id}/return"
    # when
    nowhere = api.post("reviewer", path, {"to": "Task_X", "reason": "x"})
    silent = api.post("reviewer", path, {"to": "Task_RequestInfoCheck", "reason": " "})
    done = api.post("reviewer", path, {"to": "Task_RequestInfoCheck", "reason": "授权书不全"})
    # then
    assert (nowhere.status_code, code_of(nowhere)) == (422, "return_target")
    assert (silent.status_code, code_of(silent)) == (422, "return_reason")
    assert done.status_code == 200
    assert "Task_RequestInfoCheck" in api.district.open_tasks(case_id)


def test_what_the_policy_cannot_handle_becomes_an_incident(api: Api) -> None:
    # given: an income of a kind that no decision table knows
    case_id = known_household_case(api, income_kind="lottery")
    checked = at("2021-09-14")
    district = api.district
    district.do(
        case_id, "Task_StartInfoCheck", "reviewer", checked, info_check_started_on="2021-09-09"
    )
    district.do(
        case_id, "Task_InfoCheckResult", "reviewer", checked,
        info_check_result_on="2021-09-14", info_check_result="eligible",
        info_check_findings="未发现不符情形",
        info_check_report=district.attachment("reviewer", checked),
    )  # fmt: skip
    answers = {
        "survey_on": "2021-09-14", "survey_method": "home", "member_present": "李素芳",
        "surveyors": district.staff_ids("officer", "second_officer"), "member_signed": True,
        "living_situation": "土墙房三间", "survey_findings": "与申报一致",
        "survey_sheet": district.attachment("officer", checked),
    }  # fmt: skip
    task_id = api.task(case_id, "Task_Survey")
    # when
    answer = api.post("officer", f"/tasks/{task_id}/complete", {"answers": answers})
    # then
    assert answer.status_code == 422, answer.text
    incident = api.session.scalars(select(Incident).where(Incident.case_id == case_id)).one()
    assert incident.code == code_of(answer)
    assert "Task_Survey" in district.open_tasks(case_id)


def known_household_case(api: Api, income_kind: str = "wage") -> str:
    """A case whose survey has begun and whose information check is asked for; its id."""
    district, opened = api.district, at("2021-09-08", "09:00")
    household = district.household(
        [member("陈德明", "1975-03-02", employed=True)],
        [IncomeData(0, income_kind, "documented", Decimal("100"))],
        now=opened,
    )
    case_id = district.start(household, opened)
    accept(district, case_id, at("2021-09-08"))
    started = at("2021-09-09")
    district.do(
        case_id, "Task_StartSurvey", "officer", started, survey_started_on="2021-09-09",
        survey_team=district.staff_ids("officer", "second_officer"),
    )  # fmt: skip
    district.do(
        case_id, "Task_RequestInfoCheck", "officer", started,
        authorisation_complete=True, info_check_scope=["tax", "deposits"],
        authorisation_files=district.attachment("officer", started),
    )  # fmt: skip
    return case_id


def code_of(answer: TestResponse) -> str:
    """The code of a problem document."""
    assert answer.json is not None
    found: str = answer.json["code"]
    return found

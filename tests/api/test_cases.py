"""Cases over the JSON interface: applications, lists, timeline, deadlines, messages."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from models.accounts import Account
from models.cases import Case, CaseState
from models.households import Household
from tests.api.clients import Api
from tests.api.test_tasks import code_of, complete
from workflows.privacy import blind_index, normalise_id_number
from workflows.transaction import transaction


def fields_of(answer: Any) -> set[str | None]:
    """The fields of a problem's findings."""
    return {finding["field"] for finding in answer.json["findings"]}


def test_an_application_registers_the_household_and_opens_a_case(api: Api) -> None:
    # when
    answer = api.post("officer", "/cases", api.application())
    # then
    assert answer.status_code == 201
    started = answer.json
    assert started is not None
    case = api.district.case(started["id"])
    assert (case.number, case.version) == (started["number"], 1)
    household = api.session.get_one(Household, started["household_id"])
    assert household.village_id == api.district.offices["village"].id


def test_a_repeated_application_opens_one_case(api: Api) -> None:
    # given
    application, headers = api.application(), {"Idempotency-Key": "a"}
    # when
    first = api.post("officer", "/cases", application, headers=headers)
    again = api.post("officer", "/cases", application, headers=headers)
    changed = api.post("officer", "/cases", api.application(), headers=headers)
    # then
    assert first.status_code == again.status_code == 201
    assert first.data == again.data
    assert again.headers["Idempotent-Replay"] == "true"
    assert (changed.status_code, code_of(changed)) == (409, "request_key_reused")
    assert api.session.scalar(select(func.count()).select_from(Case)) == 1


def test_a_registered_household_applies_again_with_new_facts(api: Api) -> None:
    # given
    application = api.application()
    first = api.post("officer", "/cases", application).json
    assert first is not None
    with transaction(api.session) as session:
        session.get_one(Case, first["id"]).state = CaseState.CLOSED
    application["household"]["members"][0]["facts"]["serious_illness"] = True
    # when
    again = api.post("officer", "/cases", {**application, "household_id": first["household_id"]})
    # then
    assert again.status_code == 201, again.text
    assert again.json is not None
    assert again.json["household_id"] == first["household_id"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"process": "publicity"}, "process"),
        ({"process": "nothing"}, "process"),
        ({"household": None}, "household"),
        ({"village_id": "01a208f1-b476-70fa-ad23-d31d692d0b4c"}, "village_id"),
        ({"channel": "pigeon"}, "channel"),
        ({"status": "confirmed"}, "status"),
    ],
)
def test_an_application_that_cannot_be_is_refused(
    api: Api, change: dict[str, Any], field: str
) -> None:
    # when
    answer = api.post("officer", "/cases", api.application(**change))
    # then
    assert answer.status_code == 422
    assert field in fields_of(answer)
    assert api.session.scalar(select(func.count()).select_from(Household)) == 0


def test_every_finding_of_an_application_is_listed(api: Api) -> None:
    # given
    application = api.application()
    household = application["household"]
    household["members"][0].update(relation="friend", facts={"status": "asleep"})
    household["incomes"] = [
        {"member": 7, "kind": "lottery", "basis": "documented", "monthly": "1.00"}
    ]
    # when
    answer = api.post("officer", "/cases", application)
    # then
    assert answer.status_code == 422
    assert fields_of(answer) == {
        "household.members.0.relation",
        "household.members.0.facts.status",
        "household.incomes.0.member",
        "household.incomes.0.kind",
    }


@pytest.mark.parametrize("amount", [300, 1.1, "1.005", "-1", "NaN", "1e3", "", "9" * 12])
def test_money_is_a_text_with_two_decimals(api: Api, amount: object) -> None:
    # given
    application = api.application()
    application["household"]["incomes"][0]["monthly"] = amount
    # when
    answer = api.post("officer", "/cases", application)
    # then
    assert answer.status_code == 422
    assert fields_of(answer) == {"household.incomes.0.monthly"}


def test_a_wrong_id_number_is_refused_with_its_place(api: Api) -> None:
    # given
    application = api.application()
    application["household"]["members"][0]["id_number"] = "500154197503021019"[:17] + "A"
    # when
    answer = api.post("officer", "/cases", application)
    # then
    assert answer.status_code == 422
    assert fields_of(answer) == {"household.members.0.id_number"}


def test_a_person_with_an_open_case_elsewhere_is_refused_with_its_place(api: Api) -> None:
    # given
    application = api.application()
    first = api.post("officer", "/cases", application)
    # when
    answer = api.post("officer", "/cases", application)
    # then
    assert (first.status_code, answer.status_code) == (201, 422)
    assert fields_of(answer) == {
        f"household.members.{place}.id_number"
        for place in range(len(application["household"]["members"]))
    }


def test_nobody_opens_a_case_for_their_own_household(api: Api) -> None:
    # given
    application = api.application()
    number = normalise_id_number(application["household"]["members"][0]["id_number"])
    with transaction(api.session) as session:
        own = session.get_one(Account, api.district.accounts["officer"].id)
        own.id_number_index = blind_index(api.district.keys, "id_number", number)
    # when
    answer = api.post("officer", "/cases", application)
    # then
    assert (answer.status_code, code_of(answer)) == (403, "access.own_household")
    assert api.session.scalar(select(func.count()).select_from(Household)) == 0


def test_cases_are_listed_and_narrowed(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    monkeypatch.setattr("web.api.case_queries.PAGE", 2)
    started = [api.started() for _ in range(3)]
    number = api.district.case(started[0]).number
    api.session.rollback()
    # when
    first = api.get("leader", "/cases").json
    assert first is not None
    rest = api.get("leader", "/cases", query_string={"after": first["next"]}).json
    one = api.get("leader", "/cases", query_string={"number": number.lower()}).json
    none = api.get("leader", "/cases", query_string={"state": "closed"}).json
    # then
    assert rest is not None and one is not None and none is not None
    assert [row["id"] for row in first["cases"] + rest["cases"]] == started[::-1]
    assert rest["next"] is None
    assert [row["id"] for row in one["cases"]] == [started[0]]
    assert none["cases"] == []


def test_a_case_shows_tasks_timeline_deadlines_and_notices(api: Api) -> None:
    # given
    case_id = api.started()
    complete(api, "officer", api.task(case_id, "Task_CheckMaterials"))
    # when
    case = api.get("officer", f"/cases/{case_id}")
    timeline = api.get("officer", f"/cases/{case_id}/timeline").json
    clocks = api.get("officer", f"/cases/{case_id}/clocks").json
    notices = api.get("officer", f"/cases/{case_id}/notices").json
    assessments = api.get("officer", f"/cases/{case_id}/assessments").json
    # then
    assert case.json is not None and timeline is not None and clocks is not None
    assert notices is not None and assessments is not None
    assert case.headers["ETag"] == f'"{case.json["version"]}"'
    assert {task["element"] for task in case.json["tasks"]} >= {"Task_StartSurvey"}
    assert all(task["yours"] for task in case.json["tasks"])
    acts = [(entry["action"], entry["step"]) for entry in timeline["entries"]]
    assert acts[0][0] == "case.started"
    assert ("task.completed", "审查申请材料") in acts
    assert timeline["entries"][-1]["actor"]["name"] == "officer"
    overall = next(clock for clock in clocks["clocks"] if clock["key"] == "A.overall")
    texts = [line["text"] for line in overall["lines"]]
    assert any(text.endswith("24时到期（民法典第二百零三条）") for text in texts)
    assert [event["action"] for event in overall["events"]] == ["start"]
    assert [notice["kind"] for notice in notices["notices"]] == ["acceptance"]
    text = api.get("officer", f"/notices/{notices['notices'][0]['id']}").json
    assert text is not None
    assert text["paragraphs"]
    assert assessments["assessments"] == []


def test_a_message_is_sent_to_the_case_that_waits_for_it(api: Api) -> None:
    # given
    case_id = api.started()
    complete(api, "officer", api.task(case_id, "Task_CheckMaterials"))
    offered = api.get("officer", f"/cases/{case_id}/messages").json
    assert offered is not None
    waiting = {found["message"]: found for found in offered["messages"]}
    assert waiting["application.withdrawn"]["yours"]
    assert waiting["application.withdrawn"]["form"]["components"]
    path = f"/cases/{case_id}/messages/application.withdrawn"
    file = api.district.attachment("officer", api.district.case(case_id).opened_at)
    answers = {
        "withdrawn_on": "2026-11-23", "withdrawal_reason": "收入好转", "withdrawal_files": file,
    }  # fmt: skip
    # when
    empty = api.post("officer", path, {"answers": {}})
    stale = api.post("officer", path, {"answers": answers, "case_version": 1})
    unknown = api.post("officer", f"/cases/{case_id}/messages/nothing", {"answers": {}})
    sent = api.post("officer", path, {"answers": answers}, headers={"Idempotency-Key": "w"})
    again = api.post("officer", path, {"answers": answers}, headers={"Idempotency-Key": "w"})
    late = api.post("officer", path, {"answers": answers})
    # then
    assert empty.status_code == 422
    assert (stale.status_code, code_of(stale)) == (409, "stale_screen")
    assert (unknown.status_code, code_of(unknown)) == (404, "unknown_message")
    assert sent.status_code == 200, sent.text
    assert sent.json is not None
    assert sent.json["delivered"] is True
    assert again.data == sent.data
    assert (late.status_code, code_of(late)) == (409, "case_closed")
    assert api.district.case(case_id).state is CaseState.CLOSED


def test_a_member_applies_alone_over_the_interface(api: Api) -> None:
    # when
    answer = api.post("officer", "/cases", {**api.application(), "single_member": 0})
    wrong = api.post("officer", "/cases", {**api.application(), "single_member": 12})
    # then
    assert answer.status_code == 201 and answer.json is not None
    case = api.session.get_one(Case, answer.json["id"])
    household = api.session.get_one(Household, answer.json["household_id"])
    assert case.person_id == household.head_person_id
    assert (wrong.status_code, code_of(wrong)) == (422, "member_unknown")

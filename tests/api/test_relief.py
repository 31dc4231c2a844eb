"""Relief over the JSON interface: opened by its form, what was granted, the papers owed."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from models.accounts import Account, Role
from models.cases import Case
from models.households import Household
from models.offices import Office
from models.relief import PaperDebt
from models.types import new_id
from tests.api.clients import Api
from tests.api.test_cases import fields_of
from tests.api.test_tasks import BEFORE_ALL_TIME, code_of
from tests.runtime.district import id_number
from web.database import current_moment
from web.words import RELIEF_CHANNELS
from workflows.calendar import local_day
from workflows.privacy import blind_index
from workflows.scenarios.funds import give_money
from workflows.transaction import transaction

NUMBER = id_number("1980-04-05", 333)


def today() -> str:
    """The local day."""
    return local_day(current_moment()).isoformat()


def call(api: Api, answers: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """A call at night: a house has burnt, nobody has papers."""
    told = {
        "cause": "fire",
        "occurred_on": today(),
        "place": "九岭村三组",
        "persons": 3,
        "urgent_answer": "yes",
        "requested": "1200.00",
        "need": "没有住处和衣物",
    }
    return {
        "process": "relief_urgent",
        "village_id": api.district.offices["village"].id,
        "channel": "hotline",
        "applicant": {"name": "罗成"},
        "answers": {**told, **(answers or {})},
        **changes,
    }


def opened(api: Api, **changes: Any) -> str:
    """A call that was taken; the case's id."""
    answer = api.post("officer", "/cases", call(api, **changes))
    assert answer.status_code == 201, answer.text
    assert answer.json is not None
    return str(answer.json["id"])


def funded(api: Api) -> None:
    """Money in the township's petty fund."""
    with transaction(api.session) as session:
        township = session.get_one(Office, api.district.offices["township"].id)
        give_money(session, township, {"budget": "50000.00", "fund": "20000.00"})


def done(api: Api, login: str, case_id: str, element: str, **answers: Any) -> None:
    """Complete a task that nothing stands against."""
    task_id = api.task(case_id, element)
    answer = api.post(login, f"/tasks/{task_id}/complete", {"answers": answers})
    assert answer.status_code == 200, answer.text


def aided(api: Api) -> str:
    """A call that was answered with cash from the petty fund; the case's id."""
    funded(api)
    case_id = opened(api)
    done(api, "leader", case_id, "Task_DutyDecision", duty_decision="approve",
         aid_amount="1200.00")  # fmt: skip
    done(
        api, "officer", case_id, "Task_PayAid", aid_method="cash", paid_on=today(),
        handlers=api.district.staff_ids("officer", "second_officer"),
        receipt=api.district.attachment("officer", current_moment()),
        missing_papers=["身份证明", "救助申请书"],
    )  # fmt: skip
    return case_id


def test_a_call_without_a_number_opens_a_case_and_asks_the_duty_leader(api: Api) -> None:
    # when
    answer = api.post("officer", "/cases", call(api))
    # then
    assert answer.status_code == 201, answer.text
    started = answer.json
    assert started is not None
    assert started["status"] == "relief_duty" and "-LJ-" in started["number"]
    case = api.get("officer", f"/cases/{started['id']}").json
    assert case is not None
    assert [task["element"] for task in case["tasks"]] == ["Task_DutyDecision"]
    assert (case["channel"], case["applicant"]["name"]) == ("hotline", "罗成")
    assert case["household_id"] == started["household_id"]
    assert case["relief"] == {"grants": [], "debt": None}


def test_an_expense_and_a_known_person_open_a_case_for_the_same_household(api: Api) -> None:
    # given
    applicant = {"name": "罗成", "id_number": NUMBER, "phone": "13800000000", "area": "rural"}
    first = api.post("officer", "/cases", call(api, applicant=applicant)).json
    expense = call(
        api, applicant=applicant, process="relief_expense", channel="window",
        answers={"cause": "illness"},
    )  # fmt: skip
    for name in ("place", "urgent_answer"):
        del expense["answers"][name]
    # when
    second = api.post("assistant", "/cases", expense)
    # then
    assert second.status_code == 201, second.text
    assert first is not None and second.json is not None
    assert second.json["household_id"] == first["household_id"]
    assert api.session.scalar(select(func.count()).select_from(Household)) == 1


@pytest.mark.parametrize("channel", RELIEF_CHANNELS)
def test_relief_comes_by_any_channel(api: Api, channel: str) -> None:
    # when
    answer = api.post("officer", "/cases", call(api, channel=channel))
    # then
    assert answer.status_code == 201, answer.text


def test_a_repeated_call_opens_one_case(api: Api) -> None:
    # given
    sent, headers = call(api), {"Idempotency-Key": "night-1"}
    # when
    first = api.post("officer", "/cases", sent, headers=headers)
    again = api.post("officer", "/cases", sent, headers=headers)
    other = api.post("officer", "/cases", call(api, {"persons": 2}), headers=headers)
    # then
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.data == again.data and again.headers["Idempotent-Replay"] == "true"
    assert (other.status_code, code_of(other)) == (409, "request_key_reused")
    assert api.session.scalar(select(func.count()).select_from(Case)) == 1


def test_everything_wrong_is_said_at_its_place_in_the_document(api: Api) -> None:
    # given
    wrong = call(
        api,
        {"cause": "boredom", "requested": "-1", "need": "", "colour": "red", "persons": 0},
        applicant={"name": " ", "id_number": "500154198004050000"},
    )
    # when
    answer = api.post("officer", "/cases", wrong)
    # then
    assert answer.status_code == 422
    assert fields_of(answer) == {
        "applicant.name",
        "applicant.id_number",
        "answers.cause",
        "answers.requested",
        "answers.need",
        "answers.persons",
        "answers.colour",
    }
    assert api.session.scalar(select(func.count()).select_from(Household)) == 0


def test_answers_alone_that_are_wrong_are_named_as_well(api: Api) -> None:
    # when
    answer = api.post("officer", "/cases", call(api, {"occurred_on": "yesterday"}))
    # then
    assert (answer.status_code, code_of(answer)) == (422, "application.invalid")
    assert fields_of(answer) == {"answers.occurred_on"}
    assert api.session.scalar(select(func.count()).select_from(Household)) == 0


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"answers": None}, {"answers": "application.answers"}),
        ({"applicant": None}, {"applicant": "application.applicant"}),
        (
            {"answers": None, "applicant": None, "household_id": new_id()},
            {
                "answers": "application.answers",
                "applicant": "application.applicant",
                "household_id": "application.unwanted",
            },
        ),
        ({"applicant": {"id_number": NUMBER}}, {"applicant.name": "request.field"}),
        ({"channel": "pigeon"}, {"channel": "request.field"}),
    ],
)
def test_a_document_that_its_process_does_not_take_is_refused(
    api: Api, changes: dict[str, Any], found: dict[str, str]
) -> None:
    # when
    answer = api.post("officer", "/cases", {**call(api), **changes})
    # then
    assert answer.status_code == 422
    assert answer.json is not None
    assert {one["field"]: one["code"] for one in answer.json["findings"]} == found


def test_a_process_without_a_form_takes_neither_applicant_nor_answers(api: Api) -> None:
    # given
    application = api.application(applicant={"name": "罗成"}, answers={}, channel="hotline")
    # when
    answer = api.post("officer", "/cases", application)
    # then
    assert answer.status_code == 422
    assert fields_of(answer) == {"applicant", "answers", "channel"}


def test_nobody_takes_the_call_of_their_own_household_or_of_another_township(api: Api) -> None:
    # given
    with transaction(api.session) as session:
        own = session.get_one(Account, api.district.accounts["officer"].id)
        own.id_number_index = blind_index(api.district.keys, "id_number", NUMBER)
    stranger = api.staff(Role.CASE_OFFICER, api.elsewhere())
    # when
    relative = api.post(
        "officer", "/cases", call(api, applicant={"name": "罗成", "id_number": NUMBER})
    )
    far = api.post(stranger, "/cases", call(api))
    # then
    assert (relative.status_code, code_of(relative)) == (403, "access.own_household")
    assert (far.status_code, code_of(far)) == (403, "access.denied")
    assert api.session.scalar(select(func.count()).select_from(Household)) == 0


def test_a_case_shows_the_relief_granted_with_its_payment_and_the_papers_owed(api: Api) -> None:
    # given
    case_id = aided(api)
    # when
    case = api.get("leader", f"/cases/{case_id}").json
    # then
    assert case is not None
    (grant,) = case["relief"]["grants"]
    (stage,) = grant["stages"]
    assert (grant["kind"], grant["level"], grant["source"], grant["total"]) == (
        "first_aid", "township", "petty_fund", "1200.00",
    )  # fmt: skip
    assert (stage["number"], stage["amount"], stage["state"]) == (1, "1200.00", "released")
    assert {name: stage["payment"][name] for name in ("method", "state", "paid_on")} == {
        "method": "cash", "state": "paid", "paid_on": today(),
    }  # fmt: skip
    debt = case["relief"]["debt"]
    assert debt["missing"] == ["身份证明", "救助申请书"]
    assert (debt["owner"]["name"], debt["due_on"], debt["closed_on"], debt["overdue"]) == (
        "officer", None, None, False,
    )  # fmt: skip


def owing(api: Api, opened_on: date, count: int = 1, **more: Any) -> list[str]:
    """Cases of the township that owe papers since a day; the numbers of the cases."""
    now, numbers = current_moment(), []
    with transaction(api.session) as session:
        for _ in range(count):
            case = Case(
                id=new_id(), district_id=api.district.offices["district"].id,
                number=new_id(), process_key="relief_urgent",
                release_id=session.scalars(select(Case.release_id)).first(),
                township_id=api.district.offices["township"].id, opened_at=now, version=1,
                engine_state=b"", state="open", status="relief_aftercare",
            )  # fmt: skip
            session.add(case)
            session.flush()
            session.add(
                PaperDebt(
                    id=new_id(), district_id=case.district_id, township_id=case.township_id,
                    case_id=case.id, missing=["救助申请书"], opened_on=opened_on, **more,
                )
            )  # fmt: skip
            numbers.append(case.number)
    return numbers


def test_debts_are_listed_the_oldest_first_page_by_page(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    monkeypatch.setattr("web.api.relief.PAGE", 2)
    opened(api)
    now = local_day(current_moment())
    newer = owing(api, now - timedelta(days=2), 3)
    oldest = owing(api, now - timedelta(days=40), due_on=now - timedelta(days=20))
    owing(api, now - timedelta(days=50), closed_on=now)
    # when
    first = api.get("officer", "/relief/debts").json
    assert first is not None
    rest = api.get("officer", "/relief/debts", query_string={"after": first["next"]}).json
    # then
    assert rest is not None and rest["next"] is None
    shown = [*first["debts"], *rest["debts"]]
    assert [one["case_number"] for one in shown] == [*oldest, *newer]
    assert [one["overdue"] for one in shown] == [True, False, False, False]
    assert [one["age_days"] for one in shown] == [40, 2, 2, 2]
    assert shown[0]["township"] == "大德镇" and shown[0]["owner"] is None


def test_debts_are_those_of_the_offices_that_one_may_see(api: Api) -> None:
    # given
    opened(api)
    owing(api, local_day(current_moment()))
    stranger = api.staff(Role.CASE_OFFICER, api.elsewhere())
    # when
    counts = {
        login: len(answer.json["debts"])
        for login in ("officer", "leader", "reviewer", "confirmer", stranger)
        if (answer := api.get(login, "/relief/debts")).json is not None
    }
    # then
    assert counts == {"officer": 1, "leader": 1, "reviewer": 1, "confirmer": 1, stranger: 0}
    assert api.get("finance", "/relief/debts").status_code == 403


@pytest.mark.parametrize("after", ["x", "", BEFORE_ALL_TIME, "é"])
def test_a_cursor_that_nobody_gave_is_refused(api: Api, after: str) -> None:
    # when
    answer = api.get("officer", "/relief/debts", query_string={"after": after})
    # then
    assert (answer.status_code, code_of(answer)) == (422, "request.cursor")

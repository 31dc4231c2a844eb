"""Petty funds over the JSON interface: whose one sees, and what an answer holds."""

from __future__ import annotations

from models.accounts import Role
from models.offices import Office
from tests.api.clients import Api
from web.database import current_moment
from workflows.runtime.funds import open_fund_month
from workflows.scenarios.funds import give_money
from workflows.transaction import transaction


def opened(api: Api) -> str:
    """A budget, and this month's case of the township; its id."""
    with transaction(api.session) as session:
        township = session.get_one(Office, api.district.offices["township"].id)
        give_money(session, township, {"budget": "50000.00", "residents": 25000})
        return open_fund_month(
            session, township.id, api.district.keys, actor=api.district.actor("officer"),
            now=current_moment(),
        ).id  # fmt: skip


def test_a_request_is_sent_decided_and_read(api: Api) -> None:
    # given
    case_id = opened(api)
    township_id = api.district.offices["township"].id
    message = f"/cases/{case_id}/messages/fund.replenishment"
    # when
    refused = api.post(
        "officer", message, {"answers": {"fund_amount": "25000.01", "fund_reason": "补足"}}
    )
    sent = api.post(
        "officer", message, {"answers": {"fund_amount": "25000.00", "fund_reason": "补足"}}
    )
    waiting = api.get("finance", "/funds").json
    task_id = api.task(case_id, "Task_ReviewFundRequest")
    done = api.post(
        "finance", f"/tasks/{task_id}/complete", {"answers": {"fund_decision": "approve"}}
    )
    book = api.get("officer", f"/funds/{township_id}").json
    # then
    assert (refused.status_code, sent.status_code, done.status_code) == (422, 200, 200)
    assert refused.json is not None and refused.json["code"] == "above_fund_size"
    assert waiting is not None and book is not None
    assert [one["amount"] for one in waiting["requests"]] == ["25000.00"]
    assert waiting["funds"][0]["balance"] == "0.00" and waiting["funds"][0]["unsettled"]
    assert (book["balance"], book["size"], book["low"]) == ("25000.00", "25000.00", False)
    assert book["case_id"] == case_id
    assert [(line["purpose"], line["cash"]) for line in book["movements"]] == [
        ("advance", "25000.00")
    ]
    assert [one["state"] for one in book["requests"]] == ["approved"]


def test_a_township_reads_its_own_fund_only(api: Api) -> None:
    # given
    opened(api)
    elsewhere = api.elsewhere()
    stranger = api.staff(Role.CASE_OFFICER, elsewhere)
    township_id = api.district.offices["township"].id
    # when
    funds = api.get(stranger, "/funds").json
    # then
    assert funds is not None
    assert [one["township"] for one in funds["funds"]] == ["温泉镇"]
    assert funds["funds"][0]["opened"] is False
    assert api.get(stranger, f"/funds/{township_id}").status_code == 404
    assert api.get("assistant", "/funds").status_code == 403


def test_a_household_gets_no_case_of_the_fund(api: Api) -> None:
    # when
    answer = api.post("officer", "/cases", api.application(process="petty_fund"))
    # then
    assert answer.status_code == 422
    assert answer.json is not None and answer.json["code"] == "fund_of_household"

"""Accounts of a household's people over the JSON interface: masked, in scope, once."""

from __future__ import annotations

from sqlalchemy import select

from models.money import BankAccount
from tests.api.clients import Api

NUMBER = "6228480123456789010"


def test_accounts_are_recorded_for_members_and_read_masked(api: Api) -> None:
    # given
    case_id = api.started()
    known = api.get("officer", f"/cases/{case_id}/accounts").json
    assert known is not None
    head = known["accounts"][0]
    body = {
        "person_id": head["person_id"], "number": NUMBER, "bank": "农商银行",
        "holder": head["payee"],
    }  # fmt: skip
    # when
    answer = api.post("officer", f"/cases/{case_id}/accounts", body)
    other = api.post("officer", f"/cases/{case_id}/accounts", {**body, "holder": "别人"})
    stranger = api.post("officer", f"/cases/{case_id}/accounts", {**body, "person_id": case_id})
    # then
    assert (answer.status_code, other.status_code, stranger.status_code) == (200, 422, 404)
    assert answer.json == {
        "person_id": head["person_id"], "account": "****9010", "shared_with": 0,
    }  # fmt: skip
    assert other.json is not None and other.json["findings"][0]["code"] == "account_other_holder"
    again = api.get("officer", f"/cases/{case_id}/accounts")
    assert again.json is not None
    shown = again.json["accounts"][0]
    assert (shown["account"], shown["usable"], shown["head"]) == ("****9010", True, True)
    assert NUMBER not in again.text
    assert len(api.session.scalars(select(BankAccount)).all()) == 1


def test_who_may_not_record_reads_nothing(api: Api) -> None:
    # given
    case_id = api.started()
    # when
    answer = api.get("finance", f"/cases/{case_id}/accounts")
    # then
    assert answer.status_code == 403

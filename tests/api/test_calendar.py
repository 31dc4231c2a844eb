"""The working calendar over the JSON interface."""

from __future__ import annotations

from typing import Any

import pytest

from models.accounts import Role
from tests.api.clients import Api
from tests.api.test_oversight import overseer

ROWS = (
    ("元旦", "2027-01-01", "2027-01-03", []),
    ("春节", "2027-02-05", "2027-02-11", ["2027-02-14", "2027-02-20"]),
    ("清明节", "2027-04-03", "2027-04-05", []),
    ("劳动节", "2027-05-01", "2027-05-05", ["2027-05-08"]),
    ("端午节", "2027-06-09", "2027-06-09", []),
    ("中秋节", "2027-09-15", "2027-09-15", []),
    ("国庆节", "2027-10-01", "2027-10-07", ["2027-09-26", "2027-10-09"]),
)
NOTICE: dict[str, Any] = {
    "source": "国办发明电〔2026〕9号",
    "holidays": [
        dict(zip(("name", "first_on", "last_on", "workdays"), row, strict=True)) for row in ROWS
    ],
}


def document(api: Api, login: str, path: str) -> dict[str, Any]:
    answer = api.get(login, path)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.get_json()
    return found


def test_a_year_is_previewed_published_once_and_counted_again(api: Api) -> None:
    # given
    api.started()
    admin = overseer(api, Role.SYSTEM_ADMIN)
    before = document(api, admin, "/calendar/2027")
    # when
    preview = api.post(admin, "/calendar/2027/preview", NOTICE)
    assert preview.status_code == 200, preview.text
    body = {**NOTICE, "reason": "按通知录入", "release": preview.get_json()["release"]}
    done = api.post(admin, "/calendar/2027", body, headers={"Idempotency-Key": "2027"})
    repeated = api.post(admin, "/calendar/2027", body, headers={"Idempotency-Key": "2027"})
    stale = api.post(admin, "/calendar/2027", body)
    # then
    assert before["provisional"] is True and len(before["days"]) == 365
    assert preview.get_json()["becomes_published"] is True
    assert {"day": "2027-02-14", "was": "weekend", "is_now": "make_up_workday"} in (
        preview.get_json()["days"]
    )
    assert done.status_code == 201, done.text
    assert repeated.data == done.data
    assert (stale.status_code, stale.get_json()["code"]) == (409, "arrangement.stale")
    after = document(api, "officer", "/calendar/2027")
    assert after["provisional"] is False and after["source"] == NOTICE["source"]
    assert [row["workdays"] for row in after["holidays"]][1] == ["2027-02-14", "2027-02-20"]
    recounts = document(api, "officer", "/calendar/recounts")["recounts"]
    assert [(row["state"], row["source"]) for row in recounts] == [("queued", NOTICE["source"])]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"source": " "}, "source"),
        ({"holidays": [{"name": "元旦", "first_on": "x", "last_on": "2027-01-01"}]},
         "holidays.0.first_on"),
        ({"holidays": [{"name": "元旦", "first_on": "2027-01-04", "last_on": "2027-01-01"}]},
         "holidays.0.last_on"),
    ],
)  # fmt: skip
def test_a_slip_names_its_field(api: Api, change: dict[str, Any], field: str) -> None:
    # when
    answer = api.post(
        overseer(api, Role.SYSTEM_ADMIN), "/calendar/2027/preview", {**NOTICE, **change}
    )
    # then
    assert answer.status_code == 422
    assert field in {finding.get("field") for finding in answer.get_json()["findings"]}


def test_only_the_system_administrator_enters_a_year(api: Api) -> None:
    # when
    answer = api.post("officer", "/calendar/2027/preview", NOTICE)
    # then
    assert answer.status_code == 403
    assert api.get("officer", "/calendar/1999").status_code == 404

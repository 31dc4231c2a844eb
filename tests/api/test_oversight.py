"""Incidents and the trail over the JSON interface."""

from __future__ import annotations

import json

from sqlalchemy import select

from models.accounts import Role
from models.offices import OfficeLevel
from models.trail import TrailEntry
from tests.api.clients import Api
from tests.api.test_access import filled_case
from tests.api.test_tasks import code_of


def overseer(api: Api, role: Role) -> str:
    """Somebody of the district who oversees; their login."""
    district = {OfficeLevel(key): office.id for key, office in api.district.offices.items()}
    api.session.rollback()
    return api.staff(role, district)


def test_an_incident_is_resolved_once(api: Api) -> None:
    # given
    ids = filled_case(api)
    admin = overseer(api, Role.SYSTEM_ADMIN)
    listed = api.get(admin, "/incidents").json
    assert listed is not None
    assert [row["id"] for row in listed["incidents"]] == [ids["incident_id"]]
    path = f"/incidents/{ids['incident_id']}/resolve"
    # when
    empty = api.post(admin, path, {"resolution": ""})
    done = api.post(admin, path, {"resolution": "已补表"}, headers={"Idempotency-Key": "r"})
    repeated = api.post(admin, path, {"resolution": "已补表"}, headers={"Idempotency-Key": "r"})
    again = api.post(admin, path, {"resolution": "再来"})
    # then
    assert empty.status_code == 422
    assert done.status_code == 200, done.text
    assert done.data == repeated.data
    assert (again.status_code, code_of(again)) == (409, "incident_resolved")
    remaining = api.get(admin, "/incidents").json
    resolved = api.get(admin, "/incidents", query_string={"state": "resolved"}).json
    assert remaining is not None and resolved is not None
    assert remaining["incidents"] == []
    assert [row["resolution"] for row in resolved["incidents"]] == ["已补表"]


def test_a_chain_is_verified_and_the_check_is_an_act(api: Api) -> None:
    # given
    case_id = filled_case(api)["case_id"]
    number = api.district.case(case_id).number
    auditor = overseer(api, Role.AUDITOR)
    # when
    by_id = api.post(auditor, f"/audit/cases/{case_id}/verify")
    by_number = api.post(auditor, f"/audit/cases/{number}/verify")
    nothing = api.post(auditor, "/audit/cases/nothing/verify")
    # then
    assert by_id.json is not None and by_number.json is not None
    assert by_id.json["intact"] is True
    assert by_number.json["entries"] == by_id.json["entries"] + 1
    assert nothing.status_code == 404


def test_a_chain_is_exported_as_lines_and_as_a_table(api: Api) -> None:
    # given
    case_id = filled_case(api)["case_id"]
    auditor = overseer(api, Role.AUDIT_ADMIN)
    path = f"/audit/cases/{case_id}/export"
    # when
    lines = api.post(auditor, path, headers={"Idempotency-Key": "e"})
    again = api.post(auditor, path, headers={"Idempotency-Key": "e"})
    table = api.post(auditor, path, {"format": "csv"}, headers={"Accept-Language": "en"})
    # then
    kinds = [json.loads(line)["type"] for line in lines.text.splitlines()]
    assert kinds[:2] == ["export", "entry"]
    assert "陈德明" not in lines.text
    assert again.headers["Idempotent-Replay"] == "true"
    assert table.text.startswith('\ufeff"Time","Subject kind"')
    exports = api.session.scalars(select(TrailEntry.id).where(TrailEntry.action == "export.made"))
    assert len(exports.all()) == 2

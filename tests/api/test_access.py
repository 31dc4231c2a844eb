"""Who reaches what: every role at its own and at another office, on every route of the table."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update
from werkzeug.routing import Rule

from models.accounts import Role
from models.assistance import Attachment, Notice
from models.cases import Incident
from models.offices import OfficeLevel
from models.releases import Release
from models.types import new_id
from tests.api.clients import Api
from tests.api.money import after_the_grant, empty_change, failed_payment
from web.database import current_moment
from web.guard import Access, access_of
from workflows.access import ACTIONS_OF, LEVEL_OF_ROLE
from workflows.access.sign_in import MOST_PER_ADDRESS
from workflows.transaction import transaction

#: Bodies that pass the schemas, so that access is what decides.
BODIES: dict[str, dict[str, Any]] = {
    "complete": {"answers": {}},
    "return": {"to": "Task_X", "reason": "x"},
    "resolve": {"resolution": "x"},
    "owner": {"owner_id": "x"},
    "accounts": {"person_id": "x", "number": "x", "bank": "x", "holder": "x"},
    "cancel": {"reason": "x"},
    "deadlines": {"from": "2026-01-05"},
    "preview": {"source": "x", "holidays": [{"name": "x", "first_on": "x", "last_on": "x"}]},
    "<year>": {
        "source": "x",
        "holidays": [{"name": "x", "first_on": "x", "last_on": "x"}],
        "reason": "x",
        "release": "x",
    },
}


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """The rules are the same on both kinds; one will do for this many requests."""
    return sqlite_url


def routes(app: Flask) -> Iterator[tuple[str, Rule, Access]]:
    """Every operation below /api/v1 with what its view says."""
    for rule in app.url_map.iter_rules():
        if not rule.rule.startswith("/api/v1"):
            continue
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            access = access_of(app.view_functions[rule.endpoint], method)
            assert access is not None, rule.rule
            yield method, rule, access


def filled_case(api: Api) -> dict[str, str]:
    """The ids of a case with a notice, a file and an incident, by the names of path parameters."""
    case_id = api.started()
    first = api.task(case_id, "Task_CheckMaterials")
    answers = {"materials_result": "complete", "materials_received": ["最低生活保障申请书"]}
    api.post("officer", f"/tasks/{first}/complete", {"answers": answers})
    file_id = api.district.attachment("officer", current_moment())[0]
    release_id = api.session.scalars(select(Release.id)).one()
    notice_id = api.session.scalar(select(Notice.id).where(Notice.case_id == case_id))
    api.session.rollback()
    incident_id = new_id()
    with transaction(api.session) as session:
        session.execute(update(Attachment).where(Attachment.id == file_id).values(case_id=case_id))
        session.add(
            Incident(
                id=incident_id, district_id=api.district.offices["district"].id, case_id=case_id,
                code="x", message="x", message_en="x", details={}, opened_at=current_moment(),
            )
        )  # fmt: skip
    return {
        **failed_payment(api, case_id),
        **empty_change(api, release_id),
        **after_the_grant(api),
        "case_id": case_id,
        "case": case_id,
        "task_id": api.task(case_id, "Task_StartSurvey"),
        "attachment_id": file_id,
        "notice_id": str(notice_id),
        "incident_id": incident_id,
        "release": "current",
        "process_id": "dibao",
        "message": "application.withdrawn",
        "township_id": api.district.offices["township"].id,
        "year": "2026",
    }


def address(rule: Rule, ids: dict[str, str]) -> str:
    """The path below /api/v1 of a rule, filled in."""
    key = {"/decisions/": "dibao_start_month", "/deadlines/": "A.overall", "/forms/": "withdrawal"}
    path = rule.rule.removeprefix("/api/v1")
    for part, value in key.items():
        if part in path:
            path = path.replace("<key>", value)
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda found: ids[found[1]], path)


def expected(rule: Rule, role: Role, *, own: bool) -> int | None:
    """404 where the role doesn't see the row; None where it does, whatever the answer is then."""
    far = not own and LEVEL_OF_ROLE[role] is not OfficeLevel.DISTRICT
    if "<uuid:task_id>" in rule.rule:
        return None if role is Role.CASE_OFFICER and own else 404
    names = ("case_id", "attachment_id", "notice_id", "payment_id", "township_id", "household_id",
             "recovery_id")  # fmt: skip
    scoped = any(f"<uuid:{name}>" in rule.rule for name in names)
    return 404 if scoped and far else None


@pytest.mark.slow
@pytest.mark.parametrize("role", list(Role))
def test_a_role_reaches_what_the_table_gives_it(api: Api, role: Role) -> None:
    # given
    ids = filled_case(api)
    district = {OfficeLevel(key): office.id for key, office in api.district.offices.items()}
    api.session.rollback()
    elsewhere, here = api.staff(role, api.elsewhere()), api.staff(role, district)
    # when
    wrong = [
        (own, method, path, found)
        for own, login in ((False, elsewhere), (True, here))
        for method, path, fits, found in answers_of(api, ids, role, login, own=own)
        if not fits
    ]
    # then
    assert wrong == []


def answers_of(
    api: Api, ids: dict[str, str], role: Role, login: str, *, own: bool
) -> Iterator[tuple[str, str, bool, tuple[int, str | None]]]:
    """Each operation's method, path, whether the answer is as the table says, and the answer."""
    for method, rule, access in sorted(routes(api.app), key=lambda found: found[1].rule):
        path = address(rule, ids)
        body = next((BODIES[part] for part in path.split("/") if part in BODIES), {})
        opening = (method, path) == ("POST", "/cases")
        body = api.application() if opening else body
        answer = api.send(login, method, path, **({"json": body} if method == "POST" else {}))
        status = answer.status_code
        code = (answer.get_json(silent=True) or {}).get("code") if answer.is_json else None
        if access.action is not None and access.action not in ACTIONS_OF[role]:
            fits = (status, code) == (403, "access.denied")
        elif opening:
            fits = status == (201 if own else 403)
        elif expected(rule, role, own=own) == 404:
            fits = status == 404
        else:
            gone = status == 404 and code != "file.gone"
            fits = status < 500 and code != "access.denied" and not gone
        yield method, path, fits, (status, code)


def test_nothing_is_told_without_a_token(api: Api) -> None:
    # given
    ids = filled_case(api)
    # when
    answers = {
        (method, rule.rule): api.client().open(f"/api/v1{address(rule, ids)}", method=method)
        for method, rule, _ in routes(api.app)
    }
    # then
    assert {answer.status_code for answer in answers.values()} == {401}
    assert {answer.headers["WWW-Authenticate"] for answer in answers.values()} == {
        'Bearer realm="doudi"'
    }


@pytest.mark.parametrize("header", ["Bearer x", "Bearer ", "Basic eDp5", "bearer"])
def test_a_token_that_is_none_is_refused(api: Api, header: str) -> None:
    # when
    answer = api.client().get("/api/v1/tasks", headers={"Authorization": header})
    # then
    assert answer.status_code == 401
    assert answer.json is not None
    assert answer.json["code"] == "session.none"


def test_a_session_reads_but_changes_nothing(api: Api) -> None:
    # given
    task_id = api.task(api.started(), "Task_CheckMaterials")
    client = api.client()
    with client.session_transaction() as session:
        moment = int(current_moment().timestamp())
        session.update(
            account=api.district.accounts["officer"].id, epoch=0, began=moment, seen=moment
        )
    api.session.rollback()
    # when
    read = client.get("/api/v1/tasks")
    changed = client.post(f"/api/v1/tasks/{task_id}/claim", json={})
    # then
    assert read.status_code == 200
    assert changed.status_code == 401
    assert changed.json is not None
    assert changed.json["code"] == "session.token_needed"


def test_errors_before_any_view_are_problem_documents_too(api: Api) -> None:
    # when
    missing = api.get("officer", "/nowhere")
    method = api.send("officer", "DELETE", "/tasks")
    # then
    assert (missing.status_code, missing.content_type) == (404, "application/problem+json")
    assert (method.status_code, method.content_type) == (405, "application/problem+json")
    assert "GET" in method.headers["Allow"]


def test_an_address_with_many_wrong_tokens_has_to_wait(api: Api) -> None:
    # given
    client, wrong = api.client(), {"Authorization": "Bearer x"}
    for _ in range(MOST_PER_ADDRESS):
        assert client.get("/api/v1/tasks", headers=wrong).status_code == 401
    # when
    answer = client.get("/api/v1/tasks", headers=wrong)
    elsewhere = client.get(
        "/api/v1/tasks", headers=wrong, environ_base={"REMOTE_ADDR": "127.0.0.2"}
    )
    # then
    assert answer.status_code == 429
    assert answer.json is not None
    assert answer.json["code"] == "token.throttled"
    assert 0 < int(answer.headers["Retry-After"]) <= 900
    assert elsewhere.status_code == 401

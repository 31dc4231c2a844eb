"""Who reaches which page: every role at its own office, at another one and in another district."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from models.accounts import Account, Role
from models.offices import Office, OfficeLevel
from models.plumbing import Draft
from models.trail import AccessRecord, TrailEntry
from models.types import new_id
from tests.api.clients import Api
from tests.security.surface import Route, browser_of, district_offices, real_ids, routes, token_of
from workflows.access import ACTIONS_OF, LEVEL_OF_ROLE
from workflows.transaction import transaction

#: What a page is about decides who sees it; a new route fails until it is classified here.
CASE = {"case_id", "person_id", "notice_id", "attachment_id", "message", "alert_id", "payment_id"}
CASE |= {"remedy_id", "posting_id", "household_id", "recovery_id", "grant_id"}
TASK = {"task_id"}
DISTRICT = {
    *("account_id", "holding_id", "office_id", "incident_id", "roll_id", "change_id"),
    *("index_id", "list_id", "adjustment_id"),
}
#: a release may hold for every district
COMMON = {"release_id", "process_id", "process", "year", "kind"}
OWN = {"token_id"}
FUND = {"township_id"}
VILLAGE = {"village_id"}
#: Sent along where a form is needed; what is tried to be set besides is never read.
SMUGGLED = {
    "resolution": "x",
    "amount": "99999",
    "decision": "confirm",
    "decided_on": "2020-01-01",
    "assignee_id": "x",
    "office_id": "x",
    "role": "confirmer",
    "monthly_amount": "99999",
    "f_decision": "confirm",
    "f_monthly_amount": "99999",
    "f_outcome": "confirmed",
}


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """The rules are the same on both kinds; one will do for this many requests."""
    return sqlite_url


def pages(api: Api) -> list[Route]:
    """Every route that is a page or a form of one, and needs somebody signed in."""
    ending = {"sign_in.sign_out", "account.change_password"}
    return [
        route
        for route in routes(api.app)
        if not route.is_api and not route.access.public and route.rule.endpoint not in ending
    ]


def other_district(api: Api) -> dict[OfficeLevel, str]:
    """The offices of a second district in the same deployment."""
    ids = {level: new_id() for level in OfficeLevel}
    order = (OfficeLevel.DISTRICT, OfficeLevel.TOWNSHIP, OfficeLevel.VILLAGE)
    with transaction(api.session) as session:
        parent = None
        for place, level in enumerate(order):
            session.add(
                Office(
                    id=ids[level], district_id=ids[OfficeLevel.DISTRICT], parent_id=parent,
                    level=level, code=f"50023510{place}", name=f"别区{place}",
                )
            )  # fmt: skip
            session.flush()  # the next one names it
            parent = ids[level]
    return ids


def staff_of(api: Api, role: Role, offices: dict[OfficeLevel, str]) -> str:
    """Somebody in the role at these offices, in their district."""
    login = api.staff(role, offices)
    with transaction(api.session) as session:
        session.execute(
            update(Account)
            .where(Account.login == login)
            .values(district_id=offices[OfficeLevel.DISTRICT])
        )
    return login


def expected(route: Route, role: Role, where: str) -> set[int]:
    """The statuses that may come."""
    about = set(route.rule.arguments)
    unknown = about - CASE - TASK - DISTRICT - COMMON - OWN - FUND - VILLAGE
    assert not unknown, f"classify {unknown} of {route.name}"
    if route.access.action is not None and route.access.action not in ACTIONS_OF[role]:
        return {403}
    near = where == "own" or (where == "sister" and LEVEL_OF_ROLE[role] is OfficeLevel.DISTRICT)
    if about & OWN:
        return {404}
    if about & VILLAGE:
        return {200, 303, 404, 409, 422} if near else {404}
    if about & FUND:
        return {200, 303, 409} if near else {404}
    if about & TASK:
        seen = role is Role.CASE_OFFICER and where == "own"
        return {200, 204, 303, 409, 422} if seen else {404}
    if about & CASE:
        return {200, 303, 403, 404, 409, 422} if near else {403, 404}
    if about & DISTRICT and where == "district":
        return {404}
    return {200, 201, 204, 302, 303, 403, 404, 409, 422}


@pytest.mark.parametrize("where", ["own", "sister", "district"])
def test_a_role_reaches_the_pages_of_its_own_place_only(api: Api, where: str) -> None:
    # given
    ids = real_ids(api)
    number = api.district.case(ids["case_id"]).number
    offices = {"own": district_offices, "sister": Api.elsewhere, "district": other_district}
    there = offices[where](api)
    # when
    wrong = []
    for role in Role:
        login = staff_of(api, role, there)
        client = browser_of(api, login)
        token = token_of(client)
        for route in pages(api):
            sent = {"csrf_token": token, **SMUGGLED} if route.method == "POST" else None
            answer = client.open(route.path(ids), method=route.method, data=sent)
            fits = answer.status_code in expected(route, role, where)
            tells = any(
                part in answer.data.decode("utf-8", "replace")
                for part in ("陈德明", "5001541975", number)
            )
            if not fits or (tells and where == "district"):
                wrong.append(f"{role.value} {route.name} {answer.status_code} {tells}")
    # then
    assert not wrong, "\n".join(wrong)
    case = api.district.case(ids["case_id"])
    assert (case.monthly, case.outcome) == (None, None)
    assert where == "own" or api.session.scalars(select(Draft.place)).all() == []
    if where == "district":
        for table in (TrailEntry, AccessRecord):
            told = select(table.subject_id).join(Account, Account.id == table.actor_id)
            about = api.session.scalars(told.where(Account.district_id.in_(there.values()))).all()
            assert ids["case_id"] not in about


@pytest.mark.parametrize("form", ["none", "wrong", "another"])
def test_no_form_is_taken_without_the_token_of_its_session(api: Api, form: str) -> None:
    # given
    ids = real_ids(api)
    client, other = browser_of(api, "officer"), browser_of(api, "leader")
    tokens = {"none": {}, "wrong": {"csrf_token": "x"}, "another": {"csrf_token": token_of(other)}}
    version = api.district.case(ids["case_id"]).version
    api.session.rollback()
    # when
    statuses = {
        route.name: client.post(
            route.path(ids), data=tokens[form], headers={"Origin": "https://evil.example"}
        ).status_code
        for route in routes(api.app)
        if route.method != "GET" and not route.is_api
    }
    # then
    assert set(statuses.values()) <= {400, 403}, statuses
    assert api.district.case(ids["case_id"]).version == version


@pytest.mark.parametrize("ending", ["epoch", "closed", "revoked", "expired"])
def test_what_has_ended_opens_nothing(api: Api, ending: str) -> None:
    # given
    ids = real_ids(api)
    client = browser_of(api, "officer")
    bearer = {"Authorization": f"Bearer {api.token('officer')}"}
    _end(api, ending)
    # when
    by_session = {
        route.name: client.open(route.path(ids), method=route.method).status_code
        for route in routes(api.app)
        if not route.access.public
    }
    by_token = {
        route.name: api.client().open(route.path(ids), method=route.method, headers=bearer)
        for route in routes(api.app)
        if route.is_api
    }
    # then
    if ending in ("epoch", "closed"):
        assert set(by_session.values()) <= {303, 401}, by_session
    if ending in ("revoked", "expired", "closed"):
        assert {answer.status_code for answer in by_token.values()} <= {401, 429}


def _end(api: Api, ending: str) -> None:
    changes = {
        "epoch": "UPDATE accounts SET session_epoch = 7 WHERE login = 'officer'",
        "closed": "UPDATE accounts SET active = 0 WHERE login = 'officer'",
        "revoked": "UPDATE api_tokens SET revoked_at = '2026-01-01 00:00:00.000000'",
        "expired": "UPDATE api_tokens SET expires_at = '2026-01-01 00:00:00.000000'",
    }
    with transaction(api.session) as session:
        session.connection().exec_driver_sql(changes[ending])


def test_no_answer_invites_another_origin_and_no_method_is_overridden(api: Api) -> None:
    # given
    ids = real_ids(api)
    client = browser_of(api, "officer")
    evil = {
        "Origin": "https://evil.example",
        "Access-Control-Request-Method": "POST",
        "X-HTTP-Method-Override": "POST",
    }
    # when
    found = []
    for route in routes(api.app):
        for method in ("OPTIONS", "TRACE", "PUT", "POST /"):
            path = route.path(ids) + ("/" if method == "POST /" else "")
            answer = client.open(path, method=method.split()[0], headers=evil)
            invites = [name for name, _ in answer.headers if name.startswith("Access-Control")]
            if invites or answer.status_code >= 500:
                found.append((route.name, method, answer.status_code, invites))
    # then
    assert found == []

"""Junk in every place that a request has: never a failure, always one sentence."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from models.accounts import Role
from tests.api.clients import Api
from tests.security.surface import (
    Route,
    browser_of,
    district_offices,
    forms_of,
    real_ids,
    routes,
    token_of,
)
from web.api.reference import DOCUMENT
from workflows.access import ACTIONS_OF

#: Texts for queries, form fields and parts of paths.
TEXTS = (
    "",
    "a\0b",
    "\ufffd\u202e\u2066\u200b",
    "'; DROP TABLE cases; --",
    '<img src=x onerror="alert(1)">',
    "{{7*7}}${7*7}",
    "../../../../etc/passwd",
    "-1",
    "1e400",
    "99999999999999999999999",
    "9" * 5000,
    "٣",
    "NaN",
    "Infinity",
    "2026-02-30",
    "0001-01-01",
    "9999-12-31",
    "0001-01-01T00:00:00+14:00",
    "x" * 20_000,
    "%s%n%x",
    "\r\nSet-Cookie: x=1",
    "😀" * 300,
    "--1_x",
    "253402300800000000_01a208f1-b476-70fa-ad23-d31d692d0b4c",
    "-62135596800000001_01a208f1-b476-70fa-ad23-d31d692d0b4c",
)
#: Bytes that are no UTF-8, as they come in an address or a form.
BYTES = ("%ff%fe", "%ed%a0%80", "%c0%af", "%00", "%u0041", "%")
DEEP = "[" * 3000 + "]" * 3000
#: Whole bodies in place of JSON objects.
BODIES = (
    b"",
    b"null",
    b"[]",
    b"0",
    b'""',
    b"{",
    b"\xff\xfe",
    b'{"answers": NaN}',
    b'{"answers": {"a": "\\ud800"}}',
    b'{"answers": {}, "answers": []}',
    b'{"typename": "x", "answers": {"typename": 1}}',
    b'{"answers": ' + DEEP.encode() + b"}",
    b'{"answers": {"__class__": {"__init__": 1}}, "case_version": 1e400}',
    b'{"inputs": ' + b'{"a":' * 500 + b"1" + b"}" * 500 + b"}",
)
VALUES: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    10**30,
    1.5,
    "",
    "x" * 20_000,
    "\u0000",
    "\u202e",
    [],
    [[]],
    {},
    {"a": {"b": []}},
    ["x"] * 2000,
    "1e400",
    "9999-12-31",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
)
#: How far apart the texts are of which each field gets one in turn.
STRIDE = 9
RIGHT: dict[str, dict[str, Any]] = {
    "/complete": {"answers": {}},
    "/return": {"to": "Task_X", "reason": "x"},
    "/resolve": {"resolution": "x"},
    "/messages/": {"answers": {}},
    "/deadlines/": {"from": "2026-01-05"},
    "/decisions/": {"inputs": {}},
}
FIELDS = [
    "q",
    "after",
    "before",
    "of",
    "process",
    "page",
    "state",
    "status",
    "show",
    "kind",
    "office",
    "role",
    "login",
    "name",
    "code",
    "password",
    "days",
    "label",
    "next",
    "locale",
    "reason",
    "target",
    "verb",
    "remove",
    "version",
    "request_key",
    "resolution",
    "format",
    "first_on",
    "last_on",
    "id_number",
]


class Attacker:
    """Somebody with every role at once's reach: for each route an account that may call it."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.ids = real_ids(api)
        offices = district_offices(api)
        self.logins = {role: api.staff(role, offices) for role in Role}
        self.logins[Role.CASE_OFFICER] = "officer"
        self.browsers: dict[str, tuple[FlaskClient, str]] = {}

    def login_for(self, route: Route) -> str:
        """Who may call the route."""
        for role in (Role.CASE_OFFICER, *Role):
            if route.access.action is None or route.access.action in ACTIONS_OF[role]:
                return self.logins[role]
        raise AssertionError(route.name)

    def browser(self, login: str) -> tuple[FlaskClient, str]:
        """A signed-in browser and its CSRF token."""
        if login not in self.browsers:
            client = browser_of(self.api, login)
            self.browsers[login] = (client, token_of(client))
        return self.browsers[login]

    def send(self, route: Route, path: str | None = None, **options: Any) -> TestResponse:
        """The request, by somebody who may."""
        login = self.login_for(route)
        path = route.path(self.ids) if path is None else path
        if route.is_api:
            headers = {"Authorization": f"Bearer {self.api.token(login)}"}
            headers |= options.pop("headers", {})
            return self.api.client().open(path, method=route.method, headers=headers, **options)
        client, token = self.browser(login)
        if route.method == "POST" and "data" in options and isinstance(options["data"], dict):
            options["data"] = {"csrf_token": token, **options["data"]}
        headers = {"X-CSRFToken": token, **options.pop("headers", {})}
        return client.open(path, method=route.method, headers=headers, **options)


@pytest.fixture
def attacker(api: Api) -> Attacker:
    """The attacker."""
    return Attacker(api)


def mixtures(names: Sequence[str]) -> Iterator[dict[str, str]]:
    """Every field with another text, several times over."""
    for turn in range(0, len(TEXTS), STRIDE):
        yield {name: TEXTS[(turn + place) % len(TEXTS)] for place, name in enumerate(names)}


def unclear(answer: TestResponse) -> str | None:
    """What is wrong with an answer; None where it is a page, a document or a refusal in words."""
    text = answer.data.decode("utf-8", "replace")
    if answer.status_code >= 500:
        return f"{answer.status_code}"
    if "Traceback" in text or "sqlalchemy" in text.lower() or "psycopg" in text:
        return "tells of its inside"
    if any(name.lower() == "set-cookie" and "x=1" in value for name, value in answer.headers):
        return "a header was split"
    if answer.status_code >= 400 and answer.request.method != "HEAD" and len(text) < 20:
        return f"{answer.status_code} without a sentence"
    return None


def test_queries_and_paths_of_any_text_are_answered(attacker: Attacker) -> None:
    # given
    wrong = []
    for route in routes(attacker.api.app):
        if route.method != "GET":
            continue
        path = route.path(attacker.ids)
        addresses = [f"{path}?{urlencode(fields)}" for fields in mixtures(FIELDS)]
        addresses += [f"{path}?q={raw}&after={raw}" for raw in BYTES]
        for name in route.rule.arguments:
            addresses += [
                path.replace(
                    attacker.ids.get(name, "A.overall"), quote(text[:3000], safe="") or "x"
                )
                for text in TEXTS[1::STRIDE]
            ]
        # when
        answers = {address: attacker.send(route, address) for address in addresses}
        wrong += [(address[:90], found) for address, answer in answers.items()
                  if (found := unclear(answer))]  # fmt: skip
    # then
    assert wrong == []


def test_fields_of_any_text_are_answered(attacker: Attacker) -> None:
    # given
    wrong = []
    for route in routes(attacker.api.app):
        if route.method == "GET" or route.is_api:
            continue
        names = [*fields_of(attacker, route), *FIELDS]
        # when
        for fields in mixtures(names):
            found = unclear(attacker.send(route, data=fields))
            wrong += [(route.name, found)] if found else []
    # then
    assert wrong == []


def test_documents_of_any_content_are_answered(attacker: Attacker) -> None:
    # given
    wrong = []
    for route in routes(attacker.api.app):
        if route.method == "GET" or not route.is_api:
            continue
        names = properties_of(attacker.api, route)
        bodies = [*BODIES, *(json.dumps(dict.fromkeys(names, value)).encode() for value in VALUES)]
        right = wanted(attacker, route)
        bodies += [json.dumps({**right, name: value}).encode()
                   for name in names for value in VALUES]  # fmt: skip
        # when
        for body in bodies:
            answer = attacker.send(route, data=body, content_type="application/json")
            found = unclear(answer)
            wrong += [(route.name, body[:80], found)] if found else []
    # then
    assert wrong == []


def fields_of(attacker: Attacker, route: Route) -> list[str]:
    """The names of the fields of the forms on the page of an address, and of all published ones."""
    client, _ = attacker.browser(attacker.login_for(route))
    path = route.path(attacker.ids)
    found = {name for _, fields in forms_of(client, path) for name in fields}
    return [*sorted(found - {"csrf_token"}), "f_materials_result", "m_surveyors", "t_started_at"]


def properties_of(api: Api, route: Route) -> list[str]:
    """The names that the body of an operation may hold."""
    document = api.app.extensions[DOCUMENT]
    path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route.rule.rule)
    body = document["paths"][path][route.method.lower()].get("requestBody", {"content": {}})
    for content in body["content"].values():
        schema = content["schema"]
        if "$ref" in schema:
            schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return list(schema.get("properties", {}))
    return []


def wanted(attacker: Attacker, route: Route) -> dict[str, Any]:
    """A body that is right, so that one wrong value is what is refused."""
    if route.name == "POST /api/v1/cases":
        return attacker.api.application()
    return next((body for part, body in RIGHT.items() if part in route.rule.rule), {})

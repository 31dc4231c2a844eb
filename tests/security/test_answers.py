"""What answers show: text stays text, downloads stay downloads, headers hold on every route."""

from __future__ import annotations

import csv
import io
import re
from html.parser import HTMLParser

import pytest

from models.accounts import Role
from tests.api.clients import Api
from tests.security.surface import browser_of, district_offices, real_ids, routes, token_of
from web.config import Config
from workflows.access import ACTIONS_OF
from workflows.audit.export import safe_cell

HOSTILE = """<img src=x onerror=alert(1)>"'`{{7*7}}"""


class Active(HTMLParser):
    """What a page would run by itself: scripts in it, handlers, styles, comments, odd links."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at one tag."""
        names = dict(attrs)
        if tag == "style" or (tag == "script" and "src" not in names):
            self.found.append(tag)
        for name, value in attrs:
            if name.startswith(("on", "hx-on")) or name in ("style", "srcdoc"):
                self.found.append(f"{tag} {name}")
            if (value or "").strip().lower().startswith("javascript:"):
                self.found.append(f"{tag} {name}={value}")
        if names.get("src") == "x":
            self.found.append("the planted tag")

    def handle_comment(self, data: str) -> None:
        """Comments tell readers of the source what pages shouldn't."""
        self.found.append(f"comment {data[:40]}")


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """What pages show doesn't depend on the database."""
    return sqlite_url


def test_hostile_names_are_text_on_every_page_and_headers_hold(api: Api) -> None:
    # given
    ids = hostile_ids(api)
    logins = {role: api.staff(role, district_offices(api)) for role in Role}
    logins[Role.CASE_OFFICER] = "officer"
    # when
    wrong = []
    for role in (Role.CASE_OFFICER, Role.AUDITOR, Role.SECURITY_ADMIN, Role.SYSTEM_ADMIN):
        client = browser_of(api, logins[role])
        for route in routes(api.app):
            if route.method != "GET" or (
                route.access.action is not None and route.access.action not in ACTIONS_OF[role]
            ):
                continue
            answer = client.get(route.path(ids))
            wrong += [f"{route.name}: {fault}" for fault in faults(answer)]
    # then
    assert not wrong, "\n".join(wrong)


def hostile_ids(api: Api) -> dict[str, str]:
    """Rows of each kind, of a person and with fields whose texts try to become markup."""
    usual = api.application

    def hostile(**changes: object) -> dict[str, object]:
        document = usual(**changes)
        household = document["household"]
        household["members"][0]["name"] = HOSTILE[:60]
        household["incomes"][0]["label"] = HOSTILE
        household["property_reason"] = HOSTILE
        household["properties"] = [{"kind": "car", "label": HOSTILE, "value": "1.00"}]
        return document

    api.application = hostile  # type: ignore[method-assign]  # only for this test
    return real_ids(api)


def faults(answer: object) -> list[str]:
    """What is wrong with an answer."""
    headers = answer.headers  # type: ignore[attr-defined]  # a test response
    found = []
    policy = headers.get("Content-Security-Policy", "")
    scripts = re.search(r"script-src ([^;]*)", policy)
    if "sandbox" not in policy and (scripts is None or scripts[1] != "'self'"):
        found.append(f"policy: {policy}")
    if "'unsafe-inline'" in policy and "style-src-attr 'unsafe-inline'" not in policy:
        found.append("unsafe-inline")
    if "unsafe-eval" in policy:
        found.append("unsafe-eval")
    expected = {
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
        "Cache-Control": "no-store",
    }
    found += [name for name, value in expected.items() if headers.get(name) != value]
    kind = headers.get("Content-Type", "")
    if kind.startswith("text/html"):
        page = answer.text  # type: ignore[attr-defined]  # a test response
        found += Active(page).found
    elif not kind.startswith(("application/json", "application/problem+json")):
        attached = headers.get("Content-Disposition", "").startswith("attachment")
        if not attached and "sandbox" not in policy:
            found.append(f"{kind} is opened in the page's origin")
    return found


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@A1", "\t=1", "\r=1", "＝1", "\0=cmd|x"])
def test_no_cell_of_an_export_is_a_formula(text: str) -> None:
    # when
    cell = safe_cell(text)
    # then
    assert cell.startswith("'")


def test_an_exported_trail_holds_no_formula(api: Api) -> None:
    # given
    ids = real_ids(api)
    officer = browser_of(api, "officer")
    token = token_of(officer)
    officer.post("/account/tokens", data={"csrf_token": token, "label": "=cmd|' /C calc'!A0",
                                          "days": "1"})  # fmt: skip
    auditor = api.staff(Role.AUDITOR, district_offices(api))
    client = browser_of(api, auditor)
    # when
    answer = client.post("/audit/export", data={"csrf_token": token_of(client), "format": "csv"})
    rows = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    # then
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert any(ids["case_id"] in row for row in rows)
    assert not [cell for row in rows for cell in row if cell[:1] in "=+-@\t\r" and cell]


def test_a_signed_out_page_is_not_kept(api: Api) -> None:
    # given
    client = browser_of(api, "officer")
    before = client.get_cookie("doudi")
    assert before is not None
    # when
    client.post("/sign-out", data={"csrf_token": token_of(client)})
    client.set_cookie("doudi", before.value)
    # then
    assert client.get("/work").status_code == 303
    assert client.get("/api/v1/tasks").status_code == 401
    settings: Config = api.app.extensions["doudi"]
    assert settings.keys.secret_key.hex() not in str(client.get("/healthz").data)

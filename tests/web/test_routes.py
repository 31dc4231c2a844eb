"""Every route says who may call it; errors are pages; answers carry security headers."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from structlog.testing import capture_logs
from werkzeug.routing import Rule

from models.accounts import Role
from models.base import db
from models.offices import OfficeLevel
from tests.web.people import Tree, csrf_token, make_account, post, sign_in
from web.guard import Access, access_of, public
from workflows.access import ACTIONS_OF, LEVEL_OF_ROLE

#: Whoever adds a public route has to add it here, too.
PUBLIC = {
    "GET /healthz",
    "GET /sign-in",
    "POST /sign-in",
    "POST /language",
    "GET /objection",
    "GET /objection/<code>",
    "POST /objection/<code>",
    "GET /static/<path:filename>",
}
ANY_ID = "01a208f1-b476-70fa-ad23-d31d692d0b4c"


def routes(app: Flask) -> Iterator[tuple[str, Rule, Access | None]]:
    """Every method and rule with what its view says."""
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            if rule.endpoint == "static":
                yield f"{method} {rule.rule}", rule, Access(public=True)
            else:
                view = app.view_functions[rule.endpoint]
                yield f"{method} {rule.rule}", rule, access_of(view, method)


def address(rule: Rule) -> str:
    """The rule with any id in its places."""
    return re.sub(r"<uuid:\w+>", ANY_ID, re.sub(r"<(?!uuid)[^>]+>", "x", rule.rule))


def test_every_route_is_classified(app: Flask) -> None:
    # when
    unclassified = [name for name, _, access in routes(app) if access is None]
    # then
    assert unclassified == []


def test_the_public_routes_are_these(app: Flask) -> None:
    # when
    found = {name for name, _, access in routes(app) if access is not None and access.public}
    # then
    assert found == PUBLIC


def test_a_view_that_says_nothing_is_refused(app: Flask, client: FlaskClient) -> None:
    # given
    app.add_url_rule("/forgotten", view_func=lambda: "secret", endpoint="forgotten")
    # when
    answer = client.get("/forgotten")
    # then
    assert answer.status_code == 403
    assert "secret" not in answer.text


def test_no_protected_route_answers_who_is_not_signed_in(app: Flask, client: FlaskClient) -> None:
    # when
    answered = {
        name
        for name, rule, access in routes(app)
        if access is not None
        and not access.public
        and client.open(address(rule), method=name.split()[0]).status_code not in (303, 401)
    }
    # then
    assert answered == set()


@pytest.mark.parametrize("role", list(Role))
def test_a_role_reaches_exactly_the_routes_of_its_actions(
    app: Flask, tree: Tree, role: Role
) -> None:
    # given
    offices = {
        OfficeLevel.DISTRICT: tree.district,
        OfficeLevel.TOWNSHIP: tree.township,
        OfficeLevel.VILLAGE: tree.village,
    }
    make_account(app, tree, "somebody", role, offices[LEVEL_OF_ROLE[role]])
    client = app.test_client()
    sign_in(client, "somebody")
    token = csrf_token(client)
    # when
    wrong = []
    for name, rule, access in routes(app):
        if access is None or access.action is None:
            continue
        method = name.split()[0]
        fields = {"csrf_token": token} if method == "POST" else None
        answer = client.open(address(rule), method=method, data=fields)
        refused = answer.status_code == 403 and "access.denied" in answer.text
        if refused is (access.action in ACTIONS_OF[role]):
            wrong.append((name, answer.status_code))
    # then
    assert wrong == []


@pytest.mark.parametrize("path", ["/sign-in", "/nope", "/healthz", "/admin/accounts"])
def test_answers_carry_security_headers(client: FlaskClient, path: str) -> None:
    # when
    headers = client.get(path).headers
    # then
    policy = headers["Content-Security-Policy"]
    for part in ("default-src 'self'", "frame-ancestors 'none'", "object-src 'none'"):
        assert part in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"
    assert re.fullmatch(r"[0-9a-f]{16}", headers["X-Request-Id"])


def test_pages_hold_no_script_or_style_that_the_policy_forbids(
    app: Flask, client: FlaskClient, tree: Tree
) -> None:
    # given
    make_account(app, tree, "anquan", Role.SECURITY_ADMIN)
    sign_in(client, "anquan")
    # when / then
    for path in ("/account", "/admin/accounts", "/admin/access", "/nope"):
        answer = client.get(path)
        page = answer.text
        assert answer.status_code == (404 if path == "/nope" else 200), path
        assert "</html>" in page, path
        assert not re.search(r"<script(?![^>]*\ssrc=)|\son\w+=|\sstyle=|<style|hx-on", page)


def test_an_unknown_address_is_a_page_that_says_what_to_do(client: FlaskClient) -> None:
    # when
    answer = client.get("/nope")
    # then
    assert answer.status_code == 404
    assert "找不到页面" in answer.text
    assert answer.headers["X-Request-Id"] in answer.text


def test_a_wrong_method_names_the_right_ones(client: FlaskClient) -> None:
    # when
    answer = client.delete("/sign-in")
    # then
    assert answer.status_code == 405
    assert set(answer.headers["Allow"].split(", ")) >= {"GET", "POST"}
    assert "不支持的操作" in answer.text


def test_a_failure_is_a_page_without_a_trace_and_a_log_line_without_values(
    app: Flask, client: FlaskClient
) -> None:
    # given
    def fail() -> str:
        raise ValueError("510212197001011234")

    app.add_url_rule("/fail", view_func=public(fail), endpoint="fail")
    # when
    with capture_logs() as lines:
        answer = client.get("/fail?name=secret")
    # then
    assert answer.status_code == 500
    assert "系统出错了" in answer.text
    assert answer.headers["X-Request-Id"] in answer.text
    assert "Traceback" not in answer.text and "510212197001011234" not in answer.text
    assert [line["event"] for line in lines] == ["failure", "request"]
    assert lines[0]["kind"] == "ValueError"
    assert "510212197001011234" not in str(lines) and "secret" not in str(lines)


def test_a_request_that_is_too_large_is_refused(client: FlaskClient) -> None:
    # given
    token = csrf_token(client)
    # when
    answer = client.post("/sign-in", data={"csrf_token": token, "login": "x" * 600_000})
    # then
    assert answer.status_code == 413
    assert "上传的内容过大" in answer.text


def test_errors_are_json_where_json_is_asked_for(client: FlaskClient) -> None:
    # when
    answer = client.get("/admin/accounts", headers={"Accept": "application/json"})
    # then
    assert answer.status_code == 401
    assert answer.json is not None
    assert answer.json["code"] == "session.none"
    assert answer.json["message_en"].startswith("You are not signed in")


def test_errors_are_fragments_for_htmx(app: Flask, client: FlaskClient, tree: Tree) -> None:
    # given
    make_account(app, tree, "anquan", Role.SECURITY_ADMIN)
    sign_in(client, "anquan")
    # when
    answer = client.get(f"/admin/accounts/{ANY_ID}", headers={"HX-Request": "true"})
    late = app.test_client().get("/admin/accounts", headers={"HX-Request": "true"})
    # then
    assert answer.status_code == 404
    assert answer.text.lstrip().startswith('<div class="notice notice-error"')
    assert (late.status_code, late.headers["HX-Redirect"]) == (401, "/sign-in")


def test_a_page_looks_up_its_viewer_in_one_select(
    app: Flask, client: FlaskClient, tree: Tree
) -> None:
    # given
    make_account(app, tree, "anquan", Role.SECURITY_ADMIN)
    sign_in(client, "anquan")
    statements: list[str] = []
    with app.app_context():
        engine = db.engine

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    # when
    client.get("/admin/access")
    # then
    assert [statement.split()[0] for statement in statements] == ["BEGIN", "SELECT"]


def test_the_language_is_kept_for_the_browser_and_the_account(
    app: Flask, client: FlaskClient, tree: Tree
) -> None:
    # given
    make_account(app, tree, "anquan", Role.SECURITY_ADMIN)
    # when
    before = client.get("/sign-in").text
    sign_in(client, "anquan")
    post(client, "/language", locale="en", next="/admin/access")
    here = client.get("/admin/access").text
    elsewhere = app.test_client()
    sign_in(elsewhere, "anquan")
    # then
    assert '<html lang="zh-Hans">' in before
    assert '<html lang="en">' in here
    assert "Complete a task" in here
    assert '<html lang="en">' in elsewhere.get("/account").text


def test_health_tells_version_and_revision(client: FlaskClient) -> None:
    # when
    answer = client.get("/healthz")
    # then
    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["ok"] and answer.json["revision"] == answer.json["newest_revision"]

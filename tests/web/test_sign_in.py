"""Signing in and out."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from models.accounts import Role
from tests.web.people import PASSWORD, Tree, make_account, post, sign_in
from web.auth import local_path
from workflows.access.passwords import initial_password, is_initial
from workflows.access.sign_in import MOST_PER_ADDRESS, MOST_PER_LOGIN, WINDOW


def test_who_is_not_signed_in_is_sent_to_the_form_and_back(
    app: Flask, client: FlaskClient, tree: Tree
) -> None:
    # given
    make_account(app, tree, "anquan", Role.SECURITY_ADMIN)
    # when
    first = client.get("/admin/accounts?q=li")
    answer = post(
        client, "/sign-in", login="anquan", password=PASSWORD, next="/admin/accounts?q=li"
    )
    # then
    assert first.status_code == 303
    assert first.location == "/sign-in?next=/admin/accounts?q%3Dli"
    assert answer.location == "/admin/accounts?q=li"
    assert client.get("/admin/accounts?q=li").status_code == 200


@pytest.mark.parametrize("login", ["anquan", "nobody"])
def test_a_wrong_password_and_an_unknown_login_get_the_same_answer(
    app: Flask, client: FlaskClient, tree: Tree, login: str
) -> None:
    # given
    make_account(app, tree, "anquan", Role.SECURITY_ADMIN)
    # when
    answers = [sign_in(client, login, "Wrong-Password-1") for _ in range(MOST_PER_LOGIN + 1)]
    # then
    assert [answer.status_code for answer in answers] == [422] * MOST_PER_LOGIN + [429]
    assert "账号或密码不正确" in answers[0].text
    assert "登录失败次数过多" in answers[-1].text
    assert f'value="{login}"' in answers[0].text
    assert "Wrong-Password-1" not in answers[0].text


def test_a_locked_login_is_refused_with_the_right_password_until_the_window_has_passed(
    app: Flask, client: FlaskClient, tree: Tree
) -> None:
    # given
    make_account(app, tree, "anquan", Role.SECURITY_ADMIN)
    with time_machine.travel("2026-03-02T02:00:00Z", tick=False) as clock:
        for _ in range(MOST_PER_LOGIN):
            sign_in(client, "anquan", "Wrong-Password-1")
        # when
        locked = sign_in(client, "anquan")
        clock.shift(WINDOW + timedelta(seconds=1))
        later = sign_in(client, "anquan")
    # then
    assert locked.status_code == 429
    assert later.status_code == 303


def test_an_address_that_tries_many_logins_is_locked(
    app: Flask, client: FlaskClient, tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    monkeypatch.setattr("workflows.access.sign_in.MOST_PER_ADDRESS", 3)
    assert MOST_PER_ADDRESS > MOST_PER_LOGIN
    make_account(app, tree, "anquan", Role.SECURITY_ADMIN)
    # when
    for number in range(3):
        sign_in(client, f"guess{number}", "Wrong-Password-1")
    # then
    assert sign_in(client, "anquan").status_code == 429


def test_a_right_password_forgets_the_wrong_ones_before(
    app: Flask, client: FlaskClient, tree: Tree
) -> None:
    # given
    make_account(app, tree, "anquan", Role.SECURITY_ADMIN)
    for _ in range(2):
        for _ in range(MOST_PER_LOGIN - 1):
            sign_in(client, "anquan", "Wrong-Password-1")
        # when
        answer = sign_in(client, "anquan")
        # then
        assert answer.status_code == 303
        post(client, "/sign-out")


def test_a_session_ends_when_idle_and_a_late_form_leads_back_to_its_page(
    app: Flask, client: FlaskClient, tree: Tree
) -> None:
    # given
    make_account(app, tree, "anquan", Role.SECURITY_ADMIN)
    with time_machine.travel("2026-03-02T02:00:00Z", tick=False) as clock:
        sign_in(client, "anquan")
        clock.shift(timedelta(minutes=29))
        used = client.get("/admin/accounts")
        # when
        clock.shift(timedelta(minutes=31))
        late = client.post(
            "/admin/accounts/new",
            data={"login": "li.si"},
            headers={"Referer": "http://localhost/admin/accounts/new"},
        )
    # then
    assert used.status_code == 200
    assert late.status_code == 303
    assert late.location == "/sign-in?next=/admin/accounts/new"


def test_a_session_ends_after_twelve_hours_even_when_used(
    app: Flask, client: FlaskClient, tree: Tree
) -> None:
    # given
    make_account(app, tree, "anquan", Role.SECURITY_ADMIN)
    with time_machine.travel("2026-03-02T00:00:00Z", tick=False) as clock:
        sign_in(client, "anquan")
        # when
        answers = []
        for _ in range(37):
            clock.shift(timedelta(minutes=20))
            answers.append(client.get("/admin/accounts").status_code)
    # then
    assert answers[:36] == [200] * 36
    assert answers[36] == 303


def test_signing_out_ends_the_session_and_its_copies(
    app: Flask, client: FlaskClient, tree: Tree
) -> None:
    # given
    make_account(app, tree, "anquan", Role.SECURITY_ADMIN)
    sign_in(client, "anquan")
    stolen = client.get_cookie("doudi")
    assert stolen is not None
    # when
    post(client, "/sign-out")
    thief = app.test_client()
    thief.set_cookie("doudi", stolen.value)
    # then
    assert client.get("/admin/accounts").status_code == 303
    assert thief.get("/admin/accounts").status_code == 303


def test_signing_in_makes_a_new_session(app: Flask, client: FlaskClient, tree: Tree) -> None:
    # given
    make_account(app, tree, "anquan", Role.SECURITY_ADMIN)
    client.get("/sign-in")
    before = client.get_cookie("doudi")
    # when
    sign_in(client, "anquan")
    after = client.get_cookie("doudi")
    # then
    assert before is not None and after is not None
    assert before.value != after.value
    assert after.http_only and after.same_site == "Lax"


def test_an_initial_password_has_to_be_changed_first(
    app: Flask, client: FlaskClient, tree: Tree
) -> None:
    # given
    given = initial_password()
    make_account(app, tree, "anquan", Role.SECURITY_ADMIN, password=given)
    # when
    sign_in(client, "anquan", given)
    kept_away = client.get("/admin/accounts")
    kept = post(client, "/account/password", old_password=given, new_password=given, repeated=given)
    chosen = post(
        client, "/account/password", old_password=given, new_password=PASSWORD, repeated=PASSWORD
    )
    # then
    assert is_initial(given)
    assert kept_away.location == "/account/password"
    assert kept.status_code == 422
    assert "不能继续使用初始密码" in kept.text
    assert chosen.status_code == 303
    assert client.get("/admin/accounts").status_code == 200


def test_another_password_ends_the_other_sessions(
    app: Flask, client: FlaskClient, tree: Tree
) -> None:
    # given
    make_account(app, tree, "anquan", Role.SECURITY_ADMIN)
    elsewhere = app.test_client()
    sign_in(client, "anquan")
    sign_in(elsewhere, "anquan")
    new = "Another-Harbour-28"
    # when
    post(client, "/account/password", old_password=PASSWORD, new_password=new, repeated=new)
    # then
    assert client.get("/admin/accounts").status_code == 200
    assert elsewhere.get("/admin/accounts").status_code == 303
    assert sign_in(app.test_client(), "anquan", new).status_code == 303


def test_every_fault_of_a_new_password_is_told_at_once(
    app: Flask, client: FlaskClient, tree: Tree
) -> None:
    # given
    make_account(app, tree, "anquan", Role.SECURITY_ADMIN)
    sign_in(client, "anquan")
    # when
    answer = post(
        client, "/account/password", old_password="x", new_password="anquan", repeated="anquan"
    )
    # then
    assert answer.status_code == 422
    for sentence in ("当前密码不正确", "密码长度应为", "三种", "容易被猜到"):
        assert sentence in answer.text
    assert 'value="anquan"' not in answer.text


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "/%0d%0aLocation:x\r\n",
        "javascript:alert(1)",
        "/\t/evil.example",
        "evil",
        "",
        None,
    ],
)
def test_next_leads_nowhere_else(target: str | None) -> None:
    # when / then
    assert local_path(target) is None


def test_a_foreign_next_is_ignored_after_signing_in(
    app: Flask, client: FlaskClient, tree: Tree
) -> None:
    # given
    make_account(app, tree, "anquan", Role.SECURITY_ADMIN)
    # when
    answer = post(
        client, "/sign-in", login="anquan", password=PASSWORD, next="//evil.example/sign-in"
    )
    # then
    assert answer.location == "/"


def test_a_form_without_the_token_changes_nothing(
    app: Flask, client: FlaskClient, tree: Tree
) -> None:
    # given
    make_account(app, tree, "anquan", Role.SECURITY_ADMIN)
    sign_in(client, "anquan")
    # when
    answer = client.post("/admin/accounts/new", data={"login": "li.si", "name": "李四"})
    # then
    assert answer.status_code == 400
    assert "安全校验已失效" in answer.text
    assert "li.si" not in client.get("/admin/accounts").text

"""Guessing passwords and sending files that are not what they say."""

from __future__ import annotations

import io

import pytest
from flask import Flask
from sqlalchemy import select

from models.accounts import Role, SignInThrottle
from models.assistance import Attachment
from tests.api.clients import Api
from tests.security.surface import browser_of
from tests.web.people import PASSWORD, make_account, make_tree, post, sign_in
from web.database import db_session

PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n"
NEW = "Blue-Tree-Lake-94"


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """The rules are the same on both kinds."""
    return sqlite_url


def test_an_open_session_is_no_place_to_try_out_passwords(app: Flask) -> None:
    # given
    make_account(app, make_tree(app), "anquan", Role.SECURITY_ADMIN)
    client = app.test_client()
    sign_in(client, "anquan")

    def change(old: str) -> int:
        fields = {"old_password": old, "new_password": NEW, "repeated": NEW}
        return post(client, "/account/password", **fields).status_code

    # when
    guesses = [change(f"guess-{number}") for number in range(6)]
    right = change(PASSWORD)
    # then
    assert guesses == [422] * 5 + [429]
    assert right == 429
    assert sign_in(app.test_client(), "anquan").status_code == 303


def test_a_reset_password_ends_the_tokens_that_a_thief_may_have_made(app: Flask) -> None:
    # given
    tree = make_tree(app)
    make_account(app, tree, "anquan", Role.SECURITY_ADMIN)
    account_id = make_account(app, tree, "shenji", Role.AUDITOR)
    thief, admin = app.test_client(), app.test_client()
    sign_in(thief, "shenji")
    page = post(thief, "/account/tokens", label="x", days="300").text
    token = page[page.index("doudi_") :].split("<")[0].split('"')[0].strip()
    bearer = {"Authorization": f"Bearer {token}"}
    assert app.test_client().get("/api/v1", headers=bearer).status_code == 200
    sign_in(admin, "anquan")
    # when
    post(admin, f"/admin/accounts/{account_id}/password")
    # then
    assert app.test_client().get("/api/v1", headers=bearer).status_code == 401
    assert thief.get("/account").status_code == 303


def test_an_id_number_typed_as_a_login_is_counted_but_not_kept(app: Flask) -> None:
    # given
    make_tree(app)
    number = "500154196109179076"
    # when
    answers = [sign_in(app.test_client(), number, "wrong").status_code for _ in range(6)]
    with app.app_context():
        sources = db_session().scalars(select(SignInThrottle.source)).all()
    # then
    assert answers == [422] * 5 + [429]
    assert not any(number in source for source in sources)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.pdf", b""),
        ("a.pdf", b"<html><script>alert(1)</script>%PDF-1.4 %%EOF"),
        ("a.pdf", b"%PDF-1.4 cut off"),
        ("a.svg", b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'),
        ("a.zip", b"PK\x03\x04" + b"\0" * 100),
        ("a.jpg", b"GIF89a" + b"\0" * 100),
        ("a.png", PNG + b"no end"),
        ("a.exe", b"MZ" + b"\0" * 200),
    ],
)
def test_a_file_that_is_not_what_it_says_is_refused(api: Api, name: str, content: bytes) -> None:
    # when
    answer = api.send("officer", "POST", "/attachments", data={"file": (io.BytesIO(content), name)})
    # then
    assert answer.status_code == 422, answer.text
    assert answer.json is not None
    assert answer.json["code"].startswith("file.")
    assert api.session.scalars(select(Attachment)).all() == []


@pytest.mark.parametrize(
    "name",
    [
        "../../../etc/passwd.pdf",
        "..\\..\\x.pdf",
        "\u202efdp.exe",
        "a.pdf.html",
        "x" * 500 + ".pdf",
        '"; filename="b.html',
    ],
)
def test_a_name_of_a_file_leads_nowhere(api: Api, name: str) -> None:
    # when
    sent = api.send("officer", "POST", "/attachments", data={"file": (io.BytesIO(PDF), name)})
    # then
    assert sent.status_code == 201, sent.text
    assert sent.json is not None
    file = browser_of(api, "officer").get(f"/attachments/{sent.json['id']}")
    assert file.data == PDF
    file.close()
    header = file.headers["Content-Disposition"]
    assert header.startswith("attachment") and ".pdf" in header
    assert not any(sign in sent.json["name"] for sign in '/\\\r\n"\u202e')
    assert "sandbox" in file.headers["Content-Security-Policy"]
    other = browser_of(api, "leader")
    assert other.get(f"/attachments/{sent.json['id']}").status_code == 404

"""Accounts, offices, tokens and the trail, as administrators and auditors use the pages."""

from __future__ import annotations

import json
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from models.accounts import Role
from models.base import db
from models.trail import AccessRecord, TrailEntry
from tests.web.people import Tree, make_account, make_tree, post, sign_in
from web.database import db_session


@pytest.fixture
def app_url(database_url: str) -> str:
    """Both kinds of databases."""
    return database_url


def trail_of(app: Flask, subject_id: str) -> list[str]:
    """The acts on a subject's chain."""
    with app.app_context():
        statement = select(TrailEntry.action).where(TrailEntry.subject_id == subject_id)
        return list(db_session().scalars(statement.order_by(TrailEntry.sequence)))


def test_an_administrator_creates_an_account_grants_a_role_and_closes_it(
    app: Flask, client: FlaskClient, tree: Tree
) -> None:
    # given
    make_account(app, tree, "anquan", Role.SECURITY_ADMIN)
    sign_in(client, "anquan")
    # when
    created = post(client, "/admin/accounts/new", login="wang.wu", name="王五", id_number="")
    password = re.search(r"Init(-\w{4}){4}", created.text)
    place = re.search(r'href="(/admin/accounts/([-0-9a-f]{36}))"', created.text)
    assert password is not None and place is not None
    granted = post(client, f"{place[1]}/roles", role="case_officer", office=tree.township)
    newcomer = app.test_client()
    signed_in = sign_in(newcomer, "wang.wu", password[0])
    page = client.get(place[1]).text
    closed = post(client, f"{place[1]}/deactivate")
    # then
    assert (created.status_code, granted.status_code, closed.status_code) == (201, 303, 303)
    assert "经办人" in page and "汉丰街道" in page
    assert signed_in.status_code == 303
    assert newcomer.get("/account").status_code == 303
    assert sign_in(app.test_client(), "wang.wu", password[0]).status_code == 422
    assert trail_of(app, place[2]) == [
        "account.created",
        "role.granted",
        "session.started",
        "role.revoked",
        "account.deactivated",
    ]


def test_every_fault_of_a_form_is_told_at_once_and_nothing_typed_is_lost(
    app: Flask, client: FlaskClient, tree: Tree
) -> None:
    # given
    make_account(app, tree, "anquan", Role.SECURITY_ADMIN)
    sign_in(client, "anquan")
    # when
    answer = post(
        client, "/admin/accounts/new", login="Wang Wu", name="<b>王五\x00", id_number="5101"
    )
    again = post(client, "/admin/accounts/new", login="wang.wu", name="王五", id_number="5101")
    taken = post(client, "/admin/accounts/new", login="anquan", name="王五", id_number="")
    # then
    assert answer.status_code == again.status_code == taken.status_code == 422
    assert "账号名由小写字母" in answer.text and "不能使用的字符" in answer.text
    assert 'value="Wang Wu"' in answer.text and "&lt;b&gt;王五" in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert 'href="#id_number"' in again.text and 'value="5101"' in again.text
    assert "该账号名已被使用" in taken.text


def test_roles_that_are_separated_are_refused_on_the_page(
    app: Flask, client: FlaskClient, tree: Tree
) -> None:
    # given
    make_account(app, tree, "anquan", Role.SECURITY_ADMIN)
    auditor = make_account(app, tree, "shenji", Role.AUDITOR)
    sign_in(client, "anquan")
    # when
    answer = post(client, f"/admin/accounts/{auditor}/roles", role="reviewer", office=tree.district)
    # then
    assert answer.status_code == 422
    assert "审计人员不得兼任其他岗位" in answer.text


def test_nobody_administers_their_own_account(app: Flask, client: FlaskClient, tree: Tree) -> None:
    # given
    own = make_account(app, tree, "anquan", Role.SECURITY_ADMIN)
    sign_in(client, "anquan")
    # when
    page = client.get(f"/admin/accounts/{own}").text
    answer = post(client, f"/admin/accounts/{own}/deactivate")
    # then
    assert "须由另一名安全管理员管理" in page
    assert "确认停用账号" not in page
    assert answer.status_code == 403


def test_a_locked_account_is_shown_and_unlocked(
    app: Flask, client: FlaskClient, tree: Tree
) -> None:
    # given
    make_account(app, tree, "anquan", Role.SECURITY_ADMIN)
    locked = make_account(app, tree, "jingban", Role.CASE_OFFICER, tree.township)
    for _ in range(5):
        sign_in(app.test_client(), "jingban", "Wrong-Password-1")
    sign_in(client, "anquan")
    # when
    before = client.get("/admin/accounts").text
    post(client, f"/admin/accounts/{locked}/unlock")
    after = client.get("/admin/accounts").text
    # then
    assert "已锁定" in before and "已锁定" not in after
    assert sign_in(app.test_client(), "jingban").status_code == 303
    assert trail_of(app, locked)[2:] == [
        *["session.refused"] * 5,
        "account.locked",
        "account.unlocked",
        "session.started",
    ]


def test_another_district_does_not_exist(app: Flask, client: FlaskClient, tree: Tree) -> None:
    # given
    from_elsewhere = make_tree(app, "500155")
    stranger = make_account(app, from_elsewhere, "stranger", Role.AUDITOR)
    make_account(app, tree, "anquan", Role.SECURITY_ADMIN)
    make_account(app, tree, "xitong", Role.SYSTEM_ADMIN)
    # when
    sign_in(client, "anquan")
    account = client.get(f"/admin/accounts/{stranger}")
    people = client.get("/admin/accounts").text
    other = app.test_client()
    sign_in(other, "xitong")
    office = other.get(f"/admin/offices/{from_elsewhere.township}")
    # then
    assert account.status_code == office.status_code == 404
    assert "stranger" not in people


def test_offices_are_added_renamed_and_closed(app: Flask, client: FlaskClient, tree: Tree) -> None:
    # given
    make_account(app, tree, "xitong", Role.SYSTEM_ADMIN)
    sign_in(client, "xitong")
    place = f"/admin/offices/{tree.township}"
    # when
    wrong = post(client, f"{place}/below", code="12", name="")
    added = post(client, f"{place}/below", code="500154001203", name="丙村")
    renamed = post(client, f"{place}/name", name="汉丰新街道")
    refused = post(client, f"{place}/close")
    closed = post(client, f"/admin/offices/{tree.other_township}/close")
    page = client.get("/admin/offices").text
    # then
    assert [answer.status_code for answer in (wrong, added, renamed, refused, closed)] == [
        *(422, 303, 303, 409, 303)
    ]
    assert "区划代码由6至12位数字组成" in wrong.text
    assert "下辖3个在用机构" in refused.text
    assert "丙村" in page and "汉丰新街道" in page and "已停用" in page


def test_residents_of_a_township_are_noted_and_taken_back(
    app: Flask, client: FlaskClient, tree: Tree
) -> None:
    # given
    make_account(app, tree, "xitong", Role.SYSTEM_ADMIN)
    sign_in(client, "xitong")
    place = f"/admin/offices/{tree.township}"
    # when
    wrong = [post(client, f"{place}/residents", residents=text) for text in ("许多", "-1")]
    noted = post(client, f"{place}/residents", residents=" 41234 ")
    page = client.get("/admin/offices").text
    emptied = post(client, f"{place}/residents", residents="")
    # then
    assert [answer.status_code for answer in (*wrong, noted, emptied)] == [422, 422, 303, 303]
    assert "请填写整数" in wrong[0].text
    assert "41,234" in page
    assert "41,234" not in client.get("/admin/offices").text
    assert trail_of(app, tree.township)[1:] == ["office.changed", "office.changed"]


def test_the_name_that_signs_notices_is_noted_and_taken_back(
    app: Flask, client: FlaskClient, tree: Tree
) -> None:
    # given
    make_account(app, tree, "xitong", Role.SYSTEM_ADMIN)
    sign_in(client, "xitong")
    place = f"/admin/offices/{tree.district}"
    # when
    wrong = post(client, f"{place}/signature", signature="名" * 61)
    noted = post(client, f"{place}/signature", signature=" 开州区民政局 ")
    page = client.get(place).text
    emptied = post(client, f"{place}/signature", signature="")
    # then
    assert [answer.status_code for answer in (wrong, noted, emptied)] == [422, 303, 303]
    assert 'value="开州区民政局"' in page
    assert 'value="开州区民政局"' not in client.get(place).text
    assert trail_of(app, tree.district)[-2:] == ["office.changed", "office.changed"]


def test_a_token_opens_the_api_only_and_ends_when_revoked(
    app: Flask, client: FlaskClient, tree: Tree
) -> None:
    # given
    make_account(app, tree, "jingban", Role.CASE_OFFICER, tree.township)
    sign_in(client, "jingban")
    # when
    made = post(client, "/account/tokens", label="脚本", days="30")
    text = re.search(r"doudi_[\w-]{43}", made.text)
    assert text is not None
    headers = {"Authorization": f"Bearer {text[0]}"}
    page = app.test_client().get("/account", headers=headers)
    revoke = re.search(r"/account/tokens/[-0-9a-f]{36}/revoke", made.text)
    assert revoke is not None
    # then
    assert made.status_code == 201
    assert page.status_code == 303
    assert text[0] not in client.get("/account").text
    assert post(client, revoke[0]).status_code == 303
    assert "脚本" not in client.get("/account").text
    assert post(client, "/account/tokens", label="", days="9999").status_code == 422


def test_an_auditor_reads_verifies_and_exports_the_trail_and_is_recorded(
    app: Flask, client: FlaskClient, tree: Tree
) -> None:
    # given
    make_account(app, tree, "jingban", Role.CASE_OFFICER, tree.township)
    auditor = make_account(app, tree, "shenji", Role.AUDITOR)
    sign_in(client, "shenji")
    # when
    page = client.get("/audit?q=jingban").text
    verified = post(client, "/audit/verify")
    table = post(client, "/audit/export", format="csv").text
    lines = post(client, "/audit/export", format="jsonl").text.splitlines()
    unknown = client.get("/audit?q=nobody").text
    # then
    assert "账号新建" in page and "角色授予" in page
    assert "校验通过" in verified.text
    assert table.startswith("\ufeff") and "账号新建" in table
    assert {json.loads(line)["type"] for line in lines} >= {"export", "entry", "subject"}
    assert "没有这个办件编号或账号" in unknown
    with app.app_context():
        looks = db_session().execute(select(AccessRecord.kind, AccessRecord.actor_id)).all()
        acts = set(db_session().scalars(select(TrailEntry.action)))
    assert looks == [("viewed", auditor)]
    assert {"trail.verified", "export.made"} <= acts


def test_an_audit_administrator_verifies_but_does_not_read(
    app: Flask, client: FlaskClient, tree: Tree
) -> None:
    # given
    make_account(app, tree, "jingban", Role.CASE_OFFICER, tree.township)
    make_account(app, tree, "guanli", Role.AUDIT_ADMIN)
    sign_in(client, "guanli")
    # when
    page = client.get("/audit?q=jingban")
    # then
    assert page.status_code == 200
    assert "账号新建" not in page.text
    assert "查看内容须由审计人员进行" in page.text


def test_an_altered_trail_is_noticed(app: Flask, client: FlaskClient, tree: Tree) -> None:
    # given
    make_account(app, tree, "shenji", Role.AUDITOR)
    sign_in(client, "shenji")
    with app.app_context():
        engine = db.engine
    sqlite = engine.dialect.name == "sqlite"
    trigger = "no_update" if sqlite else "no_change ON trail_entries"
    with engine.begin() as connection:
        connection.exec_driver_sql(f"DROP TRIGGER trail_entries_{trigger}")
        connection.exec_driver_sql(
            "UPDATE trail_entries SET actor_role = 'auditor' WHERE sequence = 1"
        )
    # when
    answer = post(client, "/audit/verify")
    # then
    assert "校验通过" not in answer.text
    assert re.search(r"发现\d+处问题", answer.text)

"""The published policy as pages."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from models.accounts import Role
from tests.web.people import Tree, make_account, sign_in
from web.database import db_session
from workflows.definitions.files import load_policy
from workflows.definitions.release import publish_release
from workflows.errors import SYSTEM
from workflows.runtime.service_tasks import signatures
from workflows.transaction import transaction

POLICY = Path(__file__).resolve().parents[2] / "bpmn"


@pytest.fixture
def release_id(app: Flask) -> str:
    """The policy of this repository, published."""
    with app.app_context(), transaction(db_session()) as session:
        release = publish_release(
            session,
            load_policy(POLICY),
            actor=SYSTEM,
            now=datetime(2026, 3, 2, tzinfo=UTC),
            operations=signatures(),
        )
        return release.id


def test_everybody_at_work_reads_the_policy(
    app: Flask, client: FlaskClient, tree: Tree, release_id: str
) -> None:
    # given
    make_account(app, tree, "xieli", Role.ASSISTANT, tree.village)
    sign_in(client, "xieli")
    # when
    releases = client.get("/policy").text
    processes = client.get("/policy/current", follow_redirects=True).text
    diagram = client.get(f"/policy/{release_id}/processes/dibao")
    file = client.get(f"/policy/{release_id}/diagrams/dibao.bpmn")
    parameters = client.get(f"/policy/{release_id}/parameters").text
    clauses = client.get(f"/policy/{release_id}/clauses").text
    # then
    assert release_id in releases and "现行" in releases
    assert "低保" in processes
    assert f'data-diagram-url="/policy/{release_id}/diagrams/dibao.bpmn"' in diagram.text
    assert "style-src-attr 'unsafe-inline'" in diagram.headers["Content-Security-Policy"]
    assert file.mimetype == "application/xml"
    assert file.data == (POLICY / "processes" / "dibao.bpmn").read_bytes()
    assert "默认值·无本地依据" in parameters and "农村最低生活保障标准" in parameters
    assert "待决问题P05" in parameters and "其他做法：same" in parameters
    assert "第二十条" in clauses
    assert "没有引用：" in clauses and "RP-2026-07" in clauses
    assert "分阶段计划" in clauses and "（尚无流程启动）" in clauses


def test_what_is_not_in_a_release_is_not_found(
    app: Flask, client: FlaskClient, tree: Tree, release_id: str
) -> None:
    # given
    make_account(app, tree, "xieli", Role.ASSISTANT, tree.village)
    sign_in(client, "xieli")
    # when
    answers = [
        client.get(f"/policy/{release_id}/processes/nothing"),
        client.get(f"/policy/{release_id}/diagrams/..%2f..%2fkeys.bpmn"),
        client.get("/policy/01a208f1-b476-70fa-ad23-d31d692d0b4c"),
        client.get("/policy/current/../x"),
    ]
    # then
    assert {answer.status_code for answer in answers} == {404}


def test_without_a_release_the_page_says_what_to_do(
    app: Flask, client: FlaskClient, tree: Tree
) -> None:
    # given
    make_account(app, tree, "fabu", Role.POLICY_PUBLISHER)
    sign_in(client, "fabu")
    # when / then
    assert "尚未发布政策" in client.get("/policy").text
    assert client.get("/policy/current").status_code == 404

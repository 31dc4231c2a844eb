"""Notices as PDF, on the pages: who gets them, what is noted, what happens without a font."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import orjson
import pytest
from sqlalchemy import select, update

from models.accounts import Role
from models.assistance import Notice
from models.offices import Office
from models.trail import AccessRecord
from tests.documents.test_notice_pdf import page_texts
from tests.web.desk import Desk, accept
from tests.web.people import make_account, sign_in
from web.database import db_session
from workflows.transaction import transaction


@pytest.fixture
def case_id(desk: Desk) -> str:
    """An accepted case, so that it has a notice."""
    made = desk.open_case()
    accept(desk, made)
    return made


def notice_of(desk: Desk, case_id: str) -> Notice:
    """The one notice of a case."""
    with desk.app.app_context():
        found = db_session().scalars(select(Notice).where(Notice.case_id == case_id)).one()
        db_session().expunge(found)
        return found


def path_of(desk: Desk, case_id: str) -> str:
    """Where the notice of a case is printed."""
    return f"/cases/{case_id}/notices/{notice_of(desk, case_id).id}.pdf"


def test_a_notice_is_printed_with_the_name_in_full(desk: Desk, case_id: str) -> None:
    # given
    notice, path = notice_of(desk, case_id), path_of(desk, case_id)
    page = desk.client("jingban").get(path.removesuffix(".pdf")).text
    # when
    with desk.client("jingban").get(path) as answer:
        content = answer.data
    # then
    assert f'href="{path}"' in page and "打印 PDF" in page
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"] == f"attachment; filename={notice.number}.pdf"
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer.headers["Cache-Control"] == "no-store"
    (text,) = page_texts(content)
    township = desk.office(desk.tree.township).name
    for part in (f"{township}受理通知书文号：{notice.number}陈德明：", f"{township}（盖章）"):
        assert part in text
    for paragraph in notice.content["paragraphs"]:
        assert "".join(paragraph.split()) in text


def test_that_it_was_printed_is_noted(desk: Desk, case_id: str) -> None:
    # given
    notice = notice_of(desk, case_id)
    # when
    desk.client("fenguan").get(path_of(desk, case_id)).close()
    # then
    with desk.app.app_context():
        record = (
            db_session()
            .scalars(select(AccessRecord).where(AccessRecord.actor_id == desk.accounts["fenguan"]))
            .one()
        )
        assert (record.kind, record.subject_id) == ("printed", case_id)
        assert orjson.loads(record.body)["data"] == {"notice": notice.id}


def test_who_does_not_see_the_case_gets_no_paper(desk: Desk, case_id: str) -> None:
    # given
    path, other = path_of(desk, case_id), desk.open_case(order=103, name="周大海")
    make_account(desk.app, desk.tree, "anquan", Role.SECURITY_ADMIN, desk.tree.district)
    assert sign_in(stranger := desk.app.test_client(), "anquan").status_code == 303
    # when / then: another township, a role without notices, the notice under another case
    assert desk.client("waizhen").get(path).status_code == 404
    assert stranger.get(path).status_code == 403
    assert desk.client("jingban").get(path.replace(case_id, other)).status_code == 404


@pytest.mark.parametrize("signed", ["开州区民政局", ""])
def test_a_notice_of_the_district_bears_its_signature_and_an_older_one_its_name(
    desk: Desk, case_id: str, signed: str
) -> None:
    # given
    content = {
        **notice_of(desk, case_id).content,
        "issuer": "district",
        "recipient": "objector",
        "signed_as": signed,
    }
    with desk.app.app_context(), transaction(db_session()) as session:
        session.execute(update(Notice).where(Notice.case_id == case_id).values(content=content))
        district = signed or session.get_one(Office, desk.tree.district).name
    path = path_of(desk, case_id)
    # when
    page = desk.client("jingban").get(path.removesuffix(".pdf")).text
    with desk.client("jingban").get(path) as answer:
        (text,) = page_texts(answer.data)
    # then: nobody is addressed by name who is not on the household
    assert district in page
    assert text.startswith(f"{district}受理通知书")
    assert "陈德明" not in text and "陈德明：" not in page


def test_without_a_font_the_answer_is_a_sentence(desk: Desk, case_id: str, tmp_path: Path) -> None:
    # given
    path = path_of(desk, case_id)
    desk.app.extensions["doudi"] = replace(desk.config, notice_font=tmp_path / "nowhere.ttf")
    # when
    answer = desk.client("jingban").get(path)
    page = desk.client("jingban").get(path.removesuffix(".pdf"))
    # then
    assert answer.status_code == 503
    assert "服务器没有安装中文字体" in answer.text and "请把这一情况告诉系统管理员" in answer.text
    assert page.status_code == 200

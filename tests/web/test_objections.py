"""The public page of a posting's code: what anybody may see and do without an account."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from models.assistance import Objection, Publicity
from models.postings import PostingSheet
from tests.documents.test_notice_pdf import page_texts
from tests.web.desk import Desk, pdf, statements
from web.database import current_moment, db_session
from workflows.calendar import local_day
from workflows.runtime.objections import MOST_PER_ADDRESS
from workflows.runtime.starting import start_case
from workflows.transaction import transaction


@pytest.fixture
def case_id(desk: Desk) -> str:
    """A publicity of 特困 with 827 yuan a month, its sheet ready to be printed."""
    applied = desk.case(desk.open_case())
    now = current_moment()
    with desk.app.app_context(), transaction(db_session()) as session:
        return start_case(
            session, "publicity", desk.config.keys.ring, township_id=applied.township_id,
            village_id=desk.tree.village, household_id=applied.household_id,
            variables={"programme": "tekun", "again": False, "round": 1, "days": 7,
                       "not_before": local_day(now), "amount": 827},
            actor=desk.actor("jingban"), now=now,
        ).id  # fmt: skip


@pytest.fixture
def code(desk: Desk, case_id: str) -> str:
    """The code of the sheet that the assistant has hung today."""
    desk.do(
        "xieli", case_id, "Task_PostPublicity",
        f_posted_on=local_day(current_moment()).isoformat(), f_publicity_place="村务公开栏",
        u_publicity_photos=pdf(),
    )  # fmt: skip
    with desk.app.app_context():
        found = db_session().scalars(select(Publicity.code)).one()
    assert found is not None
    return found


def send(client: FlaskClient, code: str, **fields: str) -> TestResponse:
    """Send the form as the page has it."""
    page = client.get(f"/objection/{code}").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token is not None
    return client.post(f"/objection/{code}", data={"csrf_token": token[1], **fields})


def test_anybody_objects_without_an_account_and_gets_a_receipt(
    desk: Desk, client: FlaskClient, case_id: str, code: str
) -> None:
    # given
    page = client.get(f"/objection/{code[:4]}-{code[4:]}")
    assert page.status_code == 200
    assert "827.00" in page.text and "每月金额" in page.text
    # when
    answer = send(client, code, content="此人有两套房")
    # then
    assert answer.status_code == 303
    shown = client.get(answer.location).text
    receipt = f"YY-{local_day(current_moment()).year}-000001"
    assert receipt in shown and "已经收到" in shown
    assert receipt not in client.get(answer.location).text
    assert desk.task(case_id, "Task_HandleObjection")
    with desk.app.app_context():
        kept = db_session().scalars(select(Objection)).one()
        assert (kept.kind, kept.detail["receipt"]) == ("objection", receipt)


def test_the_page_shows_no_name_no_number_and_no_case(
    desk: Desk, client: FlaskClient, case_id: str, code: str
) -> None:
    # when
    pages = [client.get(f"/objection/{code}").text, send(client, code, content="").text]
    # then
    for page in pages:
        for hidden in ("陈德明", "李素芳", "500154", case_id, desk.case(case_id).number):
            assert hidden not in page


def test_once_the_period_is_over_nothing_is_shown_and_a_complaint_can_be_made(
    desk: Desk, client: FlaskClient, code: str
) -> None:
    # given
    with desk.app.app_context(), transaction(db_session()) as session:
        past = local_day(current_moment()) - timedelta(days=1)
        session.execute(update(Publicity).values(posted_on=past, last_on=past))
    # when
    page = client.get(f"/objection/{code}").text
    answer = send(client, code, content="此人有两套房", name="张三", contact="13800000000")
    # then
    assert "827.00" not in page and "公示期已经结束" in page
    assert answer.status_code == 303
    with desk.app.app_context():
        assert db_session().scalars(select(Objection.kind)).all() == ["complaint"]


def test_a_wrong_code_is_answered_alike_whatever_is_sent(
    desk: Desk, client: FlaskClient, code: str
) -> None:
    # given
    wrong = "BCDFGHJKMNPQ" if code != "BCDFGHJKMNPQ" else "BCDFGHJKMNPR"
    token = re.search(r'name="csrf-token" content="([^"]+)"', client.get("/objection").text)
    assert token is not None
    # when
    answers = [
        client.get(f"/objection/{wrong}"),
        client.post(f"/objection/{wrong}", data={"csrf_token": token[1], "content": "x"}),
    ]
    # then
    assert [answer.status_code for answer in answers] == [404, 404]
    assert all("没有这个编码的公示" in answer.text for answer in answers)


def test_without_the_token_of_the_page_nothing_is_taken(
    desk: Desk, client: FlaskClient, code: str
) -> None:
    # when
    answer = client.post(f"/objection/{code}", data={"content": "此人有两套房"})
    # then
    assert answer.status_code == 400
    with desk.app.app_context():
        assert db_session().scalars(select(Objection)).all() == []


def test_too_many_from_one_address_have_to_wait(desk: Desk, client: FlaskClient, code: str) -> None:
    # given
    for _ in range(MOST_PER_ADDRESS):
        assert send(client, code, content="").status_code == 422
    # when
    answer = send(client, code, content="此人有两套房")
    # then
    assert answer.status_code == 429
    assert "15分钟" in answer.text and "此人有两套房" in answer.text
    with desk.app.app_context():
        assert db_session().scalars(select(Objection)).all() == []


def test_the_page_is_in_english_too(desk: Desk, client: FlaskClient, code: str) -> None:
    # given
    token = re.search(r'name="csrf-token" content="([^"]+)"', client.get("/objection").text)
    assert token is not None
    client.post("/language", data={"csrf_token": token[1], "locale": "en", "next": "/objection"})
    # when
    page = client.get(f"/objection/{code}").text
    # then
    assert "Object to a posting" in page and "You may stay anonymous" in page


def test_the_page_costs_one_statement(desk: Desk, client: FlaskClient, code: str) -> None:
    # when
    with statements(desk.app) as sent:
        client.get(f"/objection/{code}")
    # then
    assert len(sent) == 1


def test_the_sheet_is_printed_with_the_name_the_lawful_fields_and_the_code_alone(
    desk: Desk, case_id: str
) -> None:
    # given
    with desk.app.app_context():
        sheet = db_session().scalars(select(PostingSheet)).one()
        sheet_id, code = sheet.id, sheet.code
    materials = desk.client("xieli").get(f"/cases/{case_id}/materials").text
    path = f"/cases/{case_id}/postings/{sheet_id}.pdf"
    # when
    with desk.client("xieli").get(path) as answer:
        content = answer.data
    # then
    assert f'href="{path}"' in materials
    assert answer.status_code == 200 and answer.headers["Content-Type"] == "application/pdf"
    (text,) = page_texts(content)
    for part in ("特困人员救助供养初审公示", "申请人姓名：陈德明", "827.00", "公示期：", code):
        assert part.replace(" ", "") in text.replace(" ", "")
    for hidden in ("500154", "1975", "李素芳", "房"):
        assert hidden not in text
    with desk.client("xieli").get(path) as again:
        assert again.data == content
    assert desk.client("waizhen").get(path).status_code == 404

"""复议、诉讼、信访、投诉举报: registered, listed, exported, and the complainant kept secret."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update
from werkzeug.test import TestResponse

from models.assistance import Notice
from models.cases import Case
from models.remedies import Recusal, Remedy
from models.trail import AccessRecord, TrailEntry
from models.types import new_id
from tests.web.desk import Desk, accept, said, statements
from tests.web.relief import today
from web.database import db_session
from workflows.transaction import transaction

REVIEW = {
    "f_filed_on": "today",
    "f_learnt_on": "today",
    "f_review_body": "某区人民政府",
    "f_request": "撤销决定",
}
COMPLAINT = {
    "f_filed_on": "today",
    "f_complaint_channel": "phone",
    "f_complaint_about": "staff",
    "f_concerned_staff": "shenhe先生",
    "f_complaint_content": "收礼",
}


def send(desk: Desk, process: str, login: str = "jingban", **fields: Any) -> TestResponse:
    """Send the form of a remedy as the page does."""
    given = {"request_key": new_id().replace("-", ""), "verb": "submit", **fields}
    day = today().isoformat()
    told = {name: day if value == "today" else value for name, value in given.items()}
    return desk.post(login, f"/remedies/new/{process}", **told)


def case_of(desk: Desk, kind: str) -> Case:
    """The case of the newest remedy of a kind."""
    with desk.app.app_context():
        return (
            db_session()
            .scalars(
                select(Case)
                .join(Remedy, Remedy.case_id == Case.id)
                .where(Remedy.kind == kind)
                .order_by(Case.id.desc())
            )
            .all()[0]
        )


def reviewed(desk: Desk) -> tuple[Case, Case]:
    """A case, and the review of its decision."""
    against = desk.case(desk.open_case())
    answer = send(desk, "administrative_review", h_number=against.number, h_name="陈德明", **REVIEW)
    assert answer.status_code == 303, said(answer)
    return against, case_of(desk, "review")


def complained(desk: Desk, login: str = "jingban", **changes: Any) -> Case:
    """A named complaint about a reviewer of the district."""
    given = {**COMPLAINT, "h_name": "王小声", "h_phone": "13900000002", **changes}
    answer = send(desk, "complaint", login, **given)
    assert answer.status_code == 303, said(answer)
    return case_of(desk, "complaint")


def test_a_review_begins_with_the_number_of_the_decision(desk: Desk) -> None:
    # given
    against = desk.case(desk.open_case())
    client = desk.client("jingban")
    # when
    found = client.get("/remedies/new", query_string={"number": against.number.lower()}).text
    missing = client.get("/remedies/new?number=NIX-1")
    without = send(desk, "administrative_review", h_name="陈德明", **REVIEW)
    # then
    assert f"/remedies/new/administrative_review?number={against.number}" in found
    assert missing.status_code == 404 and "找不到编号为" in missing.text
    assert "/remedies/new/administrative_review" not in missing.text
    assert without.status_code == 422 and "请填写告知书或者办件的编号" in without.text


def test_the_day_of_service_is_filled_in_and_a_late_review_is_registered_and_marked(
    desk: Desk,
) -> None:
    # given
    case_id = desk.open_case()
    accept(desk, case_id)
    served = today() - timedelta(days=90)
    with desk.app.app_context(), transaction(db_session()) as session:
        session.execute(update(Notice).where(Notice.case_id == case_id).values(served_on=served))
        number = session.scalars(select(Notice.number).where(Notice.case_id == case_id)).one()
    # when
    page = desk.client("jingban").get(f"/remedies/new/administrative_review?number={number}").text
    told = {**REVIEW, "f_learnt_on": served.isoformat()}
    answer = send(desk, "administrative_review", h_number=number, h_name="陈德明", **told)
    # then
    assert re.search(rf'name="f_learnt_on"[^>]*value="{served.isoformat()}"', page)
    assert answer.status_code == 303
    review = case_of(desk, "review")
    assert "超过期限" in desk.client("jingban").get(f"/cases/{review.id}").text
    with desk.app.app_context():
        kept = db_session().scalars(select(Remedy)).one()
    assert kept.late and kept.notice_id is not None


def test_the_case_and_the_household_show_the_review_and_the_review_its_case(desk: Desk) -> None:
    # given
    against, review = reviewed(desk)
    client = desk.client("shenhe")
    # when
    pages = [client.get(f"/cases/{one.id}").text for one in (against, review)]
    household = client.get(f"/cases/{against.id}/household").text
    # then
    assert review.number in pages[0] and against.number in pages[1]
    assert "不停止执行" in pages[1] and "陈德明" in pages[1]
    assert review.number in household


def test_the_register_is_narrowed_by_kind_state_and_office(desk: Desk) -> None:
    # given
    _, review = reviewed(desk)
    client = desk.client("shenhe")
    # when
    shown = {
        query: review.number in client.get(f"/remedies?{query}").text
        for query in (
            "", "kind=review", "kind=lawsuit", "state=open", "state=closed", "kind=nonsense",
            f"office={desk.tree.township}", f"office={desk.tree.other_township}", "after=x",
        )
    }  # fmt: skip
    # then
    assert [query for query, there in shown.items() if not there] == [
        "kind=lawsuit",
        "state=closed",
        f"office={desk.tree.other_township}",
    ]
    assert review.number not in desk.client("waizhen").get("/remedies").text


def test_the_register_takes_the_same_statements_however_long_it_is(desk: Desk) -> None:
    # given
    _, first = reviewed(desk)
    client = desk.client("shenhe")
    with statements(desk.app) as few:
        client.get("/remedies")
    for order in (111, 112, 113):
        against = desk.case(desk.open_case(order))
        send(desk, "administrative_review", h_number=against.number, h_name="甲", **REVIEW)
    # when
    with statements(desk.app) as many:
        page = client.get("/remedies").text
    # then
    assert len(many) == len(few)
    assert page.count("case-link") == 4 and first.number in page


def test_the_file_for_auditors_has_every_row_no_name_and_is_recorded(desk: Desk) -> None:
    # given
    against, review = reviewed(desk)
    # when
    answer = desk.client("shenji").get("/remedies/register.csv?kind=review")
    # then
    rows = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert rows[0][:3] == ["种类", "办件编号", "针对的办件"]
    assert [row[:3] for row in rows[1:]] == [["行政复议", review.number, against.number]]
    assert "陈德明" not in answer.text
    with desk.app.app_context():
        kinds = db_session().scalars(select(AccessRecord.kind)).all()
    assert "downloaded" in kinds


def test_who_complained_stands_on_no_page_and_in_no_plain_column(desk: Desk) -> None:
    # given
    complaint = complained(desk)
    client = desk.client("queren")
    # when
    pages = [
        client.get(path).text
        for path in ("/remedies", f"/cases/{complaint.id}", f"/cases/{complaint.id}/trail",
                     "/remedies/register.csv", "/cases")
    ]  # fmt: skip
    # then
    assert all("王小声" not in page and "13900000002" not in page for page in pages)
    assert "实名，已保密" in pages[0] and "为投诉举报人保密" in pages[1]
    with desk.app.app_context():
        bodies = db_session().scalars(
            select(TrailEntry.body).where(TrailEntry.subject_id == complaint.id)
        )
        kept = b"".join(bodies).decode()
    assert "王小声" not in kept and "收礼" not in kept


def test_the_name_is_shown_to_who_may_and_the_look_is_recorded(desk: Desk) -> None:
    # given
    complaint = complained(desk)
    page = desk.client("queren").get(f"/cases/{complaint.id}").text
    found = re.search(r"/remedies/[-0-9a-f]{36}/party", page)
    assert found is not None
    # when
    shown = desk.post("queren", found[0])
    hidden = [desk.post(login, found[0]).status_code for login in ("shenhe", "jingban")]
    # then
    assert "王小声" in shown.text and "13900000002" in shown.text
    assert hidden == [404, 404]
    with desk.app.app_context():
        records = (
            db_session().scalars(select(AccessRecord).where(AccessRecord.kind == "revealed")).all()
        )
    assert [record.subject_id for record in records] == [complaint.id]


def test_whom_a_complaint_is_about_finds_it_nowhere(desk: Desk) -> None:
    # given
    complaint = complained(desk)
    client = desk.client("shenhe")
    # when
    task = re.search(r"/work/tasks/[-0-9a-f]{36}", desk.client("queren").get("/cases").text)
    pages = [client.get(path).text for path in ("/work", "/remedies", "/cases", "/work/alerts")]
    answers = [
        client.get(path).status_code
        for path in (f"/cases/{complaint.id}", f"/cases/{complaint.id}/trail",
                     f"/cases/{complaint.id}/diagram", f"/cases/{complaint.id}/materials")
    ]  # fmt: skip
    # then
    assert task is None
    assert all(complaint.number not in page for page in pages)
    assert answers == [404, 404, 404, 404]
    with desk.app.app_context():
        recused = db_session().scalars(select(Recusal.account_id)).all()
    assert recused == [desk.accounts["shenhe"]]


def test_a_township_registers_a_complaint_and_sees_it_no_more(desk: Desk) -> None:
    # given
    complaint = complained(desk, f_concerned_staff="某人")
    # when
    township = [
        desk.client(login).get(f"/cases/{complaint.id}").status_code
        for login in ("jingban", "fenguan", "xieli")
    ]
    district = [
        desk.client(login).get(f"/cases/{complaint.id}").status_code
        for login in ("shenhe", "queren", "shenji")
    ]
    # then
    assert township == [404, 404, 404] and district == [200, 200, 200]
    assert complaint.number not in desk.client("jingban").get("/remedies").text


def test_nobody_registers_a_complaint_about_themselves(desk: Desk) -> None:
    # given
    about = {**COMPLAINT, "f_concerned_staff": "jingban先生"}
    # when
    answer = send(desk, "complaint", h_name="王小声", **about)
    # then
    assert answer.status_code == 403 and "须由其他人员登记" in answer.text
    with desk.app.app_context():
        assert db_session().scalars(select(Remedy)).all() == []


def test_a_petition_needs_a_township_where_it_goes_against_nothing(desk: Desk) -> None:
    # given
    told = {"f_filed_on": "today", "f_petition_source": "visit", "f_matter": "道路失修"}
    # when
    without = send(desk, "petition", "shenhe", h_name="甲", **told)
    named = send(desk, "petition", "shenhe", h_name="甲", h_office=desk.tree.other_township, **told)
    nobody = send(desk, "petition", "shenhe", h_office=desk.tree.other_township, **told)
    # then
    assert without.status_code == 422 and "请选择镇乡街道" in without.text
    assert named.status_code == 303
    assert nobody.status_code == 422 and "请填写姓名" in nobody.text
    assert case_of(desk, "petition").township_id == desk.tree.other_township


def test_the_same_form_twice_registers_once(desk: Desk) -> None:
    # given
    against = desk.case(desk.open_case())
    told = {"h_number": against.number, "h_name": "陈德明", "request_key": "b" * 32, **REVIEW}
    # when
    answers = [send(desk, "administrative_review", **told) for _ in range(2)]
    # then
    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0].location == answers[1].location
    with desk.app.app_context():
        assert len(db_session().scalars(select(Remedy)).all()) == 1

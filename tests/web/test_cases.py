"""The pages of a case: who sees them, what they show, what they cost, what is noted."""

from __future__ import annotations

import re

import orjson
import pytest
from sqlalchemy import select

from models.assistance import Notice
from models.trail import AccessRecord
from tests.runtime.district import id_number
from tests.web.desk import Desk, accept, investigate, pdf, said, statements
from web.database import db_session

#: The parts of a case's page, and the statements that each may take.
PARTS = {
    "": 15, "/household": 13, "/calculation": 12, "/materials": 7, "/diagram": 6, "/trail": 8,
}  # fmt: skip


@pytest.fixture
def case_id(desk: Desk) -> str:
    """A case whose survey and information check are done."""
    made = desk.open_case()
    accept(desk, made)
    investigate(desk, made)
    return made


def test_every_part_of_a_case_is_shown_within_its_statements(desk: Desk, case_id: str) -> None:
    # given
    client = desk.client("jingban")
    client.get("/work")
    for part, most in PARTS.items():
        # when
        with statements(desk.app) as sent:
            page = client.get(f"/cases/{case_id}{part}")
        # then
        assert page.status_code == 200
        assert len(sent) <= most, f"{part}: {len(sent)}\n" + "\n".join(sent)
        assert "陈德明" in page.text


def test_a_case_is_not_there_for_another_township_and_readable_for_the_auditor(
    desk: Desk, case_id: str
) -> None:
    # when
    stranger = [desk.client("waizhen").get(f"/cases/{case_id}{part}") for part in PARTS]
    auditor = [desk.client("shenji").get(f"/cases/{case_id}{part}") for part in PARTS]
    # then
    assert {page.status_code for page in stranger} == {404}
    assert {page.status_code for page in auditor} == {200}


def test_looking_at_a_case_is_noted(desk: Desk, case_id: str) -> None:
    # when
    desk.client("shenhe").get(f"/cases/{case_id}/household")
    # then
    with desk.app.app_context():
        rows = db_session().scalars(
            select(AccessRecord).where(
                AccessRecord.subject_id == case_id,
                AccessRecord.actor_id == desk.accounts["shenhe"],
            )
        )
        bodies = [orjson.loads(row.body) for row in rows]
    assert {"page": "household"} in [body["data"] for body in bodies]


def test_a_number_is_masked_until_it_is_revealed_and_that_is_noted(
    desk: Desk, case_id: str
) -> None:
    # given
    number = id_number("1975-03-02", 101)
    page = desk.client("jingban").get(f"/cases/{case_id}/household").text
    assert number not in page
    path = re.search(r'action="(/cases/[^"]+/reveal)"', page)
    assert path is not None
    # when
    shown = desk.post("jingban", path[1])
    # then
    assert number in shown.text
    with desk.app.app_context():
        kinds = db_session().scalars(
            select(AccessRecord.kind).where(AccessRecord.subject_kind == "person")
        )
        assert list(kinds) == ["revealed"]


def test_an_assistant_may_not_reveal_a_number(desk: Desk, case_id: str) -> None:
    # given
    page = desk.client("jingban").get(f"/cases/{case_id}/household").text
    path = re.search(r'action="(/cases/[^"]+/reveal)"', page)
    assert path is not None
    # when
    answer = desk.post("xieli", path[1])
    # then
    assert answer.status_code == 403
    assert "reveal" not in desk.client("xieli").get(f"/cases/{case_id}/household").text


def test_the_calculation_names_clauses_parameters_and_what_is_a_default(
    desk: Desk, case_id: str
) -> None:
    # when
    page = desk.client("fenguan").get(f"/cases/{case_id}/calculation").text
    # then
    assert "农村最低生活保障标准" in page
    assert "规则包：RP-" in page and "按区级决定之日选用" in page
    assert "默认值·无本地依据" in page
    assert "最低生活保障审核确认办法" in page
    assert "工资性收入" in page


def test_a_deadline_that_rests_on_a_default_says_so(desk: Desk, case_id: str) -> None:
    # when
    page = desk.client("fenguan").get(f"/cases/{case_id}").text
    # then the days for the opinion have no local source, the days for the survey have one
    assert "提出初审意见 = 12 工作日" in page and "应由开州区民政局确认" in page
    assert "启动家庭经济状况调查 = 3" not in page


def test_the_diagram_knows_where_the_case_stands(desk: Desk, case_id: str) -> None:
    # when
    page = desk.client("fenguan").get(f"/cases/{case_id}/diagram?process=dibao_opinion")
    found = re.search(r'data-diagram-state="([^"]+)"', page.text)
    # then
    assert found is not None
    state = orjson.loads(found[1].replace("&#34;", '"'))
    assert {"Task_Opinion", "Activity_Opinion", "SP_Handle"} <= set(state["current"])
    assert "Task_Survey" in state["visited"]
    assert not {"Task_Opinion"} & set(state["visited"])


def test_the_trail_tells_who_entered_what(desk: Desk, case_id: str) -> None:
    # when
    page = desk.client("jingban").get(f"/cases/{case_id}/trail").text
    # then
    assert "登记入户调查" in page
    assert "土墙房三间" in page
    assert "jingban先生" in page


def test_a_notice_is_printable(desk: Desk, case_id: str) -> None:
    # given
    with desk.app.app_context():
        notice_id = db_session().scalar(select(Notice.id).where(Notice.case_id == case_id))
    # when
    page = desk.client("jingban").get(f"/cases/{case_id}/notices/{notice_id}").text
    # then
    assert '<article class="document">' in page
    assert "受理通知书" in page


def test_a_withdrawal_is_reported_and_ends_the_case(desk: Desk, case_id: str) -> None:
    # given
    path = f"/cases/{case_id}/events/application.withdrawn"
    assert path in desk.client("jingban").get(f"/cases/{case_id}").text
    version = re.search(r'name="version" value="(\d+)"', desk.client("jingban").get(path).text)
    assert version is not None
    fields = {"version": version[1], "f_withdrawn_on": "2026-01-06"}
    # when
    refused = desk.post("jingban", path, **fields)
    done = desk.post(
        "jingban", path, **fields, f_withdrawal_reason="不再需要", u_withdrawal_files=pdf()
    )
    # then
    assert refused.status_code == 422
    assert "撤回原因" in said(refused)
    assert done.status_code == 303, said(done)
    assert desk.case(case_id).outcome == "withdrawn"
    assert desk.post("jingban", path, **fields).status_code in (404, 409)


def test_the_list_is_narrowed_and_searched(desk: Desk, case_id: str) -> None:
    # given
    other = desk.open_case(102, name="向光荣")
    # when
    everything = desk.client("shenhe").get("/cases").text
    accepted = desk.client("shenhe").get("/cases?status=acceptance").text
    named = desk.post("shenhe", "/cases/search", q="向光荣").text
    future = desk.client("shenhe").get("/cases?first_on=2199-01-01").text
    # then
    assert case_id in everything
    assert other in everything
    assert case_id not in accepted
    assert other in accepted
    assert case_id not in named
    assert other in named
    assert "没有符合条件的办件" in future

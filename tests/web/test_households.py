"""The pages of a household: members over time, changes begun, what else is open, duplicates."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from models.cases import Case, CaseState
from models.household_changes import HouseholdChange
from models.households import Household, HouseholdMember
from tests.runtime.district import id_number
from tests.web.desk import Desk, said, statements
from web.database import db_session
from workflows.transaction import transaction


@pytest.fixture
def case_id(desk: Desk) -> str:
    """An application at its first step."""
    return desk.open_case()


def household_of(desk: Desk, case_id: str) -> str:
    """The id of the case's household."""
    found = desk.case(case_id).household_id
    assert found is not None
    return found


def begun(desk: Desk, household_id: str, login: str = "jingban", **fields: str) -> TestResponse:
    """A change begun at the counter."""
    return desk.post(login, f"/households/{household_id}/changes/new", **fields)


def newest(desk: Desk) -> Case:
    """The case that was opened last."""
    with desk.app.app_context():
        found = db_session().scalars(select(Case).order_by(Case.id.desc())).first()
        assert found is not None
        db_session().expunge(found)
        return found


def test_a_household_is_shown_with_its_members_and_cases(desk: Desk, case_id: str) -> None:
    # given
    household = household_of(desk, case_id)
    client = desk.client("jingban")
    client.get("/work")
    # when
    with statements(desk.app) as sent:
        page = client.get(f"/households/{household}")
    # then
    assert page.status_code == 200 and len(sent) <= 11, "\n".join(sent)
    assert "陈德明" in page.text and "李素芳" in page.text and "户主" in page.text
    assert desk.case(case_id).number in page.text
    assert id_number("1975-03-02", 101) not in page.text
    assert desk.client("waizhen").get(f"/households/{household}").status_code == 404


def test_a_change_is_begun_shown_everywhere_and_not_twice(desk: Desk, case_id: str) -> None:
    # given
    household = household_of(desk, case_id)
    # when
    answer = begun(desk, household, kind="split")
    # then
    assert answer.status_code == 303, said(answer)
    change = newest(desk)
    assert change.process_key == "household_change"
    for page in (f"/cases/{case_id}", f"/households/{household}"):
        assert change.number in desk.client("jingban").get(page).text
    task = desk.task(case_id, "Task_CheckMaterials")
    assert change.number in desk.client("jingban").get(f"/work/tasks/{task}").text
    # when: once more
    again = begun(desk, household, kind="head")
    # then
    assert again.status_code == 409 and "正在办理" in said(again)
    # and the first task of the change offers the members without naming their numbers
    form = desk.client("jingban").get(f"/work/tasks/{desk.task(change.id, 'Task_RegisterFamily')}")
    assert "李素芳 · 配偶（1977年6月生）" in form.text and case_number(desk, case_id) in form.text


def case_number(desk: Desk, case_id: str) -> str:
    """The number of a case."""
    return desk.case(case_id).number


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"kind": "merge", "id_number": "123"}, "身份证"),
        ({"kind": "merge", "id_number": id_number("1990-01-01", 700)}, "没有找到另一个家庭"),
        ({"kind": "join", "id_number": id_number("2022-01-01", 701)}, "姓名"),
        ({"kind": "township"}, "请选择另一个镇乡"),
        ({"kind": "else"}, "请从列表中选择"),
        ({}, "请填写"),
    ],
)
def test_what_is_wrong_with_a_change_is_said_before_it_begins(
    desk: Desk, case_id: str, fields: dict[str, str], wrong: str
) -> None:
    # when
    answer = begun(desk, household_of(desk, case_id), **fields)
    # then
    assert answer.status_code == 422 and wrong in said(answer)
    assert newest(desk).id == case_id
    with desk.app.app_context():
        assert db_session().scalars(select(HouseholdChange)).all() == []


def test_a_case_of_another_township_is_told_without_its_number(desk: Desk, case_id: str) -> None:
    # given: the household lies here, its open case at another township
    household = household_of(desk, case_id)
    begun(desk, household, kind="split")
    change = newest(desk)
    with desk.app.app_context(), transaction(db_session()) as session:
        session.get_one(Case, change.id).township_id = desk.tree.other_township
    # when
    page = desk.client("jingban").get(f"/cases/{case_id}").text
    # then
    assert change.number not in page and "正在办理另一件（家庭变动）" in page


def test_concerns_cost_one_statement_however_many_there_are(desk: Desk, case_id: str) -> None:
    # given
    client = desk.client("jingban")
    client.get(f"/cases/{case_id}")
    with statements(desk.app) as alone:
        client.get(f"/cases/{case_id}")
    begun(desk, household_of(desk, case_id), kind="split")
    # when
    with statements(desk.app) as together:
        client.get(f"/cases/{case_id}")
    # then
    assert len(together) == len(alone)


def test_a_list_of_another_district_blocks_until_it_is_settled(desk: Desk) -> None:
    # given
    text = f"id_number,programme,standing\n{id_number('1977-06-11', 101)},dibao,receiving\n"
    answer = desk.post(
        "shenhe", "/elsewhere", source="万州区", listed_on="2026-01-05",
        list=(io.BytesIO(text.encode()), "名单.csv"),
    )  # fmt: skip
    assert answer.status_code == 303, said(answer)
    assert "万州区" in desk.client("shenhe").get("/elsewhere").text
    case_id = desk.open_case()
    # when
    page = desk.client("jingban").get(f"/cases/{case_id}").text
    # then
    assert "核实以前不能受理" in page and "李素芳" in page and "万州区" in page
    refused = desk.complete(
        "jingban", case_id, "Task_CheckMaterials", f_materials_result="complete",
        m_materials_received="最低生活保障申请书",
    )  # fmt: skip
    assert refused.status_code in {409, 422} and desk.case(case_id).accepted_on is None
    # when: the note is missing, then it is there
    source = page.partition('name="source_id" value="')[2].partition('"')[0]
    sent = {"source": "elsewhere", "source_id": source, "result": "ended_there"}
    desk.post("jingban", f"/cases/{case_id}/duplicates", **sent)
    assert "核实以前不能受理" in desk.client("jingban").get(f"/cases/{case_id}").text
    desk.post("jingban", f"/cases/{case_id}/duplicates", **sent, note="来函说明已经停发")
    # then
    assert "核实以前不能受理" not in desk.client("jingban").get(f"/cases/{case_id}").text


def test_only_the_reviewer_records_lists(desk: Desk) -> None:
    # when / then
    assert desk.client("jingban").get("/elsewhere").status_code == 403
    wrong = desk.post("shenhe", "/elsewhere", source="", listed_on="2026-01-05")
    assert wrong.status_code == 422


def test_a_closed_case_shows_the_household_as_it_was(desk: Desk, case_id: str) -> None:
    # given: a child joins after the case was closed
    household = household_of(desk, case_id)
    with desk.app.app_context(), transaction(db_session()) as session:
        case = session.get_one(Case, case_id)
        row = session.scalars(
            select(HouseholdMember).where(
                HouseholdMember.household_id == household, HouseholdMember.relation == "spouse"
            )
        ).one()
        case.state, case.closed_at = CaseState.CLOSED, row.recorded_at + timedelta(hours=1)
        row.superseded_at = row.recorded_at + timedelta(hours=2)
        assert session.get_one(Household, household).closed_on is None
    # when
    then = desk.client("jingban").get(f"/cases/{case_id}/household").text
    now = desk.client("jingban").get(f"/households/{household}").text
    # then
    assert "李素芳" in then and "家庭成员（2人）" in then
    assert "李素芳" in now and now.count("现有</span>") == 1

"""Tasks over HTTP: filled in, refused with everything said, returned, kept as drafts."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from models.assistance import NearRelativeFiling
from models.cases import Incident
from models.plumbing import Draft
from models.trail import TrailEntry
from models.types import new_id
from tests.web.desk import ACCEPT, SURVEY, Desk, accept, hidden, investigate, pdf, said, statements
from tests.web.people import LONG_AGO, csrf_token
from web.database import db_session
from workflows.calendar import local_day
from workflows.runtime.worker import fire_due
from workflows.transaction import transaction


def test_an_empty_form_is_refused_with_every_finding_at_its_field(desk: Desk) -> None:
    # given
    case_id = desk.open_case()
    accept(desk, case_id)
    desk.do(
        "jingban", case_id, "Task_StartSurvey", f_survey_started_on="2026-01-06",
        m_survey_team=[desk.accounts["jingban"], desk.accounts["jingban2"]],
    )  # fmt: skip
    # when
    answer = desk.complete(
        "jingban", case_id, "Task_Survey", f_living_situation="土墙房", f_survey_method="home"
    )
    # then
    assert answer.status_code == 422
    for key in ("survey_on", "surveyors", "member_present", "survey_findings", "survey_sheet"):
        assert f'href="#f-{key}"' in answer.text
        assert f'id="f-{key}"' in answer.text
    assert "土墙房" in answer.text
    assert desk.task(case_id, "Task_Survey")


def test_a_completed_task_moves_the_case_and_drops_the_draft(desk: Desk) -> None:
    # given
    case_id = desk.open_case()
    task_id = desk.task(case_id, "Task_CheckMaterials")
    desk.post("jingban", f"/work/tasks/{task_id}/draft", f_missing_note="草稿")
    # when
    accept(desk, case_id)
    # then
    assert desk.case(case_id).accepted_on is not None
    with desk.app.app_context():
        assert db_session().scalar(select(func.count()).select_from(Draft)) == 0


def test_a_draft_is_there_after_signing_in_again_and_can_be_dropped(desk: Desk) -> None:
    # given
    case_id = desk.open_case()
    task_id = desk.task(case_id, "Task_CheckMaterials")
    saved = desk.post(
        "jingban", f"/work/tasks/{task_id}/draft",
        f_materials_result="incomplete", f_missing_note="缺授权书",
    )  # fmt: skip
    assert saved.status_code == 204
    desk.clients.clear()
    # when
    page = desk.client("jingban").get(f"/work/tasks/{task_id}")
    # then
    assert "已恢复您" in page.text
    assert "缺授权书" in page.text
    with desk.app.app_context():
        content = db_session().scalar(select(Draft.content)) or b""
        assert "缺授权书".encode() not in content
    # when
    desk.post("jingban", f"/work/tasks/{task_id}/draft/drop")
    # then
    assert "缺授权书" not in desk.client("jingban").get(f"/work/tasks/{task_id}").text


def test_a_stale_screen_keeps_what_was_typed_and_says_what_changed(desk: Desk) -> None:
    # given
    case_id = desk.open_case()
    accept(desk, case_id)
    task_id = desk.task(case_id, "Task_RequestInfoCheck")
    old = hidden(desk.client("jingban").get(f"/work/tasks/{task_id}").text)
    desk.do(
        "jingban2", case_id, "Task_StartSurvey", f_survey_started_on="2026-01-06",
        m_survey_team=[desk.accounts["jingban"], desk.accounts["jingban2"]],
    )  # fmt: skip
    fields = {
        "f_authorisation_complete": "true",
        "m_info_check_scope": ["tax"],
        "f_info_check_note": "请优先核对",
        "u_authorisation_files": pdf(),
    }
    # when
    answer = desk.post("jingban", f"/work/tasks/{task_id}", **old, **fields, verb="complete")
    # then
    assert answer.status_code == 409
    assert "请优先核对" in answer.text
    assert "启动入户调查" in answer.text
    assert hidden(answer.text)["version"] != old["version"]
    # when: what the page now carries is sent again, with the file that it kept
    kept = re.search(r'name="m_authorisation_files" value="([^"]+)"', answer.text)
    assert kept is not None
    del fields["u_authorisation_files"]
    again = desk.post(
        "jingban", f"/work/tasks/{task_id}", **hidden(answer.text), **fields,
        m_authorisation_files=kept[1], verb="complete",
    )  # fmt: skip
    # then
    assert again.status_code == 303, said(again)


def test_a_second_approver_is_told_and_nothing_changes(desk: Desk) -> None:
    # given
    case_id = desk.open_case()
    task_id = desk.task(case_id, "Task_CheckMaterials")
    page = hidden(desk.client("jingban2").get(f"/work/tasks/{task_id}").text)
    accept(desk, case_id)
    version = desk.case(case_id).version
    # when
    answer = desk.post("jingban2", f"/work/tasks/{task_id}", **page, **ACCEPT, verb="complete")
    # then
    assert answer.status_code == 409
    assert "没有提交" in answer.text
    assert desk.case(case_id).version == version


def test_a_request_that_comes_twice_is_carried_out_once(desk: Desk) -> None:
    # given
    case_id = desk.open_case()
    task_id = desk.task(case_id, "Task_CheckMaterials")
    page = hidden(desk.client("jingban").get(f"/work/tasks/{task_id}").text)
    # when
    answers = [
        desk.post("jingban", f"/work/tasks/{task_id}", **page, **ACCEPT, verb="complete")
        for _ in range(2)
    ]
    # then
    assert [answer.status_code for answer in answers] == [303, 303]
    with desk.app.app_context():
        acts = db_session().scalar(
            select(func.count())
            .select_from(TrailEntry)
            .where(TrailEntry.subject_id == case_id, TrailEntry.action == "task.completed")
        )
    assert acts == 1


def test_a_near_relative_reads_why_and_cannot_complete(desk: Desk) -> None:
    # given
    case_id = desk.open_case()
    with desk.app.app_context(), transaction(db_session()) as session:
        session.add(
            NearRelativeFiling(
                id=new_id(), district_id=desk.tree.district, case_id=case_id,
                account_id=desk.accounts["jingban"], relation="sibling", staff_name="jingban",
                filed_at=LONG_AGO,
            )
        )  # fmt: skip
    # when
    answer = desk.complete("jingban", case_id, "Task_CheckMaterials", **ACCEPT)
    # then
    assert answer.status_code == 403
    assert "近亲属" in answer.text
    assert desk.case(case_id).accepted_on is None


def test_a_task_of_another_township_is_not_there(desk: Desk) -> None:
    # given
    case_id = desk.open_case()
    task_id = desk.task(case_id, "Task_CheckMaterials")
    # when
    shown = desk.client("waizhen").get(f"/work/tasks/{task_id}")
    sent = desk.post("waizhen", f"/work/tasks/{task_id}", **ACCEPT, verb="complete")
    # then
    assert (shown.status_code, sent.status_code) == (404, 404)
    assert desk.case(case_id).accepted_on is None


def test_a_field_appears_when_another_answer_asks_for_it(desk: Desk) -> None:
    # given
    case_id = desk.open_case()
    task_id = desk.task(case_id, "Task_CheckMaterials")
    path = f"/work/tasks/{task_id}/fields"
    # when
    without = desk.post("jingban", path, f_materials_result="complete")
    with_it = desk.post("jingban", path, f_materials_result="incomplete")
    # then
    assert 'id="f-missing_materials"' not in without.text
    assert 'id="f-missing_materials"' in with_it.text


def test_what_is_typed_into_a_hidden_field_is_kept_in_the_page(desk: Desk) -> None:
    # given
    case_id = desk.open_case()
    task_id = desk.task(case_id, "Task_CheckMaterials")
    # when
    shown = desk.post(
        "jingban", f"/work/tasks/{task_id}/fields",
        f_materials_result="complete", f_missing_note="以后再说",
    )  # fmt: skip
    # then
    assert '<input type="hidden" name="f_missing_note" value="以后再说">' in shown.text


def test_a_table_that_refuses_leaves_an_incident_and_the_task_open(desk: Desk) -> None:
    # given: a wage without the basis that the law asks for can't be assessed
    case_id = desk.open_case(basis="none")
    accept(desk, case_id)
    # when
    with pytest.raises(AssertionError) as refused:
        investigate(desk, case_id)
    # then
    assert "“收入认定”：没有一行命中" in str(refused.value)
    assert "已登记为运行故障" in str(refused.value)
    with desk.app.app_context():
        session = db_session()
        incident = session.scalars(select(Incident).where(Incident.case_id == case_id)).one()
        assert incident.resolved_at is None
    assert desk.task(case_id, "Task_InfoCheckResult")
    assert "运行故障" in desk.client("jingban").get(f"/cases/{case_id}").text


def test_completing_a_task_costs_the_same_however_much_there_is(desk: Desk) -> None:
    # given
    costs = []
    for order in (101, 102):
        case_id = desk.open_case(order)
        accept(desk, case_id)
        task_id = desk.task(case_id, "Task_RequestInfoCheck")
        client = desk.client("jingban")
        page = client.get(f"/work/tasks/{task_id}").text
        fields = {
            **hidden(page),
            "csrf_token": csrf_token(client),
            "f_authorisation_complete": "true",
            "m_info_check_scope": ["tax"],
            "m_authorisation_files": [_uploaded(desk, task_id)],
            "verb": "complete",
        }
        # when
        with statements(desk.app) as sent:
            answer = client.post(f"/work/tasks/{task_id}", data=fields)
        assert answer.status_code == 303, said(answer)
        costs.append(sent)
    # then: what clocks and files of this step ask beside is their own
    assert len(costs[0]) == len(costs[1])
    own = [one for one in costs[0] if not re.search(r"clock|attachments", one)]
    assert len(own) <= 13, "\n".join(own)


def _uploaded(desk: Desk, task_id: str) -> str:
    shown = desk.post(
        "jingban", f"/work/tasks/{task_id}/fields", u_authorisation_files=pdf("授权书.pdf")
    )
    found = re.search(r'name="m_authorisation_files" value="([^"]+)"', shown.text)
    assert found is not None, shown.text
    return found[1]


def test_a_case_is_returned_to_an_allowed_step_with_a_reason_only(desk: Desk) -> None:
    # given
    case_id = desk.open_case()
    accept(desk, case_id)
    investigate(desk, case_id)
    desk.do("fenguan", case_id, "Task_Opinion", f_opinion="agree", f_opinion_reason="符合")
    desk.do(
        "xieli", case_id, "Task_PostPublicity",
        f_posted_on=local_day(datetime.now(UTC)).isoformat(), f_publicity_place="公开栏",
        u_publicity_photos=pdf(),
    )  # fmt: skip
    with desk.app.app_context():
        later = datetime.now(UTC) + timedelta(days=10)
        assert fire_due(db_session(), desk.config.keys.ring, later) == 1
    task_id = desk.task(case_id, "Task_Submit")
    page = desk.client("jingban").get(f"/work/tasks/{task_id}").text
    assert re.findall(r'name="target" value="([^"]+)"', page) == ["Task_Opinion"]
    fields = {"target": "Task_Opinion", "version": hidden(page)["version"]}
    path = f"/work/tasks/{task_id}/return"
    # when
    refused = desk.post("jingban", path, **fields, reason=" ")
    too_long = desk.post("jingban", path, **fields, reason="长" * 2_001)
    elsewhere = desk.post("jingban", path, **{**fields, "target": "Task_Receive"}, reason="重来")
    done = desk.post("jingban", path, **fields, reason="收入核实依据不足")
    # then
    assert refused.status_code == 422
    assert "理由" in said(refused)
    assert too_long.status_code == 422
    assert "2000字" in said(too_long)
    assert elsewhere.status_code == 422
    assert done.status_code == 303, said(done)
    assert desk.task(case_id, "Task_Opinion")
    assert "收入核实依据不足" in desk.client("fenguan").get(f"/cases/{case_id}/trail").text


def test_an_opinion_is_formed_over_the_calculation(desk: Desk) -> None:
    # given
    case_id = desk.open_case()
    accept(desk, case_id)
    investigate(desk, case_id)
    # when
    page = desk.client("fenguan").get(f"/work/tasks/{desk.task(case_id, 'Task_Opinion')}")
    # then
    assert page.status_code == 200
    assert "核算结果" in page.text, re.findall(r"<h[12][^>]*>.*?</h[12]>", page.text)
    assert "月保障金额" in page.text
    assert SURVEY["f_survey_findings"] in page.text

"""The working calendar as people see it, and a year's notice entered by the administrator."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from models.accounts import Role
from models.clocks import Clock
from models.jobs import Job
from models.releases import Release
from models.trail import TrailEntry
from tests.web.desk import Desk, accept, statements
from tests.web.people import make_account, post, sign_in
from tests.web.test_cli import doudi
from web.database import db_session
from workflows.definitions.release import current_policy
from workflows.jobs import work_jobs
from workflows.runtime.job_steps import job_steps

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
#: A made-up notice for 2027: every statutory day is off.
ROWS = (
    ("元旦", "2027-01-01", "2027-01-03", ""),
    ("春节", "2027-02-05", "2027-02-11", "2月14日、2027-02-20"),
    ("清明节", "2027-04-03", "2027-04-05", ""),
    ("劳动节", "2027-05-01", "2027-05-05", "2027-05-08"),
    ("端午节", "2027-06-09", "2027-06-09", ""),
    ("中秋节", "2027-09-15", "2027-09-15", ""),
    ("国庆节", "2027-10-01", "2027-10-07", "2027-09-26 2027-10-09"),
)
PARTS = ("name", "first_on", "last_on", "workdays")


def entries(rows: Any = ROWS, source: str = "国办发明电〔2026〕9号") -> dict[str, str]:
    """The form's fields."""
    fields = {f"holidays.{i}.{part}": row[j] for i, row in enumerate(rows)
              for j, part in enumerate(PARTS)}  # fmt: skip
    return {**fields, "source": source}


@pytest.fixture
def admin(desk: Desk) -> FlaskClient:
    """The system administrator's browser."""
    make_account(desk.app, desk.tree, "xitong", Role.SYSTEM_ADMIN)
    client = desk.app.test_client()
    assert sign_in(client, "xitong").status_code == 303
    return client


@pytest.fixture(autouse=True)
def autumn() -> Any:
    """The autumn in which the next year's notice comes."""
    with time_machine.travel(NOW, tick=True):
        yield


def hidden(answer: TestResponse, name: str) -> str:
    """A hidden field of a page."""
    found = re.search(rf'name="{name}" value="([^"]*)"', answer.text)
    assert found is not None
    return found[1]


def published(client: FlaskClient, fields: dict[str, str], **more: str) -> TestResponse:
    """Preview, then publish."""
    answer = post(client, "/calendar/2027/preview", **fields)
    assert answer.status_code == 200, answer.text
    shown = {name: hidden(answer, name) for name in ("shown", "previewed")}
    return post(
        client, "/calendar/2027/publish", **fields, **{"reason": "按通知录入"} | shown | more
    )


def test_a_year_shows_its_days_by_sign_and_says_what_is_provisional(desk: Desk) -> None:
    # when
    arranged = desk.client("shenhe").get("/calendar/2026").text
    computed = desk.client("shenhe").get("/calendar/2027").text
    # then
    assert "已公布" in arranged and "尚未公布" not in arranged
    assert 'title="调休上班（春节）"' in arranged
    assert "暂定" in computed and "按法定节假日推算" in computed
    assert 'title="春节（推算）"' in computed
    assert "录入放假安排" not in computed, "a reviewer may not enter it"
    assert desk.client("shenhe").get("/calendar/2003").status_code == 404
    assert desk.client("shenhe").get("/calendar/2027/edit").status_code == 403


def test_the_administrator_enters_a_year_and_open_clocks_are_counted_again(
    desk: Desk, admin: FlaskClient
) -> None:
    # given a case of December whose thirty working days reach into 2027
    with time_machine.travel(datetime(2026, 12, 25, 2, tzinfo=UTC), tick=True):
        case_id = desk.open_case(now=datetime(2026, 12, 25, 2, tzinfo=UTC))
        accept(desk, case_id)
    with desk.app.app_context():
        clocks = db_session().scalars(select(Clock)).all()
        before = {clock.key: clock.due_on for clock in clocks}
    assert "暂定" in desk.client("shenhe").get(f"/cases/{case_id}").text
    # when
    filled = admin.get("/calendar/2027/edit").text
    preview = post(admin, "/calendar/2027/preview", **entries())
    answer = published(admin, entries())
    # then
    assert 'value="2027-02-05"' in filled
    assert "2027年由暂定改为已公布" in preview.text and "个未办结的时限需要重新计算" in preview.text
    assert answer.status_code == 303
    page = admin.get("/calendar/2027").text
    assert "已公布" in page and "国办发明电〔2026〕9号" in page and "等待后台处理" in page
    # when the worker has worked
    with desk.app.app_context():
        session = db_session()
        while work_jobs(session, job_steps(desk.config.keys.ring), NOW + HOUR):
            pass
        after = {clock.key: clock.due_on for clock in session.scalars(select(Clock))}
        calendar = current_policy(session, desk.tree.district).calendar
        entry = session.scalars(
            select(TrailEntry)
            .where(TrailEntry.action == "release.published")
            .order_by(TrailEntry.id.desc())
        ).first()
        assert entry is not None
        content = json.loads(entry.body)
    # then
    assert calendar.published_until == date(2027, 12, 31)
    assert calendar.is_workday(date(2027, 2, 14))
    assert content["data"]["calendar"]["reason"] == "按通知录入"
    assert "已完成" in admin.get("/calendar/2027").text
    assert "推迟1个" in admin.get("/calendar/2027").text
    assert "暂定" not in desk.client("shenhe").get(f"/cases/{case_id}").text
    told = desk.client("shenhe").get(f"/cases/{case_id}/trail").text
    assert "2027-02-11春节放假，到期日由2027-02-12改为2027-02-14" in told
    assert before["A.overall"] == date(2027, 2, 12)
    assert after.pop("A.overall") == date(2027, 2, 14)
    assert after.items() <= before.items()


def test_every_slip_is_told_at_once_and_nothing_typed_is_lost(admin: FlaskClient) -> None:
    # given
    rows = [list(row) for row in ROWS]
    rows[1][3] = "2027-02-15"
    rows[2][1:3] = ["2027-04-05", "2027-04-03"]
    rows[4][1:3] = ["2028-06-09", "2028-06-09"]
    rows[6][3] = "2027-10-03 明天"
    rows.append(["", "2027-11-11", "2027-11-11", ""])
    # when
    unreadable = post(admin, "/calendar/2027/preview", **entries(rows, source=""))
    rows[6][3] = "2027-10-03"
    wrong = post(admin, "/calendar/2027/preview", **entries(rows, source=""))
    far = post(admin, "/calendar/2029/preview", **entries())
    past = post(admin, "/calendar/2019/preview", **entries())
    # then
    assert {unreadable.status_code, wrong.status_code, far.status_code, past.status_code} == {422}
    assert "“明天”不是日期" in unreadable.text
    for sentence in (
        "2027-02-15是星期一，本来就上班",
        "清明节的最后一天早于第一天",
        "端午节的2028-06-09不在2027年",
        "2027-10-03既放假又调休上班",
        "第8行缺少节日名称",
        "2027-06-09是法定节日（端午节），没有列为放假",
        "请填写通知的文号或者标题",
    ):
        assert sentence in wrong.text, sentence
    assert 'value="2027-02-15"' in wrong.text and 'value="2027-11-11"' in wrong.text
    assert "请先录入2027年的放假安排" in far.text
    assert "2019年早已过去" in past.text


def test_what_changed_after_the_preview_is_not_published(desk: Desk, admin: FlaskClient) -> None:
    # given
    preview = post(admin, "/calendar/2027/preview", **entries())
    shown = {name: hidden(preview, name) for name in ("shown", "previewed")}
    other = [list(row) for row in ROWS]
    other[3][2] = "2027-05-04"
    # when: other entries, no reason, and a release that somebody published meanwhile
    swapped = post(admin, "/calendar/2027/publish", **entries(other), **shown, reason="按通知")
    silent = post(admin, "/calendar/2027/publish", **entries(), **shown, reason=" ")
    first = published(admin, entries())
    again = hidden(post(admin, "/calendar/2027/preview", **entries(other)), "previewed")
    stale = {"shown": shown["shown"], "previewed": again, "reason": "按通知"}
    late = post(admin, "/calendar/2027/publish", **entries(other), **stale)
    # then
    assert swapped.status_code == 422 and "请重新预览" in swapped.text
    assert silent.status_code == 422 and "请填写办理原因" in silent.text
    assert first.status_code == 303
    assert late.status_code == 409 and "请重新预览" in late.text
    with desk.app.app_context():
        assert len(db_session().scalars(select(Release)).all()) == 2


def test_a_published_year_is_corrected_and_the_correction_taken_back(
    desk: Desk, admin: FlaskClient
) -> None:
    # given
    assert published(admin, entries()).status_code == 303
    other = [list(row) for row in ROWS]
    other[3][2:4] = ["2027-05-04", ""]
    # when
    corrected = published(admin, entries(other))
    again = published(admin, entries())
    same = post(admin, "/calendar/2027/preview", **entries())
    # then
    assert (corrected.status_code, again.status_code) == (303, 303)
    assert same.status_code == 422 and "完全相同" in same.text
    with desk.app.app_context():
        calendar = current_policy(db_session(), desk.tree.district).calendar
        assert not calendar.is_workday(date(2027, 5, 5)) and calendar.is_workday(date(2027, 5, 8))
        assert len(db_session().scalars(select(Job)).all()) == 3


def test_a_year_costs_the_same_statements_however_many_releases_there_are(
    desk: Desk, admin: FlaskClient
) -> None:
    # given
    admin.get("/calendar/2027")
    with statements(desk.app) as few:
        admin.get("/calendar/2027")
    published(admin, entries())
    admin.get("/calendar/2027")
    # when
    with statements(desk.app) as many:
        admin.get("/calendar/2027")
    # then
    assert len(many) == len(few)


@pytest.mark.slow
def test_a_year_is_entered_by_the_command_line(tmp_path: Path) -> None:
    # given
    data, file = tmp_path / "data", tmp_path / "2027.yaml"
    doudi(data, "db", "upgrade")
    doudi(data, "policy", "publish", "bpmn")
    shown = doudi(data, "calendar", "show", "2027")
    file.write_text(shown.replace("source: ''", "source: 国办发明电测试"), "utf-8")
    # when
    dry = doudi(data, "calendar", "publish", str(file), "--dry-run")
    done = doudi(data, "calendar", "publish", str(file), "--reason", "按通知录入")
    refused = doudi(data, "policy", "publish", "bpmn", status=1)
    started_again = doudi(data, "policy", "publish", "--once", "bpmn")
    doudi(data, "policy", "export", str(tmp_path / "out"), "--file", "calendar.yaml")
    # then
    assert "published before" in started_again
    assert shown.startswith("# 暂定") and "0天有变化" in dry and "release" in done
    assert "release." in refused
    exported = (tmp_path / "out" / "calendar.yaml").read_text("utf-8")
    assert "国办发明电测试" in exported and "2027-12-31" in exported

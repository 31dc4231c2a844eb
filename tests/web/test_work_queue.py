"""The queue: whose tasks, in which order, at what cost; claiming, searching, alerts."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import select, update

from models.cases import Case, Task
from models.clocks import Alert, Clock, ClockState
from models.trail import AccessRecord, TrailEntry
from models.types import new_id
from tests.runtime.district import id_number
from tests.web.desk import Desk, accept, statements
from web.database import db_session
from workflows.calendar import local_day, local_midnight
from workflows.transaction import transaction


def _rows(page: str) -> list[str]:
    return re.findall(r'<tr id="t([0-9a-f-]+)"', page)


def test_the_queue_shows_the_tasks_of_ones_posts_with_masked_numbers(desk: Desk) -> None:
    # given
    case_id = desk.open_case()
    # when
    mine = desk.client("jingban").get("/work").text
    others = [desk.client(login).get("/work").text for login in ("waizhen", "fenguan", "shenhe")]
    # then
    assert _rows(mine) == [desk.task(case_id, "Task_CheckMaterials")]
    assert "陈德明" in mine
    number = id_number("1975-03-02", 101)
    assert number not in mine
    assert f"{number[:3]}***********{number[-4:]}" in mine
    assert [_rows(page) for page in others] == [[], [], []]


def test_a_page_of_the_queue_takes_six_statements_however_long_it_is(desk: Desk) -> None:
    # given
    desk.open_case(101)
    client = desk.client("jingban")
    client.get("/work")
    with statements(desk.app) as few:
        client.get("/work")
    for order in range(102, 115):
        desk.open_case(order)
    # when
    with statements(desk.app) as many:
        page = client.get("/work")
    # then
    assert len(_rows(page.text)) == 14
    assert len(few) == len(many) <= 6, "\n".join(many)


def test_pages_follow_each_other_without_a_gap(desk: Desk) -> None:
    # given: more tasks than a page holds, several of them due at the same moment
    case_id = desk.open_case()
    with desk.app.app_context(), transaction(db_session()) as session:
        task = session.scalars(select(Task).where(Task.case_id == case_id)).one()
        due_at = datetime.now(UTC)
        for number in range(120):
            session.add(
                Task(
                    id=new_id(), district_id=task.district_id, case_id=case_id,
                    engine_task_id=f"x{number}", process_key="dibao", element_id="Task_X",
                    name=f"第{number}项", role=task.role, office_id=task.office_id,
                    created_at=due_at, due_at=due_at + timedelta(hours=number // 40),
                    warn_at=due_at,
                )
            )  # fmt: skip
    # when
    seen: list[str] = []
    address = "/work"
    for _ in range(4):
        page = desk.client("jingban").get(address).text
        seen += _rows(page)
        found = re.search(r'href="(/work\?[^"]*after=[^"]+)"', page)
        if found is None:
            break
        address = found[1].replace("&amp;", "&")
    # then
    assert len(seen) == len(set(seen)) == 121


def test_one_claims_and_puts_back_and_another_is_told(desk: Desk) -> None:
    # given
    case_id = desk.open_case()
    task_id = desk.task(case_id, "Task_CheckMaterials")
    # when
    claimed = desk.post("jingban", f"/work/tasks/{task_id}/claim")
    too_late = desk.post("jingban2", f"/work/tasks/{task_id}/claim")
    # then
    assert claimed.status_code == 303
    assert too_late.status_code == 409
    assert "已由他人领取" in too_late.text
    assert _rows(desk.client("jingban").get("/work?show=mine").text) == [task_id]
    assert _rows(desk.client("jingban2").get("/work?show=common").text) == []
    # when
    desk.post("jingban", f"/work/tasks/{task_id}/release")
    # then
    assert _rows(desk.client("jingban2").get("/work?show=common").text) == [task_id]


def test_claiming_with_script_gives_the_row_and_says_so(desk: Desk) -> None:
    # given
    case_id = desk.open_case()
    task_id = desk.task(case_id, "Task_CheckMaterials")
    client = desk.client("jingban")
    token = re.search(r'csrf-token" content="([^"]+)"', client.get("/work").text)
    assert token is not None
    # when
    answer = client.post(
        f"/work/tasks/{task_id}/claim",
        headers={"HX-Request": "true", "X-CSRFToken": token[1]},
    )
    # then
    assert _rows(answer.text) == [task_id]
    assert "已领取。" in answer.text
    assert 'hx-swap-oob="innerHTML:.toasts"' in answer.text
    assert "<html" not in answer.text


def test_people_are_found_by_name_and_number_outside_of_addresses(desk: Desk) -> None:
    # given
    desk.open_case(101, name="陈德明")
    wanted = desk.open_case(102, name="向光荣")
    task_id = desk.task(wanted, "Task_CheckMaterials")
    # when
    by_name = desk.post("jingban", "/work/search", q="向光荣")
    by_number = desk.post("jingban", "/work/search", q=id_number("1975-03-02", 102).lower())
    in_address = desk.client("jingban").get("/work?q=向光荣")
    # then
    assert _rows(by_name.text) == _rows(by_number.text) == [task_id]
    assert len(_rows(in_address.text)) == 2
    with desk.app.app_context():
        kinds = db_session().scalars(select(AccessRecord.kind)).all()
    assert kinds.count("searched") == 2


def test_a_case_number_is_found_by_its_end(desk: Desk) -> None:
    # given
    desk.open_case(101)
    wanted = desk.open_case(102)
    number = desk.case(wanted).number
    # when
    answer = desk.post("jingban", "/work/search", q=number[-6:])
    page = desk.client("jingban").get(answer.location)
    # then
    assert answer.status_code == 303
    assert _rows(page.text) == [desk.task(wanted, "Task_CheckMaterials")]


def test_deadlines_are_words_and_sort_the_queue(desk: Desk) -> None:
    # given
    first, second = desk.open_case(101), desk.open_case(102)
    accept(desk, first)
    accept(desk, second)
    late = desk.task(second, "Task_StartSurvey")
    midnight = local_midnight(local_day(datetime.now(UTC)) - timedelta(days=8))
    with desk.app.app_context(), transaction(db_session()) as session:
        session.execute(
            update(Task).where(Task.id == late).values(due_at=midnight, warn_at=datetime.now(UTC))
        )
    # when
    page = desk.client("jingban").get("/work").text
    only_late = desk.client("jingban").get("/work?show=late").text
    # then
    assert _rows(page)[0] == late
    assert _rows(only_late) == [late]
    assert re.search(r"已超期\d+个工作日", only_late)
    assert re.search(r"剩\d+个工作日|今天到期", page)


def test_an_alert_is_noted_once_and_by_its_office_only(desk: Desk) -> None:
    # given
    case_id = desk.open_case()
    with desk.app.app_context(), transaction(db_session()) as session:
        case = session.get_one(Case, case_id)
        now = datetime.now(UTC)
        clock = Clock(
            id=new_id(), district_id=case.district_id, case_id=case_id, key="A.overall",
            name="审核确认全程", severity="red", state=ClockState.RUNNING, started_at=now,
            started_on=date(2026, 1, 5), due_on=date(2026, 2, 5), due_at=now, warn_at=now,
            derivation={},
        )  # fmt: skip
        session.add(clock)
        session.flush()
        alert = Alert(
            id=new_id(), district_id=case.district_id, office_id=case.township_id,
            case_id=case_id, clock_id=clock.id, severity="red", message="超期", raised_at=now,
        )  # fmt: skip
        session.add(alert)
        alert_id = alert.id
    # when
    shown = desk.client("jingban").get("/work").text
    stranger = desk.post("waizhen", f"/work/alerts/{alert_id}/note")
    noted = [desk.post("jingban", f"/work/alerts/{alert_id}/note") for _ in range(2)]
    # then
    assert "审核确认全程" in shown
    assert stranger.status_code == 403
    assert [answer.status_code for answer in noted] == [303, 303]
    assert "审核确认全程" not in desk.client("jingban").get("/work").text
    with desk.app.app_context():
        actions = db_session().scalars(
            select(TrailEntry.action).where(TrailEntry.subject_id == case_id)
        )
        assert list(actions).count("alert.handled") == 1

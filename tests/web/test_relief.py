"""Pages of relief: a call for help, what its approvers see, the papers owed."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select, update

from models.accounts import Account
from models.cases import Case, Task
from models.clocks import Clock
from models.households import Household
from models.relief import Conference, PaperDebt
from models.types import new_id
from tests.runtime.district import id_number
from tests.web.desk import Desk, said, statements
from tests.web.relief import (
    aided,
    called,
    decide,
    fields,
    give,
    granted,
    other_village,
    parameter,
    send,
    today,
)
from web.database import db_session
from workflows.calendar import local_midnight
from workflows.privacy import blind_index
from workflows.transaction import transaction

NUMBER = id_number("1980-04-05", 333)


def household_of(desk: Desk, case_id: str) -> str:
    """The household that a case is about."""
    found = desk.case(case_id).household_id
    assert found is not None
    return found


def counted(desk: Desk, table: type[Case] | type[Household]) -> int:
    """How many rows there are."""
    with desk.app.app_context():
        return db_session().scalar(select(func.count()).select_from(table)) or 0


def test_a_call_without_a_number_opens_a_case_at_once(desk: Desk) -> None:
    # when
    empty = desk.client("xieli").get("/intake/relief_urgent").text
    answer = send(desk, login="xieli")
    # then
    assert 'name="h_name"' in empty and 'name="f_cause"' in empty and "先登记，先救助" in empty
    assert answer.status_code == 303, said(answer)
    page = desk.client("jingban").get(answer.location).text
    assert "已登记" in desk.client("xieli").get(answer.location).text
    assert "罗成" in page and "值班领导决定" in page and "-LJ-" in page
    case = desk.case(answer.location.rpartition("/")[2])
    assert (case.channel, case.township_id, case.village_id) == (
        "hotline", desk.tree.township, desk.tree.village,
    )  # fmt: skip


def test_who_gives_a_number_is_the_same_household_next_time(desk: Desk) -> None:
    # when
    first = called(desk, h_id_number=NUMBER, h_phone="13800000000")
    again = called(desk, h_id_number=NUMBER, h_name="罗成", f_cause="illness")
    # then
    assert household_of(desk, first) == household_of(desk, again)
    assert counted(desk, Household) == 1
    page = desk.client("jingban").get(f"/cases/{again}/household").text
    assert NUMBER not in page and NUMBER[-4:] in page


def test_two_people_without_a_number_are_two_households(desk: Desk) -> None:
    # when
    first, second = called(desk), called(desk)
    # then
    assert household_of(desk, first) != household_of(desk, second)


def test_who_is_known_elsewhere_is_helped_where_they_are(desk: Desk) -> None:
    # given
    there = other_village(desk)
    first = called(desk, h_id_number=NUMBER)
    # when
    second = called(desk, login="waizhen", h_village=there, h_id_number=NUMBER, f_cause="traffic")
    # then
    case = desk.case(second)
    assert case.household_id == household_of(desk, first)
    assert (case.township_id, case.village_id) == (desk.tree.other_township, there)
    assert desk.client("waizhen").get(f"/cases/{second}").status_code == 200
    assert desk.client("jingban").get(f"/cases/{second}").status_code == 404


@pytest.mark.parametrize(
    ("change", "target", "sentence"),
    [
        ({"h_village": ""}, "h-village", "请选择村（社区）"),
        ({"h_village": "nowhere"}, "h-village", "请选择村（社区）"),
        ({"h_name": "  "}, "h-name", "请填写求助人姓名"),
        ({"h_channel": ""}, "h-channel", "请选择渠道"),
        ({"h_channel": "pigeon"}, "h-channel", "请选择渠道"),
        ({"h_area": "moon"}, "h-area", "请选择城乡"),
        ({"h_id_number": "500154198004050000"}, "h-id_number", "校验"),
        ({"h_id_number": "12"}, "h-id_number", "18"),
    ],
)
def test_what_is_wrong_with_who_asks_is_said_at_its_field(
    desk: Desk, change: dict[str, str], target: str, sentence: str
) -> None:
    # when
    answer = send(desk, **change)
    # then
    assert answer.status_code == 422
    assert sentence in said(answer)
    assert f'href="#{target}"' in answer.text and f'id="{target}"' in answer.text
    assert "没有住处和衣物" in answer.text and 'value="1200.00"' in answer.text
    assert (counted(desk, Case), counted(desk, Household)) == (0, 0)


def test_a_village_of_another_township_is_none_to_choose(desk: Desk) -> None:
    # given
    there = other_village(desk)
    # when
    answer = send(desk, h_village=there)
    # then
    assert answer.status_code == 422 and "请选择村（社区）" in said(answer)
    assert "丙村" not in answer.text


def test_wrong_answers_keep_everything_that_was_typed(desk: Desk) -> None:
    # when
    answer = send(
        desk, f_persons="0", f_requested="-5", f_place="", f_cause="other", h_phone="13800000000",
        h_channel="discovery", h_area="rural",
    )  # fmt: skip
    # then
    assert answer.status_code == 422
    for key in ("persons", "requested", "place"):
        assert f'href="#f-{key}"' in answer.text and f'id="f-{key}"' in answer.text
    for kept in ("罗成", "13800000000", "没有住处和衣物"):
        assert kept in answer.text
    assert 'value="-5"' in answer.text and 'value="0"' in answer.text
    assert re.search(r'value="discovery" checked', answer.text)
    assert re.search(r'value="rural" checked', answer.text)
    assert re.search(r'value="other" selected', answer.text)
    assert f'value="{desk.tree.village}" selected' in answer.text
    assert (counted(desk, Case), counted(desk, Household)) == (0, 0)


def test_a_wrong_number_and_wrong_answers_are_said_together(desk: Desk) -> None:
    # when
    answer = send(desk, h_id_number="500154198004050000", f_persons="0", f_need="")
    # then
    assert answer.status_code == 422
    for target in ("h-id_number", "f-persons", "f-need"):
        assert f'href="#{target}"' in answer.text


def test_a_double_click_opens_one_case_and_a_changed_page_is_refused(desk: Desk) -> None:
    # when
    answers = [send(desk) for _ in range(2)]
    changed = send(desk, f_persons="2")
    # then
    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0].location == answers[1].location
    assert changed.status_code == 409
    assert counted(desk, Case) == 1


def test_nobody_takes_the_call_of_their_own_household(desk: Desk) -> None:
    # given
    with desk.app.app_context(), transaction(db_session()) as session:
        own = session.get_one(Account, desk.accounts["jingban"])
        own.id_number_index = blind_index(desk.config.keys.ring, "id_number", NUMBER)
    # when
    answer = send(desk, h_id_number=NUMBER)
    colleague = send(desk, login="jingban2", h_id_number=NUMBER)
    # then
    assert answer.status_code == 403 and "本人家庭" in said(answer)
    assert "没有住处和衣物" in answer.text
    assert colleague.status_code == 303
    assert counted(desk, Case) == 1


@pytest.mark.parametrize("process", ["dibao", "petty_fund", "relief_approval", "nothing"])
def test_a_process_that_no_form_opens_has_no_such_page(desk: Desk, process: str) -> None:
    # when
    shown = desk.client("jingban").get(f"/intake/{process}")
    sent = send(desk, process=process)
    asked = desk.post("jingban", f"/intake/{process}/fields", **fields(desk))
    # then
    assert [answer.status_code for answer in (shown, sent, asked)] == [404, 404, 404]
    assert counted(desk, Case) == 0


def test_only_who_opens_cases_reaches_the_page(desk: Desk) -> None:
    # when
    reached = {
        login: desk.client(login).get("/intake/relief_urgent").status_code
        for login in ("xieli", "jingban", "fenguan", "shenhe", "queren", "caizheng", "shenji")
    }
    # then
    assert {login for login, status in reached.items() if status == 200} == {"xieli", "jingban"}
    assert {status for status in reached.values() if status != 200} == {403}


def test_every_programme_is_a_tab_of_the_page(desk: Desk) -> None:
    # when
    pages = {
        path: desk.client("jingban").get(path).text
        for path in ("/intake", "/intake/relief_urgent", "/intake/relief_expense")
    }
    # then
    for page in pages.values():
        assert 'href="/intake/relief_urgent"' in page and 'href="/intake/relief_expense"' in page
    assert "支出的事由" in pages["/intake/relief_expense"]
    assert "发生地点" not in pages["/intake/relief_expense"]


def test_the_pages_speak_english(desk: Desk) -> None:
    # given
    give(desk)
    aided(desk)
    desk.post("jingban", "/language", locale="en", next="/")
    # when
    form = desk.client("jingban").get("/intake/relief_urgent").text
    refused = send(desk, h_name="", h_village="", h_channel="")
    debts = desk.client("jingban").get("/relief/debts").text
    filings = desk.client("jingban").get("/relief/filings").text
    # then
    for page in (form, refused.text, debts, filings):
        assert '<html lang="en">' in page
    assert "求助人" not in form and "怎么知道的" not in form and "Hotline" in form
    for sentence in ("Enter a name.", "Choose a village.", "Choose a channel."):
        assert sentence in said(refused)
    assert "Papers owed" in debts and "待补手续" not in debts
    assert "Relief filed with the district" in filings and "Fire" in filings
    assert "First aid" in filings and "备案" not in filings


def seen(desk: Desk, login: str, case_id: str, element: str) -> str:
    """The relief panel on the page of a task."""
    page = desk.client(login).get(f"/work/tasks/{desk.task(case_id, element)}").text
    found = re.search(r'<section class="panel" aria-labelledby="relief">.*?</section>', page, re.S)
    assert found is not None, page[:300]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found[0]))


def test_the_leader_on_duty_sees_the_total_the_ceiling_and_the_money(desk: Desk) -> None:
    # given
    give(desk, fund="2000.00", budget="50000.00")
    case_id = called(desk)
    ceiling = (
        parameter(desk, "relief.township_ceiling.months") * parameter(desk, "dibao.standard.urban")
    )  # fmt: skip
    # when
    panel = seen(desk, "fenguan", case_id, "Task_DutyDecision")
    decide(desk, case_id)
    after = seen(desk, "jingban", case_id, "Task_PayAid")
    # then
    assert "火灾" in panel and "3人" in panel
    assert re.search(r"已批 0\.00 元", panel) and "本次提出 1,200.00 元" in panel
    assert "累计 1,200.00 元" in panel
    assert f"镇乡街道上限{ceiling:,.2f}元" in panel
    assert "审批层级 镇乡街道" in panel
    assert "备用金余额 2,000.00 元" in panel and "区级资金 50,000.00 元" in panel
    assert "已批 1,200.00 元 其中未发放1,200.00元" in after
    assert "备用金余额 800.00 元 另有1,200.00元已承诺未付" in after
    assert "本次提出" not in after


def test_what_was_given_before_counts_and_may_lead_to_the_district(desk: Desk) -> None:
    # given
    give(desk)
    aided(desk, h_id_number=NUMBER)
    # when: the same fire again, for more than the township may decide on
    case_id = called(desk, h_id_number=NUMBER, f_urgent_answer="no", f_requested="9000.00")
    panel = seen(desk, "shenhe", case_id, "Task_ReceiveRelief")
    # then
    assert "已批 1,200.00 元" in panel and "累计 10,200.00 元" in panel
    assert "审批层级 区民政局" in panel
    assert "别处已有救助" not in panel
    assert "先行救助 1,200.00" in panel and "本镇街待补手续 1件" in panel


def test_relief_elsewhere_is_shown_with_its_township(desk: Desk) -> None:
    # given
    give(desk)
    number = desk.case(aided(desk, h_id_number=NUMBER)).number
    there = other_village(desk)
    case_id = called(
        desk, login="waizhen", h_village=there, h_id_number=NUMBER, f_cause="traffic",
        f_urgent_answer="no", f_requested="9000.00",
    )  # fmt: skip
    # when
    panel = seen(desk, "shenhe", case_id, "Task_ReceiveRelief")
    # then
    assert f"别处已有救助 汉丰街道 {number} · 火灾" in panel and "1,200.00 元" in panel
    assert "已批 0.00 元" in panel


def test_a_conference_sees_its_grounds_and_the_nearest_ones_before(desk: Desk) -> None:
    # given
    earlier = called(desk)
    with desk.app.app_context(), transaction(db_session()) as session:
        for days, grounds, decision, amount in (
            (40, ["amount"], "approve", 90000),
            (30, ["public_risk"], "refuse", None),
            (20, ["amount", "no_rule"], "approve", 20000),
            (10, ["departments"], "approve", 30000),
        ):
            session.add(
                Conference(
                    id=new_id(), district_id=desk.tree.district, case_id=earlier,
                    held_on=today() - timedelta(days=days), grounds=grounds,
                    members={"departments": [], "people": 5}, decision=decision,
                    amount=Decimal(amount) if amount else None,
                    by_rule=Decimal(5000) if amount else None,
                )
            )  # fmt: skip
    # when
    case_id = called(desk, f_urgent_answer="no", f_requested="80000.00", f_persons="1")
    panel = seen(desk, "shenhe", case_id, "Task_Convene")
    # then
    assert "审批层级 个案会商 金额特别大" in panel
    past = panel.partition("以往相近的会商")[2]
    assert [past.index(text) for text in ("90,000.00", "20,000.00", "30,000.00")] == sorted(
        past.index(text) for text in ("90,000.00", "20,000.00", "30,000.00")
    )
    assert "同意90,000.00元 （按规定5,000.00元）" in past
    assert "有舆情风险" not in past


def test_the_page_of_a_task_takes_the_same_few_statements(desk: Desk) -> None:
    # given
    give(desk)
    case_id = called(desk, h_id_number=NUMBER)
    path = f"/work/tasks/{desk.task(case_id, 'Task_DutyDecision')}"
    client = desk.client("fenguan")
    granted(desk, case_id, on=today())
    client.get(path)
    with statements(desk.app) as few:
        client.get(path)
    # when
    granted(desk, case_id, on=today(), count=20)
    with statements(desk.app) as many:
        client.get(path)
    # then
    assert len(few) == len(many), "\n".join(many)


def test_papers_owed_are_seen_by_the_offices_of_the_case(desk: Desk) -> None:
    # given
    give(desk)
    number = desk.case(aided(desk)).number
    # when
    pages = {
        login: desk.client(login).get("/relief/debts")
        for login in ("xieli", "jingban", "fenguan", "waizhen", "shenhe", "queren", "shenji")
    }
    # then
    assert {login for login, page in pages.items() if number in page.text} == {
        "xieli", "jingban", "fenguan", "shenhe", "queren", "shenji",
    }  # fmt: skip
    assert "没有待补的手续" in pages["waizhen"].text
    page = pages["jingban"].text
    assert "身份证明、救助申请书" in page and "jingban先生" in page and "急难未缓解" in page
    assert {login for login, page in pages.items() if "/relief/filings" not in page.text} == {
        "xieli"
    }
    assert desk.client("caizheng").get("/relief/debts").status_code == 403


def test_papers_are_due_once_the_emergency_has_eased_and_leave_the_list_when_brought(
    desk: Desk,
) -> None:
    # given
    give(desk)
    case_id = aided(desk)
    desk.do("jingban", case_id, "Task_Eased", f_eased_on=today().isoformat())
    due = desk.client("jingban").get("/relief/debts").text
    with desk.app.app_context(), transaction(db_session()) as session:
        session.execute(
            update(PaperDebt).values(
                opened_on=today() - timedelta(days=40), due_on=today() - timedelta(days=3)
            )
        )
    # when
    late = desk.client("jingban").get("/relief/debts").text
    with desk.app.app_context(), transaction(db_session()) as session:
        session.execute(update(PaperDebt).values(closed_on=today()))
    after = desk.client("jingban").get("/relief/debts").text
    # then
    assert "急难未缓解" not in due and "deadline-ok" in due
    assert "deadline-late" in late and re.search(r">40</td>", late)
    assert "没有待补的手续" in after


def test_first_aid_counts_its_hours(desk: Desk) -> None:
    # given
    case_id = called(desk)
    hours = int(parameter(desk, "C.first_aid.length"))
    now = datetime.now(UTC)
    # when
    fresh = desk.client("fenguan").get("/work").text
    case = desk.client("jingban").get(f"/cases/{case_id}").text
    moved(desk, case_id, now + timedelta(minutes=30))
    near = desk.client("fenguan").get("/work").text
    moved(desk, case_id, now - timedelta(hours=3, minutes=5))
    late = desk.client("fenguan").get("/work").text
    # then
    assert f"剩{hours - 1}小时" in fresh and "工作日" not in fresh.partition("<tbody>")[2]
    assert re.search(r"\d{4}-\d\d-\d\d \d\d:\d\d前", case) and "24时前" not in case
    assert "不到1小时" in near
    assert "已超期3小时" in late and "is-late" in late


def moved(desk: Desk, case_id: str, due_at: datetime) -> None:
    """The deadline of a case's first aid, at another moment that isn't midnight."""
    if due_at == local_midnight(today()):
        due_at += timedelta(minutes=1)
    with desk.app.app_context(), transaction(db_session()) as session:
        session.execute(update(Clock).where(Clock.case_id == case_id).values(due_at=due_at))
        session.execute(update(Task).where(Task.case_id == case_id).values(due_at=due_at))

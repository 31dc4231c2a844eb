"""Pages of the petty funds: whose one sees, what they cost, asking for money, counting, closing."""

from __future__ import annotations

import io
import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from models.clocks import Alert
from models.offices import Office
from models.trail import TrailEntry
from tests.web.desk import Desk, said, statements
from web.database import db_session
from web.demo.cases import picture
from workflows.assistance.money.petty_fund import month_of
from workflows.calendar import local_day, local_midnight
from workflows.runtime.funds import open_fund_month, raise_low_funds
from workflows.runtime.worker import fire_due
from workflows.scenarios.funds import give_money, spend
from workflows.transaction import transaction


@pytest.fixture
def funded(desk: Desk) -> Desk:
    """A district with money for relief and townships whose residents are known."""
    with desk.app.app_context(), transaction(db_session()) as session:
        township = session.get_one(Office, desk.tree.township)
        give_money(session, township, {"budget": "100000.00", "residents": 30000})
    return desk


def opened(desk: Desk) -> str:
    """This month's case, opened on the page; its id."""
    answer = desk.post("jingban", f"/funds/{desk.tree.township}/month")
    assert answer.status_code == 303, answer.text
    found = re.search(r"/cases/([-0-9a-f]{36})/events/fund.replenishment", answer.location)
    assert found is not None
    return found[1]


def ask(desk: Desk, case_id: str, amount: str) -> int:
    """Ask for money on the page of the event; the status of the answer."""
    return desk.post(
        "jingban", f"/cases/{case_id}/events/fund.replenishment",
        f_fund_amount=amount, f_fund_reason="月初补足", verb="send",
    ).status_code  # fmt: skip


def filled(desk: Desk, amount: str = "30000.00") -> str:
    """This month's case, with money asked for and given."""
    case_id = opened(desk)
    assert ask(desk, case_id, amount) == 303
    desk.do("caizheng", case_id, "Task_ReviewFundRequest", f_fund_decision="approve")
    return case_id


def paid(desk: Desk, amount: str) -> None:
    """A payment in cash."""
    with desk.app.app_context(), transaction(db_session()) as session:
        township = session.get_one(Office, desk.tree.township)
        spend(session, township, "pay", Decimal(amount), desk.actor("jingban"), datetime.now(UTC))


def test_a_township_opens_its_month_asks_and_sees_what_it_got(funded: Desk) -> None:
    # given
    place = f"/funds/{funded.tree.township}"
    before = funded.client("jingban").get("/funds", follow_redirects=True).text
    # when
    case_id = opened(funded)
    too_much = ask(funded, case_id, "30000.01")
    asked = ask(funded, case_id, "30000.00")
    waiting = funded.client("caizheng").get("/funds").text
    funded.do("caizheng", case_id, "Task_ReviewFundRequest", f_fund_decision="approve")
    page = funded.client("jingban").get(place).text
    # then
    assert "开立本月办件并申请补充" in before and "未开立" in before
    assert (too_much, asked) == (422, 303)
    assert "30,000.00" in waiting and "月初补足" in waiting
    assert "30,000.00" in page and "已划入" in page and "区级划入" in page
    assert "9,000.00" in page and page.count("默认值·无本地依据") == 2
    assert "余额30,000.00元，规模30,000.00元，提醒线9,000.00元" in page
    assert funded.post("jingban", f"{place}/month").status_code == 409


def test_a_refusal_is_told_with_its_reason(funded: Desk) -> None:
    # given
    case_id = opened(funded)
    ask(funded, case_id, "500.00")
    # when
    without = funded.complete(
        "caizheng", case_id, "Task_ReviewFundRequest", f_fund_decision="refuse"
    )
    funded.do("caizheng", case_id, "Task_ReviewFundRequest", f_fund_decision="refuse",
              f_fund_decision_reason="本月资金尚未下达")  # fmt: skip
    page = funded.client("jingban").get(f"/funds/{funded.tree.township}").text
    # then
    assert without.status_code == 422
    assert "不予补充的理由：本月资金尚未下达" in page


def test_who_reviews_sees_the_request_beside_balance_and_room(funded: Desk) -> None:
    # given
    case_id = opened(funded)
    ask(funded, case_id, "500.00")
    # when
    task_id = funded.task(case_id, "Task_ReviewFundRequest")
    page = funded.client("caizheng").get(f"/work/tasks/{task_id}").text
    # then
    assert "备用金管理" in page and "身份证号码" not in page
    assert re.search(r"申请金额</strong>\s*500.00", page)
    assert re.search(r"最多可以补充</strong>\s*30000.00", page)


def test_everybody_sees_the_funds_of_their_offices_only(funded: Desk) -> None:
    # given
    filled(funded)
    own, other = funded.tree.township, funded.tree.other_township
    # when
    seen = {
        login: [funded.client(login).get(f"/funds/{office}").status_code for office in (own, other)]
        for login in ("jingban", "fenguan", "waizhen", "shenhe", "caizheng", "shenji", "xieli")
    }
    # then
    assert seen == {
        "jingban": [200, 404],
        "fenguan": [200, 404],
        "waizhen": [404, 200],
        "shenhe": [200, 200],
        "caizheng": [200, 200],
        "shenji": [200, 200],
        "xieli": [403, 403],
    }
    assert funded.client("fenguan").get("/funds").location.endswith(own)
    assert funded.post("waizhen", f"/funds/{own}/month").status_code == 404
    assert funded.post("fenguan", f"/funds/{own}/month").status_code == 403
    village = funded.client("shenhe").get(f"/funds/{funded.tree.village}")
    assert village.status_code == 404


def test_the_pages_take_the_same_few_statements(funded: Desk) -> None:
    # given
    case_id = filled(funded, "10000.00")
    officer, finance = funded.client("jingban"), funded.client("caizheng")
    place = f"/funds/{funded.tree.township}"
    for client, path in ((officer, place), (finance, "/funds")):
        client.get(path)
    with statements(funded.app) as few:
        officer.get(place)
    with statements(funded.app) as list_few:
        finance.get("/funds")
    # when
    for _ in range(5):
        paid(funded, "100.00")
        ask(funded, case_id, "10.00")
    with statements(funded.app) as many:
        officer.get(place)
    with statements(funded.app) as list_many:
        finance.get("/funds")
    # then
    assert len(few) == len(many) <= 12, "\n".join(many)
    assert len(list_few) == len(list_many) <= 6, "\n".join(list_many)


def test_a_low_fund_is_an_alert_that_leads_to_it(funded: Desk) -> None:
    # given
    filled(funded)
    paid(funded, "25000.00")
    with funded.app.app_context():
        raise_low_funds(db_session(), datetime.now(UTC))
        alert_id = db_session().scalar(select(Alert.id))
    # when
    page = funded.client("jingban").get("/work").text
    everywhere = funded.client("caizheng").get("/funds").text
    noted = funded.post("jingban", f"/work/alerts/{alert_id}/note")
    # then
    assert "汉丰街道备用金" in page and f"/funds/{funded.tree.township}" in page
    assert everywhere.index("汉丰街道") < everywhere.index("大德镇")
    assert "1个低于提醒线" in everywhere
    assert noted.status_code == 303
    assert "汉丰街道备用金" not in funded.client("jingban").get("/work").text


def test_a_case_without_a_household_has_every_page_that_it_needs(funded: Desk) -> None:
    # given
    case_id = filled(funded)
    # when
    pages = {
        part: funded.client("jingban").get(f"/cases/{case_id}{part}")
        for part in ("", "/materials", "/diagram", "/trail", "/household", "/calculation")
    }
    searched = funded.client("jingban").get("/cases").text
    # then
    assert {part: answer.status_code for part, answer in pages.items()} == dict.fromkeys(pages, 200)
    assert "<h1>备用金管理</h1>" in pages[""].text and "身份证号码" not in pages[""].text
    assert ">家庭</a>" not in pages[""].text and ">核算</a>" not in pages[""].text
    assert "登记：申请补充" in pages[""].text
    assert "月初补足" in pages["/trail"].text
    assert "-BYJ-" in searched


def test_last_month_is_counted_checked_and_closed_on_pages(funded: Desk) -> None:
    # given: the case as if it had been opened a month ago, and its timer due
    this = month_of(local_day(datetime.now(UTC)))
    last = month_of(this - timedelta(days=1))
    case_id = opened_in(funded, last)
    with funded.app.app_context():
        fire_due(db_session(), funded.config.keys.ring, datetime.now(UTC))
    # when
    photo = {"u_count_photo": (io.BytesIO(picture()), "盘点.png")}
    wrong = funded.complete("jingban", case_id, "Task_CountCash", f_cash_counted="12.00", **photo)
    photo = {"u_count_photo": (io.BytesIO(picture()), "盘点.png")}
    funded.do("jingban", case_id, "Task_CountCash", f_cash_counted="12.00",
              f_count_explanation="借支12元", **photo)  # fmt: skip
    check_id = funded.task(case_id, "Task_CheckCount")
    check = funded.client("fenguan").get(f"/work/tasks/{check_id}").text
    funded.do("fenguan", case_id, "Task_CheckCount", f_count_result="agreed")
    page = funded.client("jingban").get(f"/funds/{funded.tree.township}").text
    past = funded.client("jingban").get(f"/funds/{funded.tree.township}?month={last:%Y-%m}").text
    # then
    assert wrong.status_code == 422 and "相差+12.00元，请写明原因" in said(wrong)
    assert re.search(r"账面现金</strong>\s*0.00", check) and "借支12元" in check
    assert "+12.00" in page and "借支12元" in page and "jingban先生、fenguan先生" in page
    assert f"{last:%Y-%m}收支" in past
    with funded.app.app_context():
        actions = db_session().scalars(
            select(TrailEntry.action).where(TrailEntry.subject_id == case_id)
        )
        assert list(actions)[-1] == "case.closed"


def opened_in(desk: Desk, month: date) -> str:
    """A case of an earlier month, opened at its first midnight; its id."""
    with desk.app.app_context(), transaction(db_session()) as session:
        return open_fund_month(
            session, desk.tree.township, desk.config.keys.ring,
            actor=desk.actor("jingban"), now=local_midnight(month),
        ).id  # fmt: skip

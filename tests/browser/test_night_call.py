"""C16: a fire at ten past eleven at night, money within nine clicks, papers afterwards."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from models.accounts import Role
from models.cases import Task, TaskState
from models.households import Area
from models.offices import Office
from models.relief import PaperDebt, ReliefGrant
from tests.browser.people import PHOTO, Clock, People, tab_to, upload
from tests.runtime.district import id_number
from tests.web.desk import Desk
from tests.web.people import LONG_AGO, make_account
from web.database import db_session
from workflows.access.offices import create_office
from workflows.assistance.households import ApplicantData
from workflows.errors import SYSTEM, Actor
from workflows.runtime.applying import open_by_form
from workflows.runtime.tasks import complete_task
from workflows.scenarios.funds import balances, give_money
from workflows.transaction import transaction

NIGHT = "2026-11-13 23:10"
NUMBER = id_number("1985-03-01", 7)
MOST_CLICKS = 9


@pytest.fixture
def funded(desk: Desk, clock: Clock) -> Desk:
    """A township with 20,000 yuan at hand; the family got 700 yuan elsewhere ten days ago."""
    clock.set(NIGHT)
    leader = make_account(
        desk.app, desk.tree, "wailing", Role.TOWNSHIP_LEADER, desk.tree.other_township
    )
    with desk.app.app_context(), transaction(db_session()) as session:
        for office_id in (desk.tree.township, desk.tree.other_township):
            give_money(session, session.get_one(Office, office_id), {"fund": "20000.00"})
        other = session.get_one(Office, desk.tree.other_township)
        village = create_office(
            session, other, code="500154002201", name="丙村", actor=SYSTEM, now=LONG_AGO
        )
        case = open_by_form(
            session, "relief_urgent",
            ApplicantData(village.id, Area.URBAN, "周海", NUMBER),
            {
                "cause": "traffic", "occurred_on": "2026-11-03", "place": "丙村公路",
                "persons": "1", "urgent_answer": "yes", "requested": "700.00", "need": "没有饭钱",
            },
            desk.config.keys.ring,
            channel="window", actor=desk.actor("waizhen"), now=clock.moment - timedelta(days=10),
        )  # fmt: skip
        case_id = case.id
    with desk.app.app_context(), transaction(db_session()) as session:
        task_id = session.scalars(
            select(Task.id).where(Task.case_id == case_id, Task.state == TaskState.OPEN)
        ).one()
        complete_task(
            session, task_id, {"duty_decision": "approve", "aid_amount": "700.00"},
            desk.config.keys.ring,
            actor=Actor(leader, Role.TOWNSHIP_LEADER.value, desk.tree.other_township, "外领"),
            now=clock.moment - timedelta(days=10),
        )  # fmt: skip
    return desk


def told_by_phone(page: Page) -> None:
    """What the caller says; typing, and nothing that is chosen."""
    page.locator("#h-name").fill("周海")
    page.locator("#h-phone").fill("13800000001")
    page.locator("#h-id_number").fill(NUMBER)
    page.locator("#f-place").fill("甲村二组租住房屋")
    page.locator("#f-persons").fill("3")
    page.locator("#f-requested").fill("1200")
    page.locator("#f-need").fill("租住房屋烧毁，没有住处和衣物")


def decided(people: People, desk: Desk, clerk: str) -> int:
    """From the clerk's front page to the leader's decision; how many clicks it took."""
    page, leader = people.page(clerk), people.page("fenguan")
    people.clicks = 0
    page.get_by_role("link", name="登记急难求助").click()
    expect(page.get_by_role("heading", name="登记急难求助", level=1)).to_be_visible()
    expect(page.locator("#f-occurred_on")).to_have_value("2026-11-13")
    if clerk == "jingban":
        expect(page.get_by_label("热线", exact=True)).to_be_checked()
        page.locator("#h-village").select_option(desk.tree.village)
    told_by_phone(page)
    page.locator("#f-cause").select_option("fire")
    page.get_by_label("会", exact=True).check()
    page.get_by_label("不是本区户籍").check()
    typed = people.clicks
    people.check(page)
    assert people.clicks == typed
    page.get_by_role("button", name="登记并开始办理").click()
    expect(page.get_by_text("已登记，办件")).to_be_visible()
    # the leader on duty, whose front page is open
    leader.goto(f"{people.address}/work")
    leader.get_by_role("link", name="值班领导决定", exact=True).click()
    event = leader.get_by_role("region", name="救助事件与资金")
    for text in ("火灾", "3人", "2026年11月13日"):
        expect(event).to_contain_text(text)
    expect(event.locator("div", has_text="先行救助上限").last).to_contain_text("1,540.00")
    expect(event.locator("div", has_text="备用金余额").last).to_contain_text("20,000.00")
    expect(event.get_by_text("别处已有救助")).to_be_visible()
    expect(event).to_contain_text("大德镇")
    expect(event).to_contain_text("700.00")
    above, below = event.bounding_box(), leader.locator("#f-duty_decision").bounding_box()
    assert above is not None and below is not None
    assert above["y"] < below["y"]
    leader.get_by_label("先行救助", exact=True).check()
    expect(leader.locator("#f-aid_amount")).to_have_value("1200.00")
    people.check(leader)
    leader.get_by_role("button", name="提交：值班领导决定").click()
    expect(leader.get_by_text("已提交。")).to_be_visible()
    return people.clicks


def pay(page: Page) -> None:
    expect(page.locator("#f-paid_on")).to_have_value("2026-11-14")
    page.get_by_label("现金", exact=True).check()
    expect(page.get_by_label("jingban先生")).to_be_checked()
    page.get_by_label("jingban2先生").check()
    upload(page, "receipt", PHOTO)
    page.get_by_label("身份证明", exact=True).check()
    page.get_by_label("救助申请书", exact=True).check()


def follow_up(page: Page) -> None:
    page.get_by_label("jingban2先生").check()
    page.locator("#f-visit_findings").fill("已经租到新的住处，生活恢复")
    page.get_by_label("困难已经解决").check()


def papers(page: Page) -> None:
    expect(page.locator("#f-papers_on")).to_have_value("2026-12-04")
    upload(page, "papers")
    page.locator("#f-papers_note").fill("火灾后无处居住，当晚决定，次日上午发放现金")


@pytest.mark.parametrize(("width", "clerk"), [(1440, "jingban"), (375, "xieli")])
def test_c16_money_within_nine_clicks_and_papers_afterwards(
    funded: Desk, address: str, browser: Browser, clock: Clock, width: int, clerk: str
) -> None:
    # given
    people = People(browser, address, width)
    # when
    clicks = decided(people, funded, clerk)
    # then
    assert clicks <= MOST_CLICKS
    assert clicks == {"jingban": 9, "xieli": 8}[clerk]
    with funded.app.app_context():
        grant = db_session().scalars(select(ReliefGrant).order_by(ReliefGrant.id.desc())).first()
        assert grant is not None and grant.total == Decimal("1200.00")
        township = db_session().get_one(Office, funded.tree.township)
        assert balances(db_session(), township)["petty_fund"] == Decimal("18800.00")
    # when the officer pays in cash
    people.close()
    clock.set("2026-11-14 10:30")
    people.do("jingban", "发放先行救助", pay)
    # then the papers are owed by somebody, without a day until the need is over
    page = people.page("jingban")
    page.goto(f"{address}/relief/debts")
    row = page.locator("tbody tr")
    expect(row).to_have_count(1)
    for text in ("周海", "身份证明、救助申请书", "jingban", "急难未缓解"):
        expect(row).to_contain_text(text)
    people.check(page)
    # when the need is over
    people.close()
    clock.set("2026-11-23 15:00")
    people.do("jingban", "登记急难缓解", lambda page: expect(
        page.locator("#f-eased_on")).to_have_value("2026-11-23"))  # fmt: skip
    page = people.page("jingban")
    page.goto(f"{address}/relief/debts")
    # then ten working days are left
    expect(page.locator("tbody tr")).to_contain_text("2026年12月7日")
    people.do("jingban", "救助后走访", follow_up)
    # when the papers arrive
    people.close()
    clock.set("2026-12-04 17:00")
    people.do("jingban", "补齐手续", papers)
    page = people.page("jingban")
    page.goto(f"{address}/relief/debts")
    # then
    expect(page.get_by_text("没有待补的手续")).to_be_visible()
    people.check(page)
    assert people.complaints == []
    people.close()
    with funded.app.app_context():
        debt = db_session().scalars(select(PaperDebt)).one()
        assert debt.closed_on is not None and debt.closed_on.isoformat() == "2026-12-04"


@pytest.mark.parametrize("width", [1440, 375])
def test_a_call_is_registered_and_decided_with_the_keyboard_alone(
    funded: Desk, address: str, browser: Browser, width: int
) -> None:
    # given
    people = People(browser, address, width)
    page = people.page("jingban")
    # when
    tab_to(page, page.get_by_role("link", name="登记急难求助"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/intake/relief_urgent")
    tab_to(page, page.locator("#h-village"))
    page.keyboard.press("ArrowDown")
    tab_to(page, page.locator("#h-name"))
    page.keyboard.type("周海")
    tab_to(page, page.locator("#f-cause"))
    page.keyboard.press("ArrowDown")
    tab_to(page, page.get_by_label("会", exact=True))
    page.keyboard.press("Space")
    for key, typed in (
        ("#f-place", "甲村"), ("#f-persons", "3"), ("#f-requested", "1200"), ("#f-need", "火灾"),
    ):  # fmt: skip
        tab_to(page, page.locator(key))
        page.keyboard.type(typed)
    tab_to(page, page.get_by_role("button", name="登记并开始办理"))
    page.keyboard.press("Enter")
    # then
    expect(page.get_by_text("已登记，办件")).to_be_visible()
    # when the leader decides
    leader = people.page("fenguan")
    leader.goto(f"{address}/work")
    tab_to(leader, leader.get_by_role("link", name="值班领导决定", exact=True))
    leader.keyboard.press("Enter")
    tab_to(leader, leader.get_by_label("先行救助", exact=True))
    leader.keyboard.press("Space")
    tab_to(leader, leader.locator("#f-aid_amount"))
    leader.keyboard.press("Enter")
    # then
    expect(leader.get_by_text("已提交。")).to_be_visible()
    assert people.complaints == []
    people.close()

"""C17: one approval for three stages; one paid by bank, one after a visit, one taken back."""

from __future__ import annotations

from decimal import Decimal

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from models.money import BankAccount, Payment
from models.offices import Office
from models.relief import ReliefStage
from tests.browser.people import PHOTO, Clock, People, upload
from tests.web.desk import Desk
from web.database import db_session
from workflows.runtime.worker import fire_due
from workflows.scenarios.funds import balances, give_money
from workflows.transaction import transaction

ACCOUNT = "6228 4801 2345 6789 010"
PLAN = (("2000", "2026-09-01"), ("1800", "2026-10-09"), ("1000", "2026-11-10"))


@pytest.fixture
def funded(desk: Desk) -> Desk:
    """A district with 50,000 yuan for relief."""
    with desk.app.app_context(), transaction(db_session()) as session:
        township = session.get_one(Office, desk.tree.township)
        give_money(session, township, {"budget": "50000.00", "fund": "20000.00"})
    return desk


def report(people: People, desk: Desk) -> None:
    page = people.page("jingban")
    page.goto(f"{people.address}/intake/relief_urgent")
    page.locator("#h-village").select_option(desk.tree.village)
    page.locator("#h-name").fill("游小琴")
    page.get_by_label("窗口", exact=True).check()
    page.locator("#f-cause").select_option("accident")
    page.get_by_label("不会", exact=True).check()
    page.locator("#f-place").fill("甲村")
    page.locator("#f-persons").fill("1")
    page.locator("#f-requested").fill("4800")
    page.locator("#f-need").fill("烧伤住院")
    page.get_by_role("button", name="登记并开始办理").click()
    expect(page.get_by_text("已登记，办件")).to_be_visible()


def fill_plan(page: Page, plan: tuple[tuple[str, str], ...]) -> None:
    for number, (amount, on) in enumerate(plan, 1):
        page.locator(f"#f-stage{number}_amount").fill(amount)
        page.keyboard.press("Tab")  # the day of a stage is asked once there is an amount
        page.locator(f"#f-stage{number}_on").fill(on)


def refused(page: Page, plan: tuple[tuple[str, str], ...], why: str) -> None:
    """A wrong plan is refused with its reason, and everything typed is still there."""
    fill_plan(page, plan)
    page.get_by_role("button", name="提交：区民政局审批").click()
    expect(page.locator(".error-summary")).to_contain_text(why)
    for number, (amount, on) in enumerate(plan, 1):
        expect(page.locator(f"#f-stage{number}_amount")).to_have_value(amount)
        expect(page.locator(f"#f-stage{number}_on")).to_have_value(on)
    expect(page.locator("#f-approval_reason")).to_have_value("情况属实，同意")


def approve(people: People) -> None:
    page = people.open("queren", "区民政局审批")
    event = page.get_by_role("region", name="救助事件与资金")
    expect(event.locator("div", has_text="累计").last).to_contain_text("4,800.00")
    expect(event).to_contain_text("镇乡街道上限1,540.00元")
    expect(event.locator("div", has_text="审批层级").last).to_contain_text("区民政局")
    expect(event.locator("div", has_text="银行账户").last).to_contain_text("没有登记")
    page.get_by_label("批准", exact=True).check()
    expect(page.locator("#f-approved_amount")).to_have_value("4800.00")
    page.get_by_label("银行账户", exact=True).check()
    page.get_by_label("分期发放", exact=True).check()
    expect(page.locator("#f-stage1_on")).to_have_value("2026-09-01")
    page.locator("#f-approval_reason").fill("情况属实，同意")
    first, second, third = PLAN
    refused(page, (first, second, ("900", third[1])), "合计 4700.00 元")
    refused(page, (first, (second[0], "2026-11-11"), third), "依次往后")
    refused(page, ((first[0], "2026-08-31"), second, third), "不能早于今天")
    fill_plan(page, PLAN)
    page.locator("#f-stage2_condition").fill("仍在治疗")
    people.check(page)
    page.get_by_role("button", name="提交：区民政局审批").click()
    expect(page.get_by_text("已提交。")).to_be_visible()


def record_account(people: People) -> None:
    """From the task that says why the stage can't be paid to the account, and back."""
    page = people.open("jingban", "处理发放障碍")
    page.get_by_role("link", name="登记银行账户").click()
    expect(page.get_by_label("户名")).to_have_value("游小琴")
    people.check(page)
    page.get_by_label("开户银行").fill("农业银行开州支行")
    page.get_by_label("银行账号").fill("12345")
    page.get_by_role("button", name="登记账户").click()
    expect(page.locator(".error-summary")).to_contain_text("12至23位")
    expect(page.get_by_label("开户银行")).to_have_value("农业银行开州支行")
    page.get_by_label("银行账号").fill(ACCOUNT)
    page.get_by_role("button", name="登记账户").click()
    shown = page.get_by_role("region", name="银行账户")
    expect(shown).to_contain_text("****9010")
    expect(shown).not_to_contain_text("6228")
    people.check(page)


def cleared(page: Page) -> None:
    page.locator("#f-stage_findings").fill("已经登记银行账户")
    page.get_by_label("障碍已经消除，再核对一次").check()


def visited(page: Page) -> None:
    page.get_by_label("jingban2先生").check()
    page.locator("#f-stage_findings").fill("仍在治疗")
    upload(page, "stage_photos", PHOTO)
    page.get_by_label("按期发放").check()


def cancelled(page: Page) -> None:
    expect(page.locator("#f-visited_on")).to_have_value("2026-11-06")
    expect(page.locator("#f-stage_findings")).to_have_value("")
    page.get_by_label("jingban2先生").check()
    page.locator("#f-stage_findings").fill("保险已经赔付")
    page.get_by_label("取消，退回资金").check()
    page.locator("#f-stage_reason").fill("保险已经赔付")


def stages(people: People, *states: str) -> None:
    """The case's page shows the stages in these states."""
    page = people.page("jingban")
    page.goto(f"{people.address}/cases")
    page.get_by_role("link", name="游小琴").first.click()
    rows = page.get_by_role("region", name="临时救助").locator("tbody tr")
    expect(rows).to_have_count(len(states))
    for number, state in enumerate(states):
        expect(rows.nth(number)).to_contain_text(f"第{number + 1}期")
        expect(rows.nth(number)).to_contain_text(state)
    people.check(page)


def time_passes(desk: Desk, clock: Clock, people: People, until: str) -> None:
    """Everybody goes home; the worker does what falls due."""
    people.close()
    moment = clock.set(until)
    with desk.app.app_context():
        while fire_due(db_session(), desk.config.keys.ring, moment):
            pass


@pytest.mark.parametrize("width", [1440, 375])
def test_c17_one_approval_three_stages(
    funded: Desk, address: str, browser: Browser, clock: Clock, width: int
) -> None:
    # given
    clock.set("2026-09-01 09:00")
    people = People(browser, address, width)
    report(people, funded)
    people.do("shenhe", "接收材料", lambda page: expect(
        page.locator("#f-received_on")).to_have_value("2026-09-01"))  # fmt: skip
    # when
    approve(people)
    # then nothing can be paid before there is an account
    stages(people, "未到期", "未到期", "未到期")
    # when
    record_account(people)
    people.do("jingban", "处理发放障碍", cleared)
    # then the first stage is ordered by bank
    stages(people, "等待银行发放", "未到期", "未到期")
    # when the family is visited before the second stage
    time_passes(funded, clock, people, "2026-10-08 10:00")
    people.do("jingban", "发放前走访", visited)
    time_passes(funded, clock, people, "2026-10-09 08:00")
    # then
    stages(people, "等待银行发放", "等待银行发放", "未到期")
    # when the visit before the third finds that an insurance has paid
    time_passes(funded, clock, people, "2026-11-06 10:00")
    people.do("jingban", "发放前走访", cancelled)
    # then
    stages(people, "等待银行发放", "等待银行发放", "已取消")
    assert people.complaints == []
    people.close()
    with funded.app.app_context():
        session = db_session()
        assert [stage.amount for stage in session.scalars(
            select(ReliefStage).order_by(ReliefStage.number))] == [2000, 1800, 1000]  # fmt: skip
        assert {one.method.value for one in session.scalars(select(Payment))} == {"bank"}
        assert session.scalars(select(BankAccount)).one().closed_on is None
        money = balances(session, session.get_one(Office, funded.tree.township))
        assert (money["budget"], money["payable"]) == (Decimal("46200.00"), Decimal("3800.00"))

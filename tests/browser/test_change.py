"""A reported change in the browser: from the counter to the notice, old and new side by side."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from models.assistance import GrantAmount
from models.cases import Case
from models.households import Area, Household
from tests.browser.people import People, surveyors, upload
from tests.runtime.district import id_number, member
from tests.web.desk import Desk
from tests.web.test_retroactive import decided
from web.database import db_session
from workflows.assistance.households import HouseholdData, replace_facts
from workflows.transaction import transaction

SHOTS = os.environ.get("DOUDI_SHOTS")


def shot(page: Page, name: str, width: int) -> None:
    """A picture, where somebody wants to look at the pages."""
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}-{width}.png", full_page=True)


def without_wage(desk: Desk) -> None:
    """The officer has entered that nobody earns anything now."""
    keys = desk.config.keys.ring
    with desk.app.app_context(), transaction(db_session()) as session:
        household = session.scalars(select(Household)).one()
        facts = HouseholdData(
            desk.tree.village, Area.RURAL, [member("某400", "1975-03-02", order=400)], []
        )
        actor, now = desk.actor("jingban"), datetime.now(UTC)
        replace_facts(session, household, facts, keys, actor=actor, now=now)


@pytest.mark.parametrize("width", [375, 1440])
def test_a_change_is_reported_compared_and_decided(
    desk: Desk, address: str, browser: Browser, width: int
) -> None:
    # given a man alone with 235 yuan a month
    decided(desk, 1)
    people = People(browser, address, width)
    officer = people.page("jingban")
    # when he reports at the counter that his wage is gone
    officer.goto(f"{address}/intake/benefit_change")
    officer.locator("#h-village").select_option(desk.tree.village)
    officer.get_by_label("姓名").fill("某400")
    officer.get_by_label("身份证号码").fill(id_number("1975-03-02", 400))
    for group in ("h-channel", "h-area"):
        officer.locator(f"#{group} input").first.check()
    officer.get_by_label("收入增减").check()
    officer.get_by_label("从哪一天起").fill("2022-01-05")
    officer.get_by_label("情况说明").fill("工地停工，没有工资了")
    people.check(officer)
    shot(officer, "report", width)
    officer.get_by_role("button", name="登记并开始办理").click()
    shot(officer, "reported", width)
    without_wage(desk)
    page = people.open("jingban", "核实变化")
    people.check(page)
    shot(page, "verify", width)
    page.get_by_label("入户").check()
    surveyors(page, "verified_by")
    page.locator("#f-clear_change input").first.check()
    page.get_by_label("查明的情况").fill("工地停工属实")
    upload(page, "verify_files")
    page.get_by_role("button", name="提交：核实变化").click()
    expect(page.get_by_text("已提交。")).to_be_visible()
    # then the leader sees old against new
    leader = people.open("fenguan", "提出镇乡街道意见")
    expect(leader.get_by_role("table", name="新旧对照")).to_be_visible()
    people.check(leader)
    shot(leader, "opinion", width)
    leader.get_by_label("同意按核算变更").check()
    leader.get_by_label("理由").fill("属实")
    leader.get_by_role("button", name="提交：提出镇乡街道意见").click()
    confirmer = people.open("queren", "区民政局决定")
    people.check(confirmer)
    shot(confirmer, "decision", width)
    confirmer.get_by_label("按核算变更", exact=True).check()
    confirmer.get_by_role("button", name="提交：区民政局决定").click()
    expect(confirmer.get_by_text("已提交。")).to_be_visible()
    # and the case shows what is paid from when, and why
    with desk.app.app_context():
        case_id = (
            db_session().scalars(select(Case.id).where(Case.process_key == "benefit_change")).one()
        )
        paid = db_session().execute(
            select(GrantAmount.from_month, GrantAmount.monthly).order_by(GrantAmount.from_month)
        )
        assert [monthly for _, monthly in paid] == [Decimal("235"), Decimal("630")]
    officer.goto(f"{address}/cases/{case_id}")
    expect(officer.get_by_role("heading", name="金额变化")).to_be_visible()
    people.check(officer)
    shot(officer, "case", width)
    assert people.complaints == []

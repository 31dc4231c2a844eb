"""A family splits in the browser: begun, registered, reviewed; the household shows both sides."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import select

from models.households import Household
from tests.browser.people import DOCUMENT, People
from tests.web.desk import Desk
from web.database import db_session


@pytest.mark.parametrize("width", [375, 1440])
def test_a_family_splits(desk: Desk, address: str, browser: Browser, width: int) -> None:
    # given
    case_id = desk.open_case()
    household = desk.case(case_id).household_id
    people = People(browser, address, width)
    # when the officer begins the change from the household's page
    officer = people.page("jingban")
    officer.goto(f"{address}/cases/{case_id}/household")
    officer.get_by_role("link", name="家庭的全部办件、成员和变动").click()
    people.check(officer)
    officer.get_by_role("link", name="办理家庭变动").click()
    officer.get_by_label("变动种类").select_option("split")
    people.check(officer)
    officer.get_by_role("button", name="开办家庭变动").click()
    # and registers who goes where
    officer.get_by_role("link", name="登记家庭变动").first.click()
    expect(officer.get_by_role("heading", name="同一人员的其他在办事项")).to_be_visible()
    officer.get_by_label("办理", exact=True).check()
    officer.get_by_label("发生日期").fill("2026-01-05")
    officer.locator("#f-ground").select_option("divorce")
    officer.get_by_label("情况说明或者撤回的理由").fill("已经离婚，分开居住")
    officer.get_by_label("新户主").select_option(label="李素芳 · 配偶（1977年6月生）")
    for one in (
        officer.get_by_role("group", name="同意这次变动的成年成员").get_by_role("checkbox").all()
    ):
        one.check()
    officer.locator("input[type=file]").first.set_input_files([DOCUMENT])
    people.check(officer)
    officer.get_by_role("button", name="提交：登记家庭变动").click()
    expect(officer.get_by_text("已提交")).to_be_visible()
    # and the leader agrees
    leader = people.page("fenguan")
    leader.goto(f"{address}/work")
    leader.get_by_role("link", name="审核家庭变动").first.click()
    expect(leader.get_by_text("本家庭由 2 人变为 1 人")).to_be_visible()
    expect(leader.get_by_text("陈德明、李素芳")).to_be_visible()  # who agreed
    leader.get_by_label("同意", exact=True).check()
    leader.get_by_label("理由").fill("情况属实")
    people.check(leader)
    leader.get_by_role("button", name="提交：审核家庭变动").click()
    expect(leader.get_by_text("已提交")).to_be_visible()
    # then
    officer.goto(f"{address}/households/{household}")
    expect(officer.get_by_role("link", name="李素芳的家庭")).to_be_visible()
    people.check(officer)
    with desk.app.app_context():
        assert len(db_session().scalars(select(Household.id)).all()) == 2
    assert people.complaints == []

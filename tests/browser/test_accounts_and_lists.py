"""Accounts of members, the month's lists and objections that nothing takes, in the browser."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import select

from models.cases import Case
from models.clocks import Alert
from models.types import new_id
from tests.browser.people import People
from tests.web.desk import Desk
from tests.web.test_retroactive import decided
from web.database import current_moment, db_session
from workflows.runtime.objections import UNHEARD
from workflows.runtime.roll_postings import open_due_postings
from workflows.transaction import transaction


@pytest.mark.parametrize("width", [375, 1440])
def test_an_account_of_a_member_is_recorded_and_shown(
    desk: Desk, address: str, browser: Browser, width: int
) -> None:
    # given
    case_id = desk.open_case()
    people = People(browser, address, width)
    page = people.page("jingban")
    page.goto(f"{address}/cases/{case_id}/account")
    people.check(page)
    # when somebody else's name is given without a reason
    page.get_by_label("收款人").select_option(label="李素芳")
    page.get_by_label("银行账号").fill("6228480123456789028")
    page.get_by_label("开户银行").fill("农业银行开州支行")
    page.get_by_label("户名").fill("开州区敬老院")
    page.get_by_role("button", name="登记账户").click()
    # then
    expect(page.locator(".error-summary")).to_contain_text("不是收款人本人")
    expect(page.get_by_label("收款人")).to_have_value(
        page.get_by_label("收款人").locator("option", has_text="李素芳").get_attribute("value")
        or ""
    )
    people.check(page)
    # when
    page.get_by_label("不是本人账户的原因").fill("住在敬老院，由院方代收")
    page.get_by_label("银行账号").fill("6228480123456789028")
    page.get_by_role("button", name="登记账户").click()
    # then
    shown = page.get_by_role("region", name="银行账户")
    expect(shown).to_contain_text("****9028")
    expect(shown).to_contain_text("由院方代收")
    people.check(page)
    assert people.complaints == []


@pytest.mark.parametrize("width", [375, 1440])
def test_the_month_s_lists_are_a_task_and_an_unheard_objection_is_told(
    desk: Desk, address: str, browser: Browser, width: int
) -> None:
    # given
    decided(desk, 1)
    with desk.app.app_context():
        session = db_session()
        assert open_due_postings(session, desk.config.keys.ring, datetime.now(UTC)) == 1
        assert open_due_postings(session, desk.config.keys.ring, datetime.now(UTC)) == 0
        with transaction(session):
            case = session.scalars(select(Case).where(Case.process_key == "dibao")).first()
            assert case is not None
            session.add(
                Alert(
                    id=new_id(), district_id=case.district_id, office_id=case.township_id,
                    case_id=case.id, severity=UNHEARD, message="", raised_at=current_moment(),
                )
            )  # fmt: skip
    people = People(browser, address, width)
    # when
    page = people.page("jingban")
    page.goto(f"{address}/work")
    # then
    expect(page.get_by_text("没有待办在等它")).to_be_visible()
    people.check(page)
    # when
    page = people.open("jingban", "报告张贴情况")
    people.check(page)
    page.get_by_label("都已张贴").check()
    page.get_by_role("button", name="提交：报告张贴情况").click()
    # then
    expect(page.locator(".error-summary")).to_contain_text("还没有登记张贴的村（社区）")
    people.check(page)
    assert people.complaints == []

"""A year's notice entered by the system administrator, at a desk and on a telephone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from models.accounts import Role
from tests.browser.people import Clock, People
from tests.web.desk import Desk
from tests.web.people import make_account

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def correct(page: Page) -> None:
    """One bridging day of the Spring Festival, worked for on a Saturday."""
    page.get_by_label("文号或者标题").fill("国办发明电〔2026〕9号")
    festival = page.get_by_role("group", name="第2个节日")
    festival.get_by_label("最后一天").fill("2027-02-11")
    festival.get_by_label("调休上班").fill("2月15日")


@pytest.mark.parametrize("width", [375, 1440])
def test_a_year_is_entered_corrected_and_published(
    browser: Browser, address: str, desk: Desk, clock: Clock, width: int
) -> None:
    # given
    clock.set("2026-11-24 09:00")
    make_account(desk.app, desk.tree, "xitong", Role.SYSTEM_ADMIN)
    people = People(browser, address, width)
    page = people.page("xitong")
    # when: the year before anybody has entered it
    page.goto(f"{address}/calendar/2027")
    expect(page.get_by_text("2027年的放假安排尚未公布")).to_be_visible()
    expect(page.locator("td.day-holiday").first).to_contain_text("休")
    people.check(page)
    page.get_by_role("link", name="录入放假安排").click()
    correct(page)
    people.check(page)
    page.get_by_role("button", name="预览变化").click()
    # then: a Monday is no make-up workday, and nothing is lost
    expect(page.get_by_role("alert")).to_contain_text("2027-02-15是星期一")
    expect(page.get_by_label("文号或者标题")).to_have_value("国办发明电〔2026〕9号")
    people.check(page)
    # when
    festival = page.get_by_role("group", name="第2个节日")
    festival.get_by_label("调休上班").fill("2月20日")
    page.get_by_role("button", name="预览变化").click()
    # then
    expect(page.get_by_text("2天的上班、休息有变化")).to_be_visible()
    people.check(page)
    # when
    page.get_by_label("办理原因").fill("按通知录入")
    page.get_by_role("button", name="发布", exact=True).click()
    # then
    expect(page.get_by_text("已发布2027年放假安排")).to_be_visible()
    expect(page.get_by_text("国办发明电〔2026〕9号").first).to_be_visible()
    expect(page.locator("td.day-make-up-workday")).to_contain_text("20")
    people.check(page)
    assert people.complaints == []
    people.close()

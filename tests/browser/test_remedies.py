"""A review and a complaint in the browser: found by number, registered, seen on their pages."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.people import People
from tests.web.desk import Desk
from tests.web.relief import today
from tests.web.test_remedies import complained

_SHOTS = os.environ.get("DOUDI_SHOTS")


def look(people: People, page: Page, name: str) -> None:
    """Check a page, and keep a picture of it where somebody wants to see it."""
    people.check(page)
    if _SHOTS:
        page.screenshot(path=Path(_SHOTS) / f"{name}-{people.width}.png", full_page=True)


@pytest.mark.parametrize("width", [375, 1440])
def test_a_review_is_registered_and_a_complaint_is_kept_secret(
    desk: Desk, address: str, browser: Browser, width: int
) -> None:
    # given
    against = desk.case(desk.open_case())
    complaint = complained(desk, f_concerned_staff="某人")
    people = People(browser, address, width)
    officer = people.page("jingban")
    # when the officer finds the decision by its number
    officer.goto(f"{address}/remedies/new")
    officer.get_by_label("告知书或者办件的编号").fill(against.number)
    officer.get_by_role("button", name="查找", exact=True).click()
    look(people, officer, "choose")
    officer.get_by_role("link", name="行政复议", exact=True).click()
    # and sends the form before it is whole
    officer.get_by_role("button", name="登记并开始办理").click()
    expect(officer.get_by_role("alert")).to_be_visible()
    officer.get_by_label("姓名").fill("陈德明")
    officer.get_by_label("申请日期").fill(today().isoformat())
    officer.get_by_label("知道决定的日期").fill(today().isoformat())
    officer.get_by_label("复议机关").fill("某区人民政府")
    officer.get_by_label("复议请求").fill("撤销决定")
    look(people, officer, "new")
    officer.get_by_role("button", name="登记并开始办理").click()
    expect(officer.get_by_text("已登记，编号")).to_be_visible()
    look(people, officer, "review")
    # and the district looks at the register
    confirmer = people.page("queren")
    confirmer.goto(f"{address}/remedies")
    expect(confirmer.get_by_text("实名，已保密")).to_be_visible()
    look(people, confirmer, "register")
    confirmer.goto(f"{address}/cases/{complaint.id}")
    look(people, confirmer, "complaint")
    confirmer.get_by_role("button", name="查看姓名和电话").click()
    # then
    expect(confirmer.get_by_text("王小声")).to_be_visible()
    look(people, confirmer, "party")
    officer.goto(f"{address}/cases/{against.id}")
    look(people, officer, "against")
    assert people.complaints == []

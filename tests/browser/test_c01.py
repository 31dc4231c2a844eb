"""A household from the counter to its confirmed benefit, by five people at their browsers."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from models.assistance import Grant
from models.cases import Case
from tests.browser.people import People, surveyors, upload
from tests.runtime.district import id_number
from tests.web.desk import Desk
from web.database import db_session
from workflows.runtime.worker import fire_due


def today() -> str:
    return (datetime.now(UTC) + timedelta(hours=8)).date().isoformat()


def apply(people: People, desk: Desk) -> None:
    page = people.page("jingban")
    page.goto(f"{people.address}/intake")
    people.check_width(page)
    page.locator("#village").select_option(desk.tree.village)
    page.get_by_label("农村").check()
    page.locator("#m0-f-name").fill("陈德明")
    page.locator("#m0-f-id_number").fill(id_number("1975-03-02", 101))
    page.get_by_role("button", name="增加成员").click()
    expect(page.get_by_text("1975-03-02 · 男")).to_be_visible()
    page.locator("#m1-f-name").fill("李素芳")
    page.locator("#m1-f-id_number").fill(id_number("1977-06-11", 102))
    page.locator("#m1-f-relation").select_option("spouse")
    page.get_by_role("button", name="增加一项", exact=True).click()
    page.locator("#i0-f-member").select_option("0")
    page.locator("#i0-f-kind").select_option("wage")
    page.locator("#i0-f-basis").select_option("documented")
    page.locator("#i0-f-monthly").fill("900")
    page.get_by_label("符合规定").check()
    page.get_by_label("判断理由").fill("住房一处，无车辆")
    page.get_by_role("button", name="试算").click()
    expect(page.get_by_role("heading", name="试算结果")).to_be_visible()
    people.check_width(page)
    page.get_by_role("button", name="提交申请").click()
    expect(page.get_by_text("申请已登记，办件已开始。")).to_be_visible()


def check_materials(page: Page) -> None:
    page.get_by_label("材料齐全，受理").check()
    page.locator("#f-materials_received input").first.check()


def start_survey(page: Page) -> None:
    page.locator("#f-survey_started_on").fill(today())
    surveyors(page, "survey_team")


def request_check(page: Page) -> None:
    page.locator("#f-authorisation_complete").check()
    page.locator("#f-info_check_scope input").first.check()
    upload(page, "authorisation_files")


def survey(page: Page) -> None:
    page.locator("#f-survey_on").fill(today())
    page.get_by_label("入户调查", exact=True).check()
    surveyors(page, "surveyors")
    page.locator("#f-member_present").fill("李素芳")
    page.locator("#f-member_signed").check()
    expect(page.locator("#f-member_unsigned_reason")).to_have_count(0)
    page.locator("#f-living_situation").fill("土墙房三间")
    page.locator("#f-survey_findings").fill("与申报一致")
    upload(page, "survey_sheet")


def check_result(page: Page) -> None:
    page.locator("#f-info_check_result_on").fill(today())
    page.get_by_label("没有发现不符合条件的情况").check()
    upload(page, "info_check_report")


def opinion(page: Page) -> None:
    expect(page.get_by_role("heading", name="核算结果")).to_be_visible()
    page.get_by_label("同意", exact=True).check()
    page.locator("#f-opinion_reason").fill("人均收入低于标准")


def post_publicity(page: Page) -> None:
    page.locator("#f-posted_on").fill(today())
    page.locator("#f-publicity_place").fill("村务公开栏")
    upload(page, "publicity_photos")


def submit(page: Page) -> None:
    page.locator("#f-submitted_on").fill(today())
    for name in ("申请材料", "入户调查表", "初审意见"):
        page.get_by_label(name, exact=True).check()


def receive(page: Page) -> None:
    page.locator("#f-received_on").fill(today())
    page.locator("#f-receipt_complete").check()


def review(page: Page) -> None:
    page.get_by_label("建议确认同意").check()
    page.locator("#f-review_reason").fill("材料齐全")


def confirm(page: Page) -> None:
    page.get_by_label("确认同意", exact=True).check()


def serve(page: Page) -> None:
    page.get_by_label("直接送达").check()
    page.get_by_label("已经送达").check()
    page.locator("#f-served_on").fill(today())
    page.locator("#f-service_receiver").fill("陈德明")
    upload(page, "service_receipt")


@pytest.mark.parametrize("width", [1440, 375])
def test_c01_from_the_counter_to_the_confirmed_benefit(
    desk: Desk, address: str, browser: Browser, width: int
) -> None:
    # given
    people = People(browser, address, width)
    # when
    apply(people, desk)
    people.do("jingban", "审查申请材料", check_materials)
    people.do("jingban", "启动入户调查", start_survey)
    people.do("jingban", "提请信息核对", request_check)
    people.do("shenhe", "启动信息核对", lambda page: page.locator(
        "#f-info_check_started_on").fill(today()))  # fmt: skip
    people.do("jingban", "登记入户调查", survey)
    people.do("shenhe", "登记核对结果", check_result)
    people.do("fenguan", "提出初审意见", opinion)
    people.do("xieli", "张贴公示", post_publicity)
    let_publicity_pass(desk)
    people.do("jingban", "报送区民政局", submit)
    people.do("shenhe", "接收材料", receive)
    people.do("shenhe", "区级审核", review)
    people.do("queren", "审核确认", confirm)
    people.do("jingban", "送达告知书", serve)
    # then
    page = people.page("jingban")
    page.goto(f"{address}/cases")
    page.get_by_role("row").filter(has_text="-DB-").get_by_role("link", name="陈德明").click()
    expect(page.locator(".case-title").get_by_text("已确认")).to_be_visible()
    expect(page.get_by_role("heading", name="救助决定")).to_be_visible()
    people.check_width(page)
    for part in ("家庭", "核算", "材料与文书", "流程图", "办理经过"):
        page.get_by_role("link", name=part, exact=True).click()
        expect(page.get_by_role("link", name=part, exact=True)).to_have_attribute(
            "aria-current", "page"
        )
        people.check_width(page)
    people.close()
    with desk.app.app_context():
        case = db_session().scalars(select(Case).where(Case.number.like("%-DB-%"))).one()
        grant = db_session().scalars(select(Grant)).one()
        assert (case.outcome, case.monthly) == ("confirmed", grant.monthly)
        assert grant.monthly > 0
        assert re.fullmatch(r"500154-DB-\d{4}-000001", case.number)


def let_publicity_pass(desk: Desk) -> None:
    """The worker works as it will ten days from now."""
    with desk.app.app_context():
        later = datetime.now(UTC) + timedelta(days=10)
        assert fire_due(db_session(), desk.config.keys.ring, later) == 1

"""A corrected standard in the browser: the list, one decision by hand, the rest at once."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import select

from models.assistance import Grant
from models.retroactive import TouchedCase, TouchedState
from tests.browser.people import People
from tests.web.desk import Desk
from tests.web.test_retroactive import decided, published, work
from web.database import db_session


@pytest.mark.parametrize("width", [375, 1440])
def test_a_corrected_standard_is_looked_at_and_decided(
    desk: Desk, address: str, browser: Browser, width: int
) -> None:
    # given
    decided(desk, 3)
    change_id = published(desk)
    people = People(browser, address, width)
    path = f"{address}/policy/changes/{change_id}"
    # when the officer proposes in all cases at once
    officer = people.page("jingban")
    officer.goto(path)
    officer.get_by_label("理由").fill("标准更正属实")
    officer.get_by_role("button", name="逐件办理").click()
    expect(officer.get_by_text("已交后台逐件办理")).to_be_visible()
    work(desk)
    # and the confirmer looks at one by hand
    confirmer = people.page("queren")
    confirmer.goto(f"{address}/work")
    confirmer.get_by_role("link", name="决定是否更正", exact=True).first.click()
    expect(confirmer.get_by_text("每月235.00元，更正为256.00元")).to_be_visible()
    confirmer.get_by_label("更正金额", exact=True).check()
    people.check(confirmer)
    confirmer.get_by_role("button", name="提交：决定是否更正").click()
    # and takes the rest at once
    confirmer.goto(f"{address}/policy")
    confirmer.get_by_role("link", name="追溯更正").click()
    people.check(confirmer)
    confirmer.get_by_role("link", name=f"{datetime.now(UTC).year}-").first.click()
    people.check(confirmer)
    confirmer.get_by_role("button", name="逐件办理").click()
    work(desk)
    confirmer.goto(path)
    # then
    expect(confirmer.get_by_text("已更正")).to_have_count(3)
    with desk.app.app_context():
        rows = db_session().scalars(select(TouchedCase)).all()
        assert {row.state for row in rows} == {TouchedState.CORRECTED}
        assert {grant.monthly for grant in db_session().scalars(select(Grant))} == {Decimal("256")}
    assert people.complaints == []

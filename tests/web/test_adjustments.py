"""New standards as pages: the adjustments of a district, one with its sums and families."""

from __future__ import annotations

from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select

from models.households import Area
from models.standards import StandardAdjustment
from models.trail import AccessRecord
from tests.runtime.district import at, member
from tests.web.desk import Desk, statements
from web.database import db_session
from workflows.assistance.households import HouseholdData, IncomeData, register_household
from workflows.errors import SYSTEM
from workflows.runtime.standards import open_due_adjustments
from workflows.scenarios.corrections import decide_now, work_all
from workflows.transaction import transaction

#: Of the page of one adjustment, whatever the length of its list.
STATEMENTS = 7


@pytest.fixture
def desk(app: Flask) -> Desk:
    """A district at work."""
    return Desk.opened(app)


def risen(desk: Desk, families: int) -> str:
    """Families decided on by 515, and the list for 581; the id of the adjustment."""
    keys = desk.config.keys.ring
    with desk.app.app_context():
        for number in range(families):
            with transaction(db_session()) as session:
                household = register_household(
                    session,
                    HouseholdData(
                        desk.tree.village, Area.RURAL,
                        [member(f"某{number}", "1975-03-02", order=100 + number, employed=True)],
                        [IncomeData(0, "wage", "documented", Decimal(400))],
                    ),
                    keys, actor=desk.actor("jingban"), now=at("2022-03-01"),
                )  # fmt: skip
                decide_now(session, household, keys, actor=SYSTEM, now=at("2022-03-15"))
        open_due_adjustments(db_session(), keys, at("2022-09-01"))
        work_all(db_session(), keys, at("2022-09-01"))
        return db_session().scalars(select(StandardAdjustment.id)).one()


def test_the_district_sees_who_gets_more_and_how_much(desk: Desk) -> None:
    # given
    adjustment_id = risen(desk, 2)
    # when
    client = desk.client("queren")
    rows = client.get("/policy/adjustments").text
    page = client.get(f"/policy/adjustments/{adjustment_id}").text
    # then: 66 more for each, from September on
    assert "2022-09" in rows and "132.00" in rows and adjustment_id in rows
    assert "农村最低生活保障标准" in page and "515" in page and "581" in page
    assert page.count("301.00") == 2 and page.count("235.00") == 2
    assert "标准调整" in client.get("/policy").text
    with desk.app.app_context():
        seen = db_session().scalars(
            select(AccessRecord.kind).where(AccessRecord.subject_id == adjustment_id)
        )
        assert {str(kind) for kind in seen} == {"viewed"}


def test_the_list_is_narrowed_to_a_kind(desk: Desk) -> None:
    # given
    adjustment_id = risen(desk, 1)
    client = desk.client("queren")
    # when / then
    assert "301.00" in client.get(f"/policy/adjustments/{adjustment_id}?kind=more").text
    assert "没有这样的家庭" in client.get(f"/policy/adjustments/{adjustment_id}?kind=check").text
    assert "301.00" in client.get(f"/policy/adjustments/{adjustment_id}?kind=nonsense").text


@pytest.mark.parametrize("families", [1, 6])
def test_the_statements_don_t_grow_with_the_list(desk: Desk, families: int) -> None:
    # given
    path = f"/policy/adjustments/{risen(desk, families)}"
    client = desk.client("queren")
    client.get(path)
    # when
    with statements(desk.app) as sent:
        assert client.get(path).status_code == 200
    # then: who is asking, the page, that it was seen
    assert len(sent) == STATEMENTS


def test_an_unknown_adjustment_is_said_to_be_unknown(desk: Desk) -> None:
    # when
    answer = desk.client("queren").get("/policy/adjustments/01a208f1-b476-70fa-ad23-d31d692d0b4c")
    # then
    assert answer.status_code == 404 and "没有这次标准调整" in answer.text

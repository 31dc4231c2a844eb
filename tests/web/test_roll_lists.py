"""The lists of families on the roll: made, printed, posted with a photo, month by month."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
import time_machine
from sqlalchemy import select

from models.assistance import Grant, GrantState
from models.households import Household
from models.postings import RollList
from tests.documents.test_notice_pdf import page_texts
from tests.web.desk import Desk, pdf, said, statements
from web.database import current_moment, db_session
from workflows.errors import SYSTEM
from workflows.scenarios.corrections import decide_now
from workflows.transaction import transaction


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    """It is the morning of 2026-10-15 in Chongqing."""
    with time_machine.travel("2026-10-15T02:00:00Z", tick=True) as clock:
        yield clock


@pytest.fixture
def path(desk: Desk, clock: time_machine.Traveller) -> str:
    """Two families of a village on the allowance; it is 2026-11-02. The path of its list."""
    for order, name in ((101, "陈德明"), (103, "周大海")):
        case = desk.case(desk.open_case(order, name=name, wage="300"))
        with desk.app.app_context(), transaction(db_session()) as session:
            household = session.get_one(Household, case.household_id)
            decide_now(session, household, desk.config.keys.ring, actor=SYSTEM,
                       now=current_moment())  # fmt: skip
    turn(desk, clock, "2026-11-02")
    return f"/roll-lists/{desk.tree.village}"


def turn(desk: Desk, clock: time_machine.Traveller, day: str) -> None:
    """It is another day, and everybody signs in again."""
    clock.move_to(f"{day}T02:00:00Z")
    desk.clients.clear()


def post(desk: Desk, path: str, day: str = "2026-11-02", **fields: object) -> object:
    """The assistant records that it hangs."""
    return desk.post("xieli", f"{path}/posted", posted_on=day, place="村务公开栏", **fields)


def test_the_list_has_names_members_and_amounts_and_nothing_else(desk: Desk, path: str) -> None:
    # when
    answer = desk.post("xieli", path)
    page = desk.client("jingban").get(path).text
    with desk.client("xieli").get(f"{path}.pdf") as printed:
        (text,) = page_texts(printed.data)
    exported = desk.client("jingban").get(f"{path}.csv").text
    # then
    assert answer.status_code == 303
    for shown in (page, text, exported):
        assert "陈德明" in shown and "周大海" in shown
        for hidden in ("李素芳", "500154", "1975", "住房一处"):
            assert hidden not in shown
    with desk.app.app_context():
        kept = db_session().scalars(select(RollList)).one()
        assert kept.fields == ["name", "members", "monthly"]
        assert all(set(content) == {"members", "monthly"} for content in kept.rows.values())
        assert len(kept.changes["added"]) == 2


def test_it_is_posted_with_a_photo_and_the_next_month_takes_its_place(
    desk: Desk, path: str, clock: time_machine.Traveller
) -> None:
    # given
    desk.post("xieli", path)
    refused = post(desk, path)
    assert refused.status_code == 422 and "请上传公示照片" in said(refused)
    assert post(desk, path, photo=pdf("公示.pdf")).status_code == 303
    again = desk.post("xieli", path)
    assert again.status_code == 409
    # when: one family leaves, and a month goes by
    with desk.app.app_context(), transaction(db_session()) as session:
        left = session.scalars(select(Grant).order_by(Grant.id)).first()
        assert left is not None
        left.state, left.ended_from = GrantState.ENDED, date(2026, 12, 1)
        name_left = left.id
    turn(desk, clock, "2026-12-03")
    missing = desk.client("jingban").get("/roll-lists").text
    desk.post("xieli", path)
    assert post(desk, path, "2026-12-03", photo=pdf("公示.pdf")).status_code == 303
    # then
    assert "1个本月还没有张贴" in missing
    page = desk.client("jingban").get(path).text
    assert "退出1户" in page and "周大海" in page and "陈德明" not in page
    with desk.app.app_context():
        november, december = db_session().scalars(select(RollList).order_by(RollList.month))
        assert november.down_on == date(2026, 12, 3)
        assert december.changes == {"added": [], "left": [name_left], "changed": []}


def test_nobody_sees_another_townships_village(desk: Desk, path: str) -> None:
    # given
    desk.post("xieli", path)
    # when / then
    for address in (path, f"{path}.pdf", f"{path}.csv"):
        assert desk.client("waizhen").get(address).status_code == 404
    assert desk.post("waizhen", path).status_code == 404
    assert desk.post("fenguan", path).status_code == 403


def test_the_pages_cost_the_same_for_any_number_of_families(desk: Desk, path: str) -> None:
    # given
    desk.post("xieli", path)
    client = desk.client("jingban")
    for address, most in ((path, 14), ("/roll-lists", 5)):
        client.get(address)
        # when
        with statements(desk.app) as sent:
            client.get(address)
        # then
        assert len(sent) <= most, sent

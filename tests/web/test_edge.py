"""The list of edge households, the household's page, and the links between cases."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import select

from models.assistance import Assessment
from models.cases import Case
from models.edge import EdgeRecord
from tests.web.desk import Desk, accept, investigate, statements
from web.database import db_session
from workflows.calendar import local_day
from workflows.transaction import transaction


def recorded(desk: Desk, order: int, name: str, *, valid: int = 100, ended: bool = False) -> str:
    """The case of a household that was recorded as on the edge today."""
    case_id = desk.open_case(order, name=name)
    accept(desk, case_id)
    investigate(desk, case_id)
    now = datetime.now(UTC)
    with desk.app.app_context(), transaction(db_session()) as session:
        case = session.get_one(Case, case_id)
        made = session.scalars(select(Assessment.id).where(Assessment.case_id == case_id)).first()
        assert made is not None and case.household_id is not None
        session.add(
            EdgeRecord(
                district_id=case.district_id, township_id=case.township_id,
                household_id=case.household_id, case_id=case_id, assessment_id=made,
                per_capita=Decimal("643.33"), edge_line=Decimal("945"),
                decided_on=local_day(now), valid_until=local_day(now) + timedelta(days=valid),
                recorded_at=now, ended_on=local_day(now) if ended else None, ended_reason="",
            )
        )  # fmt: skip
    return case_id


def test_the_list_shows_those_that_count_the_first_to_end_at_the_top(desk: Desk) -> None:
    # given
    recorded(desk, 101, "陈德明", valid=90)
    recorded(desk, 103, "王光荣", valid=30)
    recorded(desk, 105, "何秀兰", ended=True)
    recorded(desk, 107, "邓永福", valid=-1)
    # when
    page = desk.client("shenhe").get("/edge-households").text
    # then
    assert page.index("王光荣") < page.index("陈德明")
    assert "何秀兰" not in page and "邓永福" not in page
    assert "643.33" in page


def test_another_township_sees_none_of_them(desk: Desk) -> None:
    # given
    recorded(desk, 101, "陈德明")
    # when
    page = desk.client("waizhen").get("/edge-households")
    # then
    assert page.status_code == 200 and "陈德明" not in page.text
    assert "现在没有低保边缘家庭" in page.text


def test_the_list_takes_the_same_few_statements_whatever_its_length(desk: Desk) -> None:
    # given
    recorded(desk, 101, "陈德明")
    client = desk.client("shenhe")
    client.get("/edge-households")
    with statements(desk.app) as few:
        client.get("/edge-households")
    recorded(desk, 103, "王光荣")
    recorded(desk, 105, "何秀兰")
    # when
    with statements(desk.app) as many:
        client.get("/edge-households")
    # then
    assert len(few) == len(many) <= 8, "\n".join(many)


def test_the_page_of_the_household_tells_the_record_and_its_term(desk: Desk) -> None:
    # given
    case_id = recorded(desk, 101, "陈德明")
    # when
    page = desk.client("jingban").get(f"/cases/{case_id}/household").text
    # then
    assert "有效期至" in page and "边缘线945.00元" in page


def test_a_page_that_does_not_exist_begins_at_the_top(desk: Desk) -> None:
    # given
    recorded(desk, 101, "陈德明")
    # when
    pages = [
        desk.client("jingban").get(f"/edge-households?after={after}").text
        for after in ("nonsense", f"{date(2000, 1, 1)}_x", "_")
    ]
    # then
    assert all("陈德明" in page for page in pages)


def test_a_case_links_to_the_case_that_opened_it_and_back(desk: Desk) -> None:
    # given
    origin, opened = desk.open_case(101), desk.open_case(103, name="王光荣")
    with desk.app.app_context(), transaction(db_session()) as session:
        session.get_one(Case, opened).opened_from_id = origin
    # when
    first = desk.client("jingban").get(f"/cases/{origin}").text
    second = desk.client("jingban").get(f"/cases/{opened}").text
    # then
    assert "由本件开办" in first and f"/cases/{opened}" in first
    assert "本件由另一办件转来" in second and f"/cases/{origin}" in second

"""Lists of deaths as pages: compared, previewed, taken over by the worker, told row by row."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from models.cases import Case
from models.deaths import DeathList, DeathRecord, DeathRow, DeathRowState
from models.households import Person
from tests.web.benefits import Family
from tests.web.desk import Desk, said
from web.database import db_session
from workflows.assistance.households import identity_of
from workflows.scenarios.corrections import work_all


@pytest.fixture
def desk(app: Flask) -> Desk:
    """A district at work."""
    return Desk.opened(app)


def upload(desk: Desk, *lines: str, source: str = "区公安局2026年11月") -> TestResponse:
    """A list with these rows."""
    content = "\n".join(["id_number,died_on", *lines]).encode()
    return desk.post("shenhe", "/deaths", source=source, file=(io.BytesIO(content), "list.csv"))


def number_of(desk: Desk, person_id: str) -> str:
    """The id-card number of a person."""
    with desk.app.app_context():
        person = db_session().get_one(Person, person_id)
        return identity_of(person, desk.config.keys.ring).id_number


def states(desk: Desk) -> list[DeathRowState]:
    """The rows of all lists in their order."""
    with desk.app.app_context():
        return list(db_session().scalars(select(DeathRow.state).order_by(DeathRow.line)))


def work(desk: Desk) -> None:
    """The worker does every job."""
    with desk.app.app_context():
        work_all(db_session(), desk.config.keys.ring, datetime.now(UTC))


def test_a_list_is_compared_and_nothing_happens_before_it_is_taken_over(desk: Desk) -> None:
    # given
    family = Family.paid(desk)
    known = number_of(desk, family.person)
    # when
    answer = upload(desk, f"{known},2026-11-02", "500154195001011234,2026-11-03")
    # then
    assert answer.status_code == 303
    page = desk.client("shenhe").get(answer.location).text
    assert "不在本区的家庭中" in page and "将登记" in page and "李素芳" in page
    assert known not in page
    assert states(desk) == [DeathRowState.FOUND, DeathRowState.UNKNOWN]
    with desk.app.app_context():
        assert db_session().scalars(select(DeathRecord)).all() == []
        assert db_session().get_one(Person, family.person).died_on is None


def test_the_worker_records_each_death_and_opens_a_case_where_a_benefit_is_paid(
    desk: Desk,
) -> None:
    # given
    families = [Family.paid(desk, 301 + place, f"某{place}") for place in range(30)]
    rows = [f"{number_of(desk, one.person)},2026-11-02" for one in families]
    listed = upload(desk, *rows).location
    # when
    taken = desk.post("shenhe", f"{listed}/take", verb="take")
    again = desk.post("shenhe", f"{listed}/take", verb="take")
    work(desk)
    # then
    assert (taken.status_code, again.status_code) == (303, 409)
    assert states(desk) == [DeathRowState.RECORDED] * 30
    with desk.app.app_context():
        records = db_session().scalars(select(DeathRecord)).all()
        assert {one.died_on for one in records} == {date(2026, 11, 2)}
        assert all(one.list_id is not None and one.recorded_by_id for one in records)
        cases = db_session().scalars(select(Case).where(Case.process_key == "member_death")).all()
        assert {one.person_id for one in cases} == {one.person for one in families}
        assert db_session().scalars(select(DeathList.state)).one().value == "done"


def test_another_day_than_the_recorded_one_is_told_and_left_alone(desk: Desk) -> None:
    # given
    family = Family.paid(desk)
    known = number_of(desk, family.person)
    first = upload(desk, f"{known},2026-11-02").location
    desk.post("shenhe", f"{first}/take", verb="take")
    work(desk)
    # when
    page = desk.client("shenhe").get(upload(desk, f"{known},2026-11-05").location).text
    same = desk.client("shenhe").get(upload(desk, f" {known} ,2026-11-02").location).text
    # then
    assert "已登记的日期不同" in page and "已登记 2026-11-02" in page
    assert "已登记" in same
    assert states(desk).count(DeathRowState.DIFFERS) == 1


def test_a_list_with_faults_is_refused_with_every_line(desk: Desk) -> None:
    # when
    answer = upload(desk, "500154195001011234,x", ",2026-11-01", "500154195001011234,2999-01-01")
    twice = upload(desk, "500154195001011234,2026-11-01", "500154195001011234,2026-11-01")
    # then
    assert answer.status_code == twice.status_code == 422
    assert all(text in said(answer) for text in ("第2行", "第3行", "第4行"))
    assert "同一人" in said(twice)


def test_the_same_list_comes_once_and_may_be_let_go(desk: Desk) -> None:
    # given
    first = upload(desk, "500154195001011234,2026-11-01").location
    # when
    again = upload(desk, "500154195001011234,2026-11-01")
    dropped = desk.post("shenhe", f"{first}/take", verb="drop")
    # then
    assert (again.status_code, dropped.status_code) == (409, 303)
    assert "已放弃" in desk.client("shenhe").get(first).text
    assert desk.client("jingban").get(first).status_code == 403

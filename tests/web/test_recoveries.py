"""Recoveries as pages: the list with its sums and file, one with its plan, its repayment begun."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select

from models.cases import Case, CaseState
from models.recoveries import Recovery
from tests.web.benefits import Family
from tests.web.desk import Desk, statements
from web.database import db_session
from workflows.transaction import transaction


@pytest.fixture
def desk(app: Flask) -> Desk:
    """A district at work."""
    return Desk.opened(app)


def test_the_list_tells_open_overdue_and_settled_apart(desk: Desk) -> None:
    # given
    late, fresh = Family.paid(desk, 301, "陈德明"), Family.paid(desk, 302, "王大年")
    late.owes("90.00", date(2026, 11, 1))
    fresh.owes("45.50", date(2999, 1, 1))
    # when
    everything = desk.client("jingban").get("/recoveries").text
    overdue = desk.client("queren").get("/recoveries?state=overdue").text
    named = desk.client("caizheng").get("/recoveries?name=王大年").text
    # then
    assert "陈德明" in everything and "王大年" in everything and "135.50" in everything
    assert "陈德明" in overdue and "王大年" not in overdue
    assert "王大年" in named and "陈德明" not in named


def test_another_township_sees_none_of_them(desk: Desk) -> None:
    # given
    recovery = Family.paid(desk).owes()
    # when
    page = desk.client("waizhen").get("/recoveries").text
    one = desk.client("waizhen").get(f"/recoveries/{recovery}")
    # then
    assert "没有这样的追回" in page
    assert one.status_code == 404


def test_the_file_has_a_row_for_each(desk: Desk) -> None:
    # given
    Family.paid(desk).owes("90.00", date(2026, 11, 1))
    # when
    answer = desk.client("caizheng").get("/recoveries/list.csv")
    # then
    rows = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert len(rows) == 2, rows
    heading, row = rows
    assert dict(zip(heading, row, strict=True)) | {
        "户主": "陈德明", "原因": "定期核查", "应退（元）": "90.00", "余款（元）": "90.00",
        "下一期": "2026-11-01", "状态": "逾期",
    } == dict(zip(heading, row, strict=True))  # fmt: skip


def test_its_repayment_is_begun_once(desk: Desk) -> None:
    # given
    recovery = Family.paid(desk).owes()
    # when
    begun = desk.post("jingban", f"/recoveries/{recovery}/repayment")
    again = desk.post("jingban", f"/recoveries/{recovery}/repayment")
    # then
    assert (begun.status_code, again.status_code) == (303, 409)
    with desk.app.app_context():
        case = (
            db_session().scalars(select(Case).where(Case.process_key == "recovery_repayment")).one()
        )
        assert db_session().get_one(Recovery, recovery).repayment_case_id == case.id
    page = desk.client("jingban").get(f"/recoveries/{recovery}").text
    assert case.number in page and "安排退款" not in page


def test_it_is_not_begun_before_the_decision_is_served(desk: Desk) -> None:
    # given a decision whose case is still open
    recovery = Family.paid(desk).owes()
    with desk.app.app_context(), transaction(db_session()) as session:
        session.get_one(Case, session.get_one(Recovery, recovery).case_id).state = CaseState.OPEN
    # when
    refused = desk.post("jingban", f"/recoveries/{recovery}/repayment")
    # then
    assert refused.status_code == 409 and "还没有送达" in refused.text


def test_the_list_takes_as_many_statements_for_many_as_for_one(desk: Desk) -> None:
    # given
    Family.paid(desk, 301).owes()
    desk.client("jingban").get("/recoveries")
    with statements(desk.app) as few:
        desk.client("jingban").get("/recoveries")
    for place in range(5):
        Family.paid(desk, 310 + place, f"某{place}").owes()
    # when
    with statements(desk.app) as many:
        desk.client("jingban").get("/recoveries")
    # then
    assert len(many) == len(few)

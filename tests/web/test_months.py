"""The months of a family as a page: owed, paid, with and without gradual exit; what it records."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import select

from models.cases import Case
from models.deaths import DeathRecord
from models.job_offers import JobOffer
from models.trail import AccessRecord
from tests.web.benefits import Family
from tests.web.desk import Desk, said, statements
from web.database import db_session
from workflows.calendar import months_later


@pytest.fixture
def desk(app: Flask) -> Desk:
    """A district at work."""
    return Desk.opened(app)


def row(page: str, month: str) -> str:
    """The words of a month's row, one space between cells."""
    found = re.search(rf"<tr[^>]*>\s*<th[^>]*>{month}</th>.*?</tr>", page, re.DOTALL)
    assert found is not None, month
    return " ".join(re.sub(r"<[^>]+>", " ", found[0]).split())


def test_each_month_says_what_is_owed_and_paid_and_what_is_planned(desk: Desk) -> None:
    # given
    family = Family.paid(desk)
    present = datetime.now(UTC).date().replace(day=1)
    # when
    answer = desk.client("jingban").get(family.path)
    # then
    assert answer.status_code == 200
    paid = row(answer.text, f"{months_later(present, -1):%Y-%m}")
    assert "已到账" in paid and "0.00" in paid
    assert "没有发放" in row(answer.text, f"{present:%Y-%m}")
    assert "计划" in row(answer.text, f"{months_later(present, 1):%Y-%m}")
    assert "如果今天决定渐退" in answer.text
    assert "立即停发时" not in answer.text


def test_a_gradual_exit_stands_beside_an_immediate_stop(desk: Desk) -> None:
    # given
    family = Family.paid(desk)
    family.exits()
    present = datetime.now(UTC).date().replace(day=1)
    # when
    page = desk.client("jingban").get(family.path).text
    # then
    amount = re.findall(r"[\d,]+\.\d\d", row(page, f"{present:%Y-%m}"))
    assert amount[1:3] == [amount[1], "0.00"]
    assert amount[3] == amount[1]
    after = row(page, f"{months_later(present, 6):%Y-%m}")
    assert "不发放" in after
    assert "渐退比立即停发多" in page
    assert "如果今天决定渐退" not in page


def test_who_looked_is_recorded_and_other_townships_see_nothing(desk: Desk) -> None:
    # given
    family = Family.paid(desk)
    # when
    desk.client("jingban").get(family.path)
    elsewhere = desk.client("waizhen").get(family.path)
    # then
    assert elsewhere.status_code == 404
    with desk.app.app_context():
        looks = db_session().scalars(
            select(AccessRecord.subject_id).where(AccessRecord.subject_id == family.household_id)
        )
        assert list(looks) == [family.household_id]


def test_a_page_takes_as_many_statements_for_many_months_and_recoveries(desk: Desk) -> None:
    # given
    few, many = Family.paid(desk, 301), Family.paid(desk, 302, "王大年")
    many.exits()
    for _ in range(3):
        many.owes()
    counts = []
    for family in (few, few, many):
        with statements(desk.app) as told:
            assert desk.client("jingban").get(f"{family.path}?all=1").status_code == 200
        counts.append(len(told))
    # then
    assert counts[1] == counts[2]


def test_a_reported_death_holds_the_family_and_opens_its_check(desk: Desk) -> None:
    # given
    family = Family.paid(desk)
    # when
    answer = desk.post(
        "jingban", f"/households/{family.household_id}/deaths",
        person=family.person, died_on="2026-11-01", note="村里报告",
    )  # fmt: skip
    # then
    assert answer.status_code == 303
    with desk.app.app_context():
        record = db_session().scalars(select(DeathRecord)).one()
        case = db_session().scalars(select(Case).where(Case.process_key == "member_death")).one()
        assert (record.person_id, case.person_id) == (family.person, family.person)
        assert answer.location.endswith(case.id)
    assert "家庭成员已登记死亡，发放暂缓" in desk.client("jingban").get(family.path).text


def test_wrong_entries_come_back_with_their_sentences(desk: Desk) -> None:
    # given
    family = Family.paid(desk)
    base = f"/households/{family.household_id}"
    # when
    death = desk.post("jingban", f"{base}/deaths", person=family.person, died_on="x", note="")
    offer = desk.post(
        "jingban", f"{base}/offers",
        person=family.person, offered_on="2026-11-01", employer="纺织厂", suitable="yes",
        answer="bad", reason="",
    )  # fmt: skip
    ask = desk.post(
        "jingban", f"{base}/grants/{family.grant_id}/overpayments",
        cause="review", first_month="2022-13", note="核查",
    )  # fmt: skip
    # then
    assert death.status_code == offer.status_code == ask.status_code == 422
    assert "请填写日期" in said(death)
    assert "请写明拒绝的理由" in said(offer)
    assert "请填写月份" in said(ask)


def test_a_refusal_of_work_is_kept_and_its_count_opened(desk: Desk) -> None:
    # given
    family = Family.paid(desk)
    # when
    answer = desk.post(
        "jingban", f"/households/{family.household_id}/offers",
        person=family.person, offered_on="2026-11-01", employer="纺织厂", suitable="yes",
        answer="bad", reason="嫌远",
    )  # fmt: skip
    # then
    assert answer.status_code == 303
    with desk.app.app_context():
        assert db_session().scalars(select(JobOffer.good_reason)).all() == [False]
        case = db_session().scalars(select(Case).where(Case.process_key == "job_refusal")).one()
        assert case.outcome == "completed"
    assert "拒绝，没有正当理由" in desk.client("jingban").get(family.path).text


def test_only_officers_of_the_township_record_and_ask(desk: Desk) -> None:
    # given
    family = Family.paid(desk)
    base = f"/households/{family.household_id}"
    fields = {"person": family.person, "died_on": "2026-11-01", "note": "村里报告"}
    # when
    elsewhere = desk.post("waizhen", f"{base}/deaths", **fields)
    confirmer = desk.post("queren", f"{base}/deaths", **fields)
    # then
    assert (elsewhere.status_code, confirmer.status_code) == (404, 403)

"""Changes that reach back as pages: the list of a district, one change, its cases and its file."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select

from models.assistance import Grant
from models.households import Area
from models.retroactive import RetroactiveChange, TouchedCase, TouchedState
from models.trail import AccessRecord
from tests.assistance.retroactive.story import with_rural
from tests.runtime.district import at, member
from tests.web.desk import Desk, statements
from web.database import db_session
from workflows.assistance.households import HouseholdData, IncomeData, register_household
from workflows.errors import SYSTEM
from workflows.runtime.publishing import publish_policy
from workflows.scenarios.corrections import decide_now, work_all
from workflows.transaction import transaction


@pytest.fixture
def desk(app: Flask) -> Desk:
    """A district at work."""
    return Desk.opened(app)


def decided(desk: Desk, count: int, wage: str = "400") -> None:
    """Families whose benefit was fixed by the standard of 2021-09-01."""
    keys = desk.config.keys.ring
    with desk.app.app_context():
        for number in range(int(wage), int(wage) + count):
            with transaction(db_session()) as session:
                household = register_household(
                    session,
                    HouseholdData(
                        desk.tree.village, Area.RURAL,
                        [member(f"某{number}", "1975-03-02", order=number, employed=True)],
                        [IncomeData(0, "wage", "documented", Decimal(wage))],
                    ),
                    keys, actor=desk.actor("jingban"), now=at("2021-09-01"),
                )  # fmt: skip
                decide_now(session, household, keys, actor=SYSTEM, now=at("2021-09-20"))


def work(desk: Desk) -> None:
    """The worker does every job."""
    with desk.app.app_context():
        work_all(db_session(), desk.config.keys.ring, datetime.now(UTC))


def published(desk: Desk, value: str = "536", *, listed: bool = True) -> str:
    """The standard corrected; the id of the change."""
    with desk.app.app_context():
        with transaction(db_session()) as session:
            publish_policy(
                session, with_rural(value), actor=SYSTEM, now=datetime.now(UTC),
                note="农村标准公布有误", trial=None,
            )  # fmt: skip
        if listed:
            work_all(db_session(), desk.config.keys.ring, datetime.now(UTC))
        found = db_session().scalars(
            select(RetroactiveChange.id).order_by(RetroactiveChange.id.desc())
        )
        return found.first() or ""


def test_the_district_sees_what_a_release_reaches_back_to(desk: Desk) -> None:
    # given
    decided(desk, 2)
    change_id = published(desk)
    # when
    client = desk.client("queren")
    rows = client.get("/policy/changes").text
    page = client.get(f"/policy/changes/{change_id}").text
    # then
    assert change_id in rows and "农村标准公布有误" in rows
    assert "农村最低生活保障标准" in page and "2021-09-01 至 2022-08-31" in page
    assert "515" in page and "536" in page
    assert "235.00" in page and "256.00" in page
    assert page.count("-GZ-") == 2
    assert "追溯更正" in client.get("/policy").text


def test_the_list_is_narrowed_to_a_kind(desk: Desk) -> None:
    # given
    decided(desk, 1)
    change_id = published(desk)
    client = desk.client("queren")
    # when / then
    assert "-GZ-" in client.get(f"/policy/changes/{change_id}?kind=arrears").text
    assert "没有这样的办件" in client.get(f"/policy/changes/{change_id}?kind=recovery").text
    assert "-GZ-" in client.get(f"/policy/changes/{change_id}?kind=nonsense").text


def test_the_page_shows_how_far_the_list_is(desk: Desk) -> None:
    # given
    decided(desk, 1)
    change_id = published(desk, listed=False)
    # when
    page = desk.client("queren").get(f"/policy/changes/{change_id}").text
    # then
    assert "正在列清单" in page and "没有这样的办件" in page


def test_the_file_has_every_case_and_its_download_is_recorded(desk: Desk) -> None:
    # given
    decided(desk, 3)
    change_id = published(desk)
    # when
    answer = desk.client("shenji").get(f"/policy/changes/{change_id}.csv")
    # then
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert answer.mimetype == "text/csv" and len(rows) == 3
    assert {row["核算结果"] for row in rows} == {"补发"}
    assert {row["原来每月（元）"] for row in rows} == {"235.00"}
    assert {row["补发（元）"] for row in rows} == {"0.00"}
    with desk.app.app_context():
        seen = db_session().scalars(
            select(AccessRecord.kind).where(AccessRecord.subject_id == change_id)
        )
        assert "downloaded" in {str(kind) for kind in seen}


def test_a_township_sees_its_own_cases_and_no_other(desk: Desk) -> None:
    # given
    decided(desk, 1)
    change_id = published(desk)
    # when
    own = desk.client("jingban").get(f"/policy/changes/{change_id}").text
    other = desk.client("waizhen").get(f"/policy/changes/{change_id}").text
    # then
    assert "-GZ-" in own
    assert "-GZ-" not in other and "农村最低生活保障标准" in other
    assert "DIBAO" not in desk.client("waizhen").get(f"/policy/changes/{change_id}.csv").text


def test_who_decides_on_nothing_does_not_see_it(desk: Desk) -> None:
    # given
    change_id = published(desk)
    client = desk.client("xieli")
    # when
    answers = [
        client.get("/policy/changes"),
        client.get(f"/policy/changes/{change_id}"),
        client.get(f"/policy/changes/{change_id}.csv"),
    ]
    # then
    assert {answer.status_code for answer in answers} == {403}
    assert "/policy/changes" not in client.get("/policy").text


def test_many_cases_are_prepared_and_decided_at_once_each_in_its_own_case(desk: Desk) -> None:
    # given
    decided(desk, 12)
    change_id = published(desk)
    path = f"/policy/changes/{change_id}"
    # when
    answers = [
        desk.post("jingban", f"{path}/decisions", of_kind="arrears", verdict="correct",
                  reason="标准更正属实"),
    ]  # fmt: skip
    work(desk)
    answers.append(
        desk.post("queren", f"{path}/decisions", of_kind="arrears", verdict="correct", reason="")
    )
    work(desk)
    # then
    assert [answer.status_code for answer in answers] == [303, 303]
    with desk.app.app_context():
        rows = db_session().scalars(select(TouchedCase)).all()
        assert {row.state for row in rows} == {TouchedState.CORRECTED}
        assert {grant.monthly for grant in db_session().scalars(select(Grant))} == {Decimal("256")}
        assert len({row.correction_case_id for row in rows}) == 12
    page = desk.client("queren").get(path).text
    assert "办理完毕" in page and "已处理 12，共 12" in page


def test_what_cannot_be_corrected_is_refused_in_its_case_and_counted(desk: Desk) -> None:
    # given: 490 is counted, which the new standard doesn't reach
    decided(desk, 2, "700")
    change_id = published(desk, "480")
    path = f"/policy/changes/{change_id}"
    desk.post("jingban", f"{path}/decisions", of_kind="eligibility", verdict="keep", reason="另办")
    work(desk)
    # when
    desk.post("queren", f"{path}/decisions", of_kind="eligibility", verdict="correct", reason="")
    work(desk)
    # then
    assert "2件没有办成" in desk.client("queren").get(path).text
    with desk.app.app_context():
        assert {row.state for row in db_session().scalars(select(TouchedCase))} == {
            TouchedState.OPEN
        }


def test_a_step_in_many_cases_needs_its_reason(desk: Desk) -> None:
    # given
    decided(desk, 1)
    change_id = published(desk)
    # when
    answer = desk.post("jingban", f"/policy/changes/{change_id}/decisions", of_kind="arrears",
                       verdict="correct", reason=" ")  # fmt: skip
    # then
    assert answer.status_code == 422 and "请写明理由" in answer.text


def test_the_pages_take_the_same_few_statements_whatever_the_length(desk: Desk) -> None:
    # given
    decided(desk, 2)
    change_id = published(desk)
    paths = ("/policy/changes", f"/policy/changes/{change_id}")
    client = desk.client("queren")
    for path in paths:
        client.get(path)
    with statements(desk.app) as few:
        for path in paths:
            client.get(path)
    # when
    decided(desk, 20, "300")
    longer = published(desk, "540")
    with statements(desk.app) as many:
        for path in ("/policy/changes", f"/policy/changes/{longer}"):
            client.get(path)
    # then
    assert len(few) == len(many), "\n".join(many)


def test_the_officer_finds_the_calculation_on_the_task(desk: Desk) -> None:
    # given
    decided(desk, 1)
    published(desk)
    with desk.app.app_context():
        case_id = db_session().scalars(select(TouchedCase.correction_case_id)).one()
    assert case_id is not None
    # when
    task = desk.task(case_id, "Task_PrepareCorrection")
    page = desk.client("jingban").get(f"/work/tasks/{task}").text
    # then
    assert "235.00" in page and "256.00" in page
    assert "农村最低生活保障标准：515元/人·月，更正为536元/人·月" in page

"""The queries of queues and lists, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from sqlalchemy import event, select
from sqlalchemy.orm import Session

from models.cases import Task
from models.clocks import Alert
from models.types import new_id
from tests.runtime.district import District, at, c01_household
from workflows.access import Viewer, viewer_of_account
from workflows.runtime.drafts import drop_draft, save_draft, saved_draft
from workflows.runtime.inbox.alerts import noted_alerts, open_alerts
from workflows.runtime.inbox.cases import CaseFilter, case_page
from workflows.runtime.inbox.queue import PAGE, QueueFilter, Show, queue_page, tallies
from workflows.transaction import transaction

NOW = at("2021-09-08", "10:00")


@contextmanager
def counted(session: Session) -> Iterator[list[str]]:
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if not statement.startswith("BEGIN"):
            sent.append(statement)

    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


def viewer(district: District, login: str) -> Viewer:
    found = viewer_of_account(district.session, district.accounts[login].id, now=NOW)
    assert found is not None
    return found


def copies(session: Session, case_id: str, count: int) -> None:
    """More open tasks like the case's first, ten to a deadline."""
    with transaction(session):
        task = session.scalars(select(Task).where(Task.case_id == case_id)).one()
        for number in range(count):
            session.add(
                Task(
                    id=new_id(), district_id=task.district_id, case_id=case_id,
                    engine_task_id=f"x{number}", process_key="dibao", element_id="Task_X",
                    name="待办", role=task.role, office_id=task.office_id, created_at=NOW,
                    due_at=NOW + timedelta(hours=number // 10 - 2), warn_at=NOW,
                )
            )  # fmt: skip


def test_every_open_task_is_on_one_page_of_the_queue_at_one_statement_each(
    session: Session,
) -> None:
    # given
    district = District.founded(session)
    case_id = district.start(c01_household(district, NOW), NOW)
    copies(session, case_id, 2 * PAGE)
    officer = viewer(district, "officer")
    seen: list[str] = []
    after = None
    # when
    while True:
        with counted(session) as sent:
            page = queue_page(session, officer, QueueFilter(), district.keys, now=NOW, after=after)
        assert len(sent) == 1
        seen += [row.id for row in page.rows]
        after = page.following
        if after is None:
            break
    # then
    assert len(seen) == len(set(seen)) == 2 * PAGE + 1
    assert {row.applicant.name for row in page.rows if row.applicant} == {"陈德明"}
    late = queue_page(session, officer, QueueFilter(Show.LATE), district.keys, now=NOW)
    assert len(late.rows) == 30
    assert (tallies(session, officer, now=NOW).late, tallies(session, officer, now=NOW).mine) == (
        30, 0,
    )  # fmt: skip
    session.rollback()


def test_people_are_found_by_blind_index_within_ones_offices(session: Session) -> None:
    # given
    district = District.founded(session)
    case_id = district.start(c01_household(district, NOW), NOW)
    number = district.case(case_id).number
    # when
    officer, leader = viewer(district, "officer"), viewer(district, "leader")
    found = [
        queue_page(session, officer, QueueFilter(text=text), district.keys, now=NOW).rows
        for text in ("陈德明", number, number[-6:], "陈小雨", "陈德", "张三")
    ]
    others = queue_page(session, leader, QueueFilter(text="陈德明"), district.keys, now=NOW).rows
    cases = case_page(session, leader, CaseFilter(text="李素芳"), district.keys).rows
    # then
    assert [len(rows) for rows in found] == [1, 1, 1, 1, 0, 0]
    assert others == ()
    assert [row.number for row in cases] == [number]
    assert open_alerts(session, officer) == []
    session.rollback()


def test_alerts_are_read_along_their_indexes_newest_first_and_up_to_a_limit(
    session: Session,
) -> None:
    # given
    district = District.founded(session)
    case = district.case(district.start(c01_household(district, NOW), NOW))
    officer = viewer(district, "officer")
    session.rollback()
    with transaction(session):
        for number in range(12):
            session.add(
                Alert(
                    id=new_id(), district_id=case.district_id, office_id=case.township_id,
                    case_id=case.id, severity="red", message="超期",
                    raised_at=NOW + timedelta(hours=number),
                    taken_note_at=NOW - timedelta(hours=number) if number >= 6 else None,
                )
            )  # fmt: skip
    # when
    with counted(session) as sent:
        unnoted = open_alerts(session, officer, limit=4)
        noted = noted_alerts(session, officer, limit=4)
    # then
    hours = [(row.raised_at - NOW) // timedelta(hours=1) for row in (*unnoted, *noted)]
    assert hours == [5, 4, 3, 2, 6, 7, 8, 9]
    assert [row.taken_note_at is None for row in (*unnoted, *noted)] == [True] * 4 + [False] * 4
    assert len(sent) == 2
    if session.get_bind().dialect.name == "sqlite":
        plans = [explained(session, statement) for statement in sent]
        assert ["ix_alerts_open" in plans[0], "ix_alerts_noted" in plans[1]] == [True, True]
        assert not any("TEMP B-TREE" in plan for plan in plans)
    session.rollback()


def explained(session: Session, statement: str) -> str:
    """How SQLite reads the rows of a statement."""
    rows = session.connection().exec_driver_sql(
        f"EXPLAIN QUERY PLAN {statement}", tuple("" for _ in range(statement.count("?")))
    )
    return "\n".join(row[-1] for row in rows)


def test_a_draft_is_sealed_replaced_and_its_owners_alone(session: Session) -> None:
    # given
    district = District.founded(session)
    officer, leader = district.accounts["officer"].id, district.accounts["leader"].id
    session.rollback()
    # when
    for text in ("一", "二"):
        with transaction(session):
            save_draft(session, officer, "task/1", {"reason": text}, district.keys, now=NOW)
    # then
    found = saved_draft(session, officer, "task/1", district.keys)
    assert found is not None
    assert (found.content, found.saved_at) == ({"reason": "二"}, NOW)
    assert saved_draft(session, leader, "task/1", district.keys) is None
    # when
    with transaction(session):
        drop_draft(session, officer, "task/1")
    # then
    assert saved_draft(session, officer, "task/1", district.keys) is None
    session.rollback()

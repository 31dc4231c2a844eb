"""What acts of relief cost in SQL statements, however much relief the district has given."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import event, select
from sqlalchemy.orm import Session

from models.cases import Timer
from tests.assistance.relief.world import NOW, TODAY, Relief
from tests.runtime.district import at
from workflows.runtime.tasks import complete_task
from workflows.runtime.worker import fire_timer
from workflows.transaction import transaction

#: The statements of one act at most: BEGIN and COMMIT aside, everything that it says to the
#: database, from the lock on the case to the entries in the trail.
MOST = {"decide": 26, "pay": 36, "approve": 64, "release": 36}


@contextmanager
def statements(relief: Relief) -> Iterator[list[str]]:
    """The statements that are sent meanwhile, without BEGIN."""
    sent: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith("BEGIN"):
            sent.append(statement)

    engine = relief.session.get_bind().engine
    event.listen(engine, "before_cursor_execute", note)
    yield sent
    event.remove(engine, "before_cursor_execute", note)


def fresh(relief: Relief) -> Session:
    """A session that knows nothing yet, with its connection open."""
    session = Session(relief.session.get_bind())
    session.connection()
    session.rollback()
    return session


def completed(
    relief: Relief, case_id: str, element_id: str, login: str, **answers: Any
) -> list[str]:
    """What completing a task sends, in a session that knows nothing yet."""
    task_id = relief.district.open_tasks(case_id)[element_id].id
    keys, actor = relief.district.keys, relief.district.actor(login)
    relief.session.rollback()
    with fresh(relief) as session, statements(relief) as sent, transaction(session):
        complete_task(session, task_id, answers, keys, actor=actor, now=NOW)
    return sent


def measured(relief: Relief) -> dict[str, list[str]]:
    """The acts of one family's relief."""
    found = {}
    case_id = relief.urgent(relief.family())
    found["decide"] = completed(
        relief, case_id, "Task_DutyDecision", "leader", duty_decision="approve",
        aid_amount="600.00",
    )  # fmt: skip
    paid = relief.paid_out(case_id)
    found["pay"] = completed(
        relief, case_id, "Task_PayAid", "officer", aid_method="cash", missing_papers=["身份证明"],
        **paid,
    )  # fmt: skip
    stages = [("1000.00", "2021-11-24"), ("1000.00", "2021-12-01"), ("1000.00", "2022-01-01")]
    case_id = relief.received(relief.family(), "3000.00")
    found["approve"] = completed(
        relief, case_id, "Task_DistrictApprove", "confirmer", **relief.approval("3000.00", *stages)
    )
    visit, day = at("2021-11-25"), at("2021-12-01", "00:00")
    relief.district.pass_time(visit)
    relief.district.do(
        case_id, "Task_StageVisit", "officer", visit, visited_on="2021-11-25",
        stage_visitors=relief.district.staff_ids("officer", "second_officer"),
        stage_findings="仍在治疗", stage_result="release",
    )  # fmt: skip
    timer_id = relief.session.scalars(
        select(Timer.id).where(Timer.case_id == case_id, Timer.due_at <= day)
    ).one()
    relief.session.rollback()
    with fresh(relief) as session, statements(relief) as sent, transaction(session):
        assert fire_timer(session, timer_id, case_id, relief.district.keys, now=day)
    found["release"] = sent
    return found


def seeded(relief: Relief) -> None:
    """Events, grants and transfers of other families and other days."""
    for number in range(6):
        household = relief.family()
        case_id = relief.case(household)
        for cause in ("fire", "illness", "traffic"):
            for year in (2019, 2020):
                found = relief.event(case_id, cause, date(year, 1, 1) + timedelta(days=number))
                stages = [
                    {"amount": Decimal(50), "due_on": TODAY + timedelta(days=day)} for day in (0, 9)
                ]
                source = "petty_fund" if number % 2 else "budget"
                relief.grant(case_id, found["event_id"], "100.00", source=source, stages=stages)


def test_acts_of_relief_take_the_same_few_statements(relief: Relief) -> None:
    # given: what is read once by every process is known
    measured(relief)
    # when
    few = measured(relief)
    seeded(relief)
    many = measured(relief)
    # then
    counts = {name: len(sent) for name, sent in few.items()}
    assert counts == {name: len(sent) for name, sent in many.items()}
    assert counts == MOST

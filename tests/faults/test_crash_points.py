"""A process may die at any statement of an act: all of it has happened, or nothing."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from models.cases import Task, TaskState, Timer
from models.trail import TrailEntry
from scripts.benchmark.policy import measured_policy
from scripts.soak.invariants import check_cases
from tests.faults.crashing import (
    AT_COMMIT,
    BEFORE_ANSWER,
    DIED,
    DONE,
    Completion,
    Firing,
    Place,
    Point,
    mortal,
)
from tests.runtime.district import District, at
from workflows.audit.verification import verify_all
from workflows.runtime.starting import start_case
from workflows.runtime.tasks import complete_task
from workflows.transaction import transaction

START = at("2021-08-09")
#: how the server knows the process that dies
MORTAL = "mortal"
ANSWERS = {"amount": "1500.00", "note": "甲"}


@pytest.fixture
def district(session: Session) -> District:
    """A district that works by the measured policy."""
    return District.founded(session, measured_policy())


def started(district: District) -> str:
    """A case that waits for its first task and for the timer on it."""
    with transaction(district.session) as session:
        return start_case(
            session, "bench", district.keys, township_id=district.offices["township"].id,
            actor=district.actor("officer"), now=START,
        ).id  # fmt: skip


def place(district: District, case_id: str) -> Place:
    """The database of the district, for another process."""
    bind = district.session.get_bind()
    url = bind.engine.url
    if url.get_backend_name() == "postgresql":
        url = url.update_query_dict({"application_name": MORTAL})
    address = url.render_as_string(hide_password=False)
    return Place(address, district.keys.to_json(), case_id)


def released(session: Session) -> None:
    """Wait until the server has noticed the death of a client; at once on SQLite."""
    if session.get_bind().dialect.name != "postgresql":
        return
    others = text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND application_name = :name"
    ).bindparams(name=MORTAL)
    deadline = time.monotonic() + 10
    while session.execute(others).scalar():
        session.rollback()
        assert time.monotonic() < deadline
        time.sleep(0.002)
    session.rollback()


def intact(district: District, case_id: str) -> tuple[int, int, int]:
    """Version, entries and completed tasks of the case; asserts that they agree."""
    session = district.session
    session.rollback()
    assert check_cases(session, district.keys, now=START) == []
    report = verify_all(session, keys={})
    session.rollback()
    assert report.intact, report.problems
    version = district.case(case_id).version
    entries = select(func.count()).select_from(TrailEntry).where(TrailEntry.subject_id == case_id)
    completed = select(func.count()).where(
        Task.case_id == case_id, Task.state == TaskState.COMPLETED
    )
    counted = (version, session.scalar(entries) or 0, session.scalar(completed) or 0)
    session.rollback()
    return counted


def dies_everywhere(
    do: Callable[[Point], int], look: Callable[[], object], session: Session
) -> int:
    """Die at the commit, then at statement 1, 2, 3 … until the act is done; how many statements.

    Asserts that nothing has changed after each death.
    """
    before = look()
    for point in (AT_COMMIT, *range(1, 100)):
        status = do(point)
        released(session)
        if status == DONE:
            assert isinstance(point, int)
            return point - 1
        assert status == DIED
        assert look() == before, point
    raise AssertionError("the act was never done")


def test_a_death_at_any_statement_of_a_completion_leaves_nothing_of_it(
    district: District,
) -> None:
    # given
    case_id = started(district)
    task = district.open_tasks(case_id)["Bench_One"]
    deed = Completion(task.id, ANSWERS, district.actor("officer"), START, "key-1")
    district.session.rollback()
    # when
    with mortal(place(district, case_id), deed) as do:
        statements = dies_everywhere(do, lambda: intact(district, case_id), district.session)
    # then
    assert statements >= 6
    assert intact(district, case_id) == (2, 2, 1)
    assert set(district.open_tasks(case_id)) == {"Bench_Two"}


def test_a_death_at_any_statement_of_a_firing_leaves_nothing_of_it(district: District) -> None:
    # given
    case_id = started(district)
    late = START + timedelta(days=11)
    timer_id = district.session.scalars(select(Timer.id).where(Timer.case_id == case_id)).one()
    district.session.rollback()
    # when
    with mortal(place(district, case_id), Firing(timer_id, late)) as do:
        statements = dies_everywhere(do, lambda: intact(district, case_id), district.session)
    # then
    assert statements >= 6
    assert intact(district, case_id)[2] == 0
    assert district.case(case_id).outcome == "completed"


def test_a_death_before_the_answer_loses_the_answer_only(district: District) -> None:
    # given
    case_id = started(district)
    task_id = district.open_tasks(case_id)["Bench_One"].id
    actor = district.actor("officer")
    district.session.rollback()
    # when
    with mortal(place(district, case_id), Completion(task_id, ANSWERS, actor, START, "k")) as do:
        assert do(BEFORE_ANSWER) == DIED
    released(district.session)
    # then
    after = intact(district, case_id)
    assert after == (2, 2, 1)
    with transaction(district.session) as session:
        answer = complete_task(
            session, task_id, ANSWERS, district.keys, actor=actor, now=START, request_key="k"
        )
    assert answer.case_version == 2
    assert intact(district, case_id) == after

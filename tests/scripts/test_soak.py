"""The soak's look at the database: it sees what is wrong, and nothing where nothing is."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, delete, select, update
from sqlalchemy.orm import Session

from models.cases import Case, Task, TaskState, Timer
from scripts.benchmark.client import Answer
from scripts.benchmark.policy import measured_policy
from scripts.soak.__main__ import main
from scripts.soak.acknowledged import check_acts
from scripts.soak.acts import Act
from scripts.soak.diagrams import judge_mutants
from scripts.soak.expressions import try_texts
from scripts.soak.invariants import Violation, check_cases, check_timers
from scripts.soak.run import ONCE, PROCESS
from tests.runtime.district import District, at
from workflows.audit import TrailAction, append_entry
from workflows.errors import SYSTEM
from workflows.runtime.acts import case_subject
from workflows.runtime.starting import start_case
from workflows.transaction import prepare_engine, transaction

ROOT = Path(__file__).resolve().parents[2]
START = at("2021-08-09")
LATER = START + timedelta(minutes=1)
NOTE = "0123456789abcdef"
ANSWERS = {"amount": "10.00", "note": NOTE}


@pytest.fixture
def district(sqlite_url: str) -> Iterator[District]:
    """A district that works by the soak's policy."""
    engine = create_engine(sqlite_url)
    prepare_engine(engine)
    with Session(engine) as session:
        yield District.founded(session, measured_policy(ROOT / "scripts" / "soak"))
    engine.dispose()


@pytest.fixture
def case_id(district: District) -> str:
    """A case that has had its first task completed and its timers fired, and waits for a task."""
    with transaction(district.session) as session:
        case_id = start_case(
            session, PROCESS, district.keys, township_id=district.offices["township"].id,
            actor=district.actor("officer"), now=START,
        ).id  # fmt: skip
    assert district.pass_time(START + timedelta(seconds=2)) == 1
    district.do(case_id, "Soak_One", "officer", START + timedelta(seconds=3), **ANSWERS)
    assert district.pass_time(START + timedelta(seconds=10)) == 1
    return case_id


def seen(district: District) -> set[str]:
    """The rules that are broken."""
    district.session.rollback()
    found = check_cases(district.session, district.keys, now=LATER)
    found += check_timers(district.session, ONCE, now=START + timedelta(seconds=11))
    district.session.rollback()
    return {violation.rule for violation in found}


def told(district: District, *acts: Act) -> list[Violation]:
    """What the comparison of these acts with the database finds."""
    district.session.rollback()
    return check_acts(district.session, district.keys, acts)


def act(district: District, case_id: str, note: str, *statuses: int) -> Act:
    """Completing the case's first task with this note was answered so."""
    task_id = district.session.scalars(
        select(Task.id).where(Task.case_id == case_id, Task.element_id == "Soak_One")
    ).one()
    answers = [Answer(status, {}, b"{}") for status in statuses]
    content = {"answers": {**ANSWERS, "note": note}}
    return Act(f"/api/v1/tasks/{task_id}/complete", content, task_id, answers=answers)


def test_a_sound_case_breaks_no_rule(district: District, case_id: str) -> None:
    # given / when / then
    assert set(district.open_tasks(case_id)) == {"Soak_Two"}
    assert seen(district) == set()
    assert told(district, act(district, case_id, NOTE, 200)) == []


@pytest.mark.parametrize("table", [Task, Timer])
def test_a_lost_row_is_seen(
    district: District, case_id: str, table: type[Task] | type[Timer]
) -> None:
    # given
    condition = Task.state == TaskState.OPEN if table is Task else Timer.case_id == case_id
    with transaction(district.session) as session:
        session.execute(delete(table).where(condition))
    # when / then
    assert "the engine waits for what the rows say" in seen(district)


def test_a_completion_without_its_entry_is_seen(district: District, case_id: str) -> None:
    # given
    with transaction(district.session) as session:
        session.execute(update(Task).values(state=TaskState.COMPLETED))
    # when / then
    assert seen(district) == {
        "the engine waits for what the rows say",
        "a task is completed once in its row and once in the trail",
    }


def test_an_entry_too_many_is_seen(district: District, case_id: str) -> None:
    # given
    case = district.session.get_one(Case, case_id)
    with transaction(district.session) as session:
        append_entry(
            session, case_subject(case), TrailAction.TIMER_FIRED, actor=SYSTEM, now=LATER,
            data={"element": "Soak_Nudge", "case_version": case.version},
        )  # fmt: skip
    # when / then
    assert seen(district) == {
        "a timer fires at most once",
        "every version of a case has its one entry in the trail",
    }


def test_a_version_without_entry_is_seen(district: District, case_id: str) -> None:
    # given
    with transaction(district.session) as session:
        session.execute(update(Case).values(version=Case.version + 1))
    # when / then
    assert seen(district) == {
        "every version of a case has its one entry in the trail",
        "the state of a case can be loaded",
    }


def test_a_stuck_timer_is_seen(district: District, case_id: str) -> None:
    # given
    with transaction(district.session) as session:
        session.execute(update(Timer).values(next_try_at=START))
    # when / then
    assert seen(district) == {"no timer is stuck"}


@pytest.mark.parametrize(
    ("note", "statuses", "rules"),
    [
        ("another", [200], ["no acknowledged act is lost"]),
        (NOTE, [409], ["nobody is told no about what was done"]),
        (NOTE, [200, 409], ["one act has one answer"]),
        ("another", [409], []),
        (NOTE, [200, 200], []),
    ],
)
def test_what_people_were_told_is_compared_with_what_is_there(
    district: District, case_id: str, note: str, statuses: Sequence[int], rules: Sequence[str]
) -> None:
    # when
    found = told(district, act(district, case_id, note, *statuses))
    # then
    assert [violation.rule for violation in found] == rules


def test_a_case_that_nobody_was_told_of_is_seen(district: District, case_id: str) -> None:
    # given
    start = Act("/api/v1/cases", {}, "", answers=[Answer(422, {}, b"{}")])
    # when / then
    assert [violation.rule for violation in told(district, start)] == ["no act is doubled"]
    start.unknown = 1
    assert told(district, start) == []


def test_every_fault_finds_its_place_in_the_product() -> None:
    # given: planting patches a whole process, so it happens in another one
    code = "from scripts.soak.faulty import FAULTS\nfor plant in FAULTS.values(): plant()"
    # when
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, stderr=subprocess.PIPE)
    # then
    assert done.returncode == 0, done.stderr.decode()


def test_mutants_are_refused_or_run(capsys: pytest.CaptureFixture[str]) -> None:
    # when
    judged = judge_mutants(40, 7, 60)
    # then
    assert judged.wrong == []
    assert judged.refused + judged.accepted == judged.mutants == 40
    assert judged.accepted


def test_random_texts_are_refused_or_valued() -> None:
    # when
    tried = try_texts(150, 5, 60)
    # then
    assert tried.wrong == []
    assert tried.refused + tried.valued + tried.bounded == tried.texts == 150
    assert tried.valued


@pytest.mark.slow
@pytest.mark.postgres
def test_a_few_kills_leave_everything_in_order(capsys: pytest.CaptureFixture[str]) -> None:
    # when
    status = main(["--part", "kills", "--kills", "4"])
    # then
    assert status == 0, capsys.readouterr().out

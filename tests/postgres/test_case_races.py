"""Races for one case: one winner, everybody else is told, nothing is done twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from models.cases import Task, TaskState, Timer
from models.trail import TrailEntry
from models.types import new_id
from tests.postgres.conftest import FOUNDED
from tests.postgres.racing import codes, race, won
from tests.runtime.district import District
from workflows.errors import Actor, DoudiError
from workflows.runtime.starting import start_case
from workflows.runtime.tasks import Completed, claim_task, complete_task
from workflows.runtime.worker import due_timers, fire_due, fire_timer
from workflows.transaction import reading, transaction

DUE = FOUNDED + timedelta(days=10)


def opened(district: District) -> tuple[str, str]:
    """A case of the raced process: the ids of the case and of its task."""
    session = district.session
    with transaction(session):
        case = start_case(
            session, "raced", district.keys,
            township_id=district.offices["township"].id,
            village_id=district.offices["village"].id,
            variables={}, actor=district.actor("officer"), now=FOUNDED,
        )  # fmt: skip
        case_id = case.id
    return case_id, district.open_tasks(case_id)["A"].id


def completing(
    district: District, task_id: str, login: str = "officer", key: str | None = None
) -> Callable[[Session], Completed]:
    actor = district.actor(login)
    district.session.rollback()
    return lambda session: complete_task(
        session, task_id, {"note": "办好了"}, district.keys, actor=actor, now=DUE, request_key=key
    )


def acts_of(district: District, case_id: str) -> Counter[str]:
    """How often the trail of the case records each action."""
    district.session.rollback()
    rows = district.session.execute(
        select(TrailEntry.action, func.count())
        .where(TrailEntry.subject_id == case_id)
        .group_by(TrailEntry.action)
    )
    return Counter({row[0]: row[1] for row in rows})


def test_of_sixteen_approvers_exactly_one_completes_the_task(
    racers: Engine, district: District
) -> None:
    # given
    case_id, task_id = opened(district)
    logins = ["officer", "second_officer"] * 8
    # when
    results = race(racers, [completing(district, task_id, login) for login in logins])
    # then
    assert len(won(results)) == 1
    assert codes(results) == ["task_not_open"] * 15
    assert acts_of(district, case_id)["task.completed"] == 1
    assert set(district.open_tasks(case_id)) == {"InTime"}


def test_a_claim_among_sixteen_belongs_to_one(racers: Engine, district: District) -> None:
    # given
    case_id, task_id = opened(district)
    actors = [district.actor(login) for login in ("officer", "second_officer") * 8]
    district.session.rollback()

    def claiming(actor: Actor) -> Callable[[Session], str | None]:
        return lambda session: claim_task(session, task_id, actor=actor, now=DUE).assignee_id

    # when
    results = race(racers, [claiming(actor) for actor in actors])
    # then
    assert len(set(won(results))) == 1 and len(won(results)) == 8
    assert codes(results) == ["claimed_by_other"] * 8
    assert acts_of(district, case_id)["task.claimed"] == 1


def test_a_person_and_a_timer_sixty_times_end_with_one_effect_each(
    racers: Engine, district: District
) -> None:
    # given
    cases = [opened(district) for _ in range(60)]
    winners: Counter[str] = Counter()
    for case_id, task_id in cases:
        timer_id = district.session.scalars(select(Timer.id).where(Timer.case_id == case_id)).one()
        district.session.rollback()

        def firing(session: Session, timer_id: str = timer_id, case_id: str = case_id) -> bool:
            return fire_timer(session, timer_id, case_id, district.keys, now=DUE)

        # when
        person, timer = race(racers, [completing(district, task_id), firing])
        # then
        acts = acts_of(district, case_id)
        assert acts["task.completed"] + acts["timer.fired"] == 1
        assert isinstance(person, DoudiError) == (acts["timer.fired"] == 1)
        assert not isinstance(timer, DoudiError), timer
        assert timer == (acts["timer.fired"] == 1)
        following = "TooLate" if timer else "InTime"
        assert set(district.open_tasks(case_id)) == {following}
        winners[following] += 1
    assert sum(winners.values()) == 60


def test_workers_that_see_the_same_due_timers_fire_each_once(
    racers: Engine, district: District
) -> None:
    # given
    case_ids = [opened(district)[0] for _ in range(20)]
    with reading(district.session):
        due = due_timers(district.session, DUE)
    assert len(due) == 20

    fired: list[int] = []

    def work(_session: Session) -> int:
        with Session(racers) as own:
            count = 0
            for timer_id, case_id in due:
                with transaction(own):
                    count += fire_timer(own, timer_id, case_id, district.keys, now=DUE)
            fired.append(count)
            return count

    # when: every worker goes through the same list
    race(racers, [work] * 4)
    # what one worker skipped because another held the case is left for the next round
    with Session(racers) as own:
        fired.append(fire_due(own, district.keys, DUE))
    # then
    assert sum(fired) == 20
    assert all(acts_of(district, case_id)["timer.fired"] == 1 for case_id in case_ids)


def test_the_same_request_twice_at_once_is_carried_out_once_and_answered_twice(
    racers: Engine, district: District
) -> None:
    # given
    case_id, task_id = opened(district)
    # when
    results = race(racers, [completing(district, task_id, key="a key")] * 8)
    # then
    assert len({str(result) for result in won(results)}) == 1 and len(won(results)) == 8
    assert acts_of(district, case_id)["task.completed"] == 1
    tasks = district.session.scalars(
        select(Task.id).where(Task.case_id == case_id, Task.state == TaskState.COMPLETED)
    ).all()
    assert tasks == [task_id]


def test_a_request_key_of_one_person_says_nothing_about_anothers(
    racers: Engine, district: District
) -> None:
    # given
    _, task_id = opened(district)
    key = new_id()
    # when
    results = race(
        racers,
        [completing(district, task_id, login, key) for login in ("officer", "second_officer")],
    )
    # then
    assert len(won(results)) == 1 and codes(results) == ["task_not_open"]


def test_a_task_that_somebody_claims_is_completed_by_them_or_before_they_claimed_it(
    racers: Engine, district: District
) -> None:
    # given
    claimer, other = district.actor("officer"), "second_officer"
    for _ in range(20):
        _, task_id = opened(district)
        district.session.rollback()

        def claiming(session: Session, task_id: str = task_id) -> str | None:
            return claim_task(session, task_id, actor=claimer, now=DUE).assignee_id

        # when
        claimed, completed = race(racers, [claiming, completing(district, task_id, other)])
        # then: never both
        assert [isinstance(claimed, DoudiError), isinstance(completed, DoudiError)].count(True) == 1
        assert set(codes([claimed, completed])) <= {"task_not_open", "claimed_by_other"}

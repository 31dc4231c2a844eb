"""Races for relief: one release, one payment, no fen of the drawer twice, no level gone past."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from models.accounts import Role
from models.money import LedgerAccount, LedgerKind, LedgerTransfer, Payment
from models.offices import OfficeLevel
from models.relief import ReliefEvent, ReliefGrant, ReliefStage, StageState
from tests.assistance.relief.world import NOW, Relief
from tests.postgres.racing import codes, race, won
from tests.runtime.district import STAFF, District, at
from workflows.errors import Actor
from workflows.runtime.starting import start_case
from workflows.runtime.tasks import Completed, complete_task
from workflows.runtime.worker import fire_due
from workflows.transaction import transaction

PEOPLE = 16


@pytest.fixture
def relief(racers: Engine) -> Iterator[Relief]:
    """A district with 2,000 yuan in the township's drawer."""
    with Session(racers, expire_on_commit=False) as session:
        yield Relief.founded(session, fund="2000.00")


@pytest.fixture
def many(relief: Relief) -> Relief:
    """With sixteen officers and as many leaders in the township."""
    now = at("2021-08-05")
    with transaction(relief.session):
        for number in range(PEOPLE):
            for word, role in (("officer", Role.CASE_OFFICER), ("leader", Role.TOWNSHIP_LEADER)):
                relief.district._hire(f"{word}{number}", role, OfficeLevel.TOWNSHIP, now)
    return relief


def person(district: District, word: str, number: int) -> Actor:
    """One of the sixteen."""
    account = district.accounts[f"{word}{number}"]
    role, level = STAFF[word]
    return Actor(account.id, role.value, district.offices[level.value].id, account.name)


def completing(
    relief: Relief, task_id: str, actor: Actor, answers: Mapping[str, Any], now: Any = NOW
) -> Callable[[Session], Completed]:
    """Complete a task as one of many."""
    keys = relief.district.keys
    return lambda session: complete_task(session, task_id, answers, keys, actor=actor, now=now)


def task_of(relief: Relief, case_id: str, element_id: str) -> str:
    """An open task."""
    task_id = relief.district.open_tasks(case_id)[element_id].id
    relief.session.rollback()
    return task_id


def count(session: Session, table: Any, *wanted: Any) -> int:
    """How many rows there are."""
    session.rollback()
    return session.scalar(select(func.count()).select_from(table).where(*wanted)) or 0


def balance(session: Session, kind: LedgerKind) -> Decimal:
    """What stands on the accounts of a kind."""
    session.rollback()
    accounts = session.scalars(select(LedgerAccount.balance).where(LedgerAccount.kind == kind))
    return sum(accounts, Decimal(0))


def test_of_sixteen_who_visit_before_the_last_stage_one_releases_it(
    racers: Engine, many: Relief
) -> None:
    # given: two stages, the second one due on the day of the visit
    case_id = many.approved(
        many.family(), "3000.00", ("1000.00", "2021-11-24"), ("2000.00", "2021-11-30")
    )
    day = at("2021-11-30", "09:00")
    many.district.pass_time(day)
    task_id = task_of(many, case_id, "Task_StageVisit")
    answers = {
        "visited_on": "2021-11-30", "stage_findings": "仍在治疗", "stage_result": "release",
        "stage_visitors": many.district.staff_ids("officer", "second_officer"),
    }  # fmt: skip
    actors = [person(many.district, "officer", number) for number in range(PEOPLE)]
    # when
    results = race(racers, [completing(many, task_id, one, answers, day) for one in actors])
    # the day has come already: workers release it, several at once
    keys = many.district.keys

    def work(_session: Session) -> int:
        with Session(racers) as own:
            return fire_due(own, keys, day)

    race(racers, [work] * 4)
    with Session(racers) as own:
        fire_due(own, keys, day)
    # then
    assert len(won(results)) == 1
    assert codes(results) == ["task_not_open"] * (PEOPLE - 1)
    released = count(many.session, ReliefStage, ReliefStage.state == StageState.RELEASED)
    assert (released, count(many.session, Payment)) == (2, 2)
    assert count(many.session, LedgerTransfer, LedgerTransfer.purpose == "release") == 2
    assert balance(many.session, LedgerKind.PAYABLE) == 3000
    assert balance(many.session, LedgerKind.COMMITTED) == 0


def test_of_sixteen_who_clear_an_obstacle_one_releases_the_stage(
    racers: Engine, many: Relief
) -> None:
    # given: the only stage waits for an account that is there by now
    household = many.family(bank=False)
    case_id = many.approved(household, "3000.00")
    many.bank(household)
    task_id = task_of(many, case_id, "Task_StageObstacle")
    answers = {"stage_findings": "已经登记账户", "stage_result": "release"}
    actors = [person(many.district, "officer", number) for number in range(PEOPLE)]
    # when
    results = race(racers, [completing(many, task_id, one, answers) for one in actors])
    # then
    assert len(won(results)) == 1
    assert codes(results) == ["task_not_open"] * (PEOPLE - 1)
    assert count(many.session, Payment) == 1
    assert balance(many.session, LedgerKind.PAYABLE) == 3000


def test_sixteen_leaders_approve_no_more_than_the_drawer_holds(
    racers: Engine, many: Relief
) -> None:
    # given: 2,000 yuan, three times 600 and not a fourth time
    acts = []
    for number in range(PEOPLE):
        case_id = many.urgent(many.family(bank=False))
        task_id = task_of(many, case_id, "Task_DutyDecision")
        answers = {"duty_decision": "approve", "aid_amount": "600.00"}
        acts.append(completing(many, task_id, person(many.district, "leader", number), answers))
    # when
    results = race(racers, acts)
    # then
    assert len(won(results)) == 3
    assert codes(results) == ["no_cover"] * (PEOPLE - 3)
    assert balance(many.session, LedgerKind.PETTY_FUND) == 200
    assert balance(many.session, LedgerKind.PETTY_COMMITTED) == 1800
    assert count(many.session, ReliefGrant) == 3
    # when the drawer is filled, the others can go on
    many.fill("10000.00")
    again = race(racers, acts)
    # then
    assert len(won(again)) == PEOPLE - 3
    assert codes(again) == ["task_not_open"] * 3
    assert balance(many.session, LedgerKind.PETTY_FUND) == 12000 - 16 * 600


@pytest.mark.parametrize("element_id", ["Task_DutyDecision", "Task_TownshipApprove"])
def test_two_approvals_for_one_event_count_each_other(
    racers: Engine, many: Relief, element_id: str
) -> None:
    # given: two cases of one event; each alone is within the level, both together are not
    household = many.family(bank=False)
    urgent = element_id == "Task_DutyDecision"
    asked = {"persons": 2, "requested": "800.00", "urgent_answer": "yes" if urgent else "no"}
    cases = [many.urgent(household, **asked) for _ in range(2)]
    answers: dict[str, Any] = {"duty_decision": "approve", "aid_amount": "800.00"}
    if not urgent:
        answers = many.approval("800.00", approval_method="cash")
    acts = [
        completing(many, task_of(many, case_id, element_id), person(many.district, "leader", n),
                   answers)
        for n, case_id in enumerate(cases)
    ]  # fmt: skip
    # when
    results = race(racers, acts)
    # then
    assert len(won(results)) == 1
    assert codes(results) == ["above_cap" if urgent else "above_level"]
    assert count(many.session, ReliefEvent) == 1
    assert balance(many.session, LedgerKind.PETTY_COMMITTED) == 800


def starting(relief: Relief, household: Any, number: int) -> Callable[[Session], str]:
    """Report the same emergency."""
    answers = {
        "cause": "fire", "occurred_on": "2021-11-23", "place": "滨江社区", "persons": 1,
        "urgent_answer": "yes", "requested": "600.00", "need": "没有住处",
    }  # fmt: skip
    place = (household.township_id, household.village_id, household.id)
    keys, actor = relief.district.keys, person(relief.district, "officer", number)

    def act(session: Session) -> str:
        return start_case(
            session, "relief_urgent", keys, township_id=place[0], village_id=place[1],
            household_id=place[2], variables={"household_id": place[2], "channel": "window"},
            answers=answers, actor=actor, now=NOW,
        ).id  # fmt: skip

    return act


def test_one_emergency_that_many_report_is_one_event(racers: Engine, many: Relief) -> None:
    # given
    household = many.family(bank=False)
    acts: Sequence[Callable[[Session], str]] = [
        starting(many, household, number) for number in range(8)
    ]
    # when
    results = race(racers, acts)
    # then
    assert len(won(results)) == 8
    assert count(many.session, ReliefEvent) == 1


def test_cancelling_and_releasing_the_same_stage_at_once_do_one_of_them(
    racers: Engine, many: Relief
) -> None:
    # given
    household = many.family(bank=False)
    case_id = many.approved(household, "3000.00")
    many.bank(household)
    task_id = task_of(many, case_id, "Task_StageObstacle")
    answers = [
        {"stage_findings": "已经登记账户", "stage_result": "release"},
        {"stage_findings": "不再需要", "stage_result": "cancel", "stage_reason": "保险已赔"},
    ]
    # when
    results = race(
        racers,
        [
            completing(many, task_id, person(many.district, "officer", number), answers[number % 2])
            for number in range(PEOPLE)
        ],
    )
    # then
    assert len(won(results)) == 1
    payable = balance(many.session, LedgerKind.PAYABLE)
    assert payable + balance(many.session, LedgerKind.BUDGET) == 50000
    assert count(many.session, Payment) == (1 if payable else 0)

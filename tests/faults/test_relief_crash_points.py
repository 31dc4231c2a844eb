"""A process may die anywhere between a stage's release and the bank's answer: nothing by halves."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.cases import Case, Timer
from models.money import BankFile, LedgerTransfer, Payment, Roll
from models.plumbing import OutboxMessage
from models.relief import ReliefStage
from models.trail import TrailEntry
from tests.assistance.money.world import answers, refused
from tests.assistance.relief.world import NOW, Relief
from tests.faults.crashing import BEFORE_ANSWER, DIED, Completion, Firing, mortal
from tests.faults.test_crash_points import dies_everywhere, place, released
from tests.faults.test_money_crash_points import Answering, Releasing
from tests.runtime.district import at
from workflows.assistance.money.bank_files import bank_file
from workflows.assistance.money.drawing import draw_roll
from workflows.assistance.money.rolls import authorise_roll, release_roll, review_roll
from workflows.audit.verification import verify_all
from workflows.runtime.tasks import complete_task
from workflows.transaction import transaction

CLEARED = {"stage_findings": "已经登记账户", "stage_result": "release"}


@pytest.fixture
def relief(session: Session) -> Relief:
    """A district with money for relief."""
    session.expire_on_commit = False
    return Relief.founded(session)


def look(relief: Relief) -> object:
    """Everything about relief and its money; asserts that books and trail are whole."""
    session = relief.session
    picture = relief.picture()
    report = verify_all(session, keys={})
    assert report.intact, report.problems
    assert sum(relief.balances().values(), Decimal(0)) == 0
    found = (
        picture,
        tuple(session.execute(select(Payment.key, Payment.state).order_by(Payment.id))),
        tuple(session.execute(select(Roll.id, Roll.state).order_by(Roll.id))),
        tuple(session.scalars(select(BankFile.sha256).order_by(BankFile.id))),
        tuple(session.scalars(select(OutboxMessage.key).order_by(OutboxMessage.id))),
        session.scalar(select(func.count()).select_from(TrailEntry)),
    )
    session.rollback()
    return found


def waiting(relief: Relief) -> tuple[str, str]:
    """A case whose only stage is released once somebody says that there is an account now."""
    household = relief.family(bank=False)
    case_id = relief.approved(household, "3000.00")
    relief.bank(household)
    task_id = relief.district.open_tasks(case_id)["Task_StageObstacle"].id
    relief.session.rollback()
    return case_id, task_id


def test_a_death_while_a_stage_is_released_leaves_nothing_of_it(relief: Relief) -> None:
    # given
    case_id, task_id = waiting(relief)
    officer = relief.district.actor("officer")
    deed = Completion(task_id, CLEARED, officer, NOW, "key-1")
    # when
    with mortal(place(relief.district, case_id), deed) as do:
        statements = dies_everywhere(do, lambda: look(relief), relief.session)
    # then
    assert statements >= 20
    after = look(relief)
    assert relief.balances()["payable"] == 3000
    assert "committed" not in relief.balances()
    # the same request again is answered, and does nothing
    with transaction(relief.session):
        complete_task(
            relief.session, task_id, CLEARED, relief.district.keys, actor=officer, now=NOW,
            request_key="key-1",
        )  # fmt: skip
    assert look(relief) == after


def test_a_death_while_a_timer_releases_a_stage_leaves_nothing_of_it(relief: Relief) -> None:
    # given: a visit before the day of the second stage
    case_id = relief.approved(
        relief.family(), "3000.00", ("1000.00", "2021-11-24"), ("2000.00", "2021-12-01")
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
    # when
    with mortal(place(relief.district, case_id), Firing(timer_id, day)) as do:
        statements = dies_everywhere(do, lambda: look(relief), relief.session)
        again = do(BEFORE_ANSWER)
        released(relief.session)
    # then
    assert statements >= 20 and again == DIED
    assert relief.balances()["payable"] == 3000
    assert relief.session.scalar(select(func.count()).select_from(Payment)) == 2


def authorised(relief: Relief) -> tuple[str, Roll]:
    """Two families' relief on a roll that waits for finance."""
    cases = [relief.approved(relief.family(), amount) for amount in ("3000.00", "1500.00")]
    hands: list[tuple[Any, Mapping[str, Any]]] = [
        (review_roll, {"login": "second_reviewer"}), (authorise_roll, {"login": "confirmer"}),
    ]  # fmt: skip
    with transaction(relief.session):
        roll = draw_roll(
            relief.session, relief.district_id, "relief", NOW.date().replace(day=1),
            actor=relief.district.actor("reviewer"), now=NOW,
        )  # fmt: skip
    for step, by in hands:
        with transaction(relief.session):
            step(
                relief.session, roll.id, district_id=relief.district_id,
                actor=relief.district.actor(by["login"]), now=NOW,
            )  # fmt: skip
    return cases[0], roll


def keys_in(relief: Relief, roll: Roll) -> list[str]:
    """The bank's idempotency keys in the file of a roll."""
    content = bank_file(relief.session, roll.id, relief.district.keys).content.decode()
    relief.session.rollback()
    return sorted(line.split(",")[0] for line in content.splitlines()[1:])


def test_a_death_while_relief_goes_to_the_bank_keeps_its_keys(relief: Relief) -> None:
    # given
    case_id, roll = authorised(relief)
    keys = keys_in(relief, roll)
    deed = Releasing(roll.id, relief.district.actor("finance"), NOW)
    # when
    with mortal(place(relief.district, case_id), deed) as do:
        statements = dies_everywhere(do, lambda: look(relief), relief.session)
        after = look(relief)
        do(1)
        released(relief.session)
    # then: sent once, with the keys that the stages have had from their release on
    assert statements >= 10 and len(keys) == 2
    assert look(relief) == after
    assert keys_in(relief, roll) == keys
    stages = relief.session.scalars(select(ReliefStage.id)).all()
    assert keys == sorted(f"stage/{stage_id}/1" for stage_id in stages)
    relief.session.rollback()
    assert relief.balances()["payable"] == 4500


def test_the_bank_s_answer_after_a_death_pays_and_fails_once(relief: Relief) -> None:
    # given
    case_id, roll = authorised(relief)
    with transaction(relief.session):
        release_roll(
            relief.session, roll.id, relief.district.keys, district_id=relief.district_id,
            actor=relief.district.actor("finance"), now=NOW,
        )  # fmt: skip
    payments = list(relief.session.scalars(select(Payment).order_by(Payment.id)))
    content = answers(payments, **refused(payments[0], "account_closed"))
    failed = payments[0].amount
    relief.session.rollback()
    deed = Answering(roll.id, content, relief.district.actor("finance"), NOW)
    # when
    with mortal(place(relief.district, case_id), deed) as do:
        dies_everywhere(do, lambda: look(relief), relief.session)
        after = look(relief)
        do(BEFORE_ANSWER)
        released(relief.session)
    # then
    assert look(relief) == after
    balances = relief.balances()
    assert (balances["paid"], balances["committed"]) == (4500 - failed, failed)
    assert "payable" not in balances
    moves = relief.session.scalar(
        select(func.count()).where(LedgerTransfer.purpose.in_(("pay", "fail")))
    )
    assert moves == 2
    assert relief.session.get_one(Case, case_id).version > 0

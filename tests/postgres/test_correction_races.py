"""A decision on a touched case against the roll with that family's month, and against itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from models.assistance import Grant
from models.money import Payment, PaymentState
from tests.assistance.retroactive.story import Story
from tests.postgres.racing import codes, race, won
from tests.runtime.district import at
from workflows.assistance.money.rolls import authorise_roll, release_roll, review_roll
from workflows.runtime.tasks import complete_task
from workflows.transaction import transaction

OCTOBER = date(2021, 10, 1)
DECIDED = at("2021-11-15")
RIGHT, WRONG = Decimal("256.00"), Decimal("235.00")


@pytest.fixture
def story(racers: Engine) -> Iterator[Story]:
    """A rural standard of 515 from 2021-09-01."""
    with Session(racers, expire_on_commit=False) as session:
        yield Story.begun(session)


def prepared(story: Story) -> list[str]:
    """The tasks in which the touched cases wait for the confirmer."""
    tasks = []
    for row in story.touched():
        assert row.correction_case_id is not None
        story.prepare(row.correction_case_id, DECIDED)
        open_tasks = story.district.open_tasks(row.correction_case_id)
        tasks.append(open_tasks["Task_DecideCorrection"].id)
    story.session.rollback()
    return tasks


def deciding(story: Story, task_id: str) -> Callable[[Session], Any]:
    """Correct the benefit of one task's case."""
    actor, keys = story.district.actor("confirmer"), story.district.keys

    def act(session: Session) -> str:
        done = complete_task(
            session, task_id, {"decision": "correct"}, keys, actor=actor, now=DECIDED
        )
        return done.case_id

    return act


def test_no_month_goes_out_with_the_old_amount_beside_a_corrected_grant(
    racers: Engine, story: Story
) -> None:
    # given: a roll that only has to be released; one family on it isn't touched
    for _ in range(8):
        story.decided(story.family("400"), "2021-09-20")
    story.decided(story.family("400"), "2021-08-20")
    roll = story.draw(OCTOBER, at("2021-10-10"))
    for step, login in ((review_roll, "second_reviewer"), (authorise_roll, "confirmer")):
        with transaction(story.session):
            step(
                story.session, roll.id, district_id=story.world.district_id,
                actor=story.world.actor(login), now=at("2021-10-11"),
            )  # fmt: skip
    story.publish("536", at("2021-10-20"))
    acts = [deciding(story, task_id) for task_id in prepared(story)]
    finance, district_id = story.world.actor("finance"), story.world.district_id
    roll_id = roll.id
    story.session.rollback()

    def release(session: Session) -> str:
        return release_roll(
            session, roll_id, story.district.keys, district_id=district_id, actor=finance,
            now=DECIDED,
        ).id  # fmt: skip

    acts.insert(4, release)
    # when
    results = race(racers, acts)
    # then: a month is with the bank by the old amount exactly where the grant still has it
    assert set(codes(results)) <= {"calculation_outdated", "payment_on_its_way"}
    story.session.rollback()
    story.session.expire_all()
    rows = story.session.execute(
        select(Grant.monthly, Payment.state, Payment.amount)
        .join(Payment, Payment.grant_id == Grant.id)
        .where(Payment.roll_id == roll_id, Grant.decided_on == date(2021, 9, 20))
    ).all()
    assert len(rows) == 8
    for monthly, state, amount in rows:
        expected = PaymentState.SENT if monthly == WRONG else PaymentState.CANCELLED
        assert (state, amount) == (expected, WRONG)
    story.world.check_the_books()


def test_a_case_is_decided_once(racers: Engine, story: Story) -> None:
    # given
    grant = story.decided(story.family("400"), "2021-09-20")
    assert grant is not None
    story.pay(OCTOBER, at("2021-10-10"))
    story.publish("536", at("2021-10-20"))
    [task_id] = prepared(story)
    # when
    results = race(racers, [deciding(story, task_id)] * 8)
    # then
    assert len(won(results)) == 1
    assert set(codes(results)) == {"task_not_open"}
    orders = story.session.scalars(
        select(Payment.amount).where(Payment.touched_id.is_not(None))
    ).all()
    assert orders == [Decimal("21.00")]
    assert story.monthly(grant) == RIGHT

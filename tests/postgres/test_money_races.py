"""Races for money: the last stage, the last fen, a roll and a bank's file go through once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from models.cases import Case
from models.households import Household
from models.money import PaymentMethod, Roll
from models.relief import ReliefGrant, ReliefStage
from tests.assistance.money.world import DIBAO, FOUNDED, MONTH, TODAY, World, answers, refused
from tests.postgres.racing import codes, race, won
from workflows.assistance.money.bank_results import take_bank_results
from workflows.assistance.money.drawing import draw_roll
from workflows.assistance.money.failures import repeat_payment
from workflows.assistance.money.payments import order_by_bank, pay_by_hand
from workflows.assistance.money.rolls import authorise_roll, release_roll, review_roll
from workflows.transaction import transaction

RACERS = 16


@pytest.fixture
def world(racers: Engine) -> Iterator[World]:
    """A district with money on PostgreSQL."""
    with Session(racers, expire_on_commit=False) as session:
        made = World.founded(session)
        made.appropriate("800.00")
        made.appropriate("515.50", DIBAO)
        yield made


def paying(world: World, grant: ReliefGrant, stage: ReliefStage, number: int) -> Callable[..., Any]:
    """Pay a stage: every other racer by bank."""
    with transaction(world.session):
        receipt = world.receipt(grant.case_id)
    actor = world.actor("officer")
    world.session.rollback()

    def act(session: Session) -> str:
        case = session.get_one(Case, grant.case_id)
        household = session.get_one(Household, case.household_id)
        common: dict[str, Any] = {
            "stage": session.get_one(ReliefStage, stage.id),
            "grant": session.get_one(ReliefGrant, grant.id),
            "case": case, "household_id": household.id,
            "person_id": household.head_person_id, "frozen": {}, "actor": actor, "now": FOUNDED,
        }  # fmt: skip
        if number % 2:
            return order_by_bank(session, **common).id
        return pay_by_hand(
            session, method=PaymentMethod.CASH, receipt=receipt, paid_on=TODAY,
            handlers_needed=2, **common,
        ).id  # fmt: skip

    return act


def test_the_last_stage_is_paid_once(racers: Engine, world: World) -> None:
    # given
    grant, [stage] = world.relief(world.family(), ["800.00"])
    acts = [paying(world, grant, stage, number) for number in range(RACERS)]
    # when
    results = race(racers, acts)
    # then
    assert len(won(results)) == 1
    assert codes(results) == ["stage_paid"] * (RACERS - 1)
    world.check_the_books()


def test_the_month_is_drawn_once(racers: Engine, world: World) -> None:
    # given
    world.monthly(world.family())
    actor = world.actor("reviewer")
    district_id = world.district_id
    world.session.rollback()
    # when
    results = race(
        racers,
        [lambda session: draw_roll(session, district_id, DIBAO, MONTH, actor=actor, now=FOUNDED).id]
        * RACERS,
    )
    # then
    assert len(won(results)) == 1
    assert codes(results) == ["nothing_to_draw"] * (RACERS - 1)


def authorised(world: World) -> Roll:
    """A roll that waits for finance."""
    world.monthly(world.family())
    roll = world.draw()
    for step, login in ((review_roll, "second_reviewer"), (authorise_roll, "confirmer")):
        with transaction(world.session):
            step(
                world.session, roll.id, district_id=world.district_id, actor=world.actor(login),
                now=FOUNDED,
            )  # fmt: skip
    return roll


def test_a_roll_goes_out_once(racers: Engine, world: World) -> None:
    # given
    roll_id = authorised(world).id
    actors = [world.actor("finance"), world.actor("second_finance")]
    keys, district_id = world.district.keys, world.district_id
    world.session.rollback()

    def releasing(number: int) -> Callable[[Session], str]:
        return lambda session: (
            release_roll(
                session,
                roll_id,
                keys,
                district_id=district_id,
                actor=actors[number % 2],
                now=FOUNDED,
            ).id
        )

    # when
    results = race(racers, [releasing(number) for number in range(RACERS)])
    # then
    assert len(won(results)) == 1
    assert codes(results) == ["roll_state"] * (RACERS - 1)
    assert world.balances()["dibao/payable"] == Decimal("515.50")
    world.check_the_books()


def test_the_same_answers_move_money_once(racers: Engine, world: World) -> None:
    # given
    roll = authorised(world)
    with transaction(world.session):
        release_roll(
            world.session, roll.id, world.district.keys, district_id=world.district_id,
            actor=world.actor("finance"), now=FOUNDED,
        )  # fmt: skip
    content = answers(world.payments(roll))
    actor, district_id, roll_id = world.actor("finance"), world.district_id, roll.id
    world.session.rollback()
    # when
    results = race(
        racers,
        [
            lambda session: take_bank_results(
                session, roll_id, content, district_id=district_id, actor=actor, now=FOUNDED
            )
        ]
        * RACERS,
    )
    # then
    assert sorted(result.repeated for result in results) == [False] + [True] * (RACERS - 1)
    assert world.balances()["dibao/paid"] == Decimal("515.50")
    world.check_the_books()


def test_a_failure_is_repeated_once(racers: Engine, world: World) -> None:
    # given
    roll = authorised(world)
    with transaction(world.session):
        release_roll(
            world.session, roll.id, world.district.keys, district_id=world.district_id,
            actor=world.actor("finance"), now=FOUNDED,
        )  # fmt: skip
    [payment] = world.payments(roll)
    world.take(roll, answers([payment], **refused(payment)))
    actor, district_id, payment_id = world.actor("officer"), world.district_id, payment.id
    world.session.rollback()
    # when
    results = race(
        racers,
        [
            lambda session: (
                repeat_payment(
                    session, payment_id, district_id=district_id, actor=actor, now=FOUNDED
                ).id
            )
        ]
        * RACERS,
    )
    # then
    assert len(won(results)) == 1
    assert codes(results) == ["payment_state"] * (RACERS - 1)

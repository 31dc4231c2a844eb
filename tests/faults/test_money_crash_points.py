"""A process may die at any statement between the order and the bank's answer: no fen moves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.assistance import Grant
from models.cases import Case
from models.households import Household
from models.money import BankFile, Payment, Roll
from models.plumbing import OutboxMessage
from models.relief import ReliefGrant, ReliefStage
from tests.assistance.money.world import DIBAO, FOUNDED, World, answers, refused
from tests.faults.crashing import BEFORE_ANSWER, DIED, Place, mortal
from tests.faults.test_crash_points import dies_everywhere, place, released
from workflows.assistance.money.bank_results import take_bank_results
from workflows.assistance.money.payments import order_by_bank
from workflows.assistance.money.rolls import authorise_roll, release_roll, review_roll
from workflows.errors import Actor
from workflows.privacy import KeyRing
from workflows.transaction import transaction


@dataclass(frozen=True)
class Ordering:
    """Order a stage from the bank."""

    stage_id: str
    actor: Actor

    def __call__(self, session: Session, keys: KeyRing, case_id: str) -> bool:
        stage = session.get_one(ReliefStage, self.stage_id)
        case = session.get_one(Case, case_id)
        household = session.get_one(Household, case.household_id)
        order_by_bank(
            session, stage=stage, grant=session.get_one(ReliefGrant, stage.grant_id), case=case,
            household_id=household.id, person_id=household.head_person_id, frozen={},
            actor=self.actor, now=FOUNDED,
        )  # fmt: skip
        return True


@dataclass(frozen=True)
class Releasing:
    """Send a roll to the bank."""

    roll_id: str
    actor: Actor
    now: datetime = FOUNDED

    def __call__(self, session: Session, keys: KeyRing, case_id: str) -> bool:
        district_id = session.get_one(Case, case_id).district_id
        release_roll(
            session, self.roll_id, keys, district_id=district_id, actor=self.actor, now=self.now
        )
        return True


@dataclass(frozen=True)
class Answering:
    """Take the bank's answers; the same file as often as it comes."""

    roll_id: str
    content: bytes
    actor: Actor
    now: datetime = FOUNDED

    def __call__(self, session: Session, keys: KeyRing, case_id: str) -> bool:
        district_id = session.get_one(Case, case_id).district_id
        taken = take_bank_results(
            session, self.roll_id, self.content, district_id=district_id, actor=self.actor,
            now=self.now,
        )  # fmt: skip
        return not taken.repeated


@pytest.fixture
def world(session: Session) -> World:
    """A district with money."""
    session.expire_on_commit = False
    made = World.founded(session)
    made.appropriate("2000.00")
    made.appropriate("2000.00", DIBAO)
    return made


def look(world: World) -> object:
    """Everything about money; asserts that the books are right."""
    world.check_the_books()
    world.session.rollback()
    found = (
        tuple(sorted(world.balances().items())),
        tuple(world.session.execute(select(Payment.id, Payment.state).order_by(Payment.id))),
        tuple(world.session.execute(select(Roll.id, Roll.state).order_by(Roll.id))),
        tuple(world.session.scalars(select(BankFile.sha256).order_by(BankFile.id))),
        tuple(world.session.scalars(select(OutboxMessage.key).order_by(OutboxMessage.id))),
    )
    world.session.rollback()
    return found


def place_of(world: World, case_id: str) -> Place:
    """The database of the world, for another process."""
    return place(world.district, case_id)


def test_a_death_while_ordering_leaves_nothing_of_it(world: World) -> None:
    # given
    grant, [stage] = world.relief(world.family(), ["800.00"])
    deed = Ordering(stage.id, world.actor("confirmer"))
    world.session.rollback()
    # when
    with mortal(place_of(world, grant.case_id), deed) as do:
        statements = dies_everywhere(do, lambda: look(world), world.session)
    # then
    assert statements >= 8
    assert world.balances()["relief/payable"] == Decimal("800.00")


def authorised(world: World) -> tuple[Grant, Roll]:
    """A roll that waits for finance."""
    grant = world.monthly(world.family())
    world.monthly(world.family())
    roll = world.draw()
    for step, login in ((review_roll, "second_reviewer"), (authorise_roll, "confirmer")):
        with transaction(world.session):
            step(
                world.session, roll.id, district_id=world.district_id, actor=world.actor(login),
                now=FOUNDED,
            )  # fmt: skip
    return grant, roll


def test_a_death_while_a_roll_goes_out_leaves_nothing_of_it(world: World) -> None:
    # given
    grant, roll = authorised(world)
    deed = Releasing(roll.id, world.actor("finance"))
    world.session.rollback()
    # when
    with mortal(place_of(world, grant.case_id), deed) as do:
        statements = dies_everywhere(do, lambda: look(world), world.session)
    # then
    assert statements >= 10
    assert world.balances()["dibao/payable"] == Decimal("1031.00")


def test_answers_that_come_again_after_a_death_move_money_once(world: World) -> None:
    # given
    grant, roll = authorised(world)
    with transaction(world.session):
        release_roll(
            world.session, roll.id, world.district.keys, district_id=world.district_id,
            actor=world.actor("finance"), now=FOUNDED,
        )  # fmt: skip
    payments = world.payments(roll)
    content = answers(payments, **refused(payments[0], "account_closed"))
    deed = Answering(roll.id, content, world.actor("finance"))
    world.session.rollback()
    # when: the first that gets through dies before its answer, so the file comes again
    with mortal(place_of(world, grant.case_id), deed) as do:
        dies_everywhere(do, lambda: look(world), world.session)
        after = look(world)
        again = do(BEFORE_ANSWER)
        released(world.session)
    # then
    assert again == DIED
    assert look(world) == after
    assert world.balances()["dibao/paid"] == Decimal("515.50")

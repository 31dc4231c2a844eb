"""A roll is drawn from who is due, goes through four hands, and goes out as it was reviewed."""

from __future__ import annotations

import csv
import hashlib
import io
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models.assistance import GrantState
from models.households import HouseholdMember, Person
from models.money import BankFile, Payment, PaymentState, RollState
from models.plumbing import OutboxMessage
from models.relief import StageState
from models.trail import TrailEntry
from tests.assistance.money.world import DIBAO, FOUNDED, MONTH, RELIEF, TODAY, World
from workflows.assistance.money.bank_accounts import record_bank_account
from workflows.assistance.money.bank_files import bank_file
from workflows.assistance.money.failures import cancel_payment
from workflows.assistance.money.partitions import LocalProcesses
from workflows.assistance.money.rolls import (
    authorise_roll,
    cancel_roll,
    release_roll,
    review_roll,
)
from workflows.errors import Conflict, Invalid, NotFound
from workflows.transaction import transaction

OCTOBER = date(2021, 10, 1)


def test_a_roll_has_everybody_who_is_due_frozen(world: World) -> None:
    # given
    big, small = world.family(3), world.family()
    grant = world.monthly(big)
    world.monthly(small, "300.00", "0.00")
    # when
    roll = world.draw()
    # then
    assert (roll.payments, roll.persons, roll.total) == (2, 4, Decimal("815.50"))
    assert (roll.state, roll.supplement) == (RollState.DRAWN, 0)
    assert roll.number == "500154-FF-202109-0001"
    payment = next(one for one in world.payments(roll) if one.household_id == big.id)
    assert payment.key == f"grant/{grant.id}/2021-09"
    assert payment.frozen == {
        "members": 3, "base": "500.00", "topup": "15.50", "monthly": "515.50", "area": "rural",
        "township": big.township_id, "village": big.village_id, "grant": grant.id,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("start", "state", "ended_from", "due"),
    [
        (MONTH, GrantState.ACTIVE, None, True),
        (OCTOBER, GrantState.ACTIVE, None, False),
        (MONTH, GrantState.ACTIVE, OCTOBER, True),
        (MONTH, GrantState.ENDED, OCTOBER, True),
        (MONTH, GrantState.ENDED, MONTH, False),
        (MONTH, GrantState.ACTIVE, MONTH, False),
        (MONTH, GrantState.ENDED, None, False),
    ],
)
def test_a_grant_is_paid_from_its_first_month_until_it_ends(
    world: World, start: date, state: GrantState, ended_from: date | None, due: bool
) -> None:
    # given
    world.monthly(world.family(), "100.00")
    grant = world.monthly(world.family(), start=start)
    with transaction(world.session):
        grant.state, grant.ended_from = state, ended_from
    # when
    roll = world.draw()
    # then
    assert any(payment.grant_id == grant.id for payment in world.payments(roll)) == due
    assert world.held(roll) == []


def test_nobody_is_on_two_rolls_of_a_month(world: World) -> None:
    # given
    world.monthly(world.family())
    world.draw()
    # when / then
    with pytest.raises(Conflict, match="nothing_to_draw"):
        world.draw()
    late = world.monthly(world.family())
    second = world.draw()
    assert second.supplement == 1
    assert [payment.grant_id for payment in world.payments(second)] == [late.id]


def test_the_dead_and_those_without_an_account_are_held_with_an_owner(world: World) -> None:
    # given
    paid, dead, without, closed = (world.family(2, bank=flag) for flag in (1, 1, 0, 1))
    for household in (paid, dead, without, closed):
        world.monthly(household)
    world.close_account(closed)
    with transaction(world.session):
        child = world.session.scalars(
            select(Person)
            .join(HouseholdMember, HouseholdMember.person_id == Person.id)
            .where(HouseholdMember.household_id == dead.id, HouseholdMember.relation == "child")
        ).one()
        child.died_on = TODAY
    # when
    roll = world.draw()
    # then
    assert [payment.household_id for payment in world.payments(roll)] == [paid.id]
    held = world.held(roll)
    assert {row.household_id: row.reason for row in held} == {
        dead.id: "died", without.id: "account_missing", closed.id: "account_closed",
    }  # fmt: skip
    officers = set(world.district.staff_ids("officer", "second_officer"))
    assert {row.owner_id for row in held} == officers


def test_a_members_own_benefit_waits_for_an_account_of_that_member(world: World) -> None:
    # given: the head has an account, the member whom the benefit is for has none
    family, other = world.family(2), world.family()
    grant = world.monthly(family)
    world.monthly(other)
    with transaction(world.session):
        member_id = world.session.scalars(
            select(HouseholdMember.person_id).where(
                HouseholdMember.household_id == family.id,
                HouseholdMember.person_id != family.head_person_id,
            )
        ).one()
        grant.person_id = member_id
    # when
    first = world.draw()
    # then
    assert [(row.household_id, row.person_id, row.reason) for row in world.held(first)] == [
        (family.id, member_id, "account_missing")
    ]
    # when
    with transaction(world.session):
        member = world.session.get_one(Person, member_id)
        account = record_bank_account(
            world.session, member, "6217003810009999999", "农商银行", "他人",
            world.district.keys, other_holder="由邻居代收", actor=world.actor("officer"),
            now=FOUNDED,
        ).account  # fmt: skip
    second = world.draw()
    # then
    assert [(one.person_id, one.bank_account_id) for one in world.payments(second)] == [
        (member_id, account.id)
    ]
    assert world.held(second) == []


def test_a_family_with_two_grants_is_held(world: World) -> None:
    # given
    household = world.family()
    world.monthly(household)
    world.monthly(world.family())
    first = world.draw()
    # when
    world.monthly(household, "300.00")
    world.monthly(world.family())
    second = world.draw()
    # then
    assert (first.payments, second.payments) == (2, 1)
    assert [(row.household_id, row.reason) for row in world.held(second)] == [
        (household.id, "two_grants")
    ]


@pytest.mark.parametrize(
    ("programme", "month", "code"),
    [
        ("pension", MONTH, "programme_unknown"),
        (DIBAO, OCTOBER, "month_ahead"),
        (DIBAO, TODAY, "month_ahead"),
    ],
)
def test_what_cannot_be_drawn_is_refused(
    world: World, programme: str, month: date, code: str
) -> None:
    # when / then
    with pytest.raises(Invalid, match=code):
        world.draw(programme, month)


def test_relief_that_waits_joins_the_next_roll(world: World) -> None:
    # given
    world.appropriate("5000.00")
    alive, dead = world.family(), world.family()
    first = world.order(*_single(world, alive))
    second = world.order(*_single(world, dead))
    world.bury(dead)
    # when
    roll = world.draw(RELIEF)
    # then
    assert [payment.id for payment in world.payments(roll)] == [first.id]
    assert [(row.payment_id, row.reason) for row in world.held(roll)] == [(second.id, "died")]
    assert roll.total == Decimal("800.00")


def test_relief_goes_to_the_account_of_now(world: World) -> None:
    # given
    world.appropriate("5000.00")
    household = world.family()
    world.order(*_single(world, household))
    account = world.bank(household, "6217003800000000777").account
    # when
    roll = world.draw(RELIEF)
    # then
    assert world.payments(roll)[0].bank_account_id == account.id


def test_a_roll_goes_out_through_four_hands(world: World) -> None:
    # given
    world.appropriate("1000.00", DIBAO)
    world.monthly(world.family())
    roll = world.draw()
    # when
    kept = world.send(roll)
    # then
    assert roll.state is RollState.RELEASED
    assert {payment.state for payment in world.payments(roll)} == {PaymentState.SENT}
    assert world.balances() == {
        "dibao/appropriation": Decimal("-1000.00"),
        "dibao/budget": Decimal("484.50"),
        "dibao/payable": Decimal("515.50"),
    }
    assert (kept.rows, kept.total) == (1, Decimal("515.50"))
    acts = world.session.scalars(
        select(TrailEntry.action)
        .where(TrailEntry.subject_id == roll.id)
        .order_by(TrailEntry.sequence)
    ).all()
    assert acts == ["roll.drawn", "roll.reviewed", "roll.authorised", "roll.sent"]


def test_the_bank_file_is_made_again_byte_for_byte_and_waits_in_the_outbox(world: World) -> None:
    # given
    world.appropriate("1000.00", DIBAO)
    grant = world.monthly(world.family(bank=True))
    roll = world.draw()
    # when
    kept = world.send(roll)
    # then
    made = bank_file(world.session, roll.id, world.district.keys)
    assert hashlib.sha256(made.content).hexdigest() == kept.sha256
    heading, row = csv.reader(io.StringIO(made.content.decode()))
    assert heading == [
        "payment_key", "bank", "account", "holder", "amount", "programme", "month",
    ]  # fmt: skip
    assert row[0] == f"grant/{grant.id}/2021-09"
    assert row[1] == "农商银行"
    assert row[4:] == ["515.50", "dibao", "2021-09"]
    message = world.session.scalars(
        select(OutboxMessage).where(OutboxMessage.topic == "bank.file")
    ).one()
    assert message.key == f"bank.file/{roll.id}/{kept.sha256}"
    assert row[2] not in str(message.payload)


def test_local_processes_make_the_same_roll_and_file(world: World) -> None:
    # given
    world.appropriate("1000.00", DIBAO)
    world.monthly(world.family())
    roll = world.draw()
    # when
    kept = world.send(roll)
    made = bank_file(world.session, roll.id, world.district.keys, jobs=LocalProcesses(2))
    # then
    assert made.sha256 == kept.sha256


Step = Any


@pytest.mark.parametrize(
    ("drawn", "reviewed", "authorised"),
    [
        ("reviewer", "reviewer", None),
        ("reviewer", "confirmer", "confirmer"),
        ("reviewer", "second_reviewer", "reviewer"),
    ],
)
def test_one_hand_takes_one_step(
    world: World, drawn: str, reviewed: str, authorised: str | None
) -> None:
    # given
    world.monthly(world.family())
    roll = world.draw()
    # when / then
    with pytest.raises(Conflict, match="same_hand"):
        _step(world, review_roll, roll.id, reviewed)
        assert authorised is not None
        _step(world, authorise_roll, roll.id, authorised)


def test_steps_come_in_their_order(world: World) -> None:
    # given
    world.monthly(world.family())
    roll = world.draw()
    # when / then
    with pytest.raises(Conflict, match="roll_state"):
        _step(world, authorise_roll, roll.id, "confirmer")
    with pytest.raises(Conflict, match="roll_state"):
        _release(world, roll.id)
    _step(world, review_roll, roll.id, "second_reviewer")
    with pytest.raises(Conflict, match="roll_state"):
        _step(world, review_roll, roll.id, "confirmer")
    with pytest.raises(NotFound, match="roll_unknown"), transaction(world.session):
        review_roll(
            world.session, roll.id, district_id="elsewhere",
            actor=world.actor("confirmer"), now=FOUNDED,
        )  # fmt: skip


def test_without_cover_nothing_goes_out(world: World) -> None:
    # given
    world.appropriate("515.49", DIBAO)
    world.monthly(world.family())
    roll = world.draw()
    # when / then
    with pytest.raises(Conflict, match="no_cover"):
        world.send(roll)
    assert {payment.state for payment in world.payments(roll)} == {PaymentState.ORDERED}
    assert world.session.scalars(select(BankFile)).all() == []
    assert world.session.get_one(type(roll), roll.id, populate_existing=True).state is (
        RollState.AUTHORISED
    )


def test_a_changed_payment_does_not_go_out(world: World) -> None:
    # given
    world.appropriate("5000.00", DIBAO)
    world.monthly(world.family())
    roll = world.draw()
    with transaction(world.session):
        world.session.execute(
            update(Payment).where(Payment.roll_id == roll.id).values(amount=Decimal("615.50"))
        )
    # when / then
    with pytest.raises(Conflict, match="roll_changed"):
        world.send(roll)


def test_who_has_lost_the_claim_since_is_withheld(world: World) -> None:
    # given
    world.appropriate("5000.00", DIBAO)
    kept, dead, ended, closed = (world.family() for _ in range(4))
    grants = [world.monthly(household) for household in (kept, dead, ended, closed)]
    roll = world.draw()
    world.bury(dead)
    world.close_account(closed)
    with transaction(world.session):
        grants[2].state, grants[2].ended_from = GrantState.ENDED, MONTH
    # when
    file = world.send(roll)
    # then
    assert (file.rows, roll.payments, roll.total) == (1, 1, Decimal("515.50"))
    assert sorted(row.reason for row in world.held(roll)) == ["account_closed", "died", "ended"]
    states = {payment.household_id: payment.state for payment in world.payments(roll)}
    assert states.pop(kept.id) is PaymentState.SENT
    assert set(states.values()) == {PaymentState.CANCELLED}
    assert world.balances()["dibao/payable"] == Decimal("515.50")


def test_a_roll_of_the_dead_does_not_go_out(world: World) -> None:
    # given
    world.appropriate("5000.00", DIBAO)
    household = world.family()
    world.monthly(household)
    roll = world.draw()
    world.bury(household)
    # when / then
    with pytest.raises(Conflict, match="roll_empty"):
        world.send(roll)


def test_a_cancelled_roll_is_drawn_again_with_other_keys(world: World) -> None:
    # given
    grant = world.monthly(world.family())
    roll = world.draw()
    # when
    with transaction(world.session):
        cancel_roll(
            world.session, roll.id, "金额有误", district_id=world.district_id,
            actor=world.actor("reviewer"), now=FOUNDED,
        )  # fmt: skip
    again = world.draw()
    # then
    assert (roll.state, again.supplement) == (RollState.CANCELLED, 0)
    assert [payment.key for payment in world.payments(again)] == [f"grant/{grant.id}/2021-09/2"]
    with pytest.raises(Conflict, match="roll_state"), transaction(world.session):
        cancel_roll(
            world.session, roll.id, "再次", district_id=world.district_id,
            actor=world.actor("reviewer"), now=FOUNDED,
        )  # fmt: skip


def test_relief_of_a_cancelled_roll_waits_again_and_can_be_called_off(world: World) -> None:
    # given
    world.appropriate("5000.00")
    grant, stage = _single(world, world.family())
    payment = world.order(grant, stage)
    roll = world.draw(RELIEF)
    with transaction(world.session):
        cancel_roll(
            world.session, roll.id, "金额有误", district_id=world.district_id,
            actor=world.actor("reviewer"), now=FOUNDED,
        )  # fmt: skip
    # when
    with transaction(world.session):
        cancel_payment(
            world.session, payment.id, "不再需要", district_id=world.district_id,
            actor=world.actor("officer"), now=FOUNDED,
        )  # fmt: skip
    # then
    assert stage.state is StageState.CANCELLED
    assert world.balances().get("relief/committed", 0) == 0
    assert world.balances()["relief/budget"] == Decimal("5000.00")
    world.check_the_books()


def _single(world: World, household: Any) -> Any:
    grant, [stage] = world.relief(household, ["800.00"])
    return grant, stage


def _step(world: World, step: Step, roll_id: str, login: str) -> None:
    with transaction(world.session):
        step(
            world.session, roll_id, district_id=world.district_id, actor=world.actor(login),
            now=FOUNDED,
        )  # fmt: skip


def _release(world: World, roll_id: str, session: Session | None = None) -> None:
    with transaction(world.session):
        release_roll(
            world.session, roll_id, world.district.keys, district_id=world.district_id,
            actor=world.actor("finance"), now=FOUNDED,
        )  # fmt: skip

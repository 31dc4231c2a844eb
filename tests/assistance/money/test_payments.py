"""A stage of relief is paid once: in cash, in goods, or through the bank."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from models.money import PaymentMethod, PaymentState
from models.relief import ReliefSource, StageState
from models.trail import TrailEntry
from tests.assistance.money.world import FOUNDED, World
from workflows.assistance.money.bank_accounts import close_bank_account, usable_account
from workflows.errors import Conflict, Invalid
from workflows.transaction import transaction


@pytest.fixture
def funded(world: World) -> World:
    """A budget of 10,000 yuan and 2,000 yuan in the township's drawer."""
    world.appropriate("10000.00")
    world.fill_petty_fund("2000.00")
    return world


def test_cash_from_the_drawer_is_paid_at_once(funded: World) -> None:
    # given
    grant, [stage] = funded.relief(funded.family(), ["800.00"], ReliefSource.PETTY_FUND)
    # when
    payment = funded.hand_over(grant, stage)
    # then
    assert (payment.state, payment.key) == (PaymentState.PAID, f"stage/{stage.id}/1")
    assert (stage.state, stage.settled_on) == (StageState.RELEASED, payment.paid_on)
    assert funded.balances() == {
        "relief/appropriation": Decimal("-10000.00"),
        "relief/budget": Decimal("8000.00"),
        "relief/petty_fund": Decimal("1200.00"),
        "relief/paid": Decimal("800.00"),
    }
    funded.check_the_books()


def test_goods_from_the_budget_pass_through_payable(funded: World) -> None:
    # given
    grant, [stage] = funded.relief(funded.family(), ["800.00"])
    # when
    funded.hand_over(grant, stage, PaymentMethod.GOODS, goods="大米50公斤")
    # then
    assert funded.balances()["relief/paid"] == Decimal("800.00")
    assert "relief/committed" not in funded.balances()
    assert "relief/payable" not in funded.balances()
    funded.check_the_books()


def test_a_stage_is_paid_once(funded: World) -> None:
    # given
    grant, [stage, _] = funded.relief(funded.family(), ["800.00", "200.00"])
    funded.hand_over(grant, stage)
    # when / then
    with pytest.raises(Conflict, match="stage_paid"):
        funded.hand_over(grant, stage)
    with pytest.raises(Conflict, match="stage_paid"):
        funded.order(grant, stage)
    assert funded.balances()["relief/paid"] == Decimal("800.00")


def test_a_cancelled_stage_is_not_paid(funded: World) -> None:
    # given
    grant, [stage] = funded.relief(funded.family(), ["800.00"])
    with transaction(funded.session):
        stage.state = StageState.CANCELLED
    # when / then
    with pytest.raises(Conflict, match="stage_cancelled"):
        funded.hand_over(grant, stage)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"handlers": []}, "handlers_missing"),
        ({"files": []}, "receipt_missing"),
        ({"files": ["00000000-0000-7000-8000-000000000000"]}, "receipt_missing"),
        ({"handlers": "officer"}, "handlers_missing"),
    ],
)
def test_cash_needs_two_handlers_and_a_receipt(
    funded: World, changes: dict[str, Any], code: str
) -> None:
    # given
    grant, [stage] = funded.relief(funded.family(), ["800.00"])
    # when / then
    with pytest.raises(Invalid, match=code):
        funded.hand_over(grant, stage, **changes)
    assert "relief/paid" not in funded.balances()


def test_one_handler_twice_is_one(funded: World) -> None:
    # given
    grant, [stage] = funded.relief(funded.family(), ["800.00"])
    [officer] = funded.district.staff_ids("officer")
    # when / then
    with pytest.raises(Invalid, match="handlers_missing"):
        funded.hand_over(grant, stage, handlers=[officer, officer])


def test_goods_are_named(funded: World) -> None:
    # given
    grant, [stage] = funded.relief(funded.family(), ["800.00"])
    # when / then
    with pytest.raises(Invalid, match="goods_missing"):
        funded.hand_over(grant, stage, PaymentMethod.GOODS)


def test_an_order_waits_for_the_bank(funded: World) -> None:
    # given
    grant, [stage] = funded.relief(funded.family(), ["800.00"])
    # when
    payment = funded.order(grant, stage)
    # then
    assert (payment.state, payment.roll_id) == (PaymentState.ORDERED, None)
    assert payment.bank_account_id is not None
    assert funded.balances()["relief/payable"] == Decimal("800.00")
    acts = funded.session.scalars(
        select(TrailEntry.action).where(TrailEntry.subject_id == grant.case_id)
    ).all()
    assert acts[-1] == "payment.ordered"


def test_a_petty_fund_pays_by_hand_only(funded: World) -> None:
    # given
    grant, [stage] = funded.relief(funded.family(), ["800.00"], ReliefSource.PETTY_FUND)
    # when / then
    with pytest.raises(Invalid, match="fund_pays_cash"):
        funded.order(grant, stage)


def test_an_order_needs_a_usable_account(funded: World) -> None:
    # given
    household = funded.family(bank=False)
    grant, [stage] = funded.relief(household, ["800.00"])
    # when / then
    with pytest.raises(Conflict, match="account_missing"):
        funded.order(grant, stage)
    funded.bank(household)
    with transaction(funded.session):
        account = usable_account(funded.session, household.head_person_id)
        close_bank_account(
            funded.session, account, closed_on=date(2021, 9, 7),
            actor=funded.actor("officer"), now=FOUNDED,
        )  # fmt: skip
    with pytest.raises(Conflict, match="account_closed"):
        funded.order(grant, stage)
    funded.bank(household, "6217003800000000999")
    assert funded.order(grant, stage).state is PaymentState.ORDERED

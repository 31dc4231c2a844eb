"""The bank's answers: every row checked at once, money moved once, failures with an owner."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import func, select

from models.households import Person
from models.money import BankAccount, LedgerTransfer, Payment, PaymentState, Roll, RollState
from models.relief import ReliefStage, StageState
from tests.assistance.money.world import DIBAO, FOUNDED, RELIEF, World, answers, refused
from workflows.assistance.money.failures import (
    cancel_payment,
    reassign_failure,
    repeat_payment,
)
from workflows.errors import Conflict, Invalid
from workflows.transaction import transaction


@pytest.fixture
def funded(world: World) -> World:
    """Money for both programmes."""
    world.appropriate("5000.00", DIBAO)
    world.appropriate("5000.00", RELIEF)
    return world


def sent(world: World, families: int = 2) -> Roll:
    """A roll of monthly benefits that has gone out."""
    for _ in range(families):
        world.monthly(world.family())
    roll = world.draw()
    world.send(roll)
    return roll


def test_what_is_paid_is_paid_in_one_transfer(funded: World) -> None:
    # given
    roll = sent(funded)
    before = funded.session.scalar(select(func.count()).select_from(LedgerTransfer)) or 0
    # when
    taken = funded.take(roll, answers(funded.payments(roll)))
    # then
    assert (taken.paid, taken.failed, taken.settled) == (2, 0, True)
    assert taken.paid_total == Decimal("1031.00")
    assert funded.balances()["dibao/paid"] == Decimal("1031.00")
    after = funded.session.scalar(select(func.count()).select_from(LedgerTransfer))
    assert after == before + 1
    assert {payment.state for payment in funded.payments(roll)} == {PaymentState.PAID}
    assert roll.state is RollState.SETTLED
    funded.check_the_books()


def test_the_same_file_twice_changes_nothing(funded: World) -> None:
    # given
    roll = sent(funded)
    payments = funded.payments(roll)
    content = answers(payments, **refused(payments[0]))
    first = funded.take(roll, content)
    before = funded.balances()
    # when
    second = funded.take(roll, content, login="second_finance")
    # then
    assert (second.paid, second.failed, second.repeated) == (first.paid, first.failed, True)
    assert funded.balances() == before


def test_a_failure_goes_back_to_the_budget_and_has_an_owner(funded: World) -> None:
    # given
    roll = sent(funded)
    payments = funded.payments(roll)
    # when
    taken = funded.take(roll, answers(payments, **refused(payments[0], "account_closed")))
    # then
    assert (taken.paid, taken.failed, taken.settled) == (1, 1, True)
    failed = funded.payments(roll)[0]
    assert (failed.state, failed.failure) == (PaymentState.FAILED, "account_closed")
    assert failed.owner_id in funded.district.staff_ids("officer", "second_officer")
    assert funded.balances() == {
        "dibao/appropriation": Decimal("-5000.00"),
        "dibao/budget": Decimal("4484.50"),
        "dibao/paid": Decimal("515.50"),
        "relief/appropriation": Decimal("-5000.00"),
        "relief/budget": Decimal("5000.00"),
    }
    account = funded.session.get_one(BankAccount, failed.bank_account_id, populate_existing=True)
    assert account.closed_on is not None
    with pytest.raises(Conflict, match="nothing_to_draw"):
        funded.draw()


def test_a_part_of_a_roll_may_be_answered_first(funded: World) -> None:
    # given
    roll = sent(funded)
    first, second = funded.payments(roll)
    # when
    taken = funded.take(roll, answers([first]))
    # then
    assert not taken.settled
    assert roll.state is RollState.RELEASED
    with pytest.raises(Invalid, match="result_settled"):
        funded.take(roll, answers([first, second]))
    assert funded.take(roll, answers([second])).settled


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("grant/other/2021-09,515.50,paid,,2021-09-08", "result_unknown"),
        ("{key},515.51,paid,,2021-09-08", "result_differs"),
        ("{key},515.5,paid,,2021-09-08", "result_amount"),
        ("{key},５１５.50,paid,,2021-09-08", "result_amount"),
        ("{key},515.50,paid,,", "result_day"),
        ("{key},515.50,paid,,2021-09-09", "result_day"),
        ("{key},515.50,ok,,2021-09-08", "result_word"),
        ("{key},515.50,failed,because,", "result_reason"),
        ("{key},515.50,paid", "result_format"),
    ],
)
def test_a_wrong_row_is_named_with_its_line_and_nothing_is_done(
    funded: World, line: str, code: str
) -> None:
    # given
    roll = sent(funded)
    first, second = funded.payments(roll)
    content = answers([first]) + b"\n" + line.format(key=second.key).encode()
    # when
    with pytest.raises(Invalid) as caught:
        funded.take(roll, content)
    # then
    assert [(one.code, one.line) for one in caught.value.findings] == [(code, 3)]
    assert {payment.state for payment in funded.payments(roll)} == {PaymentState.SENT}
    assert "dibao/paid" not in funded.balances()


def test_a_payment_twice_in_a_file_is_refused(funded: World) -> None:
    # given
    roll = sent(funded)
    first, _ = funded.payments(roll)
    # when / then
    with pytest.raises(Invalid, match="result_twice"):
        funded.take(roll, answers([first, first]))


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"a,b\n1,2\n", b"payment_key\n"])
def test_what_is_no_result_file_is_refused(funded: World, content: bytes) -> None:
    # given
    roll = sent(funded, 1)
    # when / then
    with pytest.raises(Invalid, match="result_format"):
        funded.take(roll, content)


def test_a_roll_that_has_not_gone_out_has_no_answers(funded: World) -> None:
    # given
    funded.monthly(funded.family())
    roll = funded.draw()
    # when / then
    with pytest.raises(Conflict, match="roll_state"):
        funded.take(roll, answers(funded.payments(roll)))


def failed_month(world: World, reason: str = "account_wrong") -> Payment:
    """A month of a benefit that the bank refused."""
    roll = sent(world, 1)
    [payment] = world.payments(roll)
    world.take(roll, answers([payment], **refused(payment, reason)))
    return world.payments(roll)[0]


def failed_relief(world: World) -> Payment:
    """A stage of relief that the bank refused."""
    grant, [stage] = world.relief(world.family(), ["800.00"])
    world.order(grant, stage)
    roll = world.draw(RELIEF)
    world.send(roll)
    [payment] = world.payments(roll)
    world.take(roll, answers([payment], **refused(payment)))
    return world.payments(roll)[0]


def test_a_failed_month_is_repeated_on_the_next_roll(funded: World) -> None:
    # given
    failed = failed_month(funded)
    # when
    with transaction(funded.session):
        again = repeat_payment(
            funded.session, failed.id, district_id=funded.district_id,
            actor=funded.actor("officer"), now=FOUNDED,
        )  # fmt: skip
    roll = funded.draw()
    funded.send(roll)
    funded.take(roll, answers(funded.payments(roll)))
    # then
    assert again.key == f"{failed.key}/2"
    assert again.repeats_id == failed.id
    assert (roll.supplement, roll.state) == (1, RollState.SETTLED)
    assert funded.balances()["dibao/paid"] == Decimal("515.50")
    funded.check_the_books()


def test_a_closed_account_has_to_be_replaced_first(funded: World) -> None:
    # given
    failed = failed_month(funded, "account_closed")
    # when / then
    with pytest.raises(Conflict, match="account_closed"), transaction(funded.session):
        repeat_payment(
            funded.session, failed.id, district_id=funded.district_id,
            actor=funded.actor("officer"), now=FOUNDED,
        )  # fmt: skip


def test_failed_relief_is_committed_again_and_payable_when_repeated(funded: World) -> None:
    # given
    failed = failed_relief(funded)
    assert funded.balances()["relief/committed"] == Decimal("800.00")
    # when
    with transaction(funded.session):
        again = repeat_payment(
            funded.session, failed.id, district_id=funded.district_id,
            actor=funded.actor("officer"), now=FOUNDED,
        )  # fmt: skip
    # then
    assert again.key == f"stage/{failed.stage_id}/2"
    assert funded.balances()["relief/payable"] == Decimal("800.00")
    with pytest.raises(Conflict, match="payment_state"), transaction(funded.session):
        repeat_payment(
            funded.session, failed.id, district_id=funded.district_id,
            actor=funded.actor("officer"), now=FOUNDED,
        )  # fmt: skip
    funded.check_the_books()


def test_the_money_of_failed_relief_returns_when_it_is_cancelled(funded: World) -> None:
    # given
    failed = failed_relief(funded)
    before = funded.balances()["relief/budget"]
    # when
    with transaction(funded.session):
        cancel_payment(
            funded.session, failed.id, "不再需要", district_id=funded.district_id,
            actor=funded.actor("officer"), now=FOUNDED,
        )  # fmt: skip
    stage = funded.session.get_one(ReliefStage, failed.stage_id, populate_existing=True)
    # then
    assert stage.state is StageState.CANCELLED
    assert funded.balances()["relief/budget"] == before + Decimal("800.00")
    assert funded.balances().get("relief/committed", 0) == 0
    funded.check_the_books()


def test_the_dead_are_not_paid_again(funded: World) -> None:
    # given
    failed = failed_month(funded)
    with transaction(funded.session):
        funded.session.get_one(Person, failed.person_id).died_on = failed.month
    # when / then
    with pytest.raises(Conflict, match="payee_died"), transaction(funded.session):
        repeat_payment(
            funded.session, failed.id, district_id=funded.district_id,
            actor=funded.actor("officer"), now=FOUNDED,
        )  # fmt: skip


def test_a_failure_is_handed_to_somebody_who_may_handle_it(funded: World) -> None:
    # given
    failed = failed_month(funded)
    others = funded.district.staff_ids("officer", "second_officer")
    [other] = [account_id for account_id in others if account_id != failed.owner_id]
    # when
    with transaction(funded.session):
        moved = reassign_failure(
            funded.session, failed.id, other, district_id=funded.district_id,
            actor=funded.actor("officer"), now=FOUNDED,
        )  # fmt: skip
    # then
    assert moved.owner_id == other
    [leader] = funded.district.staff_ids("leader")
    with pytest.raises(Invalid, match="owner_unfit"), transaction(funded.session):
        reassign_failure(
            funded.session, failed.id, leader, district_id=funded.district_id,
            actor=funded.actor("officer"), now=FOUNDED,
        )  # fmt: skip


def test_a_cancellation_has_a_reason(funded: World) -> None:
    # given
    failed = failed_month(funded)
    # when / then
    with pytest.raises(Invalid, match="reason_missing"), transaction(funded.session):
        cancel_payment(
            funded.session, failed.id, " ", district_id=funded.district_id,
            actor=funded.actor("officer"), now=FOUNDED,
        )  # fmt: skip

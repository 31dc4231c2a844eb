"""A payment that fails after its stage was released: paid again, or its money comes back."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from models.cases import CaseState
from models.households import Household
from models.money import Payment, PaymentState
from models.relief import ReliefGrant, StageState
from tests.assistance.relief.world import NOW, Relief
from tests.runtime.district import at
from workflows.assistance.money.failures import cancel_payment, repeat_payment
from workflows.errors import Conflict
from workflows.transaction import transaction


def cancelled(relief: Relief, payment_id: str) -> None:
    """An officer cancels a payment."""
    with transaction(relief.session):
        cancel_payment(
            relief.session, payment_id, "改发", district_id=relief.district_id,
            actor=relief.district.actor("officer"), now=NOW,
        )  # fmt: skip


def repeated(relief: Relief, payment_id: str) -> None:
    """An officer orders a payment again."""
    with transaction(relief.session):
        repeat_payment(
            relief.session, payment_id, district_id=relief.district_id,
            actor=relief.district.actor("officer"), now=NOW,
        )  # fmt: skip


def served(relief: Relief, case_id: str) -> None:
    """The notice is served; with every stage settled the case ends."""
    relief.district.do(
        case_id, "Task_ServeNotice", "officer", NOW, service_method="direct",
        served_on="2021-11-24", service_result="served", service_receiver="户主",
        service_receipt=relief.district.attachment("officer", NOW),
    )  # fmt: skip


def ended(relief: Relief, household: Household) -> tuple[str, ReliefGrant]:
    """A case that has ended while its only stage is on the way to the bank."""
    case_id = relief.approved(household, "3000.00")
    served(relief, case_id)
    assert relief.district.case(case_id).state is CaseState.CLOSED
    return case_id, relief.session.scalars(select(ReliefGrant)).one()


@pytest.mark.parametrize("sent", [False, True])
def test_a_payment_that_nobody_can_pay_after_the_case_returns_to_the_budget(
    relief: Relief, sent: bool
) -> None:
    # given: the payee has died
    household = relief.family()
    before = relief.balances()
    _, grant = ended(relief, household)
    if sent:
        relief.failed(relief.sent())
    relief.bury(household.head_person_id)
    payment_id = relief.session.scalars(select(Payment.id)).one()
    relief.session.rollback()
    # when
    cancelled(relief, payment_id)
    # then: no money waits for somebody who will never come
    [stage] = relief.stages(grant)
    assert (stage.state, stage.settled_on) == (StageState.CANCELLED, NOW.date())
    assert relief.balances() == before


def test_a_failed_payment_is_repeated_after_the_case(relief: Relief) -> None:
    # given
    household = relief.family()
    _, grant = ended(relief, household)
    [payment_id] = relief.failed(relief.sent())
    with pytest.raises(Conflict, match="account_closed"):
        repeated(relief, payment_id)
    # when
    relief.bank(household)
    repeated(relief, payment_id)
    # then
    payments = relief.session.scalars(select(Payment).order_by(Payment.id)).all()
    assert [one.state for one in payments] == [PaymentState.CANCELLED, PaymentState.ORDERED]
    assert [one.key.rsplit("/", 1)[1] for one in payments] == ["1", "2"]
    assert relief.balances()["payable"] == 3000
    assert relief.stages(grant)[0].state is StageState.RELEASED


def test_a_stage_whose_payment_was_called_off_stays_off_and_the_next_goes_on(
    relief: Relief,
) -> None:
    # given: two stages; the first one's payment fails and is cancelled
    household = relief.family()
    case_id = relief.approved(
        household, "3000.00", ("1000.00", "2021-11-24"), ("2000.00", "2021-12-20")
    )
    [payment_id] = relief.failed(relief.sent())
    cancelled(relief, payment_id)
    relief.bank(household)
    # when
    day = "2021-12-20"
    relief.district.pass_time(at(day))
    relief.district.do(
        case_id, "Task_StageVisit", "officer", at(day), visited_on=day,
        stage_visitors=relief.district.staff_ids("officer", "second_officer"),
        stage_findings="仍在治疗", stage_result="release",
    )  # fmt: skip
    relief.district.pass_time(at(day))
    # then
    grant = relief.session.scalars(select(ReliefGrant)).one()
    assert [one.state.value for one in relief.stages(grant)] == ["cancelled", "released"]
    found = relief.session.scalars(
        select(Payment.key).where(Payment.state == PaymentState.ORDERED)
    ).all()
    assert sorted(key.rsplit("/", 1)[1] for key in found) == ["1"]
    assert relief.balances()["payable"] == 2000

"""Stages are released on their day after a check, postponed, cancelled, and paid once."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from models.households import Household, Person
from models.money import Payment, PaymentState
from models.relief import ReliefGrant, ReliefStage, StageState
from tests.assistance.relief.world import NOW, TODAY, Relief
from tests.runtime.district import at
from workflows.assistance.relief.staging import (
    cancel_stage,
    check_stage,
    next_stage,
    pay_stage,
    postpone_stage,
    release_stage,
)
from workflows.errors import DoudiError, Fault, Invalid, NotFound

NOBODY = "00000000-0000-7000-8000-000000000000"


def planned(
    relief: Relief, household: Household | None = None, source: str = "budget"
) -> tuple[ReliefGrant, ReliefStage, ReliefStage]:
    """A grant in two stages, today and in thirty days."""
    stages = [
        {"amount": Decimal(400), "due_on": TODAY, "condition": "住院"},
        {"amount": Decimal(200), "due_on": TODAY + timedelta(days=30), "condition": ""},
    ]
    grant = relief.granted(household or relief.family(), stages=stages, source=source)
    first, second = relief.stages(grant)
    return grant, first, second


def refused(relief: Relief, code: str, grant: ReliefGrant, operation: Any, **inputs: Any) -> None:
    """An operation is refused with this code, and nothing has changed."""
    before = relief.picture()
    with pytest.raises(DoudiError) as caught:
        relief.act(grant.case_id, operation, **inputs)
    assert code in {caught.value.code, *(found.code for found in caught.value.findings)}
    assert relief.picture() == before


def check(relief: Relief, grant: ReliefGrant, stage: ReliefStage, method: str = "bank") -> Any:
    """What stands against a stage."""
    return relief.act(grant.case_id, check_stage, stage_id=stage.id, method=method)["obstacle"]


# -- checks


def test_nothing_stands_against_a_stage(relief: Relief) -> None:
    # given
    grant, stage, _ = planned(relief)
    # when / then
    assert [check(relief, grant, stage, method) for method in ("bank", "cash")] == [None, None]


def test_the_dead_are_paid_nothing(relief: Relief) -> None:
    # given
    household = relief.family(relief.member("spouse"))
    grant, stage, _ = planned(relief, household)
    # when
    relief.bury(household.head_person_id)
    # then
    assert check(relief, grant, stage, "cash") == "death"


def test_a_member_s_death_stops_nothing_and_everybody_s_does(relief: Relief) -> None:
    # given
    household = relief.family(relief.member("spouse"))
    grant, stage, _ = planned(relief, household)
    people = relief.session.scalars(select(Person.id)).all()
    # when / then
    relief.session.rollback()
    for person_id in people:
        if person_id != household.head_person_id:
            relief.bury(person_id)
    assert check(relief, grant, stage) is None
    relief.bury(household.head_person_id)
    assert check(relief, grant, stage) == "death"


def test_aid_elsewhere_after_the_approval_is_a_duplicate_and_before_it_is_not(
    relief: Relief,
) -> None:
    # given: the same cause in an event of its own, far from the other one
    household = relief.family()
    other = relief.case(household)
    earlier = relief.event(other, occurred_on=date(2021, 6, 1))["event_id"]
    relief.grant(other, earlier)
    grant, stage, _ = planned(relief, household)
    assert check(relief, grant, stage) is None
    # when
    illness = relief.event(other, "illness")["event_id"]
    relief.grant(other, illness)
    assert check(relief, grant, stage) is None
    later = relief.grant(other, earlier, "100.00")
    # then
    assert check(relief, grant, stage) == "duplicate"
    # when the other one is taken back
    [given] = relief.stages(later)
    relief.act(other, cancel_stage, stage_id=given.id, reason="重复")
    # then
    assert check(relief, grant, stage) is None


def test_more_for_the_same_event_is_no_duplicate(relief: Relief) -> None:
    # given
    household = relief.family()
    grant, stage, _ = planned(relief, household)
    # when
    relief.grant(relief.case(household), grant.event_id)
    # then
    assert check(relief, grant, stage) is None


def test_a_bank_payment_needs_an_account(relief: Relief) -> None:
    # given
    household = relief.family(bank=False)
    grant, stage, _ = planned(relief, household)
    # when / then
    assert (check(relief, grant, stage), check(relief, grant, stage, "cash")) == ("account", None)
    relief.bank(household)
    assert check(relief, grant, stage) is None
    relief.close_bank(household)
    assert check(relief, grant, stage) == "account"


# -- releases


def test_a_stage_is_released_on_its_day_and_not_before(relief: Relief) -> None:
    # given
    grant, _, second = planned(relief)
    # when / then
    refused(relief, "stage_not_due", grant, release_stage, stage_id=second.id, method="bank")
    day, eve = at("2021-12-24", "00:00"), at("2021-12-23", "23:59")
    refused(relief, "stage_not_due", grant, release_stage, now=eve, stage_id=second.id,
            method="cash")  # fmt: skip
    relief.act(grant.case_id, release_stage, now=day, stage_id=second.id, method="bank")
    assert [one.state.value for one in relief.stages(grant)] == ["planned", "released"]
    assert relief.balances()["payable"] == 200


@pytest.mark.parametrize("method", ["bank", "cash"])
def test_a_stage_is_released_once(relief: Relief, method: str) -> None:
    # given
    grant, first, _ = planned(relief)
    relief.act(grant.case_id, release_stage, stage_id=first.id, method=method)
    # when / then
    for again in ("bank", "cash"):
        refused(relief, "stage_settled", grant, release_stage, stage_id=first.id, method=again)
    # then what is with the bank can't be called off; cash that nobody took returns
    if method == "bank":
        refused(relief, "stage_settled", grant, cancel_stage, stage_id=first.id, reason="迟了")
    else:
        relief.act(grant.case_id, cancel_stage, stage_id=first.id, reason="没有交到")
        refused(relief, "stage_settled", grant, cancel_stage, stage_id=first.id, reason="再取消")


def test_a_cancelled_stage_is_neither_released_nor_paid(relief: Relief) -> None:
    # given
    grant, first, _ = planned(relief)
    relief.act(grant.case_id, cancel_stage, stage_id=first.id, reason="不再需要")
    inputs = handing(relief, grant)
    # when / then
    refused(relief, "stage_settled", grant, release_stage, stage_id=first.id, method="bank")
    refused(relief, "stage_cancelled", grant, pay_stage, stage_id=first.id, **inputs)


def test_a_release_of_the_bank_without_an_account_changes_nothing(relief: Relief) -> None:
    # given
    grant, first, _ = planned(relief, relief.family(bank=False))
    # when / then
    refused(relief, "account_missing", grant, release_stage, stage_id=first.id, method="bank")


def test_a_petty_fund_is_not_paid_by_the_bank(relief: Relief) -> None:
    # given
    grant, first, _ = planned(relief, source="petty_fund")
    # when / then
    refused(relief, "fund_pays_cash", grant, release_stage, stage_id=first.id, method="bank")


def test_an_unknown_method_is_a_fault_of_the_policy(relief: Relief) -> None:
    # given
    grant, first, _ = planned(relief)
    # when / then
    for operation in (check_stage, release_stage):
        with pytest.raises(Fault, match="unknown_word"):
            relief.act(grant.case_id, operation, stage_id=first.id, method="cheque")


# -- postponing


@pytest.mark.parametrize("days", [-1, 0, 29, 30])
def test_a_stage_is_postponed_forwards_only(relief: Relief, days: int) -> None:
    # given
    grant, _, second = planned(relief)
    # when / then
    refused(relief, "postponed_back", grant, postpone_stage, stage_id=second.id,
            due_on=TODAY + timedelta(days=days), reason="外出")  # fmt: skip


def test_a_postponed_stage_is_due_on_its_new_day(relief: Relief) -> None:
    # given
    grant, first, _ = planned(relief)
    new_day = TODAY + timedelta(days=1)
    # when
    relief.act(grant.case_id, postpone_stage, stage_id=first.id, due_on=new_day, reason="外出")
    # then: money and approval stay as they were
    refused(relief, "stage_not_due", grant, release_stage, stage_id=first.id, method="bank")
    assert relief.balances()["committed"] == 600
    found = relief.act(grant.case_id, next_stage, grant_id=grant.id)
    assert (found["due_on"], found["amount"], found["condition"]) == (new_day, 400, "住院")


def test_a_postponed_day_has_come_or_is_nonsense(relief: Relief) -> None:
    # given
    grant, first, _ = planned(relief)
    # when / then
    refused(relief, "postponed_far", grant, postpone_stage, stage_id=first.id,
            due_on=date(2299, 12, 31), reason="外出")  # fmt: skip
    # a late case: the planned day has passed, and so has the new one
    refused(relief, "postponed_back", grant, postpone_stage, now=at("2021-12-01"),
            stage_id=first.id, due_on=date(2021, 12, 1), reason="外出")  # fmt: skip


@pytest.mark.parametrize("settle", [release_stage, cancel_stage])
def test_a_settled_stage_is_not_postponed(relief: Relief, settle: Any) -> None:
    # given
    grant, first, _ = planned(relief)
    how = {"method": "cash"} if settle is release_stage else {"reason": "不再需要"}
    relief.act(grant.case_id, settle, stage_id=first.id, **how)
    # when / then
    refused(relief, "stage_settled", grant, postpone_stage, stage_id=first.id,
            due_on=date(2022, 1, 1), reason="外出")  # fmt: skip


def test_stages_come_in_their_order_until_all_are_settled(relief: Relief) -> None:
    # given
    grant, first, second = planned(relief)

    def following() -> Any:
        return relief.act(grant.case_id, next_stage, grant_id=grant.id)["stage_id"]

    # when / then
    assert following() == first.id
    relief.act(grant.case_id, release_stage, stage_id=first.id, method="cash")
    assert following() == second.id
    relief.act(grant.case_id, cancel_stage, stage_id=second.id, reason="不再需要")
    assert following() is None


# -- paying by hand


def handing(relief: Relief, grant: ReliefGrant, **changes: Any) -> dict[str, Any]:
    """Two handlers with a photo, today."""
    return {
        "method": "cash", "handlers": relief.district.staff_ids("officer", "second_officer"),
        "files": relief.photo(grant.case_id), "paid_on": TODAY, **changes,
    }  # fmt: skip


def test_a_stage_is_handed_over_once(relief: Relief) -> None:
    # given
    grant, first, _ = planned(relief)
    relief.act(grant.case_id, release_stage, stage_id=first.id, method="cash")
    inputs = handing(relief, grant)
    # when
    relief.act(grant.case_id, pay_stage, stage_id=first.id, **inputs)
    # then
    refused(relief, "stage_paid", grant, pay_stage, stage_id=first.id, **inputs)
    payment = relief.session.scalars(select(Payment)).one()
    assert (payment.state, payment.amount) == (PaymentState.PAID, Decimal(400))
    assert relief.balances()["paid"] == 400


def test_what_the_bank_was_told_to_pay_is_not_handed_over(relief: Relief) -> None:
    # given
    grant, first, _ = planned(relief)
    relief.act(grant.case_id, release_stage, stage_id=first.id, method="bank")
    # when / then
    refused(relief, "stage_paid", grant, pay_stage, stage_id=first.id, **handing(relief, grant))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"handlers": ["officer"]}, "handlers_missing"),
        ({"handlers": ["officer", "officer"]}, "handlers_missing"),
        ({"handlers": []}, "handlers_missing"),
        ({"files": []}, "receipt_missing"),
        ({"files": [NOBODY]}, "receipt_missing"),
        ({"method": "goods"}, "goods_missing"),
        ({"method": "goods", "goods": "  "}, "goods_missing"),
        ({"paid_on": TODAY + timedelta(days=1)}, "paid_later"),
        ({"method": "cheque"}, "unknown_word"),
        ({"method": "bank"}, "unknown_word"),
    ],
)
def test_a_handing_over_without_its_evidence_is_refused(
    relief: Relief, changes: dict[str, Any], code: str
) -> None:
    # given
    grant, first, _ = planned(relief)
    if "handlers" in changes:
        changes = {**changes, "handlers": relief.district.staff_ids(*changes["handlers"])}
    inputs = handing(relief, grant, **changes)
    # when / then
    refused(relief, code, grant, pay_stage, stage_id=first.id, **inputs)


def test_a_receipt_of_another_case_is_none(relief: Relief) -> None:
    # given
    grant, first, _ = planned(relief)
    theirs = relief.case(relief.family())
    # when / then
    refused(relief, "receipt_missing", grant, pay_stage, stage_id=first.id,
            **handing(relief, grant, files=relief.photo(theirs)))  # fmt: skip


def test_every_fault_of_a_receipt_is_told_at_once(relief: Relief) -> None:
    # given
    grant, first, _ = planned(relief)
    inputs = handing(relief, grant, handlers=[NOBODY, NOBODY], files=[], method="goods")
    # when / then
    with pytest.raises(Invalid) as caught:
        relief.act(grant.case_id, pay_stage, stage_id=first.id, **inputs)
    fields = {found.field for found in caught.value.findings}
    assert fields == {"handlers", "files", "goods"}


# -- others' ids


def test_ids_of_another_case_are_not_found(relief: Relief) -> None:
    # given: even another case of the same family
    household = relief.family()
    grant, first, _ = planned(relief, household)
    stranger = relief.case(household)
    inputs = handing(relief, grant)
    acts: list[tuple[Any, dict[str, Any]]] = [
        (next_stage, {"grant_id": grant.id}),
        (next_stage, {"grant_id": NOBODY}),
        (check_stage, {"stage_id": first.id, "method": "bank"}),
        (release_stage, {"stage_id": first.id, "method": "bank"}),
        (pay_stage, {"stage_id": first.id, **inputs}),
        (postpone_stage, {"stage_id": first.id, "due_on": date(2022, 1, 1), "reason": "外出"}),
        (cancel_stage, {"stage_id": first.id, "reason": "外出"}),
        (cancel_stage, {"stage_id": NOBODY, "reason": "外出"}),
    ]
    before = relief.picture()
    # when / then
    for operation, given in acts:
        with pytest.raises(NotFound, match="_not_found"):
            relief.act(stranger, operation, now=NOW, **given)
    assert relief.picture() == before
    assert relief.stages(grant)[0].state is StageState.PLANNED

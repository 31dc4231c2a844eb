"""After a person's decision the amount is right from the next roll on, and the sums are exact."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from models.assistance import Assessment, Grant, GrantState
from models.money import Payment, PaymentState
from models.recoveries import Recovery, RecoveryState
from models.retroactive import MoneyState, TouchedState
from models.trail import TrailEntry
from tests.assistance.money.world import answers, refused
from tests.assistance.retroactive.story import Story
from tests.runtime.district import at
from workflows.assistance.money.failures import cancel_payment, repeat_payment
from workflows.errors import Conflict, DoudiError
from workflows.transaction import transaction

OCTOBER, NOVEMBER, DECEMBER = date(2021, 10, 1), date(2021, 11, 1), date(2021, 12, 1)
PUBLISHED = at("2021-10-20", "15:00")
DECIDED = at("2021-11-15")


def test_the_roll_draws_the_old_amount_until_somebody_has_decided(story: Story) -> None:
    # given
    grant = story.decided(story.family("400"), "2021-09-20")
    assert grant is not None
    story.pay(OCTOBER, at("2021-10-10"))
    story.publish("536", PUBLISHED)
    # when
    november = story.pay(NOVEMBER, at("2021-11-10"))
    (row,) = story.touched()
    case_id = row.correction_case_id
    assert case_id is not None
    story.prepare(case_id, at("2021-11-12"))
    with pytest.raises(Conflict) as outdated:  # the list knew of one month, two are paid
        story.decide(case_id, DECIDED)
    story.decide(case_id, DECIDED, decision="recalculate", decision_reason="又发了一个月")
    story.prepare(case_id, DECIDED)
    story.decide(case_id, DECIDED)
    december = story.pay(DECEMBER, at("2021-12-10"))
    # then
    assert outdated.value.code == "calculation_outdated"
    assert [one.amount for one in november] == [Decimal("235.00")]
    assert sorted(one.amount for one in december) == [Decimal("42.00"), Decimal("256.00")]
    assert story.monthly(grant) == Decimal("256.00")
    story.world.check_the_books()


def test_what_was_paid_too_much_is_owed_and_nothing_is_taken(story: Story) -> None:
    # given
    grant = story.decided(story.family("400"), "2021-09-20")
    assert grant is not None
    story.pay(OCTOBER, at("2021-10-10"))
    story.publish("500.50", PUBLISHED)
    (row,) = story.touched()
    # when
    story.correct(row, DECIDED, recover="recover")
    # then
    owed = story.session.scalars(select(Recovery)).one()
    assert (owed.amount, owed.state) == (Decimal("14.50"), RecoveryState.OPEN)
    assert story.monthly(grant) == Decimal("220.50")
    assert [one.amount for one in story.pay(NOVEMBER, at("2021-11-20"))] == [Decimal("220.50")]
    story.world.check_the_books()


def test_a_family_may_keep_what_was_the_agencys_error(story: Story) -> None:
    # given
    story.decided(story.family("400"), "2021-09-20")
    story.pay(OCTOBER, at("2021-10-10"))
    story.publish("500", PUBLISHED)
    (row,) = story.touched()
    # when
    story.correct(row, DECIDED, recover="waive", decision_reason="责任不在家庭")
    # then
    (row,) = story.touched()
    owed = story.session.scalars(select(Recovery)).one()
    assert (row.money, owed.state) == (MoneyState.WAIVED, RecoveryState.WAIVED)


def test_keeping_the_decision_changes_nothing(story: Story) -> None:
    # given
    grant = story.decided(story.family("400"), "2021-09-20")
    assert grant is not None
    story.publish("536", PUBLISHED)
    (row,) = story.touched()
    # when
    story.correct(row, DECIDED, decision="keep", decision_reason="家庭已经放弃")
    # then
    (row,) = story.touched()
    assert row.state is TouchedState.KEPT
    assert story.monthly(grant) == Decimal("235.00")
    assert story.session.scalars(select(Payment)).all() == []


def test_who_prepared_does_not_decide(story: Story) -> None:
    # given
    story.decided(story.family("400"), "2021-09-20")
    story.publish("536", PUBLISHED)
    (row,) = story.touched()
    assert row.correction_case_id is not None
    story.prepare(row.correction_case_id, DECIDED)
    # when / then
    with pytest.raises(DoudiError):
        story.district.do(
            row.correction_case_id, "Task_DecideCorrection", "officer", DECIDED, decision="correct"
        )


def test_a_month_that_the_bank_has_not_answered_for_waits(story: Story) -> None:
    # given
    story.decided(story.family("400"), "2021-09-20")
    roll = story.draw(OCTOBER, at("2021-10-10"))
    story.send(roll, at("2021-10-10"))
    story.publish("536", PUBLISHED)
    (row,) = story.touched()
    case_id = row.correction_case_id
    assert case_id is not None
    story.prepare(case_id, DECIDED)
    # when
    with pytest.raises(Conflict) as caught:
        story.decide(case_id, DECIDED)
    story.answered(roll, DECIDED)
    story.decide(case_id, DECIDED)
    # then
    assert caught.value.code == "payment_on_its_way"
    arrears = story.session.scalars(select(Payment).where(Payment.touched_id == row.id)).one()
    assert arrears.amount == Decimal("21.00")


def test_a_month_on_a_roll_that_has_not_gone_out_is_drawn_anew(story: Story) -> None:
    # given: a family that isn't touched keeps the roll from being empty
    grant = story.decided(story.family("400"), "2021-09-20")
    story.decided(story.family("400"), "2021-08-20")
    assert grant is not None
    drawn = story.draw(OCTOBER, at("2021-10-10"))
    story.publish("536", PUBLISHED)
    (row,) = story.touched()
    story.correct(row, DECIDED)
    # when
    story.send(drawn, DECIDED)
    story.answered(drawn, DECIDED)
    again = story.pay(OCTOBER, at("2021-11-16"))
    # then
    (held,) = story.world.held(drawn)
    assert held.reason == "amount_changed"
    assert [one.amount for one in again] == [Decimal("256.00")]
    assert _received(story, grant.id) == {OCTOBER: Decimal("256.00")}
    story.world.check_the_books()


def test_arrears_that_the_bank_refuses_are_paid_once_when_they_are_repeated(story: Story) -> None:
    # given
    story.decided(story.family("400"), "2021-09-20")
    story.pay(OCTOBER, at("2021-10-10"))
    story.publish("536", PUBLISHED)
    (row,) = story.touched()
    story.correct(row, DECIDED)
    roll = story.draw(NOVEMBER, at("2021-11-20"))
    story.send(roll, at("2021-11-20"))
    arrears = story.session.scalars(select(Payment).where(Payment.touched_id == row.id)).one()
    sent = story.world.payments(roll)
    story.world.take(roll, answers(sent, **refused(arrears)), now=at("2021-11-21"))
    # when
    with transaction(story.session):
        repeat_payment(
            story.session, arrears.id, district_id=story.world.district_id,
            actor=story.world.actor("officer"), now=at("2021-11-22"),
        )  # fmt: skip
    paid = story.pay(DECEMBER, at("2021-12-10"))
    # then
    assert sorted(one.amount for one in paid) == [Decimal("21.00"), Decimal("256.00")]
    assert {one.key for one in paid if one.touched_id} == {f"touched/{row.id}/2"}
    story.world.check_the_books()


def test_cancelled_arrears_count_as_not_received(story: Story) -> None:
    # given
    grant = story.decided(story.family("400"), "2021-09-20")
    assert grant is not None
    story.pay(OCTOBER, at("2021-10-10"))
    story.publish("536", PUBLISHED)
    (row,) = story.touched()
    story.correct(row, DECIDED)
    arrears = story.session.scalars(select(Payment).where(Payment.touched_id == row.id)).one()
    with transaction(story.session):
        cancel_payment(
            story.session, arrears.id, "重复下达", district_id=story.world.district_id,
            actor=story.world.actor("officer"), now=DECIDED,
        )  # fmt: skip
    # when
    story.publish("540", at("2021-11-20"))
    # then: 260 is due for October and 235 was paid
    assert story.touched()[-1].total == Decimal("25.00")


def test_a_second_change_counts_what_the_first_has_corrected(story: Story) -> None:
    # given
    grant = story.decided(story.family("400"), "2021-09-20")
    assert grant is not None
    story.pay(OCTOBER, at("2021-10-10"))
    story.publish("536", PUBLISHED)
    story.correct(story.touched()[0], DECIDED)
    # when
    story.publish("530", at("2021-11-20"))
    # then: 256 was paid or ordered for October, 250 is due
    second = story.touched()[-1]
    assert (second.kind.value, second.total) == ("recovery", Decimal("6.00"))
    assert (second.old_monthly, second.new_monthly) == (Decimal("256.00"), Decimal("250.00"))


def test_two_changes_before_a_decision_are_decided_in_one_case(story: Story) -> None:
    # given
    grant = story.decided(story.family("400"), "2021-09-20")
    assert grant is not None
    story.pay(OCTOBER, at("2021-10-10"))
    story.publish("536", PUBLISHED)
    story.publish("530", at("2021-10-25"))
    first, second = story.touched()
    assert (first.state, second.state) == (TouchedState.OPEN, TouchedState.JOINED)
    case_id = first.correction_case_id
    assert case_id is not None and second.correction_case_id == case_id
    story.prepare(case_id, DECIDED)
    # when: the first calculation no longer holds
    with pytest.raises(Conflict):
        story.decide(case_id, DECIDED)
    story.decide(case_id, DECIDED, decision="recalculate", decision_reason="政策又有更正")
    story.prepare(case_id, DECIDED)
    story.decide(case_id, DECIDED)
    # then
    assert [row.state for row in story.touched()] == [TouchedState.CORRECTED] * 2
    assert story.monthly(grant) == Decimal("250.00")
    orders = story.session.scalars(select(Payment).where(Payment.touched_id.is_not(None))).all()
    assert [one.amount for one in orders] == [Decimal("15.00")]


def test_the_old_calculation_stays_beside_the_new_one(story: Story) -> None:
    # given
    grant = story.decided(story.family("400"), "2021-09-20")
    assert grant is not None
    old_id = grant.assessment_id
    story.publish("536", PUBLISHED)
    (row,) = story.touched()
    # when
    story.correct(row, DECIDED)
    # then
    rows = {one.id: one for one in story.session.scalars(select(Assessment))}
    new = next(one for one in rows.values() if one.id != old_id)
    assert rows[old_id].result["monthly"] == {"number": "235.00"}
    assert new.explanation["corrects"] == old_id
    assert (new.on, new.result["monthly"]) == (rows[old_id].on, {"number": "256.00"})
    changed = story.session.scalars(
        select(TrailEntry).where(
            TrailEntry.subject_id == grant.case_id, TrailEntry.action == "grant.changed"
        )
    ).all()
    assert len(changed) == 1


def _received(story: Story, grant_id: str) -> dict[date, Decimal]:
    rows = story.session.execute(
        select(Payment.month, Payment.amount).where(
            Payment.grant_id == grant_id, Payment.state == PaymentState.PAID
        )
    )
    return {month: amount for month, amount in rows if month is not None}


def test_a_family_whose_benefit_has_ended_still_gets_its_arrears(story: Story) -> None:
    # given: paid for October, ended from November on
    grant = story.decided(story.family("400"), "2021-09-20")
    assert grant is not None
    story.pay(OCTOBER, at("2021-10-10"))
    with transaction(story.session):
        ended = story.session.get_one(Grant, grant.id)
        ended.state, ended.ended_from = GrantState.ENDED, NOVEMBER
    story.publish("536", PUBLISHED)
    (row,) = story.touched()
    # when
    story.correct(row, DECIDED)
    paid = story.pay(NOVEMBER, at("2021-11-20"))
    # then
    assert [(one.amount, one.touched_id) for one in paid] == [(Decimal("21.00"), row.id)]
    story.world.check_the_books()

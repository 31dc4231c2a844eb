"""Grants by month: changed, ended and taken back; what is owed, paid and made up for."""

from __future__ import annotations

from decimal import Decimal

import orjson
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.assistance import AmountKind, GrantAmount
from models.households import HouseholdMember, Person
from models.trail import TrailEntry
from tests.assistance.grants.world import Benefit, month
from workflows.errors import Conflict, Invalid
from workflows.transaction import transaction


@pytest.fixture
def benefit(session: Session) -> Benefit:
    """500 yuan a month from September 2021 on."""
    session.expire_on_commit = False
    return Benefit.begun(session)


def test_each_month_is_paid_with_what_was_decided_for_it(benefit: Benefit) -> None:
    # given: more from November on, decided in October
    benefit.change("2021-10-20", "2021-11", "620.00")
    # when
    paid = [benefit.roll(of) for of in ("2021-09", "2021-10", "2021-11", "2021-12")]
    # then
    amounts = [sum(amount for _, amount in roll) for roll in paid]
    assert amounts == [Decimal(500), Decimal(500), Decimal(620), Decimal(620)]
    assert [line.difference for line in benefit.lines("2021-12")] == [Decimal(0)] * 4


def test_what_was_paid_on_in_a_gradual_exit_ends_by_itself(benefit: Benefit) -> None:
    # given
    benefit.change("2021-10-15", "2021-11", "500.00", AmountKind.GRADUAL_EXIT, "2022-01")
    # when
    paid = [benefit.roll(of) for of in ("2021-11", "2021-12", "2022-01")]
    # then
    assert [len(roll) for roll in paid] == [1, 1, 0]
    kinds = [line.kind for line in benefit.lines("2022-01")]
    assert kinds == [AmountKind.REGULAR, AmountKind.REGULAR, AmountKind.GRADUAL_EXIT,
                     AmountKind.GRADUAL_EXIT, None]  # fmt: skip


def test_a_wrong_stop_is_taken_back_with_all_its_months(benefit: Benefit) -> None:
    # given: stopped from October on; nobody is paid
    benefit.roll("2021-09")
    benefit.end("2021-09-20", "2021-10")
    assert benefit.roll("2021-10") == []
    assert benefit.roll("2021-11") == []
    # when
    benefit.resume("2021-12-02")
    ordered = benefit.order("2021-12-02")
    paid = benefit.roll("2021-12")
    # then: October and November as arrears, December as itself
    assert ordered == Decimal(1000)
    assert paid == [("arrears", Decimal(1000)), ("grant", Decimal(500))]
    assert all(line.difference == 0 for line in benefit.lines("2021-12"))
    # and a later roll of such a month pays nothing twice
    assert benefit.roll("2021-10") == []
    benefit.world.check_the_books()


def test_more_for_months_that_were_paid_is_made_up_for_by_the_difference(benefit: Benefit) -> None:
    # given
    for of in ("2021-09", "2021-10"):
        benefit.roll(of)
    # when: from September on it should have been 560
    benefit.change("2021-11-03", "2021-09", "560.00")
    ordered = benefit.order("2021-11-03")
    again = benefit.order("2021-11-04")
    # then
    assert (ordered, again) == (Decimal(120), None)
    assert benefit.roll("2021-11") == [("arrears", Decimal(120)), ("grant", Decimal(560))]
    assert all(line.difference == 0 for line in benefit.lines("2021-11"))


def test_less_for_months_that_were_paid_takes_nothing_back_by_itself(benefit: Benefit) -> None:
    # given
    for of in ("2021-09", "2021-10"):
        benefit.roll(of)
    # when
    benefit.change("2021-11-03", "2021-10", "300.00")
    # then
    assert benefit.order("2021-11-03") is None
    differences = [line.difference for line in benefit.lines("2021-11")]
    assert differences == [Decimal(0), Decimal(-200), Decimal(300)]


def test_arrears_that_the_bank_refuses_are_repeated_and_stay_those_months_arrears(
    benefit: Benefit,
) -> None:
    # given
    benefit.roll("2021-09")
    benefit.change("2021-10-03", "2021-09", "560.00")
    benefit.order("2021-10-03")
    benefit.roll("2021-10", pays=False)
    # when
    assert benefit.repeat("2021-10-12") == 2
    paid = benefit.roll("2021-11")
    # then
    assert sum(amount for _, amount in paid) == Decimal(60) + Decimal(560) * 2
    assert all(line.difference == 0 for line in benefit.lines("2021-11"))
    benefit.world.check_the_books()


def test_nothing_begins_before_the_first_month_and_nothing_ends_twice(benefit: Benefit) -> None:
    # given
    with pytest.raises(Invalid, match="2021年09月") as early:
        benefit.change("2021-09-20", "2021-08", "600.00")
    with pytest.raises(Invalid) as nothing:
        benefit.change("2021-09-20", "2021-10", "0.00")
    with pytest.raises(Conflict) as running:
        benefit.resume("2021-09-20")
    # when
    benefit.end("2021-09-20", "2021-10")
    with pytest.raises(Conflict) as twice:
        benefit.end("2021-09-21", "2021-11")
    with pytest.raises(Conflict) as changed:
        benefit.change("2021-09-21", "2021-11", "600.00")
    # then
    codes = [one.value.code for one in (early, nothing, running, twice, changed)]
    assert codes == ["month_wrong", "nothing_to_pay", "grant_not_ended", "grant_ended",
                     "grant_ended"]  # fmt: skip


def test_the_trail_says_what_counted_before_and_what_counts_now(benefit: Benefit) -> None:
    # given
    benefit.change("2021-10-20", "2021-11", "620.00")
    benefit.end("2021-11-20", "2021-12")
    # when
    benefit.session.rollback()
    bodies = benefit.session.scalars(
        select(TrailEntry.body)
        .where(TrailEntry.subject_id == benefit.grant.case_id, TrailEntry.action == "grant.changed")
        .order_by(TrailEntry.sequence)
    ).all()
    # then
    told = [orjson.loads(body)["data"] for body in bodies]
    assert [(one["before"]["monthly"], one["after"]["monthly"]) for one in told] == [
        ("500.00", "620.00"),
        ("620.00", "620.00"),
    ]
    assert told[1]["ended_from"] == "2021-12-01"
    assert {one["reason"] for one in told} == {"核查"}


@pytest.mark.parametrize(("own", "paid"), [(True, [("grant", Decimal(500))]), (False, [])])
def test_a_death_in_the_family_holds_what_is_the_family_s_and_not_what_is_one_person_s(
    benefit: Benefit, own: bool, paid: list[tuple[str, Decimal]]
) -> None:
    # given: the second member has died
    with transaction(benefit.session) as session:
        members = session.scalars(
            select(HouseholdMember).where(
                HouseholdMember.household_id == benefit.grant.household_id
            )
        ).all()
        head = next(one.person_id for one in members if one.relation == "self")
        other = next(one.person_id for one in members if one.relation != "self")
        session.get_one(Person, other).died_on = month("2021-09")
        if own:
            benefit.grant.person_id = head
    # when
    rolled = benefit.roll("2021-09")
    # then
    assert rolled == paid


def test_amounts_that_count_never_overlap(benefit: Benefit) -> None:
    # given
    benefit.change("2021-10-20", "2021-12", "620.00")
    benefit.change("2021-10-21", "2021-11", "610.00")
    benefit.change("2021-10-22", "2021-11", "615.00")
    # when
    benefit.session.rollback()
    rows = benefit.session.scalars(
        select(GrantAmount)
        .where(GrantAmount.superseded_at.is_(None))
        .order_by(GrantAmount.from_month)
    ).all()
    # then
    assert [(row.from_month, row.until_month, row.monthly) for row in rows] == [
        (month("2021-09"), month("2021-11"), Decimal(500)),
        (month("2021-11"), None, Decimal(615)),
    ]

"""What befell a household is one event: same people, same cause, days within the window."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from models.households import Area, Household
from models.money import Payment
from models.relief import ReliefEvent
from tests.assistance.relief.world import NOW, TODAY, Relief
from tests.runtime.district import at
from workflows.assistance.households import HouseholdData, replace_facts
from workflows.assistance.relief.events import event_state, past_relief
from workflows.assistance.relief.staging import cancel_stage, check_stage, release_stage
from workflows.errors import NotFound
from workflows.transaction import transaction

WINDOW = timedelta(days=90)


@pytest.mark.parametrize("direction", [-1, 1])
def test_an_event_is_joined_within_the_window_and_not_a_day_outside_it(
    relief: Relief, direction: int
) -> None:
    # given
    case_id = relief.case(relief.family())
    first = relief.event(case_id)["event_id"]
    # when
    last = relief.event(case_id, occurred_on=TODAY + direction * WINDOW)
    outside = relief.event(case_id, occurred_on=TODAY + direction * (WINDOW + timedelta(days=1)))
    # then
    assert last["event_id"] == first
    assert outside["event_id"] != first


def test_another_cause_is_another_event(relief: Relief) -> None:
    # given
    case_id = relief.case(relief.family())
    # when
    events = {relief.event(case_id, cause)["event_id"] for cause in ("fire", "illness", "fire")}
    # then
    assert len(events) == 2


def test_another_family_has_its_own_event(relief: Relief) -> None:
    # when
    events = {relief.event(relief.case(relief.family()))["event_id"] for _ in range(2)}
    # then
    assert len(events) == 2


def test_the_nearest_day_of_several_events_is_joined(relief: Relief) -> None:
    # given: two events a hundred days apart, and a day within the window of both
    case_id = relief.case(relief.family())
    early = relief.event(case_id, occurred_on=date(2021, 6, 1))["event_id"]
    late = relief.event(case_id, occurred_on=date(2021, 9, 10))["event_id"]
    # when
    joined = relief.event(case_id, occurred_on=date(2021, 7, 20))["event_id"]
    # then
    assert joined == late != early


def moved(relief: Relief, *, village: str = "village") -> tuple[Household, Household]:
    """A family, and the family of a grown child who has left it."""
    child = relief.member("child")
    parents = relief.family(child)
    data = HouseholdData(parents.village_id, Area.URBAN, [relief.member()])
    with transaction(relief.session):
        replace_facts(
            relief.session, parents, data, relief.district.keys,
            actor=relief.district.actor("officer"), now=NOW,
        )  # fmt: skip
    own = relief.household(
        [type(child)(child.name, child.id_number, "self", facts=child.facts)], village=village
    )
    return parents, own


def test_the_family_of_somebody_who_moved_joins_the_event(relief: Relief) -> None:
    # given
    parents, own = moved(relief)
    case_id = relief.case(parents)
    event = relief.event(case_id)
    relief.grant(case_id, event["event_id"], "600.00")
    # when
    other = relief.case(own)
    joined = relief.event(other)
    # then
    assert joined["event_id"] == event["event_id"]
    assert joined["event_granted"] == Decimal(600)
    assert relief.act(other, event_state, event_id=joined["event_id"])["event_granted"] == 600


def test_aid_for_a_joined_event_goes_to_the_family_that_asked(relief: Relief) -> None:
    # given
    relief.second_township()
    parents, own = moved(relief, village="village2")
    event_id = relief.event(relief.case(parents))["event_id"]
    case_id = relief.case(own)
    relief.event(case_id)
    grant = relief.grant(case_id, event_id, "600.00")
    [stage] = relief.stages(grant)
    relief.bury(parents.head_person_id)
    # when
    found = relief.act(case_id, check_stage, stage_id=stage.id, method="bank")
    relief.act(case_id, release_stage, stage_id=stage.id, method="bank")
    # then: neither the parents' death nor their account matters
    payment = relief.session.scalars(select(Payment)).one()
    assert found == {"obstacle": None}
    assert (payment.household_id, payment.person_id) == (own.id, own.head_person_id)
    assert payment.township_id == relief.district.offices["township2"].id


def test_money_of_a_joined_event_is_the_township_s_that_gives_it(relief: Relief) -> None:
    # given: an event of the first township, aid from the second one's drawer
    relief.second_township()
    relief.fill("1000.00", "township2")
    parents, own = moved(relief, village="village2")
    event_id = relief.event(relief.case(parents))["event_id"]
    case_id = relief.case(own)
    relief.event(case_id)
    # when
    grant = relief.grant(case_id, event_id, "600.00", level="township", source="petty_fund")
    # then
    [stage] = relief.stages(grant)
    assert relief.drawer("township2") == (Decimal(400), Decimal(600), Decimal(600))
    assert relief.drawer("township") == (Decimal(20000), Decimal(0), Decimal(0))
    assert relief.act(case_id, cancel_stage, stage_id=stage.id, reason="已缓解")["freed"] == 600
    assert relief.drawer("township2") == (Decimal(1000), Decimal(0), Decimal(0))


def test_another_township_sees_the_aid_of_the_first(relief: Relief) -> None:
    # given
    relief.second_township()
    parents, own = moved(relief, village="village2")
    relief.granted(parents)
    # when: for another cause, so not the same event
    found = relief.event(relief.case(own), "illness")
    # then
    assert found["duplicates"] == 1
    assert found["event_granted"] == 0


def test_an_old_duplicate_is_not_told(relief: Relief) -> None:
    # given
    household = relief.family()
    relief.granted(household)
    case_id = relief.case(household)
    # when
    counts = [
        relief.event(case_id, cause, now=at(day))["duplicates"]
        for cause, day in (("illness", "2021-12-24"), ("traffic", "2021-12-25"))
    ]
    # then: thirty days are looked back
    assert counts == [1, 0]


def test_aid_that_was_cancelled_is_no_aid(relief: Relief) -> None:
    # given
    household = relief.family()
    grant = relief.granted(household)
    [stage] = relief.stages(grant)
    relief.act(grant.case_id, cancel_stage, stage_id=stage.id, reason="保险已赔")
    # when
    case_id = relief.case(household)
    found = relief.event(case_id, "illness")
    past = relief.act(case_id, past_relief, cause="fire")
    # then
    assert found["duplicates"] == 0
    assert past == {"last_on": None, "same_cause": False}
    assert relief.event(case_id)["event_granted"] == 0


def test_past_relief_prefers_the_same_cause(relief: Relief) -> None:
    # given
    household = relief.family()
    first = relief.granted(household)
    case_id = relief.case(household)
    later = relief.event(case_id, "illness", now=at("2021-12-01"))
    relief.grant(case_id, later["event_id"], now=at("2021-12-01"))
    # when
    asked = relief.case(household)
    found = [relief.act(asked, past_relief, cause=cause) for cause in ("fire", "traffic")]
    # then
    assert found == [
        {"last_on": first.decided_on, "same_cause": True},
        {"last_on": date(2021, 12, 1), "same_cause": False},
    ]


def test_an_event_keeps_its_people_and_its_first_case(relief: Relief) -> None:
    # given
    household = relief.family()
    case_id = relief.case(household)
    event_id = relief.event(case_id, persons=3)["event_id"]
    # when
    again = relief.event(relief.case(household), persons=1)
    # then
    event = relief.session.get_one(ReliefEvent, event_id)
    assert (again["event_persons"], event.case_id) == (Decimal(3), case_id)


def test_events_of_strangers_are_not_found(relief: Relief) -> None:
    # given
    theirs = relief.event(relief.case(relief.family()))["event_id"]
    mine = relief.case(relief.family())
    # when / then
    for event_id in (theirs, "00000000-0000-7000-8000-000000000000", ""):
        with pytest.raises(NotFound, match="event_not_found"):
            relief.act(mine, event_state, event_id=event_id)
        with pytest.raises(NotFound, match="event_not_found"):
            relief.grant(mine, event_id)

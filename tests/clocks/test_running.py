"""Clocks as rows: every move is a recorded act, and none makes a period shorter."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.cases import Case
from models.clocks import Clock, ClockEvent, ClockState
from tests.runtime.district import District, at, c01_household, policy_files
from workflows.clocks.running import (
    ClockTerms,
    extend_clock,
    pause_clock,
    resume_clock,
    start_clock,
    stop_clock,
)
from workflows.definitions.policy import parse_policy
from workflows.errors import SYSTEM, Invalid
from workflows.transaction import transaction

POLICY = parse_policy(policy_files())


def overall_clock(session: Session) -> Clock:
    """A clock of thirty working days from 2021-09-08; inside the caller's transaction."""
    case = session.scalars(select(Case)).one()
    terms = ClockTerms(POLICY.clocks["A.overall"], 30, False, 5, ("57号第二十二条",))
    return start_clock(
        session, case, terms, date(2021, 9, 8), calendar=POLICY.calendar, actor=SYSTEM,
        now=at("2021-09-08"),
    )  # fmt: skip


@pytest.fixture
def opened(session: Session) -> Session:
    district = District.founded(session)
    district.start(c01_household(district, at("2021-09-08")), at("2021-09-08"))
    session.rollback()
    return session


def test_an_extension_moves_the_due_day_later_and_is_recorded(opened: Session) -> None:
    # given / when
    with transaction(opened):
        clock = overall_clock(opened)
        assert clock.due_on == date(2021, 10, 26)
        extend_clock(
            opened, clock, label="延长", label_en="extension", to_length=45,
            calendar=POLICY.calendar, actor=SYSTEM, now=at("2021-10-20"),
        )  # fmt: skip
    # then
    assert clock.due_on == date(2021, 11, 16)
    actions = opened.scalars(
        select(ClockEvent.action).where(ClockEvent.clock_id == clock.id).order_by(ClockEvent.id)
    ).all()
    assert actions == ["start", "extend"]


def test_no_act_makes_a_period_shorter(opened: Session) -> None:
    # given / when / then
    with pytest.raises(Invalid) as error, transaction(opened):
        extend_clock(
            opened, overall_clock(opened), label="缩短", label_en="shorter", to_length=20,
            calendar=POLICY.calendar, actor=SYSTEM, now=at("2021-10-20"),
        )  # fmt: skip
    assert error.value.code == "clock.not_longer"


def test_days_of_a_suspension_are_not_counted(opened: Session) -> None:
    # given
    with transaction(opened):
        clock = overall_clock(opened)
        # when: suspended for two working days (the 14th and 15th)
        pause_clock(opened, clock, label="中止", actor=SYSTEM, now=at("2021-09-13"))
        assert clock.state is ClockState.PAUSED
        resume_clock(opened, clock, calendar=POLICY.calendar, actor=SYSTEM, now=at("2021-09-15"))
    # then
    assert clock.state is ClockState.RUNNING and clock.due_on == date(2021, 10, 28)


def test_hours_of_a_suspension_are_not_counted_to_the_minute(opened: Session) -> None:
    # given a period of 24 hours
    with transaction(opened):
        clock = hours_clock(opened)
        assert clock.due_at == at("2021-09-09", "10:00")
        # when: suspended for ninety minutes of one day
        pause_clock(opened, clock, label="中止", actor=SYSTEM, now=at("2021-09-08", "11:00"))
        resume_clock(
            opened, clock, calendar=POLICY.calendar, actor=SYSTEM, now=at("2021-09-08", "12:30")
        )
    # then
    assert clock.due_at == at("2021-09-09", "11:30")


def hours_clock(session: Session) -> Clock:
    """A clock of 24 hours from 2021-09-08 10:00; inside the caller's transaction."""
    case = session.scalars(select(Case)).one()
    rule = replace(POLICY.clocks["A.overall"], unit="hours")
    return start_clock(
        session, case, ClockTerms(rule, 24, False, 0, ()), date(2021, 9, 8),
        calendar=POLICY.calendar, actor=SYSTEM, now=at("2021-09-08", "10:00"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("make", "paused_at", "late"),
    [
        (overall_clock, at("2021-10-26", "23:00"), False),
        (overall_clock, at("2021-10-27", "09:00"), True),
        (hours_clock, at("2021-09-09", "09:00"), False),
        (hours_clock, at("2021-09-09", "11:00"), True),
    ],
)
def test_a_suspended_clock_that_stops_is_late_only_if_it_was_when_suspended(
    opened: Session, make: Callable[[Session], Clock], paused_at: datetime, late: bool
) -> None:
    # given
    with transaction(opened):
        clock = make(opened)
        pause_clock(opened, clock, label="中止", actor=SYSTEM, now=paused_at)
        # when
        stop_clock(opened, clock, actor=SYSTEM, now=at("2022-09-08"))
    # then
    stopped = opened.scalars(
        select(ClockEvent).where(ClockEvent.clock_id == clock.id, ClockEvent.action == "stop")
    ).one()
    assert stopped.detail["late"] is late


def test_a_suspended_clock_is_not_extended(opened: Session) -> None:
    # given / when / then
    with pytest.raises(Invalid) as error, transaction(opened):
        clock = overall_clock(opened)
        pause_clock(opened, clock, label="中止", actor=SYSTEM, now=at("2021-09-13"))
        extend_clock(
            opened, clock, label="延长", label_en="extension", by=5,
            calendar=POLICY.calendar, actor=SYSTEM, now=at("2021-09-14"),
        )  # fmt: skip
    assert error.value.code == "clock.paused"


def test_beyond_the_published_calendar_a_deadline_is_marked_provisional(
    opened: Session,
) -> None:
    # given / when
    with transaction(opened):
        case = opened.scalars(select(Case)).one()
        terms = ClockTerms(POLICY.clocks["A.overall"], 30, False, 5, ())
        clock = start_clock(
            opened, case, terms, date(2026, 12, 1), calendar=POLICY.calendar, actor=SYSTEM,
            now=at("2026-12-01"),
        )  # fmt: skip
    # then
    assert clock.derivation["provisional"] is True
    assert "尚未公布" in clock.derivation["lines"][-1]["text_zh"]
    # and the statutory days off are left out: New Year's Day makes it one working day later
    assert clock.due_on == date(2027, 1, 13)

"""Races around the working calendar: no edit is lost, and each clock moves once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from models.clocks import Clock, ClockEvent
from models.jobs import Job, JobState
from models.releases import Release
from tests.postgres.racing import codes, race, won
from tests.runtime.calendars import rearranged, republish
from tests.runtime.district import District, at, member, policy_files
from tests.runtime.test_dibao_story import accept
from workflows.definitions.arrangement_reading import read_arrangement
from workflows.definitions.release import current_release, policy_of, publish_release
from workflows.errors import SYSTEM
from workflows.jobs import work_jobs
from workflows.runtime.calendar_years import publish_year, year_as_it_stands
from workflows.runtime.job_steps import job_steps
from workflows.runtime.service_tasks import signatures

NOW = at("2026-11-24")


@pytest.fixture
def district(racers: Engine) -> District:
    """A district with twelve accepted cases."""
    with Session(racers, expire_on_commit=False) as session:
        made = District.founded(session, policy_files())
        for order in range(301, 313):
            one = made.household([member("陈一", "1975-03-02", order=order)], now=at("2021-09-08"))
            accept(made, made.start(one, at("2021-09-08")), at("2021-09-08"))
        session.rollback()
    return made


def entering(release_id: str, source: str) -> Callable[[Session], str]:
    """The statutory days of 2027 as the notice `source` has them."""

    def act(session: Session) -> str:
        standing = year_as_it_stands(policy_of(session, release_id), 2027)
        rows = [
            {"name": holiday.name, "first_on": holiday.first_on, "last_on": holiday.last_on}
            for holiday in standing.holidays
        ]
        entered = read_arrangement({"year": "2027", "source": source, "holidays": rows})
        return publish_year(
            session, entered, reason="按通知", shown=release_id, district_id=None, actor=SYSTEM,
            now=NOW,
        ).id  # fmt: skip

    return act


def publishing(number: int) -> Callable[[Session], str]:
    """Policy files from before the notice, with another change."""
    files = policy_files().replaced({"README.md": str(number).encode()})
    return lambda session: (
        publish_release(session, files, actor=SYSTEM, now=NOW, operations=signatures()).id
    )


def test_of_two_notices_and_two_policies_at_once_no_calendar_is_lost(
    racers: Engine, district: District
) -> None:
    # given
    with Session(racers) as session:
        first = current_release(session, None).id
    # when
    results = race(
        racers,
        [entering(first, "甲号"), entering(first, "乙号"), publishing(1), publishing(2)],
    )
    # then: at most one notice; what came after it and knew less was refused, or waited too long
    refused = codes(results)
    assert set(refused) <= {"arrangement.stale", "release.calendar_behind", "busy"}
    with Session(racers) as session:
        newest = current_release(session, None)
        sources = policy_of(session, newest.id).calendar.sources
        entered = [
            release for release in session.scalars(select(Release))
            if 2027 in policy_of(session, release.id).calendar.sources
        ]  # fmt: skip
    assert won(results)
    assert bool(entered) is (2027 in sources)


def test_two_workers_move_each_clock_once(racers: Engine, district: District) -> None:
    # given
    with Session(racers) as session:
        republish(session, rearranged(off=("2021-09-13",)), at("2021-09-09"))
    now = at("2021-09-09", "11:00")
    steps = job_steps(district.keys)

    with Session(racers) as one, Session(racers) as other:
        # when: two workers take turns
        while any([work_jobs(one, steps, now), work_jobs(other, steps, now)]):
            pass
    # then
    with Session(racers) as session:
        job = session.scalars(select(Job)).one()
        assert (job.state, job.done, job.total) == (JobState.DONE, 12, 12)
        times = (
            select(func.count()).where(ClockEvent.action == "recount").group_by(ClockEvent.clock_id)
        )
        assert set(session.scalars(times)) == {1}
        assert session.scalars(
            select(Clock.due_on).where(Clock.key == "A.overall").distinct()
        ).all() == [date(2021, 10, 27)]

"""When the working calendar changes, open clocks are counted again; each move has its reason."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models.assistance import Publicity
from models.cases import Case, Task, Timer
from models.clocks import Alert, Clock, ClockEvent
from models.jobs import Job, JobState
from models.trail import TrailEntry
from tests.runtime.calendars import NOTICE, rearranged, recount, republish
from tests.runtime.diagrams import flow, node, process, user_task
from tests.runtime.district import District, at, c01_household, member, policy_files
from tests.runtime.published import NOTE, small_policy
from tests.runtime.test_dibao_story import accept, investigate, opine_and_post
from workflows.calendar import end_of_day, local_midnight
from workflows.clocks.running import (
    ClockTerms,
    extend_clock,
    pause_clock,
    resume_clock,
    start_clock,
)
from workflows.definitions.policy import Policy, parse_policy
from workflows.definitions.release import current_policy
from workflows.errors import SYSTEM, Conflict, Invalid
from workflows.jobs import work_jobs
from workflows.runtime import recounts
from workflows.runtime.job_steps import job_steps
from workflows.transaction import transaction

DONE = '<doudi:end outcome="completed"/>'
POLICY = parse_policy(policy_files())
START = date(2021, 9, 8)
#: A Monday inside every period of these tests; no holiday of any kind.
MONDAY = "2021-09-13"


@pytest.fixture
def district(session: Session) -> District:
    """A district with one open case, opened on 2021-09-08."""
    found = District.founded(session)
    found.start(c01_household(found, at("2021-09-08")), at("2021-09-08"))
    return found


@contextmanager
def acting(district: District) -> Iterator[Session]:
    district.session.rollback()
    with transaction(district.session):
        yield district.session


def law(session: Session) -> Policy:
    return current_policy(session, None)


def begin_clock(
    district: District, length: int = 30, unit: str = "workdays", *, roll: bool = False
) -> str:
    """A clock of the case from 2021-09-08; its id."""
    with acting(district) as session:
        case = session.scalars(select(Case)).one()
        rule = replace(POLICY.clocks["A.overall"], unit=unit, key=f"T.{unit}")
        terms = ClockTerms(rule, length, roll, 5, ("57号第二十二条",))
        return start_clock(
            session, case, terms, START, calendar=law(session).calendar, actor=SYSTEM,
            now=at("2021-09-08"),
        ).id  # fmt: skip


def clock(district: District, clock_id: str) -> Clock:
    district.session.rollback()
    return district.session.get_one(Clock, clock_id, populate_existing=True)


def recounted(district: District, clock_id: str) -> list[dict[str, Any]]:
    district.session.rollback()
    return [
        event.detail
        for event in district.session.scalars(
            select(ClockEvent)
            .where(ClockEvent.clock_id == clock_id, ClockEvent.action == "recount")
            .order_by(ClockEvent.id)
        )
    ]


def trail(district: District) -> list[TrailEntry]:
    district.session.rollback()
    return list(
        district.session.scalars(
            select(TrailEntry).where(TrailEntry.action == "clock.recounted").order_by(TrailEntry.id)
        )
    )


def test_a_new_holiday_makes_a_due_day_later_by_one_working_day_and_says_so(
    district: District,
) -> None:
    # given
    overall, hours = begin_clock(district), begin_clock(district, 400, "hours")
    plain = begin_clock(district, 40, "days")
    before = clock(district, hours).due_at, clock(district, plain).due_on
    # when
    republish(district.session, rearranged(off=(MONDAY,)), at("2021-09-10"))
    job = recount(district, at("2021-09-10"))
    # then
    found = clock(district, overall)
    assert found.due_on == date(2021, 10, 27)
    assert found.due_at == end_of_day(found.due_on)
    detail = recounted(district, overall)
    assert len(detail) == 1
    assert (detail[0]["from"], detail[0]["to"]) == ("2021-10-26", "2021-10-27")
    assert detail[0]["reason"] == (
        f"因放假安排调整（{NOTICE}），2021-09-13庆典放假，到期日由2021-10-26改为2021-10-27"
    )
    lines = [line["text_zh"] for line in found.derivation["lines"]]
    assert any("庆典，不计入" in line for line in lines) and lines[-1] == detail[0]["reason"]
    # and nothing else moved
    assert (clock(district, hours).due_at, clock(district, plain).due_on) == before
    assert recounted(district, hours) == recounted(district, plain) == []
    # and the trail has it
    entry = trail(district)[0]
    assert entry.actor_role == "system"
    assert job is not None and job.state is JobState.DONE and job.done == job.total == 1


def test_a_make_up_workday_makes_a_due_day_earlier(district: District) -> None:
    # given
    overall = begin_clock(district)
    # when
    republish(district.session, rearranged(worked=("2021-09-11",)), at("2021-09-10"))
    recount(district, at("2021-09-10"))
    # then
    assert clock(district, overall).due_on == date(2021, 10, 25)
    assert "2021-09-11改为上班" in recounted(district, overall)[0]["reason"]


def test_a_withdrawn_make_up_workday_makes_nothing_later(district: District) -> None:
    # given: 2021-09-18 is worked for the Mid-autumn Festival
    overall = begin_clock(district)
    # when
    republish(district.session, rearranged(plain=("2021-09-18",)), at("2021-09-10"))
    recount(district, at("2021-09-10"))
    # then
    assert clock(district, overall).due_on == date(2021, 10, 26)
    detail = recounted(district, overall)[0]
    assert detail["from"] == detail["to"]
    assert "2021-09-18的调休上班已取消，但不是放假" in detail["reason"]
    # when: a later act counts again, the promise holds
    with acting(district) as session:
        extend_clock(
            session, session.get_one(Clock, overall), label="延长", label_en="extension",
            to_length=45, calendar=law(session).calendar, actor=SYSTEM, now=at("2021-10-20"),
        )  # fmt: skip
    # then
    assert clock(district, overall).due_on == date(2021, 11, 16)


def test_a_due_day_never_falls_on_the_day_of_the_recount_or_before(district: District) -> None:
    # given a period of three working days that ends on Monday
    short = begin_clock(district, 3)
    assert clock(district, short).due_on == date(2021, 9, 13)
    # when: on Sunday the Saturday and the Sunday turn out to have been working days
    republish(district.session, rearranged(worked=("2021-09-11", "2021-09-12")), at("2021-09-12"))
    recount(district, at("2021-09-12"))
    # then: it would be Saturday
    assert clock(district, short).due_on == date(2021, 9, 13)
    detail = recounted(district, short)[0]
    assert "按新安排应为2021-09-11" in detail["reason"]
    assert "不早于重新计算的次日" in detail["reason"]
    # when: nothing changes by counting once more
    events = len(recounted(district, short))
    republish(
        district.session,
        rearranged(worked=("2021-09-11", "2021-09-12"), off=("2021-12-01",)),
        at("2021-09-12", "12:00"),
    )
    recount(district, at("2021-09-12", "12:00"))
    # then
    assert len(recounted(district, short)) == events


def test_a_period_that_rolls_follows_the_holiday_on_its_last_day(district: District) -> None:
    # given: fourteen days end on Wednesday 2021-09-22
    rolling = begin_clock(district, 14, "days", roll=True)
    # when
    republish(district.session, rearranged(off=("2021-09-22",)), at("2021-09-10"))
    recount(district, at("2021-09-10"))
    # then
    assert clock(district, rolling).due_on == date(2021, 9, 23)
    # when: it is worked after all
    republish(district.session, rearranged(version="again"), at("2021-09-11"))
    recount(district, at("2021-09-11"))
    # then
    assert clock(district, rolling).due_on == date(2021, 9, 22)
    assert len(recounted(district, rolling)) == 2


def test_a_suspended_clock_is_counted_by_the_new_calendar_when_it_resumes(
    district: District,
) -> None:
    # given
    overall = begin_clock(district)
    with acting(district) as session:
        pause_clock(
            session, session.get_one(Clock, overall), label="中止", actor=SYSTEM,
            now=at("2021-09-14"),
        )  # fmt: skip
    # when
    republish(district.session, rearranged(off=("2021-10-13",)), at("2021-09-15"))
    recount(district, at("2021-09-15"))
    # then
    assert recounted(district, overall) == []
    # when
    with acting(district) as session:
        resume_clock(
            session, session.get_one(Clock, overall), calendar=law(session).calendar,
            actor=SYSTEM, now=at("2021-09-15"),
        )  # fmt: skip
    # then: one day suspended, one day off
    assert clock(district, overall).due_on == date(2021, 10, 28)


def test_an_extended_clock_keeps_its_extension(district: District) -> None:
    # given
    overall = begin_clock(district)
    with acting(district) as session:
        extend_clock(
            session, session.get_one(Clock, overall), label="延长", label_en="extension",
            to_length=45, calendar=law(session).calendar, actor=SYSTEM, now=at("2021-09-10"),
        )  # fmt: skip
    # when: a day of the longer period only
    republish(district.session, rearranged(off=("2021-11-01",)), at("2021-09-11"))
    recount(district, at("2021-09-11"))
    # then
    assert clock(district, overall).due_on == date(2021, 11, 17)


def test_a_provisional_due_day_becomes_certain_with_the_notice(session: Session) -> None:
    # given a policy whose notices end with 2020, and a clock into 2021
    short = rearranged(known_until="2020-12-31", plain=tuple(
        day.isoformat() for day in POLICY.calendar.names if day.year > 2020
    ))  # fmt: skip
    district = District.founded(session, short)
    district.start(c01_household(district, at("2021-09-08")), at("2021-09-08"))
    overall = begin_clock(district, 17)
    first = clock(district, overall)
    assert first.derivation["provisional"] is True
    # by the statutory days alone: 21 September, 1, 4 and 5 October are off
    assert first.due_on == date(2021, 10, 7)
    # when
    republish(session, policy_files(), at("2021-09-10"), notice="2021年放假通知")
    recount(district, at("2021-09-10"))
    # then
    found = clock(district, overall)
    assert found.due_on == date(2021, 10, 8)
    assert found.derivation["provisional"] is False
    assert "2021-10-06、2021-10-07国庆节放假" in recounted(district, overall)[0]["reason"]
    assert not any("推算" in line["text_zh"] for line in found.derivation["lines"])


def test_an_alert_is_taken_back_when_the_due_day_lies_ahead_again(district: District) -> None:
    # given a period that ran out on Monday the 13th
    short = begin_clock(district, 3)
    district.pass_time(at("2021-09-14"))
    session = district.session
    session.rollback()
    alert_id = session.scalars(select(Alert.id).where(Alert.clock_id == short)).one()
    # when: Monday and Tuesday turn out to be holidays
    republish(session, rearranged(off=("2021-09-13", "2021-09-14")), at("2021-09-14", "12:00"))
    recount(district, at("2021-09-14", "12:00"))
    # then
    assert clock(district, short).due_on == date(2021, 9, 15)
    alert = session.get_one(Alert, alert_id)
    assert alert.taken_note_at is not None and alert.taken_note_by_id is None
    assert alert.note is not None and "改为2021-09-15" in alert.note
    # when: it runs out again
    district.pass_time(at("2021-09-16"))
    # then
    session.rollback()
    assert len(session.scalars(select(Alert).where(Alert.clock_id == short)).all()) == 2


def test_a_posting_its_variable_its_tasks_and_its_timer_follow_the_clock(
    session: Session,
) -> None:
    # given: posted on 2021-09-22, hanging until Wednesday the 29th
    district = District.founded(session)
    case_id = district.start(c01_household(district, at("2021-09-08")), at("2021-09-08"))
    accept(district, case_id, at("2021-09-08"))
    investigate(district, case_id, start=at("2021-09-09"), visit=at("2021-09-14"))
    opine_and_post(district, case_id, at("2021-09-22"))
    version = district.case(case_id).version
    # when
    republish(session, rearranged(off=("2021-09-29",)), at("2021-09-23"))
    job = recount(district, at("2021-09-23"))
    # then
    posting = session.scalars(select(Publicity)).one()
    assert posting.last_on == date(2021, 9, 30)
    timer = session.scalars(select(Timer)).one()
    assert timer.due_at == timer.next_try_at == local_midnight(date(2021, 10, 1))
    assert district.case(case_id).version == version + 1
    assert job is not None and job.result["timers"] == 1
    tasks = session.scalars(select(Task).where(Task.state == "open")).all()
    clocks = district.clocks(case_id)
    assert all(t.due_at == clocks[t.clock_key].due_at for t in tasks if t.clock_key)
    # and the process waits for the new day
    assert district.pass_time(local_midnight(date(2021, 9, 30))) == 0
    assert district.pass_time(local_midnight(date(2021, 10, 1))) == 1
    # then: the next period starts from the new last day
    assert district.clocks(case_id)["A.submit"].started_on == date(2021, 9, 30)


def test_a_timer_in_working_days_follows_the_calendar(session: Session) -> None:
    # given a task that is cancelled after five working days
    timer = (
        '<bpmn:timerEventDefinition><bpmn:timeDate xsi:type="bpmn:tFormalExpression">'
        "workday after(today(), 5)</bpmn:timeDate></bpmn:timerEventDefinition>"
    )
    files = small_policy(
        process(
            "waiting", node("startEvent", "S"), user_task("T"),
            node("boundaryEvent", "B", timer, attachedToRef="T"),
            node("endEvent", "E", DONE), node("endEvent", "L", DONE),
            flow("S", "T"), flow("T", "E"), flow("B", "L"), variables=NOTE,
        )
    )  # fmt: skip
    district = District.founded(session, files)
    household = c01_household(district, at("2021-09-08"))
    with transaction(session):
        district.start_bare(household, at("2021-09-08"), "waiting")
    moments = select(Timer.due_at)
    assert session.scalars(moments).one() == local_midnight(date(2021, 9, 15))
    # when
    republish(session, rearranged(files=files, off=(MONDAY,)), at("2021-09-10"))
    recount(district, at("2021-09-10"))
    # then
    assert session.scalars(moments).one() == local_midnight(date(2021, 9, 16))
    # when: a make-up workday that is withdrawn moves nothing
    republish(
        session,
        rearranged(files=files, off=(MONDAY,), worked=("2021-09-11",), version="b"),
        at("2021-09-10", "11:00"),
    )
    recount(district, at("2021-09-10", "11:00"))
    assert session.scalars(moments).one() == local_midnight(date(2021, 9, 15))
    republish(
        session, rearranged(files=files, off=(MONDAY,), version="c"), at("2021-09-10", "12:00")
    )
    recount(district, at("2021-09-10", "12:00"))
    # then
    assert session.scalars(moments).one() == local_midnight(date(2021, 9, 15))
    assert district.pass_time(local_midnight(date(2021, 9, 15))) == 1


def test_a_worker_that_dies_between_chunks_repeats_nothing(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given five cases and chunks of two
    monkeypatch.setattr(recounts, "CHUNK", 2)
    district = District.founded(session)
    for order in range(301, 306):
        one = district.household([member("陈一", "1975-03-02", order=order)], now=at("2021-09-08"))
        case_id = district.start(one, at("2021-09-08"))
        accept(district, case_id, at("2021-09-08"))
    republish(session, rearranged(off=(MONDAY,)), at("2021-09-10"))
    steps = job_steps(district.keys)
    now = at("2021-09-10")
    # when: the second chunk's transaction is lost before it commits
    work_jobs(session, steps, now)
    with pytest.raises(KeyboardInterrupt), transaction(session):
        job = session.scalars(select(Job)).one()
        assert (job.done, job.total) == (2, 5)
        steps[job.kind](session, job, now)
        raise KeyboardInterrupt
    recount(district, now)
    # then
    job = session.scalars(select(Job)).one()
    assert (job.state, job.done, job.total) == (JobState.DONE, 5, 5)
    assert job.result["later"] > 0
    assert len(trail(district)) == 5
    for event in session.scalars(select(ClockEvent).where(ClockEvent.action == "recount")):
        others = select(ClockEvent).where(
            ClockEvent.clock_id == event.clock_id, ClockEvent.action == "recount"
        )
        assert len(session.scalars(others).all()) == 1


def test_the_same_change_twice_changes_nothing_more(district: District) -> None:
    # given
    overall = begin_clock(district)
    republish(district.session, rearranged(off=(MONDAY,)), at("2021-09-10"))
    recount(district, at("2021-09-10"))
    entries = len(trail(district))
    # when
    with acting(district) as session:
        session.execute(update(Job).values(state=JobState.QUEUED, cursor=None))
    recount(district, at("2021-09-20"))
    # then
    assert len(recounted(district, overall)) == 1
    assert len(trail(district)) == entries


def test_files_that_know_less_than_the_calendar_in_force_are_refused(
    district: District,
) -> None:
    # given
    later = rearranged(known_until="2027-12-31", off=("2027-01-01",), version="2027")
    republish(district.session, later, at("2026-11-20"), notice=None)
    # when / then: files from before, with another change
    former = policy_files().replaced({"README.md": b"other"})
    with pytest.raises(Conflict) as behind:
        republish(district.session, former, at("2026-11-21"), notice=None)
    assert behind.value.code == "release.calendar_behind"
    assert "缺少2027年" in behind.value.message and "doudi policy export" in behind.value.message
    # when / then: files that contradict it
    contradicting = rearranged(files=later, off=("2026-12-01",))
    with pytest.raises(Conflict) as contradiction:
        republish(district.session, contradicting, at("2026-11-21"), notice=None)
    assert "2026-12-01" in contradiction.value.message


def test_a_policy_without_the_law_on_holidays_is_refused(session: Session) -> None:
    with pytest.raises(Invalid) as refused:
        District.founded(session, policy_files().replaced({"statutory-holidays.yaml": None}))
    assert "file.missing" in {finding.code for finding in refused.value.findings}


def test_nothing_is_queued_while_the_calendar_stays(district: District) -> None:
    # when
    republish(district.session, policy_files().replaced({"README.md": b"x"}), at("2021-09-10"))
    # then
    assert recount(district, at("2021-09-10") + timedelta(days=1)) is None

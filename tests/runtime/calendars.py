"""Policies with another working calendar, published over a district; the worker's recount."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.jobs import Job
from models.releases import Release
from tests.runtime.district import District, policy_files
from workflows.calendar import CalendarDay, DayKind
from workflows.definitions.calendar_files import CALENDAR, read_table, write_table
from workflows.definitions.files import PolicyFiles
from workflows.definitions.findings import Report
from workflows.definitions.release import publish_release
from workflows.errors import SYSTEM
from workflows.jobs import work_jobs
from workflows.runtime.job_steps import job_steps
from workflows.runtime.service_tasks import signatures
from workflows.transaction import transaction

NOTICE = "国办发明电测试1号"


def rearranged(
    *,
    files: PolicyFiles | None = None,
    off: tuple[str, ...] = (),
    worked: tuple[str, ...] = (),
    plain: tuple[str, ...] = (),
    known_until: str | None = None,
    version: str = "rearranged",
) -> PolicyFiles:
    """The policy with these days off, worked, or no longer listed, as ISO days."""
    base = files or policy_files()
    table = read_table(base[CALENDAR], Report(CALENDAR))
    assert table is not None
    listed = {date.fromisoformat(day) for day in (*off, *worked, *plain)}
    days = [day for day in table.days if day.day not in listed]
    days += [CalendarDay(date.fromisoformat(d), DayKind.HOLIDAY, "庆典", "Jubilee") for d in off]
    days += [
        CalendarDay(date.fromisoformat(day), DayKind.MAKE_UP_WORKDAY, "庆典", "Jubilee")
        for day in worked
    ]
    until = table.known_until if known_until is None else date.fromisoformat(known_until)
    changed = replace(table, days=tuple(days), version=version, known_until=until)
    return base.replaced({CALENDAR: write_table(changed)})


def republish(
    session: Session, files: PolicyFiles, now: datetime, notice: str | None = NOTICE
) -> Release:
    """Publish over the release in force, as a correction by a notice."""
    session.rollback()
    with transaction(session):
        return publish_release(
            session, files, actor=SYSTEM, now=now, operations=signatures(), notice=notice
        )


def recount(district: District, now: datetime) -> Job | None:
    """Let the worker do every job; the last recount as stored."""
    session = district.session
    session.rollback()
    while work_jobs(session, job_steps(district.keys), now):
        pass
    session.rollback()
    return session.scalars(select(Job).order_by(Job.id.desc())).first()

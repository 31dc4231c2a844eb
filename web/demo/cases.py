"""Cases of the demonstration, made by the real commands with a moved clock, over two months."""

from __future__ import annotations

import heapq
import io
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from models.cases import Case, CaseState, MessageSubscription, Task, TaskState, Timer
from models.households import Household, HouseholdMember
from web.config import Config
from web.demo.answers import STEPS, Entry
from web.demo.families import ALONE, COUNT, Story, family, stories
from web.demo.offices import TOWNSHIPS
from web.demo.people import colleagues
from workflows.assistance.attachments import add_attachment
from workflows.assistance.files import keep_file
from workflows.assistance.households import register_household
from workflows.calendar import LOCAL_ZONE, WorkingCalendar, local_day
from workflows.definitions.release import current_policy
from workflows.errors import Actor, NotFound
from workflows.privacy import KeyRing
from workflows.runtime.cases import send_message
from workflows.runtime.starting import start_case
from workflows.runtime.tasks import claim_task, complete_task
from workflows.runtime.worker import fire_due, raise_alarms
from workflows.transaction import reading, transaction

_DAYS: Final = 62
_STEP: Final = timedelta(minutes=7)
#: When on its day somebody takes a sheet down.
_MORNING: Final = timedelta(hours=10)


@dataclass(slots=True)
class _Running:
    story: Story
    case_id: str
    applicant: str
    township: str
    channel: str
    messaged: bool = False


@dataclass(slots=True)
class _Simulation:
    session: Session
    keys: KeyRing
    folder: Path
    offices: Mapping[str, str]
    accounts: Mapping[str, str]
    calendar: WorkingCalendar
    now: datetime
    alarmed_on: date | None = None
    staff: dict[tuple[str, str], list[Actor]] = field(default_factory=dict)


def demo_cases(session: Session, config: Config, demo: Any, now: datetime) -> None:
    """Households and their cases in every state; nothing where there are cases already."""
    with reading(session):
        if session.scalar(select(exists().where(Case.district_id == demo.district_id))):
            return
        try:
            policy = current_policy(session, demo.district_id)
        except NotFound:
            return
    made = _Simulation(
        session,
        config.keys.ring,
        config.data / "attachments",
        demo.offices,
        demo.accounts,
        policy.calendar,
        now,
    )
    for colleague in colleagues():
        office_id = demo.offices[colleague.office_code]
        actor = Actor(
            demo.accounts[colleague.login], colleague.role.value, office_id, colleague.name
        )
        made.staff.setdefault((colleague.role.value, office_id), []).append(actor)
    _run(made)


def _run(made: _Simulation) -> None:
    """Take turns in the order of time; what would lie after `now` stays undone."""
    turns: list[tuple[datetime, int, Story | _Running]] = []
    first = local_day(made.now) - timedelta(days=_DAYS)
    for story in stories():
        days = _DAYS - story.ago if story.ago else story.number * (_DAYS + 1) // COUNT
        day = first + timedelta(days=days)
        moment = _at(_workday(made, day), 9, story.number)
        heapq.heappush(turns, (moment, story.number, story))
    while turns:
        moment, number, what = heapq.heappop(turns)
        if moment > made.now:
            continue
        _pass_time(made, moment)
        running = _opened(made, what, moment) if isinstance(what, Story) else what
        following = _turn(made, running, moment)
        if following is not None:
            heapq.heappush(turns, (following, number, running))
    _pass_time(made, made.now)


def _pass_time(made: _Simulation, until: datetime) -> None:
    """Timers fire at their own moments; alarms are raised as each day begins."""
    session = made.session
    while True:
        with reading(session):
            due = session.scalar(
                select(func.min(Timer.next_try_at)).where(Timer.failed_at.is_(None))
            )
        if due is None or due > until:
            break
        if not fire_due(session, made.keys, due):
            break
    _take_down(made, until)
    if made.alarmed_on != local_day(until):
        made.alarmed_on = local_day(until)
        raise_alarms(session, until)


def _take_down(made: _Simulation, until: datetime) -> None:
    """Sheets come off the wall in the morning after their period."""
    session = made.session
    with reading(session):
        hanging = session.execute(
            select(Task.id, Task.role, Task.office_id, Task.created_at).where(
                Task.element_id == "Task_TakeDown",
                Task.state == TaskState.OPEN,
                Task.created_at <= until - _MORNING,
            )
        ).all()
    for task in hanging:
        moment = task.created_at + _MORNING
        actor = made.staff[task.role, task.office_id][0]
        photo = _attached(made, "撤下后的照片.png", actor, moment)
        answers = {"down_on": local_day(moment).isoformat(), "down_photos": [photo]}
        with transaction(session):
            complete_task(session, task.id, answers, made.keys, actor=actor, now=moment)


def _opened(made: _Simulation, story: Story, moment: datetime) -> _Running:
    township = TOWNSHIPS[story.number % len(TOWNSHIPS)]
    village = made.offices[f"{township.code}{201 + story.number % len(township.villages)}"]
    officer = made.staff["case_officer", made.offices[township.code]][0]
    data = family(story).data(village)
    channel = ("window", "window", "online", "agent")[story.number % 4]
    with transaction(made.session) as session:
        household = register_household(session, data, made.keys, actor=officer, now=moment)
        case = start_case(
            session,
            "dibao",
            made.keys,
            township_id=household.township_id,
            village_id=village,
            household_id=household.id,
            person_id=_alone(session, household, story),
            channel=channel,
            variables={
                "household_id": household.id,
                "channel": channel,
                "agent_mandate": channel == "agent",
            },
            actor=officer,
            now=moment,
        )
        case_id = case.id
    return _Running(story, case_id, data.members[0].name, made.offices[township.code], channel)


def _alone(session: Session, household: Household, story: Story) -> str | None:
    """The member whom a case is about, where it is about one: the second of the family."""
    if story != ALONE:
        return None
    return session.scalars(
        select(HouseholdMember.person_id).where(
            HouseholdMember.household_id == household.id, HouseholdMember.relation == "spouse"
        )
    ).one()


def _turn(made: _Simulation, running: _Running, moment: datetime) -> datetime | None:
    """Do what is ready; when to look again, None when the case is at its end or stuck."""
    session = made.session
    tasks = session.execute(
        select(Task.id, Task.element_id, Task.role, Task.office_id, Task.created_at)
        .where(Task.case_id == running.case_id, Task.state == TaskState.OPEN)
        .order_by(Task.created_at, Task.id)
    ).all()
    state = session.scalar(select(Case.state).where(Case.id == running.case_id))
    if state is CaseState.CLOSED:
        return None
    if _message(made, running, moment):
        return moment + _STEP
    waiting: list[datetime] = []
    for task in tasks:
        if task.element_id == running.story.stuck or task.element_id not in STEPS:
            continue
        ready = _ready(made, running, task)
        if ready <= moment:
            _do(made, running, task, moment)
            return moment + _STEP
        waiting.append(ready)
    if tasks and not waiting:
        _claim_some(made, running, tasks[0], moment)
        return None
    return min(waiting, default=_at(_workday(made, local_day(moment) + timedelta(1)), 9, 3))


def _ready(made: _Simulation, running: _Running, task: Any) -> datetime:
    days = STEPS[task.element_id][0]
    if days == 0:
        return task.created_at + timedelta(minutes=20)  # type: ignore[no-any-return]  # a row's value
    day = made.calendar.workday_after(local_day(task.created_at), days)
    return _at(day, 10 + running.story.number % 6, running.story.number)


def _do(made: _Simulation, running: _Running, task: Any, moment: datetime) -> None:
    actor = made.staff[task.role, task.office_id][0]
    first = made.staff.get(("case_officer", running.township), [])
    if task.role == "reviewer":
        first = made.staff["reviewer", task.office_id]
    entry = Entry(
        local_day(moment),
        tuple(member.account_id or "" for member in first[:2]),
        running.applicant,
        running.story.special,
        running.channel,
        lambda name: _attached(made, name, actor, moment),
    )
    answers = STEPS[task.element_id][1](entry)
    if running.story.special == "returned" and "decision" in answers and not running.messaged:
        running.messaged = True
        answers = {"decision": "return", "decision_reason": "收入核实依据不足，请补充后重新初审。"}
    with transaction(made.session) as session:
        complete_task(session, task.id, answers, made.keys, actor=actor, now=moment)


def _claim_some(made: _Simulation, running: _Running, task: Any, moment: datetime) -> None:
    if running.story.number % 2:
        actor = made.staff[task.role, task.office_id][0]
        with transaction(made.session) as session:
            claim_task(session, task.id, actor=actor, now=moment)


_MESSAGES: Final = {
    "withdrawn": ("application.withdrawn", "publicity"),
    "terminated": ("application.terminated", "investigation"),
    "objection": ("publicity.objection", "publicity"),
}


def _message(made: _Simulation, running: _Running, moment: datetime) -> bool:
    message, status = _MESSAGES.get(running.story.special, ("", ""))
    if not message or running.messaged:
        return False
    session = made.session
    found = session.execute(
        select(MessageSubscription.role, MessageSubscription.office_id, Case.status)
        .join(Case, Case.id == MessageSubscription.case_id)
        .where(
            MessageSubscription.case_id == running.case_id,
            MessageSubscription.message == message,
        )
    ).first()
    if found is None or found.status not in (status, "survey", "publicity"):
        return False
    if message == "publicity.objection" and found.status != "publicity":
        return False
    actor = made.staff[found.role, found.office_id][0]
    attach = _attached(made, "书面材料.pdf", actor, moment)
    on = local_day(moment).isoformat()
    answers: dict[str, dict[str, Any]] = {
        "application.withdrawn": {
            "withdrawn_on": on,
            "withdrawal_reason": "家庭成员已经就业，不再需要救助。",
            "withdrawal_files": [attach],
        },
        "application.terminated": {
            "termination_ground": "refuse_survey",
            "termination_reason": "两次上门均拒绝调查人员入户。",
            "termination_evidence": [attach],
        },
        "publicity.objection": {
            "objection_on": on,
            "objector": "邻居",
            "objection_channel": "visit",
            "objection_content": "反映该户还有其他收入。",
        },
    }
    with transaction(session):
        send_message(
            session, running.case_id, message, answers[message], made.keys, actor=actor, now=moment
        )
    running.messaged = True
    return True


def _attached(made: _Simulation, name: str, actor: Actor, moment: datetime) -> str:
    content = _pdf() if name.endswith(".pdf") else picture()
    kept = keep_file(made.folder, io.BytesIO(content), name)
    with transaction(made.session) as session:
        return add_attachment(
            session,
            district_id=made.offices["500154"],
            sha256=kept.sha256,
            size=kept.size,
            media_type=kept.media_type,
            name=kept.name,
            actor=actor,
            now=moment,
        ).id


def _workday(made: _Simulation, day: date) -> date:
    return made.calendar.next_workday_from(day)


def _at(day: date, hour: int, number: int) -> datetime:
    return datetime.combine(day, time(hour, (number * 13) % 60), LOCAL_ZONE)


def _pdf() -> bytes:
    """A page that says that it is a demonstration."""
    text = b"BT /F1 24 Tf 72 720 Td (Doudi demonstration) Tj ET"
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(text), text),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    body, places = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, start=1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return body + (
        b"xref\n0 6\n0000000000 65535 f \n%strailer\n<< /Size 6 /Root 1 0 R >>\n"
        b"startxref\n%d\n%%%%EOF\n" % (table, len(body))
    )


def picture() -> bytes:
    """A plain grey picture."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        crc = zlib.crc32(kind + content)
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", crc)

    side = 64
    rows = b"".join(b"\x00" + b"\xc8" * side for _ in range(side))
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )

"""A case of the demonstration played step by step by the real commands, at moments gone by."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.assistance import Grant, GrantState
from models.cases import Case, Task, TaskState
from models.households import Household, HouseholdMember
from web.config import Config
from web.demo.answers import Entry
from web.demo.cases import picture
from web.demo.families import Story, family
from web.demo.offices import DISTRICT_CODE, TOWNSHIPS
from web.demo.people import colleagues
from workflows.assistance.attachments import add_attachment
from workflows.assistance.files import keep_file
from workflows.assistance.households import replace_facts
from workflows.assistance.households.people import person_with
from workflows.calendar import LOCAL_ZONE, WorkingCalendar, local_day
from workflows.definitions.release import current_policy
from workflows.errors import Actor, NotFound
from workflows.jobs import work_jobs
from workflows.privacy import KeyRing
from workflows.runtime.cases import send_message
from workflows.runtime.job_steps import job_steps
from workflows.runtime.starting import start_case
from workflows.runtime.tasks import complete_task
from workflows.runtime.worker import fire_due
from workflows.transaction import reading, transaction

#: What somebody enters: the answers as they are, or made for the day, the staff and the files.
Told = Mapping[str, Any] | Callable[[Entry], Mapping[str, Any]]
#: Between two steps of a day.
_STEP: Final = timedelta(minutes=25)


@dataclass(frozen=True, slots=True)
class Scene:
    """The district at work: who is there, and what a working day is."""

    session: Session
    keys: KeyRing
    folder: Path
    offices: Mapping[str, str]
    calendar: WorkingCalendar
    staff: Mapping[tuple[str, str], list[Actor]]
    now: datetime

    @classmethod
    def of(cls, session: Session, config: Config, demo: Any, now: datetime) -> Scene | None:
        """None where no policy is published."""
        with reading(session):
            try:
                policy = current_policy(session, demo.district_id)
            except NotFound:
                return None
        staff: dict[tuple[str, str], list[Actor]] = {}
        for one in colleagues():
            place = one.role.value, demo.offices[one.office_code]
            actor = Actor(demo.accounts[one.login], *place, one.name)
            staff.setdefault(place, []).append(actor)
        return cls(
            session, config.keys.ring, config.data / "attachments", demo.offices, policy.calendar,
            staff, now,
        )  # fmt: skip

    @property
    def district_id(self) -> str:
        """The office of the district."""
        return self.offices[DISTRICT_CODE]

    def at_district(self, role: str, place: int = 0) -> Actor:
        """A colleague of a role at the district."""
        return self.staff[role, self.district_id][place]

    def ago(self, days: int, hour: int = 9) -> datetime:
        """An hour of the working day so many days ago, or of the last one before that."""
        day = local_day(self.now) - timedelta(days=days)
        while not self.calendar.is_workday(day):
            day -= timedelta(days=1)
        return min(datetime.combine(day, time(hour, 10), LOCAL_ZONE), self.now)

    def attach(self, name: str, actor: Actor, moment: datetime) -> str:
        """A picture, kept; its id."""
        kept = keep_file(self.folder, io.BytesIO(picture()), name)
        with transaction(self.session) as session:
            return add_attachment(
                session, district_id=self.district_id, sha256=kept.sha256, size=kept.size,
                media_type=kept.media_type, name=name, actor=actor, now=moment,
            ).id  # fmt: skip

    def household(self, story: Story) -> Household:
        """The household of a story of 低保."""
        with reading(self.session) as session:
            number = family(story).members[0].id_number
            person = person_with(session, self.district_id, number, self.keys)
            assert person is not None, f"story {story.number} has no household"
            return session.scalars(
                select(Household).where(Household.head_person_id == person.id)
            ).one()

    def members(self, household: Household) -> list[str]:
        """The persons of a household, in the order of their entry."""
        with reading(self.session) as session:
            return list(
                session.scalars(
                    select(HouseholdMember.person_id)
                    .where(
                        HouseholdMember.household_id == household.id,
                        HouseholdMember.superseded_at.is_(None),
                    )
                    .order_by(HouseholdMember.recorded_at, HouseholdMember.id)
                )
            )

    def grant(self, household: Household) -> Grant | None:
        """What the household is paid now."""
        with reading(self.session) as session:
            return session.scalars(
                select(Grant).where(
                    Grant.household_id == household.id, Grant.state == GrantState.ACTIVE
                )
            ).first()

    def officer(self, household: Household) -> Actor:
        """Who handles what a household asks for."""
        return self.staff["case_officer", household.township_id][0]

    def case_of(self, household: Household, process: str) -> str | None:
        """The newest case of a process for a household."""
        with reading(self.session) as session:
            found: str | None = session.scalar(
                select(Case.id)
                .where(Case.household_id == household.id, Case.process_key == process)
                .order_by(Case.opened_at.desc(), Case.id.desc())
                .limit(1)
            )
            return found

    def work(self, moment: datetime) -> None:
        """Every job that waits is done."""
        while work_jobs(self.session, job_steps(self.keys), moment):
            pass

    def complete(
        self,
        case_id: str,
        element: str,
        answers: Callable[[Actor], Mapping[str, Any]],
        moment: datetime,
    ) -> bool:
        """Complete a case's open task of an element; False where none is open."""
        with reading(self.session) as session:
            task = session.execute(
                select(Task.id, Task.role, Task.office_id)
                .where(
                    Task.case_id == case_id,
                    Task.element_id == element,
                    Task.state == TaskState.OPEN,
                )
                .order_by(Task.id.desc())
            ).first()
        if task is None:
            return False
        actor = self.staff[task.role, task.office_id][0]
        given = answers(actor)
        with transaction(self.session) as session:
            complete_task(session, task.id, given, self.keys, actor=actor, now=moment)
        return True


@dataclass(slots=True)
class Course:
    """One case on its way: whose it is, and until when it has been played."""

    scene: Scene
    household: Household
    applicant: str
    moment: datetime
    case_id: str = ""

    @classmethod
    def of(cls, scene: Scene, story: Story, moment: datetime) -> Course:
        """A course for the family of a story."""
        return cls(scene, scene.household(story), family(story).members[0].name, moment)

    def start(self, process: str, answers: Mapping[str, Any], **variables: Any) -> None:
        """Open the case with the answers of its start form, and what else it is told."""
        scene, household = self.scene, self.household
        with transaction(scene.session) as session:
            declared = current_policy(session, scene.district_id).process(process).variables
            known = {"household_id": household.id} if "household_id" in declared else {}
            self.case_id = start_case(
                session, process, scene.keys, township_id=household.township_id,
                village_id=household.village_id, household_id=household.id,
                variables={**known, **variables}, answers=answers,
                actor=scene.officer(household), now=self.moment,
            ).id  # fmt: skip

    def follow(self, process: str) -> None:
        """Go on in the household's newest case of a process."""
        self.case_id = self.scene.case_of(self.household, process) or ""

    def change_facts(self, story: Story, **changes: Any) -> None:
        """The officer enters what has changed with the family: other incomes, other members."""
        scene, data = self.scene, family(story).data(self.household.village_id)
        with transaction(scene.session) as session:
            household = session.get_one(Household, self.household.id)
            facts = type(data)(**{**_fields(data), **changes})
            replace_facts(
                session, household, facts, scene.keys, actor=scene.officer(household),
                now=self.moment,
            )  # fmt: skip

    def do(self, element: str, told: Told, *, days: int = 0, at_most: int = 0) -> bool:
        """Complete the open task of an element; False, and nothing done, where none is open.

        `days` of the calendar pass before, and up to `at_most` further ones until it opens.
        """
        self.pass_time(days)
        answers = partial(self._answers, told)
        while not (done := self.scene.complete(self.case_id, element, answers, self.moment)):
            if at_most == 0 or self.moment >= self.scene.now:
                break
            at_most -= 1
            self.pass_time(1)
        return done

    def say(self, message: str, told: Told, *, days: int = 0) -> None:
        """Send the case a message, as its case officer."""
        self.pass_time(days)
        scene, actor = self.scene, self.scene.officer(self.household)
        answers = self._answers(told, actor)
        with transaction(scene.session) as session:
            send_message(
                session, self.case_id, message, answers, scene.keys, actor=actor, now=self.moment
            )

    def pass_time(self, days: int = 0) -> None:
        """Time goes on, never beyond the present; what falls due happens."""
        self.moment = min(self.moment + timedelta(days=days) + _STEP, self.scene.now)
        while fire_due(self.scene.session, self.scene.keys, self.moment):
            pass

    def _answers(self, told: Told, actor: Actor) -> Mapping[str, Any]:
        if not callable(told):
            return told
        office = self.household.township_id
        team = self.scene.staff[
            ("reviewer", self.scene.district_id)
            if actor.role == "reviewer"
            else ("case_officer", office)
        ]
        entry = Entry(
            local_day(self.moment),
            tuple(one.account_id or "" for one in team[:2]),
            self.applicant,
            "",
            "window",
            lambda name: self.scene.attach(name, actor, self.moment),
        )
        return told(entry)


def day_text(day: date | datetime) -> str:
    """A day as forms take it."""
    return (local_day(day) if isinstance(day, datetime) else day).isoformat()


def first_village(scene: Scene, township: int) -> str:
    """The first village of a township, by the township's place in the list."""
    return scene.offices[f"{TOWNSHIPS[township].code}201"]


def _fields(data: Any) -> dict[str, Any]:
    return {name: getattr(data, name) for name in data.__dataclass_fields__}

"""A small real district for tests: offices, staff, the published policy, households, a clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.accounts import Account, Role, RoleHolding
from models.cases import Case, Task, TaskState
from models.clocks import Clock
from models.households import Area, Household
from models.offices import Office, OfficeLevel
from models.types import new_id
from workflows.assistance.attachments import add_attachment
from workflows.assistance.households import (
    HouseholdData,
    IncomeData,
    MemberData,
    register_household,
)
from workflows.calendar import LOCAL_ZONE
from workflows.definitions.files import PolicyFiles, load_policy
from workflows.definitions.release import publish_release
from workflows.errors import SYSTEM, Actor
from workflows.privacy import KeyRing, new_key_ring
from workflows.runtime.service_tasks import signatures
from workflows.runtime.starting import start_case
from workflows.runtime.tasks import Completed, complete_task
from workflows.runtime.worker import fire_due, raise_alarms
from workflows.transaction import transaction

BPMN = Path(__file__).parent.parent.parent / "bpmn"

#: Which level each role is held at in this district.
STAFF = {
    "assistant": (Role.ASSISTANT, OfficeLevel.VILLAGE),
    "officer": (Role.CASE_OFFICER, OfficeLevel.TOWNSHIP),
    "second_officer": (Role.CASE_OFFICER, OfficeLevel.TOWNSHIP),
    "leader": (Role.TOWNSHIP_LEADER, OfficeLevel.TOWNSHIP),
    "reviewer": (Role.REVIEWER, OfficeLevel.DISTRICT),
    "second_reviewer": (Role.REVIEWER, OfficeLevel.DISTRICT),
    "confirmer": (Role.CONFIRMER, OfficeLevel.DISTRICT),
    "finance": (Role.FINANCE, OfficeLevel.DISTRICT),
    "second_finance": (Role.FINANCE, OfficeLevel.DISTRICT),
}


@lru_cache(maxsize=1)
def policy_files() -> PolicyFiles:
    """The project's own policy."""
    return load_policy(BPMN)


def at(day: str, clock: str = "10:00") -> datetime:
    """A local moment, in UTC."""
    local = datetime.combine(date.fromisoformat(day), time.fromisoformat(clock), LOCAL_ZONE)
    return local.astimezone(UTC)


def id_number(birth_on: str, order: int = 101, region: str = "500154") -> str:
    """A made-up id-card number with a right check digit (GB 11643)."""
    body = f"{region}{birth_on.replace('-', '')}{order:03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(digit) * weight for digit, weight in zip(body, weights, strict=True))
    return body + "10X98765432"[total % 11]


def member(
    name: str, birth_on: str, relation: str = "self", order: int = 101, **facts: Any
) -> MemberData:
    """A member with the facts that most people have."""
    usual: dict[str, Any] = {
        "status": "present",
        "student": "none",
        "student_full_time": False,
        "disability_grade": None,
        "disability_kind": None,
        "serious_illness": False,
        "able_bodied": True,
        "employed": False,
        "independent": True,
        "clergy_years": None,
    }
    return MemberData(name, id_number(birth_on, order), relation, facts={**usual, **facts})


@dataclass
class District:
    """Everything a scenario needs, on one session."""

    session: Session
    keys: KeyRing = field(default_factory=new_key_ring)
    offices: dict[str, Office] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)

    @classmethod
    def founded(cls, session: Session, files: PolicyFiles | None = None) -> District:
        """A district with one township and one village, staff, and the policy published."""
        district = cls(session)
        now = at("2021-08-05")
        with transaction(session):
            district._found_offices()
            for login, (role, level) in STAFF.items():
                district._hire(login, role, level, now)
            publish_release(
                session, files or policy_files(), actor=SYSTEM, now=now, operations=signatures()
            )
        return district

    def _found_offices(self) -> None:
        root = new_id()
        rows = [
            ("district", root, None, OfficeLevel.DISTRICT, "500154000000", "开州区民政局"),
            ("township", new_id(), root, OfficeLevel.TOWNSHIP, "500154109000", "大德镇"),
        ]
        rows.append(
            ("village", new_id(), rows[1][1], OfficeLevel.VILLAGE, "500154109200", "九岭村")
        )
        for key, office_id, parent_id, level, code, name in rows:
            office = Office(
                id=office_id, district_id=root, parent_id=parent_id, level=level, code=code,
                name=name,
            )  # fmt: skip
            self.session.add(office)
            self.session.flush()  # children name their parents
            self.offices[key] = office

    def _hire(self, login: str, role: Role, level: OfficeLevel, now: datetime) -> None:
        account = Account(
            id=new_id(), district_id=self.offices["district"].id, login=login, name=login,
            password_hash="!", created_at=now,
        )  # fmt: skip
        self.session.add(account)
        self.session.flush()  # the holding names the account
        self.session.add(
            RoleHolding(
                account_id=account.id, office_id=self.offices[level.value].id, role=role, since=now
            )
        )
        self.accounts[login] = account

    def actor(self, login: str) -> Actor:
        """Somebody of the staff in their role."""
        role, level = STAFF[login]
        account = self.accounts[login]
        return Actor(account.id, role.value, self.offices[level.value].id, account.name)

    def household(
        self,
        members: Sequence[MemberData],
        incomes: Sequence[IncomeData] = (),
        *,
        area: Area = Area.RURAL,
        now: datetime,
        unstable_income: bool = True,
    ) -> Household:
        """A registered household."""
        with transaction(self.session):
            return register_household(
                self.session,
                HouseholdData(
                    self.offices["village"].id, area, members, incomes,
                    unstable_income=unstable_income,
                ),
                self.keys, actor=self.actor("officer"), now=now,
            )  # fmt: skip

    def start(self, household: Household, now: datetime, process_key: str = "dibao") -> str:
        """An opened case; its id."""
        with transaction(self.session):
            return start_case(
                self.session, process_key, self.keys,
                township_id=household.township_id, village_id=household.village_id,
                household_id=household.id,
                variables={"household_id": household.id, "channel": "window"},
                actor=self.actor("officer"), now=now,
            ).id  # fmt: skip

    def start_bare(self, household: Household, now: datetime, process_key: str) -> str:
        """As `start`, without variables, in the caller's transaction."""
        return start_case(
            self.session, process_key, self.keys,
            township_id=household.township_id, village_id=household.village_id,
            household_id=household.id, actor=self.actor("officer"), now=now,
        ).id  # fmt: skip

    def case(self, case_id: str) -> Case:
        """The case as stored."""
        self.session.rollback()
        return self.session.get_one(Case, case_id, populate_existing=True)

    def open_tasks(self, case_id: str) -> dict[str, Task]:
        """Open tasks by element id."""
        self.session.rollback()
        found = self.session.scalars(
            select(Task).where(Task.case_id == case_id, Task.state == TaskState.OPEN)
        )
        return {task.element_id: task for task in found}

    def do(
        self, case_id: str, element_id: str, login: str, now: datetime, **answers: Any
    ) -> Completed:
        """Complete an open task with answers as a browser sends them."""
        tasks = self.open_tasks(case_id)
        assert element_id in tasks, f"{element_id} is not open: {sorted(tasks)}"
        task_id = tasks[element_id].id
        self.session.rollback()
        with transaction(self.session):
            return complete_task(
                self.session, task_id, answers, self.keys, actor=self.actor(login), now=now
            )

    def pass_time(self, until: datetime) -> int:
        """The worker works at this moment; how many timers fired."""
        fired = 0
        while done := fire_due(self.session, self.keys, until):
            fired += done
        raise_alarms(self.session, until)
        return fired

    def clocks(self, case_id: str) -> dict[str, Clock]:
        """All clocks of a case by key, the latest of each."""
        self.session.rollback()
        found = self.session.scalars(
            select(Clock).where(Clock.case_id == case_id).order_by(Clock.started_at, Clock.id)
        )
        return {clock.key: clock for clock in found}

    def attachment(self, login: str, now: datetime, name: str = "照片.jpg") -> list[str]:
        """An uploaded file, as the attachments field takes it."""
        with transaction(self.session):
            kept = add_attachment(
                self.session, district_id=self.offices["district"].id, sha256="0" * 64, size=10,
                media_type="image/jpeg", name=name, actor=self.actor(login), now=now,
            )  # fmt: skip
            return [kept.id]

    def staff_ids(self, *logins: str) -> list[str]:
        """Account ids, as the surveyors field takes them."""
        return [self.accounts[login].id for login in logins]


def c01_household(district: District, now: datetime) -> Household:
    """The household of worked case C01."""
    return district.household(
        [
            member("陈德明", "1975-03-02", employed=True),
            member("李素芳", "1977-06-11", "spouse", 102),
            member("陈小雨", "2004-04-20", "child", 103, student="senior", student_full_time=True,
                   able_bodied=False, independent=False),
        ],
        [
            IncomeData(0, "wage", "documented", Decimal("1200")),
            IncomeData(1, "farming", "documented", Decimal("400")),
        ],
        now=now,
    )  # fmt: skip


def workday_moments(first: str, count: int) -> list[datetime]:
    """Consecutive days at ten."""
    start = at(first)
    return [start + timedelta(days=offset) for offset in range(count)]


Answers = Mapping[str, Any]

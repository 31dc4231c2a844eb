"""Day after day for years: families live and apply, staff work, the month's money goes out."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.accounts import Role
from models.assistance import Grant, GrantState
from models.cases import Case, Task, TaskState, Timer
from models.households import Household, Person
from models.money import Payment, PaymentState
from scripts.soak.lives.clerk import Clerk
from scripts.soak.lives.families import Family, family, live
from scripts.soak.lives.town import Town
from workflows.assistance.households import register_household, replace_facts
from workflows.assistance.money.bank_accounts import record_bank_account
from workflows.assistance.money.bank_results import take_bank_results
from workflows.assistance.money.drawing import draw_roll
from workflows.assistance.money.failures import repeat_payment
from workflows.assistance.money.ledger import MONTHLY
from workflows.assistance.money.rolls import authorise_roll, release_roll, review_roll
from workflows.calendar import LOCAL_ZONE, local_day
from workflows.definitions.release import current_policy
from workflows.errors import Conflict, DoudiError
from workflows.jobs import work_jobs
from workflows.runtime.job_steps import job_steps
from workflows.runtime.reviews import queue_reviews
from workflows.runtime.standards import open_due_adjustments
from workflows.runtime.starting import start_case
from workflows.runtime.worker import fire_due, raise_alarms
from workflows.transaction import reading, transaction

#: The day of the month that money goes out on, if it is a working day; otherwise the next one.
_PAY_DAY: Final = 10
#: How often somebody gets to a task on a working day; some tasks nobody gets to for long.
_SHARE: Final = 0.45
_FORGOTTEN: Final = 0.02
_FORGOTTEN_DAYS: Final = 60
#: Tasks in which somebody looks at the family and enters what has changed.
SURVEYS: Final = frozenset({"Task_Survey", "Task_VerifyChange"})
#: Changes that a family tells by itself; the others come to light when it is checked.
_REPORTED: Final = 0.5
#: Payments that the bank refuses.
_REFUSED: Final = 0.004


@dataclass(slots=True)
class Years:
    """One run: a town, its families, and what happened."""

    town: Town
    families: list[Family]
    chance: random.Random
    clerk: Clerk
    begin: date
    events: Counter[str] = field(default_factory=Counter)
    #: tasks that nobody gets to before a day
    asleep: dict[str, date] = field(default_factory=dict)
    paid_month: date | None = None
    by_household: dict[str, Family] = field(default_factory=dict)

    @classmethod
    def begun(cls, town: Town, count: int, begin: date, seed: int) -> Years:
        """So many families, none of whom has applied yet."""
        chance = random.Random(seed)
        villages = town.villages
        families = [
            family(number, villages[number % len(villages)], chance, begin)
            for number in range(count)
        ]
        clerk = Clerk(town.session, town.keys, chance, town.staff)
        return cls(town, families, chance, clerk, begin)

    @property
    def session(self) -> Session:
        return self.town.session

    def run(self, until: date, *, told: Callable[[date], None] = lambda day: None) -> None:
        """Every day from the beginning until a day, which isn't lived any more."""
        with reading(self.session):
            calendar = current_policy(self.session, self.town.district_id).calendar
        day = self.begin
        while day < until:
            self._night(_at(day, 1))
            if day.day == 1:
                self._month_begins(day)
                told(day)
            if calendar.is_workday(day):
                self._morning(day)
                self._work(day)
                if day.day >= _PAY_DAY and self.paid_month != day.replace(day=1):
                    self.paid_month = day.replace(day=1)
                    self._pay(day)
            day += timedelta(days=1)

    def _night(self, now: datetime) -> None:
        """What the worker does: timers at their moments, alarms, jobs, and other duties."""
        session, keys = self.session, self.town.keys
        while True:
            with reading(session):
                due = session.scalar(
                    select(func.min(Timer.next_try_at)).where(Timer.failed_at.is_(None))
                )
            if due is None or due > now or not fire_due(session, keys, max(due, now)):
                break
        while raise_alarms(session, now):
            pass
        open_due_adjustments(session, keys, now)
        queue_reviews(session, now)
        steps = job_steps(keys)
        while work_jobs(session, steps, now):
            pass

    def _month_begins(self, day: date) -> None:
        for one in self.families:
            happened = live(one, self.chance, day)
            if happened is not None:
                self.events[happened] += 1
                if one.unreported and self.chance.random() < _REPORTED:
                    self._report(one, _at(day, 11), happened)

    def _report(self, one: Family, now: datetime, happened: str) -> None:
        """The family tells the township what has changed, where it gets a benefit."""
        with reading(self.session):
            grant_id = self.session.scalar(
                select(Grant.id).where(
                    Grant.household_id == one.household_id, Grant.state == GrantState.ACTIVE
                )
            )
        if grant_id is None:
            return
        township_id = self.town.township_of[one.village_id]
        officer = self.town.staff[Role.CASE_OFFICER.value, township_id][0]
        try:
            with transaction(self.session) as session:
                start_case(
                    session, "benefit_change", self.town.keys, township_id=township_id,
                    village_id=one.village_id, household_id=one.household_id,
                    variables={
                        "grant_id": grant_id, "cause": "reported", "cause_note": happened,
                        "occurred_on": local_day(now),
                    },
                    actor=officer, now=now,
                )  # fmt: skip
            self.events["reported"] += 1
        except DoudiError as refused:
            self.events[f"report refused: {refused.code}"] += 1

    def _morning(self, day: date) -> None:
        for one in self.families:
            if one.applies_on <= day and one.household_id is None and one.living:
                self._apply(one, _at(day, 9))

    def _apply(self, one: Family, now: datetime) -> None:
        township_id = self.town.township_of[one.village_id]
        officer = self.town.staff[Role.CASE_OFFICER.value, township_id][0]
        with transaction(self.session) as session:
            household = register_household(
                session, one.data(), self.town.keys, actor=officer, now=now
            )
            one.household_id = household.id
            self.by_household[household.id] = one
            head = session.get_one(Person, household.head_person_id)
            record_bank_account(
                session, head, f"62170038{one.number:011d}", "农商银行", one.living[0].name,
                self.town.keys, actor=officer, now=now,
            )  # fmt: skip
            start_case(
                session, "dibao", self.town.keys, township_id=township_id,
                village_id=one.village_id, household_id=household.id,
                variables={"household_id": household.id, "channel": "window"},
                actor=officer, now=now,
            )  # fmt: skip
        self.events["application"] += 1

    def _work(self, day: date) -> None:
        with reading(self.session):
            tasks = self.session.execute(
                select(Task.id, Task.role, Task.office_id, Task.element_id, Case.household_id)
                .join(Case, Case.id == Task.case_id)
                .where(Task.state == TaskState.OPEN)
                .order_by(Task.id)
            ).all()
        for task_id, role, office_id, element_id, household_id in tasks:
            if self.asleep.get(task_id, date.min) > day or self.chance.random() > _SHARE:
                continue
            if task_id not in self.asleep and self.chance.random() < _FORGOTTEN:
                self.asleep[task_id] = day + timedelta(days=self.chance.randint(5, _FORGOTTEN_DAYS))
                continue
            self.asleep.setdefault(task_id, date.min)
            moment = _at(day, 10) + timedelta(seconds=self.chance.randrange(6 * 3600))
            if element_id in SURVEYS:
                self._record_truth(household_id, moment)
            if self.clerk.work(task_id, str(role), office_id, moment):
                self.asleep.pop(task_id, None)

    def _record_truth(self, household_id: str | None, now: datetime) -> None:
        """What a survey finds is entered on the household's page, where it differs."""
        one = self.by_household.get(household_id or "")
        if one is None or not one.unreported or not one.living:
            return
        township_id = self.town.township_of[one.village_id]
        officer = self.town.staff[Role.CASE_OFFICER.value, township_id][0]
        with transaction(self.session) as session:
            household = session.get_one(Household, household_id)
            replace_facts(session, household, one.data(), self.town.keys, actor=officer, now=now)
        one.unreported = False

    def _pay(self, day: date) -> None:
        """The month's rolls through four hands, then the bank's answer."""
        now = _at(day, 16)
        self._repeat_failures(now)
        for programme in MONTHLY:
            self._roll(programme, day, now)

    def _roll(self, programme: str, day: date, now: datetime) -> None:
        session, district_id = self.session, self.town.district_id
        reviewers, confirmers = self.town.hands(Role.REVIEWER), self.town.hands(Role.CONFIRMER)
        finance = self.town.hands(Role.FINANCE)[0]
        try:
            with transaction(session):
                roll_id = draw_roll(
                    session, district_id, programme, day.replace(day=1), actor=reviewers[0],
                    now=now,
                ).id  # fmt: skip
        except Conflict:
            return
        for step, actor in ((review_roll, reviewers[1]), (authorise_roll, confirmers[0])):
            with transaction(session):
                step(session, roll_id, district_id=district_id, actor=actor, now=now)
        with transaction(session):
            release_roll(
                session, roll_id, self.town.keys, district_id=district_id, actor=finance, now=now
            )
        with transaction(session):
            take_bank_results(
                session, roll_id, self._answers(roll_id, day), district_id=district_id,
                actor=finance, now=now,
            )  # fmt: skip
        self.events["roll"] += 1

    def _answers(self, roll_id: str, day: date) -> bytes:
        rows = self.session.execute(
            select(Payment.key, Payment.amount)
            .where(Payment.roll_id == roll_id, Payment.state == PaymentState.SENT)
            .order_by(Payment.key)
        )
        lines = ["payment_key,amount,result,reason,paid_on"]
        for key, amount in rows:
            refused = self.chance.random() < _REFUSED
            ending = "failed,account_wrong," if refused else f"paid,,{day.isoformat()}"
            lines.append(f"{key},{amount:.2f},{ending}")
        return "\n".join(lines).encode()

    def _repeat_failures(self, now: datetime) -> None:
        finance = self.town.hands(Role.FINANCE)[0]
        with reading(self.session):
            failed = self.session.scalars(
                select(Payment.id).where(Payment.state == PaymentState.FAILED)
            ).all()
        for payment_id in failed:
            with transaction(self.session):
                repeat_payment(
                    self.session, payment_id, district_id=self.town.district_id, actor=finance,
                    now=now,
                )  # fmt: skip
            self.events["repeated"] += 1


def _at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), LOCAL_ZONE).astimezone(UTC)

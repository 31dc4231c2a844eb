"""Day after day for years: families live and apply, staff work, the month's money goes out."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.accounts import Role
from models.cases import Case, Task, TaskState, Timer
from models.households import Person
from models.money import Payment, PaymentState
from scripts.soak.lives.clerk import Clerk
from scripts.soak.lives.district import District
from scripts.soak.lives.families import SELFCARE, Family, family, live
from scripts.soak.lives.motions import Motions
from scripts.soak.lives.town import Town
from scripts.soak.lives.window import Window
from workflows.assistance.money.bank_results import take_bank_results
from workflows.assistance.money.drawing import draw_roll
from workflows.assistance.money.failures import cancel_payment, repeat_payment
from workflows.assistance.money.ledger import PRICE, PROGRAMMES
from workflows.assistance.money.rolls import authorise_roll, release_roll, review_roll
from workflows.calendar import LOCAL_ZONE
from workflows.definitions.release import current_policy
from workflows.errors import Conflict
from workflows.jobs import work_jobs
from workflows.runtime.inbox.task import TaskView
from workflows.runtime.job_steps import job_steps
from workflows.runtime.reviews import queue_reviews
from workflows.runtime.standards import open_due_adjustments
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
#: Decisions in which somebody may go against the tables.
OVERRULING: Final[Mapping[str, str]] = {
    "Task_DecideChange": "apply",
    "Task_CareDecide": "adjust",
}
#: What a family asks for in a procedure of its own.
MOTIONS: Final = frozenset({"split", "head", "moves", "marries"})
_LAST_OF_WEEK: Final = 4
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
    window: Window
    motions: Motions
    district: District
    begin: date
    events: Counter[str]
    #: tasks that nobody gets to before a day
    asleep: dict[str, date] = field(default_factory=dict)
    paid_month: date | None = None
    begun_month: date | None = None

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
        events: Counter[str] = Counter()
        window = Window(town, chance, families, events)
        motions, district = Motions(window), District(window)
        years = cls(town, families, chance, clerk, window, motions, district, begin, events)
        clerk.truth = years._truth
        return years

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
                told(day)
            if calendar.is_workday(day):
                if self.begun_month != day.replace(day=1):
                    self.begun_month = day.replace(day=1)
                    self._month_begins(day)
                self._morning(day)
                if day.weekday() == _LAST_OF_WEEK:
                    self.district.week_ends(_at(day, 15))
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
        """Lives go on; whoever wants something of the office comes on the first working day."""
        now = _at(day, 11)
        for one in list(self.families):
            happened = live(one, self.chance, day)
            if happened is not None:
                self.events[happened] += 1
                self._report(one, now, happened)
        self.window.tell_deaths(now)
        self.window.introduce_work(now)
        self.window.ask_again(now)
        self.district.enter_prices(now)
        self.district.ask_back(now)

    def _report(self, one: Family, now: datetime, happened: str) -> None:
        if happened in MOTIONS:
            self.motions.ask(happened, one, now)
        elif one.household_id is None or one.merged:
            return
        elif happened == "selfcare":
            self.window.report_selfcare(one, now)
        elif one.unreported and self.chance.random() < _REPORTED:
            self.window.report_change(one, now, happened)

    def _morning(self, day: date) -> None:
        for one in self.families:
            if one.applies_on <= day and one.household_id is None and one.living:
                self.window.apply(one, _at(day, 9))

    def _work(self, day: date) -> None:
        with reading(self.session):
            tasks = self.session.execute(
                select(
                    Task.id, Task.role, Task.office_id, Task.element_id, Case.household_id, Case.id
                )
                .join(Case, Case.id == Task.case_id)
                .where(Task.state == TaskState.OPEN)
                .order_by(Task.id)
            ).all()
        for task_id, role, office_id, element_id, household_id, case_id in tasks:
            if self.asleep.get(task_id, date.min) > day or self.chance.random() > _SHARE:
                continue
            if task_id not in self.asleep and self.chance.random() < _FORGOTTEN:
                self.asleep[task_id] = day + timedelta(days=self.chance.randint(5, _FORGOTTEN_DAYS))
                continue
            self.asleep.setdefault(task_id, date.min)
            moment = _at(day, 10) + timedelta(seconds=self.chance.randrange(6 * 3600))
            one = self.window.by_household.get(household_id or "")
            if element_id in SURVEYS and one is not None:
                self.district.found(one, moment)
                self.window.record_truth(one, moment)
            if self.clerk.work(task_id, str(role), office_id, moment):
                self.asleep.pop(task_id, None)
                self._learnt(one, element_id)
                self.motions.settle(case_id)

    def _learnt(self, one: Family | None, element_id: str) -> None:
        """What a step that is done says about what the office has looked at."""
        if one is None:
            return
        if element_id == "Task_VerifyChange":
            one.entered = False
        elif element_id == "Task_CheckDeath":
            one.entered = True
        elif element_id == "Task_Selfcare":
            one.seen = one.lost
        elif self.clerk.answers.get("decision") != OVERRULING.get(
            element_id, self.clerk.answers.get("decision")
        ):
            one.overruled = True

    def _truth(self, view: TaskView) -> Mapping[str, Any] | None:
        """What staff see of the family in front of them, for the forms that ask for it."""
        motion = self.motions.open.get(view.case.id)
        if motion is not None and view.element.id == "Task_RegisterFamily":
            return motion.answers
        one = self.window.by_household.get(view.case.household_id or "")
        if one is None:
            return None
        if view.element.id == "Task_Selfcare":
            return {key: "no" if key in one.lost else "yes" for key in SELFCARE}
        if view.element.id == "Task_CheckTekun" and one.seen is not None:
            return {"tekun_result": "unchanged" if one.seen == one.lost else "selfcare"}
        if view.element.id == "Task_CheckDeath" and one.living:
            return {"payee": self.window.person_id(one.living[0])}
        if view.element.id == "Task_VerifyChange":
            return {"clear_change": "yes" if one.entered else "no"}
        if view.element.id == "Task_CheckOverpayment" and one.changed_on is not None:
            return {"changed_on": one.changed_on.isoformat()}
        return None

    def _pay(self, day: date) -> None:
        """The month's rolls through four hands, then the bank's answer."""
        now = _at(day, 16)
        self.district.take_deaths(now)
        self.window.record_accounts(self.families, now)
        self._repeat_failures(now)
        for programme in PROGRAMMES:
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
        """Failed payments are ordered again; what is for somebody who has died is cancelled."""
        finance = self.town.hands(Role.FINANCE)[0]
        with reading(self.session):
            failed = self.session.execute(
                select(Payment.id, Payment.state, Person.died_on)
                .join(Person, Person.id == Payment.person_id)
                .where(
                    (Payment.state == PaymentState.FAILED)
                    | (
                        (Payment.state == PaymentState.ORDERED)
                        & Payment.roll_id.is_(None)
                        & (Payment.programme == PRICE)
                        & Person.died_on.is_not(None)
                    )
                )
            ).all()
        for payment_id, _, died_on in failed:
            if died_on is None:
                self.window.attempt(
                    "repeated",
                    partial(
                        repeat_payment, payment_id=payment_id,
                        district_id=self.town.district_id, actor=finance, now=now,
                    ),
                )  # fmt: skip
            else:
                self.window.attempt(
                    "cancelled",
                    partial(
                        cancel_payment, payment_id=payment_id, reason="领取人已经死亡",
                        district_id=self.town.district_id, actor=finance, now=now,
                    ),
                )  # fmt: skip


def _at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), LOCAL_ZONE).astimezone(UTC)

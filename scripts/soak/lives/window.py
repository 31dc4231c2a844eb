"""What families bring to the office over the years, and what others tell it about them."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.accounts import Role
from models.assistance import Grant, GrantState
from models.cases import Case, CaseState
from models.households import Household
from models.households import Person as KnownPerson
from scripts.soak.lives.families import ADULTS, Family, Person
from scripts.soak.lives.town import Town
from workflows.assistance.households import register_household, replace_facts
from workflows.assistance.households.people import person_with
from workflows.assistance.job_offers import OfferData
from workflows.assistance.money.bank_accounts import record_bank_account
from workflows.calendar import local_day
from workflows.errors import Actor, DoudiError
from workflows.runtime.aftercare import answer_offer, report_death
from workflows.runtime.starting import start_case
from workflows.transaction import reading, transaction

DIBAO: Final = "dibao"
TEKUN: Final = "tekun"
#: Deaths that the family or the village tells; the others come with the register's list.
_TOLD: Final = 0.6
#: What an unwilling family declines without a good reason, and where work is introduced at all.
_DECLINES: Final = 0.8
_OFFERED: Final = 0.35


@dataclass(slots=True)
class Window:
    """The counter of the town's offices."""

    town: Town
    chance: random.Random
    families: list[Family]
    events: Counter[str]
    by_household: dict[str, Family] = field(default_factory=dict)
    #: whose account at the bank is known, by number
    accounts: set[str] = field(default_factory=set)

    @property
    def session(self) -> Session:
        return self.town.session

    def officer(self, one: Family) -> Actor:
        """Somebody of the family's township."""
        township_id = self.town.township_of[one.village_id]
        return self.chance.choice(self.town.staff[Role.CASE_OFFICER.value, township_id])

    def attempt(self, name: str, act: Callable[[Session], Any]) -> Any:
        """An act that may be refused, counted either way; None where it was."""
        try:
            with transaction(self.session) as session:
                result = act(session)
        except DoudiError as refused:
            codes = sorted({found.code for found in refused.findings}) or [refused.code]
            self.events[f"{name} refused: {', '.join(codes)}"] += 1
            return None
        self.events[name] += 1
        return result

    def start(
        self, name: str, process: str, one: Family, now: datetime, person_id: str | None = None,
        **variables: Any,
    ) -> Any:  # fmt: skip
        """Open a case for a family, with the process's variables."""
        with reading(self.session):
            household = self.session.get_one(Household, one.household_id)
            township_id, village_id = household.township_id, household.village_id
        return self.attempt(
            name,
            lambda session: start_case(
                session, process, self.town.keys, household_id=one.household_id,
                person_id=person_id, variables=variables, township_id=township_id,
                village_id=village_id, actor=self.officer(one), now=now,
            ),
        )  # fmt: skip

    def receives(self, one: Family) -> str | None:
        """The benefit that the family gets now."""
        with reading(self.session):
            return self.session.scalar(
                select(Grant.id).where(
                    Grant.household_id == one.household_id, Grant.state == GrantState.ACTIVE
                )
            )

    def person_id(self, one: Person) -> str:
        """Whom the office knows them as."""
        if one.person_id is None:
            with reading(self.session):
                found = person_with(
                    self.session, self.town.district_id, one.id_number, self.town.keys
                )
            assert found is not None, "not registered"
            one.person_id = found.id
        return one.person_id

    def knows(self, one: Person) -> bool:
        """Whether the office has ever met them."""
        if one.person_id is not None:
            return True
        with reading(self.session):
            return (
                person_with(self.session, self.town.district_id, one.id_number, self.town.keys)
                is not None
            )

    def apply(self, one: Family, now: datetime) -> None:
        """A family that nobody knows applies for the first time."""
        officer = self.officer(one)
        with transaction(self.session) as session:
            household = register_household(
                session, one.data(), self.town.keys, actor=officer, now=now
            )
            one.household_id = household.id
        one.unreported = False
        self.by_household[household.id] = one
        self.record_accounts([one], now)
        self.ask(one, now)

    def ask(self, one: Family, now: datetime) -> None:
        """Apply for what it comes into question for."""
        today = local_day(now)
        if one.tekun:
            self.start(
                "tekun application", TEKUN, one, now, self.person_id(one.living[0]),
                household_id=one.household_id, channel="window", application_way="self",
                applied_on=today, need="年老独居，没有收入，没有赡养人",
            )  # fmt: skip
        else:
            self.start(
                "application", DIBAO, one, now, household_id=one.household_id, channel="window"
            )

    def ask_again(self, now: datetime) -> None:
        """Whoever gets nothing and has got poorer applies once more, whatever was before."""
        with reading(self.session):
            busy = set(
                self.session.scalars(select(Case.household_id).where(Case.state == CaseState.OPEN))
            ) | set(
                self.session.scalars(
                    select(Grant.household_id).where(Grant.state == GrantState.ACTIVE)
                )
            )
        for one in self.families:
            poorer = one.unreported and one.changed_on is not None and one.living
            if one.household_id is None or one.household_id in busy or one.merged or not poorer:
                continue
            if self.chance.random() < 0.3 and not one.unheard:
                self.ask(one, now)
                self.events["asked again"] += 1

    def report_change(self, one: Family, now: datetime, happened: str) -> None:
        """The family tells the township what has changed, where it gets a benefit."""
        grant_id = self.receives(one)
        if grant_id is not None and not one.tekun:
            self.start(
                "reported", "benefit_change", one, now, grant_id=grant_id, cause="reported",
                cause_note=happened, occurred_on=one.changed_on or local_day(now),
            )  # fmt: skip

    def report_selfcare(self, one: Family, now: datetime) -> None:
        """The carer reports that the person can do less, or more, alone."""
        grant_id = self.receives(one)
        if grant_id is not None and one.living:
            self.start(
                "selfcare reported", "tekun_care_change", one, now,
                self.person_id(one.living[0]), household_id=one.household_id, grant_id=grant_id,
                care_reported_on=local_day(now), care_reporter="照料人",
                care_change_note="自理能力有变化",
            )  # fmt: skip

    def tell_deaths(self, now: datetime) -> None:
        """The family or the village tells of a death, or waits for the register's list."""
        for one in self.families:
            for dead in list(one.unheard):
                if one.household_id is None or not self.knows(dead):
                    one.unheard.remove(dead)  # the office never met them
                elif dead.died_on == local_day(now) and (
                    self.chance.random() < _TOLD and self.receives(one) is not None
                ):
                    one.unheard.remove(dead)
                    self._tell(one, dead, now)

    def _tell(self, one: Family, dead: Person, now: datetime) -> None:
        person_id = self.person_id(dead)

        def act(session: Session) -> None:
            assert dead.died_on is not None
            household = session.get_one(Household, one.household_id)
            report_death(
                session, household, person_id, died_on=dead.died_on, note="家属告知",
                keys=self.town.keys, actor=self.officer(one), now=now,
            )  # fmt: skip

        self.attempt("death told", act)

    def introduce_work(self, now: datetime) -> None:
        """Work for those who could and don't; some families decline whatever it is."""
        for one in self.families:
            if not one.unwilling or one.tekun or one.merged or one.household_id is None:
                continue
            idle = [
                person for person in one.living
                if person.relation in ADULTS and person.facts.get("able_bodied", True)
                and not person.facts.get("employed")
            ]  # fmt: skip
            if idle and self.chance.random() < _OFFERED and self.receives(one) is not None:
                self._offer(one, idle[0], now)

    def _offer(self, one: Family, idle: Person, now: datetime) -> None:
        declines = self.chance.random() < _DECLINES
        good = self.chance.random() < 0.15
        data = OfferData(
            local_day(now), "第一家政服务部", "保洁", True, not declines,
            good if declines else None, "不想去" if declines else "",
        )  # fmt: skip

        person_id = self.person_id(idle)

        def act(session: Session) -> None:
            household = session.get_one(Household, one.household_id)
            answer_offer(
                session, household, person_id, data, keys=self.town.keys,
                actor=self.officer(one), now=now,
            )  # fmt: skip

        self.attempt("work declined" if declines else "work accepted", act)

    def record_truth(self, one: Family, now: datetime) -> None:
        """What a survey finds is entered on the household's page, where it differs."""
        if not one.unreported or not one.living or one.merged:
            return

        def act(session: Session) -> bool:
            household = session.get_one(Household, one.household_id)
            replace_facts(
                session, household, one.data(), self.town.keys, actor=self.officer(one), now=now
            )
            return True

        if self.attempt("survey entered", act):
            one.unreported, one.entered = False, True

    def record_accounts(self, families: list[Family], now: datetime) -> None:
        """Whoever stands first in a family and has no account yet tells theirs."""
        for one in families:
            if one.household_id is None or not one.living or one.merged:
                continue
            payee = one.living[0]
            if payee.id_number in self.accounts or not self.knows(payee):
                continue
            number = f"62170038{len(self.accounts):011d}"
            person_id = self.person_id(payee)
            self.accounts.add(payee.id_number)
            with transaction(self.session) as session:
                person = session.get_one(KnownPerson, person_id)
                record_bank_account(
                    session, person, number, "农商银行", payee.name, self.town.keys,
                    actor=self.officer(one), now=now,
                )  # fmt: skip

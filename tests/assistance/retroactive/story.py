"""A district whose standard is published anew: families decided on, rolls paid, cases decided."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.assistance import Grant
from models.households import Area, Household
from models.money import Payment, Roll
from models.retroactive import RetroactiveChange, TouchedCase
from tests.assistance.money.world import DIBAO, World, answers
from tests.runtime.district import District, at, member, policy_files
from workflows.assistance.households import IncomeData
from workflows.definitions.files import PolicyFiles
from workflows.errors import SYSTEM
from workflows.runtime.publishing import publish_policy
from workflows.scenarios.corrections import decide_now, work_all
from workflows.transaction import transaction

#: The rural standard as the district's policy has it from 2021-09-01.
RURAL = "{from: 2021-09-01, value: 515,"
FILE = "parameters/standards.yaml"


@lru_cache(maxsize=32)
def with_rural(value: str) -> PolicyFiles:
    """The policy with another rural standard from 2021-09-01 to 2022-08-31."""
    files = dict(policy_files())
    text = files[FILE].decode()
    assert text.count(RURAL) == 1
    files[FILE] = text.replace(RURAL, RURAL.replace("515", value)).encode()
    return PolicyFiles(files)


@dataclass
class Story:
    """What happens in the district, one act after another."""

    world: World
    people: int = 0

    @classmethod
    def begun(cls, session: Session, standard: str = "515") -> Story:
        """The policy in force, and a budget."""
        story = cls(World(District.founded(session, with_rural(standard))))
        story.world.appropriate("1000000.00", DIBAO)
        return story

    @property
    def session(self) -> Session:
        return self.world.session

    @property
    def district(self) -> District:
        return self.world.district

    def family(
        self, income: str = "1200", area: Area = Area.RURAL, *, bank: bool = True
    ) -> Household:
        """One person who earns a documented wage, with a bank account."""
        self.people += 1
        household = self.district.household(
            [member(f"某{self.people}", "1975-03-02", order=100 + self.people, employed=True)],
            [IncomeData(0, "wage", "documented", Decimal(income))],
            area=area,
            now=at("2021-08-05"),
        )
        if bank:
            self.world.bank(household)
        return household

    def decided(self, household: Household, day: str) -> Grant | None:
        """A case of 低保 decided on a day; its grant, None when it was refused."""
        with transaction(self.session):
            case_id = decide_now(
                self.session, household, self.district.keys, actor=SYSTEM, now=at(day)
            ).id
        return self.session.scalars(select(Grant).where(Grant.case_id == case_id)).one_or_none()

    def publish(self, value: str, now: datetime) -> RetroactiveChange | None:
        """Another standard from 2021-09-01; the worker has done its part."""
        with transaction(self.session):
            publish_policy(
                self.session, with_rural(value), actor=SYSTEM, now=now, note="更正", trial=None
            )
        work_all(self.session, self.district.keys, now)
        return self.session.scalars(
            select(RetroactiveChange).order_by(RetroactiveChange.id.desc()).limit(1)
        ).one_or_none()

    def touched(self) -> list[TouchedCase]:
        """The touched cases as stored."""
        self.session.rollback()
        self.session.expire_all()
        return list(self.session.scalars(select(TouchedCase).order_by(TouchedCase.id)))

    def draw(self, month: date, now: datetime) -> Roll:
        """The month's roll, drawn."""
        return self.world.draw(month=month, now=now)

    def pay(self, month: date, now: datetime) -> list[Payment]:
        """The month's roll, drawn, sent and paid."""
        roll = self.draw(month, now)
        self.send(roll, now)
        return self.answered(roll, now)

    def send(self, roll: Roll, now: datetime) -> None:
        """A drawn roll goes to the bank."""
        self.world.send(roll, now=now)

    def answered(self, roll: Roll, now: datetime) -> list[Payment]:
        """The bank pays what it was sent."""
        sent = [one for one in self.world.payments(roll) if one.state.value == "sent"]
        self.world.take(roll, answers(sent), now=now)
        return [one for one in self.world.payments(roll) if one.state.value == "paid"]

    def prepare(self, case_id: str, now: datetime) -> None:
        """The officer proposes to correct."""
        self.district.do(
            case_id, "Task_PrepareCorrection", "officer", now,
            proposal="correct", proposal_reason="核对无误",
        )  # fmt: skip

    def decide(self, case_id: str, now: datetime, **answers: Any) -> None:
        """The confirmer decides."""
        given = {"decision": "correct", **answers}
        self.district.do(case_id, "Task_DecideCorrection", "confirmer", now, **given)

    def correct(self, touched: TouchedCase, now: datetime, **answers: Any) -> None:
        """Prepared by one, decided by another."""
        case_id = touched.correction_case_id
        assert case_id is not None
        self.prepare(case_id, now)
        self.decide(case_id, now, **answers)

    def monthly(self, grant: Grant) -> Decimal:
        """The amount of a grant as stored."""
        self.session.rollback()
        found = self.session.scalar(select(Grant.monthly).where(Grant.id == grant.id))
        assert found is not None
        return found

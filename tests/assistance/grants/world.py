"""A family with a monthly benefit, decided on in the middle of months, paid by rolls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.assistance import AmountKind, Grant
from models.cases import Case
from models.money import Payment, PaymentState
from models.releases import Release
from tests.assistance.money.world import DIBAO, World, answers, refused
from tests.runtime.district import at
from workflows.assistance.context import OperationContext
from workflows.assistance.grants import (
    MonthLine,
    change_amount,
    end_grant,
    month_lines,
    order_arrears,
    resume_grant,
)
from workflows.assistance.money.failures import repeat_payment
from workflows.definitions.release import policy_of
from workflows.errors import Conflict
from workflows.transaction import transaction


@dataclass
class Benefit:
    """One grant of a district; months are given as 2021-09."""

    world: World
    grant: Grant

    @classmethod
    def begun(cls, session: Session, monthly: str = "500.00") -> Benefit:
        """A family paid 500 yuan a month from September 2021 on, and a budget."""
        world = World.founded(session)
        world.appropriate("1000000.00", DIBAO)
        household = world.family(2)
        return cls(world, world.monthly(household, monthly, "0.00", month("2021-09")))

    @property
    def session(self) -> Session:
        return self.world.session

    def context(self, day: str) -> OperationContext:
        """An act of the confirmer on that day, in the case that made the grant."""
        case = self.session.get_one(Case, self.grant.case_id)
        release = self.session.scalars(select(Release.id)).first()
        assert release is not None
        law = policy_of(self.session, release)
        actor = self.world.actor("confirmer")
        return OperationContext(
            self.session, case, actor, at(day), law, self.world.district.keys, {}
        )

    def change(
        self,
        day: str,
        since: str,
        amount: str,
        kind: AmountKind = AmountKind.REGULAR,
        until: str | None = None,
    ) -> None:
        """Another amount from a month on."""
        with transaction(self.session):
            change_amount(
                self.context(day), self.grant, from_month=month(since), monthly=Decimal(amount),
                base=Decimal(amount), topup=Decimal(0), kind=kind, reason="核查",
                until_month=None if until is None else month(until),
            )  # fmt: skip

    def end(self, day: str, since: str) -> None:
        """Stopped from a month on."""
        with transaction(self.session):
            end_grant(self.context(day), self.grant, from_month=month(since), reason="核查")

    def resume(self, day: str) -> None:
        """The stop taken back."""
        with transaction(self.session):
            resume_grant(self.context(day), self.grant, reason="停发有误")

    def order(self, day: str) -> Decimal | None:
        """Arrears ordered; their sum."""
        with transaction(self.session):
            payment = order_arrears(self.context(day), self.grant)
            return None if payment is None else payment.amount

    def roll(
        self, of: str, *, pays: bool = True, on: str | None = None
    ) -> list[tuple[str, Decimal]]:
        """The month's roll through all hands, on the 10th of that month unless told otherwise.

        What each payment of it is for, and its amount.
        """
        now = at(on or f"{of}-10")
        try:
            roll = self.world.draw(month=month(of), now=now)
        except Conflict:
            return []
        try:
            self.world.send(roll, now)
        except Conflict:
            self.world.cancel(roll, now)
            return []
        sent = [one for one in self.world.payments(roll) if one.state is PaymentState.SENT]
        reasons: Mapping[str, str] = {}
        if not pays:
            reasons = {key: why for one in sent for key, why in refused(one).items()}
        self.world.take(roll, answers(sent, **reasons), now=now)
        return sorted((one.key.partition("/")[0], one.amount) for one in sent)

    def repeat(self, day: str) -> int:
        """Every payment that failed is ordered again; how many."""
        failed = self.session.scalars(
            select(Payment.id).where(Payment.state == PaymentState.FAILED)
        ).all()
        for payment_id in failed:
            with transaction(self.session):
                repeat_payment(
                    self.session, payment_id, district_id=self.world.district_id,
                    actor=self.world.actor("finance"), now=at(day),
                )  # fmt: skip
        return len(failed)

    def lines(self, until: str) -> list[MonthLine]:
        """Month by month."""
        self.session.rollback()
        self.session.refresh(self.grant)
        return month_lines(self.session, self.grant, month(until))


def month(text: str) -> date:
    """The first day of a month given as 2021-09."""
    return date.fromisoformat(f"{text}-01")

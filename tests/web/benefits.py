"""Families with a monthly benefit behind pages: paid months, a gradual exit, money asked back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from sqlalchemy import select

from models.assistance import AmountKind, Grant
from models.cases import Case
from models.households import Area, HouseholdMember
from models.recoveries import Recovery, RecoveryOutcome, RecoveryState
from models.releases import Release
from models.types import new_id
from tests.runtime.district import at, member
from tests.web.desk import Desk
from web.database import db_session
from workflows.assistance.context import OperationContext
from workflows.assistance.grants import change_amount
from workflows.assistance.households import HouseholdData, IncomeData, register_household
from workflows.calendar import months_later
from workflows.definitions.release import policy_of
from workflows.errors import SYSTEM
from workflows.scenarios.corrections import decide_now, pay_month
from workflows.transaction import transaction


@dataclass
class Family:
    """A household of two that is paid since the month before last."""

    desk: Desk
    household_id: str
    grant_id: str

    @classmethod
    def paid(cls, desk: Desk, order: int = 301, name: str = "陈德明") -> Family:
        """Decided three months ago; two months are paid."""
        now = datetime.now(UTC)
        present = now.date().replace(day=1)
        began = at(f"{months_later(present, -3):%Y-%m}-10")
        data = HouseholdData(
            desk.tree.village,
            Area.RURAL,
            [
                member(name, "1975-03-02", order=order, employed=True),
                member("李素芳", "1977-06-11", "spouse", order, able_bodied=True),
            ],
            [IncomeData(0, "wage", "documented", Decimal(400))],
        )
        with desk.app.app_context():
            with transaction(db_session()) as session:
                keys = desk.config.keys.ring
                household = register_household(
                    session, data, keys, actor=desk.actor("jingban"), now=began
                )
                case = decide_now(session, household, keys, actor=SYSTEM, now=began)
                session.flush()
                grant = session.scalars(select(Grant).where(Grant.case_id == case.id)).one()
                found = cls(desk, household.id, grant.id)
            for back in (-2, -1):
                with transaction(db_session()) as session:
                    pay_month(session, found.household_id, "paid", months_later(present, back), now)
        return found

    @property
    def path(self) -> str:
        return f"/households/{self.household_id}/months"

    @property
    def person(self) -> str:
        """The spouse."""
        with self.desk.app.app_context():
            return (
                db_session()
                .scalars(
                    select(HouseholdMember.person_id).where(
                        HouseholdMember.household_id == self.household_id,
                        HouseholdMember.relation == "spouse",
                        HouseholdMember.superseded_at.is_(None),
                    )
                )
                .one()
            )

    def exits(self) -> None:
        """A gradual exit of six months, from the present month on."""
        now = datetime.now(UTC)
        first = now.date().replace(day=1)
        with self.desk.app.app_context(), transaction(db_session()) as session:
            grant = session.get_one(Grant, self.grant_id)
            release = session.scalars(select(Release.id)).first()
            assert release is not None
            context = OperationContext(
                session, session.get_one(Case, grant.case_id), self.desk.actor("queren"), now,
                policy_of(session, release), self.desk.config.keys.ring, {},
            )  # fmt: skip
            change_amount(
                context, grant, from_month=first, until_month=months_later(first, 6),
                monthly=grant.monthly, base=grant.base, topup=grant.topup,
                kind=AmountKind.GRADUAL_EXIT, reason="核查",
            )  # fmt: skip

    def owes(self, amount: str = "90.00", due_on: date | None = None) -> str:
        """A recovery that was decided; its id."""
        now = datetime.now(UTC)
        month = months_later(now.date().replace(day=1), -1)
        with self.desk.app.app_context(), transaction(db_session()) as session:
            grant = session.get_one(Grant, self.grant_id)
            recovery = Recovery(
                id=new_id(), district_id=grant.district_id,
                township_id=session.get_one(Case, grant.case_id).township_id,
                case_id=grant.case_id, household_id=grant.household_id, grant_id=grant.id,
                cause="review", proposed=Decimal(amount), amount=Decimal(amount),
                received=Decimal(0), first_month=month, last_month=month, months=1,
                detail=[{"month": month.isoformat(), "received": "100.00", "due": "10.00",
                         "difference": f"-{amount}"}],
                state=RecoveryState.OPEN, outcome=RecoveryOutcome.ALL, reason="核查",
                decided_on=now.date(), next_due_on=due_on,
            )  # fmt: skip
            session.add(recovery)
            return recovery.id

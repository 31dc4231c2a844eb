"""A district under the shipped policy with money for relief, and cases of relief at any step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.cases import Case
from models.households import Area, Household, Person
from models.money import LedgerAccount, LedgerKind, LedgerTransfer, Payment, Roll
from models.offices import Office, OfficeLevel
from models.relief import ReliefGrant, ReliefStage
from models.types import new_id
from tests.assistance.money.world import answers
from tests.runtime.district import District, at, member
from workflows.assistance.attachments import add_attachment
from workflows.assistance.context import OperationContext
from workflows.assistance.households import HouseholdData, MemberData, register_household
from workflows.assistance.money.bank_accounts import (
    close_bank_account,
    record_bank_account,
    usable_account,
)
from workflows.assistance.money.bank_results import take_bank_results
from workflows.assistance.money.drawing import draw_roll
from workflows.assistance.money.ledger import Reason, ledger_account, move_money
from workflows.assistance.money.petty_fund import fund_state
from workflows.assistance.money.rolls import authorise_roll, release_roll, review_roll
from workflows.assistance.relief.events import open_event
from workflows.assistance.relief.granting import grant_relief
from workflows.calendar import local_day
from workflows.definitions.release import current_policy
from workflows.runtime.starting import start_case
from workflows.transaction import transaction

NOW = at("2021-11-24", "09:00")
TODAY = date(2021, 11, 24)
#: 636 yuan a month is the urban standard of these days: the first aid of one person, half of
#: what a township approves for an event, a twelfth of what a person gets without a conference.
STANDARD = Decimal(636)

Operation = Callable[..., Any]


@dataclass
class Relief:
    """The district and its relief; amounts are yuan as text."""

    district: District
    people: int = 0

    @classmethod
    def founded(cls, session: Session, budget: str = "50000.00", fund: str = "20000.00") -> Relief:
        """A district with its staff, the shipped policy, a budget and a petty fund."""
        made = cls(District.founded(session))
        made.appropriate(budget)
        if Decimal(fund):
            made.appropriate(fund)
            made.fill(fund)
        return made

    @property
    def session(self) -> Session:
        return self.district.session

    @property
    def district_id(self) -> str:
        return self.district.offices["district"].id

    def account(self, kind: LedgerKind, office: str = "district") -> LedgerAccount:
        """An account of the ledger, in an open transaction."""
        office_id = self.district.offices[office].id
        return ledger_account(self.session, self.district_id, kind, office_id)

    def appropriate(self, amount: str) -> None:
        """Money from the treasury."""
        self._move(LedgerKind.APPROPRIATION, LedgerKind.BUDGET, "district", amount)

    def fill(self, amount: str, township: str = "township") -> None:
        """Cash for a township."""
        self._move(LedgerKind.BUDGET, LedgerKind.PETTY_FUND, township, amount)

    def _move(self, source: LedgerKind, target: LedgerKind, office: str, amount: str) -> None:
        with transaction(self.session):
            move_money(
                self.session, self.account(source), self.account(target, office), Decimal(amount),
                Reason("appropriate", f"given/{new_id()}"),
                actor=self.district.actor("finance"), now=NOW,
            )  # fmt: skip

    def member(self, relation: str = "self") -> MemberData:
        """Somebody whom nobody else is."""
        self.people += 1
        birth = f"19{50 + self.people // 800}-03-{1 + self.people % 28:02d}"
        return member(f"某{self.people}", birth, relation, 100 + self.people % 800)

    def family(self, *others: MemberData, bank: bool = True, village: str = "village") -> Household:
        """A registered family: somebody new with these others; the head has a bank account."""
        return self.household([self.member(), *others], bank=bank, village=village)

    def household(
        self, members: Sequence[MemberData], *, bank: bool = True, village: str = "village"
    ) -> Household:
        """A registered family of these people."""
        with transaction(self.session):
            found = register_household(
                self.session, HouseholdData(self.district.offices[village].id, Area.URBAN, members),
                self.district.keys, actor=self.district.actor("officer"), now=NOW,
            )  # fmt: skip
        if bank:
            self.bank(found)
        return found

    def second_township(self) -> None:
        """Another township with a village."""
        parent = self.district_id
        with transaction(self.session):
            for key, level, name in (
                ("township2", OfficeLevel.TOWNSHIP, "汉丰街道"),
                ("village2", OfficeLevel.VILLAGE, "滨江社区"),
            ):
                office = Office(
                    id=new_id(), district_id=self.district_id, parent_id=parent, level=level,
                    code=f"500154{len(self.district.offices):06d}", name=name,
                )  # fmt: skip
                self.session.add(office)
                self.session.flush()  # the village names its township
                self.district.offices[key], parent = office, office.id

    def bank(self, household: Household) -> None:
        """A bank account for the head of a family."""
        with transaction(self.session):
            head = self.session.get_one(Person, household.head_person_id)
            record_bank_account(
                self.session, head, f"62170038{int(household.id[-8:], 16):011d}", "农商银行",
                "户主", self.district.keys, other_holder="由户主代收",
                actor=self.district.actor("officer"), now=NOW,
            )  # fmt: skip

    def close_bank(self, household: Household) -> None:
        """The bank has reported the head's account closed."""
        with transaction(self.session):
            account = usable_account(self.session, household.head_person_id)
            close_bank_account(
                self.session, account, closed_on=TODAY, actor=self.district.actor("officer"),
                now=NOW,
            )  # fmt: skip

    def bury(self, person_id: str) -> None:
        """Somebody has died."""
        with transaction(self.session):
            self.session.get_one(Person, person_id).died_on = TODAY

    # -- cases

    def start(self, household: Household, process: str, now: datetime = NOW, **answers: Any) -> str:
        """A case opened with answers to the process's start form."""
        with transaction(self.session):
            return start_case(
                self.session, process, self.district.keys,
                township_id=household.township_id, village_id=household.village_id,
                household_id=household.id,
                variables={"household_id": household.id, "channel": "window"},
                answers=answers, actor=self.district.actor("officer"), now=now,
            ).id  # fmt: skip

    def urgent(self, household: Household, now: datetime = NOW, **changes: Any) -> str:
        """A case of 急难型: a fire yesterday, one person, 600 yuan at once."""
        answers = {
            "cause": "fire", "occurred_on": "2021-11-23", "place": "滨江社区", "persons": 1,
            "urgent_answer": "yes", "requested": "600.00", "need": "没有住处", **changes,
        }  # fmt: skip
        return self.start(household, "relief_urgent", now, **answers)

    def expense(self, household: Household, now: datetime = NOW, **changes: Any) -> str:
        """A case of 支出型: hospital bills of September."""
        answers = {
            "cause": "illness", "occurred_on": "2021-09-01", "persons": 4,
            "requested": "45000.00", "need": "医疗费用", **changes,
        }  # fmt: skip
        return self.start(household, "relief_expense", now, **answers)

    def case(self, household: Household) -> str:
        """A case that grants nothing by itself: of another need, years ago."""
        return self.urgent(
            household, urgent_answer="no", cause="stranded", occurred_on="2018-01-01"
        )

    def paid_out(
        self, case_id: str, now: datetime = NOW, method: str = "cash", **changes: Any
    ) -> dict[str, Any]:
        """Answers to the form of handing over."""
        answers = {
            "handlers": self.district.staff_ids("officer", "second_officer"),
            "paid_on": "2021-11-24", "receipt": self.district.attachment("officer", now),
            **changes,
        }  # fmt: skip
        return answers | ({"goods": "大米"} if method == "goods" else {})

    def aided(self, household: Household, amount: str = "600.00", **changes: Any) -> str:
        """An urgent case whose first aid is paid; papers and a visit are to follow."""
        case_id = self.urgent(household, requested=amount, **changes)
        self.district.do(
            case_id, "Task_DutyDecision", "leader", NOW, duty_decision="approve", aid_amount=amount
        )
        answers = self.paid_out(case_id)
        self.district.do(
            case_id, "Task_PayAid", "officer", NOW, aid_method="cash",
            missing_papers=["救助申请书"], **answers,
        )  # fmt: skip
        return case_id

    def approval(self, amount: str, *stages: tuple[str, str], **changes: Any) -> dict[str, Any]:
        """Answers of an approval, with stages as (amount, day)."""
        answers: dict[str, Any] = {
            "approval_decision": "approve", "approved_amount": amount, "approval_method": "bank",
            "approval_reason": "同意",
        }  # fmt: skip
        for number, (part, due_on) in enumerate(stages, 1):
            answers |= {"staged": True, f"stage{number}_amount": part, f"stage{number}_on": due_on}
        return answers | changes

    def received(self, household: Household, amount: str, **changes: Any) -> str:
        """An urgent case that the district decides on next."""
        case_id = self.urgent(household, urgent_answer="no", requested=amount, **changes)
        self.district.do(case_id, "Task_ReceiveRelief", "reviewer", NOW, received_on="2021-11-24")
        return case_id

    def approved(
        self, household: Household, amount: str, *stages: tuple[str, str], **changes: Any
    ) -> str:
        """An urgent case that the district has approved."""
        case_id = self.received(household, amount)
        answers = self.approval(amount, *stages, **changes)
        self.district.do(case_id, "Task_DistrictApprove", "confirmer", NOW, **answers)
        return case_id

    # -- operations called directly

    def act(
        self,
        case_id: str,
        operation: Operation,
        login: str = "confirmer",
        now: datetime = NOW,
        **inputs: Any,
    ) -> Any:
        """An operation in a case, as its diagram would call it."""
        with transaction(self.session):
            return operation(self.context(case_id, login, now), **inputs)

    def context(self, case_id: str, login: str = "confirmer", now: datetime = NOW) -> Any:
        """What an operation of a case works with, in an open transaction."""
        case = self.session.get_one(Case, case_id, populate_existing=True)
        law = current_policy(self.session, case.district_id)
        actor = self.district.actor(login)
        return OperationContext(self.session, case, actor, now, law, self.district.keys, {})

    def event(
        self,
        case_id: str,
        cause: str = "fire",
        occurred_on: date = TODAY,
        persons: int = 1,
        now: datetime = NOW,
    ) -> dict[str, Any]:
        """What `relief.open_event` answers."""
        found: dict[str, Any] = self.act(
            case_id, open_event, now=now, kind="urgent", cause=cause, occurred_on=occurred_on,
            persons=Decimal(persons),
        )  # fmt: skip
        return found

    def grant(
        self,
        case_id: str,
        event_id: str,
        amount: str = "600.00",
        *,
        kind: str = "ordinary",
        level: str = "district",
        source: str = "budget",
        now: datetime = NOW,
        **inputs: Any,
    ) -> ReliefGrant:
        """A grant approved for an event."""
        answer = self.act(
            case_id, grant_relief, now=now, event_id=event_id, kind=kind, level=level,
            amount=Decimal(amount), source=source, **inputs,
        )  # fmt: skip
        self.session.rollback()
        return self.session.get_one(ReliefGrant, answer["grant_id"])

    def granted(self, household: Household, amount: str = "600.00", **inputs: Any) -> ReliefGrant:
        """A grant for a fire of today, in a case of its own."""
        case_id = self.case(household)
        return self.grant(case_id, self.event(case_id)["event_id"], amount, **inputs)

    def stages(self, grant: ReliefGrant) -> list[ReliefStage]:
        """The stages of a grant as stored, in their order."""
        self.session.rollback()
        found = (
            select(ReliefStage)
            .where(ReliefStage.grant_id == grant.id)
            .order_by(ReliefStage.number)
            .execution_options(populate_existing=True)
        )
        return list(self.session.scalars(found))

    def photo(self, case_id: str) -> list[str]:
        """A file that a form has taken into a case."""
        with transaction(self.session):
            return [
                add_attachment(
                    self.session, district_id=self.district_id, sha256="0" * 64, size=10,
                    media_type="image/jpeg", name="收据.jpg", case_id=case_id,
                    actor=self.district.actor("officer"), now=NOW,
                ).id
            ]  # fmt: skip

    # -- money

    def balances(self) -> dict[str, Decimal]:
        """Present balances by kind, without those of nothing."""
        self.session.rollback()
        rows = self.session.execute(
            select(LedgerAccount.kind, LedgerAccount.balance).where(
                LedgerAccount.balance != Decimal(0)
            )
        )
        found: dict[str, Decimal] = {}
        for kind, balance in rows:
            found[kind.value] = found.get(kind.value, Decimal(0)) + balance
        return found

    def sent(self, now: datetime = NOW) -> Roll:
        """Everything that was ordered, on a roll that four people have sent to the bank."""
        actor = self.district.actor
        with transaction(self.session):
            month = local_day(now).replace(day=1)
            roll = draw_roll(
                self.session, self.district_id, "relief", month, actor=actor("reviewer"), now=now
            )
        for step, login in ((review_roll, "second_reviewer"), (authorise_roll, "confirmer")):
            with transaction(self.session):
                step(
                    self.session, roll.id, district_id=self.district_id, actor=actor(login), now=now
                )
        with transaction(self.session):
            release_roll(
                self.session, roll.id, self.district.keys, district_id=self.district_id,
                actor=actor("finance"), now=now,
            )  # fmt: skip
        return roll

    def failed(self, roll: Roll, reason: str = "account_closed", now: datetime = NOW) -> list[str]:
        """The bank pays nothing on a roll; the ids of the payments."""
        payments = list(self.session.scalars(select(Payment).where(Payment.roll_id == roll.id)))
        reasons = {payment.id.replace("-", "_"): reason for payment in payments}
        content, ids = answers(payments, **reasons), [payment.id for payment in payments]
        self.session.rollback()
        with transaction(self.session):
            take_bank_results(
                self.session, roll.id, content, district_id=self.district_id,
                actor=self.district.actor("finance"), now=now,
            )  # fmt: skip
        return ids

    def drawer(self, township: str) -> tuple[Decimal, Decimal, Decimal]:
        """A township's cash, what is promised of it, and what of that waits for its day."""
        self.session.rollback()
        office = self.district.offices[township]
        law = current_policy(self.session, self.district_id)
        state = fund_state(self.session, office, law.parameters, TODAY)
        self.session.rollback()
        return state.balance, state.promised, state.undrawn

    def picture(self) -> tuple[Any, ...]:
        """Everything about money: a refused act leaves it as it was."""
        self.session.rollback()
        rows = self.session.execute
        found = (
            sorted(self.balances().items()),
            self.session.scalar(select(func.count()).select_from(LedgerTransfer)),
            rows(select(ReliefGrant.id, ReliefGrant.total).order_by(ReliefGrant.id)).all(),
            rows(
                select(ReliefStage.id, ReliefStage.state, ReliefStage.due_on).order_by(
                    ReliefStage.id
                )
            ).all(),
            rows(select(Payment.id, Payment.state).order_by(Payment.id)).all(),
            rows(select(Case.id, Case.version).order_by(Case.id)).all(),
        )
        self.session.rollback()
        return found

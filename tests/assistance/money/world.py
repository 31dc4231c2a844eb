"""A district with money: a budget, families with bank accounts, relief, monthly grants."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.assistance import Assessment, Attachment, Grant, GrantState
from models.cases import Case
from models.households import Household, Person
from models.money import (
    BankFile,
    HeldPayment,
    LedgerAccount,
    LedgerKind,
    LedgerTransfer,
    Payment,
    PaymentMethod,
    Roll,
)
from models.relief import ReliefEvent, ReliefGrant, ReliefSource, ReliefStage
from models.types import new_id
from tests.runtime.diagrams import flow, node, process, user_task
from tests.runtime.district import District, at, member
from tests.runtime.published import NOTE, small_policy
from workflows.assistance.grants import first_amount
from workflows.assistance.money.bank_accounts import (
    RecordedAccount,
    close_bank_account,
    record_bank_account,
    usable_account,
)
from workflows.assistance.money.bank_results import ResultsTaken, take_bank_results
from workflows.assistance.money.drawing import draw_roll
from workflows.assistance.money.ledger import DIBAO, RELIEF, Reason, ledger_account, move_money
from workflows.assistance.money.payments import order_by_bank, pay_by_hand
from workflows.assistance.money.rolls import authorise_roll, cancel_roll, release_roll, review_roll
from workflows.errors import Actor
from workflows.transaction import transaction

FOUNDED = at("2021-09-08", "09:00")
TODAY = date(2021, 9, 8)
MONTH = date(2021, 9, 1)
#: A process that ends with one task.
PLAIN = process(
    "plain",
    node("startEvent", "S"), user_task("A"),
    node("endEvent", "E", '<doudi:end outcome="completed"/>'),
    flow("S", "A"), flow("A", "E"), variables=NOTE,
)  # fmt: skip


@dataclass
class World:
    """The district and its ledger, with rows made directly where no command exists."""

    district: District
    persons: int = 0

    @classmethod
    def founded(cls, session: Session) -> World:
        """A district with its staff and a small process."""
        return cls(District.founded(session, small_policy(PLAIN)))

    @property
    def session(self) -> Session:
        return self.district.session

    @property
    def district_id(self) -> str:
        return self.district.offices["district"].id

    @property
    def township_id(self) -> str:
        return self.district.offices["township"].id

    def actor(self, login: str) -> Actor:
        """Somebody of the staff."""
        return self.district.actor(login)

    def account(
        self, kind: LedgerKind, programme: str = RELIEF, office_id: str | None = None
    ) -> LedgerAccount:
        """An account of the ledger, in an open transaction."""
        own = office_id or self.district_id
        return ledger_account(self.session, self.district_id, kind, own, programme)

    def appropriate(self, amount: str, programme: str = RELIEF) -> None:
        """Money from the treasury."""
        with transaction(self.session):
            move_money(
                self.session, self.account(LedgerKind.APPROPRIATION, programme),
                self.account(LedgerKind.BUDGET, programme), Decimal(amount),
                Reason("appropriate", f"appropriate/{new_id()}"),
                actor=self.actor("finance"), now=FOUNDED,
            )  # fmt: skip

    def fill_petty_fund(self, amount: str) -> None:
        """Cash for the township."""
        with transaction(self.session):
            move_money(
                self.session, self.account(LedgerKind.BUDGET),
                self.account(LedgerKind.PETTY_FUND, office_id=self.township_id), Decimal(amount),
                Reason("advance", f"advance/{new_id()}"), actor=self.actor("finance"), now=FOUNDED,
            )  # fmt: skip

    def family(self, members: int = 1, *, bank: bool = True) -> Household:
        """A registered family; its head has a bank account unless told otherwise."""
        people = []
        for number in range(members):
            self.persons += 1
            relation = "self" if number == 0 else "child"
            birth = f"19{60 + self.persons // 800}-03-{1 + self.persons % 28:02d}"
            people.append(member(f"某{self.persons}", birth, relation, 100 + self.persons % 800))
        household = self.district.household(people, now=FOUNDED)
        if bank:
            self.bank(household)
        return household

    def bank(self, household: Household, number: str | None = None) -> RecordedAccount:
        """A bank account for the head of a household."""
        digits = number or f"62170038{int(household.id[-8:], 16):011d}"
        with transaction(self.session):
            person = self.session.get_one(Person, household.head_person_id)
            return record_bank_account(
                self.session, person, digits, "农商银行", "户主", self.district.keys,
                other_holder="由户主代收", actor=self.actor("officer"), now=FOUNDED,
            )  # fmt: skip

    def relief(
        self,
        household: Household,
        amounts: Sequence[str],
        source: ReliefSource = ReliefSource.BUDGET,
    ) -> tuple[ReliefGrant, list[ReliefStage]]:
        """An approved grant in stages; its money is committed."""
        total = sum(map(Decimal, amounts), Decimal(0))
        with transaction(self.session):
            case_id = self.district.start_bare(household, FOUNDED, "plain")
            event = ReliefEvent(
                id=new_id(), district_id=self.district_id, township_id=self.township_id,
                case_id=case_id, household_id=household.id, kind="urgent", cause="fire",
                occurred_on=TODAY, persons=1, opened_at=FOUNDED,
            )  # fmt: skip
            self.session.add(event)
            self.session.flush()
            grant = ReliefGrant(
                id=new_id(), district_id=self.district_id, event_id=event.id, case_id=case_id,
                kind="ordinary", level="district", source=source, total=total, decided_on=TODAY,
            )  # fmt: skip
            self.session.add(grant)
            self.session.flush()
            stages = [
                ReliefStage(
                    id=new_id(), district_id=self.district_id, grant_id=grant.id, number=number,
                    amount=Decimal(amount), due_on=TODAY,
                )
                for number, amount in enumerate(amounts, 1)
            ]  # fmt: skip
            self.session.add_all(stages)
            self.session.flush()
            self._commit_money(grant, total)
        return grant, stages

    def _commit_money(self, grant: ReliefGrant, total: Decimal) -> None:
        if grant.source is ReliefSource.PETTY_FUND:
            before = self.account(LedgerKind.PETTY_FUND, office_id=self.township_id)
            after = self.account(LedgerKind.PETTY_COMMITTED, office_id=self.township_id)
        else:
            before = self.account(LedgerKind.BUDGET)
            after = self.account(LedgerKind.COMMITTED)
        move_money(
            self.session, before, after, total,
            Reason("commit", f"commit/{grant.id}", case_id=grant.case_id, grant_id=grant.id),
            actor=self.actor("confirmer"), now=FOUNDED,
        )  # fmt: skip

    def monthly(
        self,
        household: Household,
        base: str = "500.00",
        topup: str = "15.50",
        start: date = date(2021, 9, 1),
    ) -> Grant:
        """A confirmed monthly benefit."""
        with transaction(self.session):
            case_id = self.district.start_bare(household, FOUNDED, "plain")
            assessment = Assessment(
                id=new_id(), district_id=self.district_id, case_id=case_id,
                household_id=household.id, on=TODAY, made_at=FOUNDED, result={}, explanation={},
            )  # fmt: skip
            self.session.add(assessment)
            self.session.flush()
            grant = Grant(
                id=new_id(), district_id=self.district_id, case_id=case_id,
                household_id=household.id, assessment_id=assessment.id,
                monthly=Decimal(base) + Decimal(topup), base=Decimal(base), topup=Decimal(topup),
                decided_on=TODAY, start_month=start, next_review_on=date(2022, 9, 8),
                state=GrantState.ACTIVE,
            )  # fmt: skip
            self.session.add(grant)
            self.session.flush()
            self.session.add(first_amount(grant, FOUNDED))
        return grant

    def receipt(self, case_id: str, **changes: Any) -> dict[str, Any]:
        """Two handlers and a photo of the case, in an open transaction."""
        photo = Attachment(
            id=new_id(), district_id=self.district_id, case_id=case_id, sha256="0" * 64, size=10,
            media_type="image/jpeg", name="收据.jpg", uploaded_at=FOUNDED,
            uploaded_by_id=self.district.accounts["officer"].id,
        )  # fmt: skip
        self.session.add(photo)
        self.session.flush()
        handlers = self.district.staff_ids("officer", "second_officer")
        return {"handlers": handlers, "files": [photo.id], "goods": "", **changes}

    def order(self, grant: ReliefGrant, stage: ReliefStage, now: datetime = FOUNDED) -> Payment:
        """A stage ordered from the bank."""
        with transaction(self.session):
            case, household = self._of(grant)
            return order_by_bank(
                self.session, stage=stage, grant=grant, case=case, household_id=household.id,
                person_id=household.head_person_id, frozen={"members": 1},
                actor=self.actor("confirmer"), now=now,
            )  # fmt: skip

    def hand_over(
        self,
        grant: ReliefGrant,
        stage: ReliefStage,
        method: PaymentMethod = PaymentMethod.CASH,
        now: datetime = FOUNDED,
        **changes: Any,
    ) -> Payment:
        """A stage paid by hand."""
        with transaction(self.session):
            case, household = self._of(grant)
            return pay_by_hand(
                self.session, stage=stage, grant=grant, case=case, household_id=household.id,
                person_id=household.head_person_id, method=method,
                receipt=self.receipt(case.id, **changes), paid_on=TODAY, frozen={"members": 1},
                handlers_needed=2, actor=self.actor("officer"), now=now,
            )  # fmt: skip

    def draw(self, programme: str = DIBAO, month: date = MONTH, now: datetime = FOUNDED) -> Roll:
        """A roll that the reviewer draws."""
        with transaction(self.session):
            return draw_roll(
                self.session, self.district_id, programme, month,
                actor=self.actor("reviewer"), now=now,
            )  # fmt: skip

    def send(self, roll: Roll, now: datetime = FOUNDED) -> BankFile:
        """A drawn roll through the other three hands."""
        for step, login in ((review_roll, "second_reviewer"), (authorise_roll, "confirmer")):
            with transaction(self.session):
                step(
                    self.session, roll.id, district_id=self.district_id,
                    actor=self.actor(login), now=now,
                )  # fmt: skip
        with transaction(self.session):
            return release_roll(
                self.session, roll.id, self.district.keys, district_id=self.district_id,
                actor=self.actor("finance"), now=now,
            )  # fmt: skip

    def cancel(self, roll: Roll, now: datetime = FOUNDED) -> None:
        """A roll that isn't to go out."""
        with transaction(self.session):
            cancel_roll(
                self.session, roll.id, "重新编制", district_id=self.district_id,
                actor=self.actor("reviewer"), now=now,
            )  # fmt: skip

    def payments(self, roll: Roll) -> list[Payment]:
        """The payments of a roll as stored."""
        self.session.rollback()
        found = (
            select(Payment)
            .where(Payment.roll_id == roll.id)
            .order_by(Payment.id)
            .execution_options(populate_existing=True)
        )
        return list(self.session.scalars(found))

    def take(
        self, roll: Roll, content: bytes, now: datetime = FOUNDED, login: str = "finance"
    ) -> ResultsTaken:
        """The bank's file."""
        with transaction(self.session):
            return take_bank_results(
                self.session, roll.id, content, district_id=self.district_id,
                actor=self.actor(login), now=now,
            )  # fmt: skip

    def held(self, roll: Roll) -> list[HeldPayment]:
        """Who was held of a roll."""
        self.session.rollback()
        return list(self.session.scalars(select(HeldPayment).where(HeldPayment.roll_id == roll.id)))

    def close_account(self, household: Household) -> None:
        """The head's account is closed."""
        with transaction(self.session):
            account = usable_account(self.session, household.head_person_id)
            close_bank_account(
                self.session, account, closed_on=TODAY, actor=self.actor("officer"), now=FOUNDED
            )

    def bury(self, household: Household) -> None:
        """The head of the household has died."""
        with transaction(self.session):
            self.session.get_one(Person, household.head_person_id).died_on = TODAY

    def _of(self, grant: ReliefGrant) -> tuple[Case, Household]:
        case = self.session.get_one(Case, grant.case_id)
        return case, self.session.get_one(Household, case.household_id)

    def balances(self) -> dict[str, Decimal]:
        """Present balances by programme/kind, without those of nothing."""
        self.session.rollback()
        rows = self.session.execute(
            select(LedgerAccount.programme, LedgerAccount.kind, func.sum(LedgerAccount.balance))
            .group_by(LedgerAccount.programme, LedgerAccount.kind)
            .execution_options(populate_existing=True)
        )
        return {f"{programme}/{kind.value}": fen(total) for programme, kind, total in rows if total}

    def check_the_books(self) -> None:
        """No fen is lost: balances are what the transfers say, and their sum is nothing."""
        self.session.rollback()
        accounts = self.session.execute(select(LedgerAccount.id, LedgerAccount.balance)).all()
        moved: dict[str, Decimal] = {}
        for source, target, amount in self.session.execute(
            select(LedgerTransfer.from_id, LedgerTransfer.to_id, LedgerTransfer.amount)
        ):
            moved[source] = moved.get(source, Decimal(0)) - amount
            moved[target] = moved.get(target, Decimal(0)) + amount
        assert {id: balance for id, balance in accounts if balance} == {
            id: balance for id, balance in moved.items() if balance
        }
        assert sum((balance for _, balance in accounts), Decimal(0)) == 0


def answers(payments: Sequence[Payment], **failed: str) -> bytes:
    """A file of the bank that pays everything but what is named: payment id → reason."""
    lines = ["payment_key,amount,result,reason,paid_on"]
    for payment in payments:
        reason = failed.get(payment.id.replace("-", "_"))
        ending = f"failed,{reason}," if reason else "paid,,2021-09-08"
        lines.append(f"{payment.key},{payment.amount:.2f},{ending}")
    return "\n".join(lines).encode()


def refused(payment: Payment, reason: str = "account_wrong") -> dict[str, str]:
    """An answer of the bank for `answers`."""
    return {payment.id.replace("-", "_"): reason}


def fen(value: Any) -> Decimal:
    """A sum as the database gives it, in yuan."""
    return value if isinstance(value, Decimal) else Decimal(int(value)).scaleb(-2)


__all__ = ["DIBAO", "FOUNDED", "MONTH", "RELIEF", "TODAY", "World", "answers", "fen", "refused"]

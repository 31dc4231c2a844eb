"""No order of acts overdraws an account, pays twice, or loses a fen."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import func, select

from models.assistance import Grant
from models.households import Household
from models.money import LedgerAccount, LedgerKind, Payment, PaymentState, Roll, RollState
from models.relief import ReliefGrant, ReliefSource, ReliefStage
from tests.assistance.money.founding import founded
from tests.assistance.money.world import DIBAO, FOUNDED, RELIEF, World, answers, fen, refused
from workflows.assistance.money.bank_files import goes_out
from workflows.assistance.money.failures import cancel_payment, repeat_payment
from workflows.assistance.money.rolls import (
    authorise_roll,
    cancel_roll,
    release_roll,
    review_roll,
)
from workflows.errors import DoudiError
from workflows.transaction import transaction

AMOUNTS = st.sampled_from(["0.01", "99.99", "800.00", "2500.50"])
PLACES = st.integers(min_value=0, max_value=30)
SELDOM = st.sampled_from([False, False, False, True])
HANDS = st.sampled_from(["reviewer", "second_reviewer", "confirmer", "finance", "second_finance"])


class Money(RuleBasedStateMachine):
    """Funds, grants, stages, payments and rolls of a small district, on a real database."""

    world: World

    def __init__(self) -> None:
        super().__init__()
        self.households: list[Household] = []
        self.stages: list[tuple[ReliefGrant, ReliefStage]] = []

    def begin(self) -> None:
        """A small district that has something to do from the first act on."""
        self.world.appropriate("4000.00", DIBAO)
        self.world.appropriate("4000.00", RELIEF)
        self.world.fill_petty_fund("900.00")
        self.households = [self.world.family(2), self.world.family(), self.world.family()]
        for household in self.households:
            self.world.monthly(household, "800.00", "0.00")
        for amounts, source in (
            (["800.00", "99.99"], ReliefSource.BUDGET),
            (["0.01"], ReliefSource.BUDGET),
            (["800.00"], ReliefSource.PETTY_FUND),
        ):
            grant, stages = self.world.relief(self.households[0], amounts, source)
            self.stages.extend((grant, stage) for stage in stages)

    def one_of(self, table: Any, place: int, *wanted: Any) -> Any:
        """A row of a table, if there is any; mostly one that something can be done with."""
        self.world.session.rollback()
        query = select(table).order_by(table.id)
        if place % 4:
            query = query.where(*wanted)
        rows = self.world.session.scalars(query).all()
        return rows[place % len(rows)] if rows else None

    def act(self, command: Callable[..., Any], *arguments: Any, login: str) -> None:
        """A command of the product, which may refuse."""
        with suppress(DoudiError), transaction(self.world.session):
            command(
                self.world.session, *arguments, district_id=self.world.district_id,
                actor=self.world.actor(login), now=FOUNDED,
            )  # fmt: skip

    @rule(amount=st.sampled_from(["500.00", "3000.00"]), programme=st.sampled_from([DIBAO, RELIEF]))
    def money_comes(self, amount: str, programme: str) -> None:
        self.world.appropriate(amount, programme)

    @rule(amount=AMOUNTS)
    def the_drawer_is_filled(self, amount: str) -> None:
        with suppress(DoudiError):
            self.world.fill_petty_fund(amount)

    @rule(bank=st.booleans())
    def a_family_registers(self, bank: bool) -> None:
        if len(self.households) < 5:
            self.households.append(self.world.family(bank=bank))

    @rule(place=PLACES, amounts=st.lists(AMOUNTS, min_size=1, max_size=3), drawer=st.booleans())
    def relief_is_granted(self, place: int, amounts: list[str], drawer: bool) -> None:
        if self.households:
            household = self.households[place % len(self.households)]
            source = ReliefSource.PETTY_FUND if drawer else ReliefSource.BUDGET
            with suppress(DoudiError):
                grant, stages = self.world.relief(household, amounts, source)
                self.stages.extend((grant, stage) for stage in stages)

    @rule(place=PLACES, amount=AMOUNTS)
    def a_benefit_is_granted(self, place: int, amount: str) -> None:
        if self.households:
            self.world.monthly(self.households[place % len(self.households)], amount, "0.00")

    @rule(place=PLACES)
    def a_stage_is_handed_over(self, place: int) -> None:
        if self.stages:
            with suppress(DoudiError):
                self.world.hand_over(*self.stages[place % len(self.stages)])

    @rule(place=PLACES)
    def a_stage_is_ordered(self, place: int) -> None:
        if self.stages:
            with suppress(DoudiError):
                self.world.order(*self.stages[place % len(self.stages)])

    @rule(place=PLACES)
    def an_account_is_recorded(self, place: int) -> None:
        if self.households:
            self.world.bank(self.households[place % len(self.households)])

    @rule(place=PLACES)
    def an_account_is_closed(self, place: int) -> None:
        if self.households and place % 4 == 0:
            with suppress(DoudiError):
                self.world.close_account(self.households[place % len(self.households)])

    @rule(place=PLACES)
    def somebody_dies(self, place: int) -> None:
        if self.households and place == 5:
            self.world.bury(self.households[place % len(self.households)])

    @rule(place=PLACES)
    def a_benefit_ends(self, place: int) -> None:
        grant = self.one_of(Grant, place)
        if grant is not None and place == 3:
            self.world.session.rollback()
            with transaction(self.world.session):
                self.world.session.get_one(Grant, grant.id).ended_from = grant.start_month

    @rule(programme=st.sampled_from([DIBAO, RELIEF]), far=st.booleans())
    def a_roll_is_drawn(self, programme: str, far: bool) -> None:
        with suppress(DoudiError):
            roll = self.world.draw(programme)
            if far:
                self.world.send(roll)

    @rule(place=PLACES, login=HANDS, step=st.sampled_from([review_roll, authorise_roll]))
    def somebody_takes_a_step(self, place: int, login: str, step: Callable[..., Any]) -> None:
        if roll := self.one_of(Roll, place):
            self.act(step, roll.id, login=login)

    @rule(place=PLACES, login=HANDS)
    def somebody_releases(self, place: int, login: str) -> None:
        if roll := self.one_of(Roll, place):
            self.act(release_roll, roll.id, self.world.district.keys, login=login)

    @rule(place=PLACES)
    def a_roll_is_cancelled(self, place: int) -> None:
        if roll := self.one_of(Roll, place):
            self.act(cancel_roll, roll.id, "有误", login="reviewer")

    @rule(place=PLACES, fails=st.sets(PLACES, max_size=3), part=st.booleans(), again=SELDOM)
    def the_bank_answers(self, place: int, fails: set[int], part: bool, again: bool) -> None:
        roll = self.one_of(Roll, place, Roll.state == RollState.RELEASED)
        if roll is None:
            return
        payments = [
            one for one in self.world.payments(roll) if again or one.state is PaymentState.SENT
        ]
        payments = payments[: 1 if part else None]
        bad: dict[str, str] = {}
        for number in fails:
            if payments:
                reason = "account_closed" if number % 2 else "account_wrong"
                bad |= refused(payments[number % len(payments)], reason)
        with suppress(DoudiError):
            self.world.take(roll, answers(payments, **bad))

    @rule(place=PLACES)
    def a_failure_is_repeated(self, place: int) -> None:
        if payment := self.one_of(Payment, place, Payment.state == PaymentState.FAILED):
            self.act(repeat_payment, payment.id, login="officer")

    @rule(place=PLACES)
    def a_payment_is_cancelled(self, place: int) -> None:
        if payment := self.one_of(
            Payment, place, Payment.state == PaymentState.FAILED, Payment.stage_id.is_not(None)
        ):
            self.act(cancel_payment, payment.id, "改发", login="officer")

    @invariant()
    def the_books_are_right(self) -> None:
        self.world.check_the_books()
        session = self.world.session
        below = session.scalars(
            select(LedgerAccount.kind).where(LedgerAccount.balance < Decimal(0))
        )
        assert set(below) <= {LedgerKind.APPROPRIATION}

    @invariant()
    def accounts_say_what_payments_say(self) -> None:
        self.world.session.rollback()
        balances = self.world.balances()
        paid, payable = Decimal(0), Decimal(0)
        for payment in self.world.session.scalars(select(Payment)):
            waits = payment.state is PaymentState.ORDERED and payment.stage_id is not None
            paid += payment.amount if payment.state is PaymentState.PAID else 0
            payable += payment.amount if payment.state is PaymentState.SENT or waits else 0
        nothing = Decimal(0)
        assert paid == sum(balances.get(f"{one}/paid", nothing) for one in (DIBAO, RELIEF))
        assert payable == sum(balances.get(f"{one}/payable", nothing) for one in (DIBAO, RELIEF))

    @invariant()
    def nothing_is_paid_twice(self) -> None:
        self.world.session.rollback()
        living = Payment.state.not_in((PaymentState.CANCELLED, PaymentState.FAILED))
        for target in ((Payment.stage_id,), (Payment.grant_id, Payment.month)):
            twice = (
                select(func.count())
                .where(living, target[0].is_not(None))
                .group_by(*target)
                .having(func.count() > 1)
            )
            assert self.world.session.scalars(twice).all() == []

    @invariant()
    def no_more_is_paid_than_granted(self) -> None:
        self.world.session.rollback()
        rows = self.world.session.execute(
            select(ReliefGrant.total, func.sum(Payment.amount))
            .join(ReliefStage, ReliefStage.grant_id == ReliefGrant.id)
            .join(Payment, Payment.stage_id == ReliefStage.id)
            .where(Payment.state == PaymentState.PAID)
            .group_by(ReliefGrant.id, ReliefGrant.total)
        )
        assert all(fen(paid) <= total for total, paid in rows)

    @invariant()
    def a_roll_is_the_sum_of_its_payments(self) -> None:
        self.world.session.rollback()
        rolls = self.world.session.scalars(
            select(Roll)
            .where(Roll.state != RollState.CANCELLED)
            .execution_options(populate_existing=True)
        ).all()
        for roll in rolls:
            count, total = self.world.session.execute(
                select(func.count(), func.sum(Payment.amount)).where(
                    Payment.roll_id == roll.id, goes_out()
                )
            ).one()
            assert (count, fen(total)) == (roll.payments, roll.total)


@pytest.mark.slow
@pytest.mark.sqlite
def test_no_order_of_acts_loses_a_fen(sqlite_databases: Any) -> None:
    _play(sqlite_databases, examples=40)


@pytest.mark.slow
def test_no_order_of_acts_loses_a_fen_on_postgresql(postgres_databases: Any) -> None:
    _play(postgres_databases, examples=8)


def _play(databases: Any, examples: int) -> None:

    class Played(Money):
        """With a database of its own for each run."""

        def __init__(self) -> None:
            super().__init__()
            self._place = founded(databases)
            self.world = self._place.__enter__()
            self.begin()

        def teardown(self) -> None:
            self._place.__exit__(None, None, None)

    run_state_machine_as_test(
        Played,
        settings=settings(
            max_examples=examples, stateful_step_count=40, deadline=None,
            suppress_health_check=list(HealthCheck), print_blob=True,
        ),
    )  # fmt: skip

"""No order of acts on real cases of relief overdraws, pays twice, goes past a level, or leaks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import func, select

from models.cases import Task, TaskState
from models.households import Household
from models.money import LedgerAccount, LedgerKind, LedgerTransfer, Payment, PaymentState, Roll
from models.relief import PaperDebt, ReliefGrant, ReliefStage, StageState
from tests.assistance.money.world import answers as bank_answers
from tests.assistance.money.world import fen, refused
from tests.assistance.relief.founding import template
from tests.assistance.relief.world import NOW, Relief
from tests.property.relief_acts import AMOUNTS, LOGIN_OF, Draw, answers_of
from workflows.assistance.money.bank_results import take_bank_results
from workflows.assistance.money.drawing import draw_roll
from workflows.assistance.money.failures import cancel_payment, repeat_payment
from workflows.assistance.money.rolls import authorise_roll, cancel_roll, release_roll, review_roll
from workflows.calendar import local_day
from workflows.definitions.release import current_policy
from workflows.errors import DoudiError, Fault
from workflows.runtime.worker import fire_due
from workflows.transaction import transaction

WINDOW = timedelta(days=90)
PLACES = st.integers(min_value=0, max_value=30)
DRAWS = st.builds(
    Draw,
    amount=st.sampled_from(AMOUNTS),
    agrees=st.sampled_from([True, True, True, False]),
    days=st.sampled_from([0, 1, 8, 30]),
    choice=st.integers(min_value=0, max_value=7),
)


class Cases(RuleBasedStateMachine):
    """Families, cases of relief, the drawer, the bank and the clock of a small district."""

    relief: Relief

    def __init__(self) -> None:
        super().__init__()
        self.now: datetime = NOW
        self.families: list[Household] = []

    def begin(self) -> None:
        """Two families, one without an account; a grant in stages is under way."""
        relief = self.relief
        self.families = [relief.family(relief.member("spouse")), relief.family(bank=False)]
        relief.urgent(self.families[0], self.now)
        days = ("2021-11-24", "2021-12-01", "2021-12-20")
        relief.approved(self.families[0], "3000.00", *(("1000.00", day) for day in days))
        relief.urgent(self.families[1], self.now, urgent_answer="no", requested="3000.00")

    def attempt(self, act: Callable[[], Any]) -> bool:
        """An act; where it is refused, nothing has changed and no policy was at fault."""
        before = self.relief.picture()
        try:
            act()
        except DoudiError as error:
            assert not isinstance(error, Fault), error
            assert self.relief.picture() == before
            return False
        return True

    def command(self, command: Callable[..., Any], *arguments: Any, login: str) -> bool:
        """A command of money, which may refuse."""

        def act() -> None:
            with transaction(self.relief.session):
                command(
                    self.relief.session, *arguments, district_id=self.relief.district_id,
                    actor=self.relief.district.actor(login), now=self.now,
                )  # fmt: skip

        return self.attempt(act)

    def rows(self, table: Any, *wanted: Any) -> list[Any]:
        """Rows of a table in their order, as stored."""
        self.relief.session.rollback()
        query = select(table).where(*wanted).order_by(table.id)
        fresh = query.execution_options(populate_existing=True)
        return list(self.relief.session.scalars(fresh))

    @rule(place=PLACES, draw=DRAWS, cause=st.sampled_from(["fire", "illness"]))
    def somebody_asks_for_help(self, place: int, draw: Draw, cause: str) -> None:
        household = self.families[place % len(self.families)]
        occurred_on = local_day(self.now) - timedelta(days=draw.days)
        self.attempt(
            lambda: self.relief.urgent(
                household, self.now, cause=cause, occurred_on=occurred_on.isoformat(),
                persons=1 + draw.choice % 2, requested=draw.amount,
                urgent_answer="yes" if draw.agrees else "no",
            )
        )  # fmt: skip

    @rule(place=PLACES, draw=DRAWS)
    def somebody_applies(self, place: int, draw: Draw) -> None:
        household = self.families[place % len(self.families)]
        self.attempt(lambda: self.relief.expense(household, self.now, requested=draw.amount))

    def complete(self, place: int, draw: Draw) -> None:
        """Somebody does one of the open tasks."""
        tasks = self.rows(Task, Task.state == TaskState.OPEN)
        if not tasks:
            return
        task = tasks[place % len(tasks)]
        case_id, element_id, login = task.case_id, task.element_id, LOGIN_OF[task.role]
        answers = answers_of(self.relief, element_id, draw, self.now)
        self.relief.session.rollback()
        self.attempt(
            lambda: self.relief.district.do(case_id, element_id, login, self.now, **answers)
        )

    @rule(place=PLACES, draw=DRAWS)
    def somebody_acts(self, place: int, draw: Draw) -> None:
        self.complete(place, draw)

    @rule(draws=st.lists(st.tuples(PLACES, DRAWS), min_size=2, max_size=4))
    def people_act_one_after_another(self, draws: list[tuple[int, Draw]]) -> None:
        for place, draw in draws:
            self.time_passes(draw.days)
            self.complete(place, draw)

    @rule(days=st.sampled_from([0, 1, 8, 31, 95]))
    def the_worker_comes(self, days: int) -> None:
        self.time_passes(days)

    def time_passes(self, days: int) -> None:
        """Days go by, and the worker does what is due."""
        self.now += timedelta(days=days, hours=1)
        self.relief.session.rollback()
        while fire_due(self.relief.session, self.relief.district.keys, self.now):
            pass

    @rule(place=PLACES)
    def somebody_dies(self, place: int) -> None:
        if place % 6 == 5:
            self.relief.bury(self.families[place % len(self.families)].head_person_id)

    @rule(place=PLACES, closes=st.booleans())
    def an_account_changes(self, place: int, closes: bool) -> None:
        household = self.families[place % len(self.families)]
        act = self.relief.close_bank if closes and place % 3 == 0 else self.relief.bank
        self.attempt(lambda: act(household))

    @rule(amount=st.sampled_from(["500.00", "90000.00"]))
    def the_drawer_is_filled(self, amount: str) -> None:
        self.attempt(lambda: self.relief.fill(amount))

    @rule(far=st.booleans())
    def a_roll_is_drawn(self, far: bool) -> None:
        month = local_day(self.now).replace(day=1)

        def draw(session: Any, *, district_id: str, actor: Any, now: datetime) -> None:
            draw_roll(session, district_id, "relief", month, actor=actor, now=now)

        if not self.command(draw, login="reviewer"):
            return
        roll = self.rows(Roll)[-1].id
        keys = self.relief.district.keys
        if far:
            self.command(review_roll, roll, login="second_reviewer")
            self.command(authorise_roll, roll, login="confirmer")
            self.command(release_roll, roll, keys, login="finance")
        else:
            self.command(cancel_roll, roll, "有误", login="reviewer")

    @rule(place=PLACES, fails=st.booleans())
    def the_bank_answers(self, place: int, fails: bool) -> None:
        sent = self.rows(Payment, Payment.state == PaymentState.SENT)
        if sent:
            roll_id = sent[place % len(sent)].roll_id
            payments = [one for one in sent if one.roll_id == roll_id]
            bad = refused(payments[0], "account_closed") if fails else {}
            content = bank_answers(payments, **bad)
            self.command(take_bank_results, roll_id, content, login="finance")

    @rule(place=PLACES, again=st.booleans())
    def a_failure_is_handled(self, place: int, again: bool) -> None:
        failed = self.rows(Payment, Payment.state == PaymentState.FAILED)
        if failed:
            payment_id = failed[place % len(failed)].id
            if again:
                self.command(repeat_payment, payment_id, login="officer")
            else:
                self.command(cancel_payment, payment_id, "改发", login="officer")

    # -- what holds after every act

    @invariant()
    def the_books_are_right(self) -> None:
        session = self.relief.session
        session.rollback()
        accounts = session.execute(
            select(LedgerAccount.id, LedgerAccount.kind, LedgerAccount.balance)
        ).all()
        moved: dict[str, Decimal] = {}
        for source, target, amount in session.execute(
            select(LedgerTransfer.from_id, LedgerTransfer.to_id, LedgerTransfer.amount)
        ):
            moved[source] = moved.get(source, Decimal(0)) - amount
            moved[target] = moved.get(target, Decimal(0)) + amount
        assert sum((row.balance for row in accounts), Decimal(0)) == 0
        assert {row.id: row.balance for row in accounts} == {
            row.id: moved.get(row.id, Decimal(0)) for row in accounts
        }
        below = {row.kind for row in accounts if row.balance < 0}
        assert below <= {LedgerKind.APPROPRIATION}

    @invariant()
    def a_grant_is_its_stages(self) -> None:
        stages: dict[str, Decimal] = {}
        for stage in self.rows(ReliefStage):
            stages[stage.grant_id] = stages.get(stage.grant_id, Decimal(0)) + stage.amount
        assert stages == {grant.id: grant.total for grant in self.rows(ReliefGrant)}

    @invariant()
    def promised_money_is_what_waits(self) -> None:
        balances = self.relief.balances()
        living = {
            payment.stage_id: payment.state
            for payment in self.rows(Payment, Payment.state != PaymentState.CANCELLED)
        }
        waits = Decimal(0)
        for stage in self.rows(ReliefStage, ReliefStage.state != StageState.CANCELLED):
            # without a payment it is planned, or released and not handed over yet
            if living.get(stage.id) in (None, PaymentState.FAILED):
                waits += stage.amount
        committed = [balances.get(kind, Decimal(0)) for kind in ("committed", "petty_committed")]
        assert sum(committed, Decimal(0)) == waits

    @invariant()
    def nothing_is_paid_twice_or_past_its_grant(self) -> None:
        session = self.relief.session
        session.rollback()
        living = Payment.state != PaymentState.CANCELLED
        twice = select(Payment.stage_id).where(living).group_by(Payment.stage_id)
        assert session.scalars(twice.having(func.count() > 1)).all() == []
        rows = session.execute(
            select(ReliefGrant.total, func.sum(Payment.amount))
            .join(ReliefStage, ReliefStage.grant_id == ReliefGrant.id)
            .join(Payment, Payment.stage_id == ReliefStage.id)
            .where(Payment.state == PaymentState.PAID)
            .group_by(ReliefGrant.id, ReliefGrant.total)
        ).all()
        assert all(fen(paid) <= total for total, paid in rows)

    @invariant()
    def a_cancelled_stage_has_no_living_payment(self) -> None:
        for state, wanted in (
            (StageState.CANCELLED, Payment.state != PaymentState.CANCELLED),
            (StageState.PLANNED, Payment.state != PaymentState.CANCELLED),
        ):
            stages = select(ReliefStage.id).where(ReliefStage.state == state)
            assert self.rows(Payment, wanted, Payment.stage_id.in_(stages)) == []

    @invariant()
    def townships_keep_to_their_ceiling(self) -> None:
        cancelled: dict[str, Decimal] = {}
        for stage in self.rows(ReliefStage, ReliefStage.state == StageState.CANCELLED):
            cancelled[stage.grant_id] = cancelled.get(stage.grant_id, Decimal(0)) + stage.amount
        events: dict[str, list[tuple[date, Decimal, str]]] = {}
        for grant in self.rows(ReliefGrant):
            counted = grant.total - cancelled.get(grant.id, Decimal(0))
            earlier = events.setdefault(grant.event_id, [])
            earlier.append((grant.decided_on, counted, grant.level))
            since = grant.decided_on - WINDOW
            if grant.level == "township":
                total = sum(amount for day, amount, _ in earlier if day >= since)
                assert total <= self.ceiling(grant.decided_on), earlier

    def ceiling(self, on: date) -> Decimal:
        """What a township approved at most on a day: two months of the urban standard."""
        law = current_policy(self.relief.session, self.relief.district_id).parameters
        standard, months = (
            Decimal(str(law.value(key, on).value))
            for key in ("dibao.standard.urban", "relief.township_ceiling.months")
        )
        return standard * months

    @invariant()
    def whoever_gave_first_owes_the_papers(self) -> None:
        debts = self.rows(PaperDebt, PaperDebt.closed_on.is_(None))
        assert all(debt.owner_id is not None for debt in debts)


@pytest.mark.slow
@pytest.mark.sqlite
def test_no_order_of_acts_on_relief_breaks_the_books(sqlite_databases: Any) -> None:
    _play(sqlite_databases, examples=60)


@pytest.mark.slow
def test_no_order_of_acts_on_relief_breaks_them_on_postgresql(postgres_databases: Any) -> None:
    _play(postgres_databases, examples=10)


def _play(databases: Any, examples: int) -> None:
    with template(databases) as founded:

        class Played(Cases):
            """With a database of its own for each run."""

            def __init__(self) -> None:
                super().__init__()
                self._place = founded.world()
                self.relief = self._place.__enter__()
                self.begin()

            def teardown(self) -> None:
                self._place.__exit__(None, None, None)

        run_state_machine_as_test(
            Played,
            settings=settings(
                max_examples=examples, stateful_step_count=30, deadline=None,
                suppress_health_check=list(HealthCheck), print_blob=True,
            ),
        )  # fmt: skip

"""Petty funds: size by residents, one case a month, months that close once and for good."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.cases import Case
from models.clocks import Alert
from models.money import FundMonth
from models.offices import Office
from tests.runtime.district import District, at
from workflows.assistance.money.fund_months import cash_book, closed_months, movements
from workflows.assistance.money.petty_fund import (
    fund_size,
    fund_state,
    month_of,
    next_month,
    petty_accounts,
    require_cover,
)
from workflows.calendar import local_day
from workflows.definitions.release import current_policy
from workflows.errors import Conflict, Invalid
from workflows.runtime.cases import send_message
from workflows.runtime.funds import month_case, open_due_months, open_fund_month, raise_low_funds
from workflows.scenarios.funds import give_money, spend
from workflows.transaction import transaction


@dataclass
class Fund:
    """A township with a fund, and what people do with it."""

    district: District
    session: Session

    @property
    def township(self) -> Office:
        """The township as stored."""
        return self.session.get_one(Office, self.district.offices["township"].id)

    def open(self, now: datetime, login: str = "officer") -> str:
        """This month's case, opened by somebody of the township."""
        with transaction(self.session):
            return open_fund_month(
                self.session, self.township.id, self.district.keys,
                actor=self.district.actor(login), now=now,
            ).id  # fmt: skip

    def filled(self, case_id: str, amount: str, now: datetime) -> None:
        """Ask for an amount and get it."""
        with transaction(self.session):
            send_message(
                self.session, case_id, "fund.replenishment",
                {"fund_amount": amount, "fund_reason": "补足"}, self.district.keys,
                actor=self.district.actor("officer"), now=now,
            )  # fmt: skip
        self.district.do(case_id, "Task_ReviewFundRequest", "finance", now, fund_decision="approve")

    def pays(self, amount: str, now: datetime) -> None:
        """A payment in cash."""
        self.session.rollback()
        with transaction(self.session):
            actor = self.district.actor("officer")
            spend(self.session, self.township, "pay", Decimal(amount), actor, now)

    def closed(self, case_id: str, counted: str, now: datetime) -> None:
        """Count and check as the month is over."""
        self.district.pass_time(now)
        photo = self.district.attachment("officer", now)
        self.district.do(
            case_id, "Task_CountCash", "officer", now, cash_counted=counted, count_photo=photo
        )
        self.district.do(case_id, "Task_CheckCount", "leader", now, count_result="agreed")

    def balance(self, now: datetime) -> Decimal:
        """What nobody has promised."""
        self.session.rollback()
        parameters = current_policy(self.session, self.township.district_id).parameters
        return fund_state(self.session, self.township, parameters, local_day(now)).balance


@pytest.fixture
def fund(session: Session) -> Fund:
    """A township of 30,000 people in a district with a budget."""
    district = District.founded(session)
    made = Fund(district, session)
    with transaction(session):
        give_money(session, made.township, {"budget": "100000.00", "residents": 30000})
    return made


def test_the_size_follows_from_residents_and_never_falls_below_the_least(fund: Fund) -> None:
    # given
    parameters = current_policy(fund.session, fund.township.district_id).parameters
    on = date(2021, 9, 1)
    # when
    large, small, unknown = (fund_size(parameters, number, on) for number in (41234, 100, None))
    # then
    assert (large.size, large.low_mark) == (Decimal("41234.00"), Decimal("12370.20"))
    assert small.size == unknown.size == Decimal("20000.00")
    assert all(used.certainty == "default" for used in large.parameters)


def test_a_township_has_one_case_a_month(fund: Fund) -> None:
    # given
    first = fund.open(at("2021-09-05"))
    # when / then
    with pytest.raises(Conflict, match="fund_month_opened"):
        fund.open(at("2021-09-30", "23:59"))
    assert fund.open(at("2021-10-01", "00:00")) != first


def test_the_worker_opens_the_month_of_every_fund_once(fund: Fund) -> None:
    # given
    fund.open(at("2021-09-05"))
    keys = fund.district.keys
    # when
    opened = [
        open_due_months(fund.session, keys, at(day, clock))
        for day, clock in (
            ("2021-09-30", "23:59"), ("2021-10-01", "00:00"), ("2021-10-02", "09:00"),
        )
    ]  # fmt: skip
    # then: nothing for a township whose fund nobody has opened
    assert opened == [0, 1, 0]
    case = month_case(
        fund.session, fund.township.district_id, fund.township.id, at("2021-10-31", "23:59")
    )
    assert case is not None and case.household_id is None
    assert fund.session.scalars(select(Case.number)).all()[-1].endswith("-BYJ-2021-000002")


def test_a_month_opens_with_what_the_last_one_closed_with(fund: Fund) -> None:
    # given
    september = fund.open(at("2021-09-01"))
    fund.filled(september, "30000.00", at("2021-09-01"))
    fund.pays("1200.50", at("2021-09-15"))
    # when: October has begun, and money moved, before September is counted
    open_due_months(fund.session, fund.district.keys, at("2021-10-01", "00:05"))
    fund.pays("300.00", at("2021-10-03"))
    fund.closed(september, "28499.50", at("2021-10-04"))
    # then
    (closed,) = closed_months(fund.session, fund.township.id)
    assert (closed.month.closing, closed.difference) == (Decimal("28799.50"), Decimal(0))
    assert (closed.counted_by, closed.checked_by) == ("officer", "leader")
    october = cash_book(fund.session, fund.township.id, date(2021, 10, 1))
    assert october.opening == closed.month.closing
    assert (october.spent, october.closing) == (Decimal("300.00"), Decimal("28499.50"))


def test_nothing_is_booked_in_a_closed_month(fund: Fund) -> None:
    # given
    september = fund.open(at("2021-09-01"))
    fund.filled(september, "30000.00", at("2021-09-01"))
    fund.closed(september, "30000.00", at("2021-10-04"))
    # when / then
    with pytest.raises(Conflict, match="month_closed"):
        fund.pays("1.00", at("2021-09-30", "23:59"))
    assert fund.balance(at("2021-10-04")) == Decimal("30000.00")
    fund.pays("1.00", at("2021-10-01", "00:00"))
    assert fund.balance(at("2021-10-04")) == Decimal("29999.00")


def test_the_cash_book_shows_promises_apart_from_what_left_the_drawer(fund: Fund) -> None:
    # given
    case_id = fund.open(at("2021-09-01"))
    fund.filled(case_id, "30000.00", at("2021-09-01"))
    fund.pays("500.00", at("2021-09-02"))
    fund.session.rollback()
    # when
    with transaction(fund.session):
        actor = fund.district.actor("officer")
        spend(fund.session, fund.township, "promise", Decimal("200.00"), actor, at("2021-09-03"))
    lines = movements(fund.session, fund.township.id, date(2021, 9, 1), Decimal("0.00"))
    # then
    assert [(str(m.received), str(m.spent), str(m.promised), str(m.cash)) for m in lines] == [
        ("30000.00", "0.00", "0.00", "30000.00"),
        ("0.00", "0.00", "500.00", "30000.00"),
        ("0.00", "500.00", "0.00", "29500.00"),
        ("0.00", "0.00", "200.00", "29500.00"),
    ]
    assert lines[0].case_id == case_id and lines[0].purpose == "advance"


def test_cover_is_what_nobody_has_promised(fund: Fund) -> None:
    # given
    case_id = fund.open(at("2021-09-01"))
    fund.filled(case_id, "30000.00", at("2021-09-01"))
    fund.pays("29000.00", at("2021-09-02"))
    fund.session.rollback()
    # when / then
    with transaction(fund.session):
        district_id, township_id = fund.township.district_id, fund.township.id
        require_cover(fund.session, district_id, township_id, Decimal("1000.00"))
        with pytest.raises(Conflict, match="no_cover"):
            require_cover(fund.session, district_id, township_id, Decimal("1000.01"))


def test_a_fund_that_was_never_filled_is_not_reported_as_low(fund: Fund) -> None:
    # given
    fund.open(at("2021-09-01"))
    # when / then
    assert raise_low_funds(fund.session, at("2021-09-01")) == 0
    assert fund.session.scalars(select(Alert.id)).all() == []


def test_money_comes_to_the_fund_once_for_each_request(fund: Fund) -> None:
    # given
    case_id = fund.open(at("2021-09-01"))
    fund.filled(case_id, "10000.00", at("2021-09-01"))
    fund.filled(case_id, "10000.00", at("2021-09-02"))
    # when / then
    assert fund.balance(at("2021-09-03")) == Decimal("20000.00")
    with pytest.raises(Invalid, match="above_fund_size"):
        fund.filled(case_id, "10000.01", at("2021-09-03"))
    with transaction(fund.session):
        account, _ = petty_accounts(fund.session, fund.township.district_id, fund.township.id)
        assert account.ceiling == Decimal("30000.00")


def test_months_are_counted_over_the_year() -> None:
    # when / then
    assert next_month(date(2021, 12, 1)) == date(2022, 1, 1)
    assert next_month(date(2021, 1, 1)) == date(2021, 2, 1)
    assert month_of(date(2024, 2, 29)) == date(2024, 2, 1)


def test_a_month_closes_once(fund: Fund) -> None:
    # given
    september = fund.open(at("2021-09-01"))
    fund.closed(september, "0.00", at("2021-10-04"))
    # when / then
    assert fund.session.scalars(select(FundMonth.month)).all() == [date(2021, 9, 1)]
    with pytest.raises(AssertionError, match="is not open"):
        fund.closed(september, "0.00", at("2021-10-05"))

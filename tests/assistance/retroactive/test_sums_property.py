"""Whatever the standards, days and paid months: each family ends with what the law gives it."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from models.money import Payment, PaymentState
from models.recoveries import Recovery
from models.retroactive import TouchedCase, TouchedKind
from tests.assistance.retroactive.story import Story
from tests.databases import SqliteDatabases
from tests.runtime.district import at
from workflows.calendar import months_later
from workflows.transaction import prepare_engine

#: Standards of a few districts' worth, to the fen.
STANDARDS = st.sampled_from(["480", "500.50", "515", "515.01", "536", "536.37", "620"])
INCOMES = st.sampled_from(["0", "1", "333.33", "600", "650", "700"])
DECIDED = st.sampled_from(["2021-08-31", "2021-09-01", "2021-09-20", "2021-10-14"])
CENT = Decimal("0.01")


def monthly(standard: str, income: str) -> Decimal:
    """What one person gets who earns a wage: the standard less 70 percent of it, to the cent."""
    counted = Decimal(income) * Decimal("0.7")
    amount = (Decimal(standard) - counted).quantize(CENT, ROUND_HALF_UP)
    return max(amount, Decimal(0))


@pytest.mark.sqlite
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    old=STANDARDS,
    new=STANDARDS,
    families=st.lists(st.tuples(INCOMES, DECIDED), min_size=1, max_size=4),
    paid=st.integers(min_value=0, max_value=4),
)
def test_what_was_paid_and_ordered_is_what_should_have_been_paid(
    sqlite_databases: SqliteDatabases,
    old: str,
    new: str,
    families: list[tuple[str, str]],
    paid: int,
) -> None:
    with sqlite_databases.copy() as address:
        engine = create_engine(address)
        prepare_engine(engine)
        try:
            with Session(engine, expire_on_commit=False) as session:
                _tell(Story.begun(session, old), old, new, families, paid)
        finally:
            engine.dispose()


def _tell(story: Story, old: str, new: str, families: list[tuple[str, str]], paid: int) -> None:
    # given: families decided on by the standard of their day, and some months paid
    grants = {}
    for income, day in families:
        grant = story.decided(story.family(income), day)
        if grant is not None:
            standard = old if day >= "2021-09-01" else "496"
            assert grant.monthly == monthly(standard, income)
            grants[grant.id] = (grant, income, day)
    months = [months_later(date(2021, 9, 1), offset) for offset in range(paid)]
    for month in months:
        if any(grant.start_month <= month for grant, _, _ in grants.values()):
            story.pay(month, at(f"{month:%Y-%m}-25"))
    # when: the standard is corrected and everything that has a sum is decided
    now = at("2022-01-20")
    story.publish(new, now)
    for row in story.touched():
        if row.kind in (TouchedKind.ARREARS, TouchedKind.RECOVERY):
            story.correct(row, now, recover="recover" if row.kind.value == "recovery" else None)
    # then
    listed = {row.grant_id: row for row in story.touched() if row.grant_id}
    for grant_id, (grant, income, day) in grants.items():
        right = monthly(new, income) if day >= "2021-09-01" else grant.monthly
        touched = old != new and day >= "2021-09-01"
        assert (grant_id in listed) == touched
        if right <= 0:
            assert listed[grant_id].kind is TouchedKind.ELIGIBILITY
            continue
        assert story.monthly(grant) == right
        due = [month for month in months if month >= grant.start_month]
        assert _settled(story.session, grant_id) == right * len(due)
    story.world.check_the_books()


def _settled(session: Session, grant_id: str) -> Decimal:
    """Paid, and ordered as arrears, less what is owed."""
    paid = session.scalars(
        select(Payment.amount).where(
            Payment.grant_id == grant_id, Payment.state == PaymentState.PAID
        )
    ).all()
    arrears = session.scalars(
        select(Payment.amount)
        .join(TouchedCase, TouchedCase.id == Payment.touched_id)
        .where(TouchedCase.grant_id == grant_id)
    ).all()
    owed = session.scalars(select(Recovery.amount).where(Recovery.grant_id == grant_id)).all()
    return sum([*paid, *arrears], Decimal(0)) - sum(owed, Decimal(0))

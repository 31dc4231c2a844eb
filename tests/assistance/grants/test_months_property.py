"""Whatever is decided when, and whatever the bank does: each month ends up paid as decided."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from models.assistance import AmountKind
from tests.assistance.grants.world import Benefit
from tests.databases import SqliteDatabases
from workflows.calendar import months_later
from workflows.errors import Conflict, Invalid
from workflows.transaction import prepare_engine

FIRST = date(2021, 9, 1)
MONTHS = 8
AMOUNTS = st.sampled_from(["0.01", "300.00", "455.55", "500.00", "620.00"])
#: What is decided in a month: which month it goes for (before or after), and what.
DECISIONS = st.one_of(
    st.tuples(st.just("change"), st.integers(-4, 3), AMOUNTS),
    st.tuples(st.just("gradual"), st.integers(0, 2), AMOUNTS),
    st.tuples(st.just("end"), st.integers(-2, 2), st.none()),
    st.tuples(st.just("resume"), st.none(), st.none()),
)


@pytest.mark.sqlite
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    months=st.lists(
        st.tuples(st.lists(DECISIONS, max_size=2), st.sampled_from(["paid", "failed", "none"])),
        min_size=3,
        max_size=MONTHS,
    )
)
def test_no_month_is_left_short_and_no_payment_is_made_twice(
    sqlite_databases: SqliteDatabases,
    months: list[tuple[list[tuple[str, int | None, str | None]], str]],
) -> None:
    with sqlite_databases.copy() as address:
        engine = create_engine(address)
        prepare_engine(engine)
        try:
            with Session(engine, expire_on_commit=False) as session:
                _live(Benefit.begun(session), months)
        finally:
            engine.dispose()


def _live(
    benefit: Benefit, months: list[tuple[list[tuple[str, int | None, str | None]], str]]
) -> None:
    """Months go by: the roll first, then what is decided after it; at the end all is settled."""
    month = FIRST
    for decisions, bank in months:
        if bank != "none":
            benefit.roll(f"{month:%Y-%m}", pays=bank == "paid")
        for what, shift, amount in decisions:
            _decide(benefit, month, what, shift, amount)
            benefit.order(f"{month:%Y-%m}-20")
        benefit.repeat(f"{month:%Y-%m}-25")
        month = months_later(month, 1)
    for _ in range(2):
        _settle(benefit, month)
    last = months_later(month, -1)
    for line in benefit.lines(f"{last:%Y-%m}"):
        # never short; too much only where less was decided after it had been paid
        assert line.difference <= 0, (line.month, line)
        assert line.difference == 0 or line.paid + line.adjusted > line.owed
    benefit.world.check_the_books()


def _decide(
    benefit: Benefit, month: date, what: str, shift: int | None, amount: str | None
) -> None:
    day = f"{month:%Y-%m}-20"
    since = "" if shift is None else f"{months_later(month, shift):%Y-%m}"
    try:
        if what == "change":
            benefit.change(day, since, str(amount))
        elif what == "gradual":
            begins = months_later(month, shift or 0)
            until = f"{months_later(begins, 3):%Y-%m}"
            benefit.change(day, since, str(amount), AmountKind.GRADUAL_EXIT, until)
        elif what == "end":
            benefit.end(day, since)
        else:
            benefit.resume(day)
    except Invalid as refused:
        assert refused.code == "month_wrong"
    except Conflict as refused:
        assert refused.code in ("grant_ended", "grant_not_ended")


def _settle(benefit: Benefit, month: date) -> None:
    """Everything that failed is repeated, arrears ordered, and every month's roll drawn again."""
    day = f"{month:%Y-%m}-05"
    benefit.repeat(day)
    benefit.order(day)
    past = FIRST
    while past <= month:
        benefit.roll(f"{past:%Y-%m}", on=f"{month:%Y-%m}-10")
        past = months_later(past, 1)

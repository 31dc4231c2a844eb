"""Families over months: nothing is violated, and what is planted is found."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import create_engine, select, update
from sqlalchemy.orm import Session

from models.assistance import GrantAmount
from models.clocks import Clock
from models.money import LedgerAccount, Payment, PaymentState
from scripts.clauses import POLICY
from scripts.soak.lives.town import Town
from scripts.soak.lives.truth import everything
from scripts.soak.lives.years import Years
from tests.databases import SqliteDatabases
from workflows.definitions.files import load_policy
from workflows.definitions.release import current_policy
from workflows.transaction import prepare_engine, transaction

BEGIN, UNTIL = date(2021, 9, 1), date(2021, 12, 15)


@pytest.fixture(scope="module")
def lived(sqlite_databases: SqliteDatabases) -> Iterator[tuple[Session, Years]]:
    """Five families, from their applications to the first months that are paid."""
    with sqlite_databases.copy() as address:
        engine = create_engine(address)
        prepare_engine(engine)
        with Session(engine, expire_on_commit=False) as session:
            town = Town(session)
            town.found(load_policy(POLICY), datetime(2021, 8, 5, tzinfo=UTC))
            years = Years.begun(town, 5, BEGIN, seed=3)
            years.run(UNTIL)
            yield session, years
        engine.dispose()


def violated(session: Session, years: Years) -> set[str]:
    """The rules that don't hold."""
    law = current_policy(session, years.town.district_id)
    session.expire_all()
    return {one.rule for one in everything(session, years.town.district_id, law, UNTIL)}


@pytest.mark.sqlite
def test_months_of_families_violate_nothing(lived: tuple[Session, Years]) -> None:
    # given
    session, years = lived
    # when / then
    assert violated(session, years) == set()
    assert years.clerk.stuck == {}
    assert years.events["application"] == 5 and years.events["roll"] >= 2
    paid = session.scalars(select(Payment.id).where(Payment.state == PaymentState.PAID)).all()
    assert paid


def _short(session: Session) -> None:
    first = session.scalars(
        select(Payment.id).where(Payment.grant_id.is_not(None)).order_by(Payment.id)
    ).first()
    session.execute(update(Payment).where(Payment.id == first).values(state=PaymentState.CANCELLED))


def _too_much(session: Session) -> None:
    first = session.scalars(select(GrantAmount.id)).first()
    session.execute(
        update(GrantAmount).where(GrantAmount.id == first).values(monthly=Decimal("1.00"))
    )


def _silent(session: Session) -> None:
    session.execute(
        update(Clock)
        .where(Clock.severity != "limit")
        .values(alarmed_at=None, due_at=datetime(2021, 9, 1, tzinfo=UTC))
    )


def _unbooked(session: Session) -> None:
    session.execute(update(LedgerAccount).values(balance=LedgerAccount.balance + Decimal("0.01")))


@pytest.mark.sqlite
@pytest.mark.parametrize(
    ("plant", "rule"),
    [
        (_short, "no month is left short"),
        (_too_much, "nothing is paid beyond what is decided"),
        (_too_much, "an amount equals its calculation"),
        (_silent, "no clock is late without its alarm"),
        (_unbooked, "the books balance"),
    ],
)
def test_what_is_planted_is_found(
    lived: tuple[Session, Years], plant: Callable[[Session], None], rule: str
) -> None:
    # given
    session, years = lived
    # when
    try:
        with transaction(session):
            plant(session)
            session.flush()
            found = violated(session, years)
            raise _Undo
    except _Undo:
        pass
    # then
    assert rule in found


class _Undo(Exception):
    """Takes a planted fault back."""

"""Families over months: nothing is violated, and what is planted is found."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import create_engine, select, update
from sqlalchemy.orm import Session

from models.assistance import AmountKind, Grant, GrantAmount, GrantState, Notice
from models.cases import Case, CaseState
from models.clocks import Clock
from models.households import Household, HouseholdMember, IncomeItem, Person
from models.money import LedgerAccount, Payment, PaymentState
from models.price import BatchState, PriceBatch, PriceIndex, PriceShare
from models.recoveries import Instalment, Recovery, RecoveryState
from models.types import new_id
from scripts.clauses import POLICY
from scripts.soak.lives.belonging import lives_agree
from scripts.soak.lives.town import Town
from scripts.soak.lives.truth import everything
from scripts.soak.lives.years import Years
from tests.databases import SqliteDatabases
from workflows.definitions.files import load_policy
from workflows.definitions.release import current_policy
from workflows.transaction import prepare_engine, transaction

BEGIN, UNTIL = date(2021, 9, 1), date(2021, 12, 15)
FOUNDED = datetime(2021, 8, 5, tzinfo=UTC)


@pytest.fixture(scope="module")
def lived(sqlite_databases: SqliteDatabases) -> Iterator[tuple[Session, Years]]:
    """Five families, from their applications to the first months that are paid."""
    with sqlite_databases.copy() as address:
        engine = create_engine(address)
        prepare_engine(engine)
        with Session(engine, expire_on_commit=False) as session:
            town = Town(session)
            town.found(load_policy(POLICY), FOUNDED)
            years = Years.begun(town, 5, BEGIN, seed=3)
            years.run(UNTIL)
            yield session, years
        engine.dispose()


def violated(session: Session, years: Years) -> set[str]:
    """The rules that don't hold."""
    law = current_policy(session, years.town.district_id)
    session.expire_all()
    found = [
        *everything(session, years.town.district_id, law, UNTIL),
        *lives_agree(session, years.families, law),
    ]
    return {one.rule for one in found}


@pytest.mark.sqlite
def test_months_of_families_violate_nothing(lived: tuple[Session, Years]) -> None:
    # given
    session, years = lived
    # when / then
    assert violated(session, years) == set()
    assert years.clerk.given_up(UNTIL) == []
    applied = years.events["application"] + years.events["tekun application"]
    assert applied >= 5 and years.events["roll"] >= 2
    paid = session.scalars(select(Payment.id).where(Payment.state == PaymentState.PAID)).all()
    assert paid


def _short(session: Session, years: Years) -> None:
    first = session.scalars(
        select(Payment.id).where(Payment.grant_id.is_not(None)).order_by(Payment.id)
    ).first()
    session.execute(update(Payment).where(Payment.id == first).values(state=PaymentState.CANCELLED))


def _too_much(session: Session, years: Years) -> None:
    first = session.scalars(select(GrantAmount.id)).first()
    session.execute(
        update(GrantAmount).where(GrantAmount.id == first).values(monthly=Decimal("1.00"))
    )


def _silent(session: Session, years: Years) -> None:
    session.execute(
        update(Clock)
        .where(Clock.severity != "limit")
        .values(alarmed_at=None, due_at=datetime(2021, 9, 1, tzinfo=UTC))
    )


def _unbooked(session: Session, years: Years) -> None:
    session.execute(update(LedgerAccount).values(balance=LedgerAccount.balance + Decimal("0.01")))


def _quiet_grant(session: Session, years: Years) -> Grant:
    """A benefit of a family of which everything is known."""
    for one in years.families:
        if one.household_id is None or one.unreported or one.entered or one.unheard:
            continue
        grant = session.scalars(
            select(Grant).where(
                Grant.household_id == one.household_id, Grant.state == GrantState.ACTIVE
            )
        ).one_or_none()
        if grant is not None:
            session.execute(
                update(Case)
                .where(Case.household_id == one.household_id)
                .values(state=CaseState.CLOSED)
            )
            return grant
    raise AssertionError("no such family")


def _another_amount(session: Session, years: Years) -> None:
    _quiet_grant(session, years).monthly += 1


def _income_lost(session: Session, years: Years) -> None:
    household_id = _quiet_grant(session, years).household_id
    session.add(
        IncomeItem(
            household_id=household_id, kind="farming", basis="documented", monthly=Decimal(17),
            label="种植", recorded_at=FOUNDED, recorded_by_id=None,
        )
    )  # fmt: skip


def _elsewhere(session: Session, years: Years) -> None:
    household = session.get_one(Household, _quiet_grant(session, years).household_id)
    household.village_id = next(one for one in years.town.villages if one != household.village_id)


def _another_head(session: Session, years: Years) -> None:
    household_id = _quiet_grant(session, years).household_id
    others = session.scalars(select(Person.id).where(Person.id != _head(session, household_id)))
    session.get_one(Household, household_id).head_person_id = others.first() or ""


def _head(session: Session, household_id: str) -> str:
    return session.get_one(Household, household_id).head_person_id


def _forgotten_member(session: Session, years: Years) -> None:
    household_id = _quiet_grant(session, years).household_id
    session.execute(
        update(HouseholdMember)
        .where(HouseholdMember.household_id == household_id)
        .values(superseded_at=FOUNDED)
    )


def _stopped(session: Session, years: Years, **values: Any) -> None:
    """A benefit that ended, as if it were decided in the case that had confirmed it."""
    grant = _quiet_grant(session, years)
    session.execute(update(Case).where(Case.id == grant.case_id).values(closed_at=FOUNDED))
    grant.state, grant.ended_from = GrantState.ENDED, date(2021, 12, 1)
    grant.ended_case_id, grant.end_reason = grant.case_id, values.get("reason", "收入超过标准")
    session.execute(update(Notice).where(Notice.case_id == grant.case_id).values(served_on=None))


def _stopped_without_reason(session: Session, years: Years) -> None:
    _stopped(session, years, reason="")


def _stopped_unserved(session: Session, years: Years) -> None:
    _stopped(session, years)


def _stopped_untold(session: Session, years: Years) -> None:
    _stopped(session, years)
    session.execute(update(Grant).values(ended_case_id=None))


def _subsidy(session: Session, years: Years) -> PriceBatch:
    """A batch of a dear month that counts nobody."""
    grant = _quiet_grant(session, years)
    index = PriceIndex(
        id=new_id(), district_id=grant.district_id, case_id=grant.case_id, month=date(2021, 11, 1),
        published_on=date(2021, 12, 9), figures={}, entered_at=datetime(2021, 12, 9, tzinfo=UTC),
    )  # fmt: skip
    session.add(index)
    session.flush()
    batch = PriceBatch(
        id=new_id(), district_id=grant.district_id, case_id=grant.case_id, index_id=index.id,
        month=index.month, number=9, state=BatchState.PAID, made_at=index.entered_at, counts=1,
        amounts={}, townships={}, groups={}, reasons={}, families=0, persons=0, excluded=0,
        total=Decimal(0),
    )  # fmt: skip
    session.add(batch)
    session.flush()
    return batch


def _nobody_counted(session: Session, years: Years) -> None:
    _subsidy(session, years)


def _counted_unpaid(session: Session, years: Years) -> None:
    batch = _subsidy(session, years)
    grant = _quiet_grant(session, years)
    head = _head(session, grant.household_id)
    household = session.get_one(Household, grant.household_id)
    session.add(
        PriceShare(
            batch_id=batch.id, person_id=head, district_id=batch.district_id, month=batch.month,
            township_id=household.township_id, household_id=household.id, grant_id=grant.id,
            payee_id=head, price_group="dibao", owed=Decimal(23), amount=Decimal(23),
        )
    )  # fmt: skip


def _recovery(session: Session, years: Years, **values: Any) -> Recovery:
    grant = _quiet_grant(session, years)
    usual: dict[str, Any] = {
        "proposed": Decimal(100), "amount": Decimal(100), "received": Decimal(0), "detail": [],
        "state": RecoveryState.OPEN,
    }  # fmt: skip
    household = session.get_one(Household, grant.household_id)
    found = Recovery(
        id=new_id(), district_id=grant.district_id, township_id=household.township_id,
        case_id=grant.case_id, household_id=household.id, grant_id=grant.id, cause="unreported",
        months=1, **{**usual, **values},
    )  # fmt: skip
    session.add(found)
    session.flush()
    return found


def _received_unbooked(session: Session, years: Years) -> None:
    _recovery(session, years, received=Decimal(40))


def _settled_unpaid(session: Session, years: Years) -> None:
    _recovery(session, years, state=RecoveryState.SETTLED)


def _more_back(session: Session, years: Years) -> None:
    _recovery(session, years, amount=Decimal(120))


def _another_sum(session: Session, years: Years) -> None:
    detail = [{"month": "2021-11-01", "received": "80.00", "due": "0.00", "difference": "-80.00"}]
    _recovery(session, years, detail=detail)


def _short_plan(session: Session, years: Years) -> None:
    recovery = _recovery(session, years)
    session.add(
        Instalment(
            district_id=recovery.district_id, recovery_id=recovery.id, number=9,
            amount=Decimal(60), received=Decimal(0), due_on=date(2022, 1, 31), made_at=FOUNDED,
        )
    )  # fmt: skip


def _exit_asked_back(session: Session, years: Years) -> None:
    detail = [{"month": "2021-11-01", "received": "100.00", "due": "0.00", "difference": "-100.00"}]
    recovery = _recovery(session, years, detail=detail)
    session.execute(
        update(GrantAmount)
        .where(GrantAmount.grant_id == recovery.grant_id)
        .values(kind=AmountKind.GRADUAL_EXIT, from_month=date(2021, 11, 1))
    )


@pytest.mark.sqlite
@pytest.mark.parametrize(
    ("plant", "rule"),
    [
        (_short, "no month is left short"),
        (_too_much, "nothing is paid beyond what is decided"),
        (_too_much, "an amount equals its calculation"),
        (_silent, "no clock is late without its alarm"),
        (_unbooked, "the books balance"),
        (_another_amount, "a family gets what its life gives"),
        (_income_lost, "incomes are as they are"),
        (_elsewhere, "a family is where it lives"),
        (_another_head, "the head is who it is"),
        (_forgotten_member, "a family is known as it is"),
        (_stopped_without_reason, "every stop has its reason"),
        (_stopped_unserved, "every stop is served"),
        (_stopped_untold, "every stop is told"),
        (_nobody_counted, "a subsidy forgets nobody"),
        (_counted_unpaid, "a subsidy is paid as counted"),
        (_received_unbooked, "what came back was booked"),
        (_settled_unpaid, "settled is paid back"),
        (_more_back, "no more is asked back than was paid"),
        (_another_sum, "a recovery is the sum of its months"),
        (_short_plan, "a plan covers it all"),
        (_exit_asked_back, "no gradual exit is asked back"),
    ],
)
def test_what_is_planted_is_found(
    lived: tuple[Session, Years], plant: Callable[[Session, Years], None], rule: str
) -> None:
    # given
    session, years = lived
    # when
    try:
        with transaction(session):
            plant(session, years)
            session.flush()
            found = violated(session, years)
            raise _Undo
    except _Undo:
        pass
    # then
    assert rule in found


@pytest.mark.sqlite
def test_a_death_that_nobody_records_is_found(
    lived: tuple[Session, Years], monkeypatch: pytest.MonkeyPatch
) -> None:
    # given everybody of a family has died, and the office was told
    session, years = lived
    session.rollback()
    with transaction(session):
        household_id = _quiet_grant(session, years).household_id
        session.rollback()
    one = years.window.by_household[household_id]
    for person in one.people:
        years.window.person_id(person)
        monkeypatch.setattr(person, "died_on", date(2021, 11, 1))
    # when
    session.rollback()
    with transaction(session):
        found = violated(session, years)
    # then
    assert {"every death is recorded", "nothing goes on after the last has died"} <= found


class _Undo(Exception):
    """Takes a planted fault back."""

"""What the office knows of the families against what is true of them, and what follows from it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from models.assistance import AmountKind, Assessment, Grant, GrantAmount, GrantState
from models.cases import Case, CaseState
from models.deaths import DeathRecord
from models.households import Household, HouseholdMember, IncomeItem
from models.households import Person as KnownPerson
from models.job_offers import ShareCut
from models.money import Payment, PaymentState
from models.price import BatchState, PriceBatch, PriceIndex, PriceShare
from models.recoveries import Instalment, Receipt, ReceiptState, Recovery, RecoveryState
from models.remedies import Remedy
from scripts.soak.invariants import Violation
from scripts.soak.lives.families import Family, Person
from workflows.assistance.price.counting import NOT_RECEIVED
from workflows.definitions.policy import Policy

_NOTHING: Final = Decimal(0)
_NIGHT: Final = timedelta(hours=16)
_CENTS: Final = Decimal("0.01")
_PRICED: Final = (BatchState.ORDERED, BatchState.PAID)


def lives_agree(session: Session, families: Sequence[Family], law: Policy) -> Iterator[Violation]:
    """Every rule about people that doesn't hold; reads only."""
    quiet = list(_quiet(session, families))
    yield from families_are_known(session, quiet)
    yield from life_gives_the_amount(session, quiet, law)
    yield from the_dead_are_checked(session, families)
    yield from subsidies_are_complete(session)
    yield from what_comes_back_adds_up(session)


@dataclass(frozen=True, slots=True)
class Quiet:
    """A family of which the office knows everything: nothing is unreported, open, or overruled."""

    one: Family
    household_id: str


def _quiet(session: Session, families: Sequence[Family]) -> Iterator[Quiet]:
    busy = set(session.scalars(select(Case.household_id).where(Case.state == CaseState.OPEN)))
    disputed = set(session.scalars(select(Remedy.household_id)))
    for one in families:
        if one.household_id is None or one.household_id in busy | disputed:
            continue
        unknown = one.unreported or one.entered or bool(one.unheard)
        if one.tekun:
            unknown = one.seen != one.lost
        if not (unknown or one.overruled or one.merged):
            yield Quiet(one, one.household_id)


def families_are_known(session: Session, quiet: Iterable[Quiet]) -> Iterator[Violation]:
    """Members, head, village and incomes as they are; the dead belong to nobody."""
    members: dict[str, set[str]] = defaultdict(set)
    for household_id, person_id in session.execute(
        select(HouseholdMember.household_id, HouseholdMember.person_id).where(
            HouseholdMember.superseded_at.is_(None)
        )
    ):
        members[household_id].add(person_id)
    incomes: dict[str, Decimal] = defaultdict(Decimal)
    for household_id, monthly in session.execute(
        select(IncomeItem.household_id, IncomeItem.monthly).where(
            IncomeItem.superseded_at.is_(None)
        )
    ):
        incomes[household_id] += monthly
    granted = set(
        session.scalars(select(Grant.household_id).where(Grant.state == GrantState.ACTIVE))
    )
    for found in quiet:
        household = session.get_one(Household, found.household_id)
        living = found.one.living
        if found.household_id not in granted or not living:
            continue
        wanted = {str(one.person_id) for one in living if one.person_id is not None}
        known = members[found.household_id]
        if len(known) != len(living) or not wanted <= known:
            yield Violation(
                "a family is known as it is", household.id, f"{len(known)}, not {len(living)}"
            )
        if living[0].person_id is not None and household.head_person_id != living[0].person_id:
            yield Violation("the head is who it is", household.id, str(living[0].person_id))
        if household.village_id != found.one.village_id:
            yield Violation("a family is where it lives", household.id, household.village_id)
        earned = _income(found.one)
        if incomes[found.household_id] != earned:
            yield Violation(
                "incomes are as they are", household.id,
                f"{incomes[found.household_id]}, not {earned}",
            )  # fmt: skip


def _income(one: Family) -> Decimal:
    own = sum((person.wage + person.pension for person in one.living), _NOTHING)
    return own + one.farming


def life_gives_the_amount(
    session: Session, quiet: Iterable[Quiet], law: Policy
) -> Iterator[Violation]:
    """What a family gets follows from its life, without anything that the product has stored.

    Ages are those of the day on which it was last assessed.
    """
    assessed = {
        grant.household_id: (grant, on)
        for grant, on in session.execute(
            select(Grant, Assessment.on)
            .join(Assessment, Assessment.id == Grant.assessment_id)
            # who gets 低保 alone (单人户) is measured otherwise
            .where(
                Grant.state == GrantState.ACTIVE,
                Grant.person_id.is_(None) | (Grant.programme == "tekun"),
            )
        )
    }
    exits = set(
        session.scalars(
            select(GrantAmount.grant_id).where(
                GrantAmount.kind == AmountKind.GRADUAL_EXIT, GrantAmount.superseded_at.is_(None)
            )
        )
    )
    cuts: dict[str, Decimal] = defaultdict(Decimal)
    for grant_id, amount in session.execute(
        select(ShareCut.grant_id, ShareCut.amount).where(ShareCut.until_month.is_(None))
    ):
        cuts[grant_id] += amount
    for found in quiet:
        grant, on = assessed.get(found.household_id, (None, None))
        if grant is None or on is None or grant.id in exits or not found.one.living:
            continue
        if grant.programme == "tekun":
            expected = support_of(found.one, on, law)
        else:
            expected = max(amount_of(found.one, on, law) - cuts[grant.id], _NOTHING)
        if expected != grant.monthly:
            yield Violation(
                "a family gets what its life gives", grant.id,
                f"{grant.programme} {grant.monthly}, not {expected} as of {on}",
            )  # fmt: skip


def amount_of(one: Family, on: date, law: Policy) -> Decimal:
    """低保 of a family as it is, by plain numbers; nothing where it doesn't qualify."""
    standard: Decimal = law.parameters.value(f"dibao.standard.{one.area.value}", on).value
    total = one.farming
    for person in one.living:
        total += person.pension + person.wage * Decimal("0.7")
    base = (len(one.living) * standard - total).quantize(_CENTS, ROUND_HALF_UP)
    if base <= 0:
        return _NOTHING
    return base + sum((_topup(person, on) for person in one.living), _NOTHING)


def _topup(person: Person, on: date) -> Decimal:
    born = person.born_on
    age = on.year - born.year - ((on.month, on.day) < (born.month, born.day))
    grade = person.facts.get("disability_grade")
    best = _NOTHING
    severe = grade is not None and grade <= 2
    if severe or person.facts.get("serious_illness") or age >= 70:
        best = Decimal(60)
    if person.facts.get("student", "none") != "none" or age < 6:
        best = Decimal(100)
    return best + (Decimal(40) if grade is not None else _NOTHING)


def support_of(one: Family, on: date, law: Policy) -> Decimal:
    """特困 of a person: the basic standard and what the tier of care gives (43 号 21)."""
    tier = "none" if not one.lost else "half" if len(one.lost) <= 3 else "full"
    basic: Decimal = law.parameters.value("tekun.standard.basic", on).value
    care: Decimal = law.parameters.value(f"tekun.care.{tier}", on).value
    return basic + care


def the_dead_are_checked(session: Session, families: Sequence[Family]) -> Iterator[Violation]:
    """Whoever died and was told of is recorded, and gets nothing by themselves any more."""
    recorded = set(
        session.scalars(select(DeathRecord.person_id).where(DeathRecord.undone_at.is_(None)))
    )
    undone = set(
        session.scalars(select(DeathRecord.person_id).where(DeathRecord.undone_at.is_not(None)))
    )
    members = set(
        session.scalars(
            select(HouseholdMember.person_id).where(HouseholdMember.superseded_at.is_(None))
        )
    )
    busy = set(session.scalars(select(Case.household_id).where(Case.state == CaseState.OPEN)))
    active = {
        household_id: grant_id
        for grant_id, household_id in session.execute(
            select(Grant.id, Grant.household_id).where(Grant.state == GrantState.ACTIVE)
        )
    }
    for one in families:
        for person in one.people:
            if person.died_on is None or person in one.unheard or person.person_id is None:
                continue
            # somebody took it for a mistake, and the next list of the register comes
            if person.person_id in members and person.person_id not in recorded | undone:
                yield Violation("every death is recorded", person.person_id, str(person.died_on))
        gone = one.household_id is not None and not one.living and not one.unheard
        mistaken = any(person.person_id in undone for person in one.people)
        if gone and not mistaken and one.household_id in active and one.household_id not in busy:
            yield Violation("nothing goes on after the last has died", str(one.household_id), "")


def subsidies_are_complete(session: Session) -> Iterator[Violation]:
    """Of every dear month: each member of each family that was paid then, once, and all of it."""
    for batch in session.scalars(select(PriceBatch).where(PriceBatch.state.in_(_PRICED))):
        shares = session.scalars(select(PriceShare).where(PriceShare.batch_id == batch.id)).all()
        again = aliased(Payment)
        paid = session.scalar(
            select(func.sum(Payment.amount))
            .outerjoin(again, again.repeats_id == Payment.id)
            .join(KnownPerson, KnownPerson.id == Payment.person_id)
            .where(
                Payment.key.like(f"price/{batch.id}/%"),
                again.id.is_(None),
                (Payment.state != PaymentState.CANCELLED) | KnownPerson.died_on.is_not(None),
            )
        )
        # what was ordered and reached nobody is marked once the batch is settled
        owed = sum((one.amount for one in shares if one.excluded in (None, NOT_RECEIVED)), _NOTHING)
        if (paid or _NOTHING) != owed:
            yield Violation("a subsidy is paid as counted", batch.id, f"{paid} of {owed}")
        counted = {one.person_id for one in shares}
        entered_at, published_on = session.execute(
            select(PriceIndex.entered_at, PriceIndex.published_on).where(
                PriceIndex.id == batch.index_id
            )
        ).one()
        month = published_on.replace(day=1)
        # the worker counts in the night after the index was entered
        owed_to = _receiving(session, batch, entered_at, month) & _receiving(
            session, batch, entered_at + _NIGHT, month
        )
        missing = owed_to - counted
        if missing and batch.counts == 1:  # a list that was counted again is of a later day
            yield Violation("a subsidy forgets nobody", batch.id, f"{len(missing)} people")


def _receiving(session: Session, batch: PriceBatch, at: datetime, month: date) -> set[str]:
    """Who belonged at a moment to a family with a benefit of a month."""
    rows = session.execute(
        select(HouseholdMember.person_id)
        .join(Grant, Grant.household_id == HouseholdMember.household_id)
        .join(GrantAmount, GrantAmount.grant_id == Grant.id)
        .join(KnownPerson, KnownPerson.id == HouseholdMember.person_id)
        .where(
            Grant.district_id == batch.district_id,
            (Grant.person_id.is_(None)) | (Grant.person_id == HouseholdMember.person_id),
            GrantAmount.recorded_at <= at,
            (GrantAmount.superseded_at.is_(None)) | (GrantAmount.superseded_at > at),
            GrantAmount.from_month <= month,
            (GrantAmount.until_month.is_(None)) | (GrantAmount.until_month > month),
            HouseholdMember.recorded_at <= at,
            (HouseholdMember.superseded_at.is_(None)) | (HouseholdMember.superseded_at > at),
            KnownPerson.died_on.is_(None),
        )
    )
    return set(rows.scalars())


def what_comes_back_adds_up(session: Session) -> Iterator[Violation]:
    """Recoveries: their months, their plan, what came in, and what the ledger has of it."""
    booked: dict[str, Decimal] = defaultdict(Decimal)
    for receipt in session.scalars(select(Receipt).where(Receipt.state == ReceiptState.BOOKED)):
        booked[receipt.recovery_id] += receipt.amount
    planned: dict[str, Decimal] = defaultdict(Decimal)
    for row in session.scalars(select(Instalment)):
        if row.superseded_at is None:
            planned[row.recovery_id] += row.amount
        else:
            planned[row.recovery_id] += row.received
    exits: dict[str, list[GrantAmount]] = defaultdict(list)
    for amount in session.scalars(
        select(GrantAmount).where(
            GrantAmount.kind == AmountKind.GRADUAL_EXIT, GrantAmount.superseded_at.is_(None)
        )
    ):
        exits[amount.grant_id].append(amount)
    for one in session.scalars(select(Recovery)):
        for row in one.detail if one.cause == "unreported" else ():
            month = date.fromisoformat(row["month"])
            for paid in exits[one.grant_id]:
                known = paid.from_month <= month and month < (paid.until_month or date.max)
                if known and paid.decided_on <= (one.decided_on or date.max):
                    yield Violation("no gradual exit is asked back", one.id, row["month"])
        months = sum((Decimal(row["difference"]) for row in one.detail), _NOTHING)
        if one.detail and abs(months) != one.proposed:
            yield Violation("a recovery is the sum of its months", one.id, f"{months}")
        if one.amount > one.proposed:
            yield Violation("no more is asked back than was paid", one.id, str(one.amount))
        if booked[one.id] != one.received:
            yield Violation("what came back was booked", one.id, f"{booked[one.id]}")
        settled = one.state is RecoveryState.SETTLED
        if settled and one.received != one.amount:
            yield Violation("settled is paid back", one.id, f"{one.received} of {one.amount}")
        if one.id in planned and one.state is RecoveryState.OPEN and planned[one.id] != one.amount:
            yield Violation("a plan covers it all", one.id, f"{planned[one.id]} of {one.amount}")

"""What must hold after years: money by a second method, reasons, notices, alarms, the trail."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.assistance import (
    AmountKind,
    Assessment,
    Grant,
    GrantAmount,
    GrantState,
    MonthAdjustment,
    Notice,
)
from models.cases import Case, Incident
from models.clocks import Clock, ClockState
from models.households import Person
from models.job_offers import ShareCut
from models.jobs import Job, JobState
from models.money import HeldPayment, LedgerAccount, LedgerTransfer, Payment, PaymentState, Roll
from models.recoveries import Recovery, RecoveryState
from scripts.soak.invariants import Violation
from workflows.audit.verification import verify_all
from workflows.calendar import LOCAL_ZONE, months_later
from workflows.definitions.policy import Policy
from workflows.feel import from_json
from workflows.runtime.worker import PERIOD

_NOTHING: Final = Decimal(0)
_CENTS: Final = Decimal("0.01")
#: Recoveries in which the decision for the month is changed as well.
_CORRECTED: Final = "correction"
#: A notice to another family than the one whose case it is.
_TO_ANOTHER: Final = "household_changed_other"
#: An alarm is raised by the first round of the worker after the moment; here rounds are nightly.
_NIGHT: Final = timedelta(days=1, hours=2)


def everything(session: Session, district_id: str, law: Policy, today: date) -> Iterator[Violation]:
    """Every rule that doesn't hold; reads only."""
    yield from paid_is_owed(session, district_id, today)
    yield from nobody_after_the_end(session)
    yield from every_change_is_told(session)
    yield from no_clock_late_without_its_alarm(session)
    yield from amounts_by_a_second_method(session, law)
    yield from nothing_broken(session)
    yield from the_books_balance(session)


def paid_is_owed(session: Session, district_id: str, today: date) -> Iterator[Violation]:
    """For every month whose roll went out: paid and under way = owed, or held with an owner.

    More than owed only where it was paid before the decision that gave less.
    """
    last = session.scalar(
        select(func.max(Roll.month)).where(
            Roll.district_id == district_id, Roll.released_at.is_not(None)
        )
    )
    if last is None:
        return
    received = _received(session)
    held = {
        (row.household_id, row.month)
        for row in session.execute(
            select(HeldPayment.household_id, Roll.month).join(Roll, Roll.id == HeldPayment.roll_id)
        )
    }
    amounts: dict[str, list[GrantAmount]] = defaultdict(list)
    for amount in session.scalars(select(GrantAmount).where(GrantAmount.superseded_at.is_(None))):
        amounts[amount.grant_id].append(amount)
    for grant in session.scalars(select(Grant).order_by(Grant.id)):
        month = grant.start_month
        while month <= last:
            owed = _owed(amounts[grant.id], month)
            got = received[grant.id].get(month, _NOTHING)
            if got < owed and (grant.household_id, month) not in held:
                yield Violation(
                    "no month is left short", f"{grant.id} {month:%Y-%m}", f"{got} of {owed}"
                )
            if got > owed and not _decided_later(session, grant, month):
                yield Violation(
                    "nothing is paid beyond what is decided",
                    f"{grant.id} {month:%Y-%m}",
                    f"{got} instead of {owed}",
                )
            month = months_later(month, 1)


def _received(session: Session) -> Mapping[str, Mapping[date, Decimal]]:
    """What was paid or is under way, with what was settled otherwise, by grant and month."""
    found: dict[str, dict[date, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for row in session.execute(
        select(Payment.grant_id, Payment.month, Payment.amount).where(
            Payment.grant_id.is_not(None), Payment.state != PaymentState.CANCELLED
        )
    ):
        found[row.grant_id][row.month] += row.amount
    states = {one.id: one.state for one in session.scalars(select(Payment))}
    recoveries = {one.id: one.state for one in session.scalars(select(Recovery))}
    causes = {one.id: one.cause for one in session.scalars(select(Recovery))}
    for one in session.scalars(select(MonthAdjustment)):
        if one.recovery_id is not None and causes[one.recovery_id] != _CORRECTED:
            continue  # the decision for the month stands; it is checked on its own
        counts = (
            states[one.payment_id] is not PaymentState.CANCELLED
            if one.payment_id is not None
            else recoveries[str(one.recovery_id)] in (RecoveryState.OPEN, RecoveryState.SETTLED)
        )
        if counts:
            found[one.grant_id][one.month] += one.amount
    return found


def _owed(amounts: list[GrantAmount], month: date) -> Decimal:
    covering = [
        one
        for one in amounts
        if one.from_month <= month and (one.until_month is None or month < one.until_month)
    ]
    assert len(covering) <= 1, "amounts overlap"
    return covering[0].monthly if covering else _NOTHING


def _decided_later(session: Session, grant: Grant, month: date) -> bool:
    """Whether what counts for the month was decided after it was paid."""
    paid_at = session.scalar(
        select(func.min(Payment.ordered_at)).where(
            Payment.grant_id == grant.id,
            Payment.month == month,
            Payment.state != PaymentState.CANCELLED,
        )
    )
    changed = session.scalar(
        select(func.max(GrantAmount.recorded_at)).where(GrantAmount.grant_id == grant.id)
    )
    superseded = session.scalar(
        select(func.max(GrantAmount.superseded_at)).where(GrantAmount.grant_id == grant.id)
    )
    ended = grant.state is GrantState.ENDED
    latest = max((one for one in (changed, superseded) if one is not None), default=None)
    return paid_at is not None and (ended or (latest is not None and latest > paid_at))


def nobody_after_the_end(session: Session) -> Iterator[Violation]:
    """No payment is ordered for a month after an exit that was known, nor to the dead."""
    rows = session.execute(
        select(Payment.key, Payment.ordered_at, Payment.month, Person.died_on)
        .join(Person, Person.id == Payment.person_id)
        .where(Person.died_on.is_not(None), Payment.state == PaymentState.PAID)
    )
    for row in rows:
        if row.month is not None and row.month > row.died_on and _day(row.ordered_at) > row.died_on:
            yield Violation("nothing is paid to the dead", row.key, f"died {row.died_on}")
    stopped = session.execute(
        select(Payment.key, Payment.month, Payment.ordered_at, Grant.ended_from, Grant.id)
        .join(Grant, Grant.id == Payment.grant_id)
        .where(
            Grant.state == GrantState.ENDED,
            Payment.month >= Grant.ended_from,
            Payment.state == PaymentState.PAID,
        )
    )
    for key, _month, ordered_at, ended_from, grant_id in stopped:
        decided = session.scalar(
            select(func.max(GrantAmount.superseded_at)).where(GrantAmount.grant_id == grant_id)
        )
        if decided is not None and ordered_at > decided:
            yield Violation("nothing is paid after an exit", key, f"ended {ended_from}")


def every_change_is_told(session: Session) -> Iterator[Violation]:
    """Whoever gets less, or nothing, has been told why in writing, and it has reached them."""
    told, served, waiting = set(), set(), set()
    for case_id, kind, served_on in session.execute(
        select(Notice.case_id, Notice.kind, Notice.served_on)
    ):
        told.add(case_id)
        if served_on is not None:
            served.add(case_id)
        elif kind == _TO_ANOTHER:
            waiting.add(case_id)
    under_way = set(session.scalars(select(Case.id).where(Case.closed_at.is_(None))))
    less: list[tuple[str, str, str, str]] = []
    by_grant: dict[str, list[GrantAmount]] = defaultdict(list)
    for amount in session.scalars(
        select(GrantAmount).order_by(GrantAmount.recorded_at, GrantAmount.from_month)
    ):
        by_grant[amount.grant_id].append(amount)
    for grant_id, amounts in by_grant.items():
        less += [
            ("reduction", f"{grant_id} from {after.from_month}", after.case_id, after.reason)
            for before, after in pairwise(amounts)
            if after.monthly < before.monthly
        ]
    less += [
        ("stop", f"{grant.id} from {grant.ended_from}", str(grant.ended_case_id), grant.end_reason)
        for grant in session.scalars(select(Grant).where(Grant.state == GrantState.ENDED))
    ]
    for what, where, case_id, reason in less:
        if not reason:
            yield Violation(f"every {what} has its reason", where, case_id)
        if case_id in under_way:
            continue
        if case_id not in told:
            yield Violation(f"every {what} is told", where, case_id)
        elif case_id not in served or case_id in waiting:
            yield Violation(f"every {what} is served", where, case_id)


def no_clock_late_without_its_alarm(session: Session) -> Iterator[Violation]:
    """Every clock that ran past its day has its alarm, whatever became of it."""
    newest = session.scalar(select(func.max(Clock.started_at)))
    for clock in session.scalars(
        select(Clock).where(Clock.severity != PERIOD, Clock.alarmed_at.is_(None))
    ):
        until = clock.stopped_at if clock.state is ClockState.STOPPED else newest
        if until is not None and until > clock.due_at + _NIGHT:
            yield Violation("no clock is late without its alarm", clock.id, clock.key)


def amounts_by_a_second_method(session: Session, law: Policy) -> Iterator[Violation]:
    """Regular amounts of 低保 against a calculation in plain numbers."""
    rows = session.execute(
        select(GrantAmount, Assessment)
        .join(Assessment, Assessment.id == GrantAmount.assessment_id)
        .join(Grant, Grant.id == GrantAmount.grant_id)
        .where(
            GrantAmount.kind == AmountKind.REGULAR,
            Grant.programme == "dibao",
            Grant.person_id.is_(None),
        )
    )
    cuts: dict[str, list[ShareCut]] = defaultdict(list)
    for cut in session.scalars(select(ShareCut)):
        cuts[cut.grant_id].append(cut)
    for amount, assessment in rows:
        expected = monthly_of(from_json(assessment.explanation["inputs"]), assessment.on, law)
        less = sum(
            (
                cut.amount
                for cut in cuts[amount.grant_id]
                if cut.from_month <= amount.from_month < (cut.until_month or date.max)
            ),
            _NOTHING,
        )
        if expected is not None and max(expected - less, _NOTHING) != amount.monthly:
            yield Violation(
                "an amount equals its calculation", amount.id, f"{amount.monthly}, not {expected}"
            )


def monthly_of(facts: Mapping[str, Any], on: date, law: Policy) -> Decimal | None:
    """What the invented families get, without the decision tables; None where it isn't simple."""
    standard: Decimal = law.parameters.value(f"dibao.standard.{facts['area']}", on).value
    members = [one for one in facts["members"] if one["status"] == "present"]
    total = _NOTHING
    for income in facts["incomes"]:
        if income["kind"] == "wage" and income["basis"] == "documented":
            total += income["monthly"] * Decimal("0.7")
        elif income["kind"] in ("pension_account", "farming"):
            total += income["monthly"]
        else:
            return None
    base: Decimal = (len(members) * standard - total).quantize(_CENTS, ROUND_HALF_UP)
    if base <= 0:
        return None
    return base + sum((_topup(one, on) for one in members), _NOTHING)


def _topup(member: Mapping[str, Any], on: date) -> Decimal:
    born = member["birth_on"]
    age = on.year - born.year - ((on.month, on.day) < (born.month, born.day))
    best = _NOTHING
    grade = member["disability_grade"]
    if (grade is not None and grade <= 2) or member["serious_illness"] or age >= 70:
        best = Decimal(60)
    if member["student"] != "none" or age < 6:
        best = Decimal(100)
    return best + (Decimal(40) if grade is not None else _NOTHING)


def nothing_broken(session: Session) -> Iterator[Violation]:
    """No case stands still by a fault, and no work in the background has given up."""
    for incident in session.scalars(select(Incident)):
        yield Violation("no incidents", incident.case_id, f"{incident.code} {incident.message}")
    for job in session.scalars(select(Job).where(Job.state == JobState.FAILED)):
        yield Violation("no failed jobs", job.key, str(job.result))


def the_trail_verifies(session: Session, keys: Mapping[str, bytes]) -> Iterator[Violation]:
    """Every chain, the access log and the tree; `keys` are the trusted public keys by id."""
    for problem in verify_all(session, keys=keys).problems:
        yield Violation("the trail verifies", problem.place, f"{problem.code} {problem.detail}")


def the_books_balance(session: Session) -> Iterator[Violation]:
    """Balances are what the transfers say."""
    moved: dict[str, Decimal] = defaultdict(Decimal)
    for row in session.execute(
        select(LedgerTransfer.from_id, LedgerTransfer.to_id, LedgerTransfer.amount)
    ):
        moved[row.from_id] -= row.amount
        moved[row.to_id] += row.amount
    for account in session.scalars(select(LedgerAccount)):
        if account.balance != moved[account.id]:
            yield Violation(
                "the books balance", f"{account.programme}/{account.kind}", str(account.balance)
            )


def _day(moment: datetime) -> date:
    return moment.astimezone(LOCAL_ZONE).date()

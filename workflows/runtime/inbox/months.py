"""What a family gets month by month, past and planned, with gradual exit and stopped at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.assistance import AmountKind, Grant, GrantState
from models.cases import Case
from models.deaths import DeathRecord
from models.households import Household, HouseholdMember, Person
from models.money import HeldPayment, PaymentState, Roll
from models.offices import Office
from models.recoveries import Recovery
from workflows.access import Action, Viewer, visible_households
from workflows.assistance.grants import MonthLine, month_lines
from workflows.assistance.households import identity_of
from workflows.calendar import local_day, months_later
from workflows.definitions.asking import ask_decision
from workflows.definitions.policy import Policy
from workflows.definitions.release import current_policy
from workflows.errors import Invalid, NotFound
from workflows.privacy import KeyRing

_NOTHING: Final = Decimal(0)
#: How many months a page shows before the present one, and plans after it, unless more are asked.
PAST: Final = 11
AHEAD: Final = 7
_STANDARD: Final = "recheck_standard"
_EXIT_PLAN: Final = "gradual_exit_plan"


@dataclass(frozen=True, slots=True)
class FamilyMonth:
    """One month; sums in yuan. `stopped`: what an immediate stop would have paid instead."""

    line: MonthLine
    planned: bool
    #: per person and month, as in force on the first of the month; None where none was found
    standard: Decimal | None
    stopped: Decimal
    #: the number of the case that decided the amount
    case_number: str | None
    #: why the month's payment was held on its last roll, while it isn't paid
    held: str | None

    @property
    def gains(self) -> Decimal:
        """What the gradual exit gives beyond an immediate stop."""
        return self.line.owed - self.stopped


@dataclass(frozen=True, slots=True)
class ExitPreview:
    """What a gradual exit decided today would pay (通知二（一）1), beside an immediate stop."""

    allowed: bool
    months: Sequence[str]
    amount: Decimal
    total: Decimal
    exit_from: str


@dataclass(frozen=True, slots=True)
class FamilyMonths:
    """A grant of a household, month by month."""

    household: Household
    township: str
    village: str
    head: str
    grant: Grant
    #: every grant of the household, the newest first
    grants: Sequence[Grant]
    months: Sequence[FamilyMonth]
    #: whether there are months before the first one shown
    earlier: bool
    recoveries: Sequence[Recovery]
    preview: ExitPreview | None
    #: present members: person id and name
    members: Sequence[tuple[str, str]]
    #: a recorded death that isn't undone holds the money of the family
    dead: Sequence[str]

    @property
    def exits(self) -> bool:
        """Whether a gradual exit is among the months shown."""
        return any(one.line.kind is AmountKind.GRADUAL_EXIT for one in self.months)

    def total(self, name: str) -> Decimal:
        """The sum of a column over the months gone by and the present one."""
        return sum((self._value(one, name) for one in self.months if not one.planned), _NOTHING)

    def planned_total(self, name: str) -> Decimal:
        """The sum of a column over the months ahead."""
        return sum((self._value(one, name) for one in self.months if one.planned), _NOTHING)

    @staticmethod
    def _value(one: FamilyMonth, name: str) -> Decimal:
        value: Decimal = getattr(one if name in ("stopped", "gains") else one.line, name)
        return value


def family_months(
    session: Session,
    viewer: Viewer,
    household_id: str,
    keys: KeyRing,
    *,
    grant_id: str | None = None,
    every: bool = False,
    now: datetime,
) -> FamilyMonths:
    """A household's grant month by month: the last year and what is planned, or `every` month.

    Ten SELECTs, whatever there is.

    Raises:
        NotFound: `household_not_found` also for what the viewer may not see, `no_grant`.
    """
    household, township, village = _seen(session, viewer, household_id)
    grants = session.scalars(
        select(Grant).where(Grant.household_id == household_id).order_by(Grant.id.desc())
    ).all()
    grant = next((one for one in grants if grant_id in (None, one.id)), None)
    if grant is None:
        raise NotFound("no_grant", "这个家庭没有这份待遇。", "The household has no such benefit.")
    members = _members(session, household_id, keys)
    today = local_day(now)
    present = today.replace(day=1)
    lines = month_lines(session, grant, _last(grant, present))
    first = months_later(present, -PAST)
    shown = [line for line in lines if every or line.month >= first]
    law = current_policy(session, household.district_id)
    return FamilyMonths(
        household=household,
        township=township,
        village=village,
        head=next((name for person, name, _ in members if person == household.head_person_id), "—"),
        grant=grant,
        grants=grants,
        months=_months(session, law, household, grant, shown, present, now),
        earlier=len(shown) < len(lines),
        recoveries=_recoveries(session, grant),
        preview=_preview(law, grant, lines, today, now),
        members=[(person, name) for person, name, dead in members if not dead],
        dead=[name for _, name, dead in members if dead],
    )


def has_grant(session: Session, household_id: str | None) -> bool:
    """Whether a household has, or had, a monthly benefit. One SELECT."""
    found = select(Grant.id).where(Grant.household_id == household_id).limit(1)
    return session.scalar(found) is not None


def _seen(session: Session, viewer: Viewer, household_id: str) -> tuple[Household, str, str]:
    township, village = Office.__table__.alias("township"), Office.__table__.alias("village")
    row = session.execute(
        select(Household, township.c.name, village.c.name)
        .join(township, township.c.id == Household.township_id)
        .join(village, village.c.id == Household.village_id)
        .where(Household.id == household_id, visible_households(viewer, Action.GRANT_READ))
    ).one_or_none()
    if row is None:
        raise NotFound("household_not_found", "找不到这个家庭。", "There is no such household.")
    household, in_township, in_village = row
    return household, in_township, in_village


def _last(grant: Grant, present: date) -> date:
    """The last month to plan: a month beyond the end of the grant, else some months ahead."""
    ahead = months_later(present, AHEAD - 1)
    if grant.ended_from is not None:
        return min(max(grant.ended_from, present), ahead)
    return ahead


def _members(session: Session, household_id: str, keys: KeyRing) -> list[tuple[str, str, bool]]:
    """Present members: id, name, and whether a death stands for them."""
    rows = session.execute(
        select(Person, DeathRecord.id)
        .join(HouseholdMember, HouseholdMember.person_id == Person.id)
        .outerjoin(
            DeathRecord,
            (DeathRecord.person_id == Person.id) & DeathRecord.undone_at.is_(None),
        )
        .where(
            HouseholdMember.household_id == household_id,
            HouseholdMember.superseded_at.is_(None),
        )
        .order_by(HouseholdMember.id)
    )
    return [
        (person.id, identity_of(person, keys).name, record is not None or bool(person.died_on))
        for person, record in rows
    ]


def _months(
    session: Session,
    law: Policy,
    household: Household,
    grant: Grant,
    lines: Sequence[MonthLine],
    present: date,
    now: datetime,
) -> list[FamilyMonth]:
    held = _held(session, household.id)
    cases = {line.amount.case_id for line in lines if line.amount is not None}
    numbered = session.execute(select(Case.id, Case.number).where(Case.id.in_(cases)))
    numbers = {row.id: row.number for row in numbered}
    found = []
    exited = False
    for line in lines:
        exited = exited or line.kind is AmountKind.GRADUAL_EXIT
        unpaid = line.state is None or line.state is PaymentState.ORDERED
        found.append(
            FamilyMonth(
                line=line,
                planned=line.month > present,
                standard=_standard(law, household, grant, line.month, now),
                stopped=_NOTHING if exited else line.owed,
                case_number=None if line.amount is None else numbers.get(line.amount.case_id),
                held=held.get(line.month) if unpaid and line.owed else None,
            )
        )
    return found


def _held(session: Session, household_id: str) -> Mapping[date, str]:
    """Why the household was held on its last roll of each month."""
    rows = session.execute(
        select(Roll.month, HeldPayment.reason)
        .join(Roll, Roll.id == HeldPayment.roll_id)
        .where(HeldPayment.household_id == household_id)
        .order_by(HeldPayment.held_at)
    )
    return {row.month: row.reason for row in rows}


def _standard(
    law: Policy, household: Household, grant: Grant, month: date, now: datetime
) -> Decimal | None:
    """The standard of 低保 in force on the first of a month."""
    if grant.programme != "dibao":
        return None
    recheck = {"area": household.area.value, "total": None, "members": None, "property_ok": None}
    try:
        result, _ = ask_decision(
            law, _STANDARD, {"on": month, "recheck": recheck}, month, now, tells=False
        )
    except Invalid:
        return None
    value: Decimal = result.value
    return value


def _recoveries(session: Session, grant: Grant) -> Sequence[Recovery]:
    return session.scalars(
        select(Recovery).where(Recovery.grant_id == grant.id).order_by(Recovery.id)
    ).all()


def _preview(
    law: Policy, grant: Grant, lines: Sequence[MonthLine], today: date, now: datetime
) -> ExitPreview | None:
    """For a grant that pays and isn't in a gradual exit: what one decided today would pay."""
    present = next((one for one in lines if one.month == today.replace(day=1)), None)
    if (
        grant.programme != "dibao"
        or grant.state is GrantState.ENDED
        or present is None
        or present.kind is not AmountKind.REGULAR
        or any(one.kind is AmountKind.GRADUAL_EXIT for one in lines if one.month > present.month)
    ):
        return None
    ended = max((one.month for one in lines if one.kind is AmountKind.GRADUAL_EXIT), default=None)
    exit_: dict[str, Any] = {
        "decided_on": today,
        "amount": present.owed,
        "last_ended_on": None if ended is None else months_later(ended, 1),
    }
    try:
        result, _ = ask_decision(
            law, _EXIT_PLAN, {"on": today, "exit": exit_}, today, now, tells=False
        )
    except Invalid:
        return None
    plan = result.value
    return ExitPreview(
        allowed=plan["allowed"],
        months=tuple(plan["months"]),
        amount=plan["amount"],
        total=plan["total"],
        exit_from=plan["exit_from"],
    )

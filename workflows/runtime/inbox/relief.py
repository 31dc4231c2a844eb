"""What an approver of relief has to see: everything given for the event, who decides, the money."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import ColumnElement, func, literal, select, tuple_
from sqlalchemy.orm import Session, aliased

from models.accounts import Account
from models.cases import Case
from models.households import Household, Person
from models.money import LedgerKind, Payment
from models.offices import Office
from models.relief import Conference, PaperDebt, ReliefEvent, ReliefGrant, ReliefStage, StageState
from workflows.access import Action, Viewer, visible_cases
from workflows.assistance.money.ledger import account_query
from workflows.assistance.money.petty_fund import FundState, fund_states
from workflows.assistance.relief.events import DUPLICATE_DAYS, duplicates
from workflows.calendar import local_day
from workflows.definitions.asking import ask_decision
from workflows.definitions.policy import Policy
from workflows.privacy import KeyRing
from workflows.runtime.inbox.people import shown_person

#: How many past conferences stand beside a new one.
_NEAREST: Final = 3
_MOST_DEBTS: Final = 200
_NOTHING: Final = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class StageRow:
    """A stage of a grant with what became of its payment."""

    id: str
    number: int
    amount: Decimal
    due_on: date
    condition: str
    state: str
    settled_on: date | None
    payment_id: str | None
    method: str | None
    payment_state: str | None
    paid_on: date | None


@dataclass(frozen=True, slots=True)
class GrantRow:
    """A grant of the event, of this case or another."""

    id: str
    case_id: str
    case_number: str
    on: date
    kind: str
    level: str
    source: str
    total: Decimal
    stages: tuple[StageRow, ...]

    @property
    def counted(self) -> Decimal:
        """What of it wasn't cancelled."""
        cancelled = (one.amount for one in self.stages if one.state == StageState.CANCELLED)
        return self.total - sum(cancelled, _NOTHING)

    @property
    def undrawn(self) -> Decimal:
        """What of it is planned and not released yet."""
        planned = (one.amount for one in self.stages if one.state == StageState.PLANNED)
        return sum(planned, _NOTHING)


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Relief that the same people got for another event."""

    case_number: str
    township: str
    cause: str
    on: date
    total: Decimal


@dataclass(frozen=True, slots=True)
class PastConference:
    """An exception made before, for comparison."""

    case_number: str
    held_on: date
    grounds: tuple[str, ...]
    decision: str
    amount: Decimal | None
    by_rule: Decimal | None


@dataclass(frozen=True, slots=True)
class ReliefView:
    """An event with its grants, the level that its total needs, and the money there is."""

    event: ReliefEvent
    grants: tuple[GrantRow, ...]
    proposed: Decimal
    #: None where nothing is proposed
    approval: Mapping[str, Any] | None
    fund: FundState | None
    budget: Decimal
    elsewhere: tuple[Elsewhere, ...]
    #: of the township: papers owed, and those past their day
    debts: int
    overdue: int
    conferences: tuple[PastConference, ...] = ()
    #: the most that may be given before papers; None where that isn't asked
    first_aid_cap: Decimal | None = None

    @property
    def given(self) -> Decimal:
        """Everything granted for the event, without what was cancelled."""
        return sum((grant.counted for grant in self.grants), _NOTHING)

    @property
    def undrawn(self) -> Decimal:
        """Stages of the event that are still to come."""
        return sum((grant.undrawn for grant in self.grants), _NOTHING)


def relief_view(
    session: Session,
    event_id: str,
    case: Case,
    law: Policy,
    *,
    proposed: Decimal | None,
    grounds: Sequence[str] = (),
    first_aid: bool = False,
    now: datetime,
) -> ReliefView | None:
    """The event as the approver of a case sees it. At most nine SELECTs, whatever its history.

    The fund and the debts are of the case's township; the event may be another one's, joined by a
    family whose people were there. `proposed` is what would be added now; with `grounds` of a
    conference the nearest past ones stand beside it; with `first_aid` its cap is worked out.
    """
    event = session.get(ReliefEvent, event_id)
    if event is None:
        return None
    today = local_day(now)
    grants = _rows(session, ReliefGrant.event_id == event.id)
    amount = proposed if proposed is not None and proposed > 0 else None
    facts = {
        "persons": Decimal(event.persons),
        "proposed": amount or _NOTHING,
        "grants": [{"on": grant.on, "amount": grant.counted} for grant in grants],
    }
    inputs = {"on": today, "event": facts}
    approval = cap = None
    if amount is not None:
        result, _ = ask_decision(law, "relief_approval", inputs, today, now, tells=False)
        approval = dict(result.value)
    if first_aid:
        result, _ = ask_decision(law, "first_aid_cap", inputs, today, now, tells=False)
        cap = result.value
    funds = fund_states(
        session, event.district_id, law.parameters, today, township_id=case.township_id
    )
    budget = session.scalar(account_query(event.district_id, LedgerKind.BUDGET, event.district_id))
    debts, overdue = _debts(session, case.township_id, today)
    days = int(law.parameters.value(DUPLICATE_DAYS, today).value)
    return ReliefView(
        event,
        grants,
        amount or _NOTHING,
        approval,
        funds[0] if funds else None,
        budget.balance if budget is not None else _NOTHING,
        _elsewhere(session, case, event.id, today - timedelta(days=days)),
        debts,
        overdue,
        _conferences(session, event, amount, grounds) if grounds else (),
        cap,
    )


def relief_of_case(session: Session, case_id: str) -> Sequence[GrantRow]:
    """The relief that one case has granted, with its stages and payments. One SELECT."""
    return _rows(session, ReliefGrant.case_id == case_id)


def _rows(session: Session, which: ColumnElement[bool]) -> tuple[GrantRow, ...]:
    rows = session.execute(
        select(ReliefGrant, Case.number, ReliefStage, Payment)
        .join(Case, Case.id == ReliefGrant.case_id)
        .join(ReliefStage, ReliefStage.grant_id == ReliefGrant.id)
        .outerjoin(Payment, Payment.stage_id == ReliefStage.id)
        .where(which)
        .order_by(ReliefGrant.id, ReliefStage.number, Payment.ordered_at)
    ).all()
    grants: dict[str, tuple[ReliefGrant, str]] = {}
    stages: dict[str, dict[int, StageRow]] = {}
    for grant, number, stage, payment in rows:
        grants[grant.id] = (grant, number)
        # a later payment of a stage repeats an earlier one that failed: the last one counts
        stages.setdefault(grant.id, {})[stage.number] = _stage_row(stage, payment)
    return tuple(
        GrantRow(
            grant_id, grant.case_id, number, grant.decided_on, grant.kind, grant.level,
            grant.source.value, grant.total, tuple(stages[grant_id].values()),
        )
        for grant_id, (grant, number) in grants.items()
    )  # fmt: skip


def _stage_row(stage: ReliefStage, payment: Payment | None) -> StageRow:
    paid: tuple[str | None, str | None, str | None, date | None] = (None, None, None, None)
    if payment is not None:
        paid = (payment.id, payment.method.value, payment.state.value, payment.paid_on)
    return StageRow(
        stage.id,
        stage.number,
        stage.amount,
        stage.due_on,
        stage.condition,
        stage.state.value,
        stage.settled_on,
        *paid,
    )


def _elsewhere(session: Session, case: Case, event_id: str, since: date) -> tuple[Elsewhere, ...]:
    others = duplicates(session, case.household_id or "", event_id, since=since)
    if not others:
        return ()
    rows = session.execute(
        select(
            ReliefGrant.id, Case.number, Office.name, ReliefEvent.cause, ReliefGrant.decided_on,
            ReliefGrant.total,
        )
        .join(Case, Case.id == ReliefGrant.case_id)
        .join(ReliefEvent, ReliefEvent.id == ReliefGrant.event_id)
        .join(Office, Office.id == Case.township_id)
        .where(ReliefGrant.id.in_([grant_id for grant_id, _ in others]))
        .order_by(ReliefGrant.decided_on.desc())
    )  # fmt: skip
    return tuple(Elsewhere(row[1], row[2], row[3], row[4], row[5]) for row in rows)


def _debts(session: Session, township_id: str, today: date) -> tuple[int, int]:
    row = session.execute(
        select(
            func.count(),
            func.count().filter(PaperDebt.due_on.is_not(None), PaperDebt.due_on < today),
        ).where(PaperDebt.township_id == township_id, PaperDebt.closed_on.is_(None))
    ).one()
    return int(row[0]), int(row[1])


def _conferences(
    session: Session, event: ReliefEvent, proposed: Decimal | None, grounds: Sequence[str]
) -> tuple[PastConference, ...]:
    """The exceptions of the district most like this one: grounds in common, amounts close by."""
    rows = session.execute(
        select(Conference, Case.number)
        .join(Case, Case.id == Conference.case_id)
        .where(Conference.district_id == event.district_id)
        .order_by(Conference.held_on.desc(), Conference.id.desc())
        .limit(100)
    ).all()
    near = sorted(
        rows,
        key=lambda row: (
            -len(set(grounds) & set(row[0].grounds)),
            abs((row[0].amount or _NOTHING) - (proposed or _NOTHING)),
        ),
    )
    return tuple(
        PastConference(
            number, found.held_on, tuple(found.grounds), found.decision, found.amount,
            found.by_rule,
        )
        for found, number in near[:_NEAREST]
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class DebtRow:
    """Papers that are owed: by whom, since when, until when.

    `applicant` is None where nobody opened the names.
    """

    id: str
    case_id: str
    case_number: str
    township: str
    owner_id: str | None
    owner: str | None
    missing: tuple[str, ...]
    opened_on: date
    due_on: date | None
    closed_on: date | None
    age_days: int
    overdue: bool
    applicant: str | None = None


def paper_debts(
    session: Session,
    viewer: Viewer,
    *,
    now: datetime,
    keys: KeyRing | None = None,
    after: tuple[date, str] | None = None,
    most: int = _MOST_DEBTS,
) -> list[DebtRow]:
    """The papers owed at the viewer's offices, the oldest first. One SELECT.

    With `keys`, the names of those who got the aid are opened. `after` is the day and id of the
    last one that was seen.
    """
    query = (
        _DEBTS.where(
            PaperDebt.district_id == viewer.district_id,
            PaperDebt.closed_on.is_(None),
            visible_cases(viewer, Action.CASE_READ),
        )
        .order_by(PaperDebt.opened_on, PaperDebt.id)
        .limit(most)
    )
    if after is not None:
        query = query.where(
            tuple_(PaperDebt.opened_on, PaperDebt.id)
            > tuple_(literal(after[0], PaperDebt.opened_on.type), literal(after[1]))
        )
    return [_debt_row(row, local_day(now), keys) for row in session.execute(query)]


def debt_of_case(session: Session, case_id: str, *, now: datetime) -> DebtRow | None:
    """The papers that a case owes or has brought; None where it never owed any. One SELECT."""
    row = session.execute(_DEBTS.where(PaperDebt.case_id == case_id)).one_or_none()
    return None if row is None else _debt_row(row, local_day(now), None)


_TOWNSHIP, _OWNER = aliased(Office), aliased(Account)
_DEBTS: Final = (
    select(PaperDebt, Case.number, _TOWNSHIP.name, _OWNER.name, Person)
    .join(Case, Case.id == PaperDebt.case_id)
    .outerjoin(Household, Household.id == Case.household_id)
    .outerjoin(Person, Person.id == Household.head_person_id)
    .join(_TOWNSHIP, _TOWNSHIP.id == PaperDebt.township_id)
    .outerjoin(_OWNER, _OWNER.id == PaperDebt.owner_id)
)


def _debt_row(row: Any, today: date, keys: KeyRing | None) -> DebtRow:
    debt, number, township, owner, person = row
    open_past_due = debt.closed_on is None and debt.due_on is not None and debt.due_on < today
    return DebtRow(
        debt.id, debt.case_id, number, township, debt.owner_id, owner, tuple(debt.missing),
        debt.opened_on, debt.due_on, debt.closed_on, (today - debt.opened_on).days,
        open_past_due, _name(person, keys),
    )  # fmt: skip


def _name(person: Person | None, keys: KeyRing | None) -> str | None:
    if person is None or keys is None:
        return None
    shown = shown_person(person.id, person.data_key, person.identity, keys)
    return None if shown is None else shown.name

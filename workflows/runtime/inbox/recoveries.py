"""Recoveries for reading: the list of a district or a township, one with its plan and receipts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select, true
from sqlalchemy.orm import Session, aliased

from models.accounts import Account
from models.cases import Case, CaseState
from models.households import Household, Person
from models.offices import Office, OfficeLevel
from models.recoveries import Instalment, Receipt, Recovery, RecoveryState
from workflows.access import ACTIONS_OF, Action, Viewer
from workflows.assistance.households import identity_of
from workflows.calendar import local_day
from workflows.errors import NotFound
from workflows.privacy import KeyRing, blind_index

PAGE: Final = 50
_CHUNK: Final = 1000


class RecoveryFilter(StrEnum):
    """What a list shows."""

    PROPOSED = "proposed"
    OPEN = "open"
    OVERDUE = "overdue"
    SETTLED = "settled"
    WAIVED = "waived"


@dataclass(frozen=True, slots=True)
class RecoveryRow:
    """A recovery in a list; `name` is the head of the household."""

    recovery: Recovery
    township: str
    case_number: str
    name: str | None
    overdue: bool

    @property
    def rest(self) -> Decimal:
        """What has still to come back."""
        if self.recovery.state is not RecoveryState.OPEN:
            return Decimal(0)
        return self.recovery.amount - self.recovery.received


@dataclass(frozen=True, slots=True)
class RecoveryPage:
    """A page of a list; `following` is the id that the next one begins after."""

    rows: Sequence[RecoveryRow]
    following: str | None


@dataclass(frozen=True, slots=True)
class ReceiptRow:
    """A receipt with who entered and who checked it."""

    receipt: Receipt
    entered_by: str | None
    checked_by: str | None


@dataclass(frozen=True, slots=True)
class RecoveryView:
    """One recovery: its months, plan and receipts."""

    row: RecoveryRow
    village_id: str
    repayment_number: str | None
    repayment_open: bool
    decided_by: str | None
    instalments: Sequence[Instalment]
    #: of plans that were replaced
    earlier: Sequence[Instalment]
    receipts: Sequence[ReceiptRow]
    today: date

    @property
    def recovery(self) -> Recovery:
        return self.row.recovery


def recovery_sums(
    session: Session, viewer: Viewer, *, today: date
) -> dict[RecoveryFilter, tuple[int, Decimal]]:
    """How many there are within the viewer's scope, and how much is left of them. One SELECT."""
    overdue = Recovery.next_due_on < today
    rows = session.execute(
        select(
            Recovery.state,
            func.coalesce(overdue, false()),
            func.count(),
            func.sum(Recovery.amount),
            func.sum(Recovery.received),
        )
        .where(_scope(viewer))
        .group_by(Recovery.state, func.coalesce(overdue, false()))
    )
    found = dict.fromkeys(RecoveryFilter, (0, Decimal(0)))
    for state, late, count, amount, received in rows:
        keys = [RecoveryFilter(state.value)]
        if state is RecoveryState.OPEN and late:
            keys.append(RecoveryFilter.OVERDUE)
        left = amount - (received if state is RecoveryState.OPEN else 0)
        for key in keys:
            known, total = found[key]
            found[key] = (known + count, total + left)
    return found


def recovery_page(
    session: Session,
    viewer: Viewer,
    keys: KeyRing,
    *,
    wanted: RecoveryFilter | None,
    township_id: str | None = None,
    name: str = "",
    after: str | None = None,
    now: datetime,
) -> RecoveryPage:
    """A page of recoveries, the newest first. One SELECT."""
    today = local_day(now)
    query = _rows(viewer, wanted, today, township_id)
    if name.strip():
        query = query.where(Person.name_index == blind_index(keys, "name", name.strip()))
    if after is not None:
        query = query.where(Recovery.id < after)
    rows = session.execute(query.limit(PAGE + 1)).all()
    shown = [_row(row, keys, today) for row in rows[:PAGE]]
    following = shown[-1].recovery.id if len(rows) > PAGE else None
    return RecoveryPage(shown, following)


def every_recovery(
    session: Session,
    viewer: Viewer,
    keys: KeyRing,
    *,
    wanted: RecoveryFilter | None,
    township_id: str | None = None,
    now: datetime,
) -> Iterator[RecoveryRow]:
    """All of them, for a file; in chunks."""
    today = local_day(now)
    query = _rows(viewer, wanted, today, township_id)
    last: str | None = None
    while True:
        chunk = query if last is None else query.where(Recovery.id < last)
        rows = session.execute(chunk.limit(_CHUNK)).all()
        for row in rows:
            yield _row(row, keys, today)
        if len(rows) < _CHUNK:
            return
        last = rows[-1][0].id


def recovery_seen(
    session: Session, viewer: Viewer, recovery_id: str, keys: KeyRing, *, now: datetime
) -> RecoveryView:
    """One recovery within the viewer's scope. Four SELECTs.

    Raises:
        NotFound: `recovery_not_found` also for what they may not see.
    """
    today = local_day(now)
    found = session.execute(
        _rows(viewer, None, today, None).where(Recovery.id == recovery_id)
    ).one_or_none()
    if found is None:
        raise NotFound("recovery_not_found", "找不到这笔追回。", "There is no such recovery.")
    recovery, *_ = found
    beside = session.execute(
        select(Case.number, Case.state, Account.name, Household.village_id)
        .select_from(Recovery)
        .join(Household, Household.id == Recovery.household_id)
        .outerjoin(Case, Case.id == Recovery.repayment_case_id)
        .outerjoin(Account, Account.id == Recovery.decided_by_id)
        .where(Recovery.id == recovery_id)
    ).one()
    parts = session.scalars(
        select(Instalment).where(Instalment.recovery_id == recovery_id).order_by(Instalment.number)
    ).all()
    return RecoveryView(
        row=_row(found, keys, today),
        village_id=beside.village_id,
        repayment_number=beside.number,
        repayment_open=beside.state is CaseState.OPEN,
        decided_by=beside.name,
        instalments=[one for one in parts if one.superseded_at is None],
        earlier=[one for one in parts if one.superseded_at is not None],
        receipts=_receipts(session, recovery.id),
        today=today,
    )


def _receipts(session: Session, recovery_id: str) -> list[ReceiptRow]:
    entered, checked = aliased(Account), aliased(Account)
    rows = session.execute(
        select(Receipt, entered.name, checked.name)
        .outerjoin(entered, entered.id == Receipt.entered_by_id)
        .outerjoin(checked, checked.id == Receipt.checked_by_id)
        .where(Receipt.recovery_id == recovery_id)
        .order_by(Receipt.entered_at)
    )
    return [ReceiptRow(*row) for row in rows]


def _rows(
    viewer: Viewer, wanted: RecoveryFilter | None, today: date, township_id: str | None
) -> Select[*tuple[Any, ...]]:
    return (
        select(Recovery, Office.name, Case.number, Person)
        .join(Office, Office.id == Recovery.township_id)
        .join(Case, Case.id == Recovery.case_id)
        .join(Household, Household.id == Recovery.household_id)
        .join(Person, Person.id == Household.head_person_id)
        .where(
            _scope(viewer),
            _of(wanted, today),
            true() if township_id is None else Recovery.township_id == township_id,
        )
        .order_by(Recovery.id.desc())
    )


def _of(wanted: RecoveryFilter | None, today: date) -> ColumnElement[bool]:
    if wanted is None:
        return true()
    if wanted is RecoveryFilter.OVERDUE:
        return and_(Recovery.state == RecoveryState.OPEN, Recovery.next_due_on < today)
    return Recovery.state == RecoveryState(wanted.value)


def _row(found: Any, keys: KeyRing, today: date) -> RecoveryRow:
    """A row of `_rows`: recovery, township, number of the case, head of the household."""
    recovery: Recovery
    head: Person
    recovery, township, number, head = found
    try:
        name: str | None = identity_of(head, keys).name
    except NotFound:  # erased by law
        name = None
    overdue = (
        recovery.state is RecoveryState.OPEN
        and recovery.next_due_on is not None
        and recovery.next_due_on < today
    )
    return RecoveryRow(recovery, township, number, name, overdue)


def _scope(viewer: Viewer) -> ColumnElement[bool]:
    """Those of the offices where the viewer may see recoveries."""
    holdings = [one for one in viewer.holdings if Action.RECOVERY_READ in ACTIONS_OF[one.role]]
    if any(one.level is OfficeLevel.DISTRICT for one in holdings):
        return Recovery.district_id == viewer.district_id
    return and_(
        Recovery.district_id == viewer.district_id,
        or_(false(), *(Recovery.township_id == one.office_id for one in holdings)),
    )

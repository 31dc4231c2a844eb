"""Relief events: what befell a household; everything granted for one of them counts together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session

from models.households import Household, HouseholdMember
from models.relief import ReliefEvent, ReliefGrant, ReliefStage, StageState
from models.types import new_id
from workflows.assistance.context import OperationContext
from workflows.assistance.households.people import lock_household
from workflows.errors import Fault, NotFound

#: How long the grants of one event are added up (bpmn/parameters/relief.yaml).
WINDOW: Final = "relief.stages.window_days"
#: How far back other townships' relief of the same person is looked for.
DUPLICATE_DAYS: Final = "relief.nonlocal.duplicate_days"


@dataclass(frozen=True, slots=True)
class Given:
    """A grant as it counts: the day of its decision, and what of it wasn't cancelled (yuan)."""

    on: date
    amount: Decimal

    def to_feel(self) -> dict[str, Any]:
        """As the decision tables read it."""
        return {"on": self.on, "amount": self.amount}


def open_event(
    context: OperationContext,
    *,
    kind: str,
    cause: str,
    occurred_on: date,
    persons: Decimal,
) -> dict[str, Any]:
    """Register what happened, or join the event that the household already has for this cause.

    `kind` is urgent 急难型 or expense 支出型. Splitting a need over several applications doesn't
    help: same household, same cause and days within the window are one event (二(三)2).

    Returns event_id, event_persons, event_grants ([{on, amount}]), event_granted (yuan) and
    duplicates (grants to the same people in other cases of the district).
    """
    session, case = context.session, context.case
    if case.household_id is None:
        raise Fault("no_household", "办件没有家庭信息。", "The case has no household.")
    related = households_of(session, case.household_id)
    for household_id in related:  # in the order of their ids: two families never deadlock
        lock_household(session, household_id)
    event = _same_event(context, related, cause, occurred_on)
    if event is None:
        event = ReliefEvent(
            id=new_id(),
            district_id=case.district_id,
            township_id=case.township_id,
            case_id=case.id,
            household_id=case.household_id,
            kind=kind,
            cause=cause,
            occurred_on=occurred_on,
            persons=int(persons),
            opened_at=context.now,
            opened_by_id=context.actor.account_id,
        )
        session.add(event)
        session.flush()  # grants refer to it
    others = duplicates(
        session, case.household_id, event.id, since=context.today - _days(context, DUPLICATE_DAYS)
    )
    context.notes.append(
        {"event": event.id, "joined": event.case_id != case.id, "duplicates": len(others)}
    )
    return {**_state(context, event), "duplicates": Decimal(len(others))}


def event_state(context: OperationContext, *, event_id: str) -> dict[str, Any]:
    """What was granted for an event until now, as the tables of the level of approval read it.

    Raises:
        NotFound: `event_not_found`.
    """
    return _state(context, event_of(context, event_id))


def past_relief(context: OperationContext, *, cause: str) -> dict[str, Any]:
    """The household's latest relief, and whether it was for the same cause (重复申请).

    Returns last_on (a date or null) and same_cause.
    """
    session, case = context.session, context.case
    rows = session.execute(
        select(ReliefGrant.decided_on, ReliefEvent.cause)
        .join(ReliefEvent, ReliefEvent.id == ReliefGrant.event_id)
        .where(
            ReliefEvent.household_id.in_(households_of(session, case.household_id or "")),
            ReliefGrant.case_id != case.id,
            _given(),
        )
        .order_by(ReliefGrant.decided_on.desc(), ReliefGrant.id.desc())
    ).all()
    same = next((row for row in rows if row.cause == cause), None)
    last = same or (rows[0] if rows else None)
    return {
        "last_on": None if last is None else last.decided_on,
        "same_cause": same is not None,
    }


def event_of(context: OperationContext, event_id: str) -> ReliefEvent:
    """An event of the case's household, or of another one of its people's that it has joined.

    Raises:
        NotFound: `event_not_found`.
    """
    own = context.case.household_id
    event = None if own is None else context.session.get(ReliefEvent, event_id)
    if (
        event is None
        or own is None
        or (
            event.household_id != own
            and event.household_id not in households_of(context.session, own)
        )
    ):
        raise NotFound("event_not_found", "找不到这次救助事件。", "There is no such relief event.")
    return event


def given_for(session: Session, event_id: str) -> list[Given]:
    """The grants of an event in their order; a cancelled stage no longer counts. One SELECT."""
    cancelled = (
        select(func.coalesce(func.sum(ReliefStage.amount), 0))
        .where(ReliefStage.grant_id == ReliefGrant.id, ReliefStage.state == StageState.CANCELLED)
        .correlate(ReliefGrant)
        .scalar_subquery()
    )
    rows = session.execute(
        select(ReliefGrant.decided_on, ReliefGrant.total, cancelled.label("cancelled"))
        .where(ReliefGrant.event_id == event_id)
        .order_by(ReliefGrant.id)
    )
    return [Given(row.decided_on, row.total - Decimal(row.cancelled)) for row in rows]


def duplicates(
    session: Session, household_id: str, event_id: str, *, since: date
) -> Sequence[tuple[str, str]]:
    """Relief that the same people got for other events since a day, wherever in the district.

    Each as its id and its cause; one that was cancelled as a whole is none. Two SELECTs.
    """
    rows = session.execute(
        select(ReliefGrant.id, ReliefEvent.cause)
        .join(ReliefEvent, ReliefEvent.id == ReliefGrant.event_id)
        .where(
            ReliefEvent.household_id.in_(households_of(session, household_id)),
            ReliefEvent.id != event_id,
            ReliefGrant.decided_on >= since,
            _given(),
        )
        .order_by(ReliefGrant.decided_on, ReliefGrant.id)
    )
    return [(row.id, row.cause) for row in rows]


def family_of(context: OperationContext) -> Household:
    """The household of the case; its head receives the relief."""
    return context.session.get_one(Household, context.case.household_id)


def _given() -> ColumnElement[bool]:
    """Whether anything of a grant was given, or still will be."""
    return exists(
        select(ReliefStage.id).where(
            ReliefStage.grant_id == ReliefGrant.id, ReliefStage.state != StageState.CANCELLED
        )
    )


def _state(context: OperationContext, event: ReliefEvent) -> dict[str, Any]:
    given = given_for(context.session, event.id)
    return {
        "event_id": event.id,
        "event_persons": Decimal(event.persons),
        "event_grants": [one.to_feel() for one in given],
        "event_granted": sum((one.amount for one in given), Decimal(0)),
    }


def _same_event(
    context: OperationContext, household_ids: Sequence[str], cause: str, occurred_on: date
) -> ReliefEvent | None:
    window = _days(context, WINDOW)
    return context.session.scalar(
        select(ReliefEvent)
        .where(
            ReliefEvent.household_id.in_(household_ids),
            ReliefEvent.cause == cause,
            ReliefEvent.occurred_on.between(occurred_on - window, occurred_on + window),
        )
        .order_by(ReliefEvent.occurred_on.desc(), ReliefEvent.id.desc())
        .limit(1)
    )


def households_of(session: Session, household_id: str) -> Sequence[str]:
    """The household, and every other that one of its people belongs or belonged to."""
    people = select(HouseholdMember.person_id).where(HouseholdMember.household_id == household_id)
    found = session.scalars(
        select(HouseholdMember.household_id).where(HouseholdMember.person_id.in_(people)).distinct()
    )
    return sorted({household_id, *found})


def _days(context: OperationContext, key: str) -> timedelta:
    return timedelta(days=int(context.law.parameters.value(key, context.today).value))

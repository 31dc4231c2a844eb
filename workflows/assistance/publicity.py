"""Publicity: posting with exactly the lawful content, its period, objections, announcement."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select, update

from models.assistance import Assessment, Grant, Objection, Publicity
from models.relief import ReliefEvent, ReliefGrant
from models.types import new_id
from workflows.assistance.context import OperationContext
from workflows.clocks.derivation import Unit, derive
from workflows.errors import Conflict, Invalid, NotFound
from workflows.feel import from_json

#: The parameter that says whether a period ending on a rest day is rolled on.
ROLL = "publicity.roll"


def post_publicity(
    context: OperationContext,
    *,
    round: Decimal,
    days: Decimal,
    posted_on: date,
    not_before: date,
    amount: Decimal | None = None,
    persons: Decimal | None = None,
) -> dict[str, Any]:
    """Post the township's opinion in the village for `days` natural days (57 号 19).

    The day of posting isn't counted. The content is what may be published and no more: how many
    members, and the proposed amount; the applicant's name stands with the household. Nothing hangs
    before the opinion that it shows was there (`not_before`): its period would be shortened.
    Relief names its `amount` and `persons`; otherwise the latest assessment has them.

    Raises:
        Invalid: `posted_in_future`, `posted_too_early`.
        Conflict: `round_posted` when this round hangs already.
    """
    session, case = context.session, context.case
    if posted_on > context.today:
        raise _posted_in_future()
    if posted_on < not_before:
        raise Invalid(
            "posted_too_early",
            f"张贴日期不能早于初审意见作出的日期({not_before})。",
            f"The opinion of {not_before} can't be posted before it was given.",
        )
    number = int(round)
    if _publicity(context, "proposed", number) is not None:
        raise Conflict("round_posted", "本轮公示已经张贴。", "This round is posted already.")
    last_on = _last_day(context, posted_on, int(days))
    publicity = Publicity(
        id=new_id(),
        district_id=case.district_id,
        case_id=case.id,
        village_id=case.village_id,
        kind="proposed",
        round=number,
        posted_on=posted_on,
        first_on=posted_on + timedelta(days=1),
        last_on=last_on,
        content=(
            _content(context, _latest_result(context).get("monthly"))
            if amount is None
            else relief_content(amount, persons)
        ),
    )
    session.add(publicity)
    session.flush()  # later steps of the same act refer to it
    context.notes.append(
        {"publicity": publicity.id, "round": number, "last_on": last_on.isoformat()}
    )
    return {
        "first_on": publicity.first_on,
        "last_on": last_on,
        "publicity_id": publicity.id,
    }


def close_publicity(context: OperationContext, *, publicity_id: str) -> dict[str, Any]:
    """The posting comes down."""
    publicity = _by_id(context, publicity_id)
    publicity.closed_on = context.today
    return {"closed_on": context.today}


def take_down_postings(context: OperationContext) -> None:
    """Take down whatever of a case still hangs, when its procedure ends early."""
    context.session.execute(
        update(Publicity)
        .where(
            Publicity.case_id == context.case.id,
            Publicity.kind == "proposed",
            Publicity.closed_on.is_(None),
        )
        .values(closed_on=context.today)
    )


def announce_grant(context: OperationContext, *, grant_id: str) -> dict[str, Any]:
    """Publish the confirmed result in the village (57 号 24; 条例 18)."""
    session, case = context.session, context.case
    grant = session.get(Grant, grant_id)
    if grant is None or grant.case_id != case.id:
        raise NotFound("grant_not_found", "找不到救助决定。", "There is no such grant.")
    publicity = Publicity(
        id=new_id(),
        district_id=case.district_id,
        case_id=case.id,
        village_id=case.village_id,
        kind="confirmed",
        round=1,
        posted_on=context.today,
        first_on=context.today,
        last_on=None,
        content=_content(context, grant.monthly),
    )
    session.add(publicity)
    context.notes.append({"publicity": publicity.id, "announced": True})
    return {"publicity_id": publicity.id, "announced_on": context.today}


def announce_relief(
    context: OperationContext, *, grant_id: str, posted_on: date, days: Decimal
) -> dict[str, Any]:
    """Keep that relief which was given first has been made public afterwards (二(二)).

    Raises:
        Invalid: `posted_in_future`. NotFound: `grant_not_found`.
    """
    session, case = context.session, context.case
    if posted_on > context.today:
        raise _posted_in_future()
    grant = session.get(ReliefGrant, grant_id)
    if grant is None or grant.case_id != case.id:
        raise NotFound("grant_not_found", "找不到救助决定。", "There is no such grant.")
    event = session.get_one(ReliefEvent, grant.event_id)
    publicity = Publicity(
        id=new_id(),
        district_id=case.district_id,
        case_id=case.id,
        village_id=case.village_id,
        kind="confirmed",
        round=1,
        posted_on=posted_on,
        first_on=posted_on + timedelta(days=1),
        last_on=_last_day(context, posted_on, int(days)),
        content=relief_content(grant.total, Decimal(event.persons)),
    )
    session.add(publicity)
    context.notes.append({"publicity": publicity.id, "announced": True})
    return {"publicity_id": publicity.id}


def relief_content(amount: Decimal, persons: Decimal | None) -> dict[str, Any]:
    """What of relief may be published and no more: how many people, and the amount."""
    return {"members": "" if persons is None else f"{persons:f}", "amount": f"{amount:.2f}"}


def _posted_in_future() -> Invalid:
    return Invalid(
        "posted_in_future",
        "张贴日期不能晚于今天。",
        "The day of posting can't be in the future.",
    )


def record_objection(
    context: OperationContext,
    *,
    publicity_id: str | None = None,
    objector: str | None = None,
    content: str | None = None,
    channel: str | None = None,
    received_on: date | None = None,
) -> dict[str, Any]:
    """Record an objection against a posting; after its last day it is a complaint instead.

    The text itself stays in the trail's sealed answers.
    """
    session, case = context.session, context.case
    received = received_on or context.today
    publicity = _by_id(context, publicity_id) if publicity_id else None
    within = (
        publicity is not None
        and publicity.last_on is not None
        and publicity.posted_on <= received <= publicity.last_on
    )
    objection = Objection(
        id=new_id(),
        district_id=case.district_id,
        case_id=case.id,
        kind="objection" if within else "complaint",
        received_on=received,
        detail={"publicity": publicity_id, "channel": channel},
        result=None,
    )
    session.add(objection)
    context.notes.append({"objection": objection.id, "kind": objection.kind})
    return {"objection_id": objection.id, "kind": objection.kind}


def _last_day(context: OperationContext, posted_on: date, days: int) -> date:
    roll = bool(context.law.parameters.value(ROLL, posted_on).value)
    derivation = derive(posted_on, days, Unit.DAYS, calendar=context.law.calendar, roll=roll)
    assert derivation.due_on is not None  # nothing suspends a publicity period
    return derivation.due_on


def _content(context: OperationContext, monthly: Decimal | None) -> dict[str, Any]:
    """What may be published and no more: how many members count, and the amount (57 号 24)."""
    return {
        "members": str(_latest_result(context).get("members", "")),
        "monthly": None if monthly is None else f"{monthly:.2f}",
    }


def _latest_result(context: OperationContext) -> dict[str, Any]:
    """The latest assessment of the case; empty before the first."""
    result = context.session.scalar(
        select(Assessment.result)
        .where(Assessment.case_id == context.case.id)
        .order_by(Assessment.made_at.desc(), Assessment.id.desc())
        .limit(1)
    )
    return {name: from_json(value) for name, value in (result or {}).items()}


def _publicity(context: OperationContext, kind: str, number: int) -> Publicity | None:
    return context.session.scalar(
        select(Publicity).where(
            Publicity.case_id == context.case.id,
            Publicity.kind == kind,
            Publicity.round == number,
        )
    )


def _by_id(context: OperationContext, publicity_id: str) -> Publicity:
    found = context.session.get(Publicity, publicity_id)
    if found is None or found.case_id != context.case.id:
        raise NotFound("publicity_not_found", "找不到这次公示。", "There is no such posting.")
    return found

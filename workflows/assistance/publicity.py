"""Publicity: posting with exactly the lawful content, its period, and taking it down."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import select

from models.assistance import Assessment, Publicity
from models.postings import PostingSheet
from models.types import new_id
from workflows.assistance.context import CaseRequest, OperationContext
from workflows.assistance.posting_content import (
    Lawful,
    content_for,
    lawful_days,
    money_text,
    new_code,
)
from workflows.clocks.derivation import Unit, derive
from workflows.errors import Conflict, Invalid, NotFound
from workflows.feel import from_json

#: The parameter that says whether a period ending on a rest day is rolled on.
ROLL = "publicity.roll"
#: Kinds of the table of contents.
OPINION: Final = "dibao_opinion"
EXPENSE: Final = "relief_expense"
AFTER_PAYMENT: Final = "relief_after_payment"
#: The process in which a posting is taken off the wall.
TAKE_DOWN: Final = "publicity_take_down"


def prepare_posting(
    context: OperationContext,
    *,
    kind: str,
    round: Decimal,
    days: Decimal,
    amount: Decimal | None = None,
    persons: Decimal | None = None,
) -> dict[str, Any]:
    """Prepare the sheet that will hang: exactly the lawful fields, and a code for objections.

    `kind` as the table of contents knows it. Relief names its `amount`; otherwise the latest
    assessment has what is known. Prepared again for the same round, the sheet is made anew under
    the same code.

    Raises:
        Invalid: `publicity_forbidden`, `publicity_field_unlawful`, `publicity_shortened`.
        Fault: `publicity_field_missing`.
    """
    number = int(round)
    _require_days(context, kind, number, int(days), context.today)
    lawful, content = _lawful(context, kind, number, context.today, amount, persons)
    sheet = _sheet(context, kind, number)
    if sheet is None:
        sheet = PostingSheet(
            id=new_id(),
            district_id=context.case.district_id,
            case_id=context.case.id,
            village_id=context.case.village_id,
            kind=kind,
            round=number,
            code=new_code(),
        )
        context.session.add(sheet)
    sheet.days, sheet.fields, sheet.masked = int(days), list(lawful.fields), lawful.masked
    sheet.content, sheet.prepared_at = content, context.now
    context.session.flush()  # the posting of the same case refers to it
    context.notes.append({"sheet": sheet.id, "kind": kind, "fields": list(lawful.fields)})
    return {"posting_code": sheet.code, "fields": list(lawful.fields)}


def post_publicity(
    context: OperationContext,
    *,
    round: Decimal,
    days: Decimal,
    posted_on: date,
    not_before: date,
    kind: str | None = None,
    amount: Decimal | None = None,
    persons: Decimal | None = None,
    place: str | None = None,
    photos: Sequence[str] | None = None,
) -> dict[str, Any]:
    """Post the township's opinion in the village for `days` natural days (57 号 19).

    The day of posting isn't counted. What hangs is what the table allows on the day of posting and
    no more; the applicant's name stands with the household. Nothing hangs before the opinion that
    it shows was there (`not_before`), and not for fewer days than the table says: the period would
    be shortened.

    Raises:
        Invalid: `posted_in_future`, `posted_too_early`, `publicity_shortened`,
            `publicity_forbidden`, `publicity_field_unlawful`.
        Fault: `publicity_field_missing`.
        Conflict: `round_posted` when this round hangs already.
    """
    session = context.session
    _check_day(context, posted_on, not_before)
    number = int(round)
    kind = kind or (OPINION if amount is None else EXPENSE)
    if _publicity(context, "proposed", number) is not None:
        raise Conflict("round_posted", "本轮公示已经张贴。", "This round is posted already.")
    _require_days(context, kind, number, int(days), posted_on)
    lawful, content = _lawful(context, kind, number, posted_on, amount, persons)
    last_on = last_day(context, posted_on, int(days))
    publicity = _posting(context, kind, number, posted_on, last_on, lawful, content)
    publicity.place, publicity.photos = place or "", list(photos or ())
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
    """The period of a posting is over; somebody has to take it down.

    Raises:
        Conflict: `publicity_running` as long as its last day isn't over.
    """
    publicity = posting_of(context, publicity_id)
    if publicity.last_on is not None and context.today <= publicity.last_on:
        raise _still_running(publicity.last_on)
    publicity.closed_on = context.today
    return {"closed_on": context.today}


def take_down(
    context: OperationContext, *, publicity_id: str, down_on: date, photos: Sequence[str]
) -> dict[str, Any]:
    """Keep that a posting was taken off the wall, with a photo; never within its period.

    A posting of a procedure that ended early is taken down as soon as that is known.

    Raises:
        NotFound: `publicity_not_found`.
        Invalid: `posted_in_future`, `taken_down_early`, `photo_missing`.
        Conflict: `taken_down` when it came down before.
    """
    publicity = context.session.get(Publicity, publicity_id)
    if publicity is None or publicity.district_id != context.case.district_id:
        raise _unknown_posting()
    if publicity.down_on is not None:
        raise Conflict("taken_down", "公示单已经撤下。", "The posting has come down already.")
    if down_on > context.today:
        raise posted_in_future()
    first = publicity.closed_on or publicity.last_on
    if first is not None and down_on < first:
        raise Invalid(
            "taken_down_early",
            f"公示没有期满，{first}以前不能撤下。",
            f"The period isn't over: it can't come down before {first}.",
        )
    if not photos:
        raise Invalid("photo_missing", "请上传撤下后的照片。", "A photo of the place is needed.")
    publicity.down_on = down_on
    publicity.down_photos = list(photos)
    publicity.down_by_id = context.actor.account_id
    context.notes.append({"publicity": publicity.id, "taken_down": down_on.isoformat()})
    return {"taken_down_on": down_on}


def take_down_postings(context: OperationContext) -> None:
    """Close whatever of a case still hangs, when its procedure ends early; it has to come down."""
    hanging = context.session.scalars(
        select(Publicity).where(
            Publicity.case_id == context.case.id,
            Publicity.kind == "proposed",
            Publicity.closed_on.is_(None),
        )
    ).all()
    for publicity in hanging:
        publicity.closed_on = context.today
        if TAKE_DOWN in context.law.processes:
            variables = {"publicity_id": publicity.id, "over_on": context.today}
            context.requests.append(CaseRequest(TAKE_DOWN, variables))


def _lawful(
    context: OperationContext,
    kind: str,
    number: int,
    on: date,
    amount: Decimal | None,
    persons: Decimal | None,
) -> tuple[Lawful, dict[str, Any]]:
    """What a posting before the decision shows, of what the case knows."""
    result = latest_result(context) if amount is None else {}
    known: dict[str, Any] = {}
    if amount is not None:
        known |= {"amount": money_text(amount), "monthly": money_text(amount)}
    if persons is not None:
        known["members"] = persons
    if "members" in result:
        known["members"] = result["members"]
    if result.get("monthly") is not None:
        known["monthly"] = money_text(result["monthly"])
    return content_for(context, kind, number, on, known)


def _posting(
    context: OperationContext,
    kind: str,
    number: int,
    posted_on: date,
    last_on: date,
    lawful: Lawful,
    content: dict[str, Any],
) -> Publicity:
    sheet = _sheet(context, kind, number)
    return Publicity(
        id=new_id(),
        district_id=context.case.district_id,
        case_id=context.case.id,
        village_id=context.case.village_id,
        kind="proposed",
        round=number,
        posted_on=posted_on,
        first_on=posted_on + timedelta(days=1),
        last_on=last_on,
        fields=list(lawful.fields),
        masked=lawful.masked,
        content=content,
        # an older diagram prepares no sheet, and its form takes no objection by code
        code=None if sheet is None else sheet.code,
    )


def _check_day(context: OperationContext, posted_on: date, not_before: date) -> None:
    if posted_on > context.today:
        raise posted_in_future()
    if posted_on < not_before:
        raise Invalid(
            "posted_too_early",
            f"张贴日期不能早于初审意见作出的日期({not_before})。",
            f"The opinion of {not_before} can't be posted before it was given.",
        )


def _require_days(context: OperationContext, kind: str, number: int, days: int, on: date) -> None:
    least = lawful_days(context.law, kind, number, on, now=context.now)
    if days < least:
        raise Invalid(
            "publicity_shortened",
            f"公示期不得少于{least}日。",
            f"The posting hangs for at least {least} days.",
        )


def _still_running(last_on: date) -> Conflict:
    return Conflict(
        "publicity_running",
        f"公示到{last_on}为止，还没有期满。",
        f"The posting hangs until {last_on}; its period isn't over.",
    )


def posted_in_future() -> Invalid:
    """The refusal of a day that is still to come."""
    return Invalid(
        "posted_in_future",
        "张贴日期不能晚于今天。",
        "The day of posting can't be in the future.",
    )


def last_day(context: OperationContext, posted_on: date, days: int) -> date:
    """The last day of a posting: rolled on where the parameter says so (P08)."""
    roll = bool(context.law.parameters.value(ROLL, posted_on).value)
    derivation = derive(posted_on, days, Unit.DAYS, calendar=context.law.calendar, roll=roll)
    assert derivation.due_on is not None  # nothing suspends a publicity period
    return derivation.due_on


def latest_result(context: OperationContext) -> dict[str, Any]:
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


def posting_of(context: OperationContext, publicity_id: str) -> Publicity:
    """A posting of the case. Raises NotFound."""
    found = context.session.get(Publicity, publicity_id)
    if found is None or found.case_id != context.case.id:
        raise _unknown_posting()
    return found


def _sheet(context: OperationContext, kind: str, number: int) -> PostingSheet | None:
    return context.session.scalar(
        select(PostingSheet).where(
            PostingSheet.case_id == context.case.id,
            PostingSheet.kind == kind,
            PostingSheet.round == number,
        )
    )


def _unknown_posting() -> NotFound:
    return NotFound("publicity_not_found", "找不到这次公示。", "There is no such posting.")

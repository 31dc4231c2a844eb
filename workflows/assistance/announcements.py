"""What was decided, made public in the village: confirmed grants, and relief after it was given."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from models.assistance import Grant, Publicity
from models.relief import ReliefGrant
from models.types import new_id
from workflows.assistance.context import OperationContext
from workflows.assistance.posting_content import Lawful, content_for, money_text
from workflows.assistance.publicity import (
    AFTER_PAYMENT,
    last_day,
    latest_result,
    posted_in_future,
)
from workflows.errors import NotFound


def announce_grant(context: OperationContext, *, grant_id: str) -> dict[str, Any]:
    """Publish the confirmed result in the village (57 号 24; 条例 18; 43 号 17).

    Raises:
        NotFound: `grant_not_found`.
        Invalid: `publicity_forbidden`, `publicity_field_unlawful`.
    """
    session, case = context.session, context.case
    grant = session.get(Grant, grant_id)
    if grant is None or grant.case_id != case.id:
        raise NotFound("grant_not_found", "找不到救助决定。", "There is no such grant.")
    known = {
        "members": latest_result(context).get("members", ""),
        "monthly": money_text(grant.monthly),
    }
    kind = f"{grant.programme}_announcement"
    lawful, content = content_for(context, kind, 1, context.today, known)
    publicity = _confirmed(context, lawful, content, context.today, context.today, None)
    return {"publicity_id": publicity.id, "announced_on": context.today}


def announce_relief(
    context: OperationContext,
    *,
    grant_id: str,
    posted_on: date,
    days: Decimal,
    privacy_harm: bool = False,
) -> dict[str, Any]:
    """Keep that relief which was given first has been made public afterwards (二(二)).

    Raises:
        Invalid: `posted_in_future`, `publicity_forbidden`. NotFound: `grant_not_found`.
    """
    session, case = context.session, context.case
    if posted_on > context.today:
        raise posted_in_future()
    grant = session.get(ReliefGrant, grant_id)
    if grant is None or grant.case_id != case.id:
        raise NotFound("grant_not_found", "找不到救助决定。", "There is no such grant.")
    lawful, content = content_for(
        context, AFTER_PAYMENT, 1, posted_on, {"amount": money_text(grant.total)},
        privacy_harm=privacy_harm,
    )  # fmt: skip
    publicity = _confirmed(
        context, lawful, content, posted_on, posted_on + timedelta(days=1),
        last_day(context, posted_on, int(days)),
    )  # fmt: skip
    return {"publicity_id": publicity.id}


def _confirmed(
    context: OperationContext,
    lawful: Lawful,
    content: dict[str, Any],
    posted_on: date,
    first_on: date,
    last_on: date | None,
) -> Publicity:
    publicity = Publicity(
        id=new_id(),
        district_id=context.case.district_id,
        case_id=context.case.id,
        village_id=context.case.village_id,
        kind="confirmed",
        round=1,
        posted_on=posted_on,
        first_on=first_on,
        last_on=last_on,
        fields=list(lawful.fields),
        masked=lawful.masked,
        content=content,
        place="",
    )
    context.session.add(publicity)
    context.notes.append({"publicity": publicity.id, "announced": True})
    return publicity

"""Objections against postings, and complaints after their period."""

from __future__ import annotations

from datetime import date
from typing import Any

from models.assistance import Objection
from models.types import new_id
from workflows.assistance.context import OperationContext
from workflows.assistance.publicity import posting_of


def record_objection(
    context: OperationContext,
    *,
    publicity_id: str | None = None,
    objector: str | None = None,
    content: str | None = None,
    channel: str | None = None,
    received_on: date | None = None,
    receipt: str | None = None,
) -> dict[str, Any]:
    """Record an objection against a posting; after its last day it is a complaint instead.

    The text itself stays in the trail's sealed answers.
    """
    session, case = context.session, context.case
    received = received_on or context.today
    publicity = posting_of(context, publicity_id) if publicity_id else None
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
        detail={"publicity": publicity_id, "channel": channel, "receipt": receipt},
        result=None,
    )
    session.add(objection)
    context.notes.append({"objection": objection.id, "kind": objection.kind})
    return {"objection_id": objection.id, "kind": objection.kind}

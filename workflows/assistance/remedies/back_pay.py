"""From when a benefit is paid whose refusal was undone by a review, a court or a petition."""

from __future__ import annotations

from datetime import date
from typing import Final

from sqlalchemy import select

from models.assistance import Notice
from models.cases import Case
from models.remedies import Remedy
from workflows.assistance.context import OperationContext
from workflows.calendar import local_day

#: Whether it is paid as if the first decision had been right (bpmn/parameters/remedies.yaml).
BACK_PAY: Final = "N.back_pay.rule"
_AS_OF_FIRST: Final = "first"


def wrongly_refused_on(context: OperationContext) -> date | None:
    """The day of the refusal that this case puts right; None for any other case.

    It is the day on which its notice was issued; of a refusal without one, the day it was closed.
    """
    if context.case.opened_from_id is None:
        return None
    row = context.session.execute(
        select(Case.closed_at, Notice.issued_at)
        .select_from(Remedy)
        .join(Case, Case.id == Remedy.against_case_id)
        .outerjoin(Notice, Notice.id == Remedy.notice_id)
        .where(Remedy.case_id == context.case.opened_from_id)
    ).one_or_none()
    if row is None or context.case.first_applied_on is None:
        return None
    rule = context.law.parameters.value(BACK_PAY, context.today)
    context.notes.append({"parameters": [rule.to_json()]})
    if rule.value != _AS_OF_FIRST:
        return None
    decided_at = row.issued_at or row.closed_at
    return None if decided_at is None else local_day(decided_at)

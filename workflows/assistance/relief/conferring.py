"""Case conferences (个案会商、一事一议): who met, why, what was decided on which minutes."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from models.relief import Conference
from models.types import new_id
from workflows.assistance.context import OperationContext
from workflows.assistance.relief.events import event_of
from workflows.assistance.relief.words import is_amount
from workflows.errors import Invalid


def record_conference(
    context: OperationContext,
    *,
    held_on: date,
    grounds: list[Any],
    departments: list[Any],
    people: Decimal,
    minutes: list[Any],
    decision: str,
    event_id: str | None = None,
    amount: Decimal | None = None,
    by_rule: Decimal | None = None,
) -> dict[str, Any]:
    """Keep a conference; its minutes are the basis of the approval.

    Raises:
        Invalid: `held_later` for a day to come, `minutes_missing`, `amount_missing` for an approval
            without an amount above zero in whole fen.
    """
    if held_on > context.today:
        raise Invalid("held_later", "会商日期不能晚于今天。", "It can't be held on a later day.")
    if not minutes:
        raise Invalid("minutes_missing", "请上传会商纪要。", "Attach the minutes.")
    if (decision == "approve" or amount is not None) and not is_amount(amount):
        raise Invalid("amount_missing", "同意救助须写明金额。", "An approval needs an amount.")
    conference = Conference(
        id=new_id(),
        district_id=context.case.district_id,
        case_id=context.case.id,
        event_id=None if event_id is None else event_of(context, event_id).id,
        held_on=held_on,
        grounds=[str(ground) for ground in grounds],
        members={"departments": [str(name) for name in departments], "people": int(people)},
        decision=decision,
        amount=amount,
        by_rule=by_rule,
        recorded_by_id=context.actor.account_id,
    )
    context.session.add(conference)
    context.notes.append(
        {"conference": conference.id, "decision": decision, "amount": amount,
         "grounds": conference.grounds, "departments": conference.members["departments"]}
    )  # fmt: skip
    return {"conference_id": conference.id}

"""What else a refused family qualifies for, as it is offered to them and then opened."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import select

from models.assistance import Assessment
from workflows.assistance.context import OperationContext

#: The programme that is recorded and opens no case of its own.
EDGE: Final = "edge"


def other_programmes(context: OperationContext) -> dict[str, Any]:
    """The programmes that the newest assessment found, each to be chosen by its `value`.

    `{value, label, process, person_id}`: a programme that neither is recorded nor has a process in
    the policy in force can't be opened from here; the notice has told the family of it.
    """
    made = context.session.scalar(
        select(Assessment)
        .where(Assessment.case_id == context.case.id)
        .order_by(Assessment.made_at.desc(), Assessment.id.desc())
        .limit(1)
    )
    found = [] if made is None else made.explanation.get("alternatives", ())
    offers = [
        {
            "value": ":".join(part for part in (one["programme"], one.get("person")) if part),
            "label": one["sentence"]["zh"],
            "process": one.get("opens") or None,
            "person_id": one.get("person"),
        }
        for one in found
        if one["programme"] == EDGE or one.get("opens") in context.law.processes
    ]
    context.notes.append({"offers": [one["value"] for one in offers]})
    return {"offers": offers, "chosen": [one["value"] for one in offers]}

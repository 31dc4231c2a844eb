"""Commands on alerts: take note of a clock that ran out."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from models.clocks import Alert
from workflows.audit import TrailAction, append_entry
from workflows.errors import Actor, NotFound
from workflows.runtime.acts import case_subject, lock_case
from workflows.transaction import require_transaction


def take_note(session: Session, alert_id: str, *, actor: Actor, now: datetime) -> Alert:
    """Somebody has seen the alert and deals with it; taking note twice changes nothing.

    Raises:
        NotFound: `alert_not_found`.
    """
    require_transaction(session)
    alert = session.get(Alert, alert_id)
    if alert is None:
        raise NotFound("alert_not_found", "找不到这条预警。", "There is no such alert.")
    case = lock_case(session, alert.case_id)
    session.refresh(alert)
    if alert.taken_note_at is None:
        alert.taken_note_at = now
        alert.taken_note_by_id = actor.account_id
        append_entry(
            session,
            case_subject(case),
            TrailAction.ALERT_HANDLED,
            actor=actor,
            now=now,
            data={"alert": alert.id, "clock": alert.clock_id, "raised_at": alert.raised_at},
        )
    return alert

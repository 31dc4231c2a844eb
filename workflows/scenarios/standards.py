"""Standards that rise in scenarios: the case that the worker opens, and what became of the list."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.standards import StandardAdjustment
from workflows.privacy import KeyRing
from workflows.runtime.standards import open_due_adjustments
from workflows.scenarios.corrections import work_all


def standards_rise(session: Session, keys: KeyRing, now: datetime) -> str | None:
    """What the worker does as a standard rises; the case that it has opened."""
    open_due_adjustments(session, keys, now)
    work_all(session, keys, now)
    return session.scalars(
        select(StandardAdjustment.case_id).order_by(StandardAdjustment.id.desc()).limit(1)
    ).one_or_none()


def adjustment_facts(session: Session, case_id: str) -> dict[str, Any]:
    """What a case of new standards has come to."""
    found = session.scalars(
        select(StandardAdjustment)
        .where(StandardAdjustment.case_id == case_id)
        .execution_options(populate_existing=True)
    ).one()
    return {
        "state": found.state.value,
        "month": f"{found.month:%Y-%m}",
        "applied": found.applied,
        "arrears": found.arrears,
    }

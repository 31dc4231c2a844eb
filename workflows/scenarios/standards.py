"""Standards that rise in scenarios: the case that the worker opens, and what became of the list."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.standards import StandardAdjustment


def newest_adjustment(session: Session) -> str | None:
    """The case of the newest standards."""
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

"""What happened to a case since somebody opened a page on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.accounts import Account
from models.trail import SubjectKind, TrailEntry

_MOST = 20


@dataclass(frozen=True, slots=True)
class Change:
    """One act on a case: its `TrailAction`, the step it was done at, by whom and when."""

    action: str
    step: str
    by: str | None
    at: datetime


def changes_since(session: Session, case_id: str, shown_version: int | None) -> Sequence[Change]:
    """Acts on a case that a page of an older version didn't show, newest first, at most 20."""
    rows = session.execute(
        select(TrailEntry.action, TrailEntry.body, TrailEntry.at, Account.name)
        .outerjoin(Account, Account.id == TrailEntry.actor_id)
        .where(TrailEntry.subject_kind == SubjectKind.CASE, TrailEntry.subject_id == case_id)
        .order_by(TrailEntry.sequence.desc())
        .limit(_MOST)
    )
    found = []
    for row in rows:
        data = orjson.loads(row.body)["data"]
        version = data.get("case_version")
        if version is not None and shown_version is not None and int(version) <= shown_version:
            break
        found.append(Change(row.action, str(data.get("name") or ""), row.name, row.at))
    return found

"""Relief that was decided under an old value: named on the list, without a case of its own.

What was given once for an emergency isn't given again or taken back because a ceiling was wrong;
but whoever answers for it has to know.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import orjson
from sqlalchemy import Select, func, select, tuple_
from sqlalchemy.orm import Session

from models.cases import Case
from models.relief import ReliefEvent, ReliefGrant
from models.retroactive import RetroactiveChange, TouchedCase, TouchedKind, TouchedState
from models.trail import TrailEntry
from models.types import new_id
from workflows.definitions.policy import Policy
from workflows.errors import Invalid
from workflows.feel import from_json, to_json


def relief_candidates(change: RetroactiveChange) -> Select[ReliefGrant, ReliefEvent, Case]:
    """Relief approved on the days in question, by the index of days."""
    query = (
        select(ReliefGrant, ReliefEvent, Case)
        .join(ReliefEvent, ReliefEvent.id == ReliefGrant.event_id)
        .join(Case, Case.id == ReliefGrant.case_id)
        .where(
            ReliefGrant.district_id == change.district_id,
            ReliefGrant.decided_on >= change.first_on,
        )
    )
    return (
        query if change.last_on is None else query.where(ReliefGrant.decided_on <= change.last_on)
    )


def count_relief(session: Session, change: RetroactiveChange) -> int:
    """How many approvals there are to look at."""
    query = select(func.count()).select_from(relief_candidates(change).subquery())
    return session.scalar(query) or 0


def list_relief(
    session: Session,
    change: RetroactiveChange,
    law: Policy,
    place: tuple[date, str] | None,
    *,
    now: datetime,
    limit: int,
) -> tuple[list[TouchedCase], tuple[date, str] | None, int]:
    """Look at the next approvals: those touched, the next place (None at the end), how many."""
    query = relief_candidates(change).order_by(ReliefGrant.decided_on, ReliefGrant.id).limit(limit)
    if place is not None:
        query = query.where(tuple_(ReliefGrant.decided_on, ReliefGrant.id) > place)
    rows = session.execute(query).all()
    used = _read_in(session, [grant.case_id for grant, _, _ in rows])
    touched = []
    for grant, event, case in rows:
        changed = _changed(change, law, grant.decided_on, used.get(case.id, ()))
        if changed:
            touched.append(_touched(change, grant, event.household_id, case, changed, law, now))
    last = rows[-1][0] if len(rows) == limit else None
    return touched, None if last is None else (last.decided_on, last.id), len(rows)


def _read_in(session: Session, case_ids: Sequence[str]) -> dict[str, list[Mapping[str, Any]]]:
    """The parameters that decisions in these cases read, from the cases' own chains. One SELECT."""
    rows = session.execute(
        select(TrailEntry.subject_id, TrailEntry.body).where(TrailEntry.subject_id.in_(case_ids))
    )
    found: dict[str, list[Mapping[str, Any]]] = {}
    for case_id, body in rows:
        found.setdefault(case_id, []).extend(_parameters(orjson.loads(body)))
    return found


def _parameters(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, list):
        for item in value:
            yield from _parameters(item)
    elif isinstance(value, dict):
        for name, item in value.items():
            if name == "parameters" and isinstance(item, list):
                yield from (one for one in item if isinstance(one, dict) and "value" in one)
            else:
                yield from _parameters(item)


def _changed(
    change: RetroactiveChange, law: Policy, day: date, used: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """The values read on a day that are others now."""
    differing = {
        one["key"]
        for one in change.differences
        if date.fromisoformat(one["first"]) <= day
        and (one["last"] is None or day <= date.fromisoformat(one["last"]))
    }
    changed: dict[str, dict[str, Any]] = {}
    for row in used:
        if row["key"] not in differing or row["key"] in changed:
            continue
        try:
            now = law.parameters.value(row["key"], day)
        except Invalid:
            continue
        if from_json(row["value"]) != now.value:
            changed[row["key"]] = {
                "key": now.key,
                "label": now.label,
                "unit": now.unit,
                "old": row["value"],
                "new": to_json(now.value),
                "valid_from": now.valid_from.isoformat(),
                "source": list(now.source),
                "certainty": now.certainty,
            }
    return list(changed.values())


def _touched(
    change: RetroactiveChange,
    grant: ReliefGrant,
    household_id: str,
    case: Case,
    changed: list[dict[str, Any]],
    law: Policy,
    now: datetime,
) -> TouchedCase:
    return TouchedCase(
        id=new_id(),
        district_id=change.district_id,
        township_id=case.township_id,
        change_id=change.id,
        relief_grant_id=grant.id,
        case_id=case.id,
        household_id=household_id,
        kind=TouchedKind.RELIEF,
        state=TouchedState.LISTED,
        old_monthly=Decimal(0),
        new_monthly=Decimal(0),
        months=0,
        total=grant.total,
        detail={
            "parameters": changed,
            "rows": [],
            "months": [],
            "level": grant.level,
            "parameters_of": law.content_hash,
        },
        listed_at=now,
    )

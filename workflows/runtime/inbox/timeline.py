"""The trail of a case to read: who did what when, with the answers where they may be opened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.accounts import Account
from models.cases import Case
from models.offices import Office
from models.trail import SubjectKind, TrailEntry
from workflows.definitions.diagram import Element, ElementKind
from workflows.definitions.policy import Policy
from workflows.errors import NotFound
from workflows.feel import from_json
from workflows.privacy import KeyRing
from workflows.runtime.acts import case_subject
from workflows.runtime.evidence import head_key, open_answers

PAGE = 50


@dataclass(frozen=True, slots=True)
class Event:
    """One entry: `answers` are FEEL values by field, None where they can't be opened any more."""

    sequence: int
    action: str
    at: datetime
    by: str | None
    role: str
    office: str | None
    data: Mapping[str, Any]
    answers: Mapping[str, Any] | None = field(default_factory=dict)
    hash: bytes = b""

    def steps(self, policy: Policy) -> list[Element]:
        """The elements that this act led through, each once; events only where they happened."""
        found: dict[str, Element] = {}
        for step in self.data.get("steps", ()):
            element = known_element(policy, step["element"])
            if element is not None and (step["step"] == "leave" or element.kind not in _WAITING):
                found.setdefault(element.id, element)
        return list(found.values())


#: A token that arrives here only waits for something to happen.
_WAITING = frozenset({ElementKind.BOUNDARY_EVENT, ElementKind.CATCH_EVENT})


def known_element(policy: Policy, element_id: object) -> Element | None:
    """An element of a policy, None for an id that it doesn't know."""
    try:
        return policy.element(str(element_id))
    except NotFound:
        return None


def timeline(
    session: Session,
    case: Case,
    keys: KeyRing,
    *,
    before: int | None = None,
    limit: int = PAGE,
    opened: bool = True,
) -> Sequence[Event]:
    """Entries of a case's chain, newest first, those with a sequence below `before`.

    Two SELECTs; the answers are opened with the head of household's key.
    """
    query = (
        select(TrailEntry, Account.name)
        .outerjoin(Account, Account.id == TrailEntry.actor_id)
        .where(TrailEntry.subject_kind == SubjectKind.CASE, TrailEntry.subject_id == case.id)
        .order_by(TrailEntry.sequence.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(TrailEntry.sequence < before)
    rows = session.execute(query).all()
    bodies = [orjson.loads(entry.body) for entry, _ in rows]
    wanted = {body["actor"].get("office") for body in bodies} - {None}
    named = session.execute(select(Office.id, Office.name).where(Office.id.in_(wanted)))
    offices = {row.id: row.name for row in named}
    key = head_key(session, case, keys) if opened else None
    events = []
    for (entry, name), body in zip(rows, bodies, strict=True):
        data = body["data"]
        sealed = data.get("answers") or data.get("reason") or {}
        plain = open_answers(key, case_subject(case), sealed) if opened and sealed else {}
        events.append(
            Event(
                entry.sequence,
                entry.action,
                entry.at,
                name,
                entry.actor_role,
                offices.get(body["actor"].get("office")),
                data,
                None if plain is None else {k: from_json(v) for k, v in plain.items()},
                entry.hash,
            )
        )
    return events

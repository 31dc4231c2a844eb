"""Petty funds as pages show them: whose the viewer may see, what is asked for, what is to do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.cases import Case, Task, TaskState
from models.offices import OfficeLevel
from models.trail import SubjectKind, TrailEntry
from workflows.access import ACTIONS_OF, Action, Viewer
from workflows.assistance.money.petty_fund import PROCESS, REQUEST_PROCESS
from workflows.audit import TrailAction

_ACTS = (TrailAction.MESSAGE_RECEIVED.value, TrailAction.TASK_COMPLETED.value)
_REQUESTED, _REPLENISHED, _REFUSED = "fund.request", "fund.replenish", "fund.refuse"


class RequestState(StrEnum):
    """What became of a request for money."""

    OPEN = "open"
    APPROVED = "approved"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class FundRequest:
    """Money that a township asked for; `refusal` says why it wasn't given."""

    id: str
    case_id: str
    amount: Decimal
    reason: str
    at: datetime
    state: RequestState
    decided_at: datetime | None
    refusal: str


@dataclass(frozen=True, slots=True)
class FundTask:
    """An open task of a fund's case."""

    id: str
    name: str
    role: str
    office_id: str
    created_at: datetime
    case_id: str
    case_number: str
    township_id: str
    #: finance has to decide about a request
    is_request: bool


def readable_townships(viewer: Viewer) -> frozenset[str] | None:
    """The townships whose funds the viewer may see; None: all of the district."""
    found = set()
    for holding in viewer.holdings:
        if Action.FUND_READ in ACTIONS_OF[holding.role]:
            if holding.level is OfficeLevel.DISTRICT:
                return None
            if holding.township_id is not None:
                found.add(holding.township_id)
    return frozenset(found)


def fund_tasks(
    session: Session, district_id: str, township_id: str | None = None
) -> Sequence[FundTask]:
    """Open tasks of the funds' cases, oldest first. One SELECT."""
    query: Any = (
        select(
            Task.id, Task.name, Task.role, Task.office_id, Task.created_at, Task.case_id,
            Case.number, Case.township_id, Task.process_key == REQUEST_PROCESS,
        )
        .join(Case, Case.id == Task.case_id)
        .where(
            Case.district_id == district_id,
            Case.process_key == PROCESS,
            Task.state == TaskState.OPEN,
        )
        .order_by(Task.created_at, Task.id)
    )  # fmt: skip
    if township_id is not None:
        query = query.where(Case.township_id == township_id)
    return [FundTask(*row) for row in session.execute(query)]


def fund_requests(session: Session, case_ids: Iterable[str]) -> Sequence[FundRequest]:
    """What was asked for in these cases, oldest first, as the trail has it. One SELECT."""
    entries = session.execute(
        select(TrailEntry.subject_id, TrailEntry.at, TrailEntry.body)
        .where(
            TrailEntry.subject_kind == SubjectKind.CASE,
            TrailEntry.subject_id.in_(list(case_ids)),
            TrailEntry.action.in_(_ACTS),
        )
        .order_by(TrailEntry.at, TrailEntry.id)
    )
    asked: list[tuple[str, datetime, Mapping[str, Any]]] = []
    decided: dict[str, tuple[RequestState, datetime, str]] = {}
    for case_id, at, body in entries:
        for note in orjson.loads(body)["data"].get("reasons", ()):
            operation = note.get("operation")
            if operation == _REQUESTED:
                asked.append((case_id, at, note))
            elif operation == _REPLENISHED:
                decided[note["request"]] = (RequestState.APPROVED, at, "")
            elif operation == _REFUSED:
                decided[note["request"]] = (RequestState.REFUSED, at, note["refused"])
    return [_request(case_id, at, note, decided) for case_id, at, note in asked]


def _request(
    case_id: str,
    at: datetime,
    note: Mapping[str, Any],
    decided: Mapping[str, tuple[RequestState, datetime, str]],
) -> FundRequest:
    state, decided_at, refusal = decided.get(note["request"], (RequestState.OPEN, None, ""))
    return FundRequest(
        note["request"], case_id, Decimal(note["amount"]), note["reason"], at, state, decided_at,
        refusal,
    )  # fmt: skip

"""Clocks that ran out and funds that are low: those not noted yet, and those noted last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, or_, select
from sqlalchemy.orm import Session

from models.cases import Case, CaseState
from models.clocks import Alert, Clock
from models.offices import Office, OfficeLevel
from workflows.access import ACTIONS_OF, Action, Viewer, is_recused


@dataclass(frozen=True, slots=True)
class AlertRow:
    """An alert with its case; one of a fund has no clock, but the fund's township."""

    id: str
    case_id: str
    case_number: str
    clock_name: str
    severity: str
    due_on: Any
    raised_at: datetime
    taken_note_at: datetime | None
    closed: bool
    office_id: str
    office: str
    #: why the system took it back
    note: str | None = None


def open_alerts(session: Session, viewer: Viewer, *, limit: int = 50) -> Sequence[AlertRow]:
    """Alerts of the viewer's offices that nobody has noted, newest first. One SELECT."""
    query = _alerts(viewer).where(Alert.taken_note_at.is_(None))
    return _rows(session, query.order_by(Alert.raised_at.desc(), Alert.id.desc()).limit(limit))


def noted_alerts(session: Session, viewer: Viewer, *, limit: int = 50) -> Sequence[AlertRow]:
    """Alerts of the viewer's offices that were noted, those noted last first. One SELECT."""
    query = _alerts(viewer).where(Alert.taken_note_at.is_not(None))
    return _rows(session, query.order_by(Alert.taken_note_at.desc(), Alert.id.desc()).limit(limit))


def _alerts(viewer: Viewer) -> Select[Any]:
    columns: Any = (
        select(
            Alert.id,
            Alert.case_id,
            Case.number,
            Clock.name,
            Alert.severity,
            Clock.due_on,
            Alert.raised_at,
            Alert.taken_note_at,
            Case.state,
            Alert.office_id,
            Office.name.label("office"),
            Alert.note,
        )
        .join(Case, Case.id == Alert.case_id)
        .join(Office, Office.id == Alert.office_id)
        .outerjoin(Clock, Clock.id == Alert.clock_id)
    )
    found: Select[Any] = columns.where(Alert.district_id == viewer.district_id, alert_scope(viewer))
    return found


def _rows(session: Session, query: Select[Any]) -> Sequence[AlertRow]:
    return [
        AlertRow(
            row.id,
            row.case_id,
            row.number,
            row.name or "",
            row.severity,
            row.due_on,
            row.raised_at,
            row.taken_note_at,
            row.state is CaseState.CLOSED,
            row.office_id,
            row.office,
            row.note,
        )
        for row in session.execute(query)
    ]


def alert_scope(viewer: Viewer) -> ColumnElement[bool]:
    """A WHERE condition on `alerts`, joined to their case: those of the viewer's offices."""
    conditions: list[ColumnElement[bool]] = []
    seen = ~is_recused(viewer.account_id, Alert.case_id)
    for holding in viewer.holdings:
        if Action.ALERT_READ not in ACTIONS_OF[holding.role]:
            continue
        if holding.level is OfficeLevel.DISTRICT:
            return and_(Alert.district_id == viewer.district_id, seen)
        if holding.level is OfficeLevel.TOWNSHIP:
            conditions.append(Case.township_id == holding.office_id)
        else:
            conditions.append(Case.village_id == holding.office_id)
    return and_(or_(false(), *conditions), Case.confined.is_(False), seen)

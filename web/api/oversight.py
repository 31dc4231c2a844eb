"""Incidents for the system administrator, and the trail for auditors."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from marshmallow import Schema, fields
from sqlalchemy import or_, select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from models.base import db
from models.cases import Case, Incident
from models.trail import SubjectKind
from models.types import new_id
from web.api.once import carry_out
from web.api.operations import Answer, ApiBlueprint, operation
from web.api.schemas import Empty, choice, given, maybe, text
from web.auth import current_viewer
from web.database import current_moment, db_session
from web.problems import api_language
from workflows.access import Action, Viewer, acting
from workflows.audit import Subject, TrailAction, append_entry
from workflows.audit.export import Scope, entries_csv, export_subject
from workflows.audit.verification import verify_subject
from workflows.errors import NotFound
from workflows.runtime.cases import resolve_incident

blueprint = ApiBlueprint("api_oversight", __name__, description="Incidents and the trail.")

_MOST = 200
_CASE = re.compile(r"[A-Za-z0-9_-]{1,60}")


class IncidentsQuery(Schema):
    """Which incidents."""

    state = choice(["open", "resolved", "all"], required=False, load_default="open")


class IncidentSchema(Schema):
    """A case that could not go on by itself."""

    id = given()
    case_id = given()
    case_number = given()
    code = given()
    message = given()
    element = maybe()
    opened_at = given(format="date-time")
    resolved_at = maybe()
    resolution = maybe()


class IncidentsSchema(Schema):
    """Incidents, newest first, at most 200."""

    incidents = fields.List(fields.Nested(IncidentSchema), required=True)


class ResolutionSchema(Schema):
    """What was done about it."""

    resolution = text(500)


class ProblemFoundSchema(Schema):
    """Something wrong with a chain."""

    code = given()
    place = given()
    message = given()


class ReportSchema(Schema):
    """What a verification found."""

    case_id = given()
    intact = fields.Boolean(required=True)
    entries = fields.Integer(required=True)
    problem_count = fields.Integer(required=True)
    problems = fields.List(fields.Nested(ProblemFoundSchema), required=True)


class ExportSchema(Schema):
    """JSON lines for the offline verifier, or CSV for reading."""

    format = choice(["jsonl", "csv"], required=False, load_default="jsonl")


@operation(
    blueprint, "GET", "/incidents", Action.INCIDENT_READ,
    query=IncidentsQuery(), answer=IncidentsSchema(),
)  # fmt: skip
def incidents(query: dict[str, Any]) -> dict[str, Any]:
    """What somebody has to look at; no personal data."""
    statement = (
        select(Incident, Case.number)
        .join(Case, Case.id == Incident.case_id)
        .where(Incident.district_id == current_viewer().district_id)
        .order_by(Incident.opened_at.desc(), Incident.id)
        .limit(_MOST)
    )
    if query["state"] == "open":
        statement = statement.where(Incident.resolved_at.is_(None))
    elif query["state"] == "resolved":
        statement = statement.where(Incident.resolved_at.is_not(None))
    rows = db_session().execute(statement)
    return {"incidents": [_incident(row, number) for row, number in rows]}


@operation(
    blueprint, "POST", "/incidents/<uuid:incident_id>/resolve", Action.INCIDENT_RESOLVE,
    body=ResolutionSchema(), answer=IncidentSchema(), once=True,
)  # fmt: skip
def resolve(incident_id: str, body: dict[str, Any]) -> Answer:
    """Say what was done about an incident."""
    viewer, now = current_viewer(), current_moment()
    actor = acting(viewer, Action.INCIDENT_RESOLVE)

    def act(session: Session) -> dict[str, Any]:
        found = session.get(Incident, incident_id)
        if found is None or found.district_id != viewer.district_id:
            raise NotFound("incident_not_found", "找不到这个故障。", "There is no such incident.")
        resolved = resolve_incident(session, incident_id, body["resolution"], actor=actor, now=now)
        number = session.get_one(Case, resolved.case_id).number
        document = _incident(resolved, number)
        return {
            name: value.isoformat() if name.endswith("_at") and value else value
            for name, value in document.items()
        }

    return carry_out(act, content=body, actor=actor, now=now)


@operation(
    blueprint, "POST", "/audit/cases/<case>/verify", Action.TRAIL_VERIFY,
    body=Empty(), answer=ReportSchema(), once=True,
)  # fmt: skip
def verify(case: str, body: dict[str, Any]) -> Answer:
    """Check the chain of a case, named by id or number; the check itself is recorded."""
    viewer, now = current_viewer(), current_moment()
    subject = _subject(viewer, case)
    actor = acting(viewer, Action.TRAIL_VERIFY)

    def act(session: Session) -> dict[str, Any]:
        report = verify_subject(session, subject)
        append_entry(
            session,
            subject,
            TrailAction.TRAIL_VERIFIED,
            actor=actor,
            now=now,
            data={"entries": report.entries, "problems": report.problem_count},
        )
        english = api_language() == "en"
        return {
            "case_id": subject.id,
            "intact": report.intact,
            "entries": report.entries,
            "problem_count": report.problem_count,
            "problems": [
                {
                    "code": found.code,
                    "place": found.place,
                    "message": found.message_en if english else found.message,
                }
                for found in report.problems
            ],
        }

    return carry_out(act, content=body, actor=actor, now=now)


@operation(
    blueprint, "POST", "/audit/cases/<case>/export", Action.TRAIL_EXPORT,
    body=ExportSchema(), answer=("application/x-ndjson", "text/csv"), once=True,
)  # fmt: skip
def export(case: str, body: dict[str, Any]) -> Response:
    """The trail of a case as a stream; personal values stay sealed, the export is recorded."""
    viewer, now = current_viewer(), current_moment()
    subject = _subject(viewer, case)
    actor = acting(viewer, Action.TRAIL_EXPORT)

    def act(session: Session) -> dict[str, Any]:
        export_id = new_id()
        append_entry(
            session,
            Subject(SubjectKind.EXPORT, export_id, viewer.district_id),
            TrailAction.EXPORT_MADE,
            actor=actor,
            now=now,
            data={"format": body["format"], "subject": str(subject)},
        )
        return {"export": export_id}

    made = carry_out(act, content=body, actor=actor, now=now)
    form = body["format"]
    answer = Response(
        _streamed(subject, form, api_language()),
        mimetype="text/csv" if form == "csv" else "application/x-ndjson",
    )
    answer.headers["Content-Disposition"] = f'attachment; filename="doudi-case.{form}"'
    answer.headers.update(made.headers)
    return answer


def _streamed(subject: Subject, form: str, language: str) -> Iterator[bytes]:
    """The lines from a session of their own: the request's one ends before the body does."""
    engine = db.engine

    def body() -> Iterator[bytes]:
        with Session(engine) as session:
            if form == "csv":
                scope = Scope(subject.district_id)
                lines = entries_csv(session, scope, subject=subject, language=language)
            else:
                lines = export_subject(session, subject)
            for line in lines:
                yield line.encode()

    return body()


def _subject(viewer: Viewer, case: str) -> Subject:
    found = None
    if _CASE.fullmatch(case):
        found = db_session().scalar(
            select(Case.id).where(
                Case.district_id == viewer.district_id, or_(Case.id == case, Case.number == case)
            )
        )
    if found is None:
        raise NotFound("case_not_found", "找不到这个办件。", "There is no such case.")
    return Subject(SubjectKind.CASE, found, viewer.district_id)


def _incident(row: Incident, number: str) -> dict[str, Any]:
    return {
        "id": row.id,
        "case_id": row.case_id,
        "case_number": number,
        "code": row.code,
        "message": row.message_en if api_language() == "en" else row.message,
        "element": row.element_id,
        "opened_at": row.opened_at,
        "resolved_at": row.resolved_at,
        "resolution": row.resolution,
    }

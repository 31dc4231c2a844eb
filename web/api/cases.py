"""Cases: start, list, look; their timeline, deadlines, calculations and messages."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.assistance import Assessment
from models.cases import Case
from web.api.applications import APPLICATION, open_application
from web.api.case_queries import (
    cases_page,
    clocks_of,
    may_send,
    one_case,
    subscriptions,
    timeline,
)
from web.api.case_schemas import (
    AssessmentsSchema,
    CaseSchema,
    CasesQuery,
    CasesSchema,
    ClocksSchema,
    MessageSchema,
    MessagesSchema,
    SentSchema,
    StartedSchema,
    TimelineQuery,
    TimelineSchema,
)
from web.api.cursors import place_of_cursor
from web.api.once import carry_out
from web.api.operations import Answer, ApiBlueprint, operation
from web.api.plain import stored_as_plain
from web.api.reading import case_version, read_json
from web.api.task_documents import form_document
from web.auth import current_viewer
from web.config import settings
from web.database import current_moment, db_session
from web.problems import api_language
from web.sight import case_seen, looked_at, require_unrelated_viewer
from workflows.access import Action, Viewer, acting, require_post
from workflows.definitions.release import policy_of
from workflows.errors import Actor
from workflows.runtime.cases import send_message

blueprint = ApiBlueprint("api_cases", __name__, description="Applications on their way.")


@operation(
    blueprint, "POST", "/cases", Action.CASE_OPEN,
    body=APPLICATION, answer=StartedSchema(), status=201, once=True,
)  # fmt: skip
def start(body: dict[str, Any]) -> Answer:
    """Open a case: from the application of a household, or by the form that opens the process."""
    viewer, now = current_viewer(), current_moment()

    def act(session: Session) -> dict[str, Any]:
        return _started(open_application(session, viewer, body, settings().keys.ring, now=now))

    actor = acting(viewer, Action.CASE_OPEN)
    return carry_out(act, content=read_json(), actor=actor, now=now)


@operation(blueprint, "GET", "/cases", Action.CASE_READ, query=CasesQuery(), answer=CasesSchema())
def index(query: dict[str, Any]) -> dict[str, Any]:
    """The cases that you may see, newest first."""
    return cases_page(
        db_session(),
        current_viewer(),
        query,
        settings().keys.ring,
        after=place_of_cursor(query["after"]),
    )


@operation(blueprint, "GET", "/cases/<uuid:case_id>", Action.CASE_READ, answer=CaseSchema())
def show(case_id: str) -> Answer:
    """One case with its open tasks and the relief that it granted."""
    viewer, session, now = current_viewer(), db_session(), current_moment()
    document = one_case(session, viewer, case_id, settings().keys.ring, now=now)
    _look(viewer, session.get_one(Case, case_id), "case")
    return Answer(document, headers={"ETag": f'"{document["version"]}"'})


@operation(
    blueprint, "GET", "/cases/<uuid:case_id>/timeline", Action.CASE_READ,
    query=TimelineQuery(), answer=TimelineSchema(),
)  # fmt: skip
def acts(case_id: str, query: dict[str, Any]) -> dict[str, Any]:
    """Who did what on a case, in order."""
    viewer, session = current_viewer(), db_session()
    case = case_seen(session, viewer, case_id, Action.CASE_READ)
    document = timeline(session, case_id, query["after"], api_language())
    _look(viewer, case, "timeline")
    return document


@operation(
    blueprint, "GET", "/cases/<uuid:case_id>/clocks", Action.CASE_READ, answer=ClocksSchema()
)
def clocks(case_id: str) -> dict[str, Any]:
    """The legal deadlines of a case, each with its derivation."""
    viewer, session = current_viewer(), db_session()
    case = case_seen(session, viewer, case_id, Action.CASE_READ)
    document = clocks_of(session, case_id)
    _look(viewer, case, "clocks")
    return document


@operation(
    blueprint, "GET", "/cases/<uuid:case_id>/assessments", Action.CASE_READ,
    answer=AssessmentsSchema(),
)  # fmt: skip
def assessments(case_id: str) -> dict[str, Any]:
    """The calculations of a case: inputs, rows that hit, clauses, parameters with their dates."""
    viewer, session = current_viewer(), db_session()
    case = case_seen(session, viewer, case_id, Action.CASE_READ)
    rows = session.scalars(
        select(Assessment)
        .where(Assessment.case_id == case_id)
        .order_by(Assessment.made_at.desc(), Assessment.id.desc())
    )
    document = {
        "assessments": [
            {
                "id": row.id,
                "on": row.on,
                "made_at": row.made_at,
                "result": {name: stored_as_plain(value) for name, value in row.result.items()},
                "explanation": row.explanation,
            }
            for row in rows
        ]
    }
    _look(viewer, case, "assessments")
    return document


@operation(
    blueprint, "GET", "/cases/<uuid:case_id>/messages", Action.CASE_READ, answer=MessagesSchema()
)
def messages(case_id: str) -> dict[str, Any]:
    """The messages that a case waits for, each with its form."""
    viewer, session = current_viewer(), db_session()
    case = case_seen(session, viewer, case_id, Action.CASE_READ)
    policy = policy_of(session, case.release_id)
    return {
        "case_version": case.version,
        "messages": [
            {
                "message": waiting.message,
                "name": waiting.name,
                "element": waiting.element_id,
                "role": waiting.role,
                "office_id": waiting.office_id,
                "form": form_document(policy, waiting.form_key),
                "yours": may_send(viewer, waiting),
            }
            for waiting in subscriptions(session, case_id)
        ],
    }


@operation(
    blueprint, "POST", "/cases/<uuid:case_id>/messages/<message>", Action.CASE_MESSAGE,
    body=MessageSchema(), answer=SentSchema(), once=True, versioned=True,
)  # fmt: skip
def send(case_id: str, message: str, body: dict[str, Any]) -> Answer:
    """Record an event of a case: a withdrawal, a termination, an objection …"""
    viewer, session, now = current_viewer(), db_session(), current_moment()
    shown = case_version(body)
    case = case_seen(session, viewer, case_id, Action.CASE_MESSAGE)
    actor = _sender(session, viewer, case, message)
    household_id = case.household_id

    def act(session: Session) -> dict[str, Any]:
        require_unrelated_viewer(viewer, actor, case_id, household_id)
        delivered = send_message(
            session, case_id, message, body["answers"], settings().keys.ring,
            actor=actor, now=now, case_version=shown,
        )  # fmt: skip
        known = session.get_one(Case, case_id)
        return {"delivered": delivered, "case_version": known.version, "status": known.status}

    content = {"answers": body["answers"], "case_version": shown}
    return carry_out(act, content=content, actor=actor, now=now, case_id=case_id)


def _sender(session: Session, viewer: Viewer, case: Case, message: str) -> Actor:
    """The viewer in the role that the waiting element names; any that may, where none waits."""
    waiting = [found for found in subscriptions(session, case.id) if found.message == message]
    for found in waiting:
        if may_send(viewer, found):
            return viewer.actor(found.role, found.office_id)
    actor = acting(viewer, Action.CASE_MESSAGE, case)
    if waiting:
        require_post(actor, waiting[0].role, waiting[0].office_id)
    return actor


def _look(viewer: Viewer, case: Case, what: str) -> None:
    looked_at(viewer, case, what, Action.CASE_READ)


def _started(case: Case) -> dict[str, Any]:
    return {
        "id": case.id,
        "number": case.number,
        "status": case.status,
        "version": case.version,
        "household_id": case.household_id,
    }

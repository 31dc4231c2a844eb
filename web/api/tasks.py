"""Tasks: the queue, one task with its form, and the acts on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from models.cases import Task
from web.api.cursors import place_of_cursor
from web.api.once import carry_out
from web.api.operations import Answer, ApiBlueprint, operation
from web.api.reading import case_version, request_key
from web.api.schemas import Empty
from web.api.task_documents import asks_for_staff, queue_document, task_document
from web.api.task_schemas import (
    CLAIMED,
    COMPLETED,
    COMPLETION,
    QUEUE,
    QUEUE_QUERY,
    RETURN,
    TASK,
)
from web.auth import current_viewer
from web.config import settings
from web.database import current_moment, db_session
from web.sight import TaskPlace, looked_at, require_unrelated_viewer, task_place
from workflows.access import Action, require
from workflows.errors import Actor
from workflows.runtime.inbox.queue import QueueFilter, Show, queue_page
from workflows.runtime.inbox.task import staff_of, task_view
from workflows.runtime.tasks import claim_task, complete_task, release_task, return_task

blueprint = ApiBlueprint("api_tasks", __name__, description="What somebody has to do.")
_NOTHING = Empty()


@operation(blueprint, "GET", "/tasks", Action.QUEUE_READ, query=QUEUE_QUERY, answer=QUEUE)
def queue(query: dict[str, Any]) -> dict[str, Any]:
    """The open tasks of your posts, by deadline."""
    now = current_moment()
    wanted = QueueFilter(
        Show(query["show"]),
        query["element"],
        str(query["office"]) if query["office"] else None,
        query["case_number"],
    )
    page = queue_page(
        db_session(),
        current_viewer(),
        wanted,
        settings().keys.ring,
        now=now,
        after=place_of_cursor(query["after"]),
    )
    return queue_document(page, now)


@operation(blueprint, "GET", "/tasks/<uuid:task_id>", Action.QUEUE_READ, answer=TASK)
def show(task_id: str) -> Answer:
    """One open task with its form, what is known already, its clauses and its deadline."""
    viewer, session, now = current_viewer(), db_session(), current_moment()
    place = task_place(session, viewer, task_id)
    actor = viewer.actor(place.role, place.office_id)
    view = task_view(session, task_id, settings().keys.ring, actor=actor, now=now)
    staff = list(staff_of(session, place.office_id, now=now)) if asks_for_staff(view.form) else []
    document = task_document(view, staff, now)
    looked_at(viewer, place, "task", Action.QUEUE_READ)
    return Answer(document, headers={"ETag": f'"{document["case_version"]}"'})


@operation(
    blueprint, "POST", "/tasks/<uuid:task_id>/complete", Action.TASK_COMPLETE,
    body=COMPLETION, answer=COMPLETED, once=True, versioned=True,
)  # fmt: skip
def complete(task_id: str, body: dict[str, Any]) -> Answer:
    """Complete a task with the answers of its form; the case moves on."""
    shown = case_version(body)

    def act(session: Session, _place: TaskPlace, actor: Actor) -> dict[str, Any]:
        return complete_task(
            session, task_id, body["answers"], settings().keys.ring,
            actor=actor, now=current_moment(), case_version=shown,
        ).to_json()  # fmt: skip

    return _act_on(task_id, act, {"answers": body["answers"], "case_version": shown})


@operation(
    blueprint, "POST", "/tasks/<uuid:task_id>/return", Action.TASK_RETURN,
    body=RETURN, answer=COMPLETED, once=True, versioned=True,
)  # fmt: skip
def send_back(task_id: str, body: dict[str, Any]) -> Answer:
    """Return the case to an earlier step that the diagram allows, with a reason."""
    shown = case_version(body)

    def act(session: Session, place: TaskPlace, actor: Actor) -> dict[str, Any]:
        require(current_viewer(), Action.TASK_RETURN, place)
        return return_task(
            session, task_id, body["to"], body["reason"], settings().keys.ring,
            actor=actor, now=current_moment(), case_version=shown,
        ).to_json()  # fmt: skip

    return _act_on(task_id, act, {**body, "case_version": shown})


@operation(
    blueprint, "POST", "/tasks/<uuid:task_id>/claim", Action.TASK_COMPLETE,
    body=_NOTHING, answer=CLAIMED, once=True,
)  # fmt: skip
def claim(task_id: str, body: dict[str, Any]) -> Answer:
    """Take a task from the common queue."""

    def act(session: Session, _place: TaskPlace, actor: Actor) -> dict[str, Any]:
        return _claimed(claim_task(session, task_id, actor=actor, now=current_moment()))

    return _act_on(task_id, act, body)


@operation(
    blueprint, "POST", "/tasks/<uuid:task_id>/release", Action.TASK_COMPLETE,
    body=_NOTHING, answer=CLAIMED, once=True,
)  # fmt: skip
def release(task_id: str, body: dict[str, Any]) -> Answer:
    """Put a claimed task back into the queue."""

    def act(session: Session, _place: TaskPlace, actor: Actor) -> dict[str, Any]:
        return _claimed(release_task(session, task_id, actor=actor, now=current_moment()))

    return _act_on(task_id, act, body)


def _act_on(
    task_id: str,
    act: Callable[[Session, TaskPlace, Actor], dict[str, Any]],
    content: dict[str, Any],
) -> Answer:
    """An act in the role that the task is for; nobody acts for their own household."""
    viewer = current_viewer()
    place = task_place(db_session(), viewer, task_id, request_key=request_key())
    actor = viewer.actor(place.role, place.office_id)

    def impartially(session: Session) -> dict[str, Any]:
        require_unrelated_viewer(viewer, actor, place.case_id, place.household_id)
        return act(session, place, actor)

    return carry_out(
        impartially,
        content=content,
        actor=actor,
        now=current_moment(),
        case_id=place.case_id,
        answered_before=place.answered_before,
    )


def _claimed(task: Task) -> dict[str, Any]:
    return {"id": task.id, "assignee_id": task.assignee_id}

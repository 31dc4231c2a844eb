"""What a viewer may see, as rows of a case's place; a look at a file is recorded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, exists, select
from sqlalchemy.orm import Session

from models.cases import Case, Task
from models.plumbing import RequestKey
from models.trail import SubjectKind
from web.database import current_moment, db_session
from workflows.access import Action, Viewer, acting, is_recused, require_impartial, visible_cases
from workflows.audit import AccessKind, Subject, record_access
from workflows.errors import Actor, NotFound
from workflows.runtime.inbox.queue import posts_of
from workflows.transaction import transaction


@dataclass(frozen=True, slots=True)
class TaskPlace:
    """Who does a task, whose household it is about, and where its case lies.

    `answered_before`: whether the viewer's request of this `Idempotency-Key` was carried out.
    """

    role: str
    office_id: str
    case_id: str
    household_id: str | None
    district_id: str
    township_id: str
    village_id: str | None
    answered_before: bool


_TASK_PLACE = (
    select(
        Task.role,
        Task.office_id,
        Task.case_id,
        Case.household_id,
        Case.district_id,
        Case.township_id,
        Case.village_id,
        exists().where(
            RequestKey.account_id == bindparam("account_id"),
            RequestKey.key == bindparam("request_key"),
        ),
    )
    .join(Case, Case.id == Task.case_id)
    .where(Task.id == bindparam("task_id"), Task.district_id == bindparam("district_id"))
    .where(~is_recused(bindparam("account_id"), Task.case_id))
)


def task_place(
    session: Session, viewer: Viewer, task_id: str, *, request_key: str | None = None
) -> TaskPlace:
    """A task of the viewer's posts, open or not. One SELECT.

    Raises:
        NotFound: `task_not_found` also for what belongs to other posts.
    """
    row = session.execute(
        _TASK_PLACE,
        {
            "task_id": task_id,
            "district_id": viewer.district_id,
            "account_id": viewer.account_id,
            "request_key": request_key or "",
        },
    ).one_or_none()
    if row is None or (row.role, row.office_id) not in posts_of(viewer):
        raise NotFound("task_not_found", "找不到这项待办。", "There is no such task.")
    return TaskPlace(*row)


def case_seen(session: Session, viewer: Viewer, case_id: str, action: Action) -> Case:
    """A case that the viewer may do `action` with. One SELECT.

    Raises:
        NotFound: `case_not_found` also for what they may not see.
    """
    case = session.scalar(select(Case).where(Case.id == case_id, visible_cases(viewer, action)))
    if case is None:
        raise NotFound("case_not_found", "找不到这个办件。", "There is no such case.")
    return case


def looked_at(viewer: Viewer, case: Case | TaskPlace, what: str, action: Action) -> None:
    """Record that the viewer saw a part of a case's file, in a transaction of its own."""
    case_id = case.case_id if isinstance(case, TaskPlace) else case.id
    note_access(
        Subject(SubjectKind.CASE, case_id, case.district_id),
        AccessKind.VIEWED,
        actor=acting(viewer, action, case),
        data={"api": what},
    )


def note_access(
    subject: Subject, kind: AccessKind, *, actor: Actor, data: Mapping[str, Any]
) -> None:
    """One row of the access log, in a transaction of its own.

    What was read before stays as it is, but hangs on the session no more.
    """
    session = db_session()
    session.expunge_all()
    with transaction(session):
        record_access(session, subject, kind, actor=actor, now=current_moment(), data=data)


def require_unrelated_viewer(
    viewer: Viewer, actor: Actor, case_id: str, household_id: str | None
) -> None:
    """Nobody acts for their own household; asked where the viewer's own id number is known.

    Raises:
        NotAllowed: `access.own_household`, `access.near_relative`.
    """
    if viewer.id_number_index is not None:
        require_impartial(db_session(), actor, case_id=case_id, household_id=household_id)

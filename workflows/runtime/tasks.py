"""Commands on tasks: claim, release, complete, return."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, bindparam, exists, or_, select
from sqlalchemy.orm import Session, undefer

from models.assistance import NearRelativeFiling
from models.cases import Case, Task, TaskState
from workflows.access import is_recused
from workflows.audit import TrailAction, append_entry
from workflows.definitions.diagram import Element
from workflows.definitions.release import policy_of
from workflows.errors import Actor, Conflict, Invalid, NotAllowed, NotFound
from workflows.privacy import KeyRing
from workflows.runtime.acts import (
    begin,
    case_subject,
    check_version,
    finish,
)
from workflows.runtime.answers import form_answers
from workflows.runtime.engine import WaitKind
from workflows.runtime.evidence import sealed_answers
from workflows.runtime.requests import answered, fingerprint, remember
from workflows.runtime.rows import update_of, write_row
from workflows.runtime.starting import open_requested
from workflows.transaction import require_transaction

#: Characters of the reason for a return.
LONGEST_REASON = 2_000


def is_filed(account_id: str | BindParameter[str] | None) -> ColumnElement[bool]:
    """Whether somebody is filed as a near relative in the case of the statement around this.

    Or whether the case is a complaint about them.
    """
    filed = exists().where(
        NearRelativeFiling.case_id == Case.id, NearRelativeFiling.account_id == account_id
    )
    return or_(filed, is_recused(account_id, Case.id))


def is_related(session: Session, case: Case, actor: Actor) -> bool:
    """Whether the actor is filed as a near relative in a case."""
    if actor.account_id is None:  # a filing without an account is nobody's in particular
        return False
    return bool(session.scalar(select(is_filed(actor.account_id)).where(Case.id == case.id)))


#: Built once: making a statement costs more than running it.
_CASE_OF_TASK = (
    select(Case)
    .where(Case.id == select(Task.case_id).where(Task.id == bindparam("task_id")).scalar_subquery())
    .options(undefer(Case.engine_state))
    .with_for_update(of=Case)
    .execution_options(populate_existing=True)
)
#: Read after the lock: in one statement with it, PostgreSQL would show the task as it was before
#: the wait, since it looks again only at the rows that it locks.
_TASK = (
    select(Task, is_filed(bindparam("account_id")))
    .join(Case, Case.id == Task.case_id)
    .where(Task.id == bindparam("task_id"))
    .execution_options(populate_existing=True)
)

_COMPLETED_TASK = update_of(Task, "state", "completed_at", "completed_by_id")


@dataclass(frozen=True, slots=True)
class Completed:
    """The answer to a completed task: enough to show what comes next."""

    case_id: str
    case_number: str
    case_version: int
    status: str
    closed: bool

    def to_json(self) -> dict[str, Any]:
        """As the JSON API and a repeated request give it."""
        return {
            "case_id": self.case_id,
            "case_number": self.case_number,
            "case_version": self.case_version,
            "status": self.status,
            "closed": self.closed,
        }


def lock_task(session: Session, task_id: str, actor: Actor) -> tuple[Task, Case, bool]:
    """A task, its locked case, and whether the actor is filed as a near relative.

    Raises:
        NotFound: `task_not_found`.
    """
    require_transaction(session)
    case = session.scalar(_CASE_OF_TASK, {"task_id": task_id})
    if case is None:
        raise NotFound("task_not_found", "找不到这项待办。", "There is no such task.")
    task, related = session.execute(
        _TASK, {"task_id": task_id, "account_id": actor.account_id}
    ).one()
    return task, case, related


def require_open(task: Task) -> None:
    """Refuse an act on a task that somebody has completed or an event has taken away.

    Raises:
        Conflict: `task_not_open`.
    """
    if task.state is not TaskState.OPEN:
        raise Conflict(
            "task_not_open",
            "这项待办已经由他人办理或已取消，本次提交没有生效。请刷新页面。",
            "This task is no longer open; nothing was done. Please refresh.",
            details={"state": task.state.value},
        )


def require_unrelated(related: bool) -> None:
    """Nobody decides on the case of a near relative (最低生活保障审核确认办法 11).

    Raises:
        NotAllowed: `near_relative`.
    """
    if related:
        raise NotAllowed(
            "near_relative",
            "您已登记为该家庭的近亲属，或者本件反映的是您，依规须回避，不能办理此件。",
            "You are a near relative of this household, or the case is about you.",
        )


def require_separate(session: Session, case: Case, element: Element, actor: Actor) -> None:
    """Nobody confirms what they themselves opined.

    Raises:
        NotAllowed: `separate_person`, naming the earlier step.
    """
    earlier = element.assignment.separate_from if element.assignment is not None else ()
    if not earlier:
        return
    name = session.scalar(
        select(Task.name).where(
            Task.case_id == case.id,
            Task.element_id.in_(earlier),
            Task.state == TaskState.COMPLETED,
            Task.completed_by_id == actor.account_id,
        )
    )
    if name is not None:
        raise NotAllowed(
            "separate_person",
            f"您办理过本件的“{name}”，这一步须由另一人办理。",
            f"You did “{name}” in this case; this step must be somebody else's.",
        )


def require_unclaimed(task: Task, actor: Actor) -> None:
    """A task that somebody has claimed is theirs until they release it.

    Raises:
        Conflict: `claimed_by_other`.
    """
    if task.assignee_id is not None and task.assignee_id != actor.account_id:
        raise Conflict(
            "claimed_by_other",
            "这项待办已由他人领取。",
            "Somebody else has claimed this task.",
            details={"assignee": task.assignee_id},
        )


def claim_task(session: Session, task_id: str, *, actor: Actor, now: datetime) -> Task:
    """Take a task from the common queue.

    Raises:
        Conflict: `task_not_open`, `claimed_by_other`.
        NotAllowed: `near_relative`, `separate_person`: nobody takes what they may not complete.
    """
    task, case, related = lock_task(session, task_id, actor)
    require_open(task)
    require_unclaimed(task, actor)
    require_unrelated(related)
    process = policy_of(session, case.release_id).processes[task.process_key]
    require_separate(session, case, process.elements[task.element_id], actor)
    if task.assignee_id is None:
        task.assignee_id = actor.account_id
        task.claimed_at = now
        _note(session, case, TrailAction.TASK_CLAIMED, task, actor=actor, now=now)
    return task


def release_task(session: Session, task_id: str, *, actor: Actor, now: datetime) -> Task:
    """Put a claimed task back into the queue.

    Raises:
        Conflict: `task_not_open`, `claimed_by_other`.
    """
    task, case, _ = lock_task(session, task_id, actor)
    require_open(task)
    require_unclaimed(task, actor)
    if task.assignee_id is not None:
        task.assignee_id = None
        task.claimed_at = None
        _note(session, case, TrailAction.TASK_RELEASED, task, actor=actor, now=now)
    return task


def _note(
    session: Session,
    case: Case,
    action: TrailAction,
    task: Task,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    append_entry(
        session,
        case_subject(case),
        action,
        actor=actor,
        now=now,
        data={"task": task.id, "element": task.element_id, "name": task.name},
    )


def complete_task(
    session: Session,
    task_id: str,
    raw: Mapping[str, Any],
    keys: KeyRing,
    *,
    actor: Actor,
    now: datetime,
    case_version: int | None = None,
    request_key: str | None = None,
) -> Completed:
    """Complete a task with the answers of its form, and move the case on.

    The edge has checked that the actor holds the task's role at its office.

    Raises:
        Conflict: `task_not_open`, `claimed_by_other`, `stale_screen`, `request_key_reused`.
        NotAllowed: `near_relative`, `separate_person`.
        Invalid: every finding of the form at once, or what an operation refuses.
        Fault: when the process can't go on with these data.
    """
    task, case, related = lock_task(session, task_id, actor)
    asked = fingerprint(f"task.complete/{task_id}", raw)
    known = answered(session, request_key, asked, actor=actor)
    if known:
        return Completed(**known)
    require_open(task)
    require_unclaimed(task, actor)
    check_version(case, case_version)
    require_unrelated(related)
    act = begin(session, case, keys, actor=actor, now=now)
    wait = act.wait(task.engine_task_id, WaitKind.TASK)
    require_separate(session, case, wait.element, actor)
    scope = act.run.scopes.view(wait.scope)
    answers = form_answers(act.host, wait.element, scope, raw)
    act.write(wait.scope, answers.values)
    act.run.complete(wait.id)
    _mark_completed(session, task, actor=actor, now=now)
    finish(
        act,
        TrailAction.TASK_COMPLETED,
        {
            "task": task.id,
            "element": task.element_id,
            "name": task.name,
            "form": task.form_key,
            "shown_version": case_version,
            "answers": sealed_answers(session, case, keys, answers.values),
        },
        done=wait.id,
    )
    open_requested(session, act)
    completed = Completed(
        case.id, case.number, case.version, case.status, case.closed_at is not None
    )
    remember(session, request_key, asked, completed.to_json(), actor=actor, now=now)
    return completed


def _mark_completed(session: Session, task: Task, *, actor: Actor, now: datetime) -> None:
    values = {
        "state": TaskState.COMPLETED,
        "completed_at": now,
        "completed_by_id": actor.account_id,
    }
    write_row(session, _COMPLETED_TASK, task, values)


def return_task(
    session: Session,
    task_id: str,
    target_id: str,
    reason: str,
    keys: KeyRing,
    *,
    actor: Actor,
    now: datetime,
    case_version: int | None = None,
) -> Completed:
    """Return a case from a task to an earlier step that the diagram allows, with a reason.

    Raises:
        Invalid: `return_reason`, `return_reason_long`, `return_target`.
        Conflict, NotAllowed: as `complete_task`.
    """
    task, case, related = lock_task(session, task_id, actor)
    require_open(task)
    require_unclaimed(task, actor)
    check_version(case, case_version)
    require_unrelated(related)
    act = begin(session, case, keys, actor=actor, now=now)
    wait = act.wait(task.engine_task_id, WaitKind.TASK)
    require_separate(session, case, wait.element, actor)
    if not reason.strip():
        raise Invalid("return_reason", "退回须写明理由。", "A return needs a reason.")
    if len(reason) > LONGEST_REASON:
        raise Invalid(
            "return_reason_long",
            f"退回理由最多{LONGEST_REASON}字。",
            f"A reason has at most {LONGEST_REASON} characters.",
        )
    require_target(wait.element.returns, target_id)
    act.run.move(wait.id, target_id)
    finish(
        act,
        TrailAction.TASK_RETURNED,
        {
            "task": task.id,
            "element": task.element_id,
            "target": target_id,
            "reason": sealed_answers(session, case, keys, {"reason": reason}),
        },
    )
    return Completed(case.id, case.number, case.version, case.status, False)


def require_target(allowed: Sequence[str], target_id: str) -> None:
    """Refuse a return that the diagram doesn't offer.

    Raises:
        Invalid: `return_target`.
    """
    if target_id not in allowed:
        raise Invalid(
            "return_target",
            "流程图不允许退回到这一步。",
            "The diagram offers no return to this step.",
            details={"allowed": list(allowed)},
        )

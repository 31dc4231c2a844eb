"""One open task with everything its page shows: form, variables, clock, law, who may not act."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session, undefer

from models.accounts import Account, RoleHolding
from models.cases import Case, CaseState, Task, TaskState
from models.clocks import Clock, ClockState
from models.offices import Office, OfficeLevel
from workflows.decisions.forms import Form
from workflows.definitions.diagram import Element
from workflows.definitions.policy import Policy
from workflows.errors import Actor, DoudiError, NotFound
from workflows.privacy import KeyRing
from workflows.runtime.acts import begin
from workflows.runtime.engine import WaitKind
from workflows.runtime.inbox.queue import QueueRow, queue_row
from workflows.runtime.tasks import is_filed, require_separate, require_unrelated


@dataclass(frozen=True, slots=True)
class TaskView:
    """An open task as its page shows it.

    `scope` holds every variable that the process shows here; `refusal` says why this person may not
    do it, in the words that completing it would be refused with.
    """

    row: QueueRow
    case: Case
    element: Element
    form: Form | None
    scope: Mapping[str, Any]
    policy: Policy
    clock: Clock | None
    refusal: DoudiError | None

    @property
    def returns(self) -> list[tuple[str, str]]:
        """Where the case may be returned to: element ids and names."""
        return [(target, self.policy.element(target).name) for target in self.element.returns]


def task_view(
    session: Session, task_id: str, keys: KeyRing, *, actor: Actor, now: datetime
) -> TaskView:
    """An open task; nothing is locked. Two SELECTs, three where the step asks for another person.

    Raises:
        NotFound: `task_not_found` when there is none or it is no longer open.
    """
    row = queue_row(session, task_id, keys)
    if row is None:
        raise NotFound(
            "task_not_found",
            "这项待办不存在，或者已经办结。",
            "There is no such open task; it may have been completed.",
        )
    found = session.execute(
        select(Case, Task, Clock, is_filed(actor.account_id))
        .join(Task, Task.case_id == Case.id)
        .outerjoin(
            Clock,
            and_(
                Clock.case_id == Case.id,
                Clock.key == Task.clock_key,
                Clock.state != ClockState.STOPPED,
            ),
        )
        .where(Task.id == task_id)
        .options(undefer(Case.engine_state))
    ).first()
    if found is None or found[0].state is CaseState.CLOSED:
        raise NotFound("task_not_found", "这项待办已经办结。", "The task is no longer open.")
    case, task, clock, related = found
    act = begin(session, case, keys, actor=actor, now=now)
    wait = act.wait(task.engine_task_id, WaitKind.TASK)
    policy = act.host.pinned
    return TaskView(
        row,
        case,
        wait.element,
        policy.forms.get(wait.element.form or ""),
        act.run.scopes.view(wait.scope),
        policy,
        clock,
        _refusal(session, case, wait.element, actor, related=related),
    )


def _refusal(
    session: Session, case: Case, element: Element, actor: Actor, *, related: bool
) -> DoudiError | None:
    try:
        require_unrelated(related)
        require_separate(session, case, element, actor)
    except DoudiError as error:
        return error
    return None


def closed_task(session: Session, task_id: str) -> Task | None:
    """A task that is no longer open, for the page that says so."""
    return session.scalar(select(Task).where(Task.id == task_id, Task.state != TaskState.OPEN))


def staff_of(session: Session, office_id: str, *, now: datetime) -> Sequence[tuple[str, str]]:
    """Who works at an office or directly below it: (account id, name), by name. One SELECT."""
    rows = session.execute(
        select(Account.id, Account.name, Office.name.label("office"), Office.id.label("office_id"))
        .join(RoleHolding, RoleHolding.account_id == Account.id)
        .join(Office, Office.id == RoleHolding.office_id)
        .where(
            or_(Office.id == office_id, Office.parent_id == office_id),
            or_(Office.id == office_id, Office.level == OfficeLevel.VILLAGE),
            Account.active.is_(True),
            RoleHolding.since <= now,
            or_(RoleHolding.until.is_(None), RoleHolding.until > now),
        )
        .order_by(Office.level, Office.code, Account.name)
    )
    found: dict[str, str] = {}
    for row in rows:
        label = row.name if row.office_id == office_id else f"{row.name}（{row.office}）"
        found.setdefault(row.id, label)
    return list(found.items())

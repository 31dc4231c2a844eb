"""The same step in many correction cases at once: each is still one act in its own case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from models.accounts import Role
from models.cases import Case, Task, TaskState
from models.jobs import Job
from models.retroactive import TouchedCase, TouchedKind, TouchedState
from models.types import new_id
from workflows.access import Viewer, require_impartial, viewer_of_account
from workflows.errors import Actor, DoudiError, Invalid, NotAllowed
from workflows.jobs import Chunk, queue_job
from workflows.privacy import KeyRing
from workflows.runtime.tasks import complete_task

DECIDE_JOB: Final = "retroactive.decide"
#: Cases that one chunk decides on.
BATCH: Final = 10
#: The step that each role does in the process of corrections.
STEPS: Final[Mapping[Role, str]] = {
    Role.CASE_OFFICER: "Task_PrepareCorrection",
    Role.CONFIRMER: "Task_DecideCorrection",
}
#: What each may say, and whether it needs a reason.
VERDICTS: Final[Mapping[Role, Mapping[str, bool]]] = {
    Role.CASE_OFFICER: {"correct": True, "keep": True},
    Role.CONFIRMER: {"correct": False, "waive": True, "keep": True},
}


@dataclass(frozen=True, slots=True)
class Bulk:
    """Cases of a change that wait for one role at one office, by kind."""

    role: Role
    office_id: str
    waiting: Mapping[TouchedKind, int]


def bulk_of(session: Session, viewer: Viewer, change_id: str) -> Bulk | None:
    """What the viewer could do in many cases at once; None without such a role. One SELECT."""
    post = next(
        (one for one in viewer.holdings if one.role in STEPS),
        None,
    )
    if post is None:
        return None
    rows = session.execute(
        _waiting(
            select(TouchedCase.kind, func.count().label("cases")),
            change_id, post.role, post.office_id,
        ).group_by(TouchedCase.kind)
    )  # fmt: skip
    return Bulk(post.role, post.office_id, {row.kind: row.cases for row in rows})


def queue_decisions(
    session: Session,
    change_id: str,
    kind: TouchedKind,
    verdict: str,
    reason: str,
    *,
    actor: Actor,
    district_id: str,
    now: datetime,
) -> Job:
    """Queue one step in every case of a kind that waits for the actor's role at their office.

    Raises:
        Invalid: `verdict_unknown`, `reason_missing`.
    """
    needed = VERDICTS[Role(actor.role)]
    if verdict not in needed or (verdict == "waive" and kind is not TouchedKind.RECOVERY):
        raise Invalid("verdict_unknown", "请选择处理方式。", "Choose what to do.")
    if needed[verdict] and not reason.strip():
        raise Invalid("reason_missing", "请写明理由。", "Give the reason.")
    return queue_job(
        session,
        district_id=district_id,
        kind=DECIDE_JOB,
        key=f"{DECIDE_JOB}/{change_id}/{new_id()}",
        payload={
            "change": change_id,
            "kind": kind.value,
            "answers": _answers(Role(actor.role), verdict, reason.strip()),
            "account": actor.account_id,
            "role": actor.role,
            "office": actor.office_id,
        },
        by_id=actor.account_id,
        now=now,
    )


def decide_step(session: Session, job: Job, keys: KeyRing, now: datetime) -> Chunk:
    """Complete the step in the next cases; one that refuses doesn't keep the others.

    Raises:
        NotAllowed: `access.role_ended` when whoever asked doesn't hold the role any more.
    """
    actor = _actor(session, job, now)
    kind = TouchedKind(job.payload["kind"])
    role, office_id = Role(job.payload["role"]), job.payload["office"]
    of_kind = TouchedCase.kind == kind
    total = job.total
    if total is None:
        query = _waiting(select(func.count(TouchedCase.id)), job.payload["change"], role, office_id)
        total = session.scalars(query.where(of_kind)).one()
    query = _waiting(
        select(TouchedCase.id, Task.id, Case.id, TouchedCase.household_id),
        job.payload["change"], role, office_id,
    )  # fmt: skip
    query = query.where(of_kind, TouchedCase.id > (job.cursor or ""))
    rows = session.execute(query.order_by(TouchedCase.id).limit(BATCH)).all()
    refused = dict((job.result or {}).get("refused", {}))
    for _, task_id, case_id, household_id in rows:
        code = _complete(session, job, task_id, case_id, household_id, keys, actor, now)
        if code is not None:
            refused[code] = refused.get(code, 0) + 1
    cursor = rows[-1][0] if len(rows) == BATCH else None
    return Chunk(cursor, done=len(rows), total=total, result={"refused": refused})


def decision_jobs(
    session: Session, district_id: str, change_id: str, most: int = 3
) -> Sequence[Job]:
    """The latest jobs that decide on cases of a change, newest first. One SELECT."""
    rows = session.scalars(
        select(Job)
        .where(Job.district_id == district_id, Job.kind == DECIDE_JOB)
        .order_by(Job.id.desc())
        .limit(50)
    )
    return [job for job in rows if job.payload["change"] == change_id][:most]


def _complete(
    session: Session,
    job: Job,
    task_id: str,
    case_id: str,
    household_id: str,
    keys: KeyRing,
    actor: Actor,
    now: datetime,
) -> str | None:
    """The code of the refusal; None where it went well."""
    try:
        with session.begin_nested():
            require_impartial(session, actor, case_id=case_id, household_id=household_id)
            complete_task(session, task_id, job.payload["answers"], keys, actor=actor, now=now)
    except DoudiError as error:
        if error.code == "busy":
            raise
        return error.code
    return None


def _actor(session: Session, job: Job, now: datetime) -> Actor:
    viewer = viewer_of_account(session, job.payload["account"], now=now)
    if viewer is None:
        raise NotAllowed("access.role_ended", "岗位已经收回。", "The role has ended.")
    return viewer.actor(job.payload["role"], job.payload["office"])


def _waiting(query: Any, change_id: str, role: Role, office_id: str) -> Any:
    """The touched cases whose next step is this role's at this office."""
    return (
        query.select_from(TouchedCase)
        .join(Case, Case.id == TouchedCase.correction_case_id)
        .join(
            Task,
            and_(
                Task.case_id == Case.id,
                Task.state == TaskState.OPEN,
                Task.element_id == STEPS[role],
                Task.role == role.value,
                Task.office_id == office_id,
            ),
        )
        .where(TouchedCase.change_id == change_id, TouchedCase.state == TouchedState.OPEN)
    )


def _answers(role: Role, verdict: str, reason: str) -> dict[str, Any]:
    """The answers to the step's form."""
    if role is Role.CASE_OFFICER:
        return {"proposal": verdict, "proposal_reason": reason}
    told: dict[str, Any] = {"decision": "keep" if verdict == "keep" else "correct"}
    if verdict != "keep":
        told["recover"] = "waive" if verdict == "waive" else "recover"
    return {**told, **({"decision_reason": reason} if reason else {})}

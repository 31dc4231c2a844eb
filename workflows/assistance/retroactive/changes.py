"""Changes that reach back: found when a release is published, one record for each district."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from models.offices import Office, OfficeLevel
from models.releases import Release
from models.retroactive import ChangeState, RetroactiveChange
from models.trail import SubjectKind
from models.types import new_id
from workflows.audit import Subject, TrailAction, append_entry
from workflows.calendar import local_day
from workflows.decisions import Difference, reaching_back
from workflows.definitions.release import policy_of
from workflows.errors import Actor
from workflows.jobs import queue_job
from workflows.transaction import require_transaction

#: The jobs of a change: its list, then the cases. Their keys name the change.
LIST_JOB: Final = "retroactive.list"
OPEN_JOB: Final = "retroactive.open"


def record_changes(
    session: Session, release: Release, *, actor: Actor, now: datetime
) -> list[RetroactiveChange]:
    """Record where a release just published differs on days before today, for each district.

    It is compared with the release that was in force in that district until now; the first release
    of a district reaches back to nothing. Only the record is made, and the job of its list queued.
    """
    require_transaction(session)
    districts = select(Office.id).where(Office.level == OfficeLevel.DISTRICT)
    if release.district_id is not None:
        districts = districts.where(Office.id == release.district_id)
    made = []
    for district_id in session.scalars(districts.order_by(Office.id)).all():
        previous = _previous(session, release, district_id)
        if previous is None:
            continue
        found = reaching_back(
            policy_of(session, previous.id).parameters,
            policy_of(session, release.id).parameters,
            local_day(now),
        )
        if found:
            made.append(_record(session, release, previous, district_id, found, actor, now))
    return made


def _previous(session: Session, release: Release, district_id: str) -> Release | None:
    """The release that was in force in a district before this one."""
    return session.scalars(
        select(Release)
        .where(
            or_(Release.district_id == district_id, Release.district_id.is_(None)),
            Release.id != release.id,
            Release.published_at <= release.published_at,
        )
        .order_by(Release.published_at.desc(), Release.id.desc())
        .limit(1)
    ).one_or_none()


def _record(
    session: Session,
    release: Release,
    previous: Release,
    district_id: str,
    found: list[Difference],
    actor: Actor,
    now: datetime,
) -> RetroactiveChange:
    change = RetroactiveChange(
        id=new_id(),
        district_id=district_id,
        release_id=release.id,
        previous_id=previous.id,
        published_at=now,
        published_by_id=actor.account_id,
        note=release.note,
        differences=[one.to_json() for one in found],
        first_on=min(one.first for one in found),
        last_on=_latest(found),
        state=ChangeState.LISTING,
        totals={},
    )
    session.add(change)
    session.flush()  # a unique constraint that fails must fail inside the act
    queue_change_job(session, change, LIST_JOB, by_id=actor.account_id, now=now)
    note_change(
        session,
        change,
        TrailAction.PARAMETER_REACHED_BACK,
        actor=actor,
        now=now,
        release=release.content_hash,
        previous=previous.content_hash,
        differences=change.differences,
    )
    return change


def job_key(kind: str, change_id: str) -> str:
    """The key of a job of a change: each is queued once."""
    return f"{kind}/{change_id}"


def queue_change_job(
    session: Session, change: RetroactiveChange, kind: str, *, by_id: str | None, now: datetime
) -> None:
    """Queue the list of a change, or the opening of its cases."""
    queue_job(
        session,
        district_id=change.district_id,
        kind=kind,
        key=job_key(kind, change.id),
        payload={"change": change.id},
        by_id=by_id,
        now=now,
    )


def locked_change(session: Session, change_id: str) -> RetroactiveChange:
    """The change; no other worker counts on it until the transaction ends."""
    require_transaction(session)
    return session.execute(
        select(RetroactiveChange)
        .where(RetroactiveChange.id == change_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one()


def note_change(
    session: Session,
    change: RetroactiveChange,
    action: TrailAction,
    *,
    actor: Actor,
    now: datetime,
    **data: object,
) -> None:
    """One entry in the chain of a change."""
    subject = Subject(SubjectKind.PARAMETER, change.id, change.district_id)
    append_entry(session, subject, action, actor=actor, now=now, data=data)


def _latest(found: list[Difference]) -> date | None:
    """The last day in question; None where a difference has no end."""
    lasts = [one.last for one in found if one.last is not None]
    return max(lasts) if len(lasts) == len(found) else None

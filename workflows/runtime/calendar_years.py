"""Commands on the working calendar: enter a year's notice, see first what it changes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.jobs import Job
from models.releases import Release
from models.trail import SubjectKind
from workflows.audit import Subject, TrailAction, append_entry
from workflows.calendar import LOCAL_ZONE, local_day
from workflows.definitions.calendar_changes import RECOUNT, ChangedDay, changed_days
from workflows.definitions.calendar_files import (
    CALENDAR,
    CalendarTable,
    read_table,
    write_table,
)
from workflows.definitions.files import PolicyFiles
from workflows.definitions.findings import Report
from workflows.definitions.policy import Policy, parse_policy
from workflows.definitions.release import current_release, policy_of, publish_release
from workflows.definitions.year_arrangement import (
    YearArrangement,
    arranged,
    arrangement_findings,
    arrangement_of,
)
from workflows.errors import Actor, Conflict, Finding, Invalid
from workflows.runtime.recounts import clocks_touched
from workflows.runtime.service_tasks import signatures
from workflows.runtime.trial import trial_parse
from workflows.transaction import require_transaction


@dataclass(frozen=True, slots=True)
class YearPreview:
    """What a year's notice would change, and how many running clocks count a changed day."""

    release_id: str
    changes: tuple[ChangedDay, ...]
    clocks: int

    @property
    def turned(self) -> tuple[ChangedDay, ...]:
        """The days that are worked now and weren't, or the other way round."""
        return tuple(change for change in self.changes if change.turned)


def published_table(policy: Policy) -> CalendarTable:
    """The calendar of a release as its file lists it."""
    return _table(policy.files[CALENDAR])


@lru_cache(maxsize=8)
def _table(content: bytes) -> CalendarTable:
    """Read once: the file has some six hundred lines."""
    table = read_table(content, Report(CALENDAR))
    assert table is not None  # the policy was parsed
    return table


def year_as_it_stands(policy: Policy, year: int) -> YearArrangement:
    """A year's arrangement as published, or as computed from the statutory holidays."""
    return arrangement_of(published_table(policy), policy.holidays, year)


def preview_year(
    session: Session, arrangement: YearArrangement, *, district_id: str | None, now: datetime
) -> YearPreview:
    """What would change; nothing is written.

    Raises:
        Invalid: `arrangement.refused` with every finding, or `arrangement.unchanged`.
    """
    release = current_release(session, district_id)
    policy = policy_of(session, release.id)
    files = _files(policy, arrangement, now)
    changes = changed_days(policy.calendar, parse_policy(files).calendar)
    days = [change.day for change in changes]
    if not days:
        raise Invalid(
            "arrangement.unchanged",
            f"{arrangement.year}年的安排与现行日历完全相同，没有需要发布的变化。",
            f"The arrangement of {arrangement.year} is the one in force; nothing to publish.",
        )
    return YearPreview(
        release.id, changes, clocks_touched(session, policy, district_id, (min(days), max(days)))
    )


def publish_year(
    session: Session,
    arrangement: YearArrangement,
    *,
    reason: str,
    shown: str,
    district_id: str | None,
    actor: Actor,
    now: datetime,
) -> Release:
    """Publish the release in force with a year's notice; the open clocks are counted again.

    `shown` is the release that the preview was made from.

    Raises:
        Invalid: as `preview_year`, and `arrangement.no_reason`.
        Conflict: `arrangement.stale` when another release was published meanwhile.
    """
    require_transaction(session)
    if not reason.strip():
        raise Invalid(
            findings=[
                Finding("arrangement.no_reason", "请填写办理原因。", "Say why.", field="reason")
            ]
        )
    release = _still_in_force(session, shown, district_id)
    preview = preview_year(session, arrangement, district_id=district_id, now=now)
    policy = policy_of(session, release.id)
    note = f"{arrangement.year}年放假安排（{arrangement.source}）：{reason}"
    published = publish_release(
        session,
        _files(policy, arrangement, now),
        actor=actor,
        now=now,
        operations=signatures(),
        district_id=release.district_id,
        note=note,
        trial=trial_parse,
        notice=arrangement.source,
    )
    append_entry(
        session,
        Subject(SubjectKind.RELEASE, published.id, published.district_id),
        TrailAction.RELEASE_PUBLISHED,
        actor=actor,
        now=now,
        data={
            "content_hash": published.content_hash,
            "note": note,
            "calendar": {
                **_noted(arrangement, preview),
                "reason": reason,
                "replaced": release.content_hash,
            },
        },
    )
    return published


def _still_in_force(session: Session, shown: str, district_id: str | None) -> Release:
    """The release that was previewed, locked: whoever publishes next waits, then finds another."""
    session.execute(select(Release.id).where(Release.id == shown).with_for_update())
    release = current_release(session, district_id)
    if release.id != shown:
        raise Conflict(
            "arrangement.stale",
            "预览以后有人发布了新的政策版本，本次没有发布。请重新预览，核对变化后再发布。",
            "Another release was published after your preview; nothing was done. Preview again.",
        )
    return release


def recounts_of(session: Session, district_id: str, limit: int = 5) -> list[Job]:
    """The latest recounts of a district, newest first."""
    return list(
        session.scalars(
            select(Job)
            .where(Job.district_id == district_id, Job.kind == RECOUNT)
            .order_by(Job.id.desc())
            .limit(limit)
        )
    )


def _noted(arrangement: YearArrangement, preview: YearPreview) -> dict[str, Any]:
    """What the trail keeps of a year's notice."""
    return {
        "year": arrangement.year,
        "source": arrangement.source,
        "clocks": preview.clocks,
        "days": [
            {"day": change.day, "was": change.was.value, "is_now": change.is_now.value}
            for change in preview.turned
        ],
    }


def _files(policy: Policy, arrangement: YearArrangement, now: datetime) -> PolicyFiles:
    table = published_table(policy)
    findings = arrangement_findings(arrangement, table, policy.holidays, today=local_day(now))
    if findings:
        raise Invalid("arrangement.refused", findings=findings)
    version = f"{now.astimezone(LOCAL_ZONE):%Y-%m-%d %H:%M:%S}"
    changed = arranged(table, arrangement, policy.holidays, version=version)
    return policy.files.replaced({CALENDAR: write_table(changed)})

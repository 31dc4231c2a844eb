"""Releases in the database: publish a policy, find the current one, read one back."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Mapping
from datetime import datetime
from threading import Lock

from sqlalchemy import or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models.offices import Office, OfficeLevel
from models.releases import PolicyBlob, PolicyFile, Release
from workflows.definitions.calendar_changes import (
    changed_days,
    queue_recount,
    refuse_lost_days,
)
from workflows.definitions.check import ROLES, Trial
from workflows.definitions.files import PolicyFiles
from workflows.definitions.gate import pass_gate, passed_policy
from workflows.definitions.operations import OperationSignature
from workflows.definitions.policy import Policy, parse_policy
from workflows.errors import Actor, Conflict, Invalid, NotFound
from workflows.transaction import require_transaction

#: Running cases pin a handful of releases; a parsed one takes some megabytes.
_MOST_CACHED = 8
_parsed: OrderedDict[str, Policy] = OrderedDict()
_lock = Lock()


def publish_release(
    session: Session,
    files: PolicyFiles,
    *,
    actor: Actor,
    now: datetime,
    operations: Mapping[str, OperationSignature],
    district_id: str | None = None,
    note: str = "",
    roles: Mapping[str, Collection[str]] = ROLES,
    trial: Trial | None = None,
    notice: str | None = None,
) -> Release:
    """Publish a policy for a district, or for all (None). Whether the actor may is not asked here.

    The same content is the same release: publishing it again gives the one there is, so that a
    retry is safe. Where the working calendar changes, a recount of the open clocks is queued.
    With a `notice`, a source by name, published days may differ from those in force.

    Raises:
        Invalid: ``release.refused`` with every finding, when one of them is an error.
        Conflict: ``release.concurrent`` when somebody publishes the same content at this moment;
            ``release.elsewhere`` when the same content is published for another district, or
            is no longer the newest one: an older policy comes back under a content of its own;
            ``release.calendar_behind`` when its calendar knows less than the one in force.
    """
    require_transaction(session)
    known = session.scalars(
        select(Release).where(Release.content_hash == files.content_hash)
    ).one_or_none()
    if known is not None:
        return _known(session, known, district_id)
    policy = pass_gate(files, operations, roles, trial)
    replaced = _replaced(session, district_id)
    if notice is None:
        newest = _newest(session, district_id)
        for release_id in {one.id for one in (newest, *replaced.values()) if one is not None}:
            refuse_lost_days(policy_of(session, release_id).calendar, policy.calendar)
    release = Release(
        district_id=district_id,
        content_hash=files.content_hash,
        manifest=_manifest(policy),
        note=note,
        published_at=now,
        published_by_id=actor.account_id,
    )
    _store(session, release, files)
    for office_id, former in replaced.items():
        changes = changed_days(policy_of(session, former.id).calendar, policy.calendar)
        queue_recount(
            session, office_id, (former, release), changes,
            source=notice or note or policy.calendar.version, actor=actor, now=now,
        )  # fmt: skip
    return release


def _store(session: Session, release: Release, files: PolicyFiles) -> None:
    session.add_all([release, *_missing_blobs(session, files)])
    _flush(session)
    session.add_all(
        PolicyFile(release_id=release.id, path=path, sha256=digest)
        for path, digest in files.hashes.items()
    )


def _replaced(session: Session, district_id: str | None) -> dict[str, Release]:
    """By district: the release in force that a new one takes the place of.

    They are locked: whoever publishes at the same time waits, and then sees the other's calendar.
    """
    districts = select(Office.id).where(Office.level == OfficeLevel.DISTRICT).order_by(Office.id)
    if district_id is not None:
        districts = districts.where(Office.id == district_id)
    offices = session.scalars(districts).all()
    for locked in (False, True):
        newest = {one: _newest(session, one) for one in offices}
        found = {one: release for one, release in newest.items() if release is not None}
        if not locked:
            ids = sorted({release.id for release in found.values()})
            session.execute(select(Release.id).where(Release.id.in_(ids)).with_for_update())
    return found


def _flush(session: Session) -> None:
    try:
        session.flush()  # the files name the release's id and the blobs
    except IntegrityError as error:
        raise Conflict(
            "release.concurrent",
            "有人正在同时发布同样的内容，请刷新后再试。",
            "Somebody is publishing the same content; please look again.",
        ) from error


def _known(session: Session, release: Release, district_id: str | None) -> Release:
    newest = _newest(session, district_id)
    if release.district_id != district_id or newest is None or newest.id != release.id:
        raise Conflict(
            "release.elsewhere",
            "同样的内容已经发布过，且不是这里的现行版本。",
            "The same content was published before and is not the current release here.",
            details={"release_id": release.id},
        )
    return release


def _missing_blobs(session: Session, files: PolicyFiles) -> list[PolicyBlob]:
    by_hash = {files.hashes[path]: content for path, content in files.items()}
    stored = set(session.scalars(select(PolicyBlob.sha256).where(PolicyBlob.sha256.in_(by_hash))))
    return [
        PolicyBlob(sha256=digest, content=content)
        for digest, content in by_hash.items()
        if digest not in stored
    ]


def _manifest(policy: Policy) -> dict[str, object]:
    """What a list of releases shows without parsing them: names and versions."""
    return {
        "files": dict(policy.files.hashes),
        "processes": {process.id: process.name for process in policy.processes.values()},
        "startable": [process.id for process in policy.startable()],
        "forms": {form.key: form.title for form in policy.forms.values()},
        "calendar": policy.calendar.version,
    }


def is_published(session: Session, files: PolicyFiles) -> bool:
    """Whether the same content has been published before, still in force or not."""
    known = select(Release.id).where(Release.content_hash == files.content_hash)
    return session.scalar(known) is not None


def current_release(session: Session, district_id: str | None) -> Release:
    """The release that new cases of a district begin under: the newest of its own or of all.

    Raises:
        NotFound: ``release.none`` when nothing has been published.
    """
    found = _newest(session, district_id)
    if found is None:
        raise NotFound(
            "release.none",
            "尚未发布任何政策版本。",
            "No release has been published yet.",
        )
    return found


def _newest(session: Session, district_id: str | None) -> Release | None:
    return session.scalars(
        select(Release)
        .where(or_(Release.district_id == district_id, Release.district_id.is_(None)))
        .order_by(Release.published_at.desc(), Release.id.desc())
        .limit(1)
    ).one_or_none()


def current_policy(session: Session, district_id: str | None) -> Policy:
    """The parsed content of the current release. Raises: as ``current_release``."""
    return policy_of(session, current_release(session, district_id).id)


def policy_of(session: Session, release_id: str) -> Policy:
    """The parsed content of a release, kept in memory for the releases used last.

    Raises:
        NotFound: ``release.not_found``.
        Invalid: ``release.damaged`` when the stored files are not those that were published.
    """
    with _lock:
        found = _parsed.get(release_id)
        if found is not None:
            _parsed.move_to_end(release_id)
            return found
    files = release_files(session, release_id)
    policy = passed_policy(files.content_hash) or parse_policy(files)
    with _lock:
        _parsed[release_id] = policy
        while len(_parsed) > _MOST_CACHED:
            _parsed.popitem(last=False)
    return policy


def release_files(session: Session, release_id: str) -> PolicyFiles:
    """The files of a release, their hash compared with the one published.

    Raises: as ``policy_of``.
    """
    expected = session.scalars(
        select(Release.content_hash).where(Release.id == release_id)
    ).one_or_none()
    if expected is None:
        raise NotFound("release.not_found", "找不到这个政策版本。", "There is no such release.")
    rows = session.execute(
        select(PolicyFile.path, PolicyBlob.content)
        .join(PolicyBlob, PolicyBlob.sha256 == PolicyFile.sha256)
        .where(PolicyFile.release_id == release_id)
    )
    files = PolicyFiles({row.path: row.content for row in rows})
    if files.content_hash != expected:
        raise Invalid(
            "release.damaged",
            "政策版本的文件与发布时不一致，已停止使用。",
            "The stored files of the release are not those that were published.",
            details={"release_id": release_id},
        )
    return files

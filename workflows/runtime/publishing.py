"""Publishing a policy with what follows: the entry in the trail, and changes that reach back."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from models.releases import Release
from models.trail import SubjectKind
from workflows.assistance.retroactive.changes import record_changes
from workflows.audit import Subject, TrailAction, append_entry
from workflows.definitions.check import Trial
from workflows.definitions.files import PolicyFiles
from workflows.definitions.release import is_published, publish_release
from workflows.errors import Actor
from workflows.runtime.service_tasks import signatures
from workflows.runtime.trial import trial_parse
from workflows.transaction import require_transaction


def publish_policy(
    session: Session,
    files: PolicyFiles,
    *,
    actor: Actor,
    now: datetime,
    district_id: str | None = None,
    note: str = "",
    trial: Trial | None = trial_parse,
) -> tuple[Release, bool]:
    """Publish a policy; the release, and whether it is new. The same content changes nothing.

    Where parameters differ on days before today, the change is recorded for each district, and the
    worker makes the list of the cases touched; no grant and no payment changes.

    Raises: as `publish_release`.
    """
    require_transaction(session)
    is_new = not is_published(session, files)
    release = publish_release(
        session,
        files,
        actor=actor,
        now=now,
        operations=signatures(),
        district_id=district_id,
        note=note,
        trial=trial,
    )
    if is_new:
        append_entry(
            session,
            Subject(SubjectKind.RELEASE, release.id, None),
            TrailAction.RELEASE_PUBLISHED,
            actor=actor,
            now=now,
            data={"content_hash": files.content_hash, "note": note},
        )
        record_changes(session, release, actor=actor, now=now)
    return release, is_new

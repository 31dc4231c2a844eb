"""Writing: one entry to a subject's chain, one row to the access log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import Table, bindparam, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models.trail import AccessRecord, TrailEntry, TrailSubject
from models.types import new_id
from workflows.audit.actions import AccessKind, TrailAction
from workflows.audit.record import (
    FORMAT_VERSION,
    HASH_NAME,
    NO_HASH,
    Subject,
    access_record,
    digest,
    entry_record,
)
from workflows.errors import Actor, Conflict
from workflows.transaction import require_transaction

# Built once: building them for each act would cost four times what the database needs.
_ENTRIES = cast("Table", TrailEntry.__table__)
_INSERT_ENTRY = insert(_ENTRIES)
_INSERT_ACCESS = insert(cast("Table", AccessRecord.__table__))
_HEADS = cast("Table", TrailSubject.__table__)
_LOCKED_HEAD = (
    select(_HEADS.c.length, _HEADS.c.head_hash)
    .where(_HEADS.c.subject_kind == bindparam("kind"), _HEADS.c.subject_id == bindparam("id"))
    .with_for_update()
)


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: the entry's key, place in its chain and hash."""

    entry_id: str
    sequence: int
    hash: bytes


def append_entry(
    session: Session,
    subject: Subject,
    action: TrailAction,
    *,
    actor: Actor,
    now: datetime,
    data: Mapping[str, object],
) -> Written:
    """Append one act to its subject's chain, in the caller's transaction (two statements).

    The caller has locked what the subject is (case, household, fund) and appends to several
    subjects in the order of those locks. `data` is plain data; personal values go through `sealed`.

    Raises: Invalid(`trail.bad_body`); Conflict(`trail.raced`) when somebody else began the same
        chain at the same time.
    """
    require_transaction(session)
    connection = session.connection()
    head = connection.execute(_LOCKED_HEAD, {"kind": subject.kind, "id": subject.id}).one_or_none()
    length, previous_hash = (head.length, head.head_hash) if head else (0, NO_HASH)
    entry_id = new_id()
    body = entry_record(
        entry_id, subject, length + 1, action.value, actor, now, previous_hash, data
    )
    written = Written(entry_id, length + 1, digest(HASH_NAME, body))
    row = {
        "id": entry_id,
        "subject_kind": subject.kind,
        "subject_id": subject.id,
        "sequence": written.sequence,
        "district_id": subject.district_id,
        "action": action.value,
        "actor_id": actor.account_id,
        "actor_role": str(actor.role),
        "on_behalf_of": actor.on_behalf_of,
        "at": now,
        "body": body,
        "previous_hash": previous_hash,
        "hash": written.hash,
        "format_version": FORMAT_VERSION,
        "hash_name": HASH_NAME,
    }
    try:
        connection.execute(_INSERT_ENTRY, row)
    except IntegrityError as error:
        raise Conflict(
            "trail.raced",
            "同一对象正被他人办理，请刷新后再试。",
            "Somebody else wrote to the same file at the same moment; reload and try again.",
            details={"subject": str(subject)},
        ) from error
    return written


def record_access(
    session: Session,
    subject: Subject,
    kind: AccessKind,
    *,
    actor: Actor,
    now: datetime,
    data: Mapping[str, object],
) -> str:
    """Note that somebody saw something; `data` says which fields and why. Returns the row's key.

    One statement and no lock; it needs a transaction of its own on pages that only read.

    Raises: Invalid(`trail.bad_body`).
    """
    require_transaction(session)
    record_id = new_id()
    body = access_record(record_id, subject, kind.value, actor, now, data)
    session.connection().execute(
        _INSERT_ACCESS,
        {
            "id": record_id,
            "subject_kind": subject.kind,
            "subject_id": subject.id,
            "district_id": subject.district_id,
            "kind": kind.value,
            "actor_id": actor.account_id,
            "actor_role": str(actor.role),
            "at": now,
            "body": body,
            "hash": digest(HASH_NAME, body),
            "hash_name": HASH_NAME,
        },
    )
    return record_id

"""Data for tests of the trail: subjects, acts, sealed batches, and an administrator's powers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from models.trail import SubjectKind, TreeHead
from models.trail_triggers import APPEND_ONLY
from workflows.audit import AccessKind, Subject, TrailAction, append_entry, record_access
from workflows.audit.problems import Report
from workflows.audit.sealing import seal_tree
from workflows.audit.signing import TreeSigner
from workflows.audit.verification import verify_all
from workflows.errors import Actor
from workflows.transaction import transaction

NOW = datetime(2021, 9, 8, 2, 0, tzinfo=UTC)
OFFICER = Actor(account_id="officer-1", role="case_officer", office_id="town-1")
SIGNER = TreeSigner.from_json('{"private": "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="}')
KEYS = {SIGNER.key_id: SIGNER.public}


def make_subject(name: str = "case-1", kind: SubjectKind = SubjectKind.CASE) -> Subject:
    return Subject(kind, name, "district-1")


def act(session: Session, subject: Subject, count: int = 1, **data: object) -> None:
    """Append `count` entries in one transaction."""
    with transaction(session):
        for number in range(count):
            append_entry(
                session,
                subject,
                TrailAction.TASK_COMPLETED,
                actor=OFFICER,
                now=NOW + timedelta(seconds=number),
                data={"number": number, **data},
            )


def see(session: Session, subject: Subject) -> str:
    """Record one access."""
    with transaction(session):
        return record_access(
            session,
            subject,
            AccessKind.REVEALED,
            actor=OFFICER,
            now=NOW,
            data={"fields": ["id_number"], "reason": "核对"},
        )


def seal(session: Session, batch: int = 5_000) -> TreeHead | None:
    """One run of the sealer."""
    with transaction(session):
        head = seal_tree(session, now=NOW, signer=SIGNER, batch=batch)
    return head


def make_trail(session: Session, subjects: int = 4, entries: int = 5) -> None:
    """Several chains and accesses, sealed in several batches."""
    for number in range(subjects):
        act(session, make_subject(f"case-{number}"), entries)
        see(session, make_subject(f"case-{number}"))
        seal(session)


def verified(session: Session, anchors: dict[int, bytes] | None = None) -> Report:
    """A full verification from a fresh reading, which it ends."""
    session.rollback()
    report = verify_all(session, keys=KEYS, anchors=anchors)
    session.rollback()
    return report


def codes(report: Report) -> set[str]:
    return {problem.code for problem in report.problems}


def take_power(session: Session) -> None:
    """What an administrator of the database can do: switch the triggers off."""
    with transaction(session):
        if session.connection().dialect.name == "postgresql":
            for table in APPEND_ONLY:
                session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
            return
        names = session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'"))
        for name in names.all():
            session.execute(text(f'DROP TRIGGER "{name}"'))

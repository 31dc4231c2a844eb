"""Recording that somebody has died, correcting the day, and undoing what was wrong."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.deaths import DeathRecord, DeathSource
from models.households import Person
from models.trail import SubjectKind
from models.types import new_id
from workflows.audit import Subject, TrailAction, append_entry
from workflows.calendar import local_day
from workflows.errors import Actor, Conflict, Invalid
from workflows.transaction import require_transaction


def standing_death(session: Session, person_id: str) -> DeathRecord | None:
    """The record of a person's death that counts. One SELECT."""
    return session.scalars(
        select(DeathRecord).where(
            DeathRecord.person_id == person_id, DeathRecord.undone_at.is_(None)
        )
    ).one_or_none()


def record_death(
    session: Session,
    person_id: str,
    *,
    died_on: date,
    source: DeathSource,
    note: str = "",
    list_id: str | None = None,
    actor: Actor,
    now: datetime,
) -> DeathRecord:
    """Record a death: from now on nothing is paid to the household until it is checked.

    Raises:
        Conflict: `death_recorded` where one stands already. Invalid: `died_in_future`.
    """
    require_transaction(session)
    _require_past(died_on, now)
    person = _locked(session, person_id)
    if standing_death(session, person_id) is not None:
        raise Conflict(
            "death_recorded",
            "这个人已经登记死亡；日期不对的，在核查的办件中更正。",
            "The death is recorded already; a wrong day is corrected in the case that checks it.",
        )
    record = DeathRecord(
        id=new_id(),
        district_id=person.district_id,
        person_id=person.id,
        died_on=died_on,
        source=source,
        list_id=list_id,
        note=note,
        recorded_at=now,
        recorded_by_id=actor.account_id,
        undone_reason="",
    )
    session.add(record)
    person.died_on = died_on
    session.flush()  # what follows in the same act looks for it
    _note(
        session, person, TrailAction.DEATH_RECORDED, actor, now,
        died_on=died_on, source=source.value, list=list_id,
    )  # fmt: skip
    return record


def undo_death(
    session: Session, person_id: str, *, reason: str, actor: Actor, now: datetime
) -> None:
    """Take a wrong record back; it stays, with who undid it, when and why.

    Raises:
        Invalid: `reason_missing`.
    """
    require_transaction(session)
    if not reason.strip():
        raise Invalid("reason_missing", "请写明理由。", "Give the reason.")
    person = _locked(session, person_id)
    _end(session, person, reason, actor, now)
    person.died_on = None
    session.flush()  # what is due is looked up in the same act
    _note(session, person, TrailAction.DEATH_UNDONE, actor, now, reason=reason)


def correct_day(
    session: Session, person_id: str, *, died_on: date, actor: Actor, now: datetime
) -> DeathRecord:
    """Another day for a death: the old record is undone and kept, a new one stands.

    Raises:
        Invalid: `died_in_future`.
    """
    require_transaction(session)
    _require_past(died_on, now)
    person = _locked(session, person_id)
    old = _end(session, person, "日期更正", actor, now)
    return record_death(
        session, person_id, died_on=died_on,
        source=DeathSource.REPORTED if old is None else old.source,
        list_id=None if old is None else old.list_id, actor=actor, now=now,
    )  # fmt: skip


def _end(
    session: Session, person: Person, reason: str, actor: Actor, now: datetime
) -> DeathRecord | None:
    record = standing_death(session, person.id)
    if record is not None:
        record.undone_at, record.undone_by_id = now, actor.account_id
        record.undone_reason = reason.strip()
        session.flush()  # one record stands at a time
    return record


def _locked(session: Session, person_id: str) -> Person:
    return session.scalars(
        select(Person)
        .where(Person.id == person_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def _require_past(died_on: date, now: datetime) -> None:
    if died_on > local_day(now):
        raise Invalid(
            "died_in_future", "死亡日期不能晚于今天。", "The day of death can't lie ahead."
        )


def _note(
    session: Session,
    person: Person,
    action: TrailAction,
    actor: Actor,
    now: datetime,
    **data: object,
) -> None:
    append_entry(
        session,
        Subject(SubjectKind.PERSON, person.id, person.district_id),
        action,
        actor=actor,
        now=now,
        data=data,
    )

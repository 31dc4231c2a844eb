"""One case as its pages show it: the header, and each part by itself, one SELECT a part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, aliased, undefer

from models.assistance import (
    Assessment,
    Attachment,
    NearRelativeFiling,
    Notice,
    Publicity,
)
from models.cases import (
    Case,
    CaseState,
    Incident,
    KeptMessage,
    MessageSubscription,
    Task,
    TaskState,
)
from models.clocks import Clock
from models.households import Household, Person
from models.offices import Office
from models.postings import PostingSheet
from models.releases import Release
from workflows.access import Action, Viewer, visible_cases
from workflows.errors import NotFound
from workflows.privacy import KeyRing
from workflows.runtime.inbox.people import APPLICANT, Shown, shown_person


@dataclass(frozen=True, slots=True)
class CaseHeader:
    """A case with the names around it."""

    case: Case
    applicant: Shown | None
    township: str
    village: str | None
    area: str | None
    members_recorded_at: datetime | None
    release_published_at: datetime

    @property
    def open(self) -> bool:
        """Whether it still moves."""
        return self.case.state is CaseState.OPEN


def case_header(
    session: Session,
    viewer: Viewer,
    case_id: str,
    keys: KeyRing,
    *,
    action: Action = Action.CASE_READ,
    with_state: bool = False,
) -> CaseHeader:
    """A case that the viewer may see. One SELECT.

    Raises:
        NotFound: `case_not_found` also for what they may not see.
    """
    township, village = aliased(Office), aliased(Office)
    query = (
        select(
            Case,
            Person.id.label("person_id"),
            Person.data_key,
            Person.identity,
            township.name.label("township"),
            village.name.label("village"),
            Household.area,
            Household.created_at,
            Release.published_at,
        )
        .join(township, township.id == Case.township_id)
        .join(Release, Release.id == Case.release_id)
        .outerjoin(village, village.id == Case.village_id)
        .outerjoin(Household, Household.id == Case.household_id)
        .outerjoin(Person, Person.id == APPLICANT)
        .where(Case.id == case_id, visible_cases(viewer, action))
    )
    if with_state:
        query = query.options(undefer(Case.engine_state))
    row = session.execute(query).one_or_none()
    if row is None:
        raise NotFound("case_not_found", "找不到这个办件。", "There is no such case.")
    return CaseHeader(
        row.Case,
        shown_person(row.person_id, row.data_key, row.identity, keys),
        row.township,
        row.village,
        row.area.value if row.area else None,
        row.created_at,
        row.published_at,
    )


@dataclass(frozen=True, slots=True)
class OpenTask:
    """A task of the case that is open, whoever's it is."""

    id: str
    element_id: str
    name: str
    role: str
    office_id: str
    office: str
    due_at: datetime
    warn_at: datetime
    created_at: datetime
    assignee_id: str | None


def open_tasks(session: Session, case_id: str) -> Sequence[OpenTask]:
    """What has to be done in the case now."""
    rows: Any = session.execute(
        select(
            Task.id,
            Task.element_id,
            Task.name,
            Task.role,
            Task.office_id,
            Office.name,
            Task.due_at,
            Task.warn_at,
            Task.created_at,
            Task.assignee_id,
        )
        .join(Office, Office.id == Task.office_id)
        .where(Task.case_id == case_id, Task.state == TaskState.OPEN)
        .order_by(Task.due_at, Task.id)
    )
    return [OpenTask(*row) for row in rows]


def awaited_messages(session: Session, case_id: str) -> Sequence[MessageSubscription]:
    """What may be reported to the case now, by name."""
    return session.scalars(
        select(MessageSubscription)
        .where(MessageSubscription.case_id == case_id)
        .order_by(MessageSubscription.name, MessageSubscription.id)
    ).all()


def kept_messages(session: Session, case_id: str) -> Sequence[KeptMessage]:
    """What was reported while nobody waited for it and hasn't been delivered, oldest first."""
    return session.scalars(
        select(KeptMessage)
        .where(KeptMessage.case_id == case_id, KeptMessage.delivered_at.is_(None))
        .order_by(KeptMessage.received_at, KeptMessage.id)
    ).all()


def clocks_of(session: Session, case_id: str) -> Sequence[Clock]:
    """The case's clocks: running ones by their end, then the others."""
    found = session.scalars(select(Clock).where(Clock.case_id == case_id)).all()
    return sorted(
        found, key=lambda clock: (clock.stopped_at is not None, clock.due_at, clock.started_at)
    )


def incidents_of(session: Session, case_id: str) -> Sequence[Incident]:
    """What went wrong and isn't resolved."""
    return session.scalars(
        select(Incident)
        .where(Incident.case_id == case_id, Incident.resolved_at.is_(None))
        .order_by(Incident.opened_at)
    ).all()


def notices_of(session: Session, case_id: str) -> Sequence[Notice]:
    """Notices that were issued, newest first."""
    return session.scalars(
        select(Notice).where(Notice.case_id == case_id).order_by(Notice.number.desc())
    ).all()


def publicities_of(session: Session, case_id: str) -> Sequence[Publicity]:
    """Postings in the village, newest first."""
    return session.scalars(
        select(Publicity)
        .where(Publicity.case_id == case_id)
        .order_by(Publicity.posted_on.desc(), Publicity.round.desc())
    ).all()


def sheets_of(session: Session, case_id: str) -> Sequence[PostingSheet]:
    """Sheets that were prepared to be posted, newest first."""
    return session.scalars(
        select(PostingSheet)
        .where(PostingSheet.case_id == case_id)
        .order_by(PostingSheet.prepared_at.desc())
    ).all()


@dataclass(frozen=True, slots=True)
class LinkedCase:
    """A case that this one was opened from, or that it has opened."""

    id: str
    number: str
    process_key: str
    status: str
    outcome: str | None
    is_origin: bool


def linked_cases(session: Session, viewer: Viewer, case: Case) -> Sequence[LinkedCase]:
    """Where the case came from and what it has opened, as far as the viewer may see it."""
    rows = session.execute(
        select(Case.id, Case.number, Case.process_key, Case.status, Case.outcome)
        .where(
            or_(Case.id == case.opened_from_id, Case.opened_from_id == case.id),
            visible_cases(viewer),
        )
        .order_by(Case.opened_at, Case.id)
    )
    return [
        LinkedCase(
            row.id, row.number, row.process_key, row.status, row.outcome,
            row.id == case.opened_from_id,
        )
        for row in rows
    ]  # fmt: skip


def filings_of(session: Session, case_id: str) -> Sequence[NearRelativeFiling]:
    """Near relatives among the staff, as filed."""
    return session.scalars(
        select(NearRelativeFiling).where(NearRelativeFiling.case_id == case_id)
    ).all()


def attachments_of(session: Session, case_id: str) -> Sequence[Attachment]:
    """The case's files, newest first, at most 200."""
    return session.scalars(
        select(Attachment)
        .where(Attachment.case_id == case_id)
        .order_by(Attachment.uploaded_at.desc(), Attachment.id.desc())
        .limit(200)
    ).all()


def assessments_of(session: Session, case_id: str) -> Sequence[tuple[str, date, datetime]]:
    """When the household was assessed: (id, day of the law, moment), newest first, at most 20."""
    rows: Any = session.execute(
        select(Assessment.id, Assessment.on, Assessment.made_at)
        .where(Assessment.case_id == case_id)
        .order_by(Assessment.made_at.desc(), Assessment.id.desc())
        .limit(20)
    )
    return [(row.id, row.on, row.made_at) for row in rows]


def assessment(session: Session, case_id: str, assessment_id: str) -> Assessment:
    """One assessment with its explanation.

    Raises:
        NotFound: `assessment_not_found`.
    """
    found = session.scalar(
        select(Assessment).where(Assessment.id == assessment_id, Assessment.case_id == case_id)
    )
    if found is None:
        raise NotFound("assessment_not_found", "找不到这次核算。", "There is no such assessment.")
    return found

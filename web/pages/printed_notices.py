"""A notice as PDF: for the printer, the seal and the file of the case."""

from __future__ import annotations

from io import BytesIO
from uuid import UUID

from flask import Blueprint, send_file
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from models.assistance import Notice
from models.offices import Office
from models.trail import SubjectKind
from web.auth import current_viewer
from web.config import settings
from web.database import db_session
from web.documents.fonts import find_faces
from web.documents.notice_pdf import PrintedNotice, notice_pdf
from web.guard import requires
from web.headers import confine
from web.sight import note_access
from workflows.access import Action, acting
from workflows.assistance.notices import DISTRICT
from workflows.audit import AccessKind, Subject
from workflows.calendar import local_day
from workflows.definitions.release import policy_of
from workflows.errors import NotFound
from workflows.runtime.inbox.case import CaseHeader, case_header

blueprint = Blueprint("printed_notices", __name__, url_prefix="/cases/<uuid:case_id>")


@blueprint.get("/notices/<uuid:notice_id>.pdf")
@requires(Action.NOTICE_READ)
def download(case_id: UUID, notice_id: UUID) -> Response:
    """The paper, under a name without personal data; that it was printed is noted."""
    viewer, session, config = current_viewer(), db_session(), settings()
    header = case_header(session, viewer, str(case_id), config.keys.ring, action=Action.NOTICE_READ)
    notice = notice_of(session, header, str(notice_id))
    name = f"{notice.number}.pdf"
    faces = find_faces(config.notice_font, config.notice_title_font)
    content = notice_pdf(_printed(session, header, notice), faces)
    subject = Subject(SubjectKind.CASE, header.case.id, header.case.district_id)
    actor = acting(viewer, Action.NOTICE_READ, header.case)
    note_access(
        subject,
        AccessKind.PRINTED,
        actor=actor,
        data={"notice": str(notice_id)},
    )
    answer: Response = send_file(
        BytesIO(content),
        mimetype="application/pdf",
        as_attachment=True,
        download_name=name,
        etag=False,
    )
    return confine(answer)


def notice_of(session: Session, header: CaseHeader, notice_id: str) -> Notice:
    """A notice of the case.

    Raises:
        NotFound: `notice_not_found`.
    """
    found = session.scalar(
        select(Notice).where(Notice.id == notice_id, Notice.case_id == header.case.id)
    )
    if found is None:
        raise NotFound("notice_not_found", "找不到这份告知书。", "There is no such notice.")
    return found


def issuer_of(session: Session, header: CaseHeader, notice: Notice) -> str:
    """The name of the authority that a notice comes from, as it was signed."""
    if notice.content.get("signed_as"):
        return str(notice.content["signed_as"])
    if notice.content.get("issuer") != DISTRICT:
        return header.township
    name = session.scalar(select(Office.name).where(Office.id == notice.district_id))
    return name or header.township


def basis_of(session: Session, header: CaseHeader, notice: Notice) -> tuple[str, ...]:
    """The clauses that a notice rests on, as text and article."""
    known = policy_of(session, header.case.release_id).clauses
    found = [known[ref] for ref in notice.content.get("clauses", ()) if ref in known]
    return tuple(f"{clause.text}{clause.article}" for clause in found)


def addressee_of(header: CaseHeader, notice: Notice) -> str | None:
    """The applicant's name; who objected to a posting is not on the case's household."""
    if notice.content.get("recipient") == "objector" or header.applicant is None:
        return None
    return header.applicant.name


def _printed(session: Session, header: CaseHeader, notice: Notice) -> PrintedNotice:
    return PrintedNotice(
        issuer=issuer_of(session, header, notice),
        title=notice.content["title"],
        number=notice.number,
        addressee=addressee_of(header, notice),
        paragraphs=tuple(notice.content["paragraphs"]),
        basis=basis_of(session, header, notice),
        issued_at=notice.issued_at,
        issued_on=local_day(notice.issued_at),
        served_on=notice.served_on,
        service_method=notice.service_method,
    )

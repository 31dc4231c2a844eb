"""Attachments: handed out as downloads to who may see the case, and noted."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, send_file
from sqlalchemy import or_, select
from werkzeug.wrappers import Response

from models.assistance import Attachment
from models.cases import Case
from models.trail import SubjectKind
from web.auth import current_viewer
from web.config import settings
from web.database import db_session
from web.guard import requires
from web.pages.filled import FOLDER
from web.sight import note_access
from workflows.access import Action, visible_cases
from workflows.assistance.files import kept_file
from workflows.audit import AccessKind, Subject
from workflows.errors import NotFound

blueprint = Blueprint("attachments", __name__, url_prefix="/attachments")


@blueprint.get("/<uuid:attachment_id>")
@requires(Action.ATTACHMENT_READ)
def download(attachment_id: UUID) -> Response:
    """An attachment of a visible case, or one's own that belongs to no case yet."""
    viewer, session = current_viewer(), db_session()
    found = session.execute(
        select(Attachment, Case.id)
        .outerjoin(Case, Case.id == Attachment.case_id)
        .where(
            Attachment.id == str(attachment_id),
            Attachment.district_id == viewer.district_id,
            or_(
                visible_cases(viewer, Action.ATTACHMENT_READ),
                Attachment.case_id.is_(None) & (Attachment.uploaded_by_id == viewer.account_id),
            ),
        )
    ).one_or_none()
    if found is None:
        raise NotFound("attachment_not_found", "找不到这个附件。", "There is no such file.")
    row: Attachment = found[0]
    place = kept_file(settings().data / FOLDER, row.sha256)
    media_type, name, sha256 = row.media_type, row.name, row.sha256
    subject = (
        Subject(SubjectKind.CASE, row.case_id, row.district_id)
        if row.case_id
        else Subject(SubjectKind.ACCOUNT, viewer.account_id, row.district_id)
    )
    note_access(
        subject,
        AccessKind.DOWNLOADED,
        actor=viewer.actor(),
        data={"attachment": str(attachment_id), "sha256": sha256},
    )
    answer: Response = send_file(
        place, mimetype=media_type, as_attachment=True, download_name=name, etag=False
    )
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return answer

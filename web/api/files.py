"""Attachments and notices: upload, list, hand out."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import request
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.exceptions import UnsupportedMediaType
from werkzeug.wrappers import Response

from models.assistance import Attachment, Notice
from models.cases import Case
from web.api.case_schemas import (
    AttachmentSchema,
    AttachmentsSchema,
    NoticeSchema,
    NoticesSchema,
)
from web.api.once import carry_out
from web.api.operations import Answer, ApiBlueprint, operation, refusal
from web.auth import current_viewer
from web.config import settings
from web.database import current_moment, db_session
from web.pages.attachments import download as hand_out
from web.pages.filled import FOLDER
from web.pages.printed_notices import download as hand_out_notice
from web.sight import case_seen, looked_at
from workflows.access import Action, acting, visible_cases
from workflows.assistance.attachments import add_attachment
from workflows.assistance.files import ALLOWED, keep_file
from workflows.errors import Finding, Invalid, NotFound

blueprint = ApiBlueprint("api_files", __name__, description="Attachments and notices.")

_UPLOAD = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {"file": {"type": "string", "format": "binary"}},
                    "required": ["file"],
                    "additionalProperties": False,
                }
            }
        },
    }
}


@operation(
    blueprint, "POST", "/attachments", Action.ATTACHMENT_ADD,
    answer=AttachmentSchema(), status=201, once=True, doc=_UPLOAD,
)  # fmt: skip
def upload() -> Answer:
    """Upload a PDF, JPEG or PNG as the part `file`; a form then names it by its id."""
    viewer, now = current_viewer(), current_moment()
    if request.mimetype != "multipart/form-data":
        raise UnsupportedMediaType
    file = request.files.get("file")
    if file is None or len(request.files) > 1 or request.form:
        raise Invalid(
            "request.invalid",
            findings=[
                Finding(
                    "request.file",
                    "请只提交一个名为 file 的文件。",
                    "Send one part, a file with the name `file`.",
                    field="file",
                )
            ],
        )
    kept = keep_file(settings().data / FOLDER, file.stream, file.filename or "")
    actor = acting(viewer, Action.ATTACHMENT_ADD)

    def act(session: Session) -> dict[str, Any]:
        row = add_attachment(
            session, district_id=viewer.district_id, sha256=kept.sha256, size=kept.size,
            media_type=kept.media_type, name=kept.name, actor=actor, now=now,
        )  # fmt: skip
        session.flush()  # its id is part of the answer that is kept
        return {**_attachment(row), "uploaded_at": now.isoformat()}

    content = {"sha256": kept.sha256, "name": kept.name}
    return carry_out(act, content=content, actor=actor, now=now)


@operation(
    blueprint, "GET", "/attachments/<uuid:attachment_id>", Action.ATTACHMENT_READ,
    answer=tuple(ALLOWED),
)  # fmt: skip
def download(attachment_id: str) -> Response:
    """The bytes of an attachment of a case that you may see, or of your own upload."""
    return hand_out(UUID(attachment_id))


@operation(
    blueprint, "GET", "/cases/<uuid:case_id>/attachments", Action.ATTACHMENT_READ,
    answer=AttachmentsSchema(),
)  # fmt: skip
def attachments(case_id: str) -> dict[str, Any]:
    """What is known of the files of a case."""
    viewer, session = current_viewer(), db_session()
    case = case_seen(session, viewer, case_id, Action.ATTACHMENT_READ)
    rows = session.scalars(
        select(Attachment)
        .where(Attachment.case_id == case_id)
        .order_by(Attachment.uploaded_at, Attachment.id)
    )
    document = {"attachments": [_attachment(row) for row in rows]}
    looked_at(viewer, case, "attachments", Action.ATTACHMENT_READ)
    return document


@operation(
    blueprint, "GET", "/cases/<uuid:case_id>/notices", Action.NOTICE_READ, answer=NoticesSchema()
)
def notices(case_id: str) -> dict[str, Any]:
    """The notices that were issued in a case."""
    viewer, session = current_viewer(), db_session()
    case = case_seen(session, viewer, case_id, Action.NOTICE_READ)
    rows = session.scalars(
        select(Notice).where(Notice.case_id == case_id).order_by(Notice.issued_at, Notice.id)
    )
    document = {"notices": [_notice(row) for row in rows]}
    looked_at(viewer, case, "notices", Action.NOTICE_READ)
    return document


@operation(blueprint, "GET", "/notices/<uuid:notice_id>", Action.NOTICE_READ, answer=NoticeSchema())
def notice(notice_id: str) -> dict[str, Any]:
    """One notice with its text."""
    viewer, session = current_viewer(), db_session()
    found = session.execute(
        select(Notice, Case)
        .join(Case, Case.id == Notice.case_id)
        .where(Notice.id == notice_id, visible_cases(viewer, Action.NOTICE_READ))
    ).one_or_none()
    if found is None:
        raise NotFound("notice_not_found", "找不到这份告知书。", "There is no such notice.")
    row, case = found
    document = {
        **_notice(row),
        "case_id": row.case_id,
        "recipient": row.content.get("recipient"),
        "paragraphs": row.content.get("paragraphs", []),
        "clauses": row.content.get("clauses", []),
    }
    looked_at(viewer, case, "notice", Action.NOTICE_READ)
    return document


@operation(
    blueprint, "GET", "/cases/<uuid:case_id>/notices/<uuid:notice_id>.pdf", Action.NOTICE_READ,
    answer=("application/pdf",),
    doc=refusal(503, "The server has no Chinese font to print with."),
)  # fmt: skip
def print_notice(case_id: str, notice_id: str) -> Response:
    """A notice of a case as PDF with its receipt; the applicant's name is on it in full."""
    return hand_out_notice(UUID(case_id), UUID(notice_id))


def _attachment(row: Attachment) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "media_type": row.media_type,
        "size": row.size,
        "sha256": row.sha256,
        "case_id": row.case_id,
        "uploaded_at": row.uploaded_at,
    }


def _notice(row: Notice) -> dict[str, Any]:
    return {
        "id": row.id,
        "kind": row.kind,
        "number": row.number,
        "title": row.content.get("title", ""),
        "issued_at": row.issued_at,
        "served_on": row.served_on,
        "service_method": row.service_method,
    }

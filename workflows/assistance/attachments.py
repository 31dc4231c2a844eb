"""Attachments: files kept by content hash, taken into a case when a form names them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session

from models.accounts import Account, RoleHolding
from models.assistance import Attachment
from models.cases import Case
from models.offices import Office, OfficeLevel
from models.types import new_id
from workflows.errors import Actor, Finding, Invalid
from workflows.transaction import require_transaction


def add_attachment(
    session: Session,
    *,
    district_id: str,
    sha256: str,
    size: int,
    media_type: str,
    name: str,
    case_id: str | None = None,
    actor: Actor,
    now: datetime,
) -> Attachment:
    """Keep what is known of an uploaded file; its bytes (`size` of them) lie under their hash."""
    require_transaction(session)
    attachment = Attachment(
        id=new_id(),
        district_id=district_id,
        case_id=case_id,
        sha256=sha256,
        size=size,
        media_type=media_type,
        name=name,
        uploaded_at=now,
        uploaded_by_id=actor.account_id,
    )
    session.add(attachment)
    return attachment


def adopt_attachments(
    session: Session, case: Case, named: Sequence[tuple[str, Collection[str]]], *, actor: Actor
) -> None:
    """Take the files that a form names into the case; pairs of field and attachment ids.

    Only the actor's own uploads and files of this case may be named.

    Raises:
        Invalid: a finding for each field that names another file.
    """
    wanted = {attachment_id for _, ids in named for attachment_id in ids}
    if not wanted:
        return
    found = set(
        session.scalars(
            select(Attachment.id).where(
                Attachment.id.in_(wanted),
                or_(
                    Attachment.case_id == case.id,
                    Attachment.case_id.is_(None) & (Attachment.uploaded_by_id == actor.account_id),
                ),
            )
        )
    )
    findings = [
        Finding(
            "attachment_unknown",
            "附件不存在，或者不是您上传的，请重新上传。",
            "This file doesn't exist or isn't yours; please upload it again.",
            field=field,
        )
        for field, ids in named
        if not found.issuperset(ids)
    ]
    if findings:
        raise Invalid(findings=findings)
    session.execute(
        update(Attachment)
        .where(Attachment.id.in_(found), Attachment.case_id.is_(None))
        .values(case_id=case.id)
    )


def require_staff(
    session: Session,
    office_id: str | None,
    named: Sequence[tuple[str, Collection[str]]],
    on: datetime,
) -> None:
    """Refuse people who aren't different active staff of the office or of its villages (57 号 16).

    Raises:
        Invalid: a finding for each field.
    """
    wanted = {account_id for _, ids in named for account_id in ids}
    if not wanted:
        return
    found = set(
        session.scalars(
            select(Account.id)
            .join(RoleHolding, RoleHolding.account_id == Account.id)
            .join(Office, Office.id == RoleHolding.office_id)
            .where(
                Account.id.in_(wanted),
                Account.active.is_(True),
                RoleHolding.since <= on,
                or_(RoleHolding.until.is_(None), RoleHolding.until > on),
                or_(
                    Office.id == office_id,
                    and_(Office.parent_id == office_id, Office.level == OfficeLevel.VILLAGE),
                ),
            )
        )
    )
    findings = [
        Finding(
            "surveyor_unknown",
            "须是本单位（含所辖村社区）在岗的不同工作人员。",
            "They are different active members of the office's staff or of its villages.",
            field=field,
        )
        for field, ids in named
        if not found.issuperset(ids) or len(set(ids)) != len(ids)
    ]
    if findings:
        raise Invalid(findings=findings)

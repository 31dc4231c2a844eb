"""Personal API tokens: shown once, kept as SHA-256, ended by time or by hand."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.accounts import ApiToken
from models.trail import SubjectKind
from models.types import new_id
from workflows.access.viewer import Viewer
from workflows.audit import Subject, TrailAction, append_entry
from workflows.errors import NotFound
from workflows.transaction import require_transaction

LONGEST = timedelta(days=366)


def token_hash(token: str) -> bytes:
    """What is kept of a token: SHA-256 is enough for 32 random bytes."""
    return hashlib.sha256(token.encode()).digest()


def create_token(
    session: Session, viewer: Viewer, *, label: str, days: int, now: datetime
) -> tuple[ApiToken, str]:
    """A new token of the viewer, and its text, which nobody can read again later."""
    require_transaction(session)
    text = f"doudi_{secrets.token_urlsafe(32)}"
    token = ApiToken(
        id=new_id(),
        account_id=viewer.account_id,
        token_hash=token_hash(text),
        label=label,
        created_at=now,
        expires_at=now + min(timedelta(days=days), LONGEST),
    )
    session.add(token)
    _note(session, viewer, TrailAction.TOKEN_CREATED, token, now)
    return token, text


def own_tokens(session: Session, account_id: str, *, now: datetime) -> list[ApiToken]:
    """The tokens of an account that still work, newest first."""
    return list(
        session.scalars(
            select(ApiToken)
            .where(
                ApiToken.account_id == account_id,
                ApiToken.revoked_at.is_(None),
                ApiToken.expires_at > now,
            )
            .order_by(ApiToken.created_at.desc())
        )
    )


def revoke_token(session: Session, viewer: Viewer, token_id: str, *, now: datetime) -> None:
    """End a token of the viewer. Raises NotFound for somebody else's."""
    require_transaction(session)
    token = session.get(ApiToken, token_id)
    if token is None or token.account_id != viewer.account_id or token.revoked_at is not None:
        raise NotFound("token.unknown", "找不到该访问令牌。", "There is no such token.")
    token.revoked_at = now
    _note(session, viewer, TrailAction.TOKEN_REVOKED, token, now)


def _note(
    session: Session, viewer: Viewer, action: TrailAction, token: ApiToken, now: datetime
) -> None:
    append_entry(
        session,
        Subject(SubjectKind.ACCOUNT, viewer.account_id, viewer.district_id),
        action,
        actor=viewer.actor(),
        now=now,
        data={"token": token.id, "label": token.label, "expires_at": token.expires_at},
    )

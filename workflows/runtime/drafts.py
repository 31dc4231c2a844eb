"""Drafts: what somebody has typed and not sent yet, sealed for them alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.orm import Session

from models.plumbing import Draft
from workflows.errors import Invalid, NotFound
from workflows.privacy import KeyRing
from workflows.privacy.box import decrypt, encrypt, version_of
from workflows.transaction import require_transaction

_PLACE = "drafts.content"
#: Built once: making a statement costs more than running it.
_OF_ACCOUNT = (Draft.account_id == bindparam("of_account"), Draft.place == bindparam("of_place"))
_SAVED = select(Draft.content, Draft.saved_at).where(*_OF_ACCOUNT)
_DROP = delete(Draft).where(*_OF_ACCOUNT).execution_options(synchronize_session=False)
MAX_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class SavedDraft:
    """A draft: the values of each field as typed, and when it was saved."""

    content: Mapping[str, Any]
    saved_at: datetime


def save_draft(
    session: Session,
    account_id: str,
    place: str,
    content: Mapping[str, Any],
    keys: KeyRing,
    *,
    now: datetime,
) -> None:
    """Keep a draft in place of the one there was.

    Raises:
        Invalid: `draft_too_large` above 256 KiB.
    """
    require_transaction(session)
    plain = orjson.dumps(content)
    if len(plain) > MAX_BYTES:
        raise Invalid("draft_too_large", "草稿内容过大，没有保存。", "The draft is too large.")
    secret = keys.derived(keys.current, f"draft/{account_id}")
    sealed = encrypt(secret, keys.current, _PLACE, f"{account_id}/{place}", plain)
    changed = session.execute(
        update(Draft)
        .where(Draft.account_id == account_id, Draft.place == place)
        .values(content=sealed, saved_at=now)
    )
    if changed.rowcount == 0:  # type: ignore[attr-defined]  # a DML result has it
        session.add(Draft(account_id=account_id, place=place, content=sealed, saved_at=now))


def saved_draft(session: Session, account_id: str, place: str, keys: KeyRing) -> SavedDraft | None:
    """The draft of a person for a place; None where there is none or it can't be opened."""
    row = session.execute(_SAVED, {"of_account": account_id, "of_place": place}).one_or_none()
    if row is None:
        return None
    try:
        secret = keys.derived(version_of(row.content), f"draft/{account_id}")
        plain = decrypt(secret, _PLACE, f"{account_id}/{place}", row.content)
    except (Invalid, NotFound):
        return None
    return SavedDraft(orjson.loads(plain), row.saved_at)


def drop_draft(session: Session, account_id: str, place: str) -> None:
    """What was typed has been sent, or is no longer wanted."""
    require_transaction(session)
    session.execute(_DROP, {"of_account": account_id, "of_place": place})

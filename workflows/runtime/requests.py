"""Request keys: a request that comes twice is carried out once and answered twice."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import bindparam, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models.base import table_of
from models.plumbing import RequestKey
from workflows.errors import Actor, Conflict, Invalid
from workflows.transaction import require_transaction

_ANSWER = select(RequestKey.fingerprint, RequestKey.answer).where(
    RequestKey.account_id == bindparam("of_account"), RequestKey.key == bindparam("of_key")
)
_REMEMBER = insert(table_of(RequestKey))


def fingerprint(what: str, content: Mapping[str, Any]) -> bytes:
    """SHA-256 over what is asked: its name and its content, whatever JSON that is.

    Raises:
        Invalid: `request_deep` for content that nobody could take.
    """
    return hashlib.sha256(what.encode() + b"\0" + _encoded(content)).digest()


def _encoded(content: Mapping[str, Any]) -> bytes:
    try:
        return orjson.dumps(content, option=orjson.OPT_SORT_KEYS, default=str)
    except TypeError:  # half a surrogate pair, a huge number: the form says what is wrong with it
        pass
    try:
        return repr(content).encode("utf-8", "backslashreplace")
    except RecursionError as error:
        raise Invalid(
            "request_deep", "提交的内容嵌套过深。", "What was sent is nested too deep."
        ) from error


def answered(session: Session, key: str | None, asked: bytes, *, actor: Actor) -> Any | None:
    """The answer that the same request already got, or None.

    Asked after the lock of what the request is about, so that a twin has finished by then.

    Raises:
        Conflict: `request_key_reused` when the key came with another request.
    """
    if key is None or actor.account_id is None:
        return None
    require_transaction(session)
    known = session.execute(_ANSWER, {"of_account": actor.account_id, "of_key": key}).one_or_none()
    if known is None:
        return None
    if known.fingerprint != asked:
        raise Conflict(
            "request_key_reused",
            "同一请求编号不能用于不同的内容。",
            "This idempotency key was used with another request.",
        )
    return known.answer


def remember(
    session: Session,
    key: str | None,
    asked: bytes,
    answer: Mapping[str, Any],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Keep the answer for a twin of the request.

    Raises:
        Conflict: `request_under_way` when a twin without a common lock was faster; nothing of this
            one is kept.
    """
    if key is None or actor.account_id is None:
        return
    try:
        session.execute(
            _REMEMBER,
            {
                "account_id": actor.account_id,
                "key": key,
                "at": now,
                "fingerprint": asked,
                "answer": dict(answer),
            },
        )
    except IntegrityError as error:
        raise Conflict(
            "request_under_way",
            "同一请求已经办理，请查看结果。",
            "The same request has just been carried out; please look at its result.",
        ) from error

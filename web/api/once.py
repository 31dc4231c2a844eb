"""Acts that a client may send twice: carried out once, answered twice in the same words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from flask import request
from sqlalchemy.orm import Session

from web.acts import act_on
from web.api.operations import Answer
from web.api.reading import request_key
from web.database import db_session
from workflows.errors import Actor, Conflict
from workflows.runtime.requests import answered, fingerprint, remember
from workflows.transaction import transaction

_REPLAY = {"Idempotent-Replay": "true"}


def carry_out(
    act: Callable[[Session], Mapping[str, Any]],
    *,
    content: Mapping[str, Any],
    actor: Actor,
    now: datetime,
    case_id: str | None = None,
    answered_before: bool = True,
) -> Answer:
    """Carry out `act` in one transaction, unless the request's `Idempotency-Key` was answered.

    `content` is all that the request asks for; `act` returns plain JSON data. A fault of the policy
    becomes an incident of the case. `answered_before` False says that somebody has just looked and
    found no answer; a twin that came in between is met when the answer is kept.

    Raises:
        Conflict: `request_key_reused`; else what `act` raises.
    """
    key = request_key()
    session = db_session()
    asked = fingerprint(f"{request.method} {request.path}", content) if key else b""
    try:
        with act_on(session, case_id, actor=actor, now=now):
            if answered_before:
                known = answered(session, key, asked, actor=actor)
                if known is not None:
                    return Answer(known, headers=_REPLAY)
            answer = act(session)
            remember(session, key, asked, answer, actor=actor, now=now)
            return Answer(answer)
    except Conflict:
        # A twin may have finished while this one waited for its lock.
        if key is None:
            raise
        with transaction(session):
            known = answered(session, key, asked, actor=actor)
        if known is None:
            raise
        return Answer(known, headers=_REPLAY)

"""Effects on the outside world: queued in the act's transaction, delivered after its commit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models.plumbing import OutboxMessage
from models.types import new_id
from workflows.transaction import reading, require_transaction, transaction

BATCH = 100
#: After a failure: doubled each time, up to an hour.
_FIRST_WAIT = timedelta(seconds=5)
_LONGEST_WAIT = timedelta(hours=1)

log = structlog.get_logger("doudi.outbox")


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message on its way out; `key` lets the receiver recognise a repetition."""

    topic: str
    key: str
    payload: Mapping[str, Any]
    created_at: datetime


#: Hands a message to the outside; may raise OSError, then it is tried again later.
Deliver = Callable[[Delivery], None]


def queue_message(
    session: Session,
    *,
    district_id: str,
    topic: str,
    key: str,
    payload: Mapping[str, Any],
    now: datetime,
) -> None:
    """Queue a message; it goes out if and only if the caller's transaction commits.

    `key` names the effect (case and purpose) and is unique: the same effect is queued once.
    """
    require_transaction(session)
    session.add(
        OutboxMessage(
            id=new_id(),
            district_id=district_id,
            topic=topic,
            key=key,
            payload=dict(payload),
            created_at=now,
            next_try_at=now,
        )
    )


def deliver_due(session: Session, now: datetime, deliver: Deliver) -> int:
    """Deliver what is due, at least once and in order; how many went out.

    The receiver gets a message before it is marked, so a crash in between repeats it with the
    same key; it is never lost.
    """
    with reading(session):
        due = session.execute(
            select(OutboxMessage)
            .where(OutboxMessage.delivered_at.is_(None), OutboxMessage.next_try_at <= now)
            .order_by(OutboxMessage.next_try_at, OutboxMessage.id)
            .limit(BATCH)
        ).scalars()
        messages = [
            (row.id, row.attempts, Delivery(row.topic, row.key, row.payload, row.created_at))
            for row in due
        ]
    delivered = 0
    for message_id, attempts, message in messages:
        try:
            deliver(message)
        except OSError as error:
            log.warning("outbox.failed", key=message.key, error=type(error).__name__)
            _mark(session, message_id, next_try_at=now + _wait(attempts), attempts=attempts + 1)
            continue
        _mark(session, message_id, delivered_at=now)
        delivered += 1
    return delivered


def _wait(attempts: int) -> timedelta:
    seconds = _FIRST_WAIT.total_seconds() * float(1 << min(attempts, 20))
    return min(timedelta(seconds=seconds), _LONGEST_WAIT)


def _mark(session: Session, message_id: str, **values: Any) -> None:
    with transaction(session):
        session.execute(
            update(OutboxMessage)
            .where(OutboxMessage.id == message_id, OutboxMessage.delivered_at.is_(None))
            .values(**values)
        )

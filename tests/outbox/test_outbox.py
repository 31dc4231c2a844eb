"""The outbox loses nothing, and tells the receiver when it repeats itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.plumbing import OutboxMessage
from models.types import new_id
from workflows.outbox import Delivery, deliver_due, queue_message
from workflows.transaction import transaction

NOW = datetime(2021, 9, 8, 2, 0, tzinfo=UTC)
DISTRICT = new_id()


def queue(session: Session, key: str) -> None:
    queue_message(
        session, district_id=DISTRICT, topic="notice.issued", key=key, payload={"n": "1"}, now=NOW
    )


def test_a_committed_message_goes_out_once(session: Session) -> None:
    # given
    with transaction(session):
        queue(session, "case/1")
    sent: list[Delivery] = []
    # when
    first = deliver_due(session, NOW, sent.append)
    second = deliver_due(session, NOW + timedelta(days=1), sent.append)
    # then
    assert (first, second) == (1, 0)
    assert [message.key for message in sent] == ["case/1"]


def test_a_message_of_an_act_that_failed_never_goes_out(session: Session) -> None:
    # given
    with pytest.raises(ValueError, match="no"), transaction(session):
        queue(session, "case/1")
        raise ValueError("no")
    # when
    delivered = deliver_due(session, NOW, lambda message: None)
    # then
    assert delivered == 0


def test_a_receiver_that_is_down_gets_the_message_later_with_the_same_key(
    session: Session,
) -> None:
    # given
    with transaction(session):
        queue(session, "case/1")

    def down(message: Delivery) -> None:
        raise ConnectionRefusedError

    # when
    assert deliver_due(session, NOW, down) == 0
    assert deliver_due(session, NOW + timedelta(seconds=1), down) == 0
    sent: list[Delivery] = []
    delivered = deliver_due(session, NOW + timedelta(seconds=5), sent.append)
    # then
    assert delivered == 1 and sent[0].key == "case/1"
    session.rollback()
    assert session.scalars(select(OutboxMessage.attempts)).one() == 1

"""A bank file reaches the folder of the bank at least once, with the same bytes each time."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select, update

from models.money import BankAccount
from models.plumbing import OutboxMessage
from tests.assistance.money.world import DIBAO, FOUNDED, World
from web.bank_drop import delivering
from workflows.outbox import deliver_due
from workflows.transaction import transaction


@pytest.fixture
def sent(world: World) -> str:
    """The hash of a file that has been released."""
    world.appropriate("1000.00", DIBAO)
    world.monthly(world.family())
    sha256 = world.send(world.draw()).sha256
    world.session.rollback()
    return sha256


def test_the_file_lies_beside_its_message(world: World, sent: str, tmp_path: Path) -> None:
    # given
    deliver = delivering(tmp_path, world.session, world.district.keys)
    # when
    deliver_due(world.session, FOUNDED, deliver)
    [first] = (tmp_path / "bank.file").glob("*.csv")
    before = first.read_bytes()
    with transaction(world.session):
        world.session.execute(update(OutboxMessage).values(delivered_at=None))
    deliver_due(world.session, FOUNDED, deliver)
    # then
    [again] = (tmp_path / "bank.file").glob("*.csv")
    assert again.read_bytes() == before
    assert again.name == f"500154-FF-202109-0001-{sent[:12]}.csv"
    assert again.stat().st_mode & 0o077 == 0
    assert [path.suffix for path in (tmp_path / "bank.file").glob("*.part")] == []


def test_a_file_that_differs_from_what_was_released_waits(
    world: World, sent: str, tmp_path: Path
) -> None:
    # given
    with transaction(world.session):
        world.session.execute(update(BankAccount).values(account=b"changed"))
    # when
    deliver_due(world.session, FOUNDED, delivering(tmp_path, world.session, world.district.keys))
    # then
    waiting = world.session.scalars(
        select(OutboxMessage.attempts).where(
            OutboxMessage.topic == "bank.file", OutboxMessage.delivered_at.is_(None)
        )
    ).all()
    assert waiting == [1]
    assert list(tmp_path.glob("bank.file/*")) == []

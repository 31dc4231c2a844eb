"""A district with money, on both kinds of database."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from tests.assistance.money.world import World


@pytest.fixture
def world(session: Session) -> World:
    """A district with staff and nothing in its budget."""
    session.expire_on_commit = False
    return World.founded(session)

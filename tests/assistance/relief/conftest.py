"""A district with money for relief, on both kinds of database."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from tests.assistance.relief.world import Relief


@pytest.fixture
def relief(session: Session) -> Relief:
    """A district with a budget of 50,000 yuan and 20,000 in the township's drawer."""
    session.expire_on_commit = False
    return Relief.founded(session)

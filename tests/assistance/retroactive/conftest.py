"""A district whose standard is published anew, on both kinds of database."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from tests.assistance.retroactive.story import Story


@pytest.fixture
def story(session: Session) -> Story:
    """A rural standard of 515 from 2021-09-01."""
    session.expire_on_commit = False
    return Story.begun(session)

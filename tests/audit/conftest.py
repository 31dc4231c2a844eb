"""Fixtures for tests of the trail."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine, create_engine

from workflows.transaction import prepare_engine


@pytest.fixture
def make_engine() -> Iterator[Callable[[str], Engine]]:
    """Makes prepared engines and disposes of them afterwards."""
    made: list[Engine] = []

    def make(address: str) -> Engine:
        engine = create_engine(address)
        prepare_engine(engine)
        made.append(engine)
        return engine

    yield make
    for engine in made:
        engine.dispose()

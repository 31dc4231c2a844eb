"""Fixtures for races: an engine with many connections, a district with a small process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session

from tests.runtime.diagrams import duration_timer, flow, node, process, user_task
from tests.runtime.district import District, at, member
from tests.runtime.published import NOTE, small_policy
from workflows.transaction import prepare_engine

FOUNDED = at("2021-09-08", "09:00")
COMPLETED = '<doudi:end outcome="completed"/>'
#: A task that a timer interrupts after ten days; either way another task follows.
RACED = process(
    "raced",
    node("startEvent", "S"), user_task("A"),
    node("boundaryEvent", "Late", duration_timer('@"P10D"'), attachedToRef="A"),
    user_task("InTime"), user_task("TooLate"),
    node("endEvent", "E", COMPLETED), node("endEvent", "LE", COMPLETED),
    flow("S", "A"), flow("A", "InTime"), flow("InTime", "E"), flow("Late", "TooLate"),
    flow("TooLate", "LE"), variables=NOTE,
)  # fmt: skip


@pytest.fixture
def racers(postgres_url: str) -> Iterator[Engine]:
    """An engine with a connection for each of forty racers."""
    made = create_engine(postgres_url, pool_size=40, max_overflow=0)
    prepare_engine(made)
    yield made
    made.dispose()


@pytest.fixture
def district(racers: Engine) -> Iterator[District]:
    """A district whose policy has the process `raced`."""
    with Session(racers, expire_on_commit=False) as session:
        yield District.founded(session, small_policy(RACED))


@pytest.fixture
def household_id(district: District) -> str:
    """A household of one."""
    return district.household([member("陈德明", "1975-03-02")], now=FOUNDED).id

"""Many open cases at once: whole rows with a sealed engine state, inserted in bulk."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import func, insert, select, text
from sqlalchemy.orm import Session, undefer

from models.cases import Case, CaseState, Task, TaskState, Timer
from models.types import new_id
from scripts.benchmark.deployment import Deployment
from scripts.benchmark.district import District, opened
from workflows.privacy import KeyRing, open_state, seal_state
from workflows.runtime.starting import start_case
from workflows.transaction import reading, transaction

PROCESS: Final = "bench"
_CHUNK: Final = 2_000


def fill_queue(
    deployment: Deployment, district: District, households: list[str], wanted: int
) -> None:
    """Insert cases until the township has `wanted` open tasks of one role.

    Each is what `start_case` leaves behind, apart from its trail entry, so that it can be worked
    on; deadlines are spread over sixty days.
    """
    keys = deployment.keys.ring
    now = datetime.now(UTC)
    with opened(deployment) as session:
        with transaction(session):
            template = start_case(
                session, PROCESS, keys, township_id=district.township_id,
                village_id=district.village_id, household_id=households[0],
                actor=district.actor(), now=now,
            )  # fmt: skip
        rows = _Rows(session, template.id, keys, households, now)
        with reading(session):
            missing = wanted - open_tasks(session)
        for start in range(0, missing, _CHUNK):
            rows.insert(session, min(_CHUNK, missing - start), start)
        with transaction(session):
            session.execute(text("ANALYZE"))


def open_tasks(session: Session) -> int:
    """How many tasks are open."""
    return session.scalar(select(func.count()).where(Task.state == TaskState.OPEN)) or 0


class _Rows:
    """Copies of one case, its task and its timer, each under ids of its own."""

    def __init__(
        self, session: Session, case_id: str, keys: KeyRing, households: list[str], now: datetime
    ) -> None:
        self._keys, self._households, self._now = keys, households, now
        self._chance = random.Random(case_id)
        with reading(session):
            case = session.scalars(
                select(Case).where(Case.id == case_id).options(undefer(Case.engine_state))
            ).one()
            self._state = open_state(keys, case.id, case.version, case.engine_state)
            self._case = _values(case)
            task = select(Task).where(Task.case_id == case_id)
            self._task = _values(session.scalars(task).one())
            timer = select(Timer).where(Timer.case_id == case_id)
            self._timer = _values(session.scalars(timer).one())

    def insert(self, session: Session, count: int, first: int) -> None:
        """Insert so many more; `first` keeps their numbers apart."""
        cases, tasks, timers = [], [], []
        for number in range(first, first + count):
            case_id = new_id()
            due_at = self._now + timedelta(minutes=self._chance.randrange(60 * 24 * 60))
            cases.append(
                {
                    **self._case,
                    "id": case_id,
                    "number": f"{self._case['number']}-{number}",
                    "household_id": self._chance.choice(self._households),
                    "state": CaseState.OPEN,
                    "engine_state": seal_state(
                        self._keys, case_id, self._case["version"], self._state
                    ),
                }
            )
            own = {"id": new_id(), "case_id": case_id}
            dates = {"due_at": due_at, "warn_at": due_at - timedelta(days=3)}
            tasks.append({**self._task, **own, **dates})
            timers.append({**self._timer, **own, "id": new_id()})
        with transaction(session):
            session.execute(insert(Case), cases)
            session.execute(insert(Task), tasks)
            session.execute(insert(Timer), timers)


def _values(row: Case | Task | Timer) -> dict[str, Any]:
    return {attribute.key: getattr(row, attribute.key) for attribute in row.__mapper__.column_attrs}

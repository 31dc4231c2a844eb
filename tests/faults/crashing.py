"""A process that dies on purpose: at a numbered statement, at the commit, or before its answer."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from multiprocessing.connection import Connection
from typing import Any, Final

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.orm import Session

from models.cases import Case
from workflows.definitions.release import policy_of
from workflows.errors import Actor
from workflows.privacy import KeyRing
from workflows.runtime.acts import engine_program
from workflows.runtime.tasks import complete_task
from workflows.runtime.worker import fire_timer
from workflows.transaction import prepare_engine, reading, transaction

#: Points of dying that no statement is at.
AT_COMMIT: Final = "commit"
BEFORE_ANSWER: Final = "answer"
DIED: Final = 42
DONE: Final = 0
NOT_DONE: Final = 3

Point = int | str


@dataclass(frozen=True)
class Place:
    """Where the act happens: database, keys, and the case that it is about."""

    url: str
    keys: str
    case_id: str


@dataclass(frozen=True)
class Completion:
    """Complete a task."""

    task_id: str
    answers: Mapping[str, Any]
    actor: Actor
    now: datetime
    request_key: str

    def __call__(self, session: Session, keys: KeyRing, case_id: str) -> bool:
        complete_task(
            session, self.task_id, self.answers, keys, actor=self.actor, now=self.now,
            request_key=self.request_key,
        )  # fmt: skip
        return True


@dataclass(frozen=True)
class Firing:
    """Fire a timer."""

    timer_id: str
    now: datetime

    def __call__(self, session: Session, keys: KeyRing, case_id: str) -> bool:
        return fire_timer(session, self.timer_id, case_id, keys, now=self.now)


Deed = Callable[[Session, KeyRing, str], bool]


@contextmanager
def mortal(place: Place, deed: Deed) -> Iterator[Callable[[Point], int]]:
    """A function that does the deed in a fresh process dying at a point, and gives its exit status.

    The processes are forks of one that has read the policy, so that each costs milliseconds.
    """
    context = multiprocessing.get_context("forkserver")
    here, there = context.Pipe()
    parent = context.Process(target=_serve, args=(there, place, deed), daemon=True)
    parent.start()
    there.close()

    def do(point: Point) -> int:
        here.send(point)
        status: int = here.recv()
        return status

    try:
        yield do
    finally:
        here.close()
        parent.join(10)


def _serve(connection: Connection, place: Place, deed: Deed) -> None:
    keys = KeyRing.from_json(place.keys)
    engine = create_engine(place.url)
    prepare_engine(engine)
    with Session(engine) as session, reading(session):
        case = session.get_one(Case, place.case_id)
        engine_program(policy_of(session, case.release_id), case.process_key)
    engine.dispose()
    while True:
        try:
            point = connection.recv()
        except EOFError:
            return
        child = os.fork()
        if child == 0:
            status = 1
            try:
                status = _do(engine, keys, place.case_id, deed, point)
            finally:
                os._exit(status)
        connection.send(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))


def _do(engine: Engine, keys: KeyRing, case_id: str, deed: Deed, point: Point) -> int:
    with Session(engine) as session:
        session.connection()  # settings of the connection are not counted
        session.rollback()
        _die_at(engine, point)
        with transaction(session):
            done = deed(session, keys, case_id)
    if point == BEFORE_ANSWER:
        os._exit(DIED)
    return DONE if done else NOT_DONE


def _die_at(engine: Engine, point: Point) -> None:
    """Die before the statement of this number (from 1), or before the commit is sent."""
    count = 0

    def before_statement(*_arguments: object) -> None:
        nonlocal count
        count += 1
        if count == point:
            os._exit(DIED)

    def before_commit(_connection: object) -> None:
        if point == AT_COMMIT:
            os._exit(DIED)

    event.listen(engine, "before_cursor_execute", before_statement)
    event.listen(engine, "commit", before_commit)

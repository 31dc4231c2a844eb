"""Many writers, a sealer and an auditor at once: chains stay whole, and no false alarm."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import Engine, event, select
from sqlalchemy.orm import Session

from models.trail import TrailSubject
from tests.audit.acts import KEYS, NOW, OFFICER, act, make_subject, make_trail, seal, verified
from workflows.audit import TrailAction, append_entry, offline
from workflows.audit.export import export_all
from workflows.audit.verification import verify_all
from workflows.errors import Conflict
from workflows.transaction import transaction

SUBJECTS = [make_subject(f"case-{number}") for number in range(3)]


def write_some(engine: Engine, writer: int, rounds: int) -> int:
    """Append to shared chains without any lock of its own; how often it was turned away."""
    refused = 0
    with Session(engine) as session:
        for number in range(rounds):
            try:
                with transaction(session):
                    append_entry(
                        session,
                        SUBJECTS[number % len(SUBJECTS)],
                        TrailAction.TASK_COMPLETED,
                        actor=OFFICER,
                        now=NOW + timedelta(seconds=number),
                        data={"writer": writer, "number": number},
                    )
            except Conflict:
                refused += 1
    return refused


def test_writers_without_locks_of_their_own_never_break_a_chain(engine: Engine) -> None:
    # when
    with ThreadPoolExecutor(5) as pool:
        writers = [pool.submit(write_some, engine, writer, 30) for writer in range(4)]

        def seal_meanwhile() -> None:
            with Session(engine) as session:
                while not all(writer.done() for writer in writers):
                    seal(session)

        pool.submit(seal_meanwhile).result()
        refused = sum(writer.result() for writer in writers)

    # then
    with Session(engine) as session:
        seal(session)
        report = verified(session)
        lengths = session.scalars(select(TrailSubject.length)).all()
        session.rollback()
    assert report.intact, report.problems
    assert sum(lengths) == report.entries == report.leaves == 120 - refused
    # Only the first entries of the three chains can collide.
    assert refused <= 9


@pytest.mark.parametrize("table", ["trail_subjects", "access_log", "tree_leaves", "tree_heads"])
def test_an_act_during_a_verification_is_no_false_alarm(engine: Engine, table: str) -> None:
    # given
    with Session(engine) as session:
        make_trail(session)
    happened: list[str] = []

    def act_once(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not happened and f"FROM {table}" in statement:
            happened.append(statement)
            with Session(engine) as other:
                act(other, make_subject("case-1"), 2)
                seal(other)

    event.listen(engine, "before_cursor_execute", act_once)

    # when
    with Session(engine) as session:
        report = verify_all(session, keys=KEYS)

    # then
    event.remove(engine, "before_cursor_execute", act_once)
    assert happened
    assert report.problems == []
    with Session(engine) as session:
        assert verified(session).entries == 22


def test_an_act_during_an_export_is_no_false_alarm(engine: Engine) -> None:
    # given
    with Session(engine) as session:
        make_trail(session)

    # when
    with Session(engine) as session, Session(engine) as other:
        lines = export_all(session)
        taken = [next(lines), next(lines)]
        act(other, make_subject("case-1"), 2)
        seal(other)
        taken += lines

    # then
    found = offline.verify_lines(taken, KEYS, {})
    assert found.problems == []
    assert found.counts["entry"] == 20


def test_a_check_may_begin_in_the_middle_of_reading(engine: Engine) -> None:
    # given
    with Session(engine) as session:
        make_trail(session)
        session.scalars(select(TrailSubject.length)).all()

        # when
        report = verify_all(session, keys=KEYS)

    # then
    assert report.intact
    assert report.entries == 20

"""Writing to the trail: chains, what is refused, and what the database itself protects."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import func, insert, inspect, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from models.trail import SubjectKind, TrailEntry, TrailSubject, Unsealed
from tests.audit.acts import NOW, act, make_subject, make_trail, see
from workflows.audit import (
    AccessKind,
    Subject,
    TrailAction,
    action_name,
    append_entry,
    record_access,
    sealed,
    unsealed,
)
from workflows.audit.record import canonical, is_sealed
from workflows.audit.verification import verify_subject
from workflows.errors import SYSTEM, Invalid, NotFound
from workflows.privacy import DataKey, KeyRing, new_data_key, unwrap_data_key
from workflows.transaction import transaction

RING = KeyRing(keys={1: b"1" * 32}, current=1, index_key=b"i" * 32)


def entries(session: Session, subject: Subject) -> list[TrailEntry]:
    found = session.scalars(
        select(TrailEntry).where(TrailEntry.subject_id == subject.id).order_by(TrailEntry.sequence)
    ).all()
    return list(found)


def test_each_entry_follows_the_one_before(session: Session) -> None:
    # given
    subject = make_subject()

    # when
    act(session, subject, 2)
    act(session, subject, 1)

    # then
    first, second, third = entries(session, subject)
    assert [first.sequence, second.sequence, third.sequence] == [1, 2, 3]
    assert first.previous_hash == bytes(32)
    assert second.previous_hash == first.hash
    assert third.previous_hash == second.hash
    assert all(hashlib.sha256(entry.body).digest() == entry.hash for entry in (first, second))
    head = session.get_one(TrailSubject, (SubjectKind.CASE, subject.id))
    assert (head.length, head.head_hash) == (3, third.hash)


def test_chains_of_different_subjects_are_apart(session: Session) -> None:
    # given
    case, household = make_subject("one"), make_subject("one", SubjectKind.HOUSEHOLD)

    # when
    act(session, case, 2)
    act(session, household, 1)

    # then
    assert verify_subject(session, case).entries == 2
    assert verify_subject(session, household).entries == 1
    assert verify_subject(session, household).intact


def test_the_record_holds_everything_as_canonical_text(session: Session) -> None:
    # given
    subject = make_subject()

    # when
    act(session, subject, amount=Decimal("405.00"), on=date(2021, 9, 8), ok=True, none=None)

    # then
    entry = entries(session, subject)[0]
    record = json.loads(entry.body)
    assert record == {
        "action": "task.completed",
        "actor": {
            "account": "officer-1",
            "address": None,
            "office": "town-1",
            "on_behalf_of": None,
            "role": "case_officer",
        },
        "at": "2021-09-08T02:00:00.000000Z",
        "data": {"amount": "405.00", "number": "0", "none": None, "ok": True, "on": "2021-09-08"},
        "district": "district-1",
        "format": "1",
        "hash": "sha256",
        "id": entry.id,
        "previous": "00" * 32,
        "sequence": "1",
        "subject": {"id": "case-1", "kind": "case"},
    }
    assert json.dumps(record, sort_keys=True, separators=(",", ":")).encode() == entry.body


@pytest.mark.parametrize(
    "data",
    [
        {"x": 1.5},
        {"x": b"bytes"},
        {"x": "\ud800"},
        {"x": Decimal("NaN")},
        {1: "x"},
        {"x": {"y": {3}}},
        {"x": object()},
    ],
)
def test_data_that_has_no_one_spelling_is_refused(
    session: Session, data: dict[str, object]
) -> None:
    with pytest.raises(Invalid) as refused, transaction(session):
        append_entry(
            session,
            make_subject(),
            TrailAction.CASE_STARTED,
            actor=SYSTEM,
            now=NOW,
            data=data,
        )
    assert refused.value.code == "trail.bad_body"


def test_data_nested_without_end_is_refused() -> None:
    nested: dict[str, object] = {}
    for _ in range(30):
        nested = {"x": nested}
    with pytest.raises(Invalid):
        canonical(nested)


def test_an_act_needs_the_callers_transaction(session: Session) -> None:
    for write in (
        lambda: append_entry(
            session,
            make_subject(),
            TrailAction.CASE_STARTED,
            actor=SYSTEM,
            now=NOW,
            data={},
        ),
        lambda: record_access(
            session, make_subject(), AccessKind.VIEWED, actor=SYSTEM, now=NOW, data={}
        ),
    ):
        with pytest.raises(RuntimeError):
            write()


def test_an_act_that_fails_leaves_no_entry(session: Session) -> None:
    # when
    with pytest.raises(ZeroDivisionError), transaction(session):
        append_entry(
            session,
            make_subject(),
            TrailAction.CASE_STARTED,
            actor=SYSTEM,
            now=NOW,
            data={},
        )
        _ = 1 // 0

    # then
    assert session.scalar(select(func.count()).select_from(TrailEntry)) == 0
    assert session.scalar(select(func.count()).select_from(Unsealed)) == 0


def test_every_committed_row_waits_for_the_sealer(session: Session) -> None:
    # when
    act(session, make_subject(), 3)
    see(session, make_subject())

    # then
    waiting = session.scalars(select(Unsealed)).all()
    assert sorted(row.source.value for row in waiting) == ["access", "entry", "entry", "entry"]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE trail_entries SET action = 'case.closed'",
        "UPDATE trail_entries SET body = body",
        "DELETE FROM trail_entries",
        "UPDATE access_log SET kind = 'viewed'",
        "DELETE FROM access_log",
        "UPDATE tree_leaves SET entry_id = 'x'",
        "DELETE FROM tree_leaves",
        "UPDATE tree_heads SET size = 99",
        "DELETE FROM tree_heads",
        "TRUNCATE trail_entries",
        "TRUNCATE tree_heads",
        "INSERT OR REPLACE INTO trail_entries SELECT * FROM trail_entries",
        "INSERT OR REPLACE INTO tree_leaves SELECT * FROM tree_leaves",
        "INSERT OR REPLACE INTO tree_leaves"
        " SELECT leaf_index + 100, entry_id, source, leaf_hash FROM tree_leaves",
        "INSERT OR REPLACE INTO tree_heads SELECT * FROM tree_heads",
        "INSERT OR REPLACE INTO access_log SELECT * FROM access_log",
    ],
)
def test_the_database_refuses_to_change_what_is_written(session: Session, statement: str) -> None:
    # given
    make_trail(session, subjects=2, entries=2)
    kind = session.connection().dialect.name
    session.rollback()
    if kind == "sqlite" and statement.startswith("TRUNCATE"):
        statement = statement.replace("TRUNCATE", "DELETE FROM")
    if kind == "postgresql" and "OR REPLACE" in statement:
        statement = statement.replace(" OR REPLACE", "")

    # when
    with pytest.raises(DBAPIError) as refused:
        session.execute(text(statement))
    session.rollback()

    # then
    assert "append-only" in str(refused.value) or "INSERT" in statement
    assert session.scalar(select(func.count()).select_from(TrailEntry)) == 4


def test_the_database_refuses_an_entry_that_does_not_continue_its_chain(session: Session) -> None:
    # given
    subject = make_subject()
    act(session, subject, 2)
    last = entries(session, subject)[-1]
    columns = {column.key: getattr(last, column.key) for column in inspect(TrailEntry).columns}
    session.rollback()

    for change in (
        {"sequence": 4, "previous_hash": last.hash},
        {"sequence": 3, "previous_hash": bytes(32)},
        {"sequence": 1, "previous_hash": bytes(32)},
    ):
        # when
        with pytest.raises(DBAPIError), transaction(session):
            session.execute(insert(TrailEntry).values({**columns, "id": "forged", **change}))

        # then
        assert verify_subject(session, subject).entries == 2
        session.rollback()


def test_a_sealed_value_can_be_read_until_the_person_is_erased(session: Session) -> None:
    # given
    subject = make_subject()
    key, wrapped = new_data_key(RING, "person-1")

    # when
    act(session, subject, name=sealed(key, subject, "name", "张三丰"))

    # then
    entry = entries(session, subject)[0]
    assert "张三丰".encode() not in entry.body
    value = json.loads(entry.body)["data"]["name"]
    assert is_sealed(value)
    again: DataKey = unwrap_data_key(RING, "person-1", wrapped)
    assert unsealed(again, subject, value) == "张三丰"
    with pytest.raises(Invalid):
        unsealed(again, make_subject("another"), value)
    with pytest.raises(NotFound):
        unwrap_data_key(RING, "person-1", None)
    assert verify_subject(session, subject).intact


@pytest.mark.parametrize("action", list(TrailAction))
def test_every_action_has_a_name_in_both_languages(action: TrailAction) -> None:
    assert action_name(action) != action.value
    assert action_name(action, "en") != action.value


def test_an_action_of_another_version_keeps_its_code() -> None:
    assert action_name("ship.launched") == "ship.launched"

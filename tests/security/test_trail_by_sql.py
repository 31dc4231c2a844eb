"""What the application's own database user can't do to the trail, and what verification notices."""

from __future__ import annotations

import pytest
from sqlalchemy import exc
from sqlalchemy.orm import Session

from models.trail import TreeNode
from models.trail_triggers import APPEND_ONLY
from tests.api.clients import Api
from tests.security.surface import real_ids
from web.config import Config
from web.database import current_moment
from workflows.audit.sealing import seal_tree
from workflows.audit.verification import verify_all
from workflows.transaction import transaction

COLUMNS = {
    "trail_entries": ("id", "action"),
    "access_log": ("id", "kind"),
    "tree_leaves": ("entry_id", "leaf_hash"),
    "tree_nodes": ("level", "node_hash"),
    "tree_heads": ("size", "key_id"),
}


def refused(session: Session, statement: str) -> bool:
    """Whether the database refuses a statement."""
    try:
        session.connection().exec_driver_sql(statement)
    except exc.DBAPIError:
        return True
    finally:
        session.rollback()
    return False


@pytest.fixture
def sealed(api: Api) -> Api:
    """A district with acts, looks and a signed tree."""
    ids = real_ids(api)
    api.get("officer", f"/cases/{ids['case_id']}")
    settings: Config = api.app.extensions["doudi"]
    with transaction(api.session) as session:
        seal_tree(session, signer=settings.keys.signer, now=current_moment())
    return api


def test_rows_of_the_trail_can_be_neither_changed_nor_taken_away(sealed: Api) -> None:
    # given
    session = sealed.session
    with transaction(session):
        session.add(TreeNode(level=7, node_index=0, node_hash=b"x" * 32))
    statements = [
        statement
        for table in APPEND_ONLY
        for column in COLUMNS[table]
        for statement in (
            f"UPDATE {table} SET {column} = {column}",
            f"DELETE FROM {table}",
            f"INSERT INTO {table} SELECT * FROM {table}",
        )
    ]
    if session.get_bind().dialect.name == "postgresql":
        statements += [f"TRUNCATE {table} CASCADE" for table in APPEND_ONLY]
    else:
        statements += [f"REPLACE INTO {table} SELECT * FROM {table}" for table in APPEND_ONLY]
        statements += [f"UPDATE OR REPLACE {table} SET rowid = rowid + 1" for table in APPEND_ONLY]
        statements += ["REPLACE INTO tree_nodes VALUES (7, 0, x'00')"]
    # when
    taken = [statement for statement in statements if not refused(session, statement)]
    # then
    assert not taken, "\n".join(taken)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE trail_subjects SET length = 0",
        "DELETE FROM trail_subjects",
        "UPDATE trail_subjects SET head_hash = previous.hash FROM trail_entries AS previous",
    ],
)
def test_what_the_database_lets_pass_is_noticed(sealed: Api, statement: str) -> None:
    # given
    session = sealed.session
    signer = sealed.app.extensions["doudi"].keys.signer
    assert verify_all(session, keys={signer.key_id: signer.public}).intact
    # when
    with transaction(session):
        session.connection().exec_driver_sql(statement)
    # then
    assert not verify_all(session, keys={signer.key_id: signer.public}).intact


def test_a_trigger_that_was_dropped_does_not_hide_what_was_done(sealed: Api) -> None:
    # given
    session = sealed.session
    signer = sealed.app.extensions["doudi"].keys.signer
    drop = (
        "DROP TRIGGER trail_entries_no_delete"
        if session.get_bind().dialect.name == "sqlite"
        else "DROP TRIGGER trail_entries_no_change ON trail_entries"
    )
    # when
    with transaction(session):
        session.connection().exec_driver_sql(drop)
        session.connection().exec_driver_sql(
            "DELETE FROM trail_entries WHERE id = (SELECT max(id) FROM trail_entries)"
        )
    # then
    assert not verify_all(session, keys={signer.key_id: signer.public}).intact

"""The fixtures that all other tests stand on."""

from __future__ import annotations

import socket

import pytest
from playwright.sync_api import Page
from sqlalchemy import Engine, create_engine, inspect, text
from sqlalchemy.orm import Session

from tests.databases import PostgresDatabases
from workflows.transaction import reading, transaction


def test_a_copy_has_the_tables_of_the_product(engine: Engine) -> None:
    # when
    tables = set(inspect(engine).get_table_names())
    # then
    assert {"cases", "trail_entries"} <= tables


@pytest.mark.parametrize("time", ["first", "second"])
def test_what_one_test_commits_no_other_sees(session: Session, engine: Engine, time: str) -> None:
    # given
    assert not inspect(engine).has_table("left_behind"), time
    # when
    with transaction(session):
        session.execute(text("CREATE TABLE left_behind (n INTEGER)"))
        session.execute(text("INSERT INTO left_behind VALUES (1)"))
    # then
    with reading(session):
        assert session.execute(text("SELECT n FROM left_behind")).all() == [(1,)]


def ran(address: str, *statements: str) -> list[object]:
    """What the last statement gives; committed, on a connection of its own."""
    engine = create_engine(address)
    with engine.begin() as connection:
        rows = [connection.execute(text(one)) for one in statements][-1]
        found: list[object] = list(rows.scalars()) if rows.returns_rows else []
    engine.dispose()
    return found


def test_a_postgres_copy_is_emptied_and_used_again(postgres_databases: PostgresDatabases) -> None:
    # given
    with postgres_databases.copy() as first:
        ran(first, "INSERT INTO policy_blobs (sha256, content) VALUES ('x', 'y')")
    # when
    with postgres_databases.copy() as second:
        left = ran(second, "SELECT sha256 FROM policy_blobs")
        version = ran(second, "SELECT version_num FROM alembic_version")
    # then
    assert second == first
    assert left == []
    assert len(version) == 1


def test_a_postgres_copy_whose_schema_changed_is_dropped(
    postgres_databases: PostgresDatabases,
) -> None:
    # given
    for change in (
        "CREATE TABLE left_behind (n INTEGER)",
        "ALTER TABLE cases ADD COLUMN left_behind INTEGER",
        "ALTER TABLE trail_entries DISABLE TRIGGER USER",
        "GRANT SELECT ON cases TO PUBLIC",
    ):
        with postgres_databases.copy() as address:
            name = address.split("/")[3].split("?")[0]
            # when
            ran(address, change)
        # then
        assert name not in postgres_databases.names(), change


def test_an_empty_database_has_no_tables(empty_database_url: str) -> None:
    # given
    engine = create_engine(empty_database_url)
    # when
    tables = inspect(engine).get_table_names()
    engine.dispose()
    # then
    assert tables == []


def test_nothing_outside_of_this_machine_is_reached() -> None:
    # when / then
    with socket.socket() as probe, pytest.raises(AssertionError, match=r"192\.0\.2\.1"):
        probe.connect(("192.0.2.1", 80))


def test_the_browser_is_real_and_speaks_chinese(page: Page) -> None:
    # when
    page.set_content("<title>兜底</title>")
    # then
    assert page.title() == "兜底"
    assert page.evaluate("() => navigator.language") == "zh-CN"

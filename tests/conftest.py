"""Fixtures for all tests: real databases of both kinds, a real browser, and no network."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.orm import Session

from scripts.machine import CHROMIUM_FLAGS, find_chromium
from scripts.services import POSTGRES_VARIABLE
from tests.conditions import missing
from tests.databases import PostgresDatabases, SqliteDatabases
from workflows.transaction import prepare_engine

BOTH = (
    pytest.param("sqlite", marks=pytest.mark.sqlite),
    pytest.param("postgresql", marks=pytest.mark.postgres),
)
_BROWSER_FIXTURES = {"browser", "page"}
_POSTGRES_FIXTURES = {"postgres_databases", "postgres_url"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests by what they use, so that `-m` selects them."""
    for item in items:
        names = set(getattr(item, "fixturenames", ()))
        if names & _BROWSER_FIXTURES:
            item.add_marker("browser")
        if names & _POSTGRES_FIXTURES:
            item.add_marker("postgres")


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse every connection that leaves this machine."""
    connect = socket.socket.connect

    def connect_locally(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX and not _is_loopback(str(address[0])):
            raise AssertionError(f"a test tried to reach {address[0]}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect_locally)


def _is_loopback(host: str) -> bool:
    return host in {"localhost", "::1"} or host.startswith("127.")


@pytest.fixture(scope="session")
def sqlite_databases(tmp_path_factory: pytest.TempPathFactory) -> SqliteDatabases:
    """SQLite databases of this worker."""
    return SqliteDatabases(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgres_databases() -> Iterator[PostgresDatabases]:
    """Databases of the server that `python -m scripts.services` started."""
    address = os.environ.get(POSTGRES_VARIABLE)
    if not address:
        missing("PostgreSQL (run `make test`, or `python -m scripts.services -- pytest …`)")
    databases = PostgresDatabases(address)
    yield databases
    databases.close()


@pytest.fixture
def sqlite_url(sqlite_databases: SqliteDatabases) -> Iterator[str]:
    """The address of a migrated SQLite database that only this test uses."""
    with sqlite_databases.copy() as address:
        yield address


@pytest.fixture
def postgres_url(postgres_databases: PostgresDatabases) -> Iterator[str]:
    """The address of a migrated PostgreSQL database that only this test uses."""
    with postgres_databases.copy() as address:
        yield address


@pytest.fixture(params=BOTH)
def database_url(request: pytest.FixtureRequest) -> str:
    """The address of a migrated database that only this test uses; the test runs on both kinds."""
    fixture = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    address: str = request.getfixturevalue(fixture)
    return address


@pytest.fixture(params=BOTH)
def empty_database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """As `database_url`, without any table."""
    kind = "sqlite_databases" if request.param == "sqlite" else "postgres_databases"
    databases: SqliteDatabases | PostgresDatabases = request.getfixturevalue(kind)
    with databases.empty() as address:
        yield address


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An engine prepared for the host's transactions, on `database_url`."""
    made = create_engine(database_url)
    prepare_engine(made)
    if made.dialect.name == "sqlite":
        # a test's database needn't survive a power cut
        event.listen(made, "connect", _without_fsync)
    yield made
    made.dispose()


def _without_fsync(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA synchronous=OFF")


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """A session; write inside `transaction(session)`, which commits for real."""
    with Session(engine) as opened:
        yield opened


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The program of the browser."""
    return find_chromium() or missing("Chromium")


@pytest.fixture(scope="session")
def browser(chromium: Path) -> Iterator[Browser]:
    """One Chromium for each worker."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=[*CHROMIUM_FLAGS])
        yield launched
        launched.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page in a context of its own, in Chinese and in the district's time zone."""
    context = browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai")
    yield context.new_page()
    context.close()

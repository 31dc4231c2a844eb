"""Real databases for tests: a migrated template for each worker, a copy of it for each test."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import URL, create_engine, make_url

from workflows.transaction import prepare_engine

MIGRATIONS = Path(__file__).parent.parent / "models" / "migrations"

#: PostgreSQL's own template that nobody can be connected to, so copying it never has to wait.
EMPTY = "template0"


class SqliteDatabases:
    """SQLite files below one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._template: Path | None = None

    @contextmanager
    def copy(self) -> Iterator[str]:
        """A migrated database of its own; yields its address, deletes it afterwards."""
        if self._template is None:
            template = self._folder / "template.sqlite3"
            migrate(f"sqlite:///{template}")
            self._template = template
        path = self._folder / f"{secrets.token_hex(6)}.sqlite3"
        shutil.copyfile(self._template, path)
        try:
            yield f"sqlite:///{path}"
        finally:
            _remove_sqlite(path)

    @contextmanager
    def clone(self, address: str) -> Iterator[str]:
        """A copy of a database that nobody is connected to."""
        path = self._folder / f"{secrets.token_hex(6)}.sqlite3"
        shutil.copyfile(make_url(address).database or "", path)
        try:
            yield f"sqlite:///{path}"
        finally:
            _remove_sqlite(path)

    @contextmanager
    def empty(self) -> Iterator[str]:
        """A database without tables, for tests of migrations."""
        path = self._folder / f"{secrets.token_hex(6)}.sqlite3"
        try:
            yield f"sqlite:///{path}"
        finally:
            _remove_sqlite(path)


class PostgresDatabases:
    """Databases of the server at `address`, whose user may create databases."""

    def __init__(self, address: str) -> None:
        self._server = make_url(address)
        self._engine = create_engine(self._server, isolation_level="AUTOCOMMIT")
        self._template: str | None = None

    @contextmanager
    def copy(self) -> Iterator[str]:
        """A migrated database of its own; yields its address, drops it afterwards."""
        if self._template is None:
            name = self._create(EMPTY)
            migrate(self._address(name))
            self._template = name
        with self._database(self._template) as address:
            yield address

    @contextmanager
    def empty(self) -> Iterator[str]:
        """A database without tables, for tests of migrations."""
        with self._database(EMPTY) as address:
            yield address

    @contextmanager
    def clone(self, address: str) -> Iterator[str]:
        """A copy of a database that nobody is connected to."""
        with self._database(make_url(address).database or "") as copied:
            yield copied

    def names(self) -> set[str]:
        """The databases of the server."""
        with self._engine.connect() as connection:
            rows = connection.exec_driver_sql("SELECT datname FROM pg_database").scalars()
            return set(rows)

    def close(self) -> None:
        """Drop the template and the connections."""
        if self._template is not None:
            self._drop(self._template)
        self._engine.dispose()

    @contextmanager
    def _database(self, template: str) -> Iterator[str]:
        name = self._create(template)
        try:
            yield self._address(name)
        finally:
            self._drop(name)

    def _create(self, template: str) -> str:
        name = f"doudi_test_{secrets.token_hex(6)}"
        self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return name

    def _drop(self, name: str) -> None:
        self._execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def _execute(self, statement: str) -> None:
        with self._engine.connect() as connection:
            connection.exec_driver_sql(statement)

    def _address(self, name: str) -> str:
        url: URL = self._server.set(database=name)
        return url.render_as_string(hide_password=False)


def migrate(address: str) -> None:
    """Bring the database at this address to the newest schema, as `doudi db upgrade` does."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    engine = create_engine(address)
    prepare_engine(engine)
    config.attributes["engine"] = engine
    command.upgrade(config, "head")
    engine.dispose()


def _remove_sqlite(path: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)

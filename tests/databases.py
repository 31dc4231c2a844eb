"""Real databases for tests: a migrated template for each worker, a copy of it for each test."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import URL, Connection, NullPool, create_engine, make_url

from workflows.transaction import prepare_engine

MIGRATIONS = Path(__file__).parent.parent / "models" / "migrations"

#: PostgreSQL's own template that nobody can be connected to, so copying it never has to wait.
EMPTY = "template0"


#: Deleted rows stay in the files until a database is dropped.
MOST_TESTS = 40

_LEAVE = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
_SCHEMA = """
SELECT md5(string_agg(line, ';' ORDER BY line)) FROM (
  SELECT concat('class ', relname, relkind, relacl) AS line FROM pg_class
    WHERE relnamespace = 'public'::regnamespace
  UNION ALL
  SELECT concat('column ', attrelid::regclass, attname, atttypid, attnotnull, attacl)
    FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND attnum > 0
  UNION ALL
  SELECT concat('constraint ', conrelid::regclass, conname, convalidated) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace
  UNION ALL
  SELECT concat('trigger ', tgrelid::regclass, tgname, tgenabled) FROM pg_trigger
    WHERE NOT tgisinternal
  UNION ALL
  SELECT concat('function ', proname, md5(prosrc)) FROM pg_proc
    WHERE pronamespace = 'public'::regnamespace
  UNION ALL
  SELECT concat('schema ', nspname, nspacl) FROM pg_namespace WHERE nspname !~ '^pg_'
) AS schema_lines
"""
#: Writes the query that names the tables with rows; the version of the schema isn't a test's.
_FILLED = """
SELECT string_agg(
  concat('SELECT ', quote_literal(relname), ' AS name WHERE EXISTS (SELECT 1 FROM ',
         quote_ident(relname), ')'), ' UNION ALL ')
FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> 'alembic_version'
"""


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
    """Databases of the server at `address`, whose user may create databases.

    Making one costs more than most tests. One that a test has left with its schema as it was is
    emptied and used again, a few times; any other is dropped.
    """

    def __init__(self, address: str) -> None:
        self._server = make_url(address)
        self._engine = create_engine(self._server, isolation_level="AUTOCOMMIT")
        self._template: str | None = None
        self._schema = self._filled = ""
        #: emptied databases with the number of tests that used them
        self._clean: list[tuple[str, int]] = []

    @contextmanager
    def copy(self) -> Iterator[str]:
        """A migrated database of its own; yields its address, takes it back afterwards."""
        if self._template is None:
            name = self._create(EMPTY)
            migrate(self._address(name))
            with self._connected(name) as connection:
                self._schema = _schema_of(connection)
                self._filled = str(connection.exec_driver_sql(_FILLED).scalar())
            self._template = name
        name, used = self._clean.pop() if self._clean else (self._create(self._template), 0)
        try:
            yield self._address(name)
        finally:
            if used + 1 < MOST_TESTS and self._emptied(name):
                self._clean.append((name, used + 1))
            else:
                self._drop(name)

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
        """Drop what is left, and the connections."""
        for name in (*(name for name, _ in self._clean), self._template):
            if name is not None:
                self._drop(name)
        self._engine.dispose()

    def _emptied(self, name: str) -> bool:
        """Whether a database is as the template again: nobody in it, its schema kept, no rows."""
        with self._connected(name) as connection:
            connection.exec_driver_sql(_LEAVE)
            if _schema_of(connection) != self._schema:
                return False
            # neither triggers nor foreign keys see what happens here
            connection.exec_driver_sql("SET session_replication_role = replica")
            filled = connection.exec_driver_sql(self._filled).scalars().all()
            if filled:
                deletions = (f'DELETE FROM "{table}"' for table in filled)
                connection.exec_driver_sql("; ".join(deletions))
        return True

    @contextmanager
    def _connected(self, name: str) -> Iterator[Connection]:
        engine = create_engine(
            self._server.set(database=name), isolation_level="AUTOCOMMIT", poolclass=NullPool
        )
        with engine.connect() as connection:
            yield connection

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


def _schema_of(connection: Connection) -> str:
    """A digest of tables, columns, indexes, constraints, triggers, functions and grants."""
    return str(connection.exec_driver_sql(_SCHEMA).scalar())


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

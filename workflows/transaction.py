"""The only place that commits and rolls back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, event, exc
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, Session

from workflows.errors import Conflict

_OPEN = "doudi_transaction"
_WRITES = "doudi_writes"


def prepare_engine(engine: Engine) -> None:
    """Give SQLite the transactions that PostgreSQL has; bound waiting on PostgreSQL.

    On SQLite `reading()` begins deferred and `transaction()` begins IMMEDIATE, so that two
    writers wait for each other instead of failing half way.
    """
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        event.listen(engine, "connect", _prepare_postgresql)


def _prepare_sqlite(connection: object, _record: object) -> None:
    connection.isolation_level = None  # type: ignore[attr-defined]  # DBAPI: we send BEGIN
    cursor = connection.cursor()  # type: ignore[attr-defined]  # DBAPI connection
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    # REPLACE then fires the triggers that keep rows of the trail from being deleted.
    cursor.execute("PRAGMA recursive_triggers=ON")
    cursor.execute("PRAGMA busy_timeout=30000")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _prepare_postgresql(connection: object, _record: object) -> None:
    cursor = connection.cursor()  # type: ignore[attr-defined]  # DBAPI connection
    cursor.execute("SET statement_timeout = '30s'")
    cursor.execute("SET lock_timeout = '10s'")
    cursor.execute("SET idle_in_transaction_session_timeout = '60s'")
    cursor.close()
    connection.commit()  # type: ignore[attr-defined]  # DBAPI: keep the settings of the session


@contextmanager
def transaction(session: Session) -> Iterator[Session]:
    """Commit what the block did, or nothing of it.

    Raises:
        RuntimeError: inside another transaction of the same session.
        Conflict: when the database could not serialise two acts; trying again may help.
    """
    if session.info.get(_OPEN):
        raise RuntimeError("transactions do not nest")
    session.info[_OPEN] = True
    try:
        _begin(session)
        yield session
        session.commit()
    except exc.OperationalError as error:
        session.rollback()
        if _is_contention(error):
            raise Conflict(
                "busy", "系统繁忙，请稍后再试。", "The system is busy; please try again."
            ) from error
        raise
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info[_OPEN] = False


def _begin(session: Session) -> None:
    """Begin to write, after what the edge has read in the same session.

    PostgreSQL reads afresh with every statement, so its transaction goes on; SQLite's began as a
    reading one and has to begin again.
    """
    if session.in_transaction():
        if session.get_bind().dialect.name == "postgresql":
            session.expire_all()
            return
        session.rollback()
    session.connection(execution_options={_WRITES: True})


def _is_contention(error: exc.OperationalError) -> bool:
    state = getattr(error.orig, "sqlstate", None)
    return state in {"40001", "40P01", "55P03"} or "database is locked" in str(error.orig)


@contextmanager
def reading(session: Session) -> Iterator[Session]:
    """Read one consistent picture and leave nothing open."""
    if session.info.get(_OPEN):
        raise RuntimeError("reading inside a transaction is already possible")
    try:
        yield session
    finally:
        session.rollback()


def require_transaction(session: Session) -> None:
    """A command begins with this.

    Raises:
        RuntimeError: when the edge opened no transaction.
    """
    if not session.info.get(_OPEN):
        raise RuntimeError("a command needs an open transaction")


def insert_into(
    session: Session, table: type[DeclarativeBase]
) -> postgresql.Insert | sqlite.Insert:
    """An INSERT that can say what to do when a row is there already (both databases know how).

    Unlike a unique constraint that fails, it leaves the transaction usable on PostgreSQL.
    """
    if session.get_bind().dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)

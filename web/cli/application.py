"""The application of a command: configuration from the environment, an open session."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from models.base import db
from web import create_app
from web.config import Config
from web.database import current_revision, db_session, newest_revision
from workflows.errors import Conflict
from workflows.transaction import reading


@contextmanager
def deployment(*, any_revision: bool = False) -> Iterator[tuple[Session, Config]]:
    """The session and configuration of the deployment that the environment names.

    Raises:
        Conflict: ``database.revision`` when the tables are not those of this version, unless
            `any_revision` is accepted.
    """
    app = create_app()
    with app.app_context():
        try:
            if not any_revision:
                _check_revision(db_session())
            yield db_session(), app.extensions["doudi"]
        finally:
            db.session.remove()
            db.engine.dispose()


def _check_revision(session: Session) -> None:
    with reading(session):
        found, expected = current_revision(session), newest_revision()
    if found != expected:
        raise Conflict(
            "database.revision",
            f"数据库的表结构版本是{found or '空'}，本程序需要{expected}。"
            "请先运行 doudi db upgrade。",
            f"The tables are at revision {found or 'none'}, this version needs {expected};"
            " run `doudi db upgrade` first.",
        )

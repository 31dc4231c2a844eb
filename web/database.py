"""The session of the request, the engine prepared for the host's transactions, and migrations."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import Engine
from sqlalchemy.orm import Session

import models
from models.base import db
from workflows.transaction import prepare_engine


def install(app: Flask) -> None:
    """Prepare the engine before its first connection."""
    with app.app_context():
        prepare_engine(db.engine)


def db_session() -> Session:
    """The request's session; read with it, and write inside `transaction(db_session())`."""
    return db.session()


def current_moment() -> datetime:
    """The moment of the request, in UTC; commands get it as `now`."""
    return datetime.now(UTC)


def migrations(engine: Engine | None = None) -> AlembicConfig:
    """Alembic's configuration for the numbered migrations below models/migrations."""
    config = AlembicConfig()
    config.set_main_option("script_location", str(Path(models.__path__[0], "migrations")))
    config.set_main_option("path_separator", "os")
    config.attributes["engine"] = engine
    return config


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the tables to a revision, the newest by default."""
    command.upgrade(migrations(engine), revision)


def downgrade(engine: Engine, revision: str) -> None:
    """Take the tables back to a revision; `base` removes them all."""
    command.downgrade(migrations(engine), revision)


@cache
def newest_revision() -> str | None:
    """The revision that this code was written for."""
    return ScriptDirectory.from_config(migrations()).get_current_head()


def current_revision(session: Session) -> str | None:
    """The revision of the database."""
    return MigrationContext.configure(session.connection()).get_current_revision()

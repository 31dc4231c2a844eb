"""The session of the request, and the engine prepared for the host's transactions."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Flask
from sqlalchemy.orm import Session

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

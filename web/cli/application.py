"""The application of a command: configuration from the environment, an open session."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from models.base import db
from web import create_app
from web.config import Config
from web.database import db_session


@contextmanager
def deployment() -> Iterator[tuple[Session, Config]]:
    """The session and configuration of the deployment that the environment names."""
    app = create_app()
    with app.app_context():
        try:
            yield db_session(), app.extensions["doudi"]
        finally:
            db.session.remove()
            db.engine.dispose()

"""An application on a migrated SQLite database, a small district, and clients."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from models.base import db
from tests.web.desk import Desk
from tests.web.people import Tree, make_tree
from web import create_app
from web.config import Config
from web.keys import load_keys


@pytest.fixture
def app_url(sqlite_url: str) -> str:
    """The database of the application; a test file may name both kinds instead."""
    return sqlite_url


@pytest.fixture
def app(app_url: str, tmp_path: Path) -> Iterator[Flask]:
    """The application."""
    settings = Config(data=tmp_path, database_url=app_url, keys=load_keys(tmp_path / "keys.json"))
    made = create_app(settings)
    yield made
    with made.app_context():
        db.engine.dispose()


@pytest.fixture
def tree(app: Flask) -> Tree:
    """The offices of a small district."""
    return make_tree(app)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Somebody's browser, not signed in."""
    return app.test_client()


@pytest.fixture
def desk(app: Flask) -> Desk:
    """A district at work."""
    return Desk.opened(app)

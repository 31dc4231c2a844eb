"""An application on a migrated SQLite database, a small district, and clients."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.applications import application
from tests.web.desk import Desk
from tests.web.people import Tree, make_tree


@pytest.fixture
def app_url(sqlite_url: str) -> str:
    """The database of the application; a test file may name both kinds instead."""
    return sqlite_url


@pytest.fixture
def app(app_url: str, tmp_path: Path) -> Iterator[Flask]:
    """The application."""
    with application(tmp_path, app_url) as made:
        yield made


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

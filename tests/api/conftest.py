"""The application over a small real district with the published policy, and clients by token."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from models.base import db
from tests.api.clients import Api, make_api
from web import create_app
from web.config import Config
from web.keys import load_keys


@pytest.fixture
def app(engine: Engine, tmp_path: Path) -> Iterator[Flask]:
    """The application on a migrated database of each kind."""
    address = engine.url.render_as_string(hide_password=False)
    made = create_app(
        Config(data=tmp_path, database_url=address, keys=load_keys(tmp_path / "keys.json"))
    )
    yield made
    with made.app_context():
        db.engine.dispose()


@pytest.fixture
def api(app: Flask, session: Session) -> Api:
    """The district, its staff's tokens and a client."""
    return make_api(app, session)

"""The application over a small real district with the published policy, and clients by token."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from tests.api.clients import Api, make_api
from tests.applications import application


@pytest.fixture
def app(engine: Engine, tmp_path: Path) -> Iterator[Flask]:
    """The application on a migrated database of each kind."""
    address = engine.url.render_as_string(hide_password=False)
    with application(tmp_path, address) as made:
        yield made


@pytest.fixture
def api(app: Flask, session: Session) -> Api:
    """The district, its staff's tokens and a client."""
    return make_api(app, session)

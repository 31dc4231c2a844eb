"""The real application behind a real server, on a database of its own, for a real browser."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.serving import make_server

from tests.applications import application
from tests.browser.people import Clock
from tests.conditions import missing
from tests.web.desk import Desk

DIST = Path(__file__).parent.parent.parent / "web" / "static" / "dist"


@pytest.fixture
def app(sqlite_url: str, tmp_path: Path) -> Iterator[Flask]:
    """The application."""
    if not (DIST / "app.js").exists():
        missing("the built front end (make frontend)")
    with application(tmp_path, sqlite_url) as made:
        yield made


@pytest.fixture
def desk(app: Flask) -> Desk:
    """A district at work."""
    return Desk.opened(app)


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """Where the application is served."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The time that the application sees."""
    return Clock(monkeypatch)

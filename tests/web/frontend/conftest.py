"""The built front end, served to a real browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conditions import missing
from tests.web.frontend.site import WEB, Site, served


@pytest.fixture
def site() -> Iterator[Site]:
    """A site with the built front end."""
    if not (WEB / "static" / "dist" / "app.js").exists():
        missing("the built front end (make frontend)")
    with served() as running:
        yield running

"""The application over a small real district, as for the JSON interface; pages use it too."""

from __future__ import annotations

from tests.api.conftest import api, app

__all__ = ["api", "app"]

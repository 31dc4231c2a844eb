"""Addresses of style sheets and scripts, with a version so that browsers may keep them."""

from __future__ import annotations

import hashlib
from pathlib import Path

from flask import Flask, url_for

_YEAR = 365 * 24 * 3600


def install(app: Flask) -> None:
    """Give templates `asset(name)` for a file of static/dist."""
    folder = Path(app.root_path) / "static" / "dist"
    versions = {path.name: _version(path) for path in folder.glob("*") if path.is_file()}
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = _YEAR if versions else None

    def asset(name: str) -> str:
        return url_for("static", filename=f"dist/{name}", v=versions.get(name))

    app.jinja_env.globals["asset"] = asset


def _version(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]

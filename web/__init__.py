"""Three faces that translate and never decide: pages (HTML), api (JSON) and the command line."""

from __future__ import annotations

from flask import Flask

from models.base import db
from web import (
    assets,
    auth,
    config,
    database,
    errors,
    formats,
    headers,
    health,
    i18n,
    logs,
    navigation,
    pages,
)


def create_app(settings: config.Config | None = None) -> Flask:
    """The Flask application for one deployment; reads the environment when not given settings."""
    settings = settings or config.Config.from_environment()
    app = Flask(__name__)
    config.install(app, settings)
    db.init_app(app)
    database.install(app)
    logs.install(app)
    i18n.install(app)
    auth.install(app)
    headers.install(app)
    errors.install(app)
    assets.install(app)
    formats.install(app)
    navigation.install(app)
    app.register_blueprint(health.blueprint)
    pages.register(app)
    return app

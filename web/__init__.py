"""Three faces that translate and never decide: pages (HTML), api (JSON) and the command line."""

from __future__ import annotations

from flask import Flask

from models.base import db
from web.api import register as register_api
from web.assets import install as install_assets
from web.auth import install as install_auth
from web.config import Config
from web.config import install as install_config
from web.database import install as install_database
from web.errors import install as install_errors
from web.formats import install as install_formats
from web.headers import install as install_headers
from web.health import blueprint as health
from web.i18n import install as install_languages
from web.logs import install as install_logs
from web.navigation import install as install_navigation
from web.pages import register as register_pages
from web.words import install as install_words


def create_app(config: Config | None = None) -> Flask:
    """The Flask application of one deployment; reads the environment when given no config."""
    app = Flask(__name__)
    install_config(app, config or Config.from_environment())
    db.init_app(app)
    install_database(app)
    install_logs(app)
    install_languages(app)
    install_auth(app)
    install_headers(app)
    install_errors(app)
    install_assets(app)
    install_formats(app)
    install_navigation(app)
    install_words(app)
    app.register_blueprint(health)
    register_pages(app)
    register_api(app)
    return app

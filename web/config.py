"""Where a deployment keeps its data, and the limits of its sessions and requests."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from flask import Flask, current_app

from web.keys import Keys, load_keys

VERSION = "0.1.0"
#: below the data folder; where it is, the deployment is a demonstration
DEMO_PASSWORD = "demo-password"
DEMO_NOTE = (
    "演示环境：村（社区）、人员和办件均为虚构，请勿录入真实个人信息。",
    "A demonstration: villages, people and cases are invented. Enter no real personal data.",
)


@dataclass(frozen=True, slots=True)
class Config:
    """One deployment. `data` holds the embedded database, the key file and attachments."""

    data: Path
    database_url: str
    keys: Keys = field(repr=False)
    #: session cookies only over TLS, and HSTS
    secure: bool = False
    #: how many proxies in front set X-Forwarded-For
    proxies: int = 0
    idle: timedelta = timedelta(minutes=30)
    absolute: timedelta = timedelta(hours=12)
    max_request_bytes: int = 21 * 1024 * 1024
    max_form_bytes: int = 512 * 1024
    #: fonts for printed notices; by default those of the system
    notice_font: Path | None = None
    notice_title_font: Path | None = None
    #: shown above every page, such as that this is a demonstration
    note: str = ""
    note_en: str = ""

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> Config:
        """From DATA, DATABASE_URL, SECURE_COOKIES, PROXIES, SESSION_IDLE_MINUTES, SESSION_HOURS,
        NOTICE_FONT, NOTICE_TITLE_FONT, NOTE.

        Creates the folder DATA and its key file at the first start.
        """
        environ = os.environ if environ is None else environ
        data = Path(environ.get("DATA") or "data").resolve()
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        is_demo = (data / DEMO_PASSWORD).exists()
        return cls(
            data=data,
            database_url=database_url(environ.get("DATABASE_URL"), data),
            keys=load_keys(data / "keys.json"),
            secure=environ.get("SECURE_COOKIES", "") == "1",
            proxies=int(environ.get("PROXIES") or 0),
            idle=timedelta(minutes=int(environ.get("SESSION_IDLE_MINUTES") or 30)),
            absolute=timedelta(hours=int(environ.get("SESSION_HOURS") or 12)),
            notice_font=_path(environ.get("NOTICE_FONT")),
            notice_title_font=_path(environ.get("NOTICE_TITLE_FONT")),
            note=environ.get("NOTE") or (DEMO_NOTE[0] if is_demo else ""),
            note_en=environ.get("NOTE") or (DEMO_NOTE[1] if is_demo else ""),
        )


def _path(given: str | None) -> Path | None:
    return Path(given) if given else None


def database_url(given: str | None, data: Path) -> str:
    """The address for SQLAlchemy: SQLite below `data` by default, psycopg for PostgreSQL."""
    if not given:
        return f"sqlite:///{data / 'doudi.sqlite3'}"
    for scheme in ("postgres://", "postgresql://"):
        if given.startswith(scheme):
            return "postgresql+psycopg://" + given.removeprefix(scheme)
    return given


def install(app: Flask, settings: Config) -> None:
    """Give Flask and its extensions what they read from `app.config`."""
    app.extensions["doudi"] = settings
    app.jinja_env.globals["deployment_note"] = (settings.note, settings.note_en)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.config.update(
        SECRET_KEY=settings.keys.secret_key,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SESSION_COOKIE_NAME="__Host-doudi" if settings.secure else "doudi",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure,
        SESSION_REFRESH_EACH_REQUEST=False,
        MAX_CONTENT_LENGTH=settings.max_request_bytes,
        MAX_FORM_MEMORY_SIZE=settings.max_form_bytes,
        MAX_FORM_PARTS=1000,
        # A failed statement's values are personal data; they stay out of logs.
        SQLALCHEMY_ENGINE_OPTIONS={"hide_parameters": True},
        # The token lives as long as the session that it belongs to.
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_CHECK_DEFAULT=False,
        BABEL_DEFAULT_LOCALE="zh_Hans_CN",
        BABEL_DEFAULT_TIMEZONE="Asia/Shanghai",
    )


def settings() -> Config:
    """The configuration of the running application."""
    found: Config = current_app.extensions["doudi"]
    return found

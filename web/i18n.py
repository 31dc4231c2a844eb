"""The language of a page: Chinese, with an English catalogue compiled when the process starts."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask, has_request_context, session
from flask_babel import Babel, gettext

LANGUAGES = {"zh": "中文", "en": "English"}
_LOCALES = {"zh": "zh_Hans_CN", "en": "en"}
_TAGS = {"zh": "zh-Hans", "en": "en"}

babel = Babel()


def install(app: Flask) -> None:
    """Choose the language of each request; compile catalogues that changed."""
    for catalogue in Path(app.root_path, "translations").glob("*/LC_MESSAGES/messages.po"):
        _compile(catalogue)
    babel.init_app(app, locale_selector=lambda: _LOCALES[language()])
    app.context_processor(
        lambda: {"language": language(), "language_tag": _TAGS[language()], "languages": LANGUAGES}
    )
    app.jinja_env.globals["text_of"] = text_of


def language() -> str:
    """`zh` or `en`, as chosen on this browser (taken from the account at sign-in)."""
    chosen = session.get("locale") if has_request_context() else None
    return chosen if chosen in LANGUAGES else "zh"


def text_of(chinese: str, english: str | None) -> str:
    """Of two texts that data carries (a message, a label), the one in the page's language."""
    return english if english and language() == "en" else chinese


def message(chinese: str, **values: object) -> str:
    """A sentence of the catalogue in the request's language, for code outside of templates."""
    return str(gettext(chinese, **values))


def _compile(catalogue: Path) -> None:
    """Write the binary catalogue beside its source; left alone where the folder is read-only."""
    compiled = catalogue.with_suffix(".mo")
    if compiled.exists() and compiled.stat().st_mtime >= catalogue.stat().st_mtime:
        return
    with suppress(PermissionError):
        partial = compiled.with_name(f".{secrets.token_hex(6)}.mo")
        with catalogue.open("rb") as source, partial.open("wb") as target:
            write_mo(target, read_po(source, locale=catalogue.parts[-3]))
        os.replace(partial, compiled)

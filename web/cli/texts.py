"""`doudi texts`: collect the sentences of pages for translation."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from web.config import VERSION

_WEB = Path(__file__).resolve().parent.parent
CATALOGUE = _WEB / "translations" / "en" / "LC_MESSAGES" / "messages.po"
_METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]
_KEYWORDS = {
    "_": None,
    "gettext": None,
    "lazy_gettext": None,
    "message": None,
}


@click.group("texts")
def texts_group() -> None:
    """Sentences of pages and their translations."""


@texts_group.command("update")
def update_command() -> None:
    """Bring the English catalogue up to date; new sentences are empty in it."""
    catalogue = updated_catalogue()
    CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
    with CATALOGUE.open("wb") as file:
        write_po(file, catalogue, width=100, omit_header=False, no_location=True, sort_output=True)
    missing = missing_texts(catalogue)
    for text in missing:
        click.echo(text)
    click.echo(f"{len(missing)} of {len(catalogue)} without English")


def updated_catalogue() -> Catalog:
    """The English catalogue with exactly the sentences that the code has now."""
    template = Catalog(charset="utf-8")
    found = extract_from_dir(_WEB, method_map=_METHODS, keywords=_KEYWORDS)
    for _file, _line, text, _comments, _context in found:
        template.add(text)
    catalogue = Catalog(locale="en", charset="utf-8")
    if CATALOGUE.exists():
        with CATALOGUE.open("rb") as file:
            catalogue = read_po(file, locale="en")
    catalogue.update(template, no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    catalogue.fuzzy = False
    catalogue.header_comment = "# English sentences of the pages; msgids are the Chinese ones."
    catalogue.project, catalogue.version = "Doudi", VERSION
    catalogue.copyright_holder = catalogue.last_translator = catalogue.language_team = "Doudi"
    catalogue.msgid_bugs_address = "-"
    catalogue.creation_date = catalogue.revision_date = datetime(2026, 1, 1, tzinfo=UTC)
    return catalogue


def missing_texts(catalogue: Catalog) -> list[str]:
    """The sentences that have no English yet."""
    return [str(entry.id) for entry in catalogue if entry.id and not entry.string]

"""What a case already knows, as labelled lines: answers of earlier forms, the calculation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from web.formats import day, moment, money
from web.i18n import message
from workflows.decisions.forms import FieldKind, FormField


@dataclass(frozen=True, slots=True)
class KnownForm:
    """The answers of one earlier form: labels and texts; `files` are (id, name) pairs."""

    title: str
    lines: tuple[tuple[str, str], ...]
    files: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Names:
    """What ids in answers stand for: accounts, people of households, and attachments."""

    people: Mapping[str, str]
    files: Mapping[str, str]


def known_form(
    title: str, fields: Mapping[str, FormField], values: Mapping[str, Any], names: Names
) -> KnownForm:
    """One form's answers."""
    files: list[tuple[str, str]] = []
    lines: list[tuple[str, str]] = []
    for key, found in fields.items():
        value = values.get(key)
        if found.kind is FieldKind.ATTACHMENTS:
            files += [
                (str(item), names.files.get(str(item), str(item)[:8])) for item in value or ()
            ]
        elif value is not None:
            lines.append((found.label, shown_value(found, value, names)))
    return KnownForm(title, tuple(lines), tuple(files))


def shown_value(found: FormField, value: Any, names: Names) -> str:
    """An answer as text: labels of options, names of people, days in words."""
    if found.kind is FieldKind.SURVEYORS:
        return "、".join(names.people.get(str(item), str(item)) for item in value)
    if found.kind in (FieldKind.CHOICE, FieldKind.CHOICES):
        labels = {str(option.value): option.label for option in found.options}
        items = value if isinstance(value, list | tuple) else [value]
        return "、".join(
            labels.get(str(item)) or names.people.get(str(item), str(item)) for item in items
        )
    if found.kind is FieldKind.MONEY and isinstance(value, Decimal):
        return money(value)
    return plain_text(value)


def plain_text(value: Any) -> str:
    """A FEEL value as a person reads it."""
    if isinstance(value, bool):
        return message("是") if value else message("否")
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return day(value)
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, list | tuple):
        return "、".join(plain_text(item) for item in value)
    return str(value)

"""A form as the host sees it: fields with their kinds, bounds and conditions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeAlias


class FieldKind(StrEnum):
    """What a field's answer is."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    NUMBER = "number"
    MONEY = "money"
    CHECKBOX = "checkbox"
    CHOICE = "choice"
    CHOICES = "choices"
    DATE = "date"
    DATETIME = "datetime"
    SURVEYORS = "surveyors"
    ATTACHMENTS = "attachments"


#: Kinds whose answer is a list.
LIST_KINDS = frozenset({FieldKind.CHOICES, FieldKind.SURVEYORS, FieldKind.ATTACHMENTS})


@dataclass(frozen=True, slots=True)
class Option:
    """One of the values that a choice offers."""

    value: Any
    label: str


@dataclass(frozen=True, slots=True)
class Bounds:
    """What an answer must keep to; None is no bound. Lengths are in characters or items."""

    minimum: Decimal | None = None
    maximum: Decimal | None = None
    decimals: int | None = None
    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None
    format: str | None = None
    min_items: int | None = None
    max_items: int | None = None
    local_time: bool = False
    not_in_past: bool = False


@dataclass(frozen=True, slots=True)
class FormField:
    """A field; its conditions, `options_from` and bounds of days are FEEL over answers and scope.

    `component` is the form-js type that draws it; `properties` are its custom properties.
    """

    key: str
    label: str
    kind: FieldKind
    component: str
    id: str = ""
    required: bool = False
    readonly: bool = False
    description: str = ""
    bounds: Bounds = field(default_factory=Bounds)
    options: tuple[Option, ...] = ()
    options_from: str | None = None
    hide: str | None = None
    required_when: str | None = None
    #: FEEL for the first and the last day that a date may name; null is no bound
    earliest: str | None = None
    latest: str | None = None
    default: Any = None
    #: what a fresh form shows instead of the variable of its key: `today`, `me` (people to
    #: choose), `nothing` (asked anew each time), or the name of another variable
    start: str | None = None
    accept: str = ""
    properties: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TextBlock:
    """Text between fields, as Markdown."""

    text: str
    id: str = ""
    hide: str | None = None


@dataclass(frozen=True, slots=True)
class Separator:
    """A line or a gap."""

    id: str = ""
    hide: str | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Parts under one heading, hidden together."""

    label: str
    parts: tuple[Part, ...]
    id: str = ""
    hide: str | None = None


Part: TypeAlias = FormField | TextBlock | Separator | Group


@dataclass(frozen=True, slots=True, eq=False)
class Form:
    """A form-js document: its parts in order, and `fields`, all of them by key.

    `file` names where it comes from.
    """

    key: str
    title: str
    parts: tuple[Part, ...]
    fields: Mapping[str, FormField]
    file: str

    @property
    def writes(self) -> frozenset[str]:
        """The keys of the variables that answers to this form may set."""
        return frozenset(found.key for found in self.fields.values() if not found.readonly)

    def placed(self) -> Iterator[tuple[FormField, tuple[str, ...]]]:
        """Each field with the conditions that hide it: of the groups around it and its own."""
        yield from _placed(self.parts, ())

    def conditions(self) -> Iterator[tuple[str, str, str]]:
        """All FEEL of the form: the id or key of its part, what it is for, the text."""
        yield from _conditions(self.parts)


def _placed(
    parts: tuple[Part, ...], around: tuple[str, ...]
) -> Iterator[tuple[FormField, tuple[str, ...]]]:
    for part in parts:
        hiding = around if part.hide is None else (*around, part.hide)
        if isinstance(part, Group):
            yield from _placed(part.parts, hiding)
        elif isinstance(part, FormField):
            yield part, hiding


def _conditions(parts: tuple[Part, ...]) -> Iterator[tuple[str, str, str]]:
    for part in parts:
        name = part.key if isinstance(part, FormField) else part.id
        if part.hide is not None:
            yield name, "hide", part.hide
        if isinstance(part, Group):
            yield from _conditions(part.parts)
        elif isinstance(part, FormField):
            if part.required_when is not None:
                yield name, "required-when", part.required_when
            if part.earliest is not None:
                yield name, "earliest", part.earliest
            if part.latest is not None:
                yield name, "latest", part.latest
            if part.options_from is not None:
                yield name, "values", part.options_from

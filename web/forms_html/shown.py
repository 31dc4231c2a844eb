"""A published form as a template shows it: every field with its value, options and problems."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from web.forms_html.posted import FILES, MANY, MOMENT, ONE
from web.i18n import text_of
from workflows.calendar import LOCAL_ZONE, local_day
from workflows.decisions.forms import (
    FieldKind,
    Form,
    FormField,
    Group,
    Part,
    Shape,
    TextBlock,
    form_shape,
)
from workflows.decisions.forms.model import LIST_KINDS
from workflows.errors import Finding


@dataclass(frozen=True, slots=True)
class Choice:
    """An option of a choice."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class FieldView:
    """A field: `name` is sent, `id` is where findings lead; `values` are what it shows."""

    key: str
    name: str
    id: str
    field: FormField
    required: bool
    values: tuple[str, ...]
    choices: tuple[Choice, ...]
    errors: tuple[str, ...]
    #: other fields depend on it: a change asks the server what to show
    decides: bool
    upload_name: str = ""

    @property
    def part(self) -> str:
        """Which macro draws it."""
        return "field"

    @property
    def kind(self) -> str:
        """The kind of its answer."""
        return self.field.kind.value

    @property
    def value(self) -> str:
        """The one value that it shows."""
        return self.values[0] if self.values else ""

    @property
    def as_select(self) -> bool:
        """Whether a choice is a list to open rather than buttons."""
        return self.field.component == "select"


@dataclass(frozen=True, slots=True)
class HiddenView:
    """A field that doesn't apply now; what was typed in it is kept in the page."""

    name: str
    values: tuple[str, ...]
    part: str = "hidden"


@dataclass(frozen=True, slots=True)
class TextView:
    """Text between fields; each line is a paragraph, a heading where `heading`."""

    lines: tuple[str, ...]
    part: str = "text"


@dataclass(frozen=True, slots=True)
class GroupView:
    """Fields under one heading."""

    label: str
    parts: tuple[Any, ...]
    part: str = "group"


@dataclass(frozen=True, slots=True)
class FormView:
    """A form ready to draw; `summary` has every finding with the id of its field."""

    form: Form
    parts: tuple[Any, ...]
    summary: tuple[tuple[str | None, str], ...] = ()
    missing: tuple[tuple[str, str], ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)


def show_form(
    form: Form,
    raw: Mapping[str, Any],
    *,
    scope: Mapping[str, Any],
    now: datetime,
    findings: Sequence[Finding] = (),
    staff: Sequence[tuple[str, str]] = (),
    prefix: str = "",
    deciding: frozenset[str] = frozenset(),
) -> FormView:
    """The form with the answers typed so far; `staff` are the people surveyors are chosen from.

    `prefix` tells the rows apart where a page holds the form more than once; `deciding` names more
    fields whose change the page asks the server about. `missing` lists what has to be answered and
    isn't yet.
    """
    known = {key: value for key, value in raw.items() if key in form.fields}
    shape = form_shape(form, known, scope=scope, now=now)
    maker = _Maker(form, known, shape, findings, staff, prefix)
    maker.deciding |= deciding
    parts = maker.parts(form.parts, hidden=False)
    placed = {found.field for found in findings if found.field in form.fields}
    summary = tuple(
        (f"{prefix}f-{found.field}" if found.field in placed else None, _sentence(found))
        for found in findings
    )
    missing = tuple(
        (f"{prefix}f-{key}", form.fields[key].label)
        for key in form.fields
        if key in shape.required and not known.get(key)
    )
    return FormView(form, parts, summary, missing, known)


def start_values(
    form: Form, scope: Mapping[str, Any], *, now: datetime | None = None, me: str = ""
) -> dict[str, Any]:
    """What a fresh form shows: what fields start with, else what the process knows, else defaults.

    `now` and `me`, an account's id, stand behind the starts `today` and `me`.
    """
    known = {
        "today": local_day(now) if now else None, "me": [me] if me else None, "nothing": None,
    }  # fmt: skip
    values: dict[str, Any] = {}
    for key, found in form.fields.items():
        if found.start is not None:
            value = known[found.start] if found.start in known else scope.get(found.start)
        else:
            value = scope.get(key)
        if value is None:
            value = found.default
        if found.kind is FieldKind.MONEY and isinstance(value, Decimal):
            value = f"{value:.2f}"
        if value is not False and value not in (None, "", []):  # nought is an answer
            values[key] = _as_raw(value)
    return values


def _as_raw(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [str(item) for item in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.astimezone(LOCAL_ZONE).isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


class _Maker:
    def __init__(
        self,
        form: Form,
        raw: Mapping[str, Any],
        shape: Shape,
        findings: Sequence[Finding],
        staff: Sequence[tuple[str, str]],
        prefix: str,
    ) -> None:
        self.raw = raw
        self.shape = shape
        self.staff = staff
        self.prefix = prefix
        self.errors: dict[str, list[str]] = {}
        for found in findings:
            self.errors.setdefault(found.field or "", []).append(_sentence(found))
        conditions = " ".join(text for _, _, text in form.conditions())
        self.deciding = {key for key in form.fields if key in conditions}

    def parts(self, given: Sequence[Part], *, hidden: bool) -> tuple[Any, ...]:
        made: list[Any] = []
        for part in given:
            if isinstance(part, FormField):
                made.append(self._field(part))
            elif isinstance(part, TextBlock):
                if not hidden and part.id not in self.shape.hidden_parts:
                    made.append(TextView(tuple(part.text.splitlines())))
            elif isinstance(part, Group):
                gone = hidden or part.id in self.shape.hidden_parts
                inner = self.parts(part.parts, hidden=gone)
                made.extend(inner if gone else [GroupView(part.label, inner)])
        return tuple(made)

    def _field(self, found: FormField) -> FieldView | HiddenView:
        values = _texts(self.raw.get(found.key))
        name = self.prefix + field_name(found)
        if found.key in self.shape.hidden:
            return HiddenView(name, values)
        if found.kind is FieldKind.DATETIME:
            values = tuple(value[:16] for value in values)
        return FieldView(
            key=found.key,
            name=name,
            id=f"{self.prefix}f-{found.key}",
            field=found,
            required=found.key in self.shape.required,
            values=values,
            choices=self._choices(found, values),
            errors=tuple(self.errors.get(found.key, ())),
            decides=found.key in self.deciding,
            upload_name=f"{FILES}{found.key}" if found.kind is FieldKind.ATTACHMENTS else "",
        )

    def _choices(self, found: FormField, values: tuple[str, ...]) -> tuple[Choice, ...]:
        if found.kind is FieldKind.SURVEYORS:
            options: Sequence[tuple[str, str]] = self.staff
        elif found.options_from is not None:
            options = self.shape.options.get(found.key, ())
        else:
            options = [(_as_raw(option.value), option.label) for option in found.options]
        return tuple(Choice(value, label, value in values) for value, label in options)


def field_name(found: FormField) -> str:
    """The name that a field is sent under."""
    if found.kind in LIST_KINDS:
        return f"{MANY}{found.key}"
    return f"{MOMENT if found.kind is FieldKind.DATETIME else ONE}{found.key}"


def _texts(raw: Any) -> tuple[str, ...]:
    if raw is None or raw == "":
        return ()
    if isinstance(raw, list | tuple):
        return tuple(str(item) for item in raw)
    return (_as_raw(raw),)


def _sentence(found: Finding) -> str:
    return text_of(found.message, found.message_en)

"""What is known of types before a case runs: of constants, of variables, of form fields."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from workflows.decisions import FieldKind, FormField
from workflows.definitions.diagram.model import ProcessModel
from workflows.definitions.notices import EXPLAINED
from workflows.feel import Expression, FeelLimitExceeded, Value, type_name
from workflows.feel.inference.kinds import (
    ANY,
    NUMBER,
    STRING,
    Kind,
    context_of,
    kind_named,
    list_of,
)

_WHEN = datetime(2026, 1, 1, tzinfo=UTC)
_KINDS = {
    **{name: kind_named(name) for name in ("string", "number", "boolean", "date", "list")},
    "context": kind_named("context"),
    "dateTime": kind_named("date and time"),
    "duration": kind_named("days and time duration", "years and months duration"),
}
#: What every expression may read besides the variables of its process.
AMBIENT_KINDS = {
    "case": context_of(
        {
            "number": STRING,
            "channel": STRING,
            "status": STRING,
            "opened_on": kind_named("date"),
            "accepted_on": kind_named("date"),
        }
    )
}
#: The same in the text of a notice, which gets numbers as they are written.
NOTICE_KINDS = {
    "case": context_of(
        {
            "number": STRING,
            "opened_on": kind_named("date"),
            "accepted_on": kind_named("date"),
            "monthly": STRING,
        }
    ),
    **dict.fromkeys(EXPLAINED, list_of(STRING)),
}
_OF_FIELDS = {
    FieldKind.TEXT: "string",
    FieldKind.LONG_TEXT: "string",
    FieldKind.NUMBER: "number",
    FieldKind.MONEY: "number",
    FieldKind.CHECKBOX: "boolean",
    FieldKind.CHOICES: "list",
    FieldKind.DATE: "date",
    FieldKind.DATETIME: "dateTime",
    FieldKind.SURVEYORS: "list",
    FieldKind.ATTACHMENTS: "list",
}


class NoConstant(ValueError):
    """The expression reads something, or asks for more work than a check may do."""


def constant(expression: Expression) -> Value:
    """The value of an expression that reads and calls nothing.

    Raises:
        NoConstant: when it does, or exceeds the limits of FEEL.
    """
    if expression.free_names or expression.called_functions:
        raise NoConstant
    try:
        return expression.value({}, now=_WHEN)
    except FeelLimitExceeded as error:
        raise NoConstant from error


def kind_of(type_: str) -> Kind:
    """The kind of a variable with this type; any for `any`."""
    return _KINDS.get(type_, ANY)


def kinds_of(process: ProcessModel) -> dict[str, Kind]:
    """The kinds of what the expressions of a process may read."""
    own = {variable.name: kind_of(variable.type) for variable in process.variables.values()}
    return {**AMBIENT_KINDS, **own}


def kinds_in_notices(processes: Iterable[ProcessModel]) -> dict[str, Kind]:
    """The kinds of what the text of a notice may read; any where processes differ about it."""
    found: dict[str, Kind] = {}
    for process in processes:
        for variable in process.variables.values():
            kind = kind_of(variable.type)
            kind = STRING if kind == NUMBER else kind
            found[variable.name] = kind if found.setdefault(variable.name, kind) == kind else ANY
    return {**found, **NOTICE_KINDS}


def field_kind(field: FormField) -> Kind:
    """The kind of the answer to a field."""
    types = field_types(field)
    return ANY if types is None or len(types) != 1 else kind_of(next(iter(types)))


def field_types(field: FormField) -> frozenset[str] | None:
    """The types that the answer to a field can have, None where that can't be told."""
    if field.kind is not FieldKind.CHOICE:
        return frozenset({_OF_FIELDS[field.kind]})
    if field.options_from is not None:
        return None
    return frozenset(type_name(option.value) for option in field.options)

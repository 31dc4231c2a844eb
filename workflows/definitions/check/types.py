"""What is known of types before a case runs: of constants, of plain variables, of form fields."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from workflows.decisions import FieldKind, FormField
from workflows.definitions.diagram.model import Variable
from workflows.feel import Expression, FeelLimitExceeded, Value, type_name

_WHEN = datetime(2026, 1, 1, tzinfo=UTC)
_OF_FEEL = {
    "date and time": "dateTime",
    "days and time duration": "duration",
    "years and months duration": "duration",
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


def type_of(expression: Expression, variables: Mapping[str, Variable]) -> str | None:
    """The type of a variable's kind that the expression gives, None where that can't be told."""
    variable = variables.get(expression.text.strip())
    if variable is not None:
        return variable.type
    try:
        name = type_name(constant(expression))
    except NoConstant:
        return None
    return _OF_FEEL.get(name, name)


def field_types(field: FormField) -> frozenset[str] | None:
    """The types that the answer to a field can have, None where that can't be told."""
    if field.kind is not FieldKind.CHOICE:
        return frozenset({_OF_FIELDS[field.kind]})
    if field.options_from is not None:
        return None
    return frozenset(type_name(option.value) for option in field.options)

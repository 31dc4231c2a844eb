"""A marshmallow schema made from a form, for validation and for the API's description."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final

from marshmallow import RAISE, Schema, ValidationError, fields, missing

from workflows.decisions.forms.answers import REQUIRED, AnswerProblem, Problem, convert, is_empty
from workflows.decisions.forms.model import FieldKind, Form, FormField


def problem_data(problem: Problem) -> dict[str, str]:
    """A problem as a marshmallow message."""
    return {
        "code": problem.code,
        "message": problem.message,
        "message_en": problem.message_en,
    }


class _Answer(fields.Field[Any]):
    """Reads an answer by its form's rules; an empty one is None, or refused when required."""

    form_field: FormField

    def deserialize(
        self,
        value: Any,
        attr: str | None = None,
        data: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> Any:
        """The FEEL value. Raises: ValidationError with one message per problem."""
        found = self.form_field
        if value is missing or is_empty(value):
            if found.kind is FieldKind.CHECKBOX and not self.required:
                return False
            if self.required:
                raise ValidationError([problem_data(REQUIRED)])
            return None
        try:
            answer = convert(found, value)
        except AnswerProblem as error:
            raise ValidationError([problem_data(problem) for problem in error.problems]) from None
        if found.kind is FieldKind.CHECKBOX and self.required and answer is not True:
            raise ValidationError([problem_data(REQUIRED)])
        return answer


class TextAnswer(_Answer, fields.String):
    """A text."""


class NumberAnswer(_Answer, fields.Decimal):
    """A number, described to clients as text."""


class BooleanAnswer(_Answer, fields.Boolean):
    """Yes or no."""


class DateAnswer(_Answer, fields.Date):
    """A day, ISO 8601."""


class MomentAnswer(_Answer, fields.AwareDateTime):
    """A date and time with its offset, ISO 8601."""


class ListAnswer(_Answer, fields.List[Any]):
    """Several texts."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(fields.String(), **kwargs)


_CLASSES: Final[dict[FieldKind, Callable[..., _Answer]]] = {
    FieldKind.TEXT: TextAnswer,
    FieldKind.LONG_TEXT: TextAnswer,
    FieldKind.NUMBER: lambda **kwargs: NumberAnswer(as_string=True, **kwargs),
    FieldKind.MONEY: lambda **kwargs: NumberAnswer(as_string=True, **kwargs),
    FieldKind.CHECKBOX: BooleanAnswer,
    FieldKind.CHOICE: TextAnswer,
    FieldKind.CHOICES: ListAnswer,
    FieldKind.DATE: DateAnswer,
    FieldKind.DATETIME: MomentAnswer,
    FieldKind.SURVEYORS: ListAnswer,
    FieldKind.ATTACHMENTS: ListAnswer,
}


@lru_cache(maxsize=256)
def form_schema(form: Form) -> type[Schema]:
    """The schema class of a form: one field per key that it writes, unknown keys refused.

    A field is required when the form says so without a condition; what depends on other answers
    (hidden, required-when, values from an expression, patterns) is `validate_answers`'s part.
    """
    declared: dict[str, Any] = {"Meta": type("Meta", (), {"unknown": RAISE})}
    for found, hiding in form.placed():
        if not found.readonly:
            declared[found.key] = _field(found, required=found.required and not hiding)
    name = "".join(part.capitalize() for part in form.key.replace("_", "-").split("-"))
    return type(f"{name}Answers", (Schema,), declared)


def _field(found: FormField, *, required: bool) -> _Answer:
    metadata: dict[str, Any] = {"title": found.label, "x-kind": found.kind.value}
    if found.description:
        metadata["description"] = found.description
    if found.bounds.max_length is not None:
        metadata["maxLength"] = found.bounds.max_length
    if found.options and found.kind is FieldKind.CHOICE:
        metadata["enum"] = [str(option.value) for option in found.options]
    made = _CLASSES[found.kind](
        required=required,
        allow_none=not required,
        metadata=metadata,
        error_messages={"required": problem_data(REQUIRED)},
    )
    made.form_field = found
    return made

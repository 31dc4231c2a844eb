"""Forms of pages: read with a marshmallow schema, every finding at once, nothing typed is lost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import request
from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

from web.i18n import text_of
from workflows.errors import DoudiError, Finding, Invalid

_SENTENCES = {
    "required": ("请填写此项。", "Fill this in."),
    "too_long": ("内容过长，最多{limit}个字。", "Too long: at most {limit} characters."),
    "not_percent": ("请填写百分数，例如3.5。", "Enter a percentage such as 3.5."),
    "not_number": ("请填写整数。", "Enter a whole number."),
    "out_of_range": ("请填写{limit}之间的数。", "Enter a number within {limit}."),
    "not_a_choice": ("请从列表中选择。", "Choose one of the list."),
    "bad_login": (
        "账号名由小写字母、数字、点、横线组成，3至40个字符，以字母开头。",
        "A login has 3 to 40 small letters, digits, dots or dashes and begins with a letter.",
    ),
    "bad_code": (
        "区划代码由6至12位数字组成。",
        "An area code has 6 to 12 digits.",
    ),
    "bad_day": ("请填写日期，如2022-11-18。", "Enter a day such as 2022-11-18."),
    "bad_text": ("含有不能使用的字符。", "It holds characters that can't be used."),
}


class FormSchema(Schema):
    """A form's fields; what it doesn't declare is ignored (buttons, the CSRF token)."""

    class Meta:
        unknown = EXCLUDE


@dataclass(frozen=True, slots=True)
class Form:
    """What a form shows: the values as typed, and what is wrong with them."""

    values: Mapping[str, str] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()

    def value(self, name: str, default: object = "") -> str:
        """What the field shows."""
        return self.values.get(name, "" if default is None else str(default))

    def errors(self, name: str) -> list[str]:
        """The sentences under a field."""
        return [_sentence(finding) for finding in self.findings if finding.field == name]

    @property
    def summary(self) -> list[tuple[str | None, str]]:
        """Every finding, with the field that it belongs to."""
        return [(finding.field, _sentence(finding)) for finding in self.findings]


def read_form(schema: Schema) -> dict[str, Any]:
    """The submitted values. Raises Invalid with every finding, named by field."""
    try:
        loaded: dict[str, Any] = schema.load(request.form.to_dict())
    except ValidationError as error:
        messages = error.messages_dict
        raise Invalid("form.invalid", findings=_findings(messages)) from error
    return loaded


def rejected(error: DoudiError, *, secret: Iterable[str] = ()) -> Form:
    """The submitted form again, with what was wrong; fields named `secret` come back empty."""
    values = {name: text for name, text in request.form.items() if name not in set(secret)}
    findings = error.findings or (Finding(error.code, error.message, error.message_en),)
    return Form(values, tuple(findings))


def text_field(limit: int = 100, *, required: bool = True, trim: bool = True) -> fields.Field[str]:
    """A line of text, trimmed; control characters are refused."""
    return _Text(
        required=required,
        load_default="" if not required else None,
        trim=trim,
        limit=limit,
        error_messages={"required": "required", "null": "required", "invalid": "bad_text"},
    )


def pattern_field(pattern: str, code: str) -> fields.String:
    """A text of a given form; `code` names the sentence for anything else."""
    return fields.String(
        required=True,
        validate=validate.Regexp(pattern, error=code),
        error_messages={"required": "required", "invalid": code},
    )


def choice_field(choices: Iterable[str]) -> fields.String:
    """One of the given values."""
    return fields.String(
        required=True,
        validate=validate.OneOf(list(choices), error="not_a_choice"),
        error_messages={"required": "required", "invalid": "not_a_choice"},
    )


def day_field() -> fields.Date:
    """A day such as 2022-11-18."""
    return fields.Date(
        required=True,
        error_messages={"required": "required", "null": "required", "invalid": "bad_day"},
    )


def number_field(low: int, high: int) -> fields.Integer:
    """A whole number within a range."""
    return fields.Integer(
        required=True,
        validate=validate.Range(low, high, error=f"out_of_range:{low}–{high}"),
        error_messages={"required": "required", "invalid": "not_number"},
    )


def optional_number_field(low: int, high: int) -> fields.Integer:
    """A whole number within a range, or nothing."""
    return _NumberOrNothing(
        allow_none=True,
        load_default=None,
        validate=validate.Range(low, high, error=f"out_of_range:{low}–{high}"),
        error_messages={"invalid": "not_number"},
    )


class _NumberOrNothing(fields.Integer):
    def deserialize(self, value: Any, *place: Any, **options: Any) -> Any:
        text = value.strip() if isinstance(value, str) else value
        return super().deserialize(text or None, *place, **options)


class _Text(fields.String):
    def __init__(self, *, limit: int, trim: bool, **options: Any) -> None:
        if options["required"]:
            del options["load_default"]
        super().__init__(**options)
        self.limit, self.trim = limit, trim

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **options: Any
    ) -> Any:
        text = super()._deserialize(value, attr, data, **options)
        text = text.strip() if self.trim else text
        if self.required and not text:
            raise ValidationError("required")
        if len(text) > self.limit:
            raise ValidationError(f"too_long:{self.limit}")
        if any(ord(letter) < 32 or 0xD800 <= ord(letter) <= 0xDFFF for letter in text):
            raise ValidationError("bad_text")
        return text


def _findings(messages: Mapping[str, Any]) -> list[Finding]:
    found = []
    for name, codes in messages.items():
        for message in codes:
            code, _, limit = str(message).partition(":")
            chinese, english = _SENTENCES.get(code, (message, message))
            found.append(
                Finding(
                    f"form.{code}",
                    chinese.format(limit=limit),
                    english.format(limit=limit),
                    field=name,
                )
            )
    return found


def _sentence(finding: Finding) -> str:
    return text_of(finding.message, finding.message_en)

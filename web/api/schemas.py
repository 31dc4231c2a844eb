"""What the JSON interface takes and gives, as marshmallow schemas made once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

_LOWEST = 32
_KEY = re.compile(r"[A-Za-z0-9_.-]{1,100}")


class ApiText(fields.String):
    """Text without control characters (line breaks are allowed) and lone surrogates."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **options: Any
    ) -> str:
        text: str = super()._deserialize(value, attr, data, **options)
        if any(
            (ord(sign) < _LOWEST and sign not in "\n\t") or 0xD800 <= ord(sign) <= 0xDFFF
            for sign in text
        ):
            raise ValidationError("It holds characters that can't be kept.")
        return text


def text(limit: int = 200, *, required: bool = True, least: int = 0, **more: Any) -> ApiText:
    """A text of at most `limit` characters."""
    rule = validate.Length(min=least or (1 if required else None), max=limit)
    return ApiText(required=required, validate=rule, **more)


def key_text(*, required: bool = True, **more: Any) -> fields.String:
    """A key of the policy or a code: ASCII letters, digits, dots, dashes."""
    return fields.String(
        required=required, validate=_is_key, metadata={"pattern": f"^{_KEY.pattern}$"}, **more
    )


def _is_key(value: str) -> None:
    if not _KEY.fullmatch(value):
        raise ValidationError("A key consists of ASCII letters, digits, dots and dashes.")


def choice(values: Iterable[str], *, required: bool = True, **more: Any) -> fields.String:
    """One of the given texts."""
    return fields.String(required=required, validate=validate.OneOf(list(values)), **more)


def version() -> fields.Integer:
    """A version of a case that the client has seen."""
    return fields.Integer(strict=True, validate=validate.Range(0, 10**9), allow_none=True)


def given(**metadata: Any) -> fields.String:
    """A text that an answer always holds."""
    return fields.String(required=True, metadata=metadata)


def maybe(**metadata: Any) -> fields.String:
    """A text, or null, that an answer always holds."""
    return fields.String(required=True, allow_none=True, metadata=metadata)


class Empty(Schema):
    """Nothing."""


class FindingSchema(Schema):
    """One thing that is wrong; `field` names the place in the request."""

    code = given()
    message = given()
    field = maybe()
    severity = given()


class ProblemSchema(Schema):
    """A problem document (RFC 9457); `code` is stable, `detail` is in the language asked for."""

    type = given()
    title = given()
    status = fields.Integer(required=True)
    detail = given()
    instance = given()
    code = given()
    details = fields.Dict(required=True)
    findings = fields.List(fields.Nested(FindingSchema), required=True)

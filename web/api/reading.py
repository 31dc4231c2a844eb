"""Requests of the JSON interface: bodies, queries and headers, with every finding at once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

import orjson
from flask import request
from marshmallow import RAISE, Schema, ValidationError
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import UnsupportedMediaType

from workflows.errors import Finding, Invalid

_VERSION = re.compile(r'(?P<quote>"?)(?P<number>[0-9]{1,9})(?P=quote)')
_KEY = re.compile(r"[\x21-\x7e]{1,200}")

_SENTENCES = {
    "Missing data for required field.": ("缺少此项。", "This is missing."),
    "Unknown field.": ("没有这一项。", "There is no such field."),
    "Field may not be null.": ("此项不能为 null。", "This may not be null."),
}
_OTHER = ("此项的值不符合要求。", "This value is not acceptable.")


class ApiParser(FlaskParser):
    """Reads JSON strictly (no NaN, no lone surrogates) and refuses unknown names everywhere."""

    DEFAULT_UNKNOWN_BY_LOCATION: dict[str, str | None] = {  # noqa: RUF012  # an attribute there
        **FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION,
        "json": RAISE,
        "query": RAISE,
    }

    def load_json(self, req: Any, schema: Schema) -> Any:
        """The body of the request."""
        return read_json()

    def handle_error(
        self,
        error: ValidationError,
        req: Any,
        schema: Schema,
        *,
        error_status_code: int | None,
        error_headers: Mapping[str, str] | None,
    ) -> NoReturn:
        """Raise Invalid with a finding for each message of marshmallow's."""
        # The first level names the location: json, query.
        findings = [
            finding for part in error.messages_dict.values() for finding in _findings(part, "")
        ]
        raise Invalid(
            "request.invalid",
            "提交的内容有误，请按提示修改。",
            "The request is not acceptable; see its findings.",
            findings=findings,
        ) from error


def read_json() -> Any:
    """The request's body as JSON; an empty one counts as an empty object.

    Raises:
        UnsupportedMediaType: for a body of another type. Invalid: `request.not_json`.
    """
    content = request.get_data()
    if not content:
        return {}
    if not request.is_json:
        raise UnsupportedMediaType
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise Invalid(
            "request.not_json",
            f"提交的内容不是有效的 JSON（第 {error.lineno} 行）。",
            f"The body is not valid JSON (line {error.lineno}).",
        ) from error


def case_version(body: Mapping[str, Any]) -> int | None:
    """The version of the case that the client has seen: `If-Match`, or `case_version` in the body.

    Raises:
        Invalid: `header.if_match` when the header is no version or contradicts the body.
    """
    given: int | None = body.get("case_version")
    header = request.headers.get("If-Match", "").strip()
    if header in {"", "*"}:
        return given
    found = _VERSION.fullmatch(header)
    if found is None or given not in {None, int(found["number"])}:
        raise _bad_header(
            "header.if_match",
            "If-Match",
            "If-Match 须为办件版本号，并与 case_version 一致。",
            "If-Match is a case's version, the same as case_version.",
        )
    return int(found["number"])


def request_key() -> str | None:
    """The `Idempotency-Key` of the request.

    Raises:
        Invalid: `header.idempotency_key` unless it is 1 to 200 visible ASCII characters.
    """
    key = request.headers.get("Idempotency-Key")
    if key is not None and not _KEY.fullmatch(key):
        raise _bad_header(
            "header.idempotency_key",
            "Idempotency-Key",
            "Idempotency-Key 须为1至200个可见的ASCII字符。",
            "Idempotency-Key has 1 to 200 visible ASCII characters.",
        )
    return key


def _bad_header(code: str, name: str, message: str, message_en: str) -> Invalid:
    return Invalid(code, findings=[Finding(code, message, message_en, field=name)])


def _findings(messages: Any, place: str) -> Iterator[Finding]:
    if isinstance(messages, Mapping):
        for name, part in messages.items():
            below = place if name == "_schema" else f"{place}.{name}".strip(".")
            yield from _findings(part, below)
        return
    for sentence in messages if isinstance(messages, list) else [messages]:
        if isinstance(sentence, Mapping):
            yield from _findings(sentence, place)
            continue
        message, message_en = _SENTENCES.get(str(sentence), (_OTHER[0], str(sentence)))
        yield Finding("request.field", message, message_en, field=place or None)

"""Errors of the JSON interface as problem documents (RFC 9457), in the language asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any, Literal

import orjson
from flask import request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from web.logs import request_id
from workflows.errors import DoudiError, Finding

MEDIA_TYPE = "application/problem+json"
_LANGUAGES = ("zh", "en")
_TAGS = {"zh": "zh-Hans", "en": "en"}

_SENTENCES = {
    400: ("请求的格式有误。", "The request can't be read."),
    404: ("没有这个地址。", "There is no such address."),
    405: ("此地址不接受这种操作。", "This address doesn't take this method."),
    413: ("单次提交的内容超过了上限。", "The request is larger than what is accepted."),
    415: ("请用 application/json 提交。", "Send application/json."),
    429: ("短时间内操作太多次。", "Too many requests within a short time."),
    500: ("这次操作没有完成，数据没有改变。", "This could not be carried out; nothing changed."),
}


def api_language() -> Literal["zh", "en"]:
    """`zh` or `en`, as Accept-Language prefers; Chinese where it says nothing."""
    best = request.accept_languages.best_match(_LANGUAGES, default="zh")
    return "en" if best == "en" else "zh"


def refusal_problem(error: DoudiError, status: int) -> Response:
    """A refusal by the host, with its details and all of its findings."""
    answer = problem(
        status,
        error.code,
        error.message,
        error.message_en,
        findings=error.findings,
        details=error.details,
    )
    if status == HTTPStatus.UNAUTHORIZED:
        answer.headers["WWW-Authenticate"] = 'Bearer realm="doudi"'
    if "retry_after" in error.details:
        answer.headers["Retry-After"] = str(error.details["retry_after"])
    return answer


def http_problem(error: HTTPException) -> Response:
    """What Flask or werkzeug refused before a view could."""
    status = error.code or 500
    answer = problem(status, f"http.{status}", *_sentences(status))
    for name, value in error.get_headers():
        if name.lower() not in {"content-type", "content-length"}:
            answer.headers.add(name, value)
    return answer


def failure_problem() -> Response:
    """Something that nobody expected; the request's id is what to quote."""
    return problem(500, "server.failure", *_sentences(500))


def problem(
    status: int,
    code: str,
    message: str,
    message_en: str,
    *,
    findings: Iterable[Finding] = (),
    details: Mapping[str, Any] | None = None,
) -> Response:
    """A problem document; `code` is stable, `detail` is for people."""
    language = api_language()
    document = {
        "type": f"urn:doudi:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": _of(language, message, message_en),
        "instance": f"urn:doudi:request:{request_id()}",
        "code": code,
        "details": dict(details or {}),
        "findings": [_finding(found, language) for found in findings],
    }
    answer = Response(
        orjson.dumps(document, default=str, option=orjson.OPT_NON_STR_KEYS),
        status=status,
        content_type=MEDIA_TYPE,
    )
    answer.headers["Content-Language"] = _TAGS[language]
    answer.headers["Vary"] = "Accept-Language"
    return answer


def _finding(found: Finding, language: str) -> dict[str, Any]:
    return {
        "code": found.code,
        "message": _of(language, found.message, found.message_en),
        "field": found.field,
        "severity": found.severity,
    }


def _of(language: str, chinese: str, english: str) -> str:
    return english if language == "en" and english else chinese


def _sentences(status: int) -> tuple[str, str]:
    return _SENTENCES.get(status, _SENTENCES[500 if status >= 500 else 400])

"""Error pages and JSON errors: what happened, what to do now, and the id of the request."""

from __future__ import annotations

import traceback
from typing import Any

from flask import Flask, render_template, request
from flask_babel import lazy_gettext as _
from flask_wtf.csrf import CSRFError
from gunicorn.http.errors import ParseException
from werkzeug.exceptions import BadRequest, HTTPException
from werkzeug.wrappers import Response

from models.base import db
from web.auth import NotSignedIn, is_api, wants_json
from web.documents.fonts import FontMissing
from web.i18n import text_of
from web.logs import log, request_id
from web.problems import failure_problem, http_problem, refusal_problem
from workflows.access.sign_in import TooManyAttempts
from workflows.errors import Conflict, DoudiError, Finding, Invalid, NotAllowed, NotFound

_STATUS: tuple[tuple[type[DoudiError], int], ...] = (
    (NotSignedIn, 401),
    (TooManyAttempts, 429),
    (FontMissing, 503),
    (NotFound, 404),
    (NotAllowed, 403),
    (Conflict, 409),
    (Invalid, 422),
)

_TITLES = {
    400: _("请求有误"),
    401: _("请先登录"),
    403: _("没有权限"),
    404: _("找不到页面"),
    405: _("不支持的操作"),
    409: _("内容已有变化"),
    413: _("上传的内容过大"),
    422: _("填写的内容有误"),
    429: _("操作过于频繁"),
    500: _("系统出错了"),
    503: _("暂时不能提供"),
}
_SENTENCES = {
    400: _("浏览器发来的内容不完整或格式不对。"),
    404: _("地址有误，或者内容已经移走。"),
    405: _("此地址不接受这种操作。"),
    413: _("单次提交的内容超过了上限（表单512KB，每个文件20MB）。"),
    429: _("短时间内操作太多次。"),
    500: _("这次操作没有完成，数据没有改变。"),
}
_ADVICE = {
    400: _("请返回上一页，刷新后再试。"),
    401: _("请登录后继续。"),
    403: _("如果工作需要此权限，请联系本区的安全管理员。"),
    404: _("请核对地址，或者从首页重新进入。"),
    405: _("请返回上一页，使用页面上的按钮操作。"),
    409: _("请返回上一页并刷新，查看最新内容后再决定是否继续。"),
    413: _("请压缩图片，或分几次上传。"),
    422: _("请返回上一页，按提示修改后再提交。"),
    429: _("请稍等几分钟再试。"),
    500: _("请稍后再试。如果一直出现，请把下面的请求编号告诉系统管理员。"),
    503: _("请把这一情况告诉系统管理员。"),
}


def install(app: Flask) -> None:
    """Answer every error in the page's language, or in JSON for the API."""
    app.register_error_handler(DoudiError, answer_refusal)
    app.register_error_handler(CSRFError, _answer_csrf)
    app.register_error_handler(HTTPException, _answer_http)
    app.register_error_handler(ParseException, lambda _: _answer_http(BadRequest()))
    app.register_error_handler(Exception, _answer_failure)


def status_of(error: DoudiError) -> int:
    """The HTTP status of a refusal by the host."""
    return next((status for family, status in _STATUS if isinstance(error, family)), 500)


def answer_refusal(error: DoudiError) -> tuple[str | dict[str, Any], int] | Response:
    """The answer to a refusal by the host, with all of its findings."""
    if is_api():
        return refusal_problem(error, status_of(error))
    return _answer(
        status_of(error), error.code, error.message, error.message_en, findings=error.findings
    )


def _answer_csrf(_error: CSRFError) -> tuple[str | dict[str, Any], int]:
    return _answer(
        400,
        "request.stale_form",
        "页面停留太久，安全校验已失效，内容没有提交。",
        "The page was open for too long; nothing was submitted.",
    )


def _answer_http(error: HTTPException) -> tuple[str | dict[str, Any], int] | Response:
    if error.code is None or error.code < 400:
        return error.get_response()
    if is_api():
        return http_problem(error)
    sentence = str(_SENTENCES.get(error.code, _SENTENCES[400]))
    answer = _answer(error.code, f"http.{error.code}", sentence, sentence)
    if error.code == 405:
        allowed = getattr(error, "valid_methods", None) or ()
        return Response(
            answer[0] if isinstance(answer[0], str) else "",
            status=405,
            mimetype="text/html",
            headers={"Allow": ", ".join(sorted(allowed))},
        )
    return answer


def _answer_failure(error: Exception) -> tuple[str | dict[str, Any], int] | Response:
    """Whatever nobody expected: logged by its kind and place, without values of the request."""
    db.session.remove()
    frames = traceback.extract_tb(error.__traceback__)
    log.error(
        "failure",
        kind=type(error).__qualname__,
        frames=[f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames[-12:]],
    )
    if is_api():
        return failure_problem()
    sentence = str(_SENTENCES[500])
    return _answer(500, "server.failure", sentence, sentence)


def _answer(
    status: int,
    code: str,
    message: str,
    message_en: str,
    *,
    findings: tuple[Finding, ...] = (),
) -> tuple[str | dict[str, Any], int]:
    if wants_json():
        return {
            "code": code,
            "message": message,
            "message_en": message_en,
            "findings": [_plain(finding) for finding in findings],
            "request_id": request_id(),
        }, status
    template = "error_fragment.html" if request.headers.get("HX-Request") else "error.html"
    page = render_template(
        template,
        status=status,
        title=_TITLES.get(status, _TITLES[400]),
        sentence=text_of(message, message_en),
        advice=_ADVICE.get(status, _ADVICE[400]),
        findings=[text_of(finding.message, finding.message_en) for finding in findings],
        request_id=request_id(),
        code=code,
    )
    return page, status


def _plain(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "message": finding.message,
        "message_en": finding.message_en,
        "field": finding.field,
        "element": finding.element,
        "file": finding.file,
        "line": finding.line,
        "severity": finding.severity,
    }

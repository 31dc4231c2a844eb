"""One decorator for every operation of the JSON interface: address, access, schemas, answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, TypeVar

import flask_smorest
import orjson
from flask import request
from marshmallow import Schema
from werkzeug.wrappers import Response

from web.api.reading import ApiParser
from web.api.schemas import ProblemSchema
from web.guard import requires, signed_in
from workflows.access import Action
from workflows.errors import Finding, Invalid

View = TypeVar("View", bound=Callable[..., Any])
_PROBLEM = "application/problem+json"
_MEANINGS = {
    400: "The request can't be read.",
    401: "No valid token.",
    403: "Your roles don't allow this.",
    404: "It doesn't exist, or you may not see it.",
    409: "Stale, closed, claimed by somebody else, or the key of another request.",
    413: "The content is larger than what is accepted.",
    415: "The body has another type than it should.",
    422: "The request is not acceptable; `findings` says why.",
    429: "Too many requests.",
}
_KEY_PARAMETER = {
    "in": "header",
    "name": "Idempotency-Key",
    "description": "A request that comes again under the same key gets the first one's answer.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200},
}
_VERSION_PARAMETER = {
    "in": "header",
    "name": "If-Match",
    "description": "The version of the case that you have seen; 409 when there is a newer one.",
    "schema": {"type": "string"},
}


class ApiBlueprint(flask_smorest.Blueprint):  # type: ignore[misc]  # flask-smorest has no types
    """A part of the interface; reads requests with our parser."""

    ARGUMENTS_PARSER = ApiParser()


@dataclass(frozen=True, slots=True)
class Answer:
    """A view's answer where a body alone doesn't say enough; `status` None: the operation's own."""

    body: Any
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


def operation(
    blueprint: ApiBlueprint,
    method: str,
    rule: str,
    access: Action | None,
    *,
    answer: Schema | tuple[str, ...],
    status: int = 200,
    body: Schema | None = None,
    query: Schema | None = None,
    once: bool = False,
    versioned: bool = False,
    doc: Mapping[str, Any] | None = None,
) -> Callable[[View], View]:
    """Register a view under `method` and `rule`, for who has a role for `access` (None: everybody).

    The view gets path parameters as text, and `body` and `query` as loaded; what it returns becomes
    JSON as it is, documented by `answer` (or media types). `once` documents `Idempotency-Key`,
    `versioned` documents `If-Match`.
    """

    def register(view: View) -> View:
        handler: Any = _answering(view, status, takes_query=query is not None)
        handler = _documented(blueprint, handler, answer, status)
        parameters = [_KEY_PARAMETER] * once + [_VERSION_PARAMETER] * versioned
        if parameters:
            handler = blueprint.doc(parameters=parameters)(handler)
        name = f"{blueprint.name.removeprefix('api_')}_{view.__name__}"
        handler = blueprint.doc(operationId=name)(handler)
        if doc:
            handler = blueprint.doc(**doc)(handler)
        if body is not None:
            handler = blueprint.arguments(body, location="json", arg_name="body")(handler)
        if query is not None:
            handler = blueprint.arguments(query, location="query", arg_name="query")(handler)
        handler = (signed_in if access is None else requires(access))(handler)
        blueprint.route(rule, methods=[method])(handler)
        return view

    return register


def refusal(status: int, meaning: str) -> dict[str, Any]:
    """The documentation of a problem that only some operations answer with, for `doc`."""
    return {"responses": {str(status): _problem(meaning)}}


def json_answer(body: Any, status: int = 200) -> Response:
    """`body` as JSON; keys in one order, so that equal answers are equal bytes."""
    return Response(
        orjson.dumps(body, option=orjson.OPT_SORT_KEYS),
        status=status,
        content_type="application/json",
    )


def _answering(view: Callable[..., Any], status: int, *, takes_query: bool) -> Callable[..., Any]:
    @wraps(view)
    def call(**arguments: Any) -> Response:
        if not takes_query and request.args:
            raise _unknown_query()
        for name in request.view_args or ():
            arguments[name] = str(arguments[name])
        result = view(**arguments)
        if isinstance(result, Response):
            return result
        if not isinstance(result, Answer):
            return json_answer(result, status)
        answered = json_answer(result.body, result.status or status)
        answered.headers.update(result.headers)
        return answered

    return call


def _unknown_query() -> Invalid:
    return Invalid(
        "request.invalid",
        findings=[
            Finding("request.field", "没有这一项。", "There is no such parameter.", field=name)
            for name in request.args
        ],
    )


def _problem(meaning: str) -> dict[str, Any]:
    return {"description": meaning, "content": {_PROBLEM: {"schema": ProblemSchema}}}


def _documented(
    blueprint: ApiBlueprint, handler: Any, answer: Schema | tuple[str, ...], status: int
) -> Any:
    problems = {str(refused): _problem(meaning) for refused, meaning in _MEANINGS.items()}
    handler = blueprint.doc(responses=problems)(handler)
    if isinstance(answer, tuple):
        content = {kind: {"schema": {"type": "string", "format": "binary"}} for kind in answer}
        found = {str(status): {"description": "The content.", "content": content}}
        return blueprint.doc(responses=found)(handler)
    return blueprint.response(status, answer)(handler)

"""The description of the interface: its links, the OpenAPI document, and a page to read it on."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Blueprint, current_app, render_template, url_for
from werkzeug.wrappers import Response

from web.api.operations import json_answer
from web.config import VERSION
from web.guard import signed_in

blueprint = Blueprint("api_reference", __name__, template_folder="templates")

DOCUMENT = "doudi-openapi"


@blueprint.get("")
@signed_in
def links() -> Response:
    """Where everything is."""
    return json_answer(
        {
            "version": VERSION,
            "health": url_for("health.healthz"),
            "openapi": url_for("api_reference.openapi"),
            "reference": url_for("api_reference.page"),
            "tasks": url_for("api_tasks.queue"),
            "cases": url_for("api_cases.index"),
            "policy": url_for("api_policy.releases"),
        }
    )


@blueprint.get("/openapi.json")
@signed_in
def openapi() -> Response:
    """The OpenAPI 3.1 document of the interface."""
    return Response(orjson.dumps(_document()), mimetype="application/json")


@blueprint.get("/reference")
@signed_in
def page() -> str:
    """The same document as a page."""
    document = _document()
    parts: dict[str, list[dict[str, Any]]] = {}
    for path, methods in document["paths"].items():
        for method, found in methods.items():
            if method == "parameters":
                continue
            part = {
                **found,
                "method": method.upper(),
                "path": path,
                "parameters": [*methods.get("parameters", ()), *found.get("parameters", ())],
                "body": _body(found),
            }
            parts.setdefault(found["tags"][0], []).append(part)
    return render_template(
        "api_reference.html",
        parts=parts,
        tags={tag["name"]: tag.get("description", "") for tag in document["tags"]},
        schemas=document["components"]["schemas"],
        type_of=_type_of,
    )


def _document() -> dict[str, Any]:
    found: dict[str, Any] = current_app.extensions[DOCUMENT]
    return found


def _body(found: dict[str, Any]) -> tuple[str, str] | None:
    """The media type and schema of a body."""
    for media_type, content in found.get("requestBody", {}).get("content", {}).items():
        return media_type, _type_of(content.get("schema", {}))
    return None


def _type_of(schema: dict[str, Any]) -> str:
    """A schema in a few words."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "anyOf" in schema:
        return " or ".join(_type_of(part) for part in schema["anyOf"])
    kind = schema.get("type", "any")
    if isinstance(kind, list):
        kind = " or ".join(kind)
    if "items" in schema:
        return f"list of {_type_of(schema['items'])}"
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    return f"{kind} ({schema['format']})" if "format" in schema else str(kind)

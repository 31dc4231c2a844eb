"""The JSON interface below /api/v1, described by an OpenAPI document."""

from __future__ import annotations

from typing import Any

import flask_smorest
from flask import Flask

from web.api import (
    aftercare,
    bank_accounts,
    calendar,
    cases,
    files,
    funds,
    oversight,
    payments,
    policy,
    questions,
    reference,
    relief,
    retroactive,
    rolls,
    tasks,
)
from web.api.operations import ApiBlueprint
from web.api.schemas import ProblemSchema
from web.config import VERSION

PREFIX = "/api/v1"
BLUEPRINTS: tuple[ApiBlueprint, ...] = (
    tasks.blueprint,
    cases.blueprint,
    files.blueprint,
    policy.blueprint,
    questions.blueprint,
    calendar.blueprint,
    oversight.blueprint,
    funds.blueprint,
    rolls.blueprint,
    payments.blueprint,
    bank_accounts.blueprint,
    relief.blueprint,
    retroactive.blueprint,
    aftercare.blueprint,
)


class _Api(flask_smorest.Api):  # type: ignore[misc]  # flask-smorest has no types
    """Errors are answered by web/errors.py, for the whole application."""

    DEFAULT_ERROR_RESPONSE_NAME = None
    ERROR_SCHEMA = ProblemSchema

    def _register_error_handlers(self) -> None:
        pass


def register(app: Flask) -> None:
    """Add every part of the interface and its description."""
    app.config.update(
        API_TITLE="Doudi",
        API_VERSION=VERSION,
        OPENAPI_VERSION="3.1.0",
        API_SPEC_OPTIONS=_SPEC,
    )
    api = _Api(app)
    for blueprint in BLUEPRINTS:
        api.register_blueprint(blueprint, url_prefix=PREFIX)
    app.register_blueprint(reference.blueprint, url_prefix=PREFIX)
    app.extensions[reference.DOCUMENT] = api.spec.to_dict()


_SPEC: dict[str, Any] = {
    "info": {
        "description": "Approval of social assistance, executed from BPMN diagrams.",
        "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
    },
    "servers": [{"url": "/"}],
    "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
    "security": [{"token": []}],
}

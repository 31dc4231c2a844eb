"""Requests made up from the OpenAPI document: no answer is a 500, and each fits its schema."""

from __future__ import annotations

import os
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from models.accounts import Role
from models.offices import OfficeLevel
from tests.api.clients import Api
from tests.api.test_access import filled_case
from web.api.reference import DOCUMENT

#: More of them in a soak: CONTRACT_EXAMPLES=500.
EXAMPLES = int(os.environ.get("CONTRACT_EXAMPLES", "10"))
#: Who does what with rolls, by the end of the path.
_MONEY = {
    "/authorise": Role.CONFIRMER,
    "/release": Role.FINANCE,
    "/bank-file": Role.FINANCE,
    "/results": Role.FINANCE,
    "/rolls": Role.REVIEWER,
}
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """The contract doesn't depend on the kind of database."""
    return sqlite_url


def token_for(api: Api, path: str) -> str:
    """A token of somebody whose role reaches the operation."""
    district = {OfficeLevel(key): office.id for key, office in api.district.offices.items()}
    api.session.rollback()
    if "/audit/" in path:
        return api.token(api.staff(Role.AUDITOR, district))
    if "/incidents" in path:
        return api.token(api.staff(Role.SYSTEM_ADMIN, district))
    for part, role in _MONEY.items():
        if part in path:
            return api.token(api.staff(role, district))
    return api.token("officer")


@pytest.mark.slow
def test_made_up_requests_get_documented_answers(api: Api) -> None:
    # given
    ids = {**filled_case(api), "key": "dibao_start_month"}
    schema = schemathesis.openapi.from_dict(api.app.extensions[DOCUMENT])
    schema.app = api.app
    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) > 25
    # when / then
    for operation in operations:
        send_made_up(operation, ids, {"Authorization": f"Bearer {token_for(api, operation.path)}"})


def send_made_up(operation: Any, ids: dict[str, str], headers: dict[str, str]) -> None:
    """Requests for one operation, half of them for rows that exist."""

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=EXAMPLES <= 10,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(), known=st.booleans())
    def send(case: Any, known: bool) -> None:
        if known and case.path_parameters:
            case.path_parameters = {
                name: ids.get(name, value) for name, value in case.path_parameters.items()
            }
        answer = case.call(headers=headers)
        case.validate_response(answer, checks=CHECKS)

    send()


def test_the_document_describes_every_route(api: Api) -> None:
    # given
    document = api.get("officer", "/openapi.json").json
    assert document is not None
    described = {
        (method.upper(), path)
        for path, methods in document["paths"].items()
        for method in methods
        if method != "parameters"
    }
    # when
    routed = {
        (method, rule.rule.replace("<uuid:", "{").replace("<", "{").replace(">", "}"))
        for rule in api.app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/") and not rule.endpoint.startswith("api_reference.")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    # then
    assert document["openapi"] == "3.1.0"
    assert described == routed
    names = [
        found["operationId"]
        for methods in document["paths"].values()
        for method, found in methods.items()
        if method != "parameters"
    ]
    assert len(names) == len(set(names))


def test_the_reference_is_a_page_without_anything_from_elsewhere(api: Api) -> None:
    # when
    page = api.get("officer", "/reference")
    links = api.get("officer", "")
    # then
    assert page.status_code == 200
    assert "/api/v1/tasks/{task_id}/complete" in page.text
    assert 'src="http' not in page.text and 'href="http' not in page.text
    assert links.json is not None
    assert links.json["health"] == "/healthz"

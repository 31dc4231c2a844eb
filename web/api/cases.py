"""Cases: start one from an application."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields
from sqlalchemy.orm import Session

from models.cases import Case
from web.api.applications import APPLICATION, open_application
from web.api.once import carry_out
from web.api.operations import Answer, ApiBlueprint, operation
from web.api.reading import read_json
from web.api.schemas import given
from web.auth import current_viewer
from web.config import settings
from web.database import current_moment
from workflows.access import Action, acting

blueprint = ApiBlueprint("api_cases", __name__, description="Applications on their way.")


class StartedSchema(Schema):
    """A case that has just been opened."""

    id = given()
    number = given()
    status = given()
    version = fields.Integer(required=True)
    household_id = given()


@operation(
    blueprint, "POST", "/cases", Action.CASE_OPEN,
    body=APPLICATION, answer=StartedSchema(), status=201, once=True,
)  # fmt: skip
def start(body: dict[str, Any]) -> Answer:
    """Open a case from an application: the household is registered and the process begins."""
    viewer, now = current_viewer(), current_moment()

    def act(session: Session) -> dict[str, Any]:
        return _started(open_application(session, viewer, body, settings().keys.ring, now=now))

    actor = acting(viewer, Action.CASE_OPEN)
    return carry_out(act, content=read_json(), actor=actor, now=now)


def _started(case: Case) -> dict[str, Any]:
    return {
        "id": case.id,
        "number": case.number,
        "status": case.status,
        "version": case.version,
        "household_id": case.household_id,
    }

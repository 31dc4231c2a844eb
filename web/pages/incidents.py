"""Cases that cannot go on by themselves, for the system administrator; no personal data."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for
from marshmallow import Schema
from sqlalchemy import select
from werkzeug.wrappers import Response

from models.cases import Case, Incident
from web.auth import current_viewer
from web.database import current_moment, db_session
from web.forms import Form, FormSchema, read_form, rejected, text_field
from web.guard import requires
from web.i18n import message
from workflows.access import Action, acting, may
from workflows.errors import Conflict, Invalid, NotFound
from workflows.runtime.cases import resolve_incident
from workflows.transaction import transaction

blueprint = Blueprint("incidents", __name__, url_prefix="/admin/incidents")

_MOST = 200


class _Resolution(FormSchema):
    resolution = text_field(500)


_RESOLUTION: Schema = _Resolution()


@blueprint.get("")
@requires(Action.INCIDENT_READ)
def index() -> str:
    """Open incidents first, then those resolved lately."""
    return _page(Form(), None)


@blueprint.post("/<uuid:incident_id>/resolve")
@requires(Action.INCIDENT_RESOLVE)
def resolve(incident_id: UUID) -> Response | tuple[str, int]:
    """Say what was done about an incident."""
    viewer = current_viewer()
    try:
        values = read_form(_RESOLUTION)
        with transaction(db_session()) as session:
            found = session.get(Incident, str(incident_id))
            if found is None or found.district_id != viewer.district_id:
                raise NotFound
            resolve_incident(
                session,
                found.id,
                values["resolution"],
                actor=acting(viewer, Action.INCIDENT_RESOLVE),
                now=current_moment(),
            )
    except (Invalid, Conflict) as error:
        return _page(rejected(error), incident_id), 422
    flash(message("已登记处理结果。"), "ok")
    return redirect(url_for("incidents.index"), code=303)


def _page(form: Form, rejected_id: UUID | None) -> str:
    viewer = current_viewer()
    rows = db_session().execute(
        select(Incident, Case.number)
        .join(Case, Case.id == Incident.case_id)
        .where(Incident.district_id == viewer.district_id)
        .order_by(Incident.resolved_at.is_not(None), Incident.opened_at.desc())
        .limit(_MOST)
    )
    return render_template(
        "incidents.html",
        incidents=rows.all(),
        form=form,
        rejected_id=str(rejected_id),
        may_resolve=may(viewer, Action.INCIDENT_RESOLVE),
    )

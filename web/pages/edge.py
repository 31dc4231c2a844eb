"""低保边缘家庭: the households that are recognised as being on the edge of 低保."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from flask import Blueprint, render_template, request

from models.trail import SubjectKind
from web.auth import current_viewer
from web.config import settings
from web.database import current_moment, db_session
from web.guard import requires
from web.sight import note_access
from workflows.access import Action, acting
from workflows.audit import AccessKind, Subject
from workflows.calendar import local_day
from workflows.runtime.inbox.edge import edge_page

blueprint = Blueprint("edge", __name__, url_prefix="/edge-households")


@blueprint.get("")
@requires(Action.HOUSEHOLD_READ)
def index() -> str:
    """Those that count today, by when they run out; that the list was seen is noted."""
    viewer, session, now = current_viewer(), db_session(), current_moment()
    today = local_day(now)
    page = edge_page(session, viewer, today, settings().keys.ring, after=_cursor())
    note_access(
        Subject(SubjectKind.DISTRICT, viewer.district_id, viewer.district_id),
        AccessKind.VIEWED,
        actor=acting(viewer, Action.HOUSEHOLD_READ),
        data={"page": "edge_households", "rows": str(len(page.rows))},
    )
    following = None
    if page.following is not None:
        following = f"{page.following[0].isoformat()}_{page.following[1]}"
    return render_template("edge.html", rows=page.rows, following=following)


def _cursor() -> tuple[date, str] | None:
    day, _, record_id = request.args.get("after", "").partition("_")
    try:
        return date.fromisoformat(day), str(UUID(record_id))
    except ValueError:
        return None

"""标准调整: standards that rise, and what they make of the benefits that are running."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, render_template, request

from models.standards import AdjustedKind
from models.trail import SubjectKind
from web.auth import current_viewer
from web.database import db_session
from web.guard import requires
from web.sight import note_access
from workflows.access import Action, Viewer, acting, may
from workflows.audit import AccessKind, Subject
from workflows.runtime.inbox.adjustments import adjusted_page, adjustment_view, adjustments

blueprint = Blueprint("adjustments", __name__, url_prefix="/policy/adjustments")


@blueprint.get("")
@requires(Action.RETROACTIVE_READ)
def index() -> str:
    """The adjustments of the district, newest first. One SELECT."""
    rows = adjustments(db_session(), current_viewer())
    return render_template("adjustments/list.html", rows=rows)


@blueprint.get("/<uuid:adjustment_id>")
@requires(Action.RETROACTIVE_READ)
def show(adjustment_id: UUID) -> str:
    """One adjustment: standards, sums by township, and its list by page. Five SELECTs."""
    viewer, session = current_viewer(), db_session()
    view = adjustment_view(session, viewer, str(adjustment_id))
    asked = request.args.get("kind", "")
    kind = AdjustedKind(asked) if asked in set(AdjustedKind) else None
    page = None
    if may(viewer, Action.TOUCHED_READ):
        after = str(given) if (given := request.args.get("after", type=UUID)) else None
        page = adjusted_page(session, viewer, str(adjustment_id), kind=kind, after=after)
    html = render_template(
        "adjustments/show.html",
        view=view,
        adjustment=view.row.adjustment,
        page=page,
        kind=kind,
        kinds=list(AdjustedKind),
        may_open=may(viewer, Action.CASE_READ),
    )
    if page is not None and page.rows:
        _note_look(viewer, view.row.adjustment.id)
    return html


def _note_look(viewer: Viewer, adjustment_id: str) -> None:
    note_access(
        Subject(SubjectKind.PARAMETER, adjustment_id, viewer.district_id),
        AccessKind.VIEWED,
        actor=acting(viewer, Action.TOUCHED_READ),
        data={},
    )

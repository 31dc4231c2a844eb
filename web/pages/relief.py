"""待补手续: the papers owed after aid was given first."""

from __future__ import annotations

from flask import Blueprint, render_template

from web.auth import current_viewer
from web.config import settings
from web.database import current_moment, db_session
from web.guard import requires
from workflows.access import Action
from workflows.runtime.inbox.relief import paper_debts

blueprint = Blueprint("relief", __name__, url_prefix="/relief")


@blueprint.get("/debts")
@requires(Action.CASE_READ)
def debts() -> str:
    """The papers owed at the viewer's offices, the oldest first."""
    rows = paper_debts(
        db_session(), current_viewer(), now=current_moment(), keys=settings().keys.ring
    )
    return render_template("relief/debts.html", rows=rows)

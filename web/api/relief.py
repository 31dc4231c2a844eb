"""Relief: the papers owed after aid was given first."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any, Final

from marshmallow import Schema

from web.api.cursors import cursor, place_of_cursor
from web.api.operations import ApiBlueprint, operation
from web.api.relief_documents import DebtsSchema, debt_row_document
from web.api.schemas import text
from web.auth import current_viewer
from web.database import current_moment, db_session
from workflows.access import Action
from workflows.runtime.inbox.relief import DebtRow, paper_debts

blueprint = ApiBlueprint("api_relief", __name__, description="Relief (临时救助).")

PAGE: Final = 50


class DebtsQuery(Schema):
    """From which row on."""

    after = text(400, required=False, load_default=None)


@operation(
    blueprint, "GET", "/relief/debts", Action.CASE_READ, query=DebtsQuery(), answer=DebtsSchema()
)
def debts(query: dict[str, Any]) -> dict[str, Any]:
    """The papers owed at your offices, the oldest first."""
    place = place_of_cursor(query["after"])
    rows = paper_debts(
        db_session(),
        current_viewer(),
        now=current_moment(),
        after=None if place is None else (place[0].date(), place[1]),
        most=PAGE + 1,
    )
    shown = rows[:PAGE]
    following = _place(shown[-1]) if len(rows) > PAGE else None
    return {"debts": [debt_row_document(row) for row in shown], "next": cursor(following)}


def _place(row: DebtRow) -> tuple[datetime, str]:
    """A cursor names a moment: the day's first in UTC."""
    return datetime.combine(row.opened_on, time(), UTC), row.id

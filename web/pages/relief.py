"""待补手续、备案: the papers owed after aid was given first; what townships approved in a month."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Final

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from models.trail import SubjectKind
from web.auth import current_viewer
from web.config import settings
from web.database import current_moment, db_session
from web.guard import requires
from web.i18n import message
from web.months import month_asked
from web.sight import note_access
from web.words import CAUSES, RELIEF_KINDS
from workflows.access import Action, acting, may
from workflows.assistance.money.petty_fund import month_of
from workflows.audit import AccessKind, Subject
from workflows.audit.export import BOM, safe_cell
from workflows.calendar import local_day
from workflows.runtime.inbox.filings import FilingRow, filing_sums
from workflows.runtime.inbox.filings import filings as filed_in
from workflows.runtime.inbox.relief import paper_debts

blueprint = Blueprint("relief", __name__, url_prefix="/relief")

#: More of a month than anybody reads on a page; the file has all.
_MOST_SHOWN: Final = 300


@blueprint.get("/debts")
@requires(Action.CASE_READ)
def debts() -> str:
    """The papers owed at the viewer's offices, the oldest first."""
    viewer = current_viewer()
    rows = paper_debts(db_session(), viewer, now=current_moment(), keys=settings().keys.ring)
    return render_template("relief/debts.html", rows=rows, may_file=may(viewer, Action.FILING_READ))


@blueprint.get("/filings")
@requires(Action.FILING_READ)
def filings() -> str:
    """What the townships that the viewer sees approved in a month. Two SELECTs."""
    viewer, session = current_viewer(), db_session()
    this_month = month_of(local_day(current_moment()))
    month = month_asked(request.args.get("month", ""), this_month)
    rows = filed_in(session, viewer, month, most=_MOST_SHOWN + 1)
    return render_template(
        "relief/filings.html",
        rows=rows[:_MOST_SHOWN],
        more=len(rows) > _MOST_SHOWN,
        sums=filing_sums(session, viewer, month),
        month=month,
        this_month=this_month,
    )


@blueprint.get("/filings.csv")
@requires(Action.FILING_READ)
def filings_file() -> Response:
    """The same month as a file for a spreadsheet; the download is recorded."""
    viewer, session, now = current_viewer(), db_session(), current_moment()
    month = month_asked(request.args.get("month", ""), month_of(local_day(now)))
    rows = filed_in(session, viewer, month)
    note_access(
        Subject(SubjectKind.DISTRICT, viewer.district_id, viewer.district_id),
        AccessKind.DOWNLOADED,
        actor=acting(viewer, Action.FILING_READ),
        data={"filings": f"{month:%Y-%m}", "rows": str(len(rows))},
    )
    answer = Response(_csv(rows), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="relief-{month:%Y-%m}.csv"'
    return answer


def _csv(rows: Iterable[FilingRow]) -> str:
    kept = io.StringIO()
    writer = csv.writer(kept)
    writer.writerow(
        [
            message("镇乡街道"),
            message("办件编号"),
            message("事由"),
            message("类别"),
            message("金额（元）"),
            message("决定日期"),
        ]
    )
    for row in rows:
        words = (str(CAUSES.get(row.cause, row.cause)), str(RELIEF_KINDS.get(row.kind, row.kind)))
        cells = (row.township, row.case_number, *words, f"{row.amount:.2f}", str(row.decided_on))
        writer.writerow(map(safe_cell, cells))
    return BOM + kept.getvalue()

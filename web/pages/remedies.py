"""复议信访台账: reviews, lawsuits, petitions and complaints, as a page and as a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final
from uuid import UUID

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from models.remedies import RemedyKind
from models.trail import SubjectKind
from web.auth import current_viewer
from web.config import settings
from web.database import current_moment, db_session
from web.guard import requires
from web.i18n import message
from web.pages.work import offices_below
from web.sight import note_access
from web.words import EXECUTIONS, REMEDIES, REMEDY_MEASURES, REMEDY_RESULTS, status_name
from workflows.access import Action, acting, may
from workflows.audit import AccessKind, Subject
from workflows.audit.export import BOM, safe_cell
from workflows.calendar import local_day
from workflows.runtime.inbox.remedies import (
    RemedyFilter,
    RemedyRow,
    remedy_page,
    revealed_party,
)
from workflows.runtime.inbox.search import normalised_text

blueprint = Blueprint("remedies", __name__, url_prefix="/remedies")

#: A file holds no more; the filters narrow it.
_MOST_EXPORTED: Final = 5_000


@blueprint.get("")
@requires(Action.REMEDY_READ)
def index() -> str:
    """The register, newest first. Two SELECTs."""
    viewer = current_viewer()
    wanted = _wanted(request.args)
    page = remedy_page(db_session(), viewer, wanted, settings().keys.ring, after=_cursor())
    following = None
    if page.following is not None:
        following = f"{page.following[0].isoformat()}_{page.following[1]}"
    return render_template(
        "remedies/list.html",
        rows=page.rows,
        following=following,
        wanted=wanted,
        arguments=_arguments(wanted),
        kinds=REMEDIES,
        offices=offices_below(viewer),
        today=local_day(current_moment()),
        may_register=may(viewer, Action.REMEDY_REGISTER),
    )


@blueprint.get("/register.csv")
@requires(Action.REMEDY_READ)
def register_file() -> Response:
    """The same register as a file for a spreadsheet, without names; the download is recorded."""
    viewer, session = current_viewer(), db_session()
    wanted = _wanted(request.args)
    ring = settings().keys.ring
    rows = remedy_page(session, viewer, wanted, ring, most=_MOST_EXPORTED).rows
    content = _csv(rows)
    note_access(
        Subject(SubjectKind.DISTRICT, viewer.district_id, viewer.district_id),
        AccessKind.DOWNLOADED,
        actor=acting(viewer, Action.REMEDY_READ),
        data={"remedies": wanted.kind or "all", "rows": str(len(rows))},
    )
    answer = Response(content, mimetype="text/csv")
    answer.headers["Content-Disposition"] = 'attachment; filename="remedies.csv"'
    return answer


@blueprint.post("/<uuid:remedy_id>/party")
@requires(Action.PERSON_REVEAL)
def party(remedy_id: UUID) -> str:
    """Who filed it, in full; that it was shown is noted first."""
    viewer, session = current_viewer(), db_session()
    remedy, shown = revealed_party(session, viewer, str(remedy_id), settings().keys.ring)
    case_id, district_id = remedy.case_id, remedy.district_id
    actor = acting(viewer, Action.PERSON_REVEAL)
    note_access(
        Subject(SubjectKind.CASE, case_id, district_id),
        AccessKind.REVEALED,
        actor=actor,
        data={"remedy": str(remedy_id), "fields": ["name", "id_number", "phone"]},
    )
    return render_template("remedies/party.html", shown=shown, case_id=case_id)


def _wanted(fields: Mapping[str, str]) -> RemedyFilter:
    kind, state = fields.get("kind", ""), fields.get("state", "")
    return RemedyFilter(
        kind=RemedyKind(kind) if kind in set(RemedyKind) else None,
        open={"open": True, "closed": False}.get(state),
        office_id=normalised_text(fields.get("office", "")) or None,
    )


def _arguments(wanted: RemedyFilter) -> dict[str, Any]:
    states = {True: "open", False: "closed", None: None}
    return {
        "kind": wanted.kind.value if wanted.kind else None,
        "state": states[wanted.open],
        "office": wanted.office_id,
    }


def _cursor() -> tuple[date, str] | None:
    day, _, remedy_id = request.args.get("after", "").partition("_")
    try:
        return date.fromisoformat(day), str(UUID(remedy_id))
    except ValueError:
        return None


def _csv(rows: Iterable[RemedyRow]) -> str:
    kept = io.StringIO()
    writer = csv.writer(kept)
    heads = (
        message("种类"), message("办件编号"), message("针对的办件"), message("辖区"),
        message("登记日期"), message("知道决定的日期"), message("期限最后一日"),
        message("超过期限"), message("机关或者法院"), message("案号"), message("执行"),
        message("状态"), message("下一个期限"), message("结果"), message("结果日期"),
        message("落实"), message("反馈日期"), message("办结日期"),
    )  # fmt: skip
    writer.writerow(heads)
    for row in rows:
        writer.writerow([safe_cell(cell) for cell in _cells(row)])
    return BOM + kept.getvalue()


def _cells(row: RemedyRow) -> list[str]:
    remedy = row.remedy
    days = (remedy.filed_on, remedy.learnt_on, remedy.last_on)
    return [
        str(REMEDIES[remedy.kind.value]),
        row.case_number,
        row.against_number or "",
        row.township,
        *(str(day or "") for day in days),
        str(message("是")) if remedy.late else "",
        remedy.body or "",
        remedy.file_number or "",
        str(EXECUTIONS[remedy.execution.value]),
        str(status_name(row.status)),
        str(row.next_due or ""),
        str(REMEDY_RESULTS[remedy.result.value]) if remedy.result else "",
        str(remedy.decided_on or ""),
        str(REMEDY_MEASURES.get(remedy.measure or "", remedy.measure or "")),
        str(remedy.answered_on or ""),
        str(remedy.closed_on or ""),
    ]

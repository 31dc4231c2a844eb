"""追回: what families have to pay back, how far they are, and beginning a repayment."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from models.trail import SubjectKind
from web.auth import current_viewer
from web.config import settings
from web.database import current_moment, db_session
from web.errors import status_of
from web.guard import requires
from web.i18n import message
from web.sight import note_access
from web.words import OVERPAID_CAUSES, RECOVERY_OUTCOMES, RECOVERY_STATES
from workflows.access import Action, Place, Viewer, acting, may, require_impartial
from workflows.audit import AccessKind, Subject
from workflows.audit.export import BOM, safe_cell
from workflows.calendar import local_day
from workflows.errors import Conflict, Invalid, NotAllowed
from workflows.runtime.aftercare import begin_repayment
from workflows.runtime.inbox.recoveries import (
    RecoveryFilter,
    RecoveryRow,
    every_recovery,
    recovery_page,
    recovery_seen,
    recovery_sums,
)
from workflows.transaction import transaction

blueprint = Blueprint("recoveries", __name__, url_prefix="/recoveries")


@blueprint.get("")
@requires(Action.RECOVERY_READ)
def index() -> str:
    """The recoveries of the viewer's offices, the newest first, with their sums. Two SELECTs."""
    viewer, session, now = current_viewer(), db_session(), current_moment()
    after = request.args.get("after", type=UUID)
    name = request.args.get("name", "")[:60]
    page = recovery_page(
        session,
        viewer,
        settings().keys.ring,
        wanted=wanted(),
        name=name,
        after=None if after is None else str(after),
        now=now,
    )
    html = render_template(
        "recoveries/list.html",
        page=page,
        sums=recovery_sums(session, viewer, today=local_day(now)),
        wanted=wanted(),
        filters=list(RecoveryFilter),
        name=name,
    )
    if page.rows:
        _note_look(viewer, AccessKind.SEARCHED if name else AccessKind.VIEWED, len(page.rows))
    return html


@blueprint.get("/<uuid:recovery_id>")
@requires(Action.RECOVERY_READ)
def show(recovery_id: UUID) -> str:
    """One recovery: its months, its plan, its receipts. Four SELECTs."""
    return _page(recovery_id, None)


@blueprint.post("/<uuid:recovery_id>/repayment")
@requires(Action.RECOVERY_OPEN)
def repay(recovery_id: UUID) -> Response | tuple[str, int]:
    """Open the case in which it is planned and paid back."""
    viewer, session, now = current_viewer(), db_session(), current_moment()
    keys = settings().keys.ring
    try:
        with transaction(session):
            view = recovery_seen(session, viewer, str(recovery_id), keys, now=now)
            found = view.recovery
            place = Place(found.district_id, found.township_id, view.village_id)
            if not may(viewer, Action.RECOVERY_OPEN, place):
                raise NotAllowed("access.not_here")
            actor = acting(viewer, Action.RECOVERY_OPEN, place)
            require_impartial(session, actor, case_id="", household_id=found.household_id)
            case = begin_repayment(session, found.id, keys=keys, actor=actor, now=now)
            case_id = case.id
    except (Invalid, Conflict, NotAllowed) as error:
        return _page(recovery_id, error.message), status_of(error)
    flash(message("已开办退款，请与家庭商定分期。"), "ok")
    return redirect(url_for("cases.show", case_id=case_id), code=303)


@blueprint.get("/list.csv")
@requires(Action.RECOVERY_READ)
def file() -> Response:
    """The same list as a file for a spreadsheet; the download is recorded."""
    viewer, session = current_viewer(), db_session()
    rows = list(
        every_recovery(session, viewer, settings().keys.ring, wanted=wanted(), now=current_moment())
    )
    _note_look(viewer, AccessKind.DOWNLOADED, len(rows))
    answer = Response(_csv(rows), mimetype="text/csv")
    answer.headers["Content-Disposition"] = 'attachment; filename="recoveries.csv"'
    return answer


def wanted() -> RecoveryFilter | None:
    """What the address narrows the list to; None for all."""
    given = request.args.get("state", "")
    return RecoveryFilter(given) if given in set(RecoveryFilter) else None


def _page(recovery_id: UUID, refused: str | None) -> str:
    viewer, session = current_viewer(), db_session()
    view = recovery_seen(
        session, viewer, str(recovery_id), settings().keys.ring, now=current_moment()
    )
    found = view.recovery
    place = Place(found.district_id, found.township_id, view.village_id)
    html = render_template(
        "recoveries/show.html",
        view=view,
        recovery=found,
        refused=refused,
        may_read_cases=may(viewer, Action.CASE_READ),
        may_see_months=may(viewer, Action.GRANT_READ),
        may_repay=may(viewer, Action.RECOVERY_OPEN, place)
        and found.state.value == "open"
        and not view.repayment_open,
    )
    _note_look(viewer, AccessKind.VIEWED, 1, found.household_id)
    return html


def _note_look(
    viewer: Viewer, kind: AccessKind, rows: int, household_id: str | None = None
) -> None:
    subject = (
        Subject(SubjectKind.DISTRICT, viewer.district_id, viewer.district_id)
        if household_id is None
        else Subject(SubjectKind.HOUSEHOLD, household_id, viewer.district_id)
    )
    note_access(
        subject,
        kind,
        actor=acting(viewer, Action.RECOVERY_READ),
        data={"recoveries": str(rows)},
    )


def _csv(rows: Iterable[RecoveryRow]) -> str:
    kept = io.StringIO()
    writer = csv.writer(kept)
    writer.writerow(
        [
            message("镇乡街道"),
            message("户主"),
            message("办件编号"),
            message("原因"),
            message("第一个月"),
            message("最后一个月"),
            message("测算（元）"),
            message("决定"),
            message("应退（元）"),
            message("已退（元）"),
            message("余款（元）"),
            message("下一期"),
            message("状态"),
        ]
    )
    for row in rows:
        one = row.recovery
        cells = (
            row.township,
            row.name or "",
            row.case_number,
            str(OVERPAID_CAUSES.get(one.cause, one.cause)),
            f"{one.first_month:%Y-%m}" if one.first_month else "",
            f"{one.last_month:%Y-%m}" if one.last_month else "",
            f"{one.proposed:.2f}",
            str(RECOVERY_OUTCOMES[one.outcome.value]) if one.outcome else "",
            f"{one.amount:.2f}" if one.outcome and one.outcome.value in ("all", "part") else "",
            f"{one.received:.2f}",
            f"{row.rest:.2f}",
            str(one.next_due_on or ""),
            str(RECOVERY_STATES["overdue" if row.overdue else one.state.value]),
        )
        writer.writerow(map(safe_cell, cells))
    return BOM + kept.getvalue()

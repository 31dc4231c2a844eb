"""长期公示: the families on each village's roll, made, printed and posted month by month."""

from __future__ import annotations

import csv
import io
from datetime import date
from io import BytesIO
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from sqlalchemy import select
from sqlalchemy.orm import aliased
from werkzeug.wrappers import Response

from models.offices import Office, OfficeLevel
from models.postings import NAME, RollList
from models.trail import SubjectKind
from web.auth import current_viewer
from web.config import settings
from web.database import current_moment, db_session
from web.documents.fonts import find_faces
from web.documents.notice_pdf import chinese_day
from web.documents.posting_pdf import PrintedList, list_pdf
from web.forms import Form, rejected
from web.guard import requires
from web.headers import confine
from web.i18n import message
from web.pages.filled import FOLDER
from web.sight import note_access
from workflows.access import Action, Place, Viewer, acting, may, require
from workflows.assistance.attachments import add_attachment
from workflows.assistance.files import keep_file
from workflows.assistance.roll_lists import (
    ListedRow,
    listed_rows,
    make_list,
    post_list,
    village_states,
)
from workflows.audit import AccessKind, Subject
from workflows.audit.export import BOM, safe_cell
from workflows.calendar import local_day
from workflows.definitions.release import current_policy
from workflows.errors import Invalid, NotFound
from workflows.transaction import transaction

blueprint = Blueprint("roll_lists", __name__, url_prefix="/roll-lists")
_LABELS = {NAME: "申请人姓名", "members": "家庭成员数量", "monthly": "月保障金额（元）"}


@blueprint.get("")
@requires(Action.GRANT_READ)
def index() -> str:
    """The villages that the viewer sees, with how many families are on the roll. Three SELECTs."""
    viewer, session = current_viewer(), db_session()
    township = aliased(Office)
    found = [
        (village, name)
        for village, name in session.execute(
            select(Office, township.name)
            .join(township, township.id == Office.parent_id)
            .where(
                Office.district_id == viewer.district_id,
                Office.level == OfficeLevel.VILLAGE,
                Office.active,
            )
            .order_by(township.code, Office.code)
        )
        if may(viewer, Action.GRANT_READ, _place(village))
    ]
    today = local_day(current_moment())
    states = village_states(session, [village for village, _name in found], on=today)
    return render_template(
        "postings/villages.html",
        states=states,
        townships={village.id: name for village, name in found},
        month=today.replace(day=1),
        missing=sum(not _hangs(state.newest, today) and bool(state.families) for state in states),
        hangs=lambda newest: _hangs(newest, today),
    )


@blueprint.get("/<uuid:village_id>")
@requires(Action.GRANT_READ)
def show(village_id: UUID) -> str:
    """A village's newest list, or the one of a month. Four SELECTs."""
    return _page(_village(village_id), Form())


@blueprint.post("/<uuid:village_id>")
@requires(Action.ROLL_LIST_POST)
def make(village_id: UUID) -> Response:
    """Make this month's list."""
    viewer, session, now = current_viewer(), db_session(), current_moment()
    village = _village(village_id, Action.ROLL_LIST_POST)
    law = current_policy(session, viewer.district_id)
    actor = acting(viewer, Action.ROLL_LIST_POST, _place(village))
    with transaction(session):
        made = make_list(session, _village(village_id), law, actor=actor, now=now)
        families = len(made.rows)
    flash(message("本月长期公示已编制，共%(num)s户。", num=families), "ok")
    return redirect(url_for("roll_lists.show", village_id=village_id), code=303)


@blueprint.post("/<uuid:village_id>/posted")
@requires(Action.ROLL_LIST_POST)
def post(village_id: UUID) -> Response | tuple[str, int]:
    """Record that the newest list hangs, with its photo."""
    viewer, session, now = current_viewer(), db_session(), current_moment()
    village = _village(village_id, Action.ROLL_LIST_POST)
    actor = acting(viewer, Action.ROLL_LIST_POST, _place(village))
    try:
        upload = request.files.get("photo")
        kept = None
        if upload is not None and upload.filename:
            kept = keep_file(settings().data / FOLDER, upload.stream, upload.filename)
        with transaction(session):
            found = _list(village_id, None)
            if found is None:
                raise NotFound("list_not_found", "还没有编制长期公示。", "There is no list yet.")
            photos = []
            if kept is not None:
                file = add_attachment(
                    session, district_id=viewer.district_id, sha256=kept.sha256, size=kept.size,
                    media_type=kept.media_type, name=kept.name, actor=actor, now=now,
                )  # fmt: skip
                photos.append(file.id)
            post_list(
                session, found, posted_on=_day(request.form.get("posted_on", "")),
                place=request.form.get("place", "")[:60], photos=photos, actor=actor, now=now,
            )  # fmt: skip
    except Invalid as error:
        return _page(_village(village_id), rejected(error)), 422
    flash(message("已登记张贴。"), "ok")
    return redirect(url_for("roll_lists.show", village_id=village_id), code=303)


@blueprint.get("/<uuid:village_id>.pdf")
@requires(Action.GRANT_READ)
def printed(village_id: UUID) -> Response:
    """The newest list as it is posted; that it was printed is noted."""
    village, found, rows = _wanted(village_id)
    session, config = db_session(), settings()
    faces = find_faces(config.notice_font, config.notice_title_font)
    township = session.get_one(Office, village.parent_id)
    policy = current_policy(session, village.district_id)
    basis = [
        f"{policy.clauses[ref].text}{policy.clauses[ref].article}"
        for ref in ("cqdb-18", "mca57-24")
        if ref in policy.clauses
    ]
    content = list_pdf(
        PrintedList(
            issuer=f"{township.name} {village.name}",
            title="最低生活保障家庭长期公示",
            opening=f"截至{chinese_day(found.as_of)}，{village.name}享受最低生活保障的家庭共"
            f"{len(rows)}户，公示如下，接受群众监督。依据：{'、'.join(basis)}。",
            heads=("序号", *(_LABELS.get(field, field) for field in found.fields)),
            rows=[
                (str(at), *(str(_value(row, field)) for field in found.fields))
                for at, row in enumerate(rows, 1)
            ],
            closing="对公示内容有异议的，可以向镇乡街道书面、电话或者当面提出。我们为您保密。",
            made_at=found.made_at,
            made_on=found.as_of,
        ),
        faces,
    )
    _note_look(village, found, AccessKind.PRINTED)
    answer: Response = send_file(
        BytesIO(content), mimetype="application/pdf", as_attachment=True,
        download_name=f"roll-{village.code}-{found.month:%Y-%m}.pdf", etag=False,
    )  # fmt: skip
    return confine(answer)


@blueprint.get("/<uuid:village_id>.csv")
@requires(Action.GRANT_READ)
def file(village_id: UUID) -> Response:
    """The newest list for a spreadsheet; the download is recorded."""
    village, found, rows = _wanted(village_id)
    kept = io.StringIO()
    writer = csv.writer(kept)
    writer.writerow([_LABELS.get(field, field) for field in found.fields])
    for row in rows:
        writer.writerow([safe_cell(str(_value(row, field))) for field in found.fields])
    name = f"roll-{village.code}-{found.month:%Y-%m}.csv"
    _note_look(village, found, AccessKind.DOWNLOADED)
    answer = Response(BOM + kept.getvalue(), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _page(village: Office, form: Form) -> str:
    viewer, session = current_viewer(), db_session()
    found = _list(UUID(village.id), request.args.get("month"))
    rows = [] if found is None else listed_rows(session, found, settings().keys.ring)
    place = _place(village)
    today = local_day(current_moment())
    html = render_template(
        "postings/village.html",
        village=village,
        found=found,
        rows=rows,
        value=_value,
        form=form,
        today=today,
        this_month=today.replace(day=1),
        months=session.scalars(
            select(RollList.month)
            .where(RollList.village_id == village.id)
            .order_by(RollList.month.desc())
            .limit(24)
        ).all(),
        may_post=may(viewer, Action.ROLL_LIST_POST, place),
    )
    if found is not None:
        _note_look(village, found, AccessKind.VIEWED)
    return html


def _value(row: ListedRow, field: str) -> Any:
    return row.name if field == NAME else row.content.get(field)


def _wanted(village_id: UUID) -> tuple[Office, RollList, list[ListedRow]]:
    village = _village(village_id)
    found = _list(village_id, request.args.get("month"))
    if found is None:
        raise NotFound("list_not_found", "还没有编制长期公示。", "There is no list yet.")
    return village, found, listed_rows(db_session(), found, settings().keys.ring)


def _village(village_id: UUID, action: Action = Action.GRANT_READ) -> Office:
    """A village that the viewer may see. Raises NotFound, NotAllowed."""
    viewer = current_viewer()
    village = db_session().get(Office, str(village_id))
    if (
        village is None
        or village.district_id != viewer.district_id
        or village.level is not OfficeLevel.VILLAGE
        or not may(viewer, Action.GRANT_READ, _place(village))
    ):
        raise NotFound("village_not_found", "找不到这个村（社区）。", "There is no such village.")
    require(viewer, action, _place(village))
    return village


def _list(village_id: UUID, month: str | None) -> RollList | None:
    query = select(RollList).where(RollList.village_id == str(village_id))
    if month:
        query = query.where(RollList.month == _day(f"{month}-01"))
    return db_session().scalar(query.order_by(RollList.month.desc()).limit(1))


def _place(village: Office) -> Place:
    return Place(village.district_id, village.parent_id or "", village.id)


def _hangs(newest: RollList | None, today: date) -> bool:
    """Whether this month's list has been posted."""
    return newest is not None and newest.month == today.replace(day=1) and bool(newest.posted_on)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return date.max


def _note_look(village: Office, found: RollList, kind: AccessKind) -> None:
    viewer: Viewer = current_viewer()
    subject = Subject(SubjectKind.OFFICE, village.id, village.district_id)
    actor = acting(viewer, Action.GRANT_READ, _place(village))
    data = {"list": found.id, "families": str(len(found.rows))}
    note_access(subject, kind, actor=actor, data=data)

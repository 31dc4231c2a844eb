"""追溯更正: changes of parameters that reach back, the cases they touch, and how far they are."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from models.retroactive import TouchedKind
from models.trail import SubjectKind
from web.auth import current_viewer
from web.database import current_moment, db_session
from web.forms import Form, FormSchema, choice_field, read_form, rejected, text_field
from web.forms_html.known import plain_text
from web.guard import requires
from web.i18n import message
from web.sight import note_access
from web.words import TOUCHED_KINDS, TOUCHED_STATES, VERDICT_WORDS
from workflows.access import Action, Viewer, acting, may
from workflows.audit import AccessKind, Subject
from workflows.audit.export import BOM, safe_cell
from workflows.definitions.policy import Policy
from workflows.definitions.release import policy_of
from workflows.errors import Invalid
from workflows.feel import from_json
from workflows.runtime.correction_decisions import (
    VERDICTS,
    bulk_of,
    decision_jobs,
    queue_decisions,
)
from workflows.runtime.inbox.retroactive import (
    ChangeView,
    TouchedRow,
    every_touched,
    retroactive_change,
    retroactive_changes,
    touched_page,
)
from workflows.transaction import transaction


class _Decision(FormSchema):
    of_kind = choice_field(kind.value for kind in TouchedKind)
    verdict = choice_field(VERDICT_WORDS)
    reason = text_field(500, required=False)


_DECISION = _Decision()
blueprint = Blueprint("retroactive", __name__, url_prefix="/policy/changes")


@blueprint.get("")
@requires(Action.RETROACTIVE_READ)
def index() -> str:
    """The changes of the district, newest first. One SELECT."""
    rows = retroactive_changes(db_session(), current_viewer())
    return render_template("retroactive/list.html", rows=rows)


@blueprint.get("/<uuid:change_id>")
@requires(Action.RETROACTIVE_READ)
def show(change_id: UUID) -> str:
    """One change: the parameters, the sums as listed, and the cases by page. Six SELECTs."""
    return _page(str(change_id), Form())


@blueprint.post("/<uuid:change_id>/decisions")
@requires(Action.TOUCHED_DECIDE)
def decide(change_id: UUID) -> Response | tuple[str, int]:
    """Take the viewer's step in every case of a kind; the worker does it, one case at a time."""
    viewer, now = current_viewer(), current_moment()
    try:
        values = read_form(_DECISION)
        with transaction(db_session()) as session:
            view = retroactive_change(session, viewer, str(change_id))
            queue_decisions(
                session, view.row.change.id, TouchedKind(values["of_kind"]), values["verdict"],
                values["reason"], actor=acting(viewer, Action.TOUCHED_DECIDE),
                district_id=viewer.district_id, now=now,
            )  # fmt: skip
    except Invalid as error:
        return _page(str(change_id), rejected(error)), 422
    flash(message("已交后台逐件办理，进度见下方。"), "ok")
    return redirect(url_for("retroactive.show", change_id=change_id), code=303)


def _page(change_id: str, form: Form) -> str:
    viewer, session = current_viewer(), db_session()
    view = retroactive_change(session, viewer, change_id)
    kind = kind_asked()
    page = None
    if may(viewer, Action.TOUCHED_READ):
        after = str(given) if (given := request.args.get("after", type=UUID)) else None
        page = touched_page(session, viewer, change_id, kind=kind, after=after)
    html = render_template(
        "retroactive/show.html",
        view=view,
        change=view.row.change,
        page=page,
        kind=kind,
        kinds=list(TouchedKind),
        shown=value_text,
        clauses=_clauses(view),
        may_open=may(viewer, Action.CASE_READ),
        bulk=bulk_of(session, viewer, change_id),
        jobs=decision_jobs(session, viewer.district_id, change_id),
        verdicts=VERDICTS,
        words=VERDICT_WORDS,
        form=form,
    )
    if page is not None and page.rows:
        _note_look(viewer, view, AccessKind.VIEWED)
    return html


@blueprint.get("/<uuid:change_id>.csv")
@requires(Action.TOUCHED_READ)
def file(change_id: UUID) -> Response:
    """The touched cases as a file for a spreadsheet; the download is recorded."""
    viewer, session = current_viewer(), db_session()
    view = retroactive_change(session, viewer, str(change_id))
    content = "".join(_csv(every_touched(session, viewer, str(change_id), kind_asked())))
    _note_look(viewer, view, AccessKind.DOWNLOADED)
    answer = Response(content, mimetype="text/csv")
    name = f"changes-{view.row.change.published_at:%Y-%m-%d}.csv"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def kind_asked() -> TouchedKind | None:
    """The kind that the address narrows the list to; None for all."""
    wanted = request.args.get("kind", "")
    return TouchedKind(wanted) if wanted in set(TouchedKind) else None


def value_text(value: Any) -> str:
    """A parameter's value, as kept in JSON, as a line of text."""
    return plain_text(from_json(value))


def _clauses(view: ChangeView) -> dict[str, str]:
    """What the sources of the new values are called."""
    policy: Policy = policy_of(db_session(), view.row.change.release_id)
    ids = {one for row in view.row.change.differences for one in row["source"]}
    return {
        one: f"{policy.clauses[one].text} {policy.clauses[one].article}"
        for one in ids
        if one in policy.clauses
    }


def _note_look(viewer: Viewer, view: ChangeView, kind: AccessKind) -> None:
    note_access(
        Subject(SubjectKind.PARAMETER, view.row.change.id, viewer.district_id),
        kind,
        actor=acting(viewer, Action.TOUCHED_READ),
        data={"touched": str(view.row.touched)},
    )


def _csv(rows: Iterable[TouchedRow]) -> Iterator[str]:
    kept = io.StringIO()
    writer = csv.writer(kept)
    writer.writerow(
        [
            message("办件编号"),
            message("镇乡街道"),
            message("核算结果"),
            message("状态"),
            message("原来每月（元）"),
            message("更正后每月（元）"),
            message("第一个月"),
            message("已发月数"),
            message("补发（元）"),
            message("追回（元）"),
            message("批准总额（元）"),
            message("更正办件"),
            message("决定日期"),
        ]
    )
    for row in rows:
        touched = row.touched
        total = f"{touched.total:.2f}"
        cells = (
            row.case_number,
            row.township,
            str(TOUCHED_KINDS[touched.kind.value]),
            str(TOUCHED_STATES[touched.state.value]),
            f"{touched.old_monthly:.2f}",
            f"{touched.new_monthly:.2f}",
            f"{touched.first_month:%Y-%m}" if touched.first_month else "",
            str(touched.months),
            total if touched.kind is TouchedKind.ARREARS else "",
            total if touched.kind is TouchedKind.RECOVERY else "",
            total if touched.kind is TouchedKind.RELIEF else "",
            row.correction_number or "",
            str(touched.decided_on or ""),
        )
        writer.writerow(map(safe_cell, cells))
    yield BOM + kept.getvalue()

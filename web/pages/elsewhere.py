"""外区名单: who applies or receives in other districts; and what was found out about a hit."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from models.cases import Case
from web.acts import act_on
from web.auth import current_viewer
from web.config import settings
from web.database import current_moment, db_session
from web.errors import status_of
from web.forms import Form, rejected
from web.guard import requires
from web.i18n import message
from web.pages.cases import seen_case
from workflows.access import Action, acting, require
from workflows.assistance.families.duplicates import clear_duplicate
from workflows.assistance.families.elsewhere import current_lists, record_list
from workflows.calendar import local_day
from workflows.definitions.release import current_policy
from workflows.errors import Conflict, Invalid, NotFound
from workflows.transaction import transaction

blueprint = Blueprint("elsewhere", __name__)


@blueprint.get("/elsewhere")
@requires(Action.ELSEWHERE_LIST)
def index() -> str:
    """The lists that count now."""
    return _page(Form())


@blueprint.post("/elsewhere")
@requires(Action.ELSEWHERE_LIST)
def record() -> Response | tuple[str, int]:
    """Keep a list; people are found by blind index only."""
    viewer, session, now = current_viewer(), db_session(), current_moment()
    actor = acting(viewer, Action.ELSEWHERE_LIST)
    sent = request.files.get("list")
    try:
        listed_on = _day(request.form.get("listed_on", ""))
        with transaction(session):
            made = record_list(
                session,
                viewer.district_id,
                request.form.get("source", ""),
                listed_on,
                sent.read() if sent is not None else b"",
                settings().keys.ring,
                actor=actor,
                now=now,
            )
            rows, source = made.rows, made.source
    except Invalid as error:
        return _page(rejected(error)), status_of(error)
    flash(message("%(source)s的名单已登记，共%(num)s人。", source=source, num=rows), "ok")
    return redirect(url_for("elsewhere.index"), code=303)


@blueprint.post("/cases/<uuid:case_id>/duplicates")
@requires(Action.HOUSEHOLD_REGISTER)
def clear(case_id: UUID) -> Response:
    """Keep what was found out about a hit."""
    viewer, session, now = current_viewer(), db_session(), current_moment()
    header = seen_case(case_id, "duplicates", action=Action.HOUSEHOLD_REGISTER)
    require(viewer, Action.HOUSEHOLD_REGISTER, header.case)
    actor = acting(viewer, Action.HOUSEHOLD_REGISTER, header.case)
    law = current_policy(session, viewer.district_id)
    session.expunge_all()
    try:
        with act_on(session, None, actor=actor, now=now):
            case = session.get_one(Case, str(case_id))
            clear_duplicate(session, case, law, request.form, actor=actor, now=now)
    except (Invalid, Conflict, NotFound) as error:
        flash(message(error.message), "error")
        return redirect(url_for("cases.show", case_id=case_id), code=303)
    flash(message("核实的结果已登记。"), "ok")
    return redirect(url_for("cases.show", case_id=case_id), code=303)


def _day(text: str) -> date:
    """The day as typed. Raises: Invalid."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid("day_missing", "请填写名单的日期。", "Enter the day of the list.") from None


def _page(form: Form) -> str:
    session, viewer = db_session(), current_viewer()
    today = local_day(current_moment())
    return render_template(
        "elsewhere.html", form=form, lists=current_lists(session, viewer.district_id), today=today
    )

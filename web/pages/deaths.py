"""死亡名单: lists of the register, compared with the district's people, previewed, taken over."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from marshmallow import Schema
from werkzeug.wrappers import Response

from models.deaths import DeathRowState
from models.trail import SubjectKind
from web.auth import current_viewer
from web.config import settings
from web.database import current_moment, db_session
from web.errors import status_of
from web.forms import Form, FormSchema, read_form, rejected, text_field
from web.guard import requires
from web.i18n import message
from web.sight import note_access
from workflows.access import Action, acting
from workflows.assistance.deaths.lists import COLUMNS, drop_list, take_list, upload_deaths
from workflows.audit import AccessKind, Subject
from workflows.errors import Conflict, Invalid
from workflows.runtime.inbox.deaths import death_list, death_lists
from workflows.transaction import transaction

blueprint = Blueprint("deaths", __name__, url_prefix="/deaths")


class _Upload(FormSchema):
    source = text_field(100)


_UPLOAD: Schema = _Upload()


@blueprint.get("")
@requires(Action.DEATH_LIST)
def index() -> str:
    """The lists of the district, the newest first, and a form for another. One SELECT."""
    return _lists(Form())


@blueprint.post("")
@requires(Action.DEATH_LIST)
def upload() -> Response | tuple[str, int]:
    """Compare an uploaded list; nothing happens to anybody before it is taken over."""
    viewer, session = current_viewer(), db_session()
    try:
        given = read_form(_UPLOAD)
        with transaction(session):
            found = upload_deaths(
                session, _uploaded(), given["source"], settings().keys.ring,
                district_id=viewer.district_id, actor=acting(viewer, Action.DEATH_LIST),
                now=current_moment(),
            )  # fmt: skip
            list_id = found.id
    except (Invalid, Conflict) as error:
        return _lists(rejected(error)), status_of(error)
    return redirect(url_for("deaths.show", list_id=list_id), code=303)


@blueprint.get("/<uuid:list_id>")
@requires(Action.DEATH_LIST)
def show(list_id: UUID) -> str:
    """A list: what would happen, or what has; row by row. Four SELECTs."""
    return _page(list_id, None)


@blueprint.post("/<uuid:list_id>/take")
@requires(Action.DEATH_LIST)
def take(list_id: UUID) -> Response | tuple[str, int]:
    """Have it recorded by the worker; or, with `drop`, let it go."""
    viewer, session = current_viewer(), db_session()
    try:
        with transaction(session):
            death_list(session, viewer, str(list_id), settings().keys.ring)  # of the district
            if request.form.get("verb") == "drop":
                drop_list(session, str(list_id))
            else:
                actor = acting(viewer, Action.DEATH_LIST)
                take_list(session, str(list_id), actor=actor, now=current_moment())
    except Conflict as error:
        return _page(list_id, error.message), status_of(error)
    flash(message("已处理，进度见下方。"), "ok")
    return redirect(url_for("deaths.show", list_id=list_id), code=303)


def _lists(form: Form) -> str:
    rows = death_lists(db_session(), current_viewer())
    return render_template("deaths/list.html", rows=rows, form=form, heading=",".join(COLUMNS))


def _page(list_id: UUID, refused: str | None) -> str:
    viewer, session = current_viewer(), db_session()
    given = request.args.get("state", "")
    view = death_list(
        session,
        viewer,
        str(list_id),
        settings().keys.ring,
        state=DeathRowState(given) if given in set(DeathRowState) else None,
        after=request.args.get("after", 0, type=int),
    )
    html = render_template(
        "deaths/show.html", view=view, refused=refused, states=list(DeathRowState), wanted=given
    )
    note_access(
        Subject(SubjectKind.DISTRICT, viewer.district_id, viewer.district_id),
        AccessKind.VIEWED,
        actor=acting(viewer, Action.DEATH_LIST),
        data={"death_list": str(list_id), "rows": str(len(view.rows))},
    )
    return html


def _uploaded() -> bytes:
    file = request.files.get("file")
    content = file.stream.read() if file is not None else b""
    if not content:
        raise Invalid("death_list_missing", "请选择名单文件。", "Choose the list's file.")
    return content

"""Administration of the tree of offices."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for
from marshmallow import Schema
from werkzeug.wrappers import Response

from models.offices import Office
from web.auth import current_viewer
from web.database import current_moment, db_session
from web.forms import (
    Form,
    FormSchema,
    optional_number_field,
    pattern_field,
    read_form,
    rejected,
    text_field,
)
from web.guard import requires
from web.i18n import message
from workflows.access import Action, acting, may
from workflows.access.offices import (
    close_office,
    create_office,
    office_named,
    office_tree,
    record_residents,
    record_signature,
    rename_office,
    reopen_office,
)
from workflows.errors import Actor, Conflict, Invalid
from workflows.transaction import transaction

blueprint = Blueprint("offices", __name__, url_prefix="/admin/offices")


class _NewOffice(FormSchema):
    code = pattern_field(r"^\d{6,12}\Z", "bad_code")
    name = text_field(60)


class _Rename(FormSchema):
    name = text_field(60)


class _Signature(FormSchema):
    signature = text_field(60, required=False)


class _Residents(FormSchema):
    residents = optional_number_field(0, 10_000_000)


_NEW_OFFICE: Schema = _NewOffice()
_RENAME: Schema = _Rename()
_SIGNATURE: Schema = _Signature()
_RESIDENTS: Schema = _Residents()


@blueprint.get("")
@requires(Action.OFFICE_READ)
def index() -> str:
    """The tree."""
    viewer = current_viewer()
    return render_template(
        "offices.html",
        tree=office_tree(db_session(), viewer.district_id),
        may_manage=may(viewer, Action.OFFICE_MANAGE),
    )


@blueprint.get("/<uuid:office_id>")
@requires(Action.OFFICE_MANAGE)
def edit(office_id: UUID) -> str:
    """Rename or close an office, or add one below it."""
    return _page(office_id, Form(), Form())


@blueprint.post("/<uuid:office_id>/below")
@requires(Action.OFFICE_MANAGE)
def add(office_id: UUID) -> Response | tuple[str, int]:
    """Add an office below this one."""
    try:
        values = read_form(_NEW_OFFICE)
        with transaction(db_session()) as session:
            create_office(
                session,
                _office(office_id),
                code=values["code"],
                name=values["name"],
                actor=_actor(),
                now=current_moment(),
            )
    except (Invalid, Conflict) as error:
        return _page(office_id, Form(), rejected(error)), 422
    return _done(office_id, message("机构已新增。"))


@blueprint.post("/<uuid:office_id>/name")
@requires(Action.OFFICE_MANAGE)
def rename(office_id: UUID) -> Response | tuple[str, int]:
    """Give an office another name."""
    try:
        values = read_form(_RENAME)
        with transaction(db_session()) as session:
            rename_office(
                session,
                _office(office_id),
                name=values["name"],
                actor=_actor(),
                now=current_moment(),
            )
    except Invalid as error:
        return _page(office_id, rejected(error), Form()), 422
    return _done(office_id, message("机构名称已修改。"))


@blueprint.post("/<uuid:office_id>/signature")
@requires(Action.OFFICE_MANAGE)
def signature(office_id: UUID) -> Response | tuple[str, int]:
    """Note the name with which an office's notices are signed; empty: its own."""
    try:
        values = read_form(_SIGNATURE)
    except Invalid as error:
        return _page(office_id, rejected(error), Form()), 422
    with transaction(db_session()) as session:
        record_signature(
            session,
            _office(office_id),
            signature=values["signature"] or None,
            actor=_actor(),
            now=current_moment(),
        )
    return _done(office_id, message("落款已登记。"))


@blueprint.post("/<uuid:office_id>/residents")
@requires(Action.OFFICE_MANAGE)
def residents(office_id: UUID) -> Response | tuple[str, int]:
    """Note how many people are registered at a township."""
    try:
        values = read_form(_RESIDENTS)
    except Invalid as error:
        return _page(office_id, Form(), Form(), rejected(error)), 422
    with transaction(db_session()) as session:
        record_residents(
            session,
            _office(office_id),
            residents=values["residents"],
            actor=_actor(),
            now=current_moment(),
        )
    return _done(office_id, message("户籍人口已登记。"))


@blueprint.post("/<uuid:office_id>/close")
@requires(Action.OFFICE_MANAGE)
def close(office_id: UUID) -> Response:
    """Close an office that nothing depends on any more."""
    with transaction(db_session()) as session:
        close_office(session, _office(office_id), actor=_actor(), now=current_moment())
    return _done(office_id, message("机构已停用。"))


@blueprint.post("/<uuid:office_id>/reopen")
@requires(Action.OFFICE_MANAGE)
def reopen(office_id: UUID) -> Response:
    """Open a closed office again."""
    with transaction(db_session()) as session:
        reopen_office(session, _office(office_id), actor=_actor(), now=current_moment())
    return _done(office_id, message("机构已启用。"))


def _actor() -> Actor:
    return acting(current_viewer(), Action.OFFICE_MANAGE)


def _office(office_id: UUID) -> Office:
    return office_named(db_session(), str(office_id), district_id=current_viewer().district_id)


def _done(office_id: UUID, sentence: str) -> Response:
    flash(sentence, "ok")
    return redirect(url_for("offices.edit", office_id=office_id), code=303)


def _page(
    office_id: UUID, name_form: Form, new_form: Form, residents_form: Form | None = None
) -> str:
    return render_template(
        "office.html",
        office=_office(office_id),
        name_form=name_form,
        new_form=new_form,
        residents_form=residents_form or Form(),
    )

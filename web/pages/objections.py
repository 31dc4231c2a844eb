"""Objections by the code on a posting: public pages, without sign-in and without names."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from web.config import settings
from web.database import current_moment, db_session
from web.forms import Form, FormSchema, read_form, rejected, text_field
from web.guard import public
from web.i18n import text_of
from workflows.access.sign_in import TooManyAttempts
from workflows.calendar import local_day
from workflows.errors import Invalid, NotFound
from workflows.runtime.objections import (
    LONGEST_NAME,
    LONGEST_TEXT,
    PublicPosting,
    count_objection,
    lay_objection,
    normal_code,
    posting_by_code,
)
from workflows.transaction import reading, transaction

blueprint = Blueprint("objections", __name__, url_prefix="/objection")
#: Where the session keeps the number to be shown once.
_RECEIPT = "objection_receipt"


class _Objection(FormSchema):
    content = text_field(LONGEST_TEXT - 60)
    name = text_field(LONGEST_NAME, required=False)
    contact = text_field(LONGEST_NAME, required=False)


_OBJECTION = _Objection()


@blueprint.get("")
@public
def ask() -> Response | str:
    """A field for the code of a sheet; with one, on to its page."""
    code = normal_code(request.args.get("code", ""))
    if code:
        return redirect(url_for("objections.show", code=code))
    return render_template("objections/code.html", problem=None)


@blueprint.get("/<code>")
@public
def show(code: str) -> str | tuple[str, int]:
    """What hangs, and the form to object. One SELECT."""
    try:
        posting = _posting(code)
    except NotFound as error:
        problem = text_of(error.message, error.message_en)
        return render_template("objections/code.html", problem=problem), 404
    return _page(code, posting, Form(), session.pop(_RECEIPT, None))


@blueprint.post("/<code>")
@public
def submit(code: str) -> Response | str | tuple[str, int]:
    """Take an objection; the number of its receipt is shown once."""
    now, database = current_moment(), db_session()
    try:
        posting = _posting(code)
    except NotFound as error:
        problem = text_of(error.message, error.message_en)
        return render_template("objections/code.html", problem=problem), 404
    try:
        with transaction(database):
            address = request.remote_addr or "unknown"
            count_objection(database, posting, address=address, now=now)
        values = read_form(_OBJECTION)
        with transaction(database):
            receipt = lay_objection(
                database, posting, settings().keys.ring, content=values["content"],
                name=values["name"], contact=values["contact"], now=now,
            )  # fmt: skip
    except TooManyAttempts as error:
        return _page(code, posting, rejected(error)), 429
    except Invalid as error:
        return _page(code, posting, rejected(error)), 422
    session[_RECEIPT] = receipt
    return redirect(url_for("objections.show", code=normal_code(code)), code=303)


def _posting(code: str) -> PublicPosting:
    database = db_session()
    with reading(database):
        return posting_by_code(database, code, today=local_day(current_moment()))


def _page(code: str, posting: PublicPosting, form: Form, receipt: str | None = None) -> str:
    return render_template(
        "objections/page.html",
        code=normal_code(code),
        posting=posting,
        form=form,
        receipt=receipt,
        longest=LONGEST_TEXT - 60,
    )

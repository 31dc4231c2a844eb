"""The own account: roles, password, personal API tokens."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from marshmallow import Schema
from werkzeug.wrappers import Response

from web.auth import begin_session, current_viewer
from web.database import current_moment, db_session
from web.forms import Form, FormSchema, number_field, read_form, rejected, text_field
from web.guard import signed_in
from web.i18n import message
from workflows.access import viewer_of_account
from workflows.access.accounts import account_named, change_own_password, require_new_password
from workflows.access.passwords import hash_password
from workflows.access.sign_in import TooManyAttempts, refuse_password, require_password_tries
from workflows.access.tokens import create_token, own_tokens, revoke_token
from workflows.errors import Finding, Invalid
from workflows.transaction import transaction

blueprint = Blueprint("account", __name__, url_prefix="/account")

_SECRET = ("old_password", "new_password", "repeated")


class _Password(FormSchema):
    old_password = text_field(1000, trim=False)
    new_password = text_field(1000, trim=False)
    repeated = text_field(1000, trim=False)


class _Token(FormSchema):
    label = text_field(60)
    days = number_field(1, 366)


_DIFFERS = Finding(
    "password.differs",
    "两次输入的新密码不一致。",
    "The two new passwords differ.",
    field="repeated",
)
_PASSWORD: Schema = _Password()
_TOKEN: Schema = _Token()


@blueprint.get("")
@signed_in
def show() -> str:
    """Who one is here, and the tokens that work."""
    return _page(Form())


@blueprint.get("/password")
@signed_in
def password() -> str:
    """The form for another password."""
    return render_template("password.html", form=Form())


@blueprint.post("/password")
@signed_in
def change_password() -> Response | tuple[str, int]:
    """Change the own password; every other session ends, this one goes on as a new one.

    Wrong present passwords are counted as at sign-in.
    """
    viewer = current_viewer()
    now = current_moment()
    try:
        values = read_form(_PASSWORD)
        if values["new_password"] != values["repeated"]:
            raise Invalid("password.differs", findings=[_DIFFERS])
        own = account_named(db_session(), viewer.account_id, district_id=viewer.district_id)
        require_password_tries(db_session(), own, now=now)
        require_new_password(own, values["old_password"], values["new_password"])
    except TooManyAttempts as error:
        return render_template("password.html", form=rejected(error, secret=_SECRET)), 429
    except Invalid as error:
        if any(found.code == "password.wrong" for found in error.findings):
            with transaction(db_session()) as session:
                own = account_named(session, viewer.account_id, district_id=viewer.district_id)
                refuse_password(session, own, actor=viewer.actor(), now=now)
        return render_template("password.html", form=rejected(error, secret=_SECRET)), 422
    password_hash = hash_password(values["new_password"])
    with transaction(db_session()) as session:
        own = account_named(session, viewer.account_id, district_id=viewer.district_id)
        change_own_password(session, own, password_hash, actor=viewer.actor(), now=now)
    renewed = viewer_of_account(db_session(), viewer.account_id, now=now)
    if renewed is not None:
        begin_session(renewed, initial_password=False)
    flash(message("密码已修改。其他设备上的登录已全部退出。"), "ok")
    return redirect(url_for("home.index"), code=303)


@blueprint.post("/tokens")
@signed_in
def add_token() -> tuple[str, int]:
    """Make a token and show it this once."""
    viewer = current_viewer()
    try:
        values = read_form(_TOKEN)
        with transaction(db_session()) as session:
            _, text = create_token(
                session,
                viewer,
                label=values["label"],
                days=values["days"],
                now=current_moment(),
            )
    except Invalid as error:
        return _page(rejected(error)), 422
    return _page(Form(), fresh=text), 201


@blueprint.post("/tokens/<uuid:token_id>/revoke")
@signed_in
def end_token(token_id: object) -> Response:
    """End one of the own tokens."""
    with transaction(db_session()) as session:
        revoke_token(session, current_viewer(), str(token_id), now=current_moment())
    flash(message("访问令牌已停用。"), "ok")
    return redirect(url_for("account.show"), code=303)


def _page(form: Form, fresh: str | None = None) -> str:
    viewer = current_viewer()
    tokens = own_tokens(db_session(), viewer.account_id, now=current_moment())
    return render_template("account.html", form=form, tokens=tokens, fresh=fresh)

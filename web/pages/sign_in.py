"""Signing in and out, and the language of the pages."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from web.auth import begin_session, end_session, local_path, viewer_or_none
from web.database import current_moment, db_session
from web.guard import public, signed_in
from web.i18n import LANGUAGES, text_of
from workflows.access import Viewer
from workflows.access.accounts import choose_locale, end_sessions
from workflows.access.passwords import is_initial
from workflows.access.sign_in import (
    TooManyAttempts,
    WrongPassword,
    check_attempt,
    refuse_sign_in,
)
from workflows.access.sign_in import sign_in as record_sign_in
from workflows.transaction import transaction

blueprint = Blueprint("sign_in", __name__)


@blueprint.get("/sign-in")
@public
def sign_in() -> Response | str:
    """The form; `next` is the page to come back to."""
    target = local_path(request.args.get("next"))
    if viewer_or_none() is not None:
        return redirect(target or url_for("home.index"))
    return render_template("sign_in.html", next=target, login="", problem=None)


@blueprint.post("/sign-in")
@public
def submit() -> Response | tuple[str, int]:
    """Check login and password; one answer for everything that is wrong."""
    login = request.form.get("login", "")
    password = request.form.get("password", "")[:1000]
    target = local_path(request.form.get("next"))
    try:
        begin_session(_viewer(login, password), initial_password=is_initial(password))
    except TooManyAttempts as error:
        return _again(login, target, text_of(error.message, error.message_en)), 429
    except WrongPassword as error:
        return _again(login, target, text_of(error.message, error.message_en)), 422
    return redirect(target or url_for("home.index"), code=303)


def _viewer(login: str, password: str) -> Viewer:
    """Who signs in. Raises TooManyAttempts or WrongPassword, after counting the attempt."""
    now = current_moment()
    database = db_session()
    address = request.remote_addr or "unknown"
    attempt = check_attempt(database, login, password, address=address, now=now)
    if not attempt.matches:
        with transaction(database):
            refuse_sign_in(database, attempt, now=now)
        raise WrongPassword
    with transaction(database):
        return record_sign_in(database, attempt, now=now)


def _again(login: str, target: str | None, problem: str) -> str:
    return render_template("sign_in.html", next=target, login=login, problem=problem)


@blueprint.post("/sign-out")
@signed_in
def sign_out() -> Response:
    """End the session, on every device where the account is signed in."""
    viewer = viewer_or_none()
    if viewer is not None:
        with transaction(db_session()) as database:
            end_sessions(database, viewer.account_id, actor=viewer.actor(), now=current_moment())
    end_session()
    return redirect(url_for("sign_in.sign_in"), code=303)


@blueprint.post("/language")
@public
def language() -> Response:
    """Change the language, on this browser and for the account that is signed in."""
    chosen = request.form.get("locale", "")
    if chosen in LANGUAGES:
        session["locale"] = chosen
        viewer = viewer_or_none()
        if viewer is not None:
            with transaction(db_session()) as database:
                choose_locale(database, viewer.account_id, chosen)
    return redirect(local_path(request.form.get("next")) or url_for("home.index"), code=303)

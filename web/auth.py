"""Who sends a request: the session cookie or API token, the viewer, and the guard before views."""

from __future__ import annotations

import secrets
import time
from typing import cast
from urllib.parse import urlsplit

from flask import Flask, abort, current_app, g, redirect, request, session, url_for
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Response

from web.config import settings
from web.database import current_moment, db_session
from web.guard import Access, access_of
from web.throttle import note_wrong_token, require_patience
from workflows.access import Viewer, require, viewer_of_account, viewer_of_token
from workflows.access.tokens import token_hash
from workflows.errors import DoudiError, NotAllowed

csrf = CSRFProtect()

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
#: a cookie is written again at most this often, in seconds
_TOUCH = 60
_TOKEN_PREFIX = "Bearer "


class NotSignedIn(DoudiError):
    """You are not signed in, or your session has ended; please sign in."""

    code = "session.none"
    default_message = "您尚未登录，或登录已过期，请重新登录。"


class TokenNeeded(NotSignedIn):
    """Changes over the JSON interface need a personal API token; a session cookie only reads."""

    code = "session.token_needed"
    default_message = "通过接口办理须使用个人访问令牌。"


def install(app: Flask) -> None:
    """Guard every request of the application."""
    csrf.init_app(app)
    proxies = app.extensions["doudi"].proxies
    if proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]  # Flask documents this place
            app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies
        )
    app.before_request(guard)
    app.context_processor(lambda: {"viewer": viewer_or_none()})


def current_viewer() -> Viewer:
    """Who is signed in. Raises NotSignedIn. The account, its roles and offices in one SELECT."""
    viewer = viewer_or_none()
    if viewer is None:
        raise NotSignedIn
    return viewer


def viewer_or_none() -> Viewer | None:
    """Who is signed in, if anybody; looked up once per request."""
    if "viewer" not in g:
        g.viewer = _viewer_of_request()
    return cast("Viewer | None", g.viewer)


def by_token() -> bool:
    """Whether the request carries a personal API token instead of a session."""
    return is_api() and request.headers.get("Authorization", "").startswith(_TOKEN_PREFIX)


def is_api() -> bool:
    """Whether the request is for the JSON interface."""
    return request.path.startswith("/api/")


def wants_json() -> bool:
    """Whether the answer, and an error too, is to be JSON."""
    return is_api() or request.accept_mimetypes.best == "application/json"


def begin_session(viewer: Viewer, *, initial_password: bool) -> None:
    """Start a fresh session for an account that has just proved itself.

    `initial_password`: it has to choose its own before anything else.
    """
    language = session.get("locale")
    session.clear()
    now = int(time.time())
    session["id"] = secrets.token_urlsafe(12)
    session["account"] = viewer.account_id
    session["epoch"] = viewer.session_epoch
    session["began"] = session["seen"] = now
    session["locale"] = language or viewer.locale
    if initial_password:
        session["initial"] = True
    g.viewer = viewer


def end_session() -> None:
    """Forget the session, except for the language."""
    language = session.get("locale")
    session.clear()
    if language:
        session["locale"] = language
    g.viewer = None


def local_path(target: str | None) -> str | None:
    """`target` when it is a path of this site, else None (no open redirect)."""
    if not target or not target.startswith("/") or len(target) > 2000:
        return None
    if target.startswith(("//", "/\\")) or any(ord(letter) < 32 for letter in target):
        return None
    parts = urlsplit(target.replace("\\", "/"))
    return None if parts.scheme or parts.netloc else target


def guard() -> Response | None:
    """Refuse what a view doesn't allow, before the view runs; nothing unclassified is reachable."""
    if request.mimetype != "multipart/form-data":
        # Only files are large; MAX_FORM_MEMORY_SIZE does not bound other forms.
        request.max_content_length = settings().max_form_bytes
    endpoint = request.endpoint
    if endpoint is None or request.routing_exception is not None or endpoint == "static":
        return None
    access = access_of(current_app.view_functions[endpoint], request.method)
    if access is None:
        raise NotAllowed("access.unclassified", details={"endpoint": endpoint})
    if not access.public:
        answer = _check(access)
        if answer is not None:
            return answer
    if request.method not in _SAFE and not by_token():
        if is_api():
            raise TokenNeeded
        csrf.protect()
    if _holds_nul():
        abort(400)
    return None


def _holds_nul() -> bool:
    """Whether the address holds U+0000, which PostgreSQL can't look for; forms say it by field."""
    return "\0" in request.path or any(
        "\0" in text for texts in request.args.listvalues() for text in texts
    )


def _check(access: Access) -> Response | None:
    viewer = viewer_or_none()
    if viewer is None:
        if wants_json():
            raise NotSignedIn
        return _to_sign_in()
    if session.get("initial") and request.endpoint not in _ALLOWED_AT_FIRST and not by_token():
        return redirect(url_for("account.password"))
    if access.action is not None:
        require(viewer, access.action)
    return None


_ALLOWED_AT_FIRST = frozenset({"account.password", "account.change_password", "sign_in.sign_out"})


def _to_sign_in() -> Response:
    """To the sign-in page and back: a form that came too late goes back to the page it was on."""
    back = request.full_path.rstrip("?") if request.method in _SAFE else _referring_path()
    target = url_for("sign_in.sign_in", next=local_path(back))
    if request.headers.get("HX-Request"):
        answer = Response(status=401)
        answer.headers["HX-Redirect"] = url_for(
            "sign_in.sign_in", next=local_path(_referring_path())
        )
        return answer
    return redirect(target, code=303)


def _referring_path() -> str | None:
    try:
        parts = urlsplit(request.referrer or "")
    except ValueError:
        return None
    if parts.netloc != request.host:
        return None
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _viewer_of_request() -> Viewer | None:
    if by_token():
        token = request.headers["Authorization"].removeprefix(_TOKEN_PREFIX).strip()
        now, address = current_moment(), request.remote_addr
        require_patience(address or "", now)
        viewer = viewer_of_token(db_session(), token_hash(token), now=now, address=address)
        if viewer is None:
            note_wrong_token(address or "", now)
        return viewer
    account_id = session.get("account")
    if account_id is None or not _still_fresh():
        return None
    viewer = viewer_of_account(
        db_session(), account_id, now=current_moment(), address=request.remote_addr
    )
    if viewer is None or viewer.session_epoch != session.get("epoch"):
        end_session()
        return None
    return viewer


def _still_fresh() -> bool:
    now = int(time.time())
    began, seen = session.get("began", 0), session.get("seen", 0)
    limits = settings()
    if now - seen > limits.idle.total_seconds() or now - began > limits.absolute.total_seconds():
        end_session()
        return False
    if now - seen > _TOUCH:
        session["seen"] = now
    return True

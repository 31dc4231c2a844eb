"""Security headers of every answer (OWASP ASVS 5.0 3.4, 14.3.2)."""

from __future__ import annotations

from flask import Flask, g, request
from werkzeug.wrappers import Response

_POLICY = {
    "default-src": "'self'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}


def install(app: Flask) -> None:
    """Send them with every answer, errors included."""
    app.after_request(_secure)


def allow_style_attributes() -> None:
    """For a page with a diagram editor: it sets `style` attributes. Scripts stay strict."""
    g.style_attributes = True


def confine(response: Response) -> Response:
    """For content that others wrote: opened by itself, it runs nothing and loads nothing."""
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


def _secure(response: Response) -> Response:
    headers = response.headers
    policy = dict(_POLICY)
    if g.get("style_attributes"):
        policy["style-src-attr"] = "'unsafe-inline'"
    headers.setdefault(
        "Content-Security-Policy", "; ".join(f"{name} {value}" for name, value in policy.items())
    )
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("X-Frame-Options", "DENY")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    headers.setdefault(
        "Permissions-Policy", "camera=(self), geolocation=(), microphone=(), payment=(), usb=()"
    )
    if request.is_secure:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if request.endpoint != "static":
        # A file that a view hands out comes with the lifetime of static ones.
        headers["Cache-Control"] = "no-store"
        headers.pop("Expires", None)
    return response

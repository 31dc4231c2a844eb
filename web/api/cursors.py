"""Where the next page begins, as an opaque text that clients hand back."""

from __future__ import annotations

import base64
import binascii
import re
from datetime import UTC, datetime

from workflows.errors import Finding, Invalid

_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def cursor(following: tuple[datetime, str] | None) -> str | None:
    """The text for a place in a list ordered by a moment and an id."""
    if following is None:
        return None
    moment, row_id = following
    return base64.urlsafe_b64encode(f"{moment.isoformat()} {row_id}".encode()).decode().rstrip("=")


def place_of_cursor(text: str | None) -> tuple[datetime, str] | None:
    """The place that `cursor` wrote.

    Raises:
        Invalid: `request.cursor` for anything else.
    """
    if text is None:
        return None
    try:
        plain = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii")
        moment_text, _, row_id = plain.partition(" ")
        moment = datetime.fromisoformat(moment_text)
        if moment.tzinfo is not None and _ID.fullmatch(row_id):
            return moment.astimezone(UTC), row_id
    except (binascii.Error, UnicodeError, ValueError, OverflowError):
        pass
    raise unreadable()


def unreadable() -> Invalid:
    """The refusal of a cursor that no page gave."""
    return Invalid(
        "request.cursor",
        findings=[
            Finding(
                "request.cursor",
                "after 须为上一页给出的 next。",
                "`after` has to be the `next` of the page before.",
                field="after",
            )
        ],
    )

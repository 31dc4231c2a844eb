"""Wrong API tokens by address, counted in this process: a client that guesses has to wait."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from flask import current_app

from workflows.access.sign_in import MOST_PER_ADDRESS, WINDOW, TooManyAttempts

_MOST_ADDRESSES = 10_000
_EXTENSION = "doudi-wrong-tokens"


@dataclass(slots=True)
class _Wrong:
    """By address: since when, and how many."""

    counts: OrderedDict[str, tuple[datetime, int]] = field(default_factory=OrderedDict)


def require_patience(address: str, now: datetime) -> None:
    """Refuse an address that has sent too many wrong tokens within a quarter of an hour.

    Raises:
        TooManyAttempts: `token.throttled`, with `retry_after` in seconds.
    """
    since, count = _wrong().counts.get(address, (now, 0))
    waited = now - since
    if count >= MOST_PER_ADDRESS and waited < WINDOW:
        raise TooManyAttempts(
            "token.throttled",
            "此地址多次使用无效的访问令牌，请稍后再试。",
            "Too many wrong tokens came from this address; wait, then try again.",
            details={"retry_after": int((WINDOW - waited) / timedelta(seconds=1)) + 1},
        )


def note_wrong_token(address: str, now: datetime) -> None:
    """Count a wrong token; the addresses noted last are kept."""
    counts = _wrong().counts
    since, count = counts.pop(address, (now, 0))
    counts[address] = (now, 1) if now - since >= WINDOW else (since, count + 1)
    while len(counts) > _MOST_ADDRESSES:
        counts.popitem(last=False)


def _wrong() -> _Wrong:
    found: _Wrong = current_app.extensions.setdefault(_EXTENSION, _Wrong())
    return found

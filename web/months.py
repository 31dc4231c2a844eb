"""The month that an address names."""

from __future__ import annotations

from datetime import date


def month_asked(text: str, present: date) -> date:
    """The first day of a month such as 2021-09; of the present one where it is none of the past."""
    try:
        found = date.fromisoformat(f"{text}-01")
    except ValueError:
        return present
    return min(found, present)

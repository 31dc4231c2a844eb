"""FEEL values as the plain JSON that forms take: numbers and days as texts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflows.feel import to_json


def plain(value: Any) -> Any:
    """`Decimal("1.50")` as "1.50", a day as "2026-01-31", contexts as objects."""
    return stored_as_plain(to_json(value))


def plain_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """Each value as plain JSON."""
    return {name: plain(value) for name, value in values.items()}


def stored_as_plain(stored: Any) -> Any:
    """What `feel.to_json` wrote, without the names of types."""
    if isinstance(stored, list):
        return [stored_as_plain(item) for item in stored]
    if not isinstance(stored, dict):
        return stored
    tag, content = next(iter(stored.items()))
    if tag == "context":
        return {name: stored_as_plain(item) for name, item in content.items()}
    if tag == "range":
        return {**content, "ends": [stored_as_plain(end) for end in content["ends"]]}
    return content

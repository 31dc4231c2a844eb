"""FEEL values as the plain JSON that forms take: numbers and days as texts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflows.feel import to_json


def plain(value: Any) -> Any:
    """`Decimal("1.50")` as "1.50", a day as "2026-01-31", contexts as objects."""
    return _untagged(to_json(value))


def plain_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """Each value as plain JSON."""
    return {name: plain(value) for name, value in values.items()}


def _untagged(stored: Any) -> Any:
    if isinstance(stored, list):
        return [_untagged(item) for item in stored]
    if not isinstance(stored, dict):
        return stored
    tag, content = next(iter(stored.items()))
    if tag == "context":
        return {name: _untagged(item) for name, item in content.items()}
    if tag == "range":
        return {**content, "ends": [_untagged(end) for end in content["ends"]]}
    return content

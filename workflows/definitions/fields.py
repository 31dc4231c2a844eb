"""How fields of the registers are read: a value of another shape is a finding, never an error."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from workflows.definitions.findings import Report


def text_field(item: Mapping[str, Any], name: str, key: str, report: Report) -> str:
    """An optional text, empty when it is absent or of another shape."""
    value = item.get(name)
    if value is None or isinstance(value, str):
        return value or ""
    refuse(name, value, key, report)
    return ""


def texts_field(item: Mapping[str, Any], name: str, key: str, report: Report) -> tuple[str, ...]:
    """An optional list of texts, empty when it is absent or of another shape."""
    value = item.get(name)
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(part, str) for part in value):
        refuse(name, value, key, report)
        return ()
    return tuple(value)


def day_field(item: Mapping[str, Any], name: str, key: str, report: Report) -> date | None:
    """An optional day, None when it is absent or of another shape."""
    value = item.get(name)
    if value is None or isinstance(value, date):
        return value
    refuse(name, value, key, report)
    return None


def list_field(item: Mapping[str, Any], name: str, key: str, report: Report) -> list[Any]:
    """An optional list of anything, empty when it is absent or of another shape."""
    value = item.get(name)
    if value is None or isinstance(value, list):
        return value or []
    refuse(name, value, key, report)
    return []


def refuse(name: str, value: object, key: str, report: Report) -> None:
    """Report a field that has no such value."""
    report.add("register.value", key, field=name, key=key, name=name, value=value)

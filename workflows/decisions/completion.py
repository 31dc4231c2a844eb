"""Facts that were not given: components of a declared type become null instead of missing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from workflows.decisions.model import ItemDefinition
from workflows.feel import Value

_DEEPEST: Final = 30


def completed(
    value: Value, reference: str | None, types: Mapping[str, ItemDefinition], depth: int = 0
) -> Value:
    """A value with null for each component of its type that it lacks, at any depth.

    What does not have the shape of its type is returned as it is, for the type check to refuse.
    """
    item = types.get(reference or "")
    return value if item is None else _shaped(value, item, types, depth)


def _shaped(
    value: Value, item: ItemDefinition, types: Mapping[str, ItemDefinition], depth: int
) -> Value:
    if depth > _DEEPEST:
        return value
    if isinstance(value, list | tuple):
        return [_shaped(part, item, types, depth + 1) for part in value]
    if not item.components:
        return completed(value, item.type_ref, types, depth + 1)
    if not isinstance(value, Mapping):
        return value
    parts = {
        part.name: _shaped(value.get(part.name), part, types, depth + 1) for part in item.components
    }
    return {**value, **parts}

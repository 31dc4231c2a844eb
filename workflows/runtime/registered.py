"""An operation of the catalogue: its signature and the function that carries it out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from workflows.definitions.operations import OperationSignature


@dataclass(frozen=True, slots=True)
class Registered:
    """An operation with its signature."""

    signature: OperationSignature
    function: Callable[..., Mapping[str, Any]]


def registered(
    name: str,
    function: Callable[..., Mapping[str, Any]],
    inputs: Mapping[str, str] | None = None,
    outputs: Mapping[str, str] | None = None,
    *,
    optional: tuple[str, ...] = (),
    undo: Literal["undo", "keep", "forbid"] = "keep",
    reads: tuple[str, ...] = (),
) -> tuple[str, Registered]:
    """An operation by its name; types are those of a diagram's variables."""
    signature = OperationSignature(
        name, dict(inputs or {}), dict(outputs or {}), frozenset(optional), undo, reads
    )
    return name, Registered(signature, function)

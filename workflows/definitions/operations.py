"""What a diagram may know of an operation: its parameters with their types, and what undoes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class OperationSignature:
    """A registered operation.

    Types are those of variables (``string number boolean date dateTime duration list context``) or
    ``any``. Inputs named in ``optional`` may be left out. ``undo`` says what a return past the
    operation means: it is undone, its effect is kept, or nobody returns past it. ``reads`` are the
    keys of parameters that the operation looks up by itself.
    """

    name: str
    inputs: Mapping[str, str]
    outputs: Mapping[str, str]
    optional: frozenset[str] = frozenset()
    undo: Literal["undo", "keep", "forbid"] = "keep"
    reads: tuple[str, ...] = ()

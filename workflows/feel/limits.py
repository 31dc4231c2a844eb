"""How much an evaluation may use; counted, so that the same text always ends the same way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

#: The longest text that is parsed, in characters.
MAX_TEXT: Final = 20_000
#: The deepest nesting of brackets, functions and conditions in a text.
MAX_NESTING: Final = 50
#: The highest syntax tree that is compiled.
MAX_HEIGHT: Final = 150
#: The number of warnings that one evaluation keeps.
MAX_WARNINGS: Final = 100


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one evaluation.

    `steps` counts loop turns, calls, list items and matcher steps; `depth` counts nested calls,
    each weighed by the height of the called expression; `list_items` and `string_length` bound
    every list and string that is built.
    """

    steps: int = 100_000
    depth: int = 600
    list_items: int = 10_000
    string_length: int = 100_000


DEFAULT_LIMITS: Final = Limits()

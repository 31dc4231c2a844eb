"""The built-in functions of DMN 1.5, 10.3.4; importing this registers all of them."""

from workflows.feel.builtins import (
    contexts,
    conversion,
    lists,
    numbers,
    ranges,
    strings,
    temporal,
)
from workflows.feel.builtins.registry import FUNCTIONS

__all__ = [
    "FUNCTIONS",
    "contexts",
    "conversion",
    "lists",
    "numbers",
    "ranges",
    "strings",
    "temporal",
]
